//! Those like one record, out of a store that is too large to be gone through: by the words that both have.
//!
//! A store keeps the words of every lead (names, address, company) in order. Leads with one of a few words are found by a
//! glance into that order, each word by its beginning so that a slip further on does no harm. A rare word says more than
//! a common one, and the leads with the most telling words are the candidates that a [`Model`] then judges.
//!
//! What it must never do: look for a word that thousands have, or find more candidates than [`MOST_ALIKE`].

use super::frequency::{Commonness, Holders};
use super::model::Model;
use super::person::Person;
use super::role::Role;
use crate::key::{Key, KeyKind};
use crate::lead::Lead;
use crate::matching::domain;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// Most candidates that are judged.
pub const MOST_ALIKE: usize = 120;
/// Most looks at the words of a store.
const MOST_LOOKS: usize = 16;
/// Letters of a name that have to be right.
const BEGINNING: usize = 4;
/// As how many leads what is known of a role counts, beside those that are here.
const ASSUMED: f64 = 200.0;
/// How often a record that is looked up is somebody who is here.
const KNOWN: f64 = 0.3;
/// Words of a company that are looked for.
const COMPANY_WORDS: usize = 2;

/// One look at the words of a store.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Look {
    /// The word, in small letters.
    pub word: String,
    /// What of it has to be there: its beginning, or all of it.
    pub beginning: String,
}

impl Look {
    fn whole(word: &str) -> Self {
        Self { word: word.to_owned(), beginning: word.to_owned() }
    }

    /// Short words have to be there as they are: half of all words begin with two given letters.
    fn beginning(word: &str, letters: usize) -> Self {
        if word.chars().count() <= letters {
            return Self::whole(word);
        }
        Self { word: word.to_owned(), beginning: word.chars().take(letters).collect() }
    }

    /// Whether the word has to be there as it is.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.word == self.beginning
    }
}

/// What a store is looked through by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Probe {
    /// Keys that name a lead outright.
    pub keys: Vec<Key>,
    /// Words; whoever has one of them is like it in something.
    pub looks: Vec<Look>,
    /// A first and a last name, for when both are so common that only those who have both are worth a look.
    pub both: Option<(String, String)>,
}

/// A record of which the likes are looked for.
#[derive(Debug, Clone)]
pub struct Sought {
    /// What it is compared by.
    pub person: Person,
    /// What a store is looked through by.
    pub probe: Probe,
}

/// What a store found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Alike {
    /// Candidates, the most telling first.
    pub leads: Vec<Uuid>,
    /// Those that somebody said are other people.
    pub ruled_out: Vec<Uuid>,
    /// How many leads there are, or were when they were last counted.
    pub people: u64,
    /// How many leads have each word that was looked for.
    pub counts: BTreeMap<String, Holders>,
    /// What was learned when the store was last gone through.
    pub model: Option<Arc<Model>>,
}

impl Sought {
    /// A lead.
    #[must_use]
    pub fn lead(lead: &Lead) -> Self {
        let texts = [
            (Role::FirstName, lead.first_name.as_deref()),
            (Role::LastName, lead.last_name.as_deref()),
            (Role::Email, lead.email.as_deref()),
            (Role::Company, lead.company.as_deref()),
        ];
        let keys = [
            (KeyKind::ExternalId, lead.external_id.as_deref()),
            (KeyKind::Email, lead.email.as_deref()),
            (KeyKind::Phone, lead.phone.as_deref()),
        ];
        let keys = keys.into_iter().filter_map(|(kind, raw)| Key::read(kind, raw?)).collect();
        Self::of(Person::of_lead(lead), keys, texts.into_iter().filter_map(|(role, raw)| Some((role, raw?))))
    }

    /// A record under the names of its fields, however they are written.
    #[must_use]
    pub fn record(fields: &Map<String, Value>) -> Self {
        let text = |value: &Value| match value {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        let texts: Vec<(&str, String)> =
            fields.iter().filter_map(|(name, value)| Some((name.as_str(), text(value)?))).collect();
        let person = Person::of_columns(texts.iter().map(|(name, value)| (*name, value.as_str())));
        let keys = KeyKind::ALL.into_iter().filter_map(|kind| crate::field::key_in(fields, kind)).collect();
        let roles = texts.iter().filter_map(|(name, value)| {
            let is_name = super::person::is_full_name(name);
            // All words of a full name are looked for alike.
            let role = if is_name { Some(Role::LastName) } else { Role::of_column(name) };
            Some((role?, value.as_str()))
        });
        Self::of(person, keys, roles)
    }

    fn of<'a>(person: Person, keys: Vec<Key>, texts: impl Iterator<Item = (Role, &'a str)>) -> Self {
        let mut probe = Probe { keys, ..Probe::default() };
        for (role, raw) in texts {
            match role {
                Role::FirstName | Role::LastName => {
                    words(raw).for_each(|word| probe.look_for(&word, BEGINNING));
                }
                Role::Email => probe.look_for_address(raw),
                Role::Company => {
                    let bare = person.get(Role::Company).unwrap_or_default().to_owned();
                    let telling = words(&bare).filter(|word| word.chars().count() > 2);
                    telling.take(COMPANY_WORDS).for_each(|word| probe.look_for(&word, BEGINNING + 1));
                }
                _ => {}
            }
        }
        let name = |role| person.get(role).and_then(|name| name.split(' ').next()).map(str::to_owned);
        probe.both = name(Role::FirstName).zip(name(Role::LastName));
        Self { person, probe }
    }

    /// Whether there is anything to look for.
    #[must_use]
    pub fn says_nothing(&self) -> bool {
        self.probe.keys.is_empty() && self.probe.looks.is_empty()
    }
}

impl Probe {
    /// A word as it is written, and without accents.
    fn look_for(&mut self, word: &str, letters: usize) {
        for written in [word.to_owned(), super::normal::fold(word)] {
            let is_known = self.looks.iter().any(|look| look.word == written);
            if written.chars().count() > 1 && !is_known && self.looks.len() < MOST_LOOKS {
                self.looks.push(Look::beginning(&written, letters));
            }
        }
    }

    /// What stands before the host, and the company's domain.
    fn look_for_address(&mut self, raw: &str) {
        let Some((name, host)) = raw.rsplit_once('@') else { return };
        words(name).for_each(|word| self.look_for(&word, BEGINNING + 1));
        if let Some(host) = domain::registered(host).filter(|host| !domain::is_mailbox_provider(host)) {
            let label = host.split('.').next().unwrap_or_default();
            words(label).for_each(|word| self.look_for(&word, usize::MAX));
        }
    }
}

/// The words of a text, in lower case: what is between the signs. A store keeps the words of leads so, and is looked
/// through by them.
pub fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

/// The candidates out of what each look found: who has the most telling words, at most [`MOST_ALIKE`]. `outright` come
/// first, and of those that tell the same the latest.
#[must_use]
pub fn rank(outright: &[Uuid], found: &[Vec<Uuid>], people: u64) -> Vec<Uuid> {
    let mut telling: HashMap<Uuid, f64> = outright.iter().map(|id| (*id, f64::INFINITY)).collect();
    for leads in found {
        let rarity = (1.0 + people.max(1) as f64 / leads.len().max(1) as f64).log2();
        for lead in leads {
            *telling.entry(*lead).or_default() += rarity;
        }
    }
    let mut ranked: Vec<(Uuid, f64)> = telling.into_iter().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(b.0.cmp(&a.0)));
    ranked.truncate(MOST_ALIKE);
    ranked.into_iter().map(|(lead, _)| lead).collect()
}

impl Alike {
    /// What candidates are judged by: the model that was learned, or what is assumed. A record that is looked up is one of
    /// the people here more often than two records drawn at random are one.
    #[must_use]
    pub fn model(&self) -> Model {
        let prior = (KNOWN / self.people.max(1) as f64).min(0.1);
        match &self.model {
            Some(known) => Model { prior: known.prior.max(prior), ..Model::clone(known) },
            None => Model { prior, ..Model::assumed() },
        }
    }
}

/// How common names and companies are by their words, and what is personal among those who were found.
#[derive(Debug)]
pub(crate) struct Seen<'a> {
    alike: &'a Alike,
    among: &'a [Person],
}

impl<'a> Seen<'a> {
    pub(crate) fn new(alike: &'a Alike, among: &'a [Person]) -> Self {
        Self { alike, among }
    }
}

impl Commonness for Seen<'_> {
    fn people(&self) -> u64 {
        self.alike.people
    }

    fn assumed(&self) -> f64 {
        ASSUMED
    }

    fn holders(&self, role: Role, value: &str) -> Option<Holders> {
        match role {
            Role::FirstName | Role::LastName | Role::Company => {
                // Whoever holds the value has all of its words, the rarest included.
                let counts = value.split(' ').filter_map(|word| self.alike.counts.get(word));
                counts.min_by_key(|holders| (holders.at_least, holders.is_all)).copied()
            }
            _ if role.is_personal() => {
                let holds = |person: &&Person| person.get(role) == Some(value);
                let count = self.among.iter().filter(holds).count();
                let at_least = u32::try_from(count + 1).unwrap_or(u32::MAX);
                Some(Holders { at_least, is_all: true })
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use serde_json::json;

    fn sought(record: Value) -> Sought {
        Sought::record(record.as_object().unwrap())
    }

    fn looks(probe: &Probe) -> Vec<(&str, &str)> {
        let mut looks: Vec<_> =
            probe.looks.iter().map(|look| (look.word.as_str(), look.beginning.as_str())).collect();
        looks.sort_unstable();
        looks
    }

    #[test]
    fn a_record_is_looked_for_by_what_tells() {
        let found = sought(json!({
            "First name": "José", "last_name": "Li", "email": "jose.li@acme.co.uk", "company": "Acme Rockets Ltd",
            "phone": "+44 20 7946 0958", "city": "Hull", "visits": 7,
        }));
        assert_eq!(
            looks(&found.probe),
            [("acme", "acme"), ("jose", "jose"), ("josé", "josé"), ("li", "li"), ("rockets", "rocke")]
        );
        let kinds: Vec<KeyKind> = found.probe.keys.iter().map(|key| key.kind).collect();
        assert_eq!(kinds, [KeyKind::Email, KeyKind::Phone]);
        assert_eq!(found.probe.both, Some(("jose".into(), "li".into())));
    }

    #[test]
    fn the_host_of_everybody_is_no_company() {
        assert_eq!(looks(&sought(json!({ "email": "radia@gmail.com" })).probe), [("radia", "radia")]);
        assert!(sought(json!({ "city": "Hull", "email": "n/a" })).says_nothing());
    }

    #[test]
    fn a_lead_and_its_record_are_looked_for_alike() {
        let mut lead = Lead::new(Uuid::nil(), "Known", DateTime::UNIX_EPOCH);
        lead.first_name = Some("Ada".into());
        lead.last_name = Some("Lovelace".into());
        lead.email = Some("ada@engines.example".into());
        let of_record = sought(json!({
            "first_name": "Ada", "last_name": "Lovelace", "email": "ada@engines.example",
        }));
        assert_eq!(looks(&Sought::lead(&lead).probe), looks(&of_record.probe));
        assert_eq!(Sought::lead(&lead).person, of_record.person);
    }

    #[test]
    fn there_is_an_end_to_looking() {
        let long: Vec<String> = (0..60).map(|n| format!("name{n}")).collect();
        let found = sought(json!({ "last_name": long.join(" ") }));
        assert_eq!(found.probe.looks.len(), MOST_LOOKS);
        let many: Vec<Uuid> = (0..500).map(Uuid::from_u128).collect();
        assert_eq!(rank(&[], &[many], 500).len(), MOST_ALIKE);
    }

    #[test]
    fn rare_words_come_before_common_ones() {
        let id = Uuid::from_u128;
        let common: Vec<Uuid> = (0..50).map(id).collect();
        let ranked = rank(&[id(99)], &[common, vec![id(7)], vec![id(60)]], 1_000);
        assert_eq!(ranked[..4], [id(99), id(7), id(60), id(49)]);
        assert_eq!(ranked.len(), 52);
    }

    #[test]
    fn what_is_common_is_told_from_what_is_rare() {
        let all = |at_least| Holders { at_least, is_all: true };
        let alike = Alike {
            people: 10_000,
            counts: BTreeMap::from([("smith".into(), all(400)), ("jones".into(), all(30))]),
            ..Alike::default()
        };
        let seen = Seen::new(&alike, &[]);
        assert_eq!(seen.holders(Role::LastName, "smith"), Some(all(400)));
        assert_eq!(seen.holders(Role::LastName, "smith jones"), Some(all(30)));
        assert_eq!(seen.holders(Role::City, "hull"), None);
        assert_eq!(seen.holders(Role::Email, "a@b.example"), Some(all(1)));
    }
}
