//! All accounts of a workspace in memory, to match many leads by: built once, kept up to date account by account.
//!
//! It answers as the store's tables do: the same keys, the same bound on common ones, the same choice of candidates.

use super::judge::{Candidate, Verdict, judge};
use super::key::{self, MAX_CANDIDATES, MAX_OF_KEY};
use super::probe::Probe;
use super::settings::Matching;
use crate::account::Account;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use uuid::Uuid;

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Index {
    accounts: HashMap<Uuid, Candidate>,
    by_key: HashMap<String, Vec<Uuid>>,
}

impl Index {
    /// Adds an account, or replaces what was known of it.
    pub fn put(&mut self, candidate: Candidate) {
        let id = candidate.account.id;
        self.remove(id);
        for key in key::of_account(&candidate.account) {
            let of_key = self.by_key.entry(key).or_default();
            let place = of_key.partition_point(|other| *other < id);
            of_key.insert(place, id);
        }
        self.accounts.insert(id, candidate);
    }

    /// Forgets an account.
    pub fn remove(&mut self, id: Uuid) {
        let Some(known) = self.accounts.remove(&id) else { return };
        for key in key::of_account(&known.account) {
            if let Some(of_key) = self.by_key.get_mut(&key) {
                of_key.retain(|other| *other != id);
                if of_key.is_empty() {
                    self.by_key.remove(&key);
                }
            }
        }
    }

    /// The account `id`.
    #[must_use]
    pub fn get(&self, id: Uuid) -> Option<&Arc<Account>> {
        self.accounts.get(&id).map(|candidate| &candidate.account)
    }

    /// How many accounts there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// Looks for the account that `probe` belongs to.
    #[must_use]
    pub fn judge(&self, probe: &Probe, settings: &Matching) -> Verdict {
        let none = Vec::new();
        let keys = probe.keys();
        let of_keys = keys.iter().map(|key| {
            let ids = self.by_key.get(key).unwrap_or(&none);
            let count = ids.len().min(MAX_OF_KEY + 1);
            (key.as_str(), count, if count > MAX_OF_KEY { &none[..] } else { &ids[..] })
        });
        let chosen = choose(of_keys);
        let count = |word: &str| self.by_key.get(&format!("t:{word}")).map_or(0, Vec::len);
        judge(probe, chosen.iter().filter_map(|id| self.accounts.get(id)), count, settings)
    }
}

/// The accounts to compare a lead with, of those its keys lead to: key, how many accounts have it, and which; none
/// where they are too many.
pub fn choose<'a>(of_keys: impl Iterator<Item = (&'a str, usize, &'a [Uuid])>) -> BTreeSet<Uuid> {
    let mut values: HashMap<Uuid, f64> = HashMap::new();
    for (key, count, ids) in of_keys {
        let value = key::value(key, count);
        for id in ids {
            *values.entry(*id).or_default() += value;
        }
    }
    let mut ranked: Vec<(Uuid, f64)> = values.into_iter().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    ranked.into_iter().take(MAX_CANDIDATES).map(|(id, _)| id).collect()
}
