//! Which records are compared at all: those that share a key of at least one pass.
//!
//! Comparing everybody with everybody costs the square of their number. A pass sorts the records by one key made of a
//! few roles; records of one block are compared with one another, and in blocks that are too large with their
//! neighbours in a sorted order only (the sorted-neighbourhood method, Hernández and Stolfo 1995). Several passes with
//! keys of different roles find those that a slip hides from one.
//!
//! What it must never do: grow with the size of a block. Memory is [`BYTES_PER_RECORD`] per record and eight bytes per
//! pair, of which there are at most [`PAIRS_PER_RECORD`] per record and pass.

use super::normal::fold;
use super::person::Person;
use super::role::Role;

/// Memory a record takes while candidates are looked for: its keys and its place in the sorted order.
pub const BYTES_PER_RECORD: usize = 4 * Pass::COUNT + 8;
/// Most pairs per record and pass.
pub const PAIRS_PER_RECORD: usize = 8;
/// Largest block in which everybody is compared with everybody.
const WHOLE_BLOCK: usize = 16;
/// Neighbours a record of a larger block is compared with on one side.
const NEIGHBOURS: usize = 6;

/// One way to sort records into blocks.
#[derive(Debug, Clone, Copy)]
pub struct Pass {
    roles: &'static [Role],
    key: fn(&Person) -> Option<String>,
}

/// The passes; the most telling first.
const PASSES: [Pass; Pass::COUNT] = [
    Pass { roles: &[Role::Email], key: |p| p.get(Role::Email).map(str::to_owned) },
    Pass { roles: &[Role::Phone], key: |p| p.get(Role::Phone).map(|phone| tail(phone, 8)) },
    Pass { roles: &[Role::Number], key: |p| p.get(Role::Number).map(str::to_owned) },
    Pass { roles: &[Role::FirstName, Role::LastName], key: both_names },
    Pass { roles: &[Role::BirthDate], key: |p| p.get(Role::BirthDate).map(str::to_owned) },
    Pass {
        roles: &[Role::LastName, Role::PostalCode],
        key: |p| join(soundex(p.get(Role::LastName)?), p.get(Role::PostalCode)?),
    },
    Pass {
        roles: &[Role::PostalCode, Role::StreetNumber],
        key: |p| join(p.get(Role::PostalCode)?.to_owned(), p.get(Role::StreetNumber)?),
    },
    Pass {
        roles: &[Role::Street, Role::StreetNumber],
        key: |p| join(head(p.get(Role::Street)?, 8), p.get(Role::StreetNumber)?),
    },
    Pass { roles: &[Role::Email], key: mailbox },
    Pass { roles: &[Role::Email], key: |p| p.get(Role::Email)?.rsplit_once('@').and_then(beginnings) },
    Pass {
        roles: &[Role::FirstName, Role::LastName],
        key: |p| join(head(p.get(Role::FirstName)?, 4), &head(p.get(Role::LastName)?, 3)),
    },
    Pass {
        roles: &[Role::FirstName, Role::BirthDate],
        key: |p| join(soundex(p.get(Role::FirstName)?), &head(p.get(Role::BirthDate)?, 6)),
    },
    Pass {
        roles: &[Role::LastName, Role::BirthDate],
        key: |p| join(soundex(p.get(Role::LastName)?), p.get(Role::BirthDate)?.get(4..)?),
    },
    Pass {
        roles: &[Role::LastName, Role::City],
        key: |p| join(soundex(p.get(Role::LastName)?), &head(p.get(Role::City)?, 5)),
    },
    Pass {
        roles: &[Role::FirstName, Role::City],
        key: |p| join(head(p.get(Role::FirstName)?, 4), &head(p.get(Role::City)?, 5)),
    },
    Pass {
        roles: &[Role::LastName, Role::Company],
        key: |p| join(soundex(p.get(Role::LastName)?), &head(p.get(Role::Company)?, 6)),
    },
    Pass { roles: &[Role::Number], key: |p| p.get(Role::Number).map(|number| head(number, 4)) },
    Pass { roles: &[Role::Number], key: |p| p.get(Role::Number).map(|number| tail(number, 4)) },
];

impl Pass {
    /// How many there are.
    pub const COUNT: usize = 18;

    /// The roles its key is made of; of pairs it finds, these say little.
    pub(super) fn uses(self, role: Role) -> bool {
        self.roles.contains(&role)
    }
}

/// All passes.
#[must_use]
pub fn passes() -> [Pass; Pass::COUNT] {
    PASSES
}

/// The keys of one record, one per pass, as 32-bit fingerprints; zero where it has none. Two keys that fall together
/// by chance cost one comparison and nothing else.
#[must_use]
pub fn keys(person: &Person) -> [u32; Pass::COUNT] {
    PASSES.map(|pass| (pass.key)(person).map_or(0, |key| (fingerprint(&key) as u32).max(1)))
}

/// Records sorted into blocks. They are known by the order in which they were added.
#[derive(Debug, Default)]
pub struct Blocks {
    keys: Vec<[u32; Pass::COUNT]>,
    /// The first letters of a record's names, by which large blocks are sorted.
    order: Vec<u64>,
}

impl Blocks {
    /// No records yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next record.
    pub fn add(&mut self, person: &Person) {
        self.keys.push(keys(person));
        self.order.push(order(person));
    }

    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The pairs of one pass, at most [`PAIRS_PER_RECORD`] per record, the smaller number first.
    #[must_use]
    pub fn pairs_of(&self, pass: usize) -> Vec<(u32, u32)> {
        let mut sorted: Vec<u32> =
            (0..self.keys.len()).filter(|&at| self.keys[at][pass] != 0).map(number).collect();
        let key = |record: u32| self.keys[record as usize][pass];
        sorted.sort_unstable_by_key(|&record| (key(record), self.order[record as usize], record));
        let mut pairs = Vec::new();
        for block in sorted.chunk_by(|&a, &b| key(a) == key(b)) {
            let reach = if block.len() <= WHOLE_BLOCK { block.len() } else { NEIGHBOURS };
            for (place, &left) in block.iter().enumerate() {
                let end = block.len().min(place + 1 + reach);
                pairs.extend(block[place + 1..end].iter().map(|&right| (left.min(right), left.max(right))));
            }
        }
        pairs
    }

    /// The pairs of all passes, each once, in order.
    #[must_use]
    pub fn candidates(&self) -> Vec<(u32, u32)> {
        let mut all: Vec<(u32, u32)> = Vec::new();
        for pass in 0..Pass::COUNT {
            all.extend(self.pairs_of(pass));
            all.sort_unstable();
            all.dedup();
        }
        all
    }
}

fn number(at: usize) -> u32 {
    u32::try_from(at).expect("a store of four thousand million leads is cut into parts first")
}

fn order(person: &Person) -> u64 {
    let text = format!(
        "{}{}",
        head(person.get(Role::LastName).unwrap_or_default(), 5),
        person.get(Role::FirstName).unwrap_or_default()
    );
    let mut letters = [0; 8];
    for (place, byte) in letters.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    u64::from_be_bytes(letters)
}

/// Both names in the order of letters, so that it does not matter which field each stands in.
fn both_names(person: &Person) -> Option<String> {
    let (first, last) = (soundex(person.get(Role::FirstName)?), soundex(person.get(Role::LastName)?));
    Some(if first <= last { first + &last } else { last + &first })
}

/// The part of an address before the host, letters only.
fn mailbox(person: &Person) -> Option<String> {
    let (name, _) = person.get(Role::Email)?.rsplit_once('@')?;
    let letters: String = fold(name).chars().filter(|c| c.is_alphabetic()).collect();
    (letters.len() >= 4).then_some(letters)
}

/// How the name and the host of an address begin.
fn beginnings((name, host): (&str, &str)) -> Option<String> {
    join(head(name, 3), &head(host, 3))
}

/// None where a part is empty: half a key would throw strangers together.
fn join(left: String, right: &str) -> Option<String> {
    (!left.is_empty() && !right.is_empty()).then(|| left + "|" + right)
}

fn head(text: &str, letters: usize) -> String {
    text.chars().filter(|c| *c != ' ').take(letters).collect()
}

fn tail(text: &str, letters: usize) -> String {
    text.chars().skip(text.chars().count().saturating_sub(letters)).collect()
}

/// The sound of a word by the rules of Soundex (Russell 1918, as the US National Archives give them); of words without
/// Latin letters their beginning.
fn soundex(word: &str) -> String {
    let digit = |c: char| match c {
        'b' | 'f' | 'p' | 'v' => b'1',
        'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => b'2',
        'd' | 't' => b'3',
        'l' => b'4',
        'm' | 'n' => b'5',
        'r' => b'6',
        'h' | 'w' => b'-',
        _ => b'0',
    };
    let mut letters = word.chars().filter(char::is_ascii_alphabetic);
    let Some(first) = letters.next() else { return head(word, 4) };
    let mut code = String::from(first);
    let mut last = digit(first);
    for letter in letters {
        let next = digit(letter);
        if next == b'-' {
            continue;
        }
        if next != b'0' && next != last {
            code.push(char::from(next));
            if code.len() == 4 {
                break;
            }
        }
        last = next;
    }
    code
}

/// FNV-1a (Fowler, Noll, Vo) with a last mix: the same on every machine and in every version.
pub(super) fn fingerprint(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    mix(hash)
}

/// The finaliser of splitmix64 (Steele, Lea and Flood 2014).
pub(super) fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_sound_alike_have_one_code() {
        assert_eq!(soundex("robert"), "r163");
        assert_eq!(soundex("rupert"), "r163");
        assert_eq!(soundex("tymczak"), "t522");
        assert_eq!(soundex("ashcraft"), soundex("ashcroft"));
        assert_eq!(soundex("山田"), "山田");
    }

    #[test]
    fn a_slip_in_one_role_hides_nobody_from_all_passes() {
        let mut blocks = Blocks::new();
        blocks.add(&Person::of_columns([
            ("first_name", "Robert"),
            ("surname", "Allen"),
            ("email", "r@a.net"),
        ]));
        blocks.add(&Person::of_columns([
            ("first_name", "Grace"),
            ("surname", "Kelly"),
            ("email", "g@k.net"),
        ]));
        blocks.add(&Person::of_columns([
            ("first_name", "Allen"),
            ("surname", "Robert"),
            ("email", "x@a.net"),
        ]));
        assert_eq!(blocks.candidates(), [(0, 2)]);
    }

    #[test]
    fn a_block_of_everybody_stays_bounded() {
        let mut blocks = Blocks::new();
        for n in 0..5_000 {
            let first = format!("first{n}");
            blocks.add(&Person::of_columns([("first_name", first.as_str()), ("email", "info@example.com")]));
        }
        let pairs = blocks.candidates();
        assert!(pairs.len() <= 5_000 * PAIRS_PER_RECORD, "{}", pairs.len());
        assert!(pairs.iter().all(|(left, right)| left < right));
    }
}
