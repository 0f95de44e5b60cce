//! Ports that a store in memory does not have: it says so of everything they are asked.

use super::Memory;
use crate::error::Error;
use crate::ports::{
    Accounts, Adjust, Adjustment, Answer, AnsweredPair, ApiToken, AppEvent, AppEvents, Checkup, Connection,
    ConnectionUse, Connections, Connector, ConnectorImport, ConnectorUse, Connectors, Decision, Delivered,
    Delivery, DeliveryCount, DoneStretch, Duplicates, Edition, Erase, Erasure, Erasures, Files, Handshake,
    HookSecret, HookSecrets, Import, ImportChange, ImportStatus, Imports, Install, Job, JobEnd, JobItem,
    Jobs, Keeping, Load, Look, MemberRule, MergeQuery, MergeRow, Named, NewAppEvent, NewImport, NewJob,
    NewPair, NewSession, NewToken, NewUser, Owner, PairPage, PairQuery, PairRow, Pin, Pins, Plugin,
    PluginChange, PluginFile, PluginUse, Plugins, Progress, Refused, Role, RoutingDesk, Session, StageStays,
    Standing, Storage, StoredFile, Swept, TokenHash, Unsettled, Upkeep, Usage, User, Walked, Workspace,
    WorkspaceId,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use trunkline_leads::importing::Counts;
use trunkline_leads::linkage::{Alike, Probe};
use trunkline_leads::routing::PoolRules;
use trunkline_leads::{Key, Lead};
use uuid::Uuid;

/// A port that is not there.
#[derive(Debug)]
pub(super) struct Absent;

pub(super) fn absent<T: Send + 'static>(what: &str) -> Answer<'static, T> {
    let error = Error::Database(format!("a store in memory has no {what}"));
    Box::pin(std::future::ready(Err(error)))
}

const ACCOUNTS: &str = "accounts";
const DESK: &str = "desk for owners and pools";

impl Accounts for Absent {
    fn needs_setup(&self) -> Answer<'_, bool> {
        absent(ACCOUNTS)
    }

    fn issue_setup(&self, _: TokenHash, _: DateTime<Utc>) -> Answer<'_, ()> {
        absent(ACCOUNTS)
    }

    fn setup_valid(&self, _: TokenHash, _: DateTime<Utc>) -> Answer<'_, bool> {
        absent(ACCOUNTS)
    }

    fn complete_setup(
        &self,
        _: TokenHash,
        _: DateTime<Utc>,
        _: NewUser,
        _: Option<String>,
    ) -> Answer<'_, User> {
        absent(ACCOUNTS)
    }

    fn user_by_email(&self, _: String) -> Answer<'_, Option<User>> {
        absent(ACCOUNTS)
    }

    fn user(&self, _: Uuid) -> Answer<'_, Option<User>> {
        absent(ACCOUNTS)
    }

    fn add_user(&self, _: WorkspaceId, _: Role, _: NewUser) -> Answer<'_, User> {
        absent(ACCOUNTS)
    }

    fn set_password(&self, _: Uuid, _: String) -> Answer<'_, ()> {
        absent(ACCOUNTS)
    }

    fn workspace(&self, _: WorkspaceId) -> Answer<'_, Workspace> {
        absent(ACCOUNTS)
    }

    fn open_session(&self, _: NewSession) -> Answer<'_, ()> {
        absent(ACCOUNTS)
    }

    fn session(&self, _: TokenHash, _: DateTime<Utc>) -> Answer<'_, Option<Session>> {
        absent(ACCOUNTS)
    }

    fn close_session(&self, _: TokenHash) -> Answer<'_, ()> {
        absent(ACCOUNTS)
    }

    fn add_token(&self, _: NewToken) -> Answer<'_, ApiToken> {
        absent(ACCOUNTS)
    }

    fn tokens(&self, _: WorkspaceId) -> Answer<'_, Vec<ApiToken>> {
        absent(ACCOUNTS)
    }

    fn token(&self, _: TokenHash, _: DateTime<Utc>) -> Answer<'_, Option<ApiToken>> {
        absent(ACCOUNTS)
    }

    fn remove_token(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, ()> {
        absent(ACCOUNTS)
    }
}

const JOBS: &str = "jobs";
const FILES: &str = "files";
const PINS: &str = "pins";

impl Jobs for Absent {
    fn create(&self, _: WorkspaceId, _: NewJob) -> Answer<'_, ()> {
        absent(JOBS)
    }

    fn get(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<Job>> {
        absent(JOBS)
    }

    fn list(&self, _: WorkspaceId, _: u32) -> Answer<'_, Vec<Job>> {
        absent(JOBS)
    }

    fn advance(&self, _: Uuid, _: Vec<JobItem>, _: Progress) -> Answer<'_, ()> {
        absent(JOBS)
    }

    fn finish(&self, _: Uuid, _: JobEnd) -> Answer<'_, ()> {
        absent(JOBS)
    }

    fn request_cancel(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, ()> {
        absent(JOBS)
    }

    fn unfinished(&self) -> Answer<'_, Vec<Job>> {
        absent(JOBS)
    }

    fn items(&self, _: Uuid, _: Option<String>, _: Option<i64>, _: u32) -> Answer<'_, Vec<JobItem>> {
        absent(JOBS)
    }

    fn groups(&self, _: Uuid) -> Answer<'_, Vec<(String, u64)>> {
        absent(JOBS)
    }
}

const IMPORTS: &str = "imports";

impl Imports for Absent {
    fn create(&self, _: WorkspaceId, _: NewImport) -> Answer<'_, ()> {
        absent(IMPORTS)
    }

    fn get(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<Import>> {
        absent(IMPORTS)
    }

    fn list(&self, _: WorkspaceId, _: u32) -> Answer<'_, Vec<Import>> {
        absent(IMPORTS)
    }

    fn latest_of(&self, _: WorkspaceId, _: String) -> Answer<'_, Option<Import>> {
        absent(IMPORTS)
    }

    fn change(&self, _: WorkspaceId, _: Uuid, _: Vec<ImportStatus>, _: ImportChange) -> Answer<'_, ()> {
        absent(IMPORTS)
    }

    fn remove(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, ()> {
        absent(IMPORTS)
    }

    fn counts(&self, _: Uuid) -> Answer<'_, Counts> {
        absent(IMPORTS)
    }

    fn stretches(&self, _: Uuid, _: Option<u64>, _: u32) -> Answer<'_, Vec<DoneStretch>> {
        absent(IMPORTS)
    }

    fn known(&self, _: WorkspaceId, _: HashSet<Key>) -> Answer<'_, Vec<(Key, Box<Lead>)>> {
        absent(IMPORTS)
    }
}

impl Files for Absent {
    fn add(&self, _: WorkspaceId, _: StoredFile) -> Answer<'_, ()> {
        absent(FILES)
    }

    fn get(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<StoredFile>> {
        absent(FILES)
    }

    fn list(&self, _: WorkspaceId, _: Option<Uuid>, _: u32) -> Answer<'_, Vec<StoredFile>> {
        absent(FILES)
    }

    fn remove(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<[u8; 32]>> {
        absent(FILES)
    }

    fn unknown(&self, _: Vec<[u8; 32]>) -> Answer<'_, Vec<[u8; 32]>> {
        absent(FILES)
    }
}

impl Pins for Absent {
    fn add(&self, _: WorkspaceId, _: Pin) -> Answer<'_, ()> {
        absent(PINS)
    }

    fn list(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Vec<Pin>> {
        absent(PINS)
    }

    fn remove(&self, _: WorkspaceId, _: Uuid, _: Uuid) -> Answer<'_, ()> {
        absent(PINS)
    }
}

impl RoutingDesk for Absent {
    fn change_owner(&self, _: WorkspaceId, _: Owner) -> Answer<'_, ()> {
        absent(DESK)
    }

    fn set_pool(&self, _: WorkspaceId, _: Named, _: PoolRules, _: Vec<MemberRule>) -> Answer<'_, ()> {
        absent(DESK)
    }

    fn adjust(&self, _: WorkspaceId, _: Adjust) -> Answer<'_, Adjustment> {
        absent(DESK)
    }

    fn adjustments(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Vec<Adjustment>> {
        absent(DESK)
    }
}

const DUPLICATES: &str = "pairs to look at";

impl Duplicates for Absent {
    fn scan(&self, _: WorkspaceId, _: Uuid, _: u32) -> Answer<'_, Vec<Lead>> {
        absent(DUPLICATES)
    }

    fn put(&self, _: WorkspaceId, _: Vec<NewPair>) -> Answer<'_, u64> {
        absent(DUPLICATES)
    }

    fn list(&self, _: WorkspaceId, _: PairQuery) -> Answer<'_, PairPage> {
        absent(DUPLICATES)
    }

    fn get(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<PairRow>> {
        absent(DUPLICATES)
    }

    fn decide(&self, _: WorkspaceId, _: Uuid, _: Decision) -> Answer<'_, ()> {
        absent(DUPLICATES)
    }

    fn forget_waiting(&self, _: WorkspaceId, _: DateTime<Utc>) -> Answer<'_, u64> {
        absent(DUPLICATES)
    }

    fn answers(&self, _: WorkspaceId, _: u32) -> Answer<'_, Vec<AnsweredPair>> {
        absent(DUPLICATES)
    }

    fn keep_model(&self, _: WorkspaceId, _: Value, _: u64, _: DateTime<Utc>) -> Answer<'_, ()> {
        absent(DUPLICATES)
    }

    fn waiting_above(&self, _: WorkspaceId, _: Vec<i64>) -> Answer<'_, Vec<u64>> {
        absent(DUPLICATES)
    }

    fn merges(&self, _: WorkspaceId, _: MergeQuery) -> Answer<'_, Vec<MergeRow>> {
        absent(DUPLICATES)
    }

    fn alike(&self, _: WorkspaceId, _: Option<Uuid>, _: Probe) -> Answer<'_, Alike> {
        absent(DUPLICATES)
    }

    fn redirect(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<Uuid>> {
        absent(DUPLICATES)
    }
}

impl Upkeep for Memory {
    fn sweep(&self, _: DateTime<Utc>) -> Answer<'_, Swept> {
        absent("retention")
    }

    fn backup(&self, _: PathBuf) -> Answer<'_, ()> {
        absent("backups")
    }

    fn check(&self) -> Answer<'_, Checkup> {
        absent("file to check")
    }

    fn load(&self) -> Load {
        self.writer.load()
    }

    fn close(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.writer.close().await;
            self.closed.store(true, Ordering::Relaxed);
            self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
            Ok(())
        })
    }
}

impl Storage for Absent {
    fn usage(&self, _: WorkspaceId) -> Answer<'_, Usage> {
        absent("storage")
    }

    fn budget(&self) -> Answer<'_, Option<u64>> {
        absent("storage")
    }

    fn set_budget(&self, _: Option<u64>) -> Answer<'_, ()> {
        absent("storage")
    }
}

impl Erasures for Absent {
    fn erase(&self, _: WorkspaceId, _: Erase) -> Answer<'_, Erasure> {
        absent("erasures")
    }

    fn addresses(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Vec<String>> {
        absent("erasures")
    }

    fn list(&self, _: WorkspaceId, _: u32) -> Answer<'_, Vec<Erasure>> {
        absent("erasures")
    }
}

const STANDING: &str = "standing of leads";

impl Standing for Absent {
    fn due(&self, _: DateTime<Utc>, _: u32) -> Answer<'_, Vec<(WorkspaceId, Uuid)>> {
        absent(STANDING)
    }

    fn walk(
        &self,
        _: WorkspaceId,
        _: Option<Uuid>,
        _: BTreeSet<&'static str>,
        _: u32,
    ) -> Answer<'_, Vec<Walked>> {
        absent(STANDING)
    }

    fn look_at(&self, _: WorkspaceId, _: Uuid, _: BTreeSet<&'static str>) -> Answer<'_, Option<Walked>> {
        absent(STANDING)
    }

    fn unsettled(&self, _: u32) -> Answer<'_, Vec<Unsettled>> {
        absent(STANDING)
    }

    fn leads_to_settle(&self, _: Unsettled, _: u32) -> Answer<'_, Vec<Uuid>> {
        absent(STANDING)
    }

    fn settle(&self, _: Unsettled, _: Option<Uuid>) -> Answer<'_, ()> {
        absent(STANDING)
    }

    fn segment_counts(&self, _: WorkspaceId) -> Answer<'_, Vec<(String, u64)>> {
        absent(STANDING)
    }

    fn stays(&self, _: WorkspaceId, _: DateTime<Utc>) -> Answer<'_, Vec<StageStays>> {
        absent(STANDING)
    }
}

const CONNECTIONS: &str = "connections";

impl Connections for Absent {
    fn add(&self, _: WorkspaceId, _: Connection) -> Answer<'_, ()> {
        absent(CONNECTIONS)
    }

    fn list(&self, _: WorkspaceId) -> Answer<'_, Vec<Connection>> {
        absent(CONNECTIONS)
    }

    fn get(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<Connection>> {
        absent(CONNECTIONS)
    }

    fn change(&self, _: WorkspaceId, _: i64, _: Connection) -> Answer<'_, ()> {
        absent(CONNECTIONS)
    }

    fn remove(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Vec<ConnectionUse>> {
        absent(CONNECTIONS)
    }

    fn used_by(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Vec<ConnectionUse>> {
        absent(CONNECTIONS)
    }

    fn count_calls(&self, _: Uuid, _: NaiveDate, _: u64) -> Answer<'_, ()> {
        absent(CONNECTIONS)
    }

    fn sealed_otherwise(&self, _: Vec<u8>, _: u32) -> Answer<'_, Vec<(WorkspaceId, Connection)>> {
        absent(CONNECTIONS)
    }

    fn ending(
        &self,
        _: DateTime<Utc>,
        _: Option<Uuid>,
        _: u32,
    ) -> Answer<'_, Vec<(WorkspaceId, Connection)>> {
        absent(CONNECTIONS)
    }

    fn note_warning(&self, _: Uuid, _: DateTime<Utc>, _: u8) -> Answer<'_, ()> {
        absent(CONNECTIONS)
    }

    fn begin_handshake(&self, _: Handshake, _: DateTime<Utc>) -> Answer<'_, ()> {
        absent(CONNECTIONS)
    }

    fn locate(&self, _: Uuid) -> Answer<'_, Option<(WorkspaceId, Connection)>> {
        absent(CONNECTIONS)
    }

    fn take_handshake(&self, _: [u8; 32], _: DateTime<Utc>) -> Answer<'_, Option<(WorkspaceId, Handshake)>> {
        absent(CONNECTIONS)
    }
}

const CONNECTORS: &str = "connectors";

impl Connectors for Absent {
    fn all(&self) -> Answer<'_, Vec<(Connector, String)>> {
        absent(CONNECTORS)
    }

    fn of(&self, _: WorkspaceId) -> Answer<'_, Vec<(Connector, String)>> {
        absent(CONNECTORS)
    }

    fn edition(&self, _: WorkspaceId, _: i64) -> Answer<'_, Option<(String, String)>> {
        absent(CONNECTORS)
    }

    fn editions(&self, _: WorkspaceId, _: String) -> Answer<'_, Vec<Edition>> {
        absent(CONNECTORS)
    }

    fn install(&self, _: WorkspaceId, _: Install) -> Answer<'_, i64> {
        absent(CONNECTORS)
    }

    fn switch(&self, _: WorkspaceId, _: String, _: bool) -> Answer<'_, ()> {
        absent(CONNECTORS)
    }

    fn remove(&self, _: WorkspaceId, _: String) -> Answer<'_, Vec<ConnectorUse>> {
        absent(CONNECTORS)
    }

    fn used_by(&self, _: WorkspaceId, _: String) -> Answer<'_, Vec<ConnectorUse>> {
        absent(CONNECTORS)
    }

    fn keep_import(&self, _: WorkspaceId, _: ConnectorImport, _: DateTime<Utc>) -> Answer<'_, ()> {
        absent(CONNECTORS)
    }

    fn import(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<ConnectorImport>> {
        absent(CONNECTORS)
    }
}

const HOOK_SECRETS: &str = "secrets of webhooks";

impl HookSecrets for Absent {
    fn keep(&self, _: WorkspaceId, _: Vec<HookSecret>) -> Answer<'_, ()> {
        absent(HOOK_SECRETS)
    }

    fn get(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<HookSecret>> {
        absent(HOOK_SECRETS)
    }

    fn of_workflow(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Vec<HookSecret>> {
        absent(HOOK_SECRETS)
    }

    fn publish(&self, _: WorkspaceId, _: Vec<Uuid>) -> Answer<'_, ()> {
        absent(HOOK_SECRETS)
    }

    fn tidy(&self, _: WorkspaceId, _: Uuid, _: Vec<Uuid>) -> Answer<'_, ()> {
        absent(HOOK_SECRETS)
    }

    fn forget(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, ()> {
        absent(HOOK_SECRETS)
    }

    fn sealed_otherwise(&self, _: Vec<u8>, _: u32) -> Answer<'_, Vec<(WorkspaceId, HookSecret)>> {
        absent(HOOK_SECRETS)
    }

    fn reseal(&self, _: Uuid, _: Vec<u8>, _: Vec<u8>) -> Answer<'_, ()> {
        absent(HOOK_SECRETS)
    }
}

const APP_EVENTS: &str = "events of apps";

impl AppEvents for Absent {
    fn looks(&self, _: Vec<Uuid>) -> Answer<'_, Vec<Look>> {
        absent(APP_EVENTS)
    }

    fn looked(&self, _: Look, _: Vec<NewAppEvent>) -> Answer<'_, ()> {
        absent(APP_EVENTS)
    }

    fn deliver(&self, _: Delivery) -> Answer<'_, Delivered> {
        absent(APP_EVENTS)
    }

    fn refuse(&self, _: Uuid, _: String, _: Refused, _: u64, _: DateTime<Utc>) -> Answer<'_, ()> {
        absent(APP_EVENTS)
    }

    fn deliveries(&self, _: Uuid) -> Answer<'_, Vec<DeliveryCount>> {
        absent(APP_EVENTS)
    }

    fn list(&self, _: u32) -> Answer<'_, Vec<AppEvent>> {
        absent(APP_EVENTS)
    }

    fn done(&self, _: Vec<i64>) -> Answer<'_, ()> {
        absent(APP_EVENTS)
    }
}

const PLUGINS: &str = "plugins";

impl Plugins for Absent {
    fn add(&self, _: WorkspaceId, _: Plugin, _: PluginFile) -> Answer<'_, ()> {
        absent(PLUGINS)
    }

    fn all(&self) -> Answer<'_, Vec<(WorkspaceId, Plugin)>> {
        absent(PLUGINS)
    }

    fn get(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Option<Plugin>> {
        absent(PLUGINS)
    }

    fn change(&self, _: WorkspaceId, _: i64, _: PluginChange) -> Answer<'_, ()> {
        absent(PLUGINS)
    }

    fn file(&self, _: Uuid, _: [u8; 32]) -> Answer<'_, Option<Vec<u8>>> {
        absent(PLUGINS)
    }

    fn newest(&self, _: WorkspaceId, _: String) -> Answer<'_, Option<String>> {
        absent(PLUGINS)
    }

    fn remove(&self, _: WorkspaceId, _: Uuid, _: Vec<String>) -> Answer<'_, Vec<PluginUse>> {
        absent(PLUGINS)
    }

    fn used_by(&self, _: WorkspaceId, _: Vec<String>) -> Answer<'_, Vec<PluginUse>> {
        absent(PLUGINS)
    }

    fn kept(&self, _: Uuid, _: String, _: String) -> Answer<'_, Option<String>> {
        absent(PLUGINS)
    }

    fn result_of(&self, _: Uuid, _: [u8; 32]) -> Answer<'_, Option<serde_json::Value>> {
        absent(PLUGINS)
    }

    fn keep(&self, _: WorkspaceId, _: Keeping, _: u64) -> Answer<'_, bool> {
        absent(PLUGINS)
    }
}
