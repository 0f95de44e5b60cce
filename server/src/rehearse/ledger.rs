//! What a rehearsal knows of leads: what it read, and what it would have written so far.
//!
//! Every operation is performed on a [`Book`] of its own that is filled from here, and what it changed comes back here,
//! so that later steps see earlier captured writes. Nothing ever goes to the store.

mod answers;
mod enrichment;

use super::failures;
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{self, Performer, Recipient};
use trunkline_engine::run::Performed;
use trunkline_leads::criteria::Trace;
use trunkline_leads::matching::key::of_account;
use trunkline_leads::matching::{Candidate, LeadMatch};
use trunkline_leads::standing::Rules;
use trunkline_leads::suppression::{self, Refusal, Register, SuppressionOperation};
use trunkline_leads::table::{self, Shelf, TableOperation};
use trunkline_leads::{
    Answer, Book, Changes, Counter, Key, Lead, List, Need, Occasion, Operation, Owner, Pool, Stage,
};
use trunkline_store::{Store, WorkspaceId};
use uuid::Uuid;

/// Where a rehearsal learns of leads that it has not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leads {
    /// From the store, as they are now.
    Today,
    /// Nowhere: only what an old run shows of them counts.
    OfThePast,
}

/// The pools of a workspace as they are now, with the turns that rehearsals have dealt. Shared by all rehearsals of one
/// job: a thousand leads are spread over a pool as a thousand real ones would be.
type Pools = Arc<Mutex<Vec<Pool>>>;

/// Tables and counters with what rehearsals have written to them. Those that read today's share one, as the pools: of a
/// thousand rows of a file the last sees what the first wrote.
type Shelves = Arc<tokio::sync::Mutex<Shelf>>;

/// See the [module](self).
#[derive(Debug)]
pub struct Ledger {
    store: Store,
    workspace: WorkspaceId,
    source: Leads,
    stages: Arc<[Stage]>,
    rules: Arc<Rules>,
    pools: Pools,
    shelf: Shelves,
    register: Register,
    owners: Vec<Arc<Owner>>,
    lists: Vec<List>,
    leads: HashMap<Uuid, Option<Lead>>,
    keys: HashMap<Key, Option<Uuid>>,
    members: HashMap<(Uuid, Uuid), bool>,
    /// What leads did here.
    traces: HashMap<Uuid, Vec<Trace>>,
    /// Accounts that would be made or changed, and their keys.
    accounts: HashMap<Uuid, Candidate>,
    account_keys: HashMap<String, BTreeSet<Uuid>>,
    account_matches: HashMap<Uuid, LeadMatch>,
    /// Leads and lists that exist only here.
    made: HashSet<Uuid>,
    /// Leads that stand otherwise than an old run left them.
    changed: HashSet<Uuid>,
}

/// What is the same for all rehearsals of one job.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The store to read from.
    pub store: Store,
    /// Whose leads.
    pub workspace: WorkspaceId,
    stages: Arc<[Stage]>,
    rules: Arc<Rules>,
    pools: Pools,
    shelf: Shelves,
    owners: Vec<Arc<Owner>>,
    lists: Vec<List>,
}

impl Surroundings {
    /// Stages, pools, owners and lists as they are now.
    ///
    /// # Errors
    /// The store's.
    pub async fn of(store: &Store, workspace: WorkspaceId) -> Result<Self, trunkline_store::Error> {
        let lists = store.leads.lists(workspace).await?;
        Ok(Self {
            store: store.clone(),
            workspace,
            stages: store.leads.stages(workspace).await?.into(),
            rules: Arc::new(store.rules(workspace).await?),
            pools: Arc::new(Mutex::new(store.leads.pools(workspace).await?)),
            shelf: Shelves::default(),
            owners: store.leads.owners(workspace).await?.into_iter().map(Arc::new).collect(),
            lists: lists.into_iter().map(|row| List { id: row.list.id, name: row.list.name }).collect(),
        })
    }

    /// A ledger in which nothing is written yet.
    #[must_use]
    pub fn ledger(&self, source: Leads) -> Ledger {
        Ledger {
            store: self.store.clone(),
            workspace: self.workspace,
            source,
            stages: Arc::clone(&self.stages),
            rules: Arc::clone(&self.rules),
            pools: Arc::clone(&self.pools),
            shelf: match source {
                Leads::Today => Arc::clone(&self.shelf),
                Leads::OfThePast => Shelves::default(),
            },
            register: Register::default(),
            owners: self.owners.clone(),
            lists: self.lists.clone(),
            leads: HashMap::new(),
            keys: HashMap::new(),
            members: HashMap::new(),
            traces: HashMap::new(),
            accounts: HashMap::new(),
            account_keys: HashMap::new(),
            account_matches: HashMap::new(),
            made: HashSet::new(),
            changed: HashSet::new(),
        }
    }
}

/// Why an operation could not be performed.
#[derive(Debug)]
pub enum Unperformed {
    /// It failed as it would in a run.
    Failed(Failure),
    /// It needs something that the old run never asked; in words.
    NotKnown(String),
}

impl From<Failure> for Unperformed {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Ledger {
    /// Performs `operation` at `at`. A lead that it makes is called `id` when that is given.
    ///
    /// # Errors
    /// See [`Unperformed`].
    pub async fn perform(
        &mut self,
        operation: &kind::Operation,
        at: DateTime<Utc>,
        step: &str,
        id: Option<Uuid>,
    ) -> Result<Performed, Unperformed> {
        match operation.performer {
            Performer::Tables => return self.perform_on_tables(operation, at, step).await,
            Performer::Suppressions => return self.perform_on_suppression(operation, at, step).await,
            Performer::Leads | Performer::Http | Performer::App | Performer::Plugin => {}
        }
        let operation = Operation::read(&operation.action, &operation.input)?;
        let mut book = Book::with_rules(Arc::clone(&self.stages), Arc::clone(&self.rules));
        loop {
            let needs = book.needs(&operation);
            if needs.is_empty() {
                break;
            }
            let mut answers = Vec::with_capacity(needs.len());
            for need in needs {
                if let Need::Lead(from) = need
                    && let Some(to) = self.find_redirect(from).await?
                {
                    answers.push(Answer::Redirect { from, to });
                }
                answers.push(self.answer(need).await?);
            }
            book.supply(answers);
        }
        let mut given = id;
        let mut new_id = || given.take().unwrap_or_else(Uuid::now_v7);
        let occasion = Occasion { at, run_id: None, step: Some(step), by: None, new_id: &mut new_id };
        let performed = book.perform(&operation, occasion)?;
        self.fold(book.take_changes());
        Ok(performed)
    }

    async fn perform_on_suppression(
        &mut self,
        operation: &kind::Operation,
        at: DateTime<Utc>,
        step: &str,
    ) -> Result<Performed, Unperformed> {
        let operation = SuppressionOperation::read(&operation.action, &operation.input)?;
        self.learn(self.register.needs(&operation)).await?;
        let mut occasion =
            Occasion { at, run_id: None, step: Some(step), by: None, new_id: &mut Uuid::now_v7 };
        Ok(self.register.perform(&operation, &mut occasion)?)
    }

    /// Why a message to `recipient` would be held back, by the entries of today and those added here.
    ///
    /// # Errors
    /// See [`Unperformed`].
    pub async fn refusal(&mut self, recipient: &Recipient) -> Result<Option<Refusal>, Unperformed> {
        let recipient = recipient.clone();
        let check = SuppressionOperation::CheckSuppression(suppression::Check { recipient });
        self.learn(self.register.needs(&check)).await?;
        Ok(self.register.refusal(&check)?)
    }

    async fn learn(&mut self, addresses: Vec<suppression::Address>) -> Result<(), Unperformed> {
        if addresses.is_empty() {
            return Ok(());
        }
        if self.source == Leads::OfThePast {
            return Err(Unperformed::NotKnown("whether the address might be written to then".into()));
        }
        let answers = self.store.suppressions.find(self.workspace, addresses).await;
        self.register.supply(answers.map_err(|error| failures::unreadable(&error))?);
        Ok(())
    }

    async fn perform_on_tables(
        &self,
        operation: &kind::Operation,
        at: DateTime<Utc>,
        step: &str,
    ) -> Result<Performed, Unperformed> {
        let operation = TableOperation::read(&operation.action, &operation.input)?;
        let mut shelf = self.shelf.lock().await;
        loop {
            let needs = shelf.needs(&operation);
            if needs.is_empty() {
                break;
            }
            if self.source == Leads::OfThePast
                && let Some(what) = needs.iter().find_map(unknown_then)
            {
                return Err(Unperformed::NotKnown(what));
            }
            let answers = self.store.tables.look_up(self.workspace, needs).await;
            shelf.supply(answers.map_err(|error| failures::unreadable(&error))?);
        }
        let occasion = Occasion { at, run_id: None, step: Some(step), by: None, new_id: &mut Uuid::now_v7 };
        Ok(shelf.perform(&operation, occasion)?)
    }

    /// What people call the lead `id`, if it has been met.
    #[must_use]
    pub fn name(&self, id: Uuid) -> Option<String> {
        Some(self.leads.get(&id)?.as_ref()?.name())
    }

    /// The lead `id`, if it has been met.
    #[must_use]
    pub fn lead(&self, id: Uuid) -> Option<&Lead> {
        self.leads.get(&id)?.as_ref()
    }

    /// Notes how the lead `id` stands, or that there was none.
    pub fn seed_lead(&mut self, id: Uuid, lead: Option<Lead>) {
        self.leads.insert(id, lead);
    }

    /// Notes whose key it is, unless that is known.
    pub fn seed_key(&mut self, key: Key, lead: Option<Uuid>) {
        self.keys.entry(key).or_insert(lead);
    }

    /// Changes the lead `id` as an old run did; nothing when it has not been met.
    pub fn follow(&mut self, id: Uuid, change: impl FnOnce(&mut Lead)) {
        if let Some(Some(lead)) = self.leads.get_mut(&id) {
            change(lead);
        }
    }

    /// Puts the lead on a list as an old run did.
    pub fn follow_list(&mut self, list: Uuid, lead: Uuid) {
        self.members.insert((list, lead), true);
    }

    /// Takes a key for the lead as an old run did.
    pub fn follow_key(&mut self, key: Key, lead: Uuid) {
        self.keys.insert(key, Some(lead));
    }

    /// Whether the lead stands otherwise than the old run left it.
    #[must_use]
    pub fn is_changed(&self, id: Uuid) -> bool {
        self.changed.contains(&id)
    }

    fn fold(&mut self, changes: Changes) {
        let Changes {
            leads,
            keys,
            pool_counters,
            lists,
            list_members,
            left_lists,
            moved_keys,
            absorbed,
            activities,
            accounts,
            account_matches,
            ..
        } = changes;
        for activity in activities {
            let touch = activity.touch.map(|touch| touch.kind);
            let trace = Trace { kind: activity.kind, title: activity.title, touch, at: activity.at };
            self.traces.entry(activity.lead_id).or_default().push(trace);
        }
        for account in accounts {
            for key in of_account(&account) {
                self.account_keys.entry(key).or_default().insert(account.id);
            }
            let (leads, last) = self
                .accounts
                .get(&account.id)
                .map_or((0, None), |known| (known.leads, known.last_activity_at));
            self.accounts.insert(account.id, Candidate::new(account, leads, last));
        }
        self.account_matches.extend(account_matches.into_iter().map(|found| (found.lead_id, found)));
        for lead in absorbed {
            self.changed.insert(lead);
            self.leads.insert(lead, None);
        }
        self.keys.extend(moved_keys.into_iter().map(|(key, lead)| (key, Some(lead))));
        for lead in leads {
            if !self.leads.get(&lead.id).is_some_and(Option::is_some) {
                self.made.insert(lead.id);
            }
            self.changed.insert(lead.id);
            self.leads.insert(lead.id, Some(lead));
        }
        self.keys.extend(keys.into_iter().map(|(key, lead)| (key, Some(lead))));
        self.made.extend(lists.iter().map(|list| list.id));
        self.lists.extend(lists);
        self.members.extend(left_lists.into_iter().map(|left| (left, false)));
        self.members.extend(list_members.into_iter().map(|member| ((member.list_id, member.lead_id), true)));
        let mut pools = self.pools.lock();
        for Counter { pool_id, owner_id, credit, assigned, last_turn, tallies } in pool_counters {
            let pool = pools.iter_mut().find(|pool| pool.id == pool_id);
            let member =
                pool.and_then(|pool| pool.members.iter_mut().find(|member| member.owner.id == owner_id));
            if let Some(member) = member {
                (member.credit, member.assigned, member.last_turn) = (credit, assigned, last_turn);
                member.tallies = tallies;
            }
        }
    }
}

/// What of a table nobody knows any more; how its columns are today is taken for how they were.
fn unknown_then(need: &table::Need) -> Option<String> {
    match need {
        table::Need::Table(_) => None,
        table::Need::Rows { .. } => Some("what stood in the table then".into()),
        table::Need::Counter(counter) => Some(format!("how far the {} had counted then", counter.label())),
    }
}
