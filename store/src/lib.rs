//! Durable state: SQLite or PostgreSQL behind ports.
//!
//! What this crate must never do:
//! - It never answers a write before it is on disk, and never keeps part of a turn: events, run and changes to leads
//!   are committed together or not at all.
//! - It never decides what a run does next; it feeds the engine's machine with results and writes down what happened.
//! - It never sees a secret: sessions and tokens come as hashes, what proves who we are elsewhere comes sealed.
//! - No SQL and no database type leaves it. Every database stands behind the same [`ports`], held by the same suite of
//!   tests (`tests/contract`).
//! - No list grows without a bound: queries are paged by key, the write queue refuses when it is full.
//!
//! | Task | Files |
//! |---|---|
//! | Change a table | a new file in `migrations/sqlite` and `migrations/postgres`, then its module in `sqlite/` and `postgres/` |
//! | Change what callers can ask | `ports/`, `sqlite/`, `postgres/`, `tests/contract` |
//! | Change how turns become durable | `writer/` |
//! | Change what lies in files beside the database | `payloads.rs`, `shared/payloads.rs` |
//! | Add an error | `error.rs`, a page in `docs/errors` |

#![cfg_attr(test, allow(clippy::needless_pass_by_value, reason = "cases read better with `json!` in place"))]

mod columns;
pub mod error;
#[cfg(feature = "memory")]
pub mod memory;
mod payloads;
pub mod ports;
mod postgres;
mod records;
pub mod settings;
mod shared;
mod sqlite;
mod writer;

pub use error::Error;
pub use ports::{
    Accounts, Answer, AppEvents, Connections, Connectors, CustomerAccounts, DataTables, Definitions,
    Duplicates, Enrichment, Erasures, Files, HookSecrets, Imports, Jobs, Keys, LeadEvents, Leads, Letters,
    Pins, Plugins, RoutingDesk, Runs, SlaClocks, Standing, Storage, Suppressions, Ticks, Upkeep, VersionId,
    Waits, Workflows, WorkspaceId,
};
pub use settings::{Place, Settings, Sources};

use std::sync::Arc;

/// All ports of one store. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    /// Runs.
    pub runs: Arc<dyn Runs>,
    /// Workflows.
    pub workflows: Arc<dyn Workflows>,
    /// People, sessions and keys.
    pub accounts: Arc<dyn Accounts>,
    /// Leads.
    pub leads: Arc<dyn Leads>,
    /// What happened to leads that a workflow listens to.
    pub lead_events: Arc<dyn LeadEvents>,
    /// What people lay down with versions.
    pub definitions: Arc<dyn Definitions>,
    /// Owners and pools, as people set them up.
    pub desk: Arc<dyn RoutingDesk>,
    /// The accounts leads work for.
    pub customers: Arc<dyn CustomerAccounts>,
    /// Accounts in other systems.
    pub connections: Arc<dyn Connections>,
    /// Connectors that were installed.
    pub connectors: Arc<dyn Connectors>,
    /// What the senders of webhooks have to know.
    pub hook_secrets: Arc<dyn HookSecrets>,
    /// What happens in other systems.
    pub app_events: Arc<dyn AppEvents>,
    /// Who must not be written to.
    pub suppressions: Arc<dyn Suppressions>,
    /// Data tables and counters.
    pub tables: Arc<dyn DataTables>,
    /// Leads that may be one person.
    pub duplicates: Arc<dyn Duplicates>,
    /// What providers of data gave, answered and cost.
    pub enrichment: Arc<dyn Enrichment>,
    /// Clocks of service levels.
    pub clocks: Arc<dyn SlaClocks>,
    /// Moments of schedules.
    pub ticks: Arc<dyn Ticks>,
    /// Secrets that the server makes for itself.
    pub keys: Arc<dyn Keys>,
    /// What runs wait for.
    pub waits: Arc<dyn Waits>,
    /// What has happened for runs that have not taken it in.
    pub letters: Arc<dyn Letters>,
    /// Long work that people started.
    pub jobs: Arc<dyn Jobs>,
    /// Uploaded files.
    pub files: Arc<dyn Files>,
    /// Lists that people import.
    pub imports: Arc<dyn Imports>,
    /// Pinned runs.
    pub pins: Arc<dyn Pins>,
    /// Installed plugins.
    pub plugins: Arc<dyn Plugins>,
    /// Where leads stand.
    pub standing: Arc<dyn Standing>,
    /// How much room is taken.
    pub storage: Arc<dyn Storage>,
    /// Erasing leads.
    pub erasures: Arc<dyn Erasures>,
    /// Upkeep.
    pub upkeep: Arc<dyn Upkeep>,
}

impl Store {
    /// Opens the store of `settings`, making it when it is missing and bringing it up to date. A PostgreSQL database has
    /// to be there already; its tables are made.
    ///
    /// # Errors
    /// [`Error::Busy`] when another process has it, [`Error::Migration`] when it was written by a newer version,
    /// [`Error::Io`] and [`Error::Full`] when the disk refuses, [`Error::Away`] when the server cannot be reached.
    pub async fn open(settings: Settings) -> Result<Self, Error> {
        match settings.place {
            Place::File(_) => Ok(Self::over(sqlite::Sqlite::open(settings).await?)),
            Place::Server(_) => Ok(Self::over(postgres::Postgres::open(settings).await?)),
        }
    }

    fn over<S>(store: S) -> Self
    where
        S: Runs
            + Workflows
            + Accounts
            + Leads
            + Definitions
            + LeadEvents
            + RoutingDesk
            + CustomerAccounts
            + Connections
            + Connectors
            + HookSecrets
            + AppEvents
            + DataTables
            + Suppressions
            + Duplicates
            + SlaClocks
            + Enrichment
            + Ticks
            + Keys
            + Waits
            + Letters
            + Jobs
            + Files
            + Imports
            + Pins
            + Plugins
            + Standing
            + Storage
            + Erasures
            + Upkeep
            + 'static,
    {
        let store = Arc::new(store);
        Self {
            runs: Arc::clone(&store) as Arc<dyn Runs>,
            workflows: Arc::clone(&store) as Arc<dyn Workflows>,
            accounts: Arc::clone(&store) as Arc<dyn Accounts>,
            leads: Arc::clone(&store) as Arc<dyn Leads>,
            definitions: Arc::clone(&store) as Arc<dyn Definitions>,
            lead_events: Arc::clone(&store) as Arc<dyn LeadEvents>,
            desk: Arc::clone(&store) as Arc<dyn RoutingDesk>,
            customers: Arc::clone(&store) as Arc<dyn CustomerAccounts>,
            connections: Arc::clone(&store) as Arc<dyn Connections>,
            connectors: Arc::clone(&store) as Arc<dyn Connectors>,
            hook_secrets: Arc::clone(&store) as Arc<dyn HookSecrets>,
            app_events: Arc::clone(&store) as Arc<dyn AppEvents>,
            suppressions: Arc::clone(&store) as Arc<dyn Suppressions>,
            tables: Arc::clone(&store) as Arc<dyn DataTables>,
            duplicates: Arc::clone(&store) as Arc<dyn Duplicates>,
            enrichment: Arc::clone(&store) as Arc<dyn Enrichment>,
            clocks: Arc::clone(&store) as Arc<dyn SlaClocks>,
            ticks: Arc::clone(&store) as Arc<dyn Ticks>,
            keys: Arc::clone(&store) as Arc<dyn Keys>,
            waits: Arc::clone(&store) as Arc<dyn Waits>,
            letters: Arc::clone(&store) as Arc<dyn Letters>,
            jobs: Arc::clone(&store) as Arc<dyn Jobs>,
            files: Arc::clone(&store) as Arc<dyn Files>,
            imports: Arc::clone(&store) as Arc<dyn Imports>,
            pins: Arc::clone(&store) as Arc<dyn Pins>,
            plugins: Arc::clone(&store) as Arc<dyn Plugins>,
            standing: Arc::clone(&store) as Arc<dyn Standing>,
            storage: Arc::clone(&store) as Arc<dyn Storage>,
            erasures: Arc::clone(&store) as Arc<dyn Erasures>,
            upkeep: store,
        }
    }

    /// What the scoring models, the lifecycle and the segments in force make together.
    ///
    /// # Errors
    /// As [`Definitions::published`].
    pub async fn rules(&self, workspace: WorkspaceId) -> Result<trunkline_leads::standing::Rules, Error> {
        use trunkline_leads::standing::Rules;
        let mut all = Vec::new();
        for kind in Rules::READ {
            all.push((kind, self.definitions.published(workspace, kind.to_owned()).await?));
        }
        Ok(Rules::of(all.iter().map(|(kind, all)| (*kind, all.as_slice()))))
    }

    /// Writes what waits and closes the files. Later calls answer [`Error::Closed`].
    ///
    /// # Errors
    /// None at present; the writer logs what it cannot close.
    pub async fn close(&self) -> Result<(), Error> {
        self.upkeep.close().await
    }
}
