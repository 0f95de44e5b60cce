//! Memory as the shared writer sees it: a copy of the tables that takes their place when it is committed.

use super::tables::{Run, Tables};
use super::{Disk, Point, Written};
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::writer::{Claim, Database, Ended, JournalRow, NewLeadEvent, NewRun, RunChange};
use chrono::{DateTime, Utc};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use tokio::sync::OwnedMutexGuard;
use trunkline_engine::document::Document;
use trunkline_engine::run::RunId;
use trunkline_leads::book::OfKey;
use trunkline_leads::criteria::Trace;
use trunkline_leads::matching::{Candidate, LeadMatch};
use trunkline_leads::sla::Clock;
use trunkline_leads::{Activity, Changes, Definition, Key, Lead, List, Owner, Pool, Stage};
use uuid::Uuid;

/// The writing connection, with the transaction it is in.
#[derive(Debug)]
pub(super) struct Transaction {
    disk: Disk,
    open: Option<Open>,
    /// What was there when it was last looked at without a transaction.
    seen: Arc<Tables>,
    /// What the last transaction left.
    left: Option<Arc<Tables>>,
    tenure: u64,
}

#[derive(Debug)]
struct Open {
    tables: Tables,
    written: Vec<Written>,
    /// The tables as the current part found them.
    part: Option<Tables>,
    /// Nobody else writes until this is dropped.
    _alone: OwnedMutexGuard<()>,
}

impl Transaction {
    pub(super) fn new(disk: Disk) -> Self {
        let seen = disk.seen();
        Self { disk, open: None, seen, left: None, tenure: 0 }
    }

    /// The tables, to be changed.
    ///
    /// # Errors
    /// When no transaction is open.
    pub(super) fn tables(&mut self) -> Result<&mut Tables, Error> {
        Ok(&mut self.open()?.tables)
    }

    /// The tables, to be looked at: those of the transaction or, when none is open, what was committed last.
    pub(super) fn look(&mut self) -> &Tables {
        match &self.open {
            Some(open) => &open.tables,
            None => {
                self.seen = self.disk.seen();
                &self.seen
            }
        }
    }

    /// The same, once the medium lets it be read.
    async fn read(&mut self) -> Result<&Tables, Error> {
        if self.open.is_none() {
            self.disk.reach(Point::Read).await?;
        }
        Ok(self.look())
    }

    fn open(&mut self) -> Result<&mut Open, Error> {
        self.open.as_mut().ok_or_else(|| Error::Database("there is no transaction".into()))
    }

    /// The tables, once the medium lets something be added to them.
    ///
    /// # Errors
    /// When no transaction is open, or the medium's.
    pub(super) async fn writing(&mut self) -> Result<&mut Tables, Error> {
        Ok(&mut self.write().await?.tables)
    }

    async fn write(&mut self) -> Result<&mut Open, Error> {
        self.disk.reach(Point::Write).await?;
        self.open()
    }
}

impl Database for Transaction {
    type Connection = Self;

    fn connection(&mut self) -> &mut Self {
        self
    }

    async fn begin(&mut self) -> Result<(), Error> {
        self.open = None;
        self.disk.reach(Point::Begin).await?;
        let alone = Arc::clone(&self.disk.inner.writing).lock_owned().await;
        let seen = self.disk.seen();
        if self.left.as_ref().is_some_and(|left| !Arc::ptr_eq(left, &seen)) {
            self.tenure += 1;
        }
        let tables = (*seen).clone();
        // Given up, it leaves what it found.
        self.left = Some(seen);
        self.open = Some(Open { tables, written: Vec::new(), part: None, _alone: alone });
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), Error> {
        self.disk.reach(Point::Commit).await?;
        let open = self.open.take().ok_or_else(|| Error::Database("there is no transaction".into()))?;
        self.disk.commit(open.tables, open.written);
        self.left = Some(self.disk.seen());
        // It is there: whatever the medium says now comes too late.
        let _ = self.disk.reach(Point::Committed).await;
        Ok(())
    }

    async fn roll_back(&mut self) {
        self.open = None;
    }

    fn tenure(&self) -> u64 {
        self.tenure
    }

    async fn begin_part(&mut self) -> Result<(), Error> {
        let open = self.open()?;
        open.part = Some(open.tables.clone());
        Ok(())
    }

    async fn end_part(&mut self, keep: bool) -> Result<(), Error> {
        let open = self.open()?;
        if let Some(before) = open.part.take()
            && !keep
        {
            open.tables = before;
        }
        Ok(())
    }

    async fn close(self) {}

    async fn journal(&mut self, run: RunId) -> Result<Vec<Vec<u8>>, Error> {
        Ok(self.disk.seen().columns(run).map(|column| column.to_vec()).collect())
    }

    async fn claimed(&mut self, claims: &HashSet<Claim>) -> Result<HashMap<Claim, RunId>, Error> {
        let tables = self.read().await?;
        let mut found = HashMap::new();
        for claim in claims {
            let run = match claim {
                Claim::Event(workflow, key) => tables.event_keys.get(&(*workflow, key.clone())),
                Claim::Child(parent, key) => tables.children.get(&(*parent, key.clone())),
            };
            found.extend(run.map(|run| (claim.clone(), *run)));
        }
        Ok(found)
    }

    async fn stages(&mut self, workspace: WorkspaceId) -> Result<Arc<[Stage]>, Error> {
        Ok(self.look().stages.get(&workspace).cloned().unwrap_or_default())
    }

    async fn definitions(
        &mut self,
        workspace: WorkspaceId,
        kind: &'static str,
    ) -> Result<Vec<Definition>, Error> {
        Ok(super::definitions::in_force(self.look(), workspace, kind))
    }

    async fn keys(
        &mut self,
        workspace: WorkspaceId,
        keys: &HashSet<Key>,
    ) -> Result<Vec<(Key, Box<Lead>)>, Error> {
        let tables = self.read().await?;
        let found = |key: &Key| Some((key.clone(), Box::new((**tables.lead_of(workspace, key)?).clone())));
        Ok(keys.iter().filter_map(found).collect())
    }

    async fn leads(&mut self, workspace: WorkspaceId, ids: &HashSet<Uuid>) -> Result<Vec<Box<Lead>>, Error> {
        let tables = self.read().await?;
        let found = ids.iter().filter_map(|id| tables.leads.get(id)).filter(|(of, _)| *of == workspace);
        Ok(found.map(|(_, lead)| Box::new((**lead).clone())).collect())
    }

    async fn pools(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> Result<HashMap<String, Pool>, Error> {
        let tables = self.read().await?;
        let pools: Vec<&Arc<Pool>> =
            tables.pools.values().filter(|(of, _)| *of == workspace).map(|(_, pool)| pool).collect();
        let named = |text: &str| pools.iter().find(|pool| pool.name == text);
        let find = |text: &String| {
            let pool = named(text).or_else(|| pools.iter().find(|pool| is_id(text, pool.id)))?;
            Some((text.clone(), Pool::clone(pool)))
        };
        Ok(asked.iter().filter_map(find).collect())
    }

    async fn owners(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> Result<HashMap<String, Arc<Owner>>, Error> {
        let tables = self.look();
        let of_workspace =
            || tables.owners.values().filter(|(of, _)| *of == workspace).map(|(_, owner)| owner);
        let find = |text: &String| {
            let owner = of_workspace()
                .find(|owner| is_id(text, owner.id))
                .or_else(|| of_workspace().find(|owner| owner.email == *text))
                .or_else(|| of_workspace().find(|owner| owner.name == *text))?;
            Some((text.clone(), Arc::clone(owner)))
        };
        Ok(asked.iter().filter_map(find).collect())
    }

    async fn teams(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> Result<HashMap<String, Vec<Arc<Owner>>>, Error> {
        let tables = self.look();
        let mut found: HashMap<String, Vec<Arc<Owner>>> = HashMap::new();
        for (_, owner) in tables.owners.values().filter(|(of, _)| *of == workspace) {
            if let Some(team) = owner.team().filter(|team| asked.contains(*team)) {
                found.entry(team.to_owned()).or_default().push(Arc::clone(owner));
            }
        }
        found.values_mut().for_each(|owners| owners.sort_by_key(|owner| owner.id));
        Ok(found)
    }

    async fn open_clocks(&mut self, leads: &HashSet<Uuid>) -> Result<Vec<Clock>, Error> {
        let clocks = self.look().clocks.values();
        let open = clocks.filter(|(_, clock)| clock.is_open() && leads.contains(&clock.lead_id));
        Ok(open.map(|(_, clock)| (**clock).clone()).collect())
    }

    async fn latest_owners(
        &mut self,
        workspace: WorkspaceId,
        accounts: &HashSet<Uuid>,
    ) -> Result<Vec<(Uuid, Uuid)>, Error> {
        let tables = self.look();
        let latest = |account: &Uuid| {
            let of = tables
                .leads
                .values()
                .rev()
                .filter(|(of, lead)| *of == workspace && lead.account_id == Some(*account));
            Some((*account, of.filter_map(|(_, lead)| lead.owner_id).next()?))
        };
        Ok(accounts.iter().filter_map(latest).collect())
    }

    async fn loads(
        &mut self,
        workspace: WorkspaceId,
        owners: &HashSet<Uuid>,
    ) -> Result<Vec<(Uuid, String, u64)>, Error> {
        let mut counts = std::collections::BTreeMap::<(Uuid, String), u64>::new();
        for (of, lead) in self.look().leads.values() {
            if let Some(owner) = lead.owner_id.filter(|owner| *of == workspace && owners.contains(owner)) {
                *counts.entry((owner, lead.stage.clone())).or_default() += 1;
            }
        }
        Ok(counts.into_iter().map(|((owner, stage), count)| (owner, stage, count)).collect())
    }

    async fn lists(
        &mut self,
        workspace: WorkspaceId,
        asked: &HashSet<String>,
    ) -> Result<HashMap<String, List>, Error> {
        let tables = self.look();
        let of_workspace = || tables.lists.iter().filter(|(_, (of, _))| *of == workspace);
        let find = |text: &String| {
            let (id, (_, name)) = of_workspace()
                .find(|(_, (_, name))| name == text)
                .or_else(|| of_workspace().find(|(id, _)| is_id(text, **id)))?;
            Some((text.clone(), List { id: *id, name: name.clone() }))
        };
        Ok(asked.iter().filter_map(find).collect())
    }

    async fn members(&mut self, asked: &HashSet<(Uuid, Uuid)>) -> Result<HashSet<(Uuid, Uuid)>, Error> {
        let tables = self.look();
        Ok(asked.iter().filter(|pair| tables.members.contains_key(pair)).copied().collect())
    }

    async fn traces(
        &mut self,
        leads: &HashSet<Uuid>,
        kinds: &BTreeSet<&'static str>,
    ) -> Result<Vec<(Uuid, Trace)>, Error> {
        let tables = self.look();
        let asked = |activity: &&Arc<Activity>| {
            leads.contains(&activity.lead_id) && kinds.contains(activity.kind.as_str())
        };
        let trace = |activity: &Arc<Activity>| {
            let Activity { kind, title, touch, at, .. } = &**activity;
            let touch = touch.as_ref().map(|touch| touch.kind.clone());
            (activity.lead_id, Trace { kind: *kind, title: title.clone(), touch, at: *at })
        };
        Ok(tables.activities.values().filter(asked).map(trace).collect())
    }

    async fn account_keys(
        &mut self,
        workspace: WorkspaceId,
        keys: &HashSet<String>,
    ) -> Result<Vec<(String, OfKey)>, Error> {
        Ok(self.look().accounts_of_keys(workspace, keys))
    }

    async fn accounts(
        &mut self,
        workspace: WorkspaceId,
        ids: &HashSet<Uuid>,
    ) -> Result<Vec<Candidate>, Error> {
        let tables = self.look();
        Ok(ids.iter().filter_map(|id| tables.candidate(workspace, *id)).collect())
    }

    async fn account_matches(
        &mut self,
        workspace: WorkspaceId,
        leads: &HashSet<Uuid>,
    ) -> Result<Vec<LeadMatch>, Error> {
        let tables = self.look();
        Ok(leads.iter().filter_map(|lead| tables.match_of(workspace, *lead)).collect())
    }

    async fn imported(
        &mut self,
        _: &HashSet<(Uuid, Uuid)>,
    ) -> Result<HashMap<(Uuid, Uuid), DateTime<Utc>>, Error> {
        Ok(HashMap::new())
    }

    async fn listening(&mut self, workspace: WorkspaceId) -> Result<Vec<(Uuid, Document)>, Error> {
        Ok(super::lead_events::listening(self.look(), workspace))
    }

    async fn write_lead_events(&mut self, events: Vec<NewLeadEvent>) -> Result<(), Error> {
        super::lead_events::write(&mut self.write().await?.tables, events)
    }

    async fn insert_runs(&mut self, runs: Vec<NewRun<'_>>) -> Result<(), Error> {
        const TAKEN: Error = Error::Conflict("something with this name or key");
        let Open { tables, written, .. } = self.write().await?;
        for NewRun { header, state, journal } in runs {
            let id = header.id;
            let journal: Arc<[u8]> = journal.into();
            let run = Run { header: header.clone(), state, journal: Arc::clone(&journal) };
            let mut taken = Arc::make_mut(&mut tables.runs).insert(id, Arc::new(run)).is_some();
            if let Some(key) = &header.event_key {
                let key = (header.workflow, key.clone());
                taken |= Arc::make_mut(&mut tables.event_keys).insert(key, id).is_some();
            }
            if let Some((parent, key)) = &header.parent {
                let key = (*parent, key.to_string());
                taken |= Arc::make_mut(&mut tables.children).insert(key, id).is_some();
            }
            if taken {
                return Err(TAKEN);
            }
            written.push(Written { run: id, seq: 0, body: journal });
        }
        Ok(())
    }

    async fn insert_journal(&mut self, rows: Vec<JournalRow>) -> Result<(), Error> {
        let Open { tables, written, .. } = self.write().await?;
        let journal = Arc::make_mut(&mut tables.journal);
        for JournalRow { run, seq, body } in rows {
            let body: Arc<[u8]> = body.into();
            if journal.insert((run, seq), Arc::clone(&body)).is_some() {
                return Err(Error::Conflict("this turn"));
            }
            written.push(Written { run, seq, body });
        }
        Ok(())
    }

    async fn update_runs(&mut self, changes: Vec<RunChange>) -> Result<u64, Error> {
        let Open { tables, .. } = self.write().await?;
        let runs = Arc::make_mut(&mut tables.runs);
        let mut found = 0;
        for RunChange { run, state } in changes {
            if let Some(run) = runs.get_mut(&run) {
                let run = Arc::make_mut(run);
                run.state = crate::ports::RunState { lead: run.state.lead.or(state.lead), ..state };
                found += 1;
            }
        }
        Ok(found)
    }

    async fn add_ended(&mut self, ended: Vec<Ended>) -> Result<(), Error> {
        let tally = Arc::make_mut(&mut self.open()?.tables.ended);
        for Ended { workflow, hour, completed, failed, cancelled } in ended {
            let counts = tally.entry((workflow, hour)).or_default();
            for (count, more) in counts.iter_mut().zip([completed, failed, cancelled]) {
                *count += more;
            }
        }
        Ok(())
    }

    async fn write_leads(
        &mut self,
        workspace: WorkspaceId,
        changes: Changes,
        _at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let Open { tables, .. } = self.write().await?;
        super::leads::write(tables, workspace, changes)
    }
}

fn is_id(text: &str, id: Uuid) -> bool {
    Uuid::try_parse(text) == Ok(id)
}
