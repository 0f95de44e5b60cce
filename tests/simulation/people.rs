//! People and systems that runs wait for: they answer what is asked of them, some time later, or not in time.

use crate::chance::Chance;
use crate::clock::BEGINNING;
use crate::fate;
use crate::server::{SCHEDULED, Stage};
use crate::workflows::MOVE;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::kind::{Awaited, DID_NOT, HAPPENED};
use trunkline_engine::run::RunId;
use trunkline_leads::operation::SetStage;
use trunkline_leads::{By, Operation};
use trunkline_server::runner::routes::Routes;
use trunkline_server::runner::{Await, NewRun, Runner};
use trunkline_store::ports::{LeadQuery, RunStatus, WaitQuery, WaitRow};
use trunkline_store::{Store, WorkspaceId};
use uuid::Uuid;

/// How often they look.
const LOOK: Duration = Duration::from_secs(30);

/// Everybody who can be asked.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) stage: Stage,
    pub(crate) runner: Runner,
    pub(crate) store: Store,
    pub(crate) routes: Arc<Routes>,
}

impl People {
    /// Answers for ever.
    pub(crate) async fn answer(self) {
        loop {
            tokio::time::sleep(LOOK).await;
            let query = WaitQuery { limit: 100, ..WaitQuery::default() };
            let Ok(open) = self.store.waits.list(WorkspaceId::FIRST, query).await else { continue };
            for wait in open.items {
                self.answer_one(wait).await;
            }
            for run in self.stage.disk.unfinished() {
                self.pause_or_resume(run).await;
            }
            self.move_by_hand().await;
        }
    }

    /// Pauses a run now and then, and lets one that rests go on some time later.
    async fn pause_or_resume(&self, run: RunId) {
        let universe = &self.stage.universe;
        let minute = universe.clock.now().timestamp() / 60;
        let mut chance = Chance::of(universe.seed, &format!("pause {run} {minute}"));
        let draw = chance.below(100);
        if draw >= 40 {
            return;
        }
        let Ok(Some(row)) = self.store.runs.get(WorkspaceId::FIRST, run).await else { return };
        let pauses = universe.pauses().get(&run).copied().unwrap_or(0);
        if row.state.status == RunStatus::Paused {
            self.runner.resume(run, "ana".into()).await;
        } else if draw < 4 && pauses < 2 && self.runner.pause(run, "ana".into()).await {
            universe.tell(&format!("{run} rests"));
            universe.note_pause(run);
        }
    }

    /// Moves a lead on its page now and then, for a while.
    async fn move_by_hand(&self) {
        let universe = &self.stage.universe;
        let now = universe.clock.now();
        let mut chance = Chance::of(universe.seed, &format!("by hand {}", now.timestamp() / 60));
        if now > BEGINNING + SCHEDULED || !chance.percent(20) {
            return;
        }
        let _hand = universe.hands.lock().await;
        let query = LeadQuery { limit: 20, ..LeadQuery::default() };
        let Ok(leads) = self.store.leads.list(WorkspaceId::FIRST, query).await else { return };
        if leads.items.is_empty() {
            return;
        }
        let (lead_id, stage) =
            (chance.pick(&leads.items).lead.id, *chance.pick(&["Lead", "MQL", "Customer"]));
        let reason = "asked for on the phone".to_owned();
        let stage = SetStage { lead_id, stage: stage.to_owned(), allow_backwards: true, reason };
        let by = By { id: Uuid::from_u128(9), name: "ana".into() };
        // Of one that was refused nothing is done, and nobody tries again.
        let _ = self.runner.perform_by_hand(WorkspaceId::FIRST, vec![Operation::SetStage(stage)], by).await;
    }

    /// Moves the lead that a run waits for, by a run of another workflow.
    async fn move_lead(&self, lead: &str, chance: &mut Chance) {
        let version = self.routes.published(WorkspaceId::FIRST, MOVE).expect("it was published");
        let stage = *chance.pick(&["Lead", "MQL", "SQL", "Customer"]);
        let at = self.stage.universe.clock.now();
        let output = json!({"body": {"lead": lead, "stage": stage}, "received_at": at});
        let new = NewRun { trigger: "go".into(), kind: "manual", output, key: None, parent: None, at };
        // One that was refused, or that changed nothing, is tried again at the next look.
        let _ = self.runner.start(&version, new, Await::Nothing).await;
    }

    async fn answer_one(&self, wait: WaitRow) {
        let mut chance = Chance::of(self.stage.universe.seed, &format!("answer {} {}", wait.run, wait.key));
        let waited = (self.stage.universe.clock.now() - wait.asked_at).num_seconds();
        // Whoever looks whether a call happened looks when no call of an earlier life can still be under way.
        let least = if matches!(wait.what, Awaited::Decision { .. }) { 120 } else { 0 };
        if waited < i64::try_from(chance.between(least, 400)).expect("minutes") {
            return;
        }
        let (port, output) = match &wait.what {
            Awaited::Approval { options, .. } => {
                (chance.pick(options).id.to_string(), json!({"note": "fine"}))
            }
            Awaited::Callback => ("out".into(), json!({"body": {"number": chance.below(10)}})),
            Awaited::Decision { operation, .. } => {
                let identity = fate::identity(operation);
                match self.stage.universe.happened().contains_key(&identity) {
                    true => (HAPPENED.into(), fate::value(&identity).output),
                    false => (DID_NOT.into(), json!({})),
                }
            }
            Awaited::LeadEvent { lead, .. } => {
                let look = self.stage.universe.clock.now().timestamp();
                let mut chance = Chance::of(self.stage.universe.seed, &format!("move {lead} {look}"));
                return self.move_lead(lead, &mut chance).await;
            }
        };
        // Of two answers one counts; one that was refused is given again at the next look.
        let _ = self.runner.answer_wait(wait.run, wait.key, port, output, Some("ana".into())).await;
    }
}
