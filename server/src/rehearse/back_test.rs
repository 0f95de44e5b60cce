//! The gate's back-test: reads are answered from an old run's journal, writes are captured.
//!
//! A read that the old run never made is not known, and is not guessed. Lead operations that ask what the old run asked
//! get what it got, so that a lead whose way has not changed keeps its owner; others are worked out on the leads as the
//! history shows them and on today's pools.

use super::dry_run::Samples;
use super::ledger::{Ledger, Unperformed};
use super::past::{Answered, Past, shown_lead};
use super::{How, Passed, failures};
use crate::runner::gate::Gate;
use chrono::{DateTime, Utc};
use parking_lot::Mutex as Plain;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use trunkline_engine::kind::{Access, Operation, Performer};
use trunkline_engine::run::{EffectKey, Event, Performed};
use trunkline_leads::{Key, KeyKind, Place};
use trunkline_store::WorkspaceId;
use uuid::Uuid;

/// Longest time that computing may take.
const LONGEST: Duration = Duration::from_secs(30);

/// See the [module](self).
#[derive(Debug)]
pub struct BackTest {
    past: Plain<Past>,
    ledger: Arc<Mutex<Ledger>>,
    samples: Samples,
    /// Does what only computes, on behalf of the workspace.
    computing: Gate,
    workspace: Option<WorkspaceId>,
}

impl BackTest {
    /// A back-test on `past`, with `ledger` for the leads it shows.
    #[must_use]
    pub fn new(
        past: Past,
        mut ledger: Ledger,
        samples: Samples,
        (computing, workspace): (Gate, WorkspaceId),
    ) -> Self {
        for seed in past.seeds() {
            let owner = seed.lead.is_some().then_some(seed.id);
            for key in seed.keys {
                ledger.seed_key(key, owner);
            }
            ledger.seed_lead(seed.id, seed.lead);
        }
        let (past, ledger) = (Plain::new(past), Arc::new(Mutex::new(ledger)));
        Self { past, ledger, samples, computing, workspace: Some(workspace) }
    }

    /// What it works on.
    #[must_use]
    pub fn ledger(&self) -> &Arc<Mutex<Ledger>> {
        &self.ledger
    }

    pub(super) fn samples(&self) -> &Samples {
        &self.samples
    }

    /// The journal's answers.
    pub(super) fn past(&self) -> &Plain<Past> {
        &self.past
    }

    /// Answers from the journal, or works out what a changed lead operation would do.
    pub(crate) async fn pass(&self, key: &EffectKey, operation: &Operation, at: DateTime<Utc>) -> Passed {
        let known = self.past.lock().performed(key, operation);
        if operation.performer.is_internal() {
            return self.inward(key, operation, at, known).await;
        }
        if let Some(Answered { event: Event::Performed { result, at, .. }, .. }) = known {
            return Passed::journaled(result, at);
        }
        if crate::plugins::is_pure(operation) {
            // What only computes gives today what it would have given then.
            let result = Box::pin(self.computing.perform(self.workspace, operation, LONGEST)).await;
            return Passed::now(result, How::Computed);
        }
        match operation.access {
            Access::Read => Passed::now(Err(failures::not_known(&what(operation))), How::NotKnown),
            Access::Write => {
                let alike = self.past.lock().alike(key, operation);
                Passed::now(Ok(alike.unwrap_or_else(|| self.samples.assumed(&key.step))), How::Assumed)
            }
        }
    }

    async fn inward(
        &self,
        key: &EffectKey,
        operation: &Operation,
        now: DateTime<Utc>,
        known: Option<Answered>,
    ) -> Passed {
        let mut ledger = self.ledger.lock().await;
        if matches!(operation.performer, Performer::Tables | Performer::Suppressions)
            && let Some(Answered { event: Event::Performed { result, at, .. }, .. }) = known
        {
            return Passed::journaled(result, at);
        }
        let about = operation.input["lead_id"].as_str().and_then(|id| id.parse::<Uuid>().ok());
        // What follows from the lead alone is worked out anew once the lead stands otherwise; a turn of a pool and an
        // identity are not, for they would come out otherwise by the day alone.
        let depends = matches!(&*operation.action, "set_score" | "set_stage" | "add_to_list");
        let stands_otherwise = about.is_some_and(|id| ledger.is_changed(id));
        match known {
            Some(Answered { event: Event::Performed { result, at, .. }, .. })
                if !(depends && stands_otherwise) =>
            {
                let result = result.map(|done| follow(&mut ledger, operation, done, stands_otherwise));
                Passed::journaled(result, at)
            }
            _ => {
                let made = self.past.lock().made(key);
                match ledger.perform(operation, now, &key.step, made).await {
                    Ok(done) => Passed::now(Ok(done), How::Computed),
                    Err(Unperformed::Failed(failure)) => Passed::now(Err(failure), How::Computed),
                    Err(Unperformed::NotKnown(what)) => {
                        Passed::now(Err(failures::not_known(&what)), How::NotKnown)
                    }
                }
            }
        }
    }
}

/// What a read asks, in words.
fn what(operation: &Operation) -> String {
    format!("what {} answered", crate::runner::gate::target(operation))
}

/// Lets the ledger follow what the old run did, and gives what the step is told of it now.
fn follow(
    ledger: &mut Ledger,
    operation: &Operation,
    mut done: Performed,
    stands_otherwise: bool,
) -> Performed {
    let input = &operation.input;
    let about = input["lead_id"].as_str().and_then(|id| id.parse::<Uuid>().ok());
    match (&*operation.action, about) {
        ("find_or_create", _) => {
            let Some(lead) = shown_lead(&done.output) else { return done };
            let id = lead.id;
            for (kind, text) in [
                (KeyKind::Email, &lead.email),
                (KeyKind::Phone, &lead.phone),
                (KeyKind::ExternalId, &lead.external_id),
            ] {
                if let Some(key) = text.as_deref().and_then(|text| Key::read(kind, text)) {
                    ledger.follow_key(key, id);
                }
            }
            if ledger.is_changed(id) {
                // Only what this step wrote; the rest stands as the rehearsal has it.
                for change in &done.written {
                    if let Some((_, place)) = change.target.as_ref().and_then(Place::read) {
                        ledger.follow(id, |lead| place.set(lead, &change.new));
                    }
                }
                if let Some(lead) = ledger.lead(id) {
                    done.output["lead"] = lead.record();
                }
            } else {
                ledger.seed_lead(id, Some(lead));
            }
        }
        ("set_score", Some(id)) => {
            ledger.follow(id, |lead| {
                lead.score = input["score"].as_i64();
                lead.score_reasons = serde_json::from_value(input["reasons"].clone()).unwrap_or_default();
            });
        }
        ("set_stage", Some(id)) => {
            if let Some(stage) = done.output["stage"].as_str() {
                ledger.follow(id, |lead| lead.stage = stage.to_owned());
            }
        }
        ("route", Some(id)) => {
            let owner = done.output["owner"]["id"].as_str().and_then(|id| id.parse().ok());
            let reason = done.output["reason"].as_str().map(str::to_owned);
            ledger.follow(id, |lead| (lead.owner_id, lead.owner_reason) = (owner, reason));
        }
        ("enrich", Some(id)) => {
            for change in &done.written {
                if let Some((_, place)) = change.target.as_ref().and_then(Place::read) {
                    ledger.follow(id, |lead| place.set(lead, &change.new));
                }
            }
        }
        ("add_to_list", Some(id)) => {
            if let Some(list) = done.output["list"]["id"].as_str().and_then(|id| id.parse().ok()) {
                ledger.follow_list(list, id);
            }
        }
        _ => {}
    }
    if stands_otherwise && done.output.get("lead").is_some_and(Value::is_object) {
        let lead = about.and_then(|id| ledger.lead(id));
        if let Some(lead) = lead {
            done.output["lead"] = lead.record();
        }
    }
    done
}
