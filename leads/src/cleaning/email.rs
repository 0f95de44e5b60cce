//! What is worth knowing of an e-mail address: mistyped domains, free mailboxes, mailboxes of a task.

use super::Flag;
use trunkline_engine::expression::filters;

/// Domains that people mistype, because many have a mailbox there.
const FREQUENT: &[&str] = &[
    "aol.com",
    "comcast.net",
    "gmail.com",
    "gmx.de",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "t-online.de",
    "verizon.net",
    "yahoo.co.in",
    "yahoo.co.uk",
    "yahoo.com",
];
/// Endings that are none, and the one that was meant.
const ENDINGS: &[(&str, &str)] = &[
    (".cmo", ".com"),
    (".con", ".com"),
    (".comm", ".com"),
    (".ocm", ".com"),
    (".vom", ".com"),
    (".ogr", ".org"),
    (".nte", ".net"),
    (".nett", ".net"),
];
/// Real domains that are one letter away from a frequent one.
const REAL: &[&str] = &[
    "aim.com",
    "email.com",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "gmx.net",
    "hotmail.co",
    "live.co",
    "love.com",
    "mail.com",
    "me.com",
    "yahoo.ca",
    "ymail.com",
];

/// The flags of an address in small letters, each with what was probably meant.
pub(super) fn flags(address: &str) -> impl Iterator<Item = (Flag, Option<String>)> {
    let typo = meant(address).map(|meant| (Flag::TypoDomain, Some(meant)));
    let free = filters::is_free_mailbox(address).unwrap_or_default().then_some((Flag::FreeMailbox, None));
    let role = filters::is_role_mailbox(address).unwrap_or_default().then_some((Flag::RoleMailbox, None));
    [typo, free, role].into_iter().flatten()
}

/// The address that was probably meant; `None` when it looks right.
pub(super) fn meant(address: &str) -> Option<String> {
    let (local, domain) = address.trim().rsplit_once('@')?;
    let domain = domain.to_lowercase();
    if local.is_empty() || FREQUENT.contains(&domain.as_str()) || REAL.contains(&domain.as_str()) {
        return None;
    }
    let ended =
        ENDINGS.iter().find_map(|(wrong, right)| Some(format!("{}{right}", domain.strip_suffix(wrong)?)));
    let domain = ended.or_else(|| {
        FREQUENT.iter().find(|frequent| is_slip(&domain, frequent)).map(|frequent| (*frequent).to_owned())
    })?;
    Some(format!("{}@{domain}", local.to_lowercase()))
}

/// Whether `typed` is `meant` with one letter too many, missing, wrong, or two exchanged. Both begin alike, or nothing
/// else is different: otherwise `mail.com` would be a slip of `gmail.com`.
fn is_slip(typed: &str, meant: &str) -> bool {
    let (typed, meant) = (typed.as_bytes(), meant.as_bytes());
    if typed.len().abs_diff(meant.len()) > 1 || typed.first() != meant.first() {
        return false;
    }
    let same = typed.iter().zip(meant).take_while(|(a, b)| a == b).count();
    let (typed, meant) = (&typed[same..], &meant[same..]);
    match typed.len().cmp(&meant.len()) {
        std::cmp::Ordering::Less => typed == &meant[1..],
        std::cmp::Ordering::Greater => &typed[1..] == meant,
        std::cmp::Ordering::Equal => {
            let wrong = typed.len() > 1 && typed[1..] == meant[1..];
            let exchanged =
                typed.len() > 1 && typed[0] == meant[1] && typed[1] == meant[0] && typed[2..] == meant[2..];
            wrong || exchanged
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_are_found_and_real_domains_left() {
        for (typed, right) in [
            ("ada@gmial.com", "ada@gmail.com"),
            ("ada@gmal.com", "ada@gmail.com"),
            ("ada@gmaill.com", "ada@gmail.com"),
            ("ada@hotmial.com", "ada@hotmail.com"),
            ("ada@yaho.com", "ada@yahoo.com"),
            ("ada@acme.con", "ada@acme.com"),
            ("Ada@outlok.com", "ada@outlook.com"),
        ] {
            assert_eq!(meant(typed).as_deref(), Some(right), "{typed}");
        }
        for fine in [
            "ada@gmail.com",
            "ada@mail.com",
            "ada@acme.com",
            "ada@gmx.net",
            "ada@yahoo.fr",
            "ada",
            "@gmial.com",
        ] {
            assert_eq!(meant(fine), None, "{fine}");
        }
    }

    #[test]
    fn flags_say_what_kind_of_mailbox_it_is() {
        let raised = |address: &str| flags(address).map(|(flag, _)| flag).collect::<Vec<_>>();
        assert_eq!(raised("info@gmail.com"), [Flag::FreeMailbox, Flag::RoleMailbox]);
        assert_eq!(raised("ada@acme.com"), []);
        assert_eq!(raised("ada@gmial.com"), [Flag::TypoDomain]);
    }
}
