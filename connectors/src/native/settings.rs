//! Where a connection leads, as its settings say, and what it trusts there.

use super::trouble::Trouble;
use crate::client::Client;
use crate::credentials::Secrets;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::{Map, Value};
use std::time::Duration;

/// A server, and who we are there.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) client: &'a Client,
    pub(super) settings: &'a Map<String, Value>,
    pub(super) secrets: &'a Secrets,
    pub(super) timeout: Duration,
}

impl Place<'_> {
    /// A setting; empty when nothing was said.
    pub(super) fn setting(&self, name: &str) -> &str {
        self.settings.get(name).and_then(Value::as_str).unwrap_or_default().trim()
    }

    /// A secret; empty when none was entered.
    pub(super) fn secret(&self, name: &str) -> &str {
        self.secrets.get(name).unwrap_or_default()
    }

    /// The host and the port, which is `usual` unless the connection says otherwise.
    pub(super) fn host(&self, usual: u16) -> Result<(&str, u16), Trouble> {
        let port = self.setting("port");
        let port = if port.is_empty() { Ok(usual) } else { port.parse::<u16>() };
        let port = port.ok().filter(|port| *port > 0);
        let port = port.ok_or_else(|| Trouble::setting("the port is no number from 1 to 65535"))?;
        match self.setting("host") {
            "" => Err(Trouble::setting("the connection names no host")),
            host => Ok((host, port)),
        }
    }

    /// Whether the connection may only read.
    pub(super) fn is_read_only(&self) -> bool {
        self.setting("access") == "read_only"
    }

    /// Whether what is sent is encrypted, unless the connection says it is not.
    pub(super) fn is_encrypted(&self) -> bool {
        self.setting("security") != "none"
    }

    /// The authorities that the administrator trusts beside the usual ones.
    pub(super) fn authorities(&self) -> Result<Vec<CertificateDer<'static>>, Trouble> {
        let pem = self.secret("ca");
        if pem.trim().is_empty() {
            return Ok(Vec::new());
        }
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        match read {
            Ok(certificates) if !certificates.is_empty() => Ok(certificates),
            _ => Err(Trouble::setting("the authority's certificate is not in PEM")),
        }
    }

    /// What TLS trusts here.
    pub(super) fn tls(&self) -> Result<rustls::ClientConfig, Trouble> {
        crate::tls::trusting(&self.authorities()?)
            .map_err(|_| Trouble::setting("the authority's certificate cannot be used"))
    }
}
