//! What a run did, step by step, for people to look at. Kept only when asked for: a run view replays the journal.

use super::event::{Change, EffectKey};
use crate::failure::Failure;
use chrono::{DateTime, Utc};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most step records a replay keeps; later ones are only counted.
pub const MAX_RECORDS: usize = 20_000;

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// An effect of it is under way.
    Running,
    /// It sleeps, waits for a word, or pauses before another attempt.
    Waiting,
    /// A write of it was begun and nobody knows whether it happened: a person decides.
    Uncertain,
    /// It ended well.
    Done,
    /// It failed for good.
    Failed,
    /// Nothing led to it, or it is disabled.
    Skipped,
    /// The run ended before it did.
    Cancelled,
}

/// What one step did.
#[derive(Debug, Clone)]
pub struct StepRecord {
    /// How it stands.
    pub status: StepStatus,
    /// Its settings with every expression computed.
    pub input: Value,
    /// What it put out.
    pub output: Value,
    /// The port it left by.
    pub port: Option<String>,
    /// Its last failure.
    pub failure: Option<Failure>,
    /// Attempts made.
    pub attempts: u32,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// Until when it sleeps or pauses.
    pub waits_until: Option<DateTime<Utc>>,
    /// Why it came out so.
    pub why: Option<String>,
    /// What it wrote.
    pub written: Vec<Change>,
}

/// What a run did.
#[derive(Debug, Clone, Default)]
pub struct Record {
    /// Steps in the order they were reached.
    pub steps: IndexMap<EffectKey, StepRecord>,
    /// How often each edge was taken, in the order of `Compiled::edges`.
    pub edges: Vec<u64>,
    /// Steps that were reached after the record was full.
    pub left_out: u64,
}

impl Record {
    pub(super) fn begin(&mut self, key: EffectKey, input: Value, at: DateTime<Utc>) {
        if let Some(record) = self.steps.get_mut(&key) {
            record.attempts += 1;
            record.status = StepStatus::Running;
            record.waits_until = None;
            return;
        }
        if self.steps.len() >= MAX_RECORDS {
            self.left_out += 1;
            return;
        }
        let record = StepRecord {
            status: StepStatus::Running,
            input,
            output: Value::Null,
            port: None,
            failure: None,
            attempts: 1,
            started_at: at,
            finished_at: None,
            waits_until: None,
            why: None,
            written: Vec::new(),
        };
        self.steps.insert(key, record);
    }

    pub(super) fn skip(&mut self, key: &EffectKey, at: DateTime<Utc>) {
        self.begin(key.clone(), Value::Null, at);
        if let Some(record) = self.steps.get_mut(key) {
            record.status = StepStatus::Skipped;
            record.attempts = 0;
        }
    }

    pub(super) fn change(&mut self, key: &EffectKey, change: impl FnOnce(&mut StepRecord)) {
        if let Some(record) = self.steps.get_mut(key) {
            change(record);
        }
    }

    pub(super) fn close(&mut self, at: DateTime<Utc>) {
        for record in self.steps.values_mut() {
            if matches!(record.status, StepStatus::Running | StepStatus::Waiting | StepStatus::Uncertain) {
                record.status = StepStatus::Cancelled;
                record.finished_at = Some(at);
            }
        }
    }
}
