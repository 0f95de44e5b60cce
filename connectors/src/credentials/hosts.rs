//! To which hosts credentials may go.

use url::Url;

/// Whether `url` leads to a host that `pattern` names: `api.example.com`, `api.example.com:8443`, or `*.example.com` for
/// every host below it. Credentials travel encrypted, unless they stay on this machine.
#[must_use]
pub fn host_fits(pattern: &str, url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let host = host.trim_end_matches('.');
    let (name, port) = match pattern.rsplit_once(':') {
        Some((name, port)) => (name, port.parse::<u16>().ok()),
        None => (pattern, None),
    };
    let is_port = match port {
        Some(port) => url.port_or_known_default() == Some(port),
        None => url.port().is_none(),
    };
    let is_here = matches!(name, "localhost" | "127.0.0.1");
    let is_safe = url.scheme() == "https" || (is_here && url.scheme() == "http");
    let is_host = match name.strip_prefix("*.") {
        Some(parent) => {
            host.strip_suffix(parent).is_some_and(|below| below.len() > 1 && below.ends_with('.'))
        }
        None => host == name,
    };
    is_host && is_port && is_safe
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(pattern: &str, url: &str) -> bool {
        host_fits(pattern, &Url::parse(url).unwrap())
    }

    #[test]
    fn only_the_app_s_own_hosts_fit() {
        assert!(fits("api.example.com", "https://api.example.com/x?y"));
        assert!(fits("api.example.com", "https://API.example.com./x"));
        assert!(fits("*.example.com", "https://eu.example.com/"));
        assert!(fits("*.example.com", "https://a.b.example.com/"));
        assert!(fits("api.example.com:8443", "https://api.example.com:8443/"));
        assert!(fits("127.0.0.1:99", "http://127.0.0.1:99/"));
        for (pattern, url) in [
            ("api.example.com", "http://api.example.com/"),
            ("api.example.com", "https://api.example.com:8443/"),
            ("api.example.com", "https://api.example.com.evil.test/"),
            ("api.example.com", "https://evil.test/api.example.com"),
            ("api.example.com", "https://api.example.com@evil.test/"),
            ("*.example.com", "https://example.com/"),
            ("*.example.com", "https://evilexample.com/"),
            ("127.0.0.1:99", "http://127.0.0.1:98/"),
        ] {
            assert!(!fits(pattern, url), "{pattern} {url}");
        }
    }
}
