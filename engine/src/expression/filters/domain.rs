//! Filters for domains.

use super::{FilterDoc, or_null, text_of};
use minijinja::{Environment, Error, Value as View};

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("domain", domain);
}

pub(super) fn catalog() -> Vec<FilterDoc> {
    vec![FilterDoc::new(
        "domain",
        "domain",
        "The domain somebody registered, out of a web address, an e-mail address or a host name. Nothing when there is \
         none.",
        "{{ 'https://www.shop.example.co.uk/cart?x=1'|domain }}",
        "example.co.uk",
    )]
}

fn domain(value: &View) -> Result<View, Error> {
    Ok(or_null(text_of(value)?.and_then(|text| registrable(&text))))
}

/// The registrable domain named in `text` (a web address, an e-mail address or a host), in small letters.
#[must_use]
pub fn registrable(text: &str) -> Option<String> {
    let host = host(text.trim())?.to_lowercase();
    let host = host.trim_end_matches('.');
    let spelt = host.split('.').all(|label| {
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    });
    if !spelt || host.len() > 253 || !psl::suffix(host.as_bytes())?.is_known() {
        return None;
    }
    psl::domain_str(host).map(str::to_owned)
}

/// The host in a web address, an e-mail address or a bare host name.
fn host(text: &str) -> Option<&str> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    host.split(':').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registered_domain_is_found_or_nothing() {
        for (text, expected) in [
            ("www.example.com", Some("example.com")),
            ("HTTP://Example.COM:8080/path", Some("example.com")),
            ("ada@mail.example.com", Some("example.com")),
            ("https://user:pw@shop.example.com.au", Some("example.com.au")),
            ("example.com.", Some("example.com")),
            ("co.uk", None),
            ("localhost", None),
            ("192.168.0.1", None),
            ("[::1]", None),
            ("not a domain.com", None),
            ("", None),
        ] {
            assert_eq!(registrable(text).as_deref(), expected, "{text}");
        }
    }
}
