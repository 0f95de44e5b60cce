//! How the other side proves who it is: rustls with ring, and two sets of roots.
//!
//! The machine's own roots let an administrator add a company authority; the built-in set lets a bare
//! container without certificates call the public internet.

use rustls::{ClientConfig, RootCertStore, crypto::ring};
use std::sync::Arc;

pub(crate) fn config() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    // A root the machine holds but rustls cannot read is no reason to trust less of the others.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
