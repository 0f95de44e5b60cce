//! A store in memory to work against, and what the book does with it.

mod accounts;
mod alike;
mod assessed;
mod clocks;
mod enriching;
mod identity;
mod importing;
mod merging;
mod of_accounts;
mod properties;
mod standing;
mod turns;
mod undo;

use super::{Answer, Book, Changes, Need, Occasion, OfKey};
use crate::account::{Account, Profile};
use crate::activity::Activity;
use crate::criteria::Trace;
use crate::definition::Definition;
use crate::enrichment::{Meter, Provenance, Remembered};
use crate::importing::RowOutcome;
use crate::key::Key;
use crate::lead::Lead;
use crate::linkage::{Alike, Holders, Probe, rank};
use crate::list::{List, Membership};
use crate::matching::key::of_account;
use crate::matching::{Candidate, LeadMatch};
use crate::merge::Merge;
use crate::operation::Operation;
use crate::pool::{Member, Owner, Pool};
use crate::routing::PoolRules;
use crate::sla::Clock;
use crate::standing::Rules;
use chrono::{DateTime, TimeDelta, Utc};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use uuid::Uuid;

pub(super) type Outcome = Result<Performed, Failure>;

/// Everything that a store keeps of a workspace.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Shelf {
    pub(super) leads: BTreeMap<Uuid, Lead>,
    pub(super) keys: BTreeMap<Key, Uuid>,
    pub(super) pools: Vec<Pool>,
    pub(super) owners: Vec<Arc<Owner>>,
    pub(super) lists: Vec<List>,
    /// List and lead, and since when.
    pub(super) members: BTreeMap<(Uuid, Uuid), DateTime<Utc>>,
    pub(super) activities: Vec<Activity>,
    pub(super) clocks: Vec<Clock>,
    pub(super) definitions: Vec<(&'static str, Definition)>,
    pub(super) accounts: BTreeMap<Uuid, Arc<Account>>,
    /// Accounts whose leads are to be looked at again.
    pub(super) unsettled: Vec<Uuid>,
    pub(super) account_matches: BTreeMap<Uuid, LeadMatch>,
    pub(super) imported: BTreeMap<(Uuid, Uuid), DateTime<Utc>>,
    pub(super) outcomes: Vec<RowOutcome>,
    pub(super) merges: BTreeMap<Uuid, Merge>,
    pub(super) provenance: BTreeMap<(Uuid, String), Provenance>,
    pub(super) meters: BTreeMap<(Uuid, String), Meter>,
    pub(super) remembered: BTreeMap<String, Remembered>,
    pub(super) activity_keys: BTreeSet<String>,
}

impl Shelf {
    fn answers(&self, need: Need) -> Vec<Answer> {
        let mut answers = Vec::new();
        if let Need::Lead(from) = need
            && let Some(merge) = self.merges.values().find(|merge| merge.merged.id == from)
        {
            answers.push(Answer::Redirect { from, to: merge.survivor });
            // The lead that it is part of is nearly always the next question.
            answers.extend(self.answers(Need::Lead(merge.survivor)));
        }
        answers.push(self.answer(need));
        answers
    }

    fn answer(&self, need: Need) -> Answer {
        match need {
            Need::Belongings(lead) => {
                let keys = self.keys.iter().filter(|(_, owner)| **owner == lead).map(|(key, _)| key.clone());
                let lists = self.members.iter().filter(|((_, member), _)| *member == lead);
                let member = |((list_id, lead_id), added_at): (&(Uuid, Uuid), &DateTime<Utc>)| Membership {
                    list_id: *list_id,
                    lead_id: *lead_id,
                    added_at: *added_at,
                };
                Answer::Belongings { lead, keys: keys.collect(), lists: lists.map(member).collect() }
            }
            Need::Provenance(lead) => {
                let of = self.provenance.iter().filter(|((of, _), _)| *of == lead);
                Answer::Provenance(lead, of.map(|(_, origin)| origin.clone()).collect())
            }
            Need::Spending(waterfall) => {
                let of = self.meters.iter().filter(|((of, _), _)| *of == waterfall);
                Answer::Spending(waterfall, of.map(|(_, meter)| meter.clone()).collect())
            }
            Need::Remembered(key) => {
                let found = self.remembered.get(&key).cloned().map(Box::new);
                Answer::Remembered(key, found)
            }
            Need::ActivityKey(key) => {
                let is_known = self.activity_keys.contains(&key);
                Answer::ActivityKey(key, is_known)
            }
            Need::Alike { of, probe, .. } => Answer::Alike(of, Box::new(self.alike(&probe))),
            Need::Merge(id) => Answer::Merge(id, self.merges.get(&id).cloned().map(Box::new)),
            Need::Key(key) => {
                let lead = self.keys.get(&key).copied();
                Answer::Key(key, lead)
            }
            Need::Lead(id) => Answer::Lead(id, self.leads.get(&id).cloned().map(Box::new)),
            Need::Pool(asked) => {
                let pool = self.pools.iter().find(|pool| pool.name == asked || pool.id.to_string() == asked);
                Answer::Pool(asked.clone(), pool.cloned())
            }
            Need::Team(name) => {
                let is_in = |owner: &&Arc<Owner>| owner.team() == Some(name.as_str());
                let owners = self.owners.iter().filter(is_in).cloned().collect();
                Answer::Team(name, owners)
            }
            Need::Owner(asked) => {
                let is = |owner: &&Arc<Owner>| {
                    [&owner.id.to_string(), &owner.email, &owner.name].contains(&&asked)
                };
                let owner = self.owners.iter().find(is).cloned();
                Answer::Owner(asked, owner)
            }
            Need::Clocks(lead) => {
                let open = self.clocks.iter().filter(|clock| clock.lead_id == lead && clock.is_open());
                Answer::Clocks(lead, open.cloned().collect())
            }
            Need::LatestOwner(account) => {
                let of = self
                    .leads
                    .values()
                    .rev()
                    .find(|lead| lead.account_id == Some(account) && lead.owner_id.is_some());
                Answer::LatestOwner(account, of.and_then(|lead| lead.owner_id))
            }
            Need::Load(owner) => {
                let mut load = BTreeMap::<String, u64>::new();
                for lead in self.leads.values().filter(|lead| lead.owner_id == Some(owner)) {
                    *load.entry(lead.stage.clone()).or_default() += 1;
                }
                Answer::Load(owner, load)
            }
            Need::List(asked) => {
                let list = self
                    .lists
                    .iter()
                    .find(|list| list.name == asked || list.id.to_string() == asked)
                    .cloned();
                Answer::List(asked, list)
            }
            Need::History(id) => Answer::History(id, self.traces(id, None)),
            Need::HistoryApart { lead, without } => {
                Answer::HistoryApart { lead, without, traces: self.traces(lead, Some(without)) }
            }
            Need::AccountKey(key) => {
                let has = |account: &&Arc<Account>| of_account(account).contains(&key);
                let ids = self.accounts.values().filter(has).map(|account| account.id).collect();
                Answer::AccountKey(key, OfKey { ids, is_common: false })
            }
            Need::Account(id) => {
                let account = self.accounts.get(&id);
                Answer::Account(id, account.map(|account| Candidate::new(Arc::clone(account), 0, None)))
            }
            Need::AccountMatch(lead) => {
                Answer::AccountMatch(lead, self.account_matches.get(&lead).cloned().map(Box::new))
            }
            Need::Imported { import, lead } => {
                Answer::Imported { import, lead, at: self.imported.get(&(import, lead)).copied() }
            }
            Need::Membership { list, lead } => {
                Answer::Membership { list, lead, is_member: self.members.contains_key(&(list, lead)) }
            }
            Need::Definitions(kind) => {
                let all = self.definitions.iter().filter(|(of, _)| *of == kind);
                Answer::Definitions(kind, all.map(|(_, definition)| definition.clone()).collect())
            }
        }
    }

    /// Those with a key or a word of the probe.
    fn alike(&self, probe: &Probe) -> Alike {
        let words = |lead: &Lead| {
            let text = format!("{} {:?} {:?}", lead.name(), lead.email, lead.company).to_lowercase();
            text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect::<BTreeSet<String>>()
        };
        let outright: Vec<Uuid> = probe.keys.iter().filter_map(|key| self.keys.get(key)).copied().collect();
        let (mut found, mut counts) = (Vec::new(), BTreeMap::new());
        for look in &probe.looks {
            let has = |word: &String| word.starts_with(&look.beginning);
            let leads = self.leads.values().filter(|lead| words(lead).iter().any(has));
            found.push(leads.map(|lead| lead.id).collect::<Vec<Uuid>>());
            let holders = self.leads.values().filter(|lead| words(lead).contains(&look.word)).count();
            counts.insert(look.word.clone(), Holders { at_least: holders as u32, is_all: true });
        }
        let people = self.leads.len() as u64;
        Alike { leads: rank(&outright, &found, people), people, counts, ..Alike::default() }
    }

    fn apply(&mut self, changes: Changes) {
        for (lead, origin) in changes.enriched.provenance {
            self.provenance.insert((lead, origin.field.clone()), origin);
        }
        for (waterfall, meter) in changes.enriched.meters {
            self.meters.insert((waterfall, meter.provider.clone()), meter);
        }
        for remembered in changes.enriched.remembered {
            self.remembered.insert(remembered.key.clone(), remembered);
        }
        for lead in changes.leads {
            self.leads.insert(lead.id, lead);
        }
        for (key, lead) in changes.keys {
            assert!(self.keys.insert(key.clone(), lead).is_none(), "{key:?} is claimed twice");
        }
        for (key, lead) in changes.moved_keys {
            assert!(self.keys.insert(key.clone(), lead).is_some(), "{key:?} was nobody's");
        }
        for lead in changes.absorbed {
            self.leads.remove(&lead);
        }
        for lead in changes.unmatched {
            assert!(self.account_matches.remove(&lead).is_some(), "nothing was known of it");
        }
        self.activity_keys.extend(changes.activity_keys.into_iter().map(|(key, _)| key));
        for merge in changes.merges {
            self.merges.insert(merge.id, merge);
        }
        for merge in changes.unmerged {
            assert!(self.merges.remove(&merge).is_some(), "taken back twice");
        }
        for counter in changes.pool_counters {
            let pool = self.pools.iter_mut().find(|pool| pool.id == counter.pool_id).unwrap();
            let member = pool.members.iter_mut().find(|member| member.owner.id == counter.owner_id).unwrap();
            (member.credit, member.assigned) = (counter.credit, counter.assigned);
            (member.last_turn, member.tallies) = (counter.last_turn, counter.tallies);
        }
        for list in changes.lists {
            assert!(self.lists.iter().all(|other| other.name != list.name), "two lists {}", list.name);
            self.lists.push(list);
        }
        for left in changes.left_lists {
            assert!(self.members.remove(&left).is_some(), "taken off a list it is not on");
        }
        for member in changes.list_members {
            let before = self.members.insert((member.list_id, member.lead_id), member.added_at);
            assert!(before.is_none(), "on the list twice");
        }
        self.activities.extend(changes.activities);
        self.accounts.extend(changes.accounts.into_iter().map(|account| (account.id, account)));
        self.unsettled.extend(changes.unsettled_accounts);
        self.account_matches.extend(changes.account_matches.into_iter().map(|found| (found.lead_id, found)));
        for stretch in changes.imports {
            self.imported.extend(stretch.leads().map(|lead| ((stretch.import, lead), stretch.at)));
            self.outcomes.extend(stretch.rows);
        }
        for (lead, keys) in changes.gone {
            assert!(self.leads.remove(&lead).is_some(), "a lead that goes was there");
            assert!(keys.iter().all(|key| self.keys.remove(key) == Some(lead)), "its keys go with it");
            self.members.retain(|(_, member), _| *member != lead);
            self.activities.retain(|activity| activity.lead_id != lead);
        }
        for clock in changes.clocks {
            match self.clocks.iter_mut().find(|known| known.id == clock.id) {
                Some(known) => *known = clock,
                None => self.clocks.push(clock),
            }
        }
    }

    /// The account `id` with the names it refers to.
    pub(super) fn profile(&self, id: Uuid) -> Profile {
        let account = Arc::clone(&self.accounts[&id]);
        let owner = self.owners.iter().find(|owner| Some(owner.id) == account.owner_id);
        let parent = account.parent_id.map(|parent| self.accounts[&parent].name.clone());
        Profile { owner: owner.map(|owner| owner.name.clone()), parent, account }
    }

    /// What the lead and those that went into it did, without what came with `without`.
    pub(super) fn traces(&self, lead: Uuid, without: Option<Uuid>) -> Vec<Trace> {
        let of = |activity: &&Activity| activity.lead_id == lead;
        let trace = |activity: &Activity| Trace {
            kind: activity.kind,
            title: activity.title.clone(),
            touch: activity.touch.as_ref().map(|touch| touch.kind.clone()),
            at: activity.at,
        };
        let own = self.activities.iter().filter(of).map(trace);
        let parts = self.merges.values().filter(|merge| merge.survivor == lead).map(|merge| merge.merged.id);
        let parts = parts.filter(|part| Some(*part) != without).flat_map(|part| self.traces(part, None));
        own.chain(parts).collect()
    }

    /// Adds a pool of active members with these names and weights.
    pub(super) fn with_pool(mut self, name: &str, members: &[(&str, u32)]) -> Self {
        let members =
            members.iter().map(|(owner, weight)| Member::new(self.owner(owner), *weight, true)).collect();
        let id = Uuid::from_u128(0x9001 + self.pools.len() as u128);
        self.pools.push(Pool { id, name: name.into(), members, rules: PoolRules::default() });
        self
    }

    /// The owner called `name`, who is added when new.
    pub(super) fn owner(&mut self, name: &str) -> Arc<Owner> {
        if let Some(owner) = self.owners.iter().find(|owner| owner.name == name) {
            return Arc::clone(owner);
        }
        let id = Uuid::from_u128(0xa001 + self.owners.len() as u128);
        let email = format!("{}@trunkline.example", name.to_lowercase());
        self.owners.push(Arc::new(Owner { id, name: name.into(), email, work: None }));
        Arc::clone(&self.owners[self.owners.len() - 1])
    }
}

/// Performs operations as the store's writer does, with ids and moments that count up.
#[derive(Debug, Clone, Default)]
pub(super) struct Desk {
    pub(super) shelf: Shelf,
    pub(super) rules: Arc<Rules>,
    ids: u128,
    moments: i64,
    /// Seconds from one operation to the next; 1 when 0.
    pub(super) pace: i64,
    /// The moment at which everything happens, when it is set.
    pub(super) at: Option<DateTime<Utc>>,
}

impl Desk {
    pub(super) fn new(shelf: Shelf) -> Self {
        Self { shelf, ..Self::default() }
    }

    fn book(&self) -> Book {
        Book::with_rules(crate::stage::default_ladder(), Arc::clone(&self.rules))
    }

    /// Performs `operation` in a transaction of its own.
    pub(super) fn perform(&mut self, operation: &Operation) -> Outcome {
        self.transaction(std::slice::from_ref(operation)).pop().unwrap()
    }

    /// Performs `operations` in one transaction: what all of them need is loaded before the first is performed.
    pub(super) fn transaction(&mut self, operations: &[Operation]) -> Vec<Outcome> {
        let mut book = self.book();
        loop {
            let needs: Vec<Need> = operations.iter().flat_map(|operation| book.needs(operation)).collect();
            if needs.is_empty() {
                break;
            }
            book.supply(needs.into_iter().flat_map(|need| self.shelf.answers(need)));
        }
        let outcomes = operations.iter().map(|operation| self.perform_in(&mut book, operation)).collect();
        self.shelf.apply(book.take_changes());
        assert!(book.take_changes().is_empty(), "changes are handed out once");
        outcomes
    }

    /// Performs `operations` in one transaction, each with its needs loaded just before.
    pub(super) fn one_by_one(&mut self, operations: &[Operation]) -> Vec<Outcome> {
        let mut book = self.book();
        let outcomes = operations
            .iter()
            .map(|operation| {
                loop {
                    let needs = book.needs(operation);
                    if needs.is_empty() {
                        return self.perform_in(&mut book, operation);
                    }
                    book.supply(needs.into_iter().flat_map(|need| self.shelf.answers(need)));
                }
            })
            .collect();
        self.shelf.apply(book.take_changes());
        outcomes
    }

    /// Performs each of `parts` in a transaction that begins before the one before it is durable, as soon as something is
    /// to be loaded that may not be answered early.
    pub(super) fn overlapping(&mut self, parts: &[&[Operation]]) -> Vec<Outcome> {
        let (mut book, mut outcomes) = (self.book(), Vec::new());
        let mut not_durable: Option<Changes> = None;
        for operations in parts {
            for operation in *operations {
                loop {
                    let needs = book.needs(operation);
                    if needs.is_empty() {
                        break;
                    }
                    if !needs.iter().all(Need::may_be_answered_early)
                        && let Some(changes) = not_durable.take()
                    {
                        self.shelf.apply(changes);
                    }
                    book.supply(needs.into_iter().flat_map(|need| self.shelf.answers(need)));
                }
                outcomes.push(self.perform_in(&mut book, operation));
            }
            let successor = book.successor();
            let changes = book.take_changes();
            if let Some(before) = not_durable.replace(changes) {
                self.shelf.apply(before);
            }
            book = match successor {
                Some(next) => next,
                None => {
                    self.shelf.apply(not_durable.take().expect("just put there"));
                    self.book()
                }
            };
        }
        if let Some(last) = not_durable {
            self.shelf.apply(last);
        }
        outcomes
    }

    fn perform_in(&mut self, book: &mut Book, operation: &Operation) -> Outcome {
        self.moments += self.pace.max(1);
        let at = self.at.unwrap_or_else(|| now(self.moments));
        let mut new_id = || {
            self.ids += 1;
            Uuid::from_u128(self.ids)
        };
        let occasion = Occasion {
            at,
            run_id: Some(Uuid::from_u128(0xf001)),
            step: Some("step"),
            by: None,
            new_id: &mut new_id,
        };
        book.perform(operation, occasion)
    }

    /// Lets time go by.
    pub(super) fn pass(&mut self, time: TimeDelta) {
        self.moments += time.num_seconds();
    }

    /// The moment of the latest operation.
    pub(super) fn now(&self) -> DateTime<Utc> {
        now(self.moments)
    }

    /// The only lead there is.
    pub(super) fn only_lead(&self) -> &Lead {
        assert_eq!(self.shelf.leads.len(), 1);
        self.shelf.leads.values().next().unwrap()
    }

    /// Titles of all activities, oldest first.
    pub(super) fn timeline(&self) -> Vec<&str> {
        self.shelf.activities.iter().map(|activity| activity.title.as_str()).collect()
    }
}

pub(super) fn now(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds)
}

#[test]
fn what_was_not_loaded_is_said_and_changes_nothing() {
    let mut book = Book::new();
    for operation in [
        identity::event(&["email"], serde_json::json!({"email": "ada@example.com"})),
        standing::stage(1, "MQL"),
        standing::list(1, "Nurture"),
        turns::route(1, "AE"),
    ] {
        let mut new_id = || panic!("nothing is made");
        let occasion = Occasion { at: now(0), run_id: None, step: None, by: None, new_id: &mut new_id };
        assert_eq!(book.perform(&operation, occasion).unwrap_err().code, "LEAD-0010");
    }
    assert!(book.take_changes().is_empty());
}

#[test]
fn what_the_book_knows_is_not_replaced() {
    let mut desk = Desk::default();
    let operation = identity::event(&["email"], serde_json::json!({"email": "ada@example.com"}));
    let mut book = Book::new();
    let needs = book.needs(&operation);
    let stale: Vec<Answer> = needs.into_iter().map(|need| desk.shelf.answer(need)).collect();
    book.supply(stale.clone());
    let first = desk.perform_in(&mut book, &operation).unwrap();
    book.supply(stale);
    let second = desk.perform_in(&mut book, &operation).unwrap();
    assert_eq!((&first.output["created"], &second.output["created"]), (&true.into(), &false.into()));
    assert_eq!(first.output["lead"]["id"], second.output["lead"]["id"]);
}
