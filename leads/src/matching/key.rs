//! Keys by which accounts are looked up that may be meant. Two names that are worth comparing share at least one.
//!
//! A key is a text, so that a table can hold it: one letter for its sort, a colon, and what is the same on both sides.

use super::domain;
use super::name::Name;
use super::words::Class;
use crate::account::Account;
use std::collections::BTreeSet;

/// Accounts that one key leads to at most; a key that more have is too common to be looked up by.
pub const MAX_OF_KEY: usize = 200;
/// Accounts that are compared with a lead at most.
pub const MAX_CANDIDATES: usize = 24;
/// Longest key in bytes.
const MAX_BYTES: usize = 64;
/// Shortest word whose beginning and end are keys.
const LONG: usize = 6;
/// Letters of a beginning or an end.
const PART: usize = 4;

/// The keys of an account.
#[must_use]
pub fn of_account(account: &Account) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for domain in &account.domains {
        of_domain(domain, &mut keys);
    }
    for written in std::iter::once(&account.name).chain(&account.aliases) {
        for name in Name::all(written) {
            of_name(&name, &mut keys);
            keys.extend(name.initials.as_ref().and_then(|initials| key('a', initials)));
        }
    }
    for (system, id) in &account.external_ids {
        keys.extend(of_external_id(system, id));
    }
    keys
}

/// The key of an id in another system.
#[must_use]
pub fn of_external_id(system: &str, id: &str) -> Option<String> {
    let text = format!("{}:{}", system.to_lowercase(), id);
    (text.len() < 250).then(|| format!("e:{text}"))
}

/// The keys of a registered domain.
pub(super) fn of_domain(domain: &str, keys: &mut BTreeSet<String>) {
    keys.extend(of_registered(domain));
    keys.extend(key('l', domain::label(domain)));
}

/// The key of a registered domain alone.
#[must_use]
pub fn of_registered(domain: &str) -> Option<String> {
    (domain.len() < 250).then(|| format!("d:{domain}"))
}

/// The keys an account of this very name has, however its legal form is written.
#[must_use]
pub fn of_exact_name(name: &str) -> Vec<String> {
    Name::all(name).iter().filter_map(|name| key('j', &name.joined)).collect()
}

/// The keys of a name.
pub(super) fn of_name(name: &Name, keys: &mut BTreeSet<String>) {
    keys.extend(key('j', &name.joined));
    for pair in name.words.windows(2) {
        let joined = format!("{}{}", pair[0].written, pair[1].written);
        if joined.len() >= 5 {
            keys.extend(key('j', &joined));
        }
    }
    for word in name.words.iter().filter(|word| word.class != Class::Filler) {
        keys.extend(key('t', &word.text));
        if word.class == Class::Core {
            keys.extend(key('j', &word.written));
            if word.sound.len() >= 3 {
                keys.extend(key('s', &word.sound));
            }
            let letters: Vec<char> = word.text.chars().collect();
            if letters.len() >= LONG {
                keys.extend(key('x', &letters[..PART].iter().collect::<String>()));
                keys.extend(key('z', &letters[letters.len() - PART..].iter().collect::<String>()));
            }
        }
    }
}

/// The key of sort `sort`; `None` for a text that is none.
pub(super) fn key(sort: char, text: &str) -> Option<String> {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    (!text.is_empty()).then(|| format!("{sort}:{}", &text[..end]))
}

/// How few accounts share something that `count` of them have, 1 for the rarest down to about a half.
#[must_use]
pub fn rarity(count: usize) -> f64 {
    let most = (1.0 + MAX_OF_KEY as f64).ln();
    let count = count.clamp(1, MAX_OF_KEY);
    1.0 / (1.0 + (count as f64).ln() / most)
}

/// How much it says that an account has this key.
pub(super) fn value(key: &str, count: usize) -> f64 {
    let sort = match key.as_bytes().first() {
        Some(b'd') => 8.0,
        Some(b'j') => 3.0,
        Some(b't' | b'a' | b'l') => 2.0,
        Some(b's') => 1.5,
        _ => 0.6,
    };
    sort * rarity(count).powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use uuid::Uuid;

    fn keys(name: &str) -> BTreeSet<String> {
        of_account(&Account::new(Uuid::nil(), name, DateTime::UNIX_EPOCH))
    }

    #[test]
    fn names_that_may_be_the_same_share_a_key() {
        for (one, other) in [
            ("ST Microelectronics", "STMicroelectronics NV"),
            ("Carl Zeiss SMT", "CarlZeiss"),
            ("Phillips", "Philips Electronics"),
            ("Sclumberger", "Schlumberger"),
            ("Microsft", "Microsoft"),
        ] {
            let both: Vec<String> = keys(one).intersection(&keys(other)).cloned().collect();
            assert!(!both.is_empty(), "{one} and {other}");
        }
        assert!(keys("Acme").is_disjoint(&keys("Roadrunner")));
    }

    #[test]
    fn rarity_falls_with_the_number() {
        assert!(rarity(1) > rarity(2) && rarity(2) > rarity(MAX_OF_KEY));
        assert_eq!((rarity(0), rarity(1)), (1.0, 1.0));
        assert_eq!(rarity(MAX_OF_KEY), rarity(MAX_OF_KEY * 10));
    }
}
