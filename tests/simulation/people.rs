//! People and systems that runs wait for: they answer what is asked of them, some time later, or not in time.

use crate::chance::Chance;
use crate::fate;
use crate::server::Stage;
use serde_json::json;
use std::time::Duration;
use trunkline_engine::kind::{Awaited, DID_NOT, HAPPENED};
use trunkline_server::runner::Runner;
use trunkline_store::ports::{WaitQuery, WaitRow};
use trunkline_store::{Store, WorkspaceId};

/// How often they look.
const LOOK: Duration = Duration::from_secs(30);

/// Everybody who can be asked.
#[derive(Debug)]
pub(crate) struct People {
    pub(crate) stage: Stage,
    pub(crate) runner: Runner,
    pub(crate) store: Store,
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
        }
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
            Awaited::LeadEvent { .. } => return,
        };
        // Of two answers one counts; one that was refused is given again at the next look.
        let _ = self.runner.answer_wait(wait.run, wait.key, port, output, Some("ana".into())).await;
    }
}
