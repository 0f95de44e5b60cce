//! What the administrator allows: hosts beyond the public internet, and ceilings on time and size.

use crate::is_public;
use ipnet::IpNet;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;
use url::{Host, Url};

/// Ceilings and permissions that hold for every call. A request may ask for less, never for more.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Places that may be called although they are not on the public internet.
    pub allow: Vec<AllowRule>,
    /// How long to wait for a connection to open.
    pub connect_timeout: Duration,
    /// The longest a whole call may last: all hops, headers and body.
    pub max_timeout: Duration,
    /// The largest answer, in bytes after decompression.
    pub max_response_bytes: u64,
    /// How many redirects are followed before giving up.
    pub max_redirects: u8,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            connect_timeout: Duration::from_secs(10),
            max_timeout: Duration::from_secs(300),
            max_response_bytes: 32 * 1024 * 1024,
            max_redirects: 5,
        }
    }
}

impl Policy {
    /// Whether an address found by DNS or written in a URL may be dialled without its host being named.
    pub(crate) fn allows_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        is_public(address)
            || self.allow.iter().any(|rule| matches!(rule, AllowRule::Network(net) if net.contains(&address)))
    }

    /// Whether the administrator named this host (and port), so that its addresses are not checked.
    pub(crate) fn names_host(&self, url: &Url) -> bool {
        match (url.host(), url.port_or_known_default()) {
            (Some(host), Some(port)) => self.names(host.to_owned(), port),
            _ => false,
        }
    }

    /// As [`names_host`](Self::names_host), of a host that no URL holds.
    pub(crate) fn names(&self, host: Host<String>, port: u16) -> bool {
        let host = comparable(host);
        self.allow.iter().any(|rule| match rule {
            AllowRule::Host { host: named, port: only } => {
                *named == host && only.is_none_or(|only| only == port)
            }
            AllowRule::Network(_) => false,
        })
    }
}

/// One entry of the administrator's allow-list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AllowRule {
    /// Exactly this host name or address, on one port or on any.
    Host {
        /// The name in lower case, or the address.
        host: Host<String>,
        /// The only port allowed, or any.
        port: Option<u16>,
    },
    /// Every address in this network, whatever name leads to it.
    Network(IpNet),
}

/// A text that is not an allow rule.
#[derive(Debug, thiserror::Error)]
#[error("\"{0}\" is not a host, a host:port or a network such as 10.0.0.0/8")]
pub struct AllowRuleError(String);

impl FromStr for AllowRule {
    type Err = AllowRuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || AllowRuleError(text.to_owned());
        let trimmed = text.trim();
        if trimmed.contains('/') {
            return trimmed.parse().map(Self::Network).map_err(|_| refused());
        }
        if let Ok(address) = trimmed.parse::<IpAddr>() {
            return Ok(Self::Host { host: comparable(from_address(address)), port: None });
        }
        let (host, port) = match trimmed.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| refused())?)),
            None => (trimmed, None),
        };
        let host = Host::parse(host).map_err(|_| refused())?;
        Ok(Self::Host { host: comparable(host), port })
    }
}

fn from_address(address: IpAddr) -> Host<String> {
    match address {
        IpAddr::V4(v4) => Host::Ipv4(v4),
        IpAddr::V6(v6) => Host::Ipv6(v6),
    }
}

/// One form per host: names without the closing dot, IPv4 out of its IPv6 dress.
fn comparable<S: AsRef<str>>(host: Host<S>) -> Host<String> {
    match host {
        Host::Domain(name) => Host::Domain(name.as_ref().trim_end_matches('.').to_ascii_lowercase()),
        Host::Ipv4(v4) => Host::Ipv4(v4),
        Host::Ipv6(v6) => from_address(IpAddr::V6(v6).to_canonical()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(rules: &[&str]) -> Policy {
        let allow = rules.iter().map(|rule| rule.parse().unwrap()).collect();
        Policy { allow, ..Policy::default() }
    }

    fn names(policy: &Policy, url: &str) -> bool {
        policy.names_host(&Url::parse(url).unwrap())
    }

    #[test]
    fn a_host_rule_is_exact_and_may_fix_the_port() {
        let policy = policy(&["CRM.internal:8443", "mail.internal", "[::1]:80", "127.0.0.1"]);
        assert!(names(&policy, "https://crm.internal:8443/x"));
        assert!(!names(&policy, "https://crm.internal/x"));
        assert!(!names(&policy, "https://evil.crm.internal:8443/x"));
        assert!(names(&policy, "https://mail.internal./x"));
        assert!(names(&policy, "http://[::1]/"));
        assert!(!names(&policy, "http://[::1]:81/"));
        assert!(names(&policy, "http://0x7f.1:9000/"));
        assert!(names(&policy, "http://[::ffff:127.0.0.1]/"));
    }

    #[test]
    fn a_network_rule_covers_addresses_only() {
        let policy = policy(&["10.20.0.0/16"]);
        assert!(policy.allows_address("10.20.3.4".parse().unwrap()));
        assert!(policy.allows_address("::ffff:10.20.3.4".parse().unwrap()));
        assert!(!policy.allows_address("10.21.0.1".parse().unwrap()));
        assert!(policy.allows_address("1.1.1.1".parse().unwrap()));
        assert!(!names(&policy, "http://10.20.3.4/"));
    }

    #[test]
    fn refuses_what_is_no_rule() {
        for text in ["", "http://x", "10.0.0.0/99", "a b", "host:99999", "host:"] {
            assert!(text.parse::<AllowRule>().is_err(), "{text}");
        }
    }
}
