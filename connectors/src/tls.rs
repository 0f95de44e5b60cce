//! How the other side proves who it is: rustls with ring, and two sets of roots.
//!
//! The machine's own roots let an administrator add a company authority; the built-in set lets a bare
//! container without certificates call the public internet.

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::sync::{Arc, LazyLock};

pub(crate) fn config() -> Result<ClientConfig, rustls::Error> {
    let mut config = trusting(&[])?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Trusts the usual roots and `more`, for servers whose certificates a company signs itself. No protocol is negotiated.
pub(crate) fn trusting(more: &[CertificateDer<'static>]) -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in more {
        roots.add(certificate.clone())?;
    }
    // A root the machine holds but rustls cannot read is no reason to trust less of the others.
    roots.add_parsable_certificates(of_the_machine().iter().cloned());
    Ok(ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// The roots the machine holds, read once, whether rustls can read each or not.
pub(crate) fn of_the_machine() -> &'static [CertificateDer<'static>] {
    static ROOTS: LazyLock<Vec<CertificateDer<'static>>> =
        LazyLock::new(|| rustls_native_certs::load_native_certs().certs);
    &ROOTS
}
