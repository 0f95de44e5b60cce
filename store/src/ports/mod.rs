//! What callers may ask of durable state, grouped by who needs it. No SQL and no database type appears here.
//!
//! The ports are object safe: callers hold `Arc<dyn Runs>` and never learn which database is behind it. Their methods
//! return boxed futures instead of using the `async_trait` macro or native `async fn`: native ones are not object
//! safe, and the macro would hide the same box behind a dependency and worse error messages.

mod accounts;
mod app_events;
mod clocks;
mod connections;
mod connectors;
mod customers;
mod definitions;
mod desk;
mod duplicates;
mod enrichment;
mod erasures;
mod files;
mod hook_secrets;
mod imports;
mod jobs;
mod keys;
mod lead_events;
mod leads;
mod letters;
mod pins;
mod plugins;
mod rules;
mod runs;
mod standing;
mod storage;
mod suppressions;
mod tables;
mod ticks;
mod upkeep;
mod waits;
mod workflows;

pub use accounts::{
    Accounts, ApiToken, NewSession, NewToken, NewUser, Role, Session, TokenHash, User, Workspace,
};
pub use app_events::{AppEvent, AppEvents, Delivered, Delivery, DeliveryCount, Look, NewAppEvent, Refused};
pub use clocks::{MOST_CLOCKS, SlaClocks};
pub use connections::{Connection, ConnectionUse, Connections, Handshake};
pub use connectors::{Connector, ConnectorImport, ConnectorUse, ConnectorUser, Connectors, Edition, Install};
pub use customers::{
    AccountPage, AccountQuery, AccountRow, AccountTimeline, AccountTimelineEntry, AccountView,
    CustomerAccounts, MatchPage, MatchQuery, TimelineCursor,
};
pub use definitions::{
    DefinitionVersion, Definitions, Drafted, NewDefinition, PublishDefinition, SaveDefinition,
};
pub use desk::{Adjust, Adjustment, RoutingDesk};
pub use duplicates::{
    AnsweredPair, Decision, Duplicates, MAX_PAIRS_PUT, MergeQuery, MergeRow, NewPair, PairPage, PairQuery,
    PairRow, PairState, UnknownPairState,
};
pub use enrichment::Enrichment;
pub use erasures::{Erase, Erasure, Erasures};
pub use files::{Files, StoredFile};
pub use hook_secrets::{HookSecret, HookSecrets};
pub use imports::{DoneStretch, Import, ImportChange, ImportStatus, Imports, NewImport};
pub use jobs::{Job, JobEnd, JobItem, JobStatus, Jobs, NewJob, Progress};
pub use keys::Keys;
pub use lead_events::{LeadEvent, LeadEvents};
pub use leads::{
    JobNote, LeadOrder, LeadPage, LeadPlace, LeadQuery, LeadRow, LeadView, Leads, ListRow, MemberRule, Named,
    Owner, OwnerFilter, PerformedByHand, Summary, Tell, TimelineEntry, Wanted,
};
pub use letters::{Letter, Letters};
pub use pins::{Pin, Pins};
pub use plugins::{Keeping, Plugin, PluginChange, PluginFile, PluginUse, Plugins};
pub use rules::{Debounce, Dedupe, Keep, OrderKey, Priority, Rules};
pub use runs::{
    Begin, Done, History, Page, RunHeader, RunQuery, RunRow, RunState, RunStatus, Runs, Settled, Stored, Turn,
};
pub use standing::{KNOWN_TRACES, StageStays, Standing, Unsettled, Walked};
pub use storage::{Storage, Usage, WorkflowUsage};
pub use suppressions::{HeldBack, SuppressionPage, SuppressionQuery, Suppressions};
pub use tables::{CounterPage, CounterQuery, CounterRow, DataTables, RowPage, RowQuery, TableRow};
pub use ticks::{DueTick, KEPT_TICKS, Tick, TickOutcome, Ticks};
pub use upkeep::{Checkup, Load, Swept, Upkeep};
pub use waits::{WaitKind, WaitPage, WaitQuery, WaitRow, Waits};
pub use workflows::{Pinned, Publish, Published, Tally, VersionRow, Workflow, WorkflowSummary, Workflows};

use crate::error::Error;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

/// What a port answers with, in time.
pub type Answer<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// Names a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkspaceId(pub i64);

impl WorkspaceId {
    /// The workspace every installation starts with.
    pub const FIRST: Self = Self(1);
}

/// Names a frozen document: a published version, or the snapshot of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionId(pub i64);
