//! The unit of work on leads: what one transaction knows of them and what it changes, for many runs at once.
//!
//! A book starts empty. Before an operation is performed, [`Book::needs`] says what has to be known for it; the store
//! loads that for many operations in one statement and hands it in with [`Book::supply`], until nothing is needed any
//! more (the lead behind a key becomes known only when the key is). [`Book::perform`] then works in memory, and later
//! operations of the same transaction see what earlier ones did. At the end [`Book::take_changes`] hands out everything
//! to be written.
//!
//! The needs of many operations may be met at once, before the first of them is performed: nothing that an operation
//! does makes another need more.
//!
//! A book belongs to one workspace and one transaction: it does not notice what others write. When the transaction is
//! rolled back, drop the book, and every [successor](Book::successor) of it. It never writes, and `supply` never replaces
//! what the book already knows.

mod accounts;
mod add_to_list;
mod assess;
mod carried;
mod clocks;
mod edit;
mod enrich;
mod find_duplicates;
mod find_or_create;
mod import_rows;
mod lists;
mod log_activity;
mod merge;
mod need;
mod needs;
mod occasion;
mod put_back;
mod remove_from_list;
mod route;
mod seen;
mod set_score;
mod set_stage;
mod successor;
#[cfg(test)]
mod tests;
mod undo_import;
mod words;

pub use accounts::OfKey;
pub use enrich::Enriched;
pub use need::{Answer, Need};
pub use occasion::Occasion;
pub(crate) use words::{all_of, any_of};

use crate::account::{Account, AccountActivity};
use crate::activity::{Activity, ActivityKind, Touch};
use crate::criteria::{History, Trace};
use crate::definition::{self, Definition};
use crate::failures;
use crate::importing::Stretch;
use crate::key::Key;
use crate::lead::Lead;
use crate::linkage::Alike;
use crate::list::{List, Membership};
use crate::matching::LeadMatch;
use crate::merge::Merge;
use crate::operation::Operation;
use crate::pool::{Counter, Owner, Pool};
use crate::sla::Clock;
use crate::stage::{self, Stage};
use crate::standing::{Rules, SegmentMove, Stay};
use accounts::KnownAccounts;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use uuid::Uuid;

/// Everything a book changed, each thing once and in the order it was first touched.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Changes {
    /// Full rows of new and changed leads, to be inserted or replaced.
    pub leads: Vec<Lead>,
    /// New keys and the lead each belongs to. Keys are never taken away, only moved by merges: a lead is still found by
    /// an address it once had.
    pub keys: Vec<(Key, Uuid)>,
    /// New entries of timelines, in the order they happened.
    pub activities: Vec<Activity>,
    /// New counters of every member of the pools that dealt turns.
    pub pool_counters: Vec<Counter>,
    /// Full rows of new and changed clocks.
    pub clocks: Vec<Clock>,
    /// New lists.
    pub lists: Vec<List>,
    /// Leads that are taken off a list, each with the list first. This comes before `list_members`, which may hold one of
    /// them that joined again.
    pub left_lists: Vec<(Uuid, Uuid)>,
    /// Leads newly on lists.
    pub list_members: Vec<Membership>,
    /// Stays in stages that ended.
    pub stays: Vec<Stay>,
    /// Leads that entered and left segments, in the order they did.
    pub segment_moves: Vec<SegmentMove>,
    /// Full rows of new and changed accounts, to be inserted or replaced.
    pub accounts: Vec<Arc<Account>>,
    /// New entries of the timelines of accounts, in the order they happened.
    pub account_activities: Vec<AccountActivity>,
    /// Accounts that changed and whose leads may stand elsewhere for it: they are looked at again afterwards.
    pub unsettled_accounts: Vec<Uuid>,
    /// How leads stand with their accounts, to be inserted or replaced.
    pub account_matches: Vec<LeadMatch>,
    /// Leads of which it is no longer known how they stand. None of them is in `account_matches`.
    pub unmatched: Vec<Uuid>,
    /// What became of rows of imports.
    pub imports: Vec<Stretch>,
    /// Leads that go with everything about them, each with its keys. None of them is in `leads`.
    pub gone: Vec<(Uuid, Vec<Key>)>,
    /// Keys that belong to another lead than before.
    pub moved_keys: Vec<(Key, Uuid)>,
    /// Leads that went into another; none of them is in `leads`.
    pub absorbed: Vec<Uuid>,
    /// New merges.
    pub merges: Vec<Merge>,
    /// What providers gave, answered and cost.
    pub enriched: Enriched,
    /// Merges that were taken back.
    pub unmerged: Vec<Uuid>,
    /// What tells new activities apart where they come from, each with its lead.
    pub activity_keys: Vec<(String, Uuid)>,
}

impl Changes {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.leads.is_empty()
            && self.keys.is_empty()
            && self.activities.is_empty()
            && self.pool_counters.is_empty()
            && self.clocks.is_empty()
            && self.lists.is_empty()
            && self.list_members.is_empty()
            && self.left_lists.is_empty()
            && self.stays.is_empty()
            && self.segment_moves.is_empty()
            && self.accounts.is_empty()
            && self.account_activities.is_empty()
            && self.unsettled_accounts.is_empty()
            && self.account_matches.is_empty()
            && self.unmatched.is_empty()
            && self.imports.is_empty()
            && self.gone.is_empty()
            && self.moved_keys.is_empty()
            && self.absorbed.is_empty()
            && self.merges.is_empty()
            && self.unmerged.is_empty()
            && self.enriched.is_empty()
            && self.activity_keys.is_empty()
    }
}

/// See the [module](self).
#[derive(Debug)]
pub struct Book {
    stages: Arc<[Stage]>,
    rules: Arc<Rules>,
    leads: HashMap<Uuid, Option<Entry>>,
    histories: HashMap<Uuid, History>,
    /// What a lead did without one that is part of it, the lead first.
    apart: HashMap<(Uuid, Uuid), History>,
    keys: HashMap<Key, Option<Uuid>>,
    pools: HashMap<Uuid, Dealt>,
    pool_names: HashMap<String, Option<Uuid>>,
    /// Teams that rows of tables lead to; without members when nobody belongs to them.
    teams: HashMap<String, Pool>,
    owners: HashMap<String, Option<Arc<Owner>>>,
    loads: HashMap<Uuid, BTreeMap<String, u64>>,
    clocks: HashMap<Uuid, Vec<Clock>>,
    latest_owners: HashMap<Uuid, Option<Uuid>>,
    lists: HashMap<String, Option<List>>,
    members: HashMap<(Uuid, Uuid), bool>,
    definitions: HashMap<&'static str, Arc<[Definition]>>,
    accounts: KnownAccounts,
    /// When rows of an import were last about a lead, the import first.
    imported: HashMap<(Uuid, Uuid), Option<DateTime<Utc>>>,
    /// Loaded keys and lists of leads that are merged.
    keys_of: HashMap<Uuid, Vec<Key>>,
    lists_of: HashMap<Uuid, Vec<Membership>>,
    merges: HashMap<Uuid, Option<Box<Merge>>>,
    enrichment: enrich::Known,
    /// Which leads are like what was looked for.
    alike: HashMap<String, Alike>,
    /// Whether activities with these keys were noted.
    activity_keys: HashMap<String, bool>,
    /// Leads that went into another, and which.
    redirects: HashMap<Uuid, Uuid>,
    /// Leads and lists made here: what the store cannot know anything of.
    fresh: HashSet<Uuid>,
    /// Changed leads in the order they were first changed.
    touched_leads: Vec<Uuid>,
    /// Leads that the operation at hand changed, or that something happened to.
    stirred: Vec<Uuid>,
    /// Pools that dealt turns in the order they first did.
    touched_pools: Vec<Uuid>,
    /// Clocks that started or changed, each with its lead first.
    touched_clocks: Vec<(Uuid, Uuid)>,
    /// What is only ever added to: keys, activities, lists and memberships.
    added: Changes,
}

#[derive(Debug)]
struct Entry {
    lead: Box<Lead>,
    touched: bool,
    /// What the rules looked at when it was last assessed here.
    glance: Option<Vec<Value>>,
}

impl Entry {
    fn new(lead: Box<Lead>, touched: bool) -> Self {
        Self { lead, touched, glance: None }
    }
}

#[derive(Debug)]
struct Dealt {
    pool: Pool,
    touched: bool,
}

impl Default for Book {
    fn default() -> Self {
        Self::new()
    }
}

impl Book {
    /// An empty book of a workspace with the default ladder of stages.
    #[must_use]
    pub fn new() -> Self {
        Self::with_stages(stage::default_ladder())
    }

    /// An empty book of a workspace with its own ladder of stages.
    #[must_use]
    pub fn with_stages(stages: Arc<[Stage]>) -> Self {
        Self::with_rules(stages, Arc::default())
    }

    /// An empty book of a workspace with its own ladder of stages and its published rules. A lifecycle among the rules
    /// brings its own ladder.
    #[must_use]
    pub fn with_rules(stages: Arc<[Stage]>, rules: Arc<Rules>) -> Self {
        Self {
            stages: rules.lifecycle().map_or(stages, crate::lifecycle::Lifecycle::ladder),
            rules,
            leads: HashMap::new(),
            histories: HashMap::new(),
            apart: HashMap::new(),
            stirred: Vec::new(),
            keys: HashMap::new(),
            pools: HashMap::new(),
            pool_names: HashMap::new(),
            teams: HashMap::new(),
            owners: HashMap::new(),
            loads: HashMap::new(),
            clocks: HashMap::new(),
            latest_owners: HashMap::new(),
            lists: HashMap::new(),
            members: HashMap::new(),
            definitions: HashMap::new(),
            accounts: KnownAccounts::default(),
            imported: HashMap::new(),
            keys_of: HashMap::new(),
            lists_of: HashMap::new(),
            merges: HashMap::new(),
            enrichment: enrich::Known::default(),
            alike: HashMap::new(),
            activity_keys: HashMap::new(),
            redirects: HashMap::new(),
            fresh: HashSet::new(),
            touched_leads: Vec::new(),
            touched_pools: Vec::new(),
            touched_clocks: Vec::new(),
            added: Changes::default(),
        }
    }

    /// The published rules of its workspace.
    #[must_use]
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Takes in what was asked for with [`Book::needs`]. What the book already knows stays: it may be newer.
    pub fn supply(&mut self, answers: impl IntoIterator<Item = Answer>) {
        for answer in answers {
            match answer {
                Answer::Key(key, lead) => {
                    self.keys.entry(key).or_insert(lead);
                }
                Answer::Lead(id, lead) => {
                    self.leads.entry(id).or_insert_with(|| lead.map(|lead| Entry::new(lead, false)));
                }
                Answer::Pool(asked, pool) => {
                    self.pool_names.entry(asked).or_insert(pool.as_ref().map(|pool| pool.id));
                    if let Some(pool) = pool {
                        self.pools.entry(pool.id).or_insert(Dealt { pool, touched: false });
                    }
                }
                Answer::Team(name, owners) => {
                    let team = Pool::of_team(&name, owners);
                    self.teams.entry(name).or_insert(team);
                }
                Answer::Owner(asked, owner) => {
                    self.owners.entry(asked).or_insert(owner);
                }
                Answer::Clocks(lead, clocks) => {
                    self.clocks.entry(lead).or_insert(clocks);
                }
                Answer::LatestOwner(account, owner) => {
                    self.latest_owners.entry(account).or_insert(owner);
                }
                Answer::Load(owner, load) => {
                    self.loads.entry(owner).or_insert(load);
                }
                Answer::List(asked, list) => {
                    self.lists.entry(asked).or_insert(list);
                }
                Answer::AccountKey(key, of) => self.accounts.supply_key(key, of),
                Answer::Account(id, account) => self.accounts.supply_account(id, account),
                Answer::AccountMatch(lead, found) => self.accounts.supply_match(lead, found),
                Answer::Membership { list, lead, is_member } => {
                    self.members.entry((list, lead)).or_insert(is_member);
                }
                Answer::Definitions(kind, all) => {
                    self.definitions.entry(kind).or_insert(all);
                }
                Answer::History(id, traces) => {
                    let watch = self.rules.watch();
                    self.histories.entry(id).or_insert_with(|| watch.history(&traces));
                }
                Answer::HistoryApart { lead, without, traces } => {
                    let watch = self.rules.watch();
                    self.apart.entry((lead, without)).or_insert_with(|| watch.history(&traces));
                }
                Answer::Imported { import, lead, at } => {
                    self.imported.entry((import, lead)).or_insert(at);
                }
                Answer::Belongings { lead, keys, lists } => {
                    self.keys_of.entry(lead).or_insert(keys);
                    self.lists_of.entry(lead).or_insert(lists);
                }
                Answer::Merge(id, merge) => {
                    self.merges.entry(id).or_insert(merge);
                }
                Answer::Provenance(lead, known) => self.enrichment.supply_provenance(lead, known),
                Answer::Spending(waterfall, meters) => self.enrichment.supply_spending(waterfall, meters),
                Answer::Remembered(key, found) => {
                    self.enrichment.answers.supply(key, found.map(|found| *found));
                }
                Answer::ActivityKey(key, is_known) => {
                    self.activity_keys.entry(key).or_insert(is_known);
                }
                Answer::Alike(of, alike) => {
                    self.alike.entry(of).or_insert(*alike);
                }
                Answer::Redirect { from, to } => {
                    // A lead that is here was brought back in this transaction.
                    if !matches!(self.leads.get(&from), Some(Some(_))) {
                        self.redirects.entry(from).or_insert(to);
                    }
                }
            }
        }
    }

    /// Performs `operation`, or changes nothing.
    ///
    /// # Errors
    /// A failure with a `LEAD-...` code; `LEAD-0010` when something that [`Book::needs`] names was not supplied.
    pub fn perform(
        &mut self,
        operation: &Operation,
        mut occasion: Occasion<'_>,
    ) -> Result<Performed, Failure> {
        self.stirred.clear();
        let operation = self.redirected(operation);
        let performed = match &*operation {
            Operation::FindOrCreate(input) => self.find_or_create(input, &mut occasion),
            Operation::SetScore(input) => self.set_score(input, &occasion),
            Operation::ScoreBy(input) => self.score_by(input, &occasion),
            Operation::Assess(input) => return self.assess(input, &occasion),
            Operation::InSegment(input) => return self.in_segment(input, &occasion),
            Operation::Route(input) => self.route(input, &mut occasion),
            Operation::SetStage(input) => self.set_stage(input, &occasion),
            Operation::AddToList(input) => self.add_to_list(input, &mut occasion),
            Operation::RemoveFromList(input) => self.remove_from_list(input, &occasion),
            Operation::LogActivity(input) => self.log_activity(input, &occasion),
            Operation::Edit(input) => self.edit(input, &mut occasion),
            Operation::AcceptLead(input) => self.accept_lead(input, &occasion),
            Operation::WakeClock(input) => self.wake_clock(input, &mut occasion),
            Operation::Enrich(input) => self.enrich(input, &occasion),
            Operation::PutBack(input) => self.put_back(input, &occasion),
            Operation::Account(operation) => self.on_accounts(operation, &mut occasion),
            Operation::ImportRows(input) => Ok(self.import_rows(input, &mut occasion)),
            Operation::UndoImport(input) => self.undo_import(input, &occasion),
            Operation::FindDuplicates(input) => return self.find_duplicates(input),
            Operation::Merge(input) => self.merge(input, &mut occasion),
            Operation::Unmerge(input) => self.unmerge(input, &occasion),
        };
        let mut performed = performed?;
        self.settle(&mut performed, &occasion);
        self.add_account(&mut performed.output);
        if matches!(&*operation, Operation::ImportRows(_) | Operation::UndoImport(_)) {
            // Thousands of leads: their timelines tell what changed, and a run's journal need not tell it again.
            performed.written = Vec::new();
        }
        Ok(performed)
    }

    /// What happened so far, in order.
    #[must_use]
    pub fn activities(&self) -> &[Activity] {
        &self.added.activities
    }

    /// The lead `id` as it stands here; `None` when the book does not know it.
    #[must_use]
    pub fn known_lead(&self, id: Uuid) -> Option<&Lead> {
        self.leads.get(&id)?.as_ref().map(|entry| &*entry.lead)
    }

    /// Hands out everything that changed. The book is empty afterwards and knows nothing any more.
    #[must_use]
    pub fn take_changes(&mut self) -> Changes {
        let empty = Self::with_rules(Arc::clone(&self.stages), Arc::clone(&self.rules));
        let mut book = std::mem::replace(self, empty);
        let clocks = book.changed_clocks();
        let mut changes = book.added;
        changes.clocks = clocks;
        changes.leads = book
            .touched_leads
            .iter()
            .filter_map(|id| book.leads.remove(id).flatten())
            .map(|entry| *entry.lead)
            .collect();
        changes.pool_counters =
            book.touched_pools.iter().flat_map(|id| book.pools[id].pool.counters()).collect();
        if book.rules.follow_accounts() {
            changes.unsettled_accounts = book.accounts.take_changed();
        }
        changes.accounts = book.accounts.take_accounts();
        changes.enriched = book.enrichment.take();
        (changes.account_matches, changes.unmatched) = book.accounts.take_matches();
        changes
    }

    /// `operation` about the leads that those it names went into.
    fn redirected<'a>(&self, operation: &'a Operation) -> Cow<'a, Operation> {
        let mut operation = Cow::Borrowed(operation);
        if !self.redirects.is_empty() {
            for lead in operation.to_mut().leads_mut() {
                *lead = self.resolved(*lead);
            }
        }
        operation
    }

    /// The lead that `id` is part of; itself when it went into no other.
    fn resolved(&self, id: Uuid) -> Uuid {
        let mut at = id;
        // Merges never close a circle: a lead that is gone cannot take another in.
        while let Some(next) = self.redirects.get(&at) {
            at = *next;
        }
        at
    }

    /// The lead `id`.
    fn lead(&self, id: Uuid) -> Result<&Lead, Failure> {
        match self.leads.get(&id) {
            Some(Some(entry)) => Ok(&entry.lead),
            Some(None) => Err(failures::no_such_lead(id)),
            None => Err(failures::not_supplied("the lead")),
        }
    }

    /// The definitions of a kind that are in force.
    pub(crate) fn definitions(&self, kind: &'static str) -> Result<&Arc<[Definition]>, Failure> {
        self.definitions.get(kind).ok_or_else(|| failures::not_supplied("what is defined"))
    }

    /// The definition of a kind that `asked` names, by name or id in text; `None` when none in force is called so.
    pub(crate) fn definition(&self, kind: &'static str, asked: &str) -> Result<Option<&Definition>, Failure> {
        Ok(definition::find(self.definitions(kind)?, asked.trim()))
    }

    /// The lead `id`, about to change. Only after everything that can fail.
    fn change(&mut self, id: Uuid, at: DateTime<Utc>) -> &mut Lead {
        self.touch(id);
        self.stirred.push(id);
        let lead = self.lead_mut(id);
        lead.updated_at = at;
        lead
    }

    /// Has the lead written again.
    fn touch(&mut self, id: Uuid) {
        let entry = self.leads.get_mut(&id).and_then(Option::as_mut).expect("read before it is changed");
        if !entry.touched {
            entry.touched = true;
            self.touched_leads.push(id);
        }
    }

    fn lead_mut(&mut self, id: Uuid) -> &mut Lead {
        &mut self.leads.get_mut(&id).and_then(Option::as_mut).expect("read before it is changed").lead
    }

    /// What the lead did, as far as the rules ask; `None` when that was not loaded.
    fn history_of(&self, id: Uuid) -> Option<&History> {
        static NOTHING: std::sync::LazyLock<History> = std::sync::LazyLock::new(History::default);
        let nothing_known = || self.rules.watch().is_empty() || self.fresh.contains(&id);
        self.histories.get(&id).or_else(|| nothing_known().then(|| &*NOTHING))
    }

    fn note(&mut self, lead_id: Uuid, occasion: &Occasion<'_>, entry: Note) {
        self.stirred.push(lead_id);
        if !self.rules.watch().is_empty() {
            self.remember(lead_id, &entry, occasion.at);
        }
        self.added.activities.push(Activity {
            lead_id,
            at: occasion.at,
            kind: entry.kind,
            title: entry.title,
            why: entry.why,
            old: entry.old,
            new: entry.new,
            detail: Value::Null,
            run_id: occasion.run_id,
            step: occasion.step.map(str::to_owned),
            by: occasion.by.cloned(),
            touch: entry.touch,
        });
    }
}

impl Book {
    /// Adds something that the rules ask for to what the lead did.
    fn remember(&mut self, lead: Uuid, note: &Note, at: DateTime<Utc>) {
        let touch = note.touch.as_ref().map(|touch| touch.kind.clone());
        let trace = Trace { kind: note.kind, title: note.title.clone(), touch, at };
        if !self.rules.watch().sees(&trace) {
            return;
        }
        if self.fresh.contains(&lead) {
            self.histories.entry(lead).or_default();
        }
        let apart = self.apart.iter_mut().filter(|((of, _), _)| *of == lead).map(|(_, history)| history);
        for history in apart.chain(self.histories.get_mut(&lead)) {
            history.take(self.rules.watch(), &trace);
        }
        if let Some(Some(entry)) = self.leads.get_mut(&lead) {
            entry.glance = None;
        }
    }
}

/// An activity without its circumstances.
struct Note {
    kind: ActivityKind,
    title: String,
    why: Option<String>,
    old: Value,
    new: Value,
    touch: Option<Touch>,
}
