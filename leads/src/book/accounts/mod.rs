//! Accounts within a book: what it knows of them, and what operations on them need.
//!
//! Accounts are looked up by the keys of [`crate::matching::key`], as the store's table holds them. Accounts made or
//! changed here are found by later operations of the same transaction.

mod choose;
mod keep;
mod matched;

use super::{Book, Need};
use crate::account::operation::{AccountOperation, KeepAccount, UpdateAccount};
use crate::account::{Account, MAX_DEPTH, Profile};
use crate::definition::ACCOUNT_MATCHING;
use crate::matching::key::{self, MAX_OF_KEY};
use crate::matching::{Candidate, LeadMatch, Matching, Name, Probe, Traits, choose, domain};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use uuid::Uuid;

pub(super) use keep::Lookup;

/// The accounts that have a key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OfKey {
    /// Which, in the order of their ids; none when they are too many.
    pub ids: Vec<Uuid>,
    /// Whether more than [`MAX_OF_KEY`] have it.
    pub is_common: bool,
}

/// What a book knows of accounts.
#[derive(Debug, Default)]
pub(super) struct KnownAccounts {
    by_key: HashMap<String, OfKey>,
    /// Keys of accounts made or changed here.
    fresh_keys: HashMap<String, BTreeSet<Uuid>>,
    accounts: HashMap<Uuid, Option<Candidate>>,
    matches: HashMap<Uuid, Option<Box<LeadMatch>>>,
    touched: Vec<Uuid>,
    /// Those of them that were there before.
    changed: Vec<Uuid>,
    touched_matches: Vec<Uuid>,
}

impl KnownAccounts {
    pub(super) fn supply_key(&mut self, key: String, of: OfKey) {
        self.by_key.entry(key).or_insert(of);
    }

    pub(super) fn supply_account(&mut self, id: Uuid, account: Option<Candidate>) {
        self.accounts.entry(id).or_insert(account);
    }

    pub(super) fn supply_match(&mut self, lead: Uuid, found: Option<Box<LeadMatch>>) {
        self.matches.entry(lead).or_insert(found);
    }

    /// Full rows of new and changed accounts, in the order they were first touched.
    pub(super) fn take_accounts(&mut self) -> Vec<Arc<Account>> {
        let touched = std::mem::take(&mut self.touched);
        touched.into_iter().filter_map(|id| Some(self.accounts.remove(&id)??.account)).collect()
    }

    /// How leads stand with their accounts where that changed, and of which leads nothing is known any more.
    pub(super) fn take_matches(&mut self) -> (Vec<LeadMatch>, Vec<Uuid>) {
        let (mut found, mut forgotten) = (Vec::new(), Vec::new());
        for lead in std::mem::take(&mut self.touched_matches) {
            match self.matches.remove(&lead) {
                Some(Some(known)) => found.push(*known),
                Some(None) => forgotten.push(lead),
                None => {}
            }
        }
        (found, forgotten)
    }

    /// The accounts of the store that changed here.
    pub(super) fn take_changed(&mut self) -> Vec<Uuid> {
        std::mem::take(&mut self.changed)
    }

    pub(super) fn account(&self, id: Uuid) -> Option<&Arc<Account>> {
        self.accounts.get(&id)?.as_ref().map(|candidate| &candidate.account)
    }

    /// Keeps `account`, new or changed.
    fn put(&mut self, account: Account) {
        let id = account.id;
        for key in key::of_account(&account) {
            self.fresh_keys.entry(key).or_default().insert(id);
        }
        let known = self.accounts.get(&id).and_then(Option::as_ref);
        let (leads, last) = known.map_or((0, None), |known| (known.leads, known.last_activity_at));
        let is_new = known.is_none();
        self.accounts.insert(id, Some(Candidate::new(Arc::new(account), leads, last)));
        if !self.touched.contains(&id) {
            self.touched.push(id);
            self.changed.extend((!is_new).then_some(id));
        }
    }

    /// How the lead stands with its account, as far as is known.
    pub(super) fn match_of(&self, lead: Uuid) -> Option<&LeadMatch> {
        self.matches.get(&lead)?.as_deref()
    }

    /// Nothing is known of the lead any more.
    pub(super) fn forget_match(&mut self, lead: Uuid) {
        if self.matches.insert(lead, None).flatten().is_some() && !self.touched_matches.contains(&lead) {
            self.touched_matches.push(lead);
        }
    }

    pub(super) fn note_match(&mut self, found: LeadMatch) {
        let lead = found.lead_id;
        self.matches.insert(lead, Some(Box::new(found)));
        if !self.touched_matches.contains(&lead) {
            self.touched_matches.push(lead);
        }
    }

    /// The accounts that have `key`, those of this transaction included.
    fn of_key(&self, key: &str) -> (usize, Vec<Uuid>) {
        let known = self.by_key.get(key);
        let is_common = known.is_some_and(|of| of.is_common);
        let fresh = self.fresh_keys.get(key);
        let mut ids = known.map(|of| of.ids.clone()).unwrap_or_default();
        ids.extend(fresh.into_iter().flatten().filter(|id| !known.is_some_and(|of| of.ids.contains(id))));
        let count = if is_common { MAX_OF_KEY + 1 } else { ids.len() };
        if count > MAX_OF_KEY { (MAX_OF_KEY + 1, Vec::new()) } else { (count, ids) }
    }

    /// The accounts to compare a lead with; empty as long as a key is not known.
    fn candidates(&self, keys: &BTreeSet<String>) -> BTreeSet<Uuid> {
        let found: Vec<(&String, usize, Vec<Uuid>)> = keys
            .iter()
            .map(|key| (key, self.of_key(key)))
            .map(|(key, (count, ids))| (key, count, ids))
            .collect();
        choose(found.iter().map(|(key, count, ids)| (key.as_str(), *count, ids.as_slice())))
    }

    fn unknown_keys<'a>(&'a self, keys: &'a BTreeSet<String>) -> impl Iterator<Item = Need> + 'a {
        keys.iter().filter(|key| !self.by_key.contains_key(*key)).map(|key| Need::AccountKey(key.clone()))
    }

    pub(super) fn unknown_accounts(&self, ids: impl IntoIterator<Item = Uuid>) -> impl Iterator<Item = Need> {
        ids.into_iter().filter(|id| !self.accounts.contains_key(id)).map(Need::Account)
    }
}

impl Book {
    /// The workspace's settings of matching; the defaults as long as it has published none.
    pub(super) fn matching(&self) -> Arc<Matching> {
        let published = self.definitions.get(ACCOUNT_MATCHING).and_then(|all| all.first());
        published.and_then(|settings| settings.read().ok()).unwrap_or_default()
    }

    pub(super) fn need_of_accounts(&self, operation: &AccountOperation, needs: &mut Vec<Need>) {
        match operation {
            AccountOperation::MatchAccount(input) => {
                self.need_lead(input.lead_id, needs);
                self.need_match(input.lead_id, needs);
                self.need_definitions(ACCOUNT_MATCHING, needs);
                // What a lead is looked up by follows from the settings.
                let (true, Some(probe)) = (needs.is_empty(), self.probe(input.lead_id)) else { return };
                let keys = probe.keys();
                needs.extend(self.accounts.unknown_keys(&keys));
                if self.accounts.unknown_keys(&keys).next().is_none() {
                    needs.extend(self.accounts.unknown_accounts(self.accounts.candidates(&keys)));
                }
                let own = self.known_lead(input.lead_id).and_then(|lead| lead.account_id);
                needs.extend(self.accounts.unknown_accounts(own));
            }
            AccountOperation::SetAccount(input) => {
                self.need_lead(input.lead_id, needs);
                self.need_match(input.lead_id, needs);
                self.need_definitions(ACCOUNT_MATCHING, needs);
                needs.extend(self.accounts.unknown_accounts(input.account_id));
                let own = self.known_lead(input.lead_id).and_then(|lead| lead.account_id);
                needs.extend(self.accounts.unknown_accounts(own));
            }
            AccountOperation::SetAside(input) => {
                self.need_lead(input.lead_id, needs);
                self.need_match(input.lead_id, needs);
            }
            AccountOperation::KeepAccount(KeepAccount { fields, owner, parent, .. }) => {
                for lookup in Lookup::of_fields(fields) {
                    self.need_lookup(&lookup, needs);
                    self.need_found(&lookup, needs);
                }
                self.need_owner_and_parent(owner.as_deref(), parent.as_deref(), needs);
            }
            AccountOperation::UpdateAccount(UpdateAccount { account, owner, parent, .. }) => {
                let lookup = Lookup::of_text(account);
                self.need_lookup(&lookup, needs);
                self.need_found(&lookup, needs);
                self.need_owner_and_parent(owner.as_deref(), parent.as_deref(), needs);
            }
        }
    }

    pub(in crate::book) fn need_match(&self, lead: Uuid, needs: &mut Vec<Need>) {
        if !self.accounts.matches.contains_key(&lead) {
            needs.push(Need::AccountMatch(lead));
        }
    }

    fn need_lookup(&self, lookup: &Lookup, needs: &mut Vec<Need>) {
        needs.extend(self.accounts.unknown_accounts(lookup.id));
        let keys: BTreeSet<String> = lookup.keys.iter().cloned().collect();
        let before = needs.len();
        needs.extend(self.accounts.unknown_keys(&keys));
        if needs.len() == before {
            let ids: BTreeSet<Uuid> = keys.iter().flat_map(|key| self.accounts.of_key(key).1).collect();
            needs.extend(self.accounts.unknown_accounts(ids));
        }
    }

    /// The names of what the account refers to that is looked up: its timeline tells them.
    fn need_found(&self, lookup: &Lookup, needs: &mut Vec<Need>) {
        if let Some(found) = lookup.find(&self.accounts) {
            self.need_profile(found, needs);
        }
    }

    fn need_owner_and_parent(&self, owner: Option<&str>, parent: Option<&str>, needs: &mut Vec<Need>) {
        if let Some(owner) = owner.map(str::trim).filter(|owner| !owner.is_empty()) {
            self.need_owner(owner, needs);
        }
        let Some(parent) = parent.map(str::trim).filter(|parent| !parent.is_empty()) else { return };
        let lookup = Lookup::of_text(parent);
        self.need_lookup(&lookup, needs);
        // Its parents too, so that no circle is closed.
        let mut next = lookup.find(&self.accounts).and_then(|id| self.accounts.account(id)?.parent_id);
        for _ in 0..MAX_DEPTH {
            let Some(id) = next else { return };
            needs.extend(self.accounts.unknown_accounts([id]));
            next = self.accounts.account(id).and_then(|account| account.parent_id);
        }
    }

    /// The account `id` with the names of what it refers to; `None` when it is not there or was not loaded.
    pub(in crate::book) fn profile(&self, id: Uuid) -> Option<Profile> {
        let account = Arc::clone(self.accounts.account(id)?);
        let owner = account.owner_id.and_then(|owner| self.known_owner(&owner.to_string()).ok()?);
        let parent = account.parent_id.and_then(|parent| self.accounts.account(parent));
        let (owner, parent) =
            (owner.map(|owner| owner.name.clone()), parent.map(|parent| parent.name.clone()));
        Some(Profile { account, owner, parent })
    }

    /// What the profile of the account needs.
    pub(in crate::book) fn need_profile(&self, id: Uuid, needs: &mut Vec<Need>) {
        needs.extend(self.accounts.unknown_accounts([id]));
        let Some(account) = self.accounts.account(id) else { return };
        needs.extend(self.accounts.unknown_accounts(account.parent_id));
        if let Some(owner) = account.owner_id {
            self.need_owner(&owner.to_string(), needs);
        }
    }

    /// The accounts that the lead of `operation` may be given.
    pub(in crate::book) fn accounts_to_come(&self, operation: &AccountOperation) -> BTreeSet<Uuid> {
        match operation {
            AccountOperation::MatchAccount(input) => self
                .probe(input.lead_id)
                .map(|probe| self.accounts.candidates(&probe.keys()))
                .unwrap_or_default(),
            AccountOperation::SetAccount(input) => input.account_id.into_iter().collect(),
            AccountOperation::SetAside(_)
            | AccountOperation::KeepAccount(_)
            | AccountOperation::UpdateAccount(_) => BTreeSet::new(),
        }
    }

    /// What the lead offers to be matched by; `None` as long as it is not known.
    fn probe(&self, lead: Uuid) -> Option<Probe> {
        Some(Probe::new(&Traits::of(self.known_lead(lead)?), &self.matching()))
    }

    fn known_account(&self, id: Uuid) -> Result<&Arc<Account>, Failure> {
        match self.accounts.accounts.get(&id) {
            Some(Some(candidate)) => Ok(&candidate.account),
            Some(None) => Err(crate::failures::no_such_account(&id.to_string())),
            None => Err(crate::failures::not_supplied("the account")),
        }
    }
}

/// Whether two names are the same but for legal forms and spelling of common words.
fn is_same_name(one: &str, other: &str) -> bool {
    let (one, other) = (Name::all(one), Name::all(other));
    one.iter().any(|one| other.iter().any(|other| one.is_same(other)))
}

/// The domains in `texts` that say something of a company.
fn domains_of<'a>(texts: impl IntoIterator<Item = &'a str>, settings: &Matching) -> Vec<String> {
    let mut found = Vec::new();
    for domain in texts.into_iter().filter_map(domain::registered) {
        if !settings.is_mailbox_provider(&domain) && !found.contains(&domain) {
            found.push(domain);
        }
    }
    found
}
