//! Moving a lead along the ladder of stages, as its lifecycle allows.

use super::{Book, Note, Occasion};
use crate::activity::ActivityKind;
use crate::criteria::Facts;
use crate::failures;
use crate::lifecycle::Refusal;
use crate::operation::SetStage;
use crate::place::Place;
use crate::stage;
use crate::standing::Stay;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

/// A move that was found to be allowed.
#[derive(Debug)]
pub(super) struct Allowed {
    /// Name of the stage.
    pub(super) to: String,
    /// Whether the lead comes back there instead of going on.
    pub(super) is_recycled: bool,
    /// What the CRM calls a lead in it; empty when nothing is agreed.
    crm_status: String,
}

impl Book {
    pub(super) fn set_stage(
        &mut self,
        input: &SetStage,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let previous = self.lead(input.lead_id)?.stage.clone();
        let reason = input.reason.trim();
        let verdict =
            self.may_move(input.lead_id, &input.stage, input.allow_backwards, reason, occasion.at)?;
        let allowed = match verdict {
            Ok(allowed) => allowed,
            Err(Refusal::Unknown) => {
                let known: Vec<&str> = self.stages.iter().map(|stage| stage.name.as_str()).collect();
                return Err(failures::no_such_stage(input.stage.trim(), &known));
            }
            Err(refusal) => return Ok(kept(&previous, &input.stage, refusal)),
        };
        let mut why = format!("Moved from {previous} to {}.", allowed.to);
        if !reason.is_empty() {
            why.push_str(&format!(" {reason}"));
        }
        let mut output = json!({ "stage": allowed.to, "previous": previous, "changed": true });
        if !allowed.crm_status.is_empty() {
            output["crm_status"] = allowed.crm_status.as_str().into();
        }
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        let written = vec![self.move_to(input.lead_id, &allowed, reason.clone(), reason, occasion)];
        Ok(Performed { output, why: Some(why), written })
    }

    /// Whether the lead may move to the stage called `to`: as the lifecycle says or, where there is none, anywhere
    /// further along.
    ///
    /// # Errors
    /// `LEAD-0002` and `LEAD-0010` when the lead is not there or not loaded.
    pub(super) fn may_move(
        &self,
        id: Uuid,
        to: &str,
        allow_backwards: bool,
        reason: &str,
        at: DateTime<Utc>,
    ) -> Result<Result<Allowed, Refusal>, Failure> {
        let lead = self.lead(id)?;
        if let Some(lifecycle) = self.rules.lifecycle() {
            let history = self.history_of(id).ok_or_else(|| failures::not_supplied("what the lead did"))?;
            let account = self.account_seen(lead);
            let facts = Facts::new(lead, history, at).with_account(account.as_ref());
            let checked = lifecycle.check(&facts, to, allow_backwards, reason);
            return Ok(checked.map(|allowed| Allowed {
                to: allowed.to.name.trim().to_owned(),
                is_recycled: allowed.to.recycle,
                crm_status: allowed.to.crm_status.trim().to_owned(),
            }));
        }
        let Some(wanted) = stage::find(&self.stages, to) else { return Ok(Err(Refusal::Unknown)) };
        if lead.stage == wanted.name {
            return Ok(Err(Refusal::AlreadyThere));
        }
        // A stage that the ladder no longer has holds nobody back.
        let is_further = stage::find(&self.stages, &lead.stage).is_some_and(|now| now.rank > wanted.rank);
        if is_further && !allow_backwards {
            return Ok(Err(Refusal::FurtherAlong));
        }
        Ok(Ok(Allowed { to: wanted.name.clone(), is_recycled: false, crm_status: String::new() }))
    }

    /// Moves the lead, ends its stay in the stage it was at, and says what was written.
    pub(super) fn move_to(
        &mut self,
        id: Uuid,
        allowed: &Allowed,
        reason: Option<String>,
        why: Option<String>,
        occasion: &Occasion<'_>,
    ) -> Change {
        let lead = self.change(id, occasion.at);
        let entered_at = lead.in_stage_since();
        let previous = std::mem::replace(&mut lead.stage, allowed.to.clone());
        lead.stage_since = Some(occasion.at);
        lead.recycled += u32::from(allowed.is_recycled);
        self.added.stays.push(Stay {
            lead_id: id,
            stage: previous.clone(),
            entered_at,
            left_at: occasion.at,
            next: allowed.to.clone(),
            is_recycled: allowed.is_recycled,
            reason,
        });
        let note = Note {
            kind: ActivityKind::StageChanged,
            title: format!("Stage changed to {}", allowed.to),
            why,
            old: previous.as_str().into(),
            new: allowed.to.as_str().into(),
            touch: None,
        };
        self.note(id, occasion, note);
        Change {
            label: "Stage".into(),
            old: previous.into(),
            new: allowed.to.as_str().into(),
            target: Place::Stage.of(id),
        }
    }
}

/// The answer when the lead stays where it is.
fn kept(previous: &str, wanted: &str, refusal: Refusal) -> Performed {
    let (refused, why) = match refusal {
        Refusal::AlreadyThere => (false, format!("The lead was at {previous} already.")),
        Refusal::FurtherAlong | Refusal::Unknown => {
            (false, format!("Kept at {previous}, which is further along than {}.", wanted.trim()))
        }
        Refusal::NotAllowed(why) => (true, format!("Kept at {previous}. {why}")),
    };
    let mut output = json!({ "stage": previous, "previous": previous, "changed": false });
    if refused {
        output["refused"] = Value::Bool(true);
        output["reason"] = why.as_str().into();
    }
    Performed { output, why: Some(why), written: Vec::new() }
}
