//! SQLite as the shared writer sees it.

mod flush;
mod imports;
mod supply;

pub(crate) use supply::keys as leads_with_keys;

use super::runs::read_columns;
use super::traces;
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::records::definition::in_force;
use crate::records::stage;
use crate::shared::clocks::ClockTable;
use crate::shared::customers::in_sqlite as customers;
use crate::shared::definitions::IN_FORCE;
use crate::shared::lead_events;
use crate::writer::{Claim, Database, Ended, JournalRow, NewLeadEvent, NewRun, RunChange};
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Connection, Executor};
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

impl Database for SqliteConnection {
    type Connection = Self;

    fn connection(&mut self) -> &mut Self {
        self
    }

    async fn begin(&mut self) -> Result<(), Error> {
        if self.execute("BEGIN IMMEDIATE").await.is_err() {
            // A transaction that could not even be rolled back, on a disk that was full, may still be open.
            self.roll_back().await;
            self.execute("BEGIN IMMEDIATE").await?;
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), Error> {
        Ok(self.execute("COMMIT").await.map(drop)?)
    }

    async fn roll_back(&mut self) {
        // After some errors, a full disk among them, SQLite has rolled back by itself and this one is refused.
        let _ = self.execute("ROLLBACK").await;
    }

    fn tenure(&self) -> u64 {
        // The lock on the file is held as long as the store is open.
        0
    }

    async fn begin_part(&mut self) -> Result<(), Error> {
        Ok(self.execute("SAVEPOINT part").await.map(drop)?)
    }

    async fn end_part(&mut self, keep: bool) -> Result<(), Error> {
        if !keep {
            self.execute("ROLLBACK TO part").await?;
        }
        Ok(self.execute("RELEASE part").await.map(drop)?)
    }

    async fn close(self) {
        if let Err(error) = Connection::close(self).await {
            tracing::warn!(%error, "the database was not closed cleanly; the next start repairs it");
        }
    }

    async fn journal(&mut self, run: RunId) -> Result<Vec<Vec<u8>>, Error> {
        read_columns(self, run).await
    }

    async fn claimed(&mut self, claims: &HashSet<Claim>) -> Result<HashMap<Claim, RunId>, Error> {
        supply::claimed(self, claims).await
    }

    async fn stages(&mut self, workspace: WorkspaceId) -> Result<Arc<[Stage]>, Error> {
        let rows = sqlx::query("SELECT name, rank FROM stage WHERE workspace = ?1 ORDER BY rank, name")
            .bind(workspace.0)
            .fetch_all(self)
            .await?;
        rows.iter().map(stage).collect()
    }

    async fn definitions(
        &mut self,
        workspace: WorkspaceId,
        kind: &'static str,
    ) -> Result<Vec<Definition>, Error> {
        let rows = sqlx::query(IN_FORCE).bind(workspace.0).bind(kind).fetch_all(self).await?;
        rows.iter().map(in_force).collect()
    }

    async fn keys(
        &mut self,
        workspace: WorkspaceId,
        keys: &HashSet<Key>,
    ) -> Result<Vec<(Key, Box<Lead>)>, Error> {
        supply::keys(self, workspace, keys).await
    }

    async fn leads(&mut self, workspace: WorkspaceId, ids: &HashSet<Uuid>) -> Result<Vec<Box<Lead>>, Error> {
        supply::leads(self, workspace, ids).await
    }

    async fn pools(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> Result<HashMap<String, Pool>, Error> {
        supply::pools(self, workspace, asked).await
    }

    async fn owners(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> Result<HashMap<String, Arc<Owner>>, Error> {
        supply::owners(self, workspace, asked).await
    }

    async fn teams(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> Result<HashMap<String, Vec<Arc<Owner>>>, Error> {
        supply::teams(self, workspace, asked).await
    }

    async fn open_clocks(&mut self, leads: &HashSet<Uuid>) -> Result<Vec<Clock>, Error> {
        ClockTable::open_clocks(self, leads).await
    }

    async fn latest_owners(
        &mut self,
        workspace: WorkspaceId,
        accounts: &HashSet<Uuid>,
    ) -> Result<Vec<(Uuid, Uuid)>, Error> {
        ClockTable::latest_owners(self, workspace, accounts).await
    }

    async fn loads(
        &mut self,
        workspace: WorkspaceId,
        owners: &HashSet<Uuid>,
    ) -> Result<Vec<(Uuid, String, u64)>, Error> {
        supply::loads(self, workspace, owners).await
    }

    async fn lists(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> Result<HashMap<String, List>, Error> {
        supply::lists(self, workspace, asked).await
    }

    async fn members(&mut self, asked: &HashSet<(Uuid, Uuid)>) -> Result<HashSet<(Uuid, Uuid)>, Error> {
        supply::members(self, asked).await
    }

    async fn traces(
        &mut self,
        leads: &HashSet<Uuid>,
        kinds: &BTreeSet<&'static str>,
    ) -> Result<Vec<(Uuid, Trace)>, Error> {
        let leads: Vec<Uuid> = leads.iter().copied().collect();
        traces(self, &leads, kinds).await
    }

    async fn account_keys(
        &mut self,
        workspace: WorkspaceId,
        keys: &HashSet<String>,
    ) -> Result<Vec<(String, OfKey)>, Error> {
        let keys: Vec<String> = keys.iter().cloned().collect();
        customers::of_keys(self, workspace, &keys).await
    }

    async fn accounts(
        &mut self,
        workspace: WorkspaceId,
        ids: &HashSet<Uuid>,
    ) -> Result<Vec<Candidate>, Error> {
        let ids: Vec<Uuid> = ids.iter().copied().collect();
        customers::candidates(self, workspace, &ids).await
    }

    async fn account_matches(
        &mut self,
        workspace: WorkspaceId,
        leads: &HashSet<Uuid>,
    ) -> Result<Vec<LeadMatch>, Error> {
        let leads: Vec<Uuid> = leads.iter().copied().collect();
        customers::matches_of(self, workspace, &leads).await
    }

    async fn imported(
        &mut self,
        asked: &HashSet<(Uuid, Uuid)>,
    ) -> Result<HashMap<(Uuid, Uuid), DateTime<Utc>>, Error> {
        imports::imported(self, asked).await
    }

    async fn listening(&mut self, workspace: WorkspaceId) -> Result<Vec<(Uuid, Document)>, Error> {
        lead_events::listening_in_sqlite(self, workspace).await
    }

    async fn write_lead_events(&mut self, events: Vec<NewLeadEvent>) -> Result<(), Error> {
        lead_events::write_in_sqlite(self, events).await
    }

    async fn insert_runs(&mut self, runs: Vec<NewRun<'_>>) -> Result<(), Error> {
        flush::insert_runs(self, runs).await
    }

    async fn insert_journal(&mut self, rows: Vec<JournalRow>) -> Result<(), Error> {
        flush::insert_journal(self, rows).await
    }

    async fn update_runs(&mut self, changes: Vec<RunChange>) -> Result<u64, Error> {
        flush::update_runs(self, &changes).await
    }

    async fn add_ended(&mut self, ended: Vec<Ended>) -> Result<(), Error> {
        flush::add_ended(self, ended).await
    }

    async fn write_leads(
        &mut self,
        workspace: WorkspaceId,
        changes: Changes,
        at: DateTime<Utc>,
    ) -> Result<(), Error> {
        flush::leads(self, workspace, changes, at).await
    }
}
