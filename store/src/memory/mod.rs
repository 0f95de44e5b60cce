//! The ports kept in memory, for simulations: the same group-commit writer, over a [`Disk`] that outlives whoever works
//! on it.
//!
//! Opening a disk is starting a process on it; dropping everything that came of that is a crash, after which the disk
//! holds what was committed and nothing else. A [`Medium`] stands before every read and commit: it may take its time,
//! refuse, never come back, or lie about what it kept.
//!
//! It never reads a clock, starts a thread or touches a file, and it never decides anything that the writer decides.
//! Accounts, jobs, files, pins and upkeep are left out: who asks for them is told so.

mod absent;
mod clocks;
mod customers;
mod data_tables;
mod definitions;
mod enrichment;
mod lead_events;
mod leads;
mod merging;
mod pools;
mod rules;
mod runs;
mod suppressions;
mod tables;
mod ticks;
mod transaction;
mod versions;
mod words;
mod workflows;

use crate::Store;
use crate::error::Error;
use crate::payloads::Payloads;
use crate::ports::{Answer, Runs, WorkspaceId};
use crate::settings::{Settings, Sources};
use crate::writer::{OpenReader, Writer, decode_journal};
use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tables::Tables;
use transaction::Transaction;
use trunkline_engine::run::{Event, RunId};

/// What a [`Disk`] is made of: decides how long reads and commits take, and whether they happen.
pub trait Medium: Debug + Send + Sync {
    /// Stands before everything that is done. Its error is that of the read or commit; when it never comes back, nor
    /// does that.
    fn reach(&self, point: Point) -> Answer<'_, ()>;

    /// Is told what a commit wrote, at the very moment it is there.
    fn wrote(&self, turns: &[Written]);

    /// Whether what is committed now is still there after a crash. A medium that says no has lied to its caller; what
    /// it says yes to next brings the rest along.
    fn keeps(&self) -> bool {
        true
    }
}

/// What is about to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Point {
    /// Something is read, outside of the writer.
    Read,
    /// The writer begins a transaction.
    Begin,
    /// The writer adds to it.
    Write,
    /// The transaction is about to become visible and durable.
    Commit,
    /// It is; nobody has been told.
    Committed,
}

/// A turn that was written.
#[derive(Debug, Clone)]
pub struct Written {
    /// Of which run.
    pub run: RunId,
    /// Its number, from 0.
    pub seq: i64,
    body: Arc<[u8]>,
}

impl Written {
    /// What happened in it.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the writer wrote what it cannot read.
    pub fn events(&self) -> Result<Vec<Event>, Error> {
        decode_journal(&self.body)
    }
}

/// A medium without faults.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sound;

impl Medium for Sound {
    fn reach(&self, _point: Point) -> Answer<'_, ()> {
        Box::pin(std::future::ready(Ok(())))
    }

    fn wrote(&self, _turns: &[Written]) {}
}

/// What outlives a process. Cheap to clone; every clone is the same disk.
#[derive(Debug, Clone)]
pub struct Disk {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    medium: Arc<dyn Medium>,
    held: Mutex<Held>,
    /// Whoever has a transaction open.
    writing: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Debug)]
struct Held {
    /// What readers see.
    seen: Arc<Tables>,
    /// What a crash leaves.
    durable: Arc<Tables>,
    /// The process that has it for itself.
    process: Weak<()>,
}

impl Disk {
    /// An empty disk.
    #[must_use]
    pub fn new(medium: Arc<dyn Medium>) -> Self {
        let tables = Arc::new(Tables::default());
        let held = Held { seen: Arc::clone(&tables), durable: tables, process: Weak::new() };
        Self { inner: Arc::new(Inner { medium, held: Mutex::new(held), writing: Arc::default() }) }
    }

    /// Takes away what was committed but not kept, as a power failure does.
    pub fn lose_power(&self) {
        let mut held = self.held();
        held.seen = Arc::clone(&held.durable);
    }

    /// Every run there is, in the order they were accepted, past the medium: for those who judge.
    ///
    /// # Errors
    /// [`Error::Corrupt`].
    pub fn runs(&self) -> Result<Vec<crate::ports::Stored>, Error> {
        let tables = self.seen();
        tables.runs.values().map(|run| tables.stored(run)).collect()
    }

    /// The runs that have not ended, past the medium as well.
    #[must_use]
    pub fn unfinished(&self) -> Vec<RunId> {
        let tables = self.seen();
        let open = tables.runs.values().filter(|run| !run.state.status.is_final());
        open.map(|run| run.header.id).collect()
    }

    /// How many events of leads have not started their runs, past the medium as well.
    #[must_use]
    pub fn unheard(&self) -> usize {
        self.seen().lead_events.len()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        // Nothing panics while it holds the lock; if it did, the tables would still be whole: they are swapped.
        self.inner.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn seen(&self) -> Arc<Tables> {
        Arc::clone(&self.held().seen)
    }

    async fn reach(&self, point: Point) -> Result<(), Error> {
        self.inner.medium.reach(point).await
    }

    fn commit(&self, next: Tables, mut written: Vec<Written>) {
        // Within one transaction there is no order; this one is always the same.
        written.sort_by_key(|turn| (turn.run, turn.seq));
        let next = Arc::new(next);
        let mut held = self.held();
        held.seen = Arc::clone(&next);
        if self.inner.medium.keeps() {
            held.durable = next;
        }
        self.inner.medium.wrote(&written);
    }
}

/// An open store on a disk.
#[derive(Debug)]
pub(crate) struct Memory {
    disk: Disk,
    writer: Writer<Transaction>,
    sources: Sources,
    closed: AtomicBool,
    process: Mutex<Option<Arc<()>>>,
}

/// Opens the store on `disk`. Of `settings`, what says where the data lives does not matter.
///
/// # Errors
/// [`Error::Busy`] when another process has it for itself.
pub fn open(disk: &Disk, settings: &Settings) -> Result<Store, Error> {
    let process = Arc::new(());
    {
        let mut held = disk.held();
        if settings.exclusive && held.process.upgrade().is_some() {
            return Err(Error::Busy);
        }
        if settings.exclusive {
            held.process = Arc::downgrade(&process);
        }
        if held.seen.stages.is_empty() {
            let mut first = (*held.seen).clone();
            first.set_stages(WorkspaceId::FIRST, &trunkline_leads::stage::default_ladder());
            held.seen = Arc::new(first);
            held.durable = Arc::clone(&held.seen);
        }
    }
    let beside = disk.clone();
    let reader: OpenReader<Transaction> = Box::new(move || {
        let reader = Transaction::new(beside.clone());
        Box::pin(std::future::ready(Ok(reader)))
    });
    let memory = Arc::new(Memory {
        disk: disk.clone(),
        writer: Writer::start(Transaction::new(disk.clone()), Some(reader), Payloads::none(), settings)?,
        sources: settings.sources.clone(),
        closed: AtomicBool::new(false),
        process: Mutex::new(Some(process)),
    });
    let absent = Arc::new(absent::Absent);
    Ok(Store {
        runs: Arc::clone(&memory) as Arc<dyn Runs>,
        workflows: Arc::clone(&memory) as Arc<dyn crate::Workflows>,
        leads: Arc::clone(&memory) as Arc<dyn crate::Leads>,
        definitions: Arc::clone(&memory) as Arc<dyn crate::Definitions>,
        customers: Arc::clone(&memory) as Arc<dyn crate::CustomerAccounts>,
        connections: Arc::clone(&absent) as Arc<dyn crate::Connections>,
        connectors: Arc::clone(&absent) as Arc<dyn crate::Connectors>,
        hook_secrets: Arc::clone(&absent) as Arc<dyn crate::HookSecrets>,
        app_events: Arc::clone(&absent) as Arc<dyn crate::AppEvents>,
        suppressions: Arc::clone(&memory) as Arc<dyn crate::Suppressions>,
        lead_events: Arc::clone(&memory) as Arc<dyn crate::LeadEvents>,
        tables: Arc::clone(&memory) as Arc<dyn crate::DataTables>,
        ticks: Arc::clone(&memory) as Arc<dyn crate::Ticks>,
        keys: Arc::clone(&memory) as Arc<dyn crate::Keys>,
        waits: Arc::clone(&memory) as Arc<dyn crate::Waits>,
        letters: Arc::clone(&memory) as Arc<dyn crate::Letters>,
        accounts: Arc::clone(&absent) as Arc<dyn crate::Accounts>,
        desk: Arc::clone(&absent) as Arc<dyn crate::RoutingDesk>,
        clocks: Arc::clone(&memory) as Arc<dyn crate::SlaClocks>,
        jobs: Arc::clone(&absent) as Arc<dyn crate::Jobs>,
        files: Arc::clone(&absent) as Arc<dyn crate::Files>,
        imports: Arc::clone(&absent) as Arc<dyn crate::Imports>,
        pins: Arc::clone(&absent) as Arc<dyn crate::Pins>,
        plugins: Arc::clone(&absent) as Arc<dyn crate::Plugins>,
        enrichment: Arc::clone(&absent) as Arc<dyn crate::Enrichment>,
        duplicates: Arc::clone(&absent) as Arc<dyn crate::Duplicates>,
        storage: Arc::clone(&absent) as Arc<dyn crate::Storage>,
        standing: Arc::clone(&absent) as Arc<dyn crate::Standing>,
        erasures: absent,
        upkeep: memory,
    })
}

impl Memory {
    /// The tables as the last commit left them.
    async fn read(&self) -> Result<Arc<Tables>, Error> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(Error::Closed);
        }
        self.disk.reach(Point::Read).await?;
        Ok(self.disk.seen())
    }
}
