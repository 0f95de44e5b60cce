//! Versions of plugins, so that it can be said which of two is older.

use std::fmt;
use std::str::FromStr;

/// Three numbers and what may follow them: `1.4.0`, `2.0.0-beta.1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    numbers: [u32; 3],
    /// What stands after a dash; a version without it is newer than one with it.
    before: Option<String>,
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || format!("\"{text}\" is no version such as 1.4.0");
        let (numbers, before) = match text.split_once('-') {
            Some((numbers, before)) => (numbers, Some(before.to_owned())),
            None => (text, None),
        };
        let is_word = |word: &String| {
            (1..=40).contains(&word.len())
                && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
        };
        if before.as_ref().is_some_and(|word| !is_word(word)) {
            return Err(refused());
        }
        let mut parts = numbers.split('.').map(|part| {
            let is_number = part == "0" || !part.starts_with('0');
            part.parse::<u32>().ok().filter(|_| is_number && part.bytes().all(|byte| byte.is_ascii_digit()))
        });
        let mut next = || parts.next().flatten().ok_or_else(refused);
        let numbers = [next()?, next()?, next()?];
        if parts.next().is_some() { Err(refused()) } else { Ok(Self { numbers, before }) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        write!(f, "{major}.{minor}.{patch}")?;
        self.before.as_ref().map_or(Ok(()), |before| write!(f, "-{before}"))
    }
}

impl Version {
    /// Whether `self` came before `other`.
    #[must_use]
    pub fn is_older_than(&self, other: &Self) -> bool {
        match self.numbers.cmp(&other.numbers) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Greater => false,
            std::cmp::Ordering::Equal => match (&self.before, &other.before) {
                (Some(ours), Some(theirs)) => words(ours) < words(theirs),
                (ours, theirs) => ours.is_some() && theirs.is_none(),
            },
        }
    }
}

/// The words after the dash as they are ordered: numbers by their worth, before anything else.
fn words(before: &str) -> Vec<(bool, u64, &str)> {
    let word = |word| match str::parse::<u64>(word) {
        Ok(number) => (false, number, ""),
        Err(_) => (true, 0, word),
    };
    before.split('.').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn older_and_newer() {
        let order =
            ["0.9.12", "1.0.0-alpha", "1.0.0-beta.2", "1.0.0-beta.10", "1.0.0", "1.0.1", "1.10.0", "2.0.0"];
        for (at, older) in order.iter().enumerate() {
            for (other, newer) in order.iter().enumerate() {
                let is_older = older.parse::<Version>().unwrap().is_older_than(&newer.parse().unwrap());
                assert_eq!(is_older, at < other, "{older} {newer}");
            }
        }
        for text in ["", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.x", "1.2.3-", "1.2.3-\u{1b}[0m", "-1.0.0"] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
