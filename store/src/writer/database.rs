//! What the writer needs of a database: transactions, looking things up in sets, and writing rows in sets.
//!
//! Everything a batch means is decided in the writer, once; a database only reads and writes. It must never answer a
//! set with one statement per row, keep part of a transaction, or read a clock: moments come with the rows.

use super::enrichment::EnrichmentTables;
use super::listeners::NewLeadEvent;
use super::merging::{Likenesses, MergeTables};
use super::registers::Registers;
use super::rows::{Ended, JournalRow, NewRun, RunChange};
use super::shelves::Shelves;
use super::tables::{ActivityKeys, JobTables, PayloadTables, RuleTables, Words};
use super::ticks::TickTables;
use crate::error::Error;
use crate::ports::WorkspaceId;
use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use trunkline_engine::document::Document;
use trunkline_engine::run::RunId;
use trunkline_leads::book::OfKey;
use trunkline_leads::criteria::Trace;
use trunkline_leads::matching::{Candidate, LeadMatch};
use trunkline_leads::sla::Clock;
use trunkline_leads::{Changes, Definition, Key, Lead, List, Owner, Pool, Stage};
use uuid::Uuid;

/// Opens a connection that is only read through, beside the one that writes.
pub(crate) type OpenReader<D> = Box<dyn Fn() -> BoxFuture<'static, Result<D, Error>> + Send + Sync>;

/// The one connection that writes, as the shared writer sees it, or one beside it that only reads.
///
/// Methods that look something up leave out what is not there. On the connection that writes all but
/// [`journal`](Self::journal) are called inside a transaction; on the other, none is, and each sees the last commit.
pub(crate) trait Database: Send + 'static {
    /// What writes that are no turns get to work with, and what keeps the small tables.
    type Connection: RuleTables
        + Words
        + PayloadTables
        + Shelves
        + Registers
        + MergeTables
        + EnrichmentTables
        + JobTables
        + ActivityKeys
        + TickTables
        + Likenesses
        + Send;

    /// The connection, for a write that is no turn, or to a small table.
    fn connection(&mut self) -> &mut Self::Connection;

    /// Begins a transaction that no other writer can share; one that is still open by accident is given up.
    fn begin(&mut self) -> impl Future<Output = Result<(), Error>> + Send;

    /// Makes the transaction durable, or says that nothing of it is. It must not answer before it knows which.
    fn commit(&mut self) -> impl Future<Output = Result<(), Error>> + Send;

    /// Gives up the transaction. It may be gone already.
    fn roll_back(&mut self) -> impl Future<Output = ()> + Send;

    /// Stays what it is as long as nobody else can have written since this connection's last transaction. Looked at within
    /// a transaction.
    fn tenure(&self) -> u64;

    /// Begins a part of the transaction that can be given up alone. Parts are never nested.
    fn begin_part(&mut self) -> impl Future<Output = Result<(), Error>> + Send;

    /// Ends the part, which is kept or given up.
    fn end_part(&mut self, keep: bool) -> impl Future<Output = Result<(), Error>> + Send;

    /// Ends the connection.
    fn close(self) -> impl Future<Output = ()> + Send;

    /// The turns of a run as their columns hold them, in order; none for an unknown one.
    fn journal(&mut self, run: RunId) -> impl Future<Output = Result<Vec<Vec<u8>>, Error>> + Send;

    /// Which of `claims` a run has, and which run.
    fn claimed(
        &mut self,
        claims: &HashSet<Claim>,
    ) -> impl Future<Output = Result<HashMap<Claim, RunId>, Error>> + Send;

    /// The ladder of stages, from the first to the last.
    fn stages(&mut self, workspace: WorkspaceId) -> impl Future<Output = Result<Arc<[Stage]>, Error>> + Send;

    /// The definitions of a kind that are in force, by name.
    fn definitions(
        &mut self,
        workspace: WorkspaceId,
        kind: &'static str,
    ) -> impl Future<Output = Result<Vec<Definition>, Error>> + Send;

    /// The published documents of a workspace that are switched on; those without a trigger for leads may be left out.
    fn listening(
        &mut self,
        workspace: WorkspaceId,
    ) -> impl Future<Output = Result<Vec<(Uuid, Document)>, Error>> + Send;

    /// Writes down what triggers have heard of leads, in this order.
    fn write_lead_events(
        &mut self,
        events: Vec<NewLeadEvent>,
    ) -> impl Future<Output = Result<(), Error>> + Send;

    /// The leads that have `keys`; they are nearly always the next question, so they come along.
    fn keys(
        &mut self,
        workspace: WorkspaceId,
        keys: &HashSet<Key>,
    ) -> impl Future<Output = Result<Vec<(Key, Box<Lead>)>, Error>> + Send;

    /// Leads by id.
    fn leads(
        &mut self,
        workspace: WorkspaceId,
        ids: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<Vec<Box<Lead>>, Error>> + Send;

    /// Pools by name or, when no pool has that name, by id in text; under the text that was asked for.
    fn pools(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> impl Future<Output = Result<HashMap<String, Pool>, Error>> + Send;

    /// Owners by id in text, then by address, then by name, of several the oldest; under the text that was asked for.
    fn owners(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> impl Future<Output = Result<HashMap<String, Arc<Owner>>, Error>> + Send;

    /// The owners of each of these teams, by id; teams without anybody are left out.
    fn teams(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> impl Future<Output = Result<HashMap<String, Vec<Arc<Owner>>>, Error>> + Send;

    /// The open clocks of these leads.
    fn open_clocks(
        &mut self,
        leads: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<Vec<Clock>, Error>> + Send;

    /// Who owns the latest lead of each of these accounts: account and owner.
    fn latest_owners(
        &mut self,
        workspace: WorkspaceId,
        accounts: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<Vec<(Uuid, Uuid)>, Error>> + Send;

    /// How many leads these owners have, by stage; those without any are left out.
    fn loads(
        &mut self,
        workspace: WorkspaceId,
        owners: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<Vec<(Uuid, String, u64)>, Error>> + Send;

    /// Lists by name or, when no list has that name, by id in text; under the text that was asked for.
    fn lists(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> impl Future<Output = Result<HashMap<String, List>, Error>> + Send;

    /// Which of the pairs of list and lead are memberships.
    fn members(
        &mut self,
        asked: &HashSet<(Uuid, Uuid)>,
    ) -> impl Future<Output = Result<HashSet<(Uuid, Uuid)>, Error>> + Send;

    /// What these leads did, of these kinds of activities.
    fn traces(
        &mut self,
        leads: &HashSet<Uuid>,
        kinds: &BTreeSet<&'static str>,
    ) -> impl Future<Output = Result<Vec<(Uuid, Trace)>, Error>> + Send;
    /// Which accounts have each of `keys`; of those too many have, only that.
    fn account_keys(
        &mut self,
        workspace: WorkspaceId,
        keys: &HashSet<String>,
    ) -> impl Future<Output = Result<Vec<(String, OfKey)>, Error>> + Send;

    /// Accounts by id, as they are compared with leads.
    fn accounts(
        &mut self,
        workspace: WorkspaceId,
        ids: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<Vec<Candidate>, Error>> + Send;

    /// How leads stand with their accounts.
    fn account_matches(
        &mut self,
        workspace: WorkspaceId,
        leads: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<Vec<LeadMatch>, Error>> + Send;

    /// When rows of an import were last about a lead, by pairs of import and lead.
    fn imported(
        &mut self,
        asked: &HashSet<(Uuid, Uuid)>,
    ) -> impl Future<Output = Result<HashMap<(Uuid, Uuid), DateTime<Utc>>, Error>> + Send;

    /// Adds runs. [`Error::Conflict`] when an id, an event key or a parent's effect is taken.
    fn insert_runs(&mut self, runs: Vec<NewRun<'_>>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Adds later turns. [`Error::Conflict`] when somebody has written one of them.
    fn insert_journal(&mut self, rows: Vec<JournalRow>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Notes how runs stand, and answers how many of them are there.
    fn update_runs(&mut self, changes: Vec<RunChange>) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Adds to the tally of ended runs.
    fn add_ended(&mut self, ended: Vec<Ended>) -> impl Future<Output = Result<(), Error>> + Send;

    /// Writes what a batch changed about the leads of one workspace at `at`.
    fn write_leads(
        &mut self,
        workspace: WorkspaceId,
        changes: Changes,
        at: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// What only one run can have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Claim {
    /// A key of an event of a workflow.
    Event(Uuid, String),
    /// An effect of a parent run.
    Child(Uuid, String),
}
