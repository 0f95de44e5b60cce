//! Connections that are not HTTP, opened under the same policy: an address that was not checked is not dialled.

use crate::client::Client;
use crate::error::CallError;
use std::net::{IpAddr, SocketAddr};
use tokio::net::TcpStream;
use url::Host;

impl Client {
    /// The addresses of `host` that may be dialled.
    ///
    /// # Errors
    /// `CALL-0002` when none of them is public and nobody allowed the host, `CALL-0003` when it has none.
    pub(crate) async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, CallError> {
        let host = host.trim().trim_start_matches('[').trim_end_matches(']');
        let parsed = match host.parse::<IpAddr>() {
            Ok(IpAddr::V4(v4)) => Host::Ipv4(v4),
            Ok(IpAddr::V6(v6)) => Host::Ipv6(v6),
            Err(_) => Host::parse(host).map_err(|_| CallError::bad_address("this is no name of a host"))?,
        };
        let is_named = self.policy().names(parsed, port);
        let found = tokio::net::lookup_host((host, port)).await;
        let found: Vec<SocketAddr> = found
            .map_err(|error| CallError::no_connection(format!("no connection to {host}: {error}")))?
            .collect();
        let allowed: Vec<SocketAddr> = found
            .iter()
            .copied()
            .filter(|address| is_named || self.policy().allows_address(address.ip()))
            .collect();
        match (found.is_empty(), allowed.is_empty()) {
            (true, _) => Err(CallError::no_connection(format!("no connection to {host}: it has no address"))),
            (false, true) => Err(CallError::refused_address(host)),
            _ => Ok(allowed),
        }
    }

    /// An open connection to `host`.
    ///
    /// # Errors
    /// As [`addresses`](Self::addresses), and when nobody answers there.
    pub(crate) async fn open_connection(&self, host: &str, port: u16) -> Result<TcpStream, CallError> {
        let addresses = self.addresses(host, port).await?;
        let dialled =
            tokio::time::timeout(self.policy().connect_timeout, TcpStream::connect(&*addresses)).await;
        let refused = |why: &str| CallError::no_connection(format!("no connection to {host}:{port}: {why}"));
        let stream =
            dialled.map_err(|_| refused("nobody answered"))?.map_err(|error| refused(&error.to_string()))?;
        // What is asked is small, and its answer is waited for.
        let _ = stream.set_nodelay(true);
        Ok(stream)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    async fn code(allow: &[&str], host: &str, port: u16) -> Option<&'static str> {
        let allow = allow.iter().map(|rule| rule.parse().unwrap()).collect();
        let client = Client::new(Policy { allow, ..Policy::default() }).unwrap();
        client.addresses(host, port).await.err().map(|error| error.code)
    }

    #[tokio::test]
    async fn a_private_address_is_dialled_only_when_it_was_allowed() {
        for host in ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "[::1]", "::ffff:10.0.0.1"] {
            assert_eq!(code(&[], host, 25).await, Some("CALL-0002"), "{host}");
        }
        assert_eq!(code(&["127.0.0.1:25"], "127.0.0.1", 25).await, None);
        assert_eq!(code(&["127.0.0.1:25"], "127.0.0.1", 26).await, Some("CALL-0002"));
        assert_eq!(code(&["localhost"], "LOCALHOST", 25).await, None);
        assert_eq!(code(&["127.0.0.0/8"], "127.0.0.1", 25).await, None);
        assert_eq!(code(&[], "no host", 25).await, Some("CALL-0001"));
    }
}
