//! Filters for e-mail addresses.

use super::{FilterDoc, or_null, text_of};
use email_address::EmailAddress;
use minijinja::{Environment, Error, Value as View};
use serde_json::Value;

/// Providers anybody can open a mailbox with, by whole domain.
const FREE_DOMAINS: &[&str] = &[
    "126.com",
    "163.com",
    "abv.bg",
    "aol.co.uk",
    "aol.com",
    "aol.de",
    "arcor.de",
    "att.net",
    "bellsouth.net",
    "bigpond.com",
    "bk.ru",
    "bluewin.ch",
    "bol.com.br",
    "btinternet.com",
    "charter.net",
    "comcast.net",
    "cox.net",
    "daum.net",
    "duck.com",
    "earthlink.net",
    "fastmail.com",
    "fastmail.fm",
    "foxmail.com",
    "free.fr",
    "freenet.de",
    "gmail.com",
    "googlemail.com",
    "hanmail.net",
    "hey.com",
    "hushmail.com",
    "icloud.com",
    "inbox.lv",
    "inbox.ru",
    "interia.pl",
    "juno.com",
    "laposte.net",
    "libero.it",
    "list.ru",
    "live.ca",
    "live.co.uk",
    "live.com",
    "live.com.au",
    "live.de",
    "live.fr",
    "live.in",
    "live.it",
    "live.nl",
    "mac.com",
    "mail.com",
    "mail.ru",
    "mailbox.org",
    "me.com",
    "msn.com",
    "naver.com",
    "ntlworld.com",
    "o2.pl",
    "onet.pl",
    "optonline.net",
    "orange.fr",
    "pm.me",
    "posteo.de",
    "proton.me",
    "protonmail.ch",
    "protonmail.com",
    "qq.com",
    "rambler.ru",
    "rediffmail.com",
    "rocketmail.com",
    "rogers.com",
    "sapo.pt",
    "sbcglobal.net",
    "seznam.cz",
    "sfr.fr",
    "shaw.ca",
    "sina.com",
    "sky.com",
    "sohu.com",
    "sympatico.ca",
    "t-online.de",
    "talktalk.net",
    "telenet.be",
    "terra.com.br",
    "tiscali.it",
    "tuta.com",
    "tuta.io",
    "tutanota.com",
    "ukr.net",
    "uol.com.br",
    "verizon.net",
    "virgilio.it",
    "virginmedia.com",
    "wanadoo.fr",
    "web.de",
    "wp.pl",
    "xs4all.nl",
    "xtra.co.nz",
    "yeah.net",
    "ymail.com",
    "zoho.com",
    "zohomail.com",
];
/// Providers that use one name under many endings, such as `yahoo.co.uk`.
const FREE_FAMILIES: &[&str] = &["gmx", "hotmail", "outlook", "yahoo", "yandex"];
/// Names of mailboxes that belong to a task and not to a person.
const ROLES: &[&str] = &[
    "abuse",
    "accounting",
    "accounts",
    "admin",
    "administrator",
    "billing",
    "careers",
    "contact",
    "customerservice",
    "do-not-reply",
    "donotreply",
    "enquiries",
    "feedback",
    "finance",
    "hello",
    "help",
    "helpdesk",
    "hostmaster",
    "hr",
    "info",
    "inquiries",
    "invoices",
    "it",
    "jobs",
    "kontakt",
    "legal",
    "mail",
    "marketing",
    "media",
    "news",
    "newsletter",
    "no-reply",
    "noc",
    "noreply",
    "office",
    "orders",
    "payments",
    "postmaster",
    "press",
    "privacy",
    "recruiting",
    "root",
    "sales",
    "security",
    "service",
    "spam",
    "support",
    "team",
    "webmaster",
];

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("email", email);
    environment.add_filter("email_domain", email_domain);
    environment.add_filter("is_free_mailbox", |value: &View| test(value, is_free_mailbox));
    environment.add_filter("is_role_mailbox", |value: &View| test(value, is_role_mailbox));
}

pub(super) fn catalog() -> Vec<FilterDoc> {
    let doc = |name, summary, example, result: Value| FilterDoc::new("email", name, summary, example, result);
    vec![
        doc(
            "email",
            "The address in small letters without spaces around it. Nothing when it cannot be an address.",
            "{{ ' Ada@Example.COM '|email }}",
            "ada@example.com".into(),
        ),
        doc(
            "email_domain",
            "The part behind the @.",
            "{{ 'ada@Mail.Example.com'|email_domain }}",
            "mail.example.com".into(),
        ),
        doc(
            "is_free_mailbox",
            "Whether the address is with a provider where anybody can open a mailbox, such as Gmail.",
            "{{ 'ada@gmail.com'|is_free_mailbox }}",
            true.into(),
        ),
        doc(
            "is_role_mailbox",
            "Whether the mailbox belongs to a task and not to a person, such as info@ or sales@.",
            "{{ 'info@example.com'|is_role_mailbox }}",
            true.into(),
        ),
    ]
}

/// The address in `text`, in small letters; `None` when it cannot be one.
///
/// `mailto:` and the form `Ada Lovelace <ada@example.com>` are understood.
#[must_use]
pub fn address(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = match (text.rfind('<'), text.strip_suffix('>')) {
        (Some(at), Some(closed)) => closed.get(at + 1..)?,
        _ => text.strip_prefix("mailto:").unwrap_or(text),
    };
    let address = inner.trim().to_lowercase();
    let (_, domain) = address.rsplit_once('@')?;
    let public = domain.contains('.') && !domain.starts_with('[');
    (address.len() <= 254 && public && EmailAddress::is_valid(&address)).then_some(address)
}

/// Whether `text` is an address with a provider where anybody can open a mailbox; `None` when it is no address.
#[must_use]
pub fn is_free_mailbox(text: &str) -> Option<bool> {
    let address = address(text)?;
    let (_, domain) = address.rsplit_once('@')?;
    let family = psl::suffix_str(domain)
        .and_then(|suffix| domain.strip_suffix(suffix)?.strip_suffix('.'))
        .is_some_and(|name| FREE_FAMILIES.contains(&name));
    Some(family || FREE_DOMAINS.binary_search(&domain).is_ok())
}

/// Whether `text` is the address of a task; `None` when it is no address. A `+tag` does not matter.
#[must_use]
pub fn is_role_mailbox(text: &str) -> Option<bool> {
    let address = address(text)?;
    let (local, _) = address.rsplit_once('@')?;
    let name = local.split('+').next().unwrap_or(local);
    Some(ROLES.binary_search(&name).is_ok())
}

fn test(value: &View, holds: fn(&str) -> Option<bool>) -> Result<bool, Error> {
    Ok(text_of(value)?.and_then(|text| holds(&text)).unwrap_or_default())
}

fn email(value: &View) -> Result<View, Error> {
    Ok(or_null(text_of(value)?.and_then(|text| address(&text))))
}

fn email_domain(value: &View) -> Result<View, Error> {
    let address = text_of(value)?.and_then(|text| address(&text));
    Ok(or_null(address.as_deref().and_then(|address| address.rsplit_once('@')).map(|(_, domain)| domain)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_for_the_search() {
        assert!(FREE_DOMAINS.is_sorted() && ROLES.is_sorted());
    }

    #[test]
    fn addresses_are_cleaned_or_refused() {
        for (text, clean) in [
            ("Ada@Example.com", Some("ada@example.com")),
            ("Ada Lovelace <ada@example.com>", Some("ada@example.com")),
            ("mailto:ada@example.com", Some("ada@example.com")),
            ("ada+news@sub.example.co.uk", Some("ada+news@sub.example.co.uk")),
            ("ada@localhost", None),
            ("ada@", None),
            ("@example.com", None),
            ("ada example.com", None),
            ("ada@exam ple.com", None),
            ("ada@example.com>", None),
            (">ada@example.com<", None),
            ("", None),
        ] {
            assert_eq!(address(text).as_deref(), clean, "{text}");
        }
    }

    #[test]
    fn free_mailboxes_are_known_by_domain_and_by_family() {
        assert_eq!(is_free_mailbox("a@gmail.com"), Some(true));
        assert_eq!(is_free_mailbox("a@yahoo.co.uk"), Some(true));
        assert_eq!(is_free_mailbox("a@hotmail.fr"), Some(true));
        assert_eq!(is_free_mailbox("a@yahoo.example.com"), Some(false));
        assert_eq!(is_free_mailbox("a@acme.com"), Some(false));
        assert_eq!(is_free_mailbox("nobody"), None);
    }

    #[test]
    fn a_tag_does_not_hide_a_role() {
        assert_eq!(is_role_mailbox("sales+eu@acme.com"), Some(true));
        assert_eq!(is_role_mailbox("ada@acme.com"), Some(false));
    }
}
