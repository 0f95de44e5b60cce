//! How alike two records are, role by role.
//!
//! Similarities are Jaro-Winkler (Winkler 1990) for words and the optimal string alignment distance, which counts a
//! transposition as one edit, for short codes; both from `strsim`.

use super::nicknames::are_one_name;
use super::person::Person;
use super::role::Role;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use strsim::{jaro_winkler, osa_distance};

/// How alike two values are. A role uses those that make sense for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// One of them is not there: says nothing.
    Missing,
    /// They are different.
    Different,
    /// They have something in common.
    Near,
    /// They differ by a slip.
    Close,
    /// The value stands in another field of the other record.
    Swapped,
    /// They are the same.
    Same,
}

impl Level {
    /// How many there are.
    pub const COUNT: usize = 6;
    /// All of them.
    pub const ALL: [Self; Self::COUNT] =
        [Self::Missing, Self::Different, Self::Near, Self::Close, Self::Swapped, Self::Same];

    /// What people call it before the name of a role: `almost the same` last name.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Missing => "no",
            Self::Different => "different",
            Self::Near => "similar",
            Self::Close => "almost the same",
            Self::Swapped => "swapped",
            Self::Same => "same",
        }
    }
}

/// The levels of all roles of one pair, four bits each: what pairs are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pattern(u64);

impl Pattern {
    /// Compares two records.
    #[must_use]
    pub fn of(a: &Person, b: &Person) -> Self {
        Self::of_levels(Role::ALL.into_iter().map(|role| (role, level(role, a, b))))
    }

    /// A pair of these levels; of a role that is not named a value is missing.
    pub fn of_levels(levels: impl IntoIterator<Item = (Role, Level)>) -> Self {
        let pack = |packed, (role, level): (Role, Level)| packed | (level as u64) << (4 * role as u64);
        Self(levels.into_iter().fold(0, pack))
    }

    /// The level of one role.
    #[must_use]
    pub fn level(self, role: Role) -> Level {
        Level::ALL[(self.0 >> (4 * role as u64) & 0xf) as usize]
    }
}

fn level(role: Role, a: &Person, b: &Person) -> Level {
    let direct = match (a.get(role), b.get(role)) {
        (Some(left), Some(right)) => of_values(role, left, right),
        _ => Level::Missing,
    };
    // A first name in the field of the last name, an address line in that of the street: one slip, not two differences.
    let partner = match role {
        Role::FirstName => Role::LastName,
        Role::LastName => Role::FirstName,
        Role::Street => Role::AddressLine,
        Role::AddressLine => Role::Street,
        _ => return direct,
    };
    if direct > Level::Different {
        return direct;
    }
    let crossed = |own: &Person, other: &Person| match (own.get(role), other.get(partner)) {
        (Some(left), Some(right)) => left.len() > 2 && of_values(role, left, right) >= Level::Close,
        _ => false,
    };
    if crossed(a, b) || crossed(b, a) { Level::Swapped } else { direct }
}

fn of_values(role: Role, left: &str, right: &str) -> Level {
    if left == right {
        return Level::Same;
    }
    match role {
        Role::FirstName => names(left, right, true),
        Role::LastName => names(left, right, false),
        Role::Email => addresses(left, right),
        Role::Phone => numbers(left, right, 8),
        Role::BirthDate => days(left, right),
        Role::Street | Role::AddressLine | Role::City | Role::Company => words(left, right),
        Role::StreetNumber => codes(left, right, 2),
        Role::PostalCode => codes(left, right, 4),
        Role::Number => codes(left, right, 5),
        Role::Region | Role::Country => codes(left, right, 3),
        Role::JobTitle if jaro_winkler(left, right) >= 0.85 => Level::Close,
        Role::JobTitle => Level::Different,
    }
}

fn names(left: &str, right: &str, is_first: bool) -> Level {
    if is_first && are_one_name(left, right) {
        return Level::Close;
    }
    if are_unlike(left, right) {
        return Level::Different;
    }
    let (short, long) = if left.len() <= right.len() { (left, right) } else { (right, left) };
    let similarity = jaro_winkler(left, right);
    let slip = long.len() >= 3 && osa_distance(left, right) <= 1;
    let short_form = is_first && long.starts_with(short);
    // `jones` of `jones smith`, `smithjones` of `smith jones`.
    let part = short.len() >= 3 && long.split(' ').any(|word| word == short)
        || without_blanks(left) == without_blanks(right);
    let shuffled = short.len() >= 4 && letters(left) == letters(right);
    if similarity >= 0.92 || slip || short_form || part || shuffled {
        Level::Close
    } else if similarity >= 0.8 || osa_distance(left, right) <= 2 && long.len() >= 5 {
        Level::Near
    } else {
        Level::Different
    }
}

fn words(left: &str, right: &str) -> Level {
    if are_unlike(left, right) {
        return Level::Different;
    }
    let similarity = jaro_winkler(left, right);
    let longest = left.len().max(right.len());
    let edits = osa_distance(left, right);
    if similarity >= 0.94 || edits <= 1 || edits == 2 && longest >= 8 || sorted(left) == sorted(right) {
        return Level::Close;
    }
    let (joined_left, joined_right) = (without_blanks(left), without_blanks(right));
    if joined_left == joined_right {
        return Level::Close;
    }
    // Half of the letters lost, as in the cut field of a form.
    let prefix = joined_left.len().min(joined_right.len());
    let cut =
        prefix >= 5 && (joined_left.starts_with(&joined_right) || joined_right.starts_with(&joined_left));
    if similarity >= 0.86 || cut || edits * 3 <= longest { Level::Near } else { Level::Different }
}

fn addresses(left: &str, right: &str) -> Level {
    let name =
        |address: &str| address.rsplit_once('@').map_or(address.to_owned(), |(name, _)| name.to_owned());
    let (left_name, right_name) = (name(left), name(right));
    if left_name.len() >= 4 && left_name == right_name {
        return Level::Close;
    }
    if are_unlike(left, right) && are_unlike(&left_name, &right_name) {
        return Level::Different;
    }
    if osa_distance(left, right) <= 2 {
        return Level::Close;
    }
    if left_name.len() >= 4 && right_name.len() >= 4 && jaro_winkler(&left_name, &right_name) >= 0.88
        || jaro_winkler(left, right) >= 0.92
    {
        Level::Near
    } else {
        Level::Different
    }
}

fn numbers(left: &str, right: &str, tail: usize) -> Level {
    let end =
        |digits: &str| digits.len().checked_sub(tail).and_then(|at| digits.get(at..)).map(str::to_owned);
    let same_end = end(left).is_some() && end(left) == end(right);
    if same_end || osa_distance(left, right) <= 1 { Level::Close } else { Level::Different }
}

fn codes(left: &str, right: &str, long: usize) -> Level {
    if are_unlike(left, right) {
        return Level::Different;
    }
    let is_long = left.len().max(right.len()) >= long;
    match osa_distance(left, right) {
        1 if is_long => Level::Close,
        2 if left.len().max(right.len()) >= 2 * long.min(4) - 4 && long >= 4 => Level::Near,
        _ => Level::Different,
    }
}

/// Days as eight digits; the year counts four, month and day two each.
fn days(left: &str, right: &str) -> Level {
    let edits = if are_unlike(left, right) { left.len() } else { osa_distance(left, right) };
    if edits <= 1 {
        return Level::Close;
    }
    let parts = |day: &str| -> Option<(String, String, String)> {
        Some((day.get(..4)?.to_owned(), day.get(4..6)?.to_owned(), day.get(6..8)?.to_owned()))
    };
    let (Some(a), Some(b)) = (parts(left), parts(right)) else {
        return Level::Different;
    };
    if a.0 == b.0 && a.1 == b.2 && a.2 == b.1 {
        return Level::Close;
    }
    let agreeing = usize::from(a.0 == b.0) + usize::from(a.1 == b.1) + usize::from(a.2 == b.2);
    if agreeing == 2 || edits == 2 { Level::Near } else { Level::Different }
}

/// Whether two texts have so few letters in common that no measure here calls them alike: the common letters over
/// either length add up to less than one. It costs a fraction of what the measures do, and most pairs are strangers.
fn are_unlike(left: &str, right: &str) -> bool {
    let mut seen = [0_u8; 64];
    for byte in left.bytes() {
        let place = &mut seen[usize::from(byte & 63)];
        *place = place.saturating_add(1);
    }
    let mut common = 0;
    for byte in right.bytes() {
        let place = &mut seen[usize::from(byte & 63)];
        if *place > 0 {
            *place -= 1;
            common += 1;
        }
    }
    common * (left.len() + right.len()) < left.len() * right.len()
}

fn without_blanks(text: &str) -> String {
    text.chars().filter(|c| *c != ' ').collect()
}

fn letters(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters
}

fn sorted(text: &str) -> Vec<&str> {
    let mut words: Vec<&str> = text.split(' ').collect();
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(values: &[(&str, &str)]) -> Person {
        Person::of_columns(values.iter().copied())
    }

    fn compared(role: Role, column: &str, left: &str, right: &str) -> Level {
        Pattern::of(&person(&[(column, left)]), &person(&[(column, right)])).level(role)
    }

    #[test]
    fn levels_are_what_people_would_say() {
        use Level::{Close, Different, Missing, Near, Same};
        for (role, column, left, right, expected) in [
            (Role::FirstName, "first_name", "Robert", "robert", Same),
            (Role::FirstName, "first_name", "Bob", "Robert", Close),
            (Role::FirstName, "first_name", "R", "Robert", Close),
            (Role::FirstName, "first_name", "Robert", "Grace", Different),
            (Role::LastName, "surname", "Allen", "Alen", Close),
            (Role::FirstName, "first_name", "Hugo", "Hogu", Close),
            (Role::LastName, "surname", "Jones", "Jones-Smith", Close),
            (Role::LastName, "surname", "Alan", "Allen", Near),
            (Role::BirthDate, "dob", "1971-06-24", "1971-05-24", Close),
            (Role::BirthDate, "dob", "1971-06-04", "1971-04-06", Close),
            (Role::BirthDate, "dob", "1971-06-24", "1989-06-24", Near),
            (Role::BirthDate, "dob", "1971-06-24", "1997-04-26", Different),
            (Role::Email, "email", "rob@smith.net", "rob@smith.ne", Close),
            (Role::Email, "email", "robert@smith.net", "robert@jones.com", Close),
            (Role::Email, "email", "robert255@smith.net", "roberta25@smith.net", Close),
            (Role::Email, "email", "ada@example.com", "grace.kelly@jones.com", Different),
            (Role::Number, "ssn", "6988048", "6980848", Close),
            (Role::Number, "ssn", "6988048", "7364009", Different),
            (Role::PostalCode, "postcode", "2119", "2191", Close),
            (Role::City, "city", "London", "Lonon", Close),
            (Role::Street, "street", "pridham street", "pridhamstreet", Close),
            (Role::City, "city", "London", "", Missing),
        ] {
            assert_eq!(compared(role, column, left, right), expected, "{left} and {right}");
        }
    }

    #[test]
    fn names_in_each_others_place_are_swapped() {
        let pattern = Pattern::of(
            &person(&[("first_name", "grace"), ("surname", "kelly")]),
            &person(&[("first_name", "kelly"), ("surname", "grace")]),
        );
        assert_eq!(pattern.level(Role::FirstName), Level::Swapped);
        assert_eq!(pattern.level(Role::LastName), Level::Swapped);
    }

    #[test]
    fn which_record_stands_first_does_not_matter() {
        let a =
            person(&[("first_name", "Rob"), ("surname", "Allen"), ("dob", "1971-06-24"), ("city", "Hull")]);
        let b = person(&[("first_name", "Allen"), ("surname", "Robert"), ("dob", "1971-06-42")]);
        assert_eq!(Pattern::of(&a, &b), Pattern::of(&b, &a));
    }
}
