//! Ports that a store in memory does not have: it says so of everything they are asked.

mod outside;

use super::Memory;
use crate::error::Error;
use crate::ports::{
    Accounts, Adjust, Adjustment, Answer, AnsweredPair, ApiToken, Checkup, Decision, DoneStretch, Duplicates,
    Erase, Erasure, Erasures, Files, Import, ImportChange, ImportStatus, Imports, Job, JobEnd, JobItem, Jobs,
    Load, MemberRule, MergeQuery, MergeRow, Named, NewImport, NewJob, NewPair, NewSession, NewToken, NewUser,
    Owner, PairPage, PairQuery, PairRow, Pin, Pins, Progress, Role, RoutingDesk, Session, StageStays,
    Standing, Storage, StoredFile, Swept, TokenHash, Unsettled, Upkeep, Usage, User, Walked, Workspace,
    WorkspaceId,
};
use chrono::{DateTime, Utc};
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
