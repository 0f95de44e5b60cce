//! Which workflows listen to what happens to leads, and the events that a batch writes down for them.

use super::database::Database;
use crate::columns::to_json;
use crate::error::Error;
use crate::ports::WorkspaceId;
use chrono::{DateTime, SecondsFormat, SubsecRound, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::Notify;
use trunkline_engine::document::Document;
use trunkline_engine::run::RunId;
use trunkline_engine::steps::LEAD_EVENT;
use trunkline_engine::trigger::LeadEventRule;
use trunkline_leads::{Activity, ActivityKind, Book};
use uuid::Uuid;

/// Whom to tell of events, once they are durable.
#[derive(Debug)]
pub(super) struct Heard {
    whom: Arc<Notify>,
    written: bool,
}

impl Heard {
    pub(super) fn new(whom: Arc<Notify>) -> Self {
        Self { whom, written: false }
    }

    /// The transaction is over; `is_kept` when it is durable.
    pub(super) fn tell(&mut self, is_kept: bool) {
        if std::mem::take(&mut self.written) && is_kept {
            self.whom.notify_one();
        }
    }
}

/// A trigger of a published workflow that is switched on.
#[derive(Debug)]
pub(super) struct Listener {
    workflow: Uuid,
    step: String,
    rule: LeadEventRule,
}

/// An event to be written down.
#[derive(Debug)]
pub(crate) struct NewLeadEvent {
    /// Whose lead.
    pub(crate) workspace: WorkspaceId,
    /// The workflow that listens.
    pub(crate) workflow: Uuid,
    /// Its trigger.
    pub(crate) step: String,
    /// The lead.
    pub(crate) lead: Uuid,
    /// What the run sees as its trigger, as JSON.
    pub(crate) output: String,
    /// When it happened.
    pub(crate) at: DateTime<Utc>,
}

/// The listeners in published documents. What cannot be read listens to nothing: it was refused when it was published.
pub(super) fn of_documents(documents: Vec<(Uuid, Document)>) -> Vec<Listener> {
    let mut all = Vec::new();
    for (workflow, document) in documents {
        for (step, settings) in &document.steps {
            if settings.kind == LEAD_EVENT
                && !settings.disabled
                && let Ok(rule) = LeadEventRule::deserialize(&settings.config)
            {
                all.push(Listener { workflow, step: step.to_string(), rule });
            }
        }
    }
    all
}

/// What `listeners` hear of what `book` is about to hand out; `workflows` says of which workflow each run is.
pub(super) fn heard(
    listeners: &[Listener],
    workspace: WorkspaceId,
    book: &Book,
    workflows: &HashMap<RunId, Uuid>,
) -> Result<Vec<NewLeadEvent>, Error> {
    let mut events = Vec::new();
    for activity in book.activities() {
        let did = activity.touch.as_ref().map(|touch| touch.kind.as_str());
        let by = activity.run_id.and_then(|run| workflows.get(&run));
        for listener in listeners {
            let is_own = by == Some(&listener.workflow);
            if (is_own && !listener.rule.own_changes)
                || !listener.rule.hears(activity.kind.as_str(), &activity.old, &activity.new, did)
            {
                continue;
            }
            events.push(NewLeadEvent {
                workspace,
                workflow: listener.workflow,
                step: listener.step.clone(),
                lead: activity.lead_id,
                output: to_json(&told(activity, book))?,
                at: activity.at.trunc_subsecs(6),
            });
        }
    }
    Ok(events)
}

fn told(activity: &Activity, book: &Book) -> Value {
    let mut told = json!({
        "event": activity.kind, "lead_id": activity.lead_id,
        "lead": book.record_of(activity.lead_id),
        "old": activity.old, "new": activity.new, "title": activity.title,
        "at": activity.at.to_rfc3339_opts(SecondsFormat::Millis, true),
    });
    for (name, value) in [
        ("crm_status", crm_status(activity, book).map(Value::from)),
        ("why", activity.why.clone().map(Value::from)),
        ("run_id", activity.run_id.map(|run| run.to_string().into())),
        ("by", activity.by.as_ref().map(|by| by.name.clone().into())),
        ("activity", activity.touch.as_ref().map(|touch| touch.kind.clone().into())),
        ("channel", activity.touch.as_ref().and_then(|touch| touch.channel.clone()).map(Value::from)),
    ] {
        if let Some(value) = value {
            told[name] = value;
        }
    }
    told
}

/// What the CRM calls a lead in the stage it came to or, after anything else, in the one it is in.
fn crm_status(activity: &Activity, book: &Book) -> Option<String> {
    let lead = book.known_lead(activity.lead_id)?;
    let stage = match activity.kind {
        ActivityKind::StageChanged => activity.new.as_str()?,
        _ => lead.stage.as_str(),
    };
    let status = book.rules().lifecycle()?.stage(stage)?.crm_status.trim();
    (!status.is_empty()).then(|| status.to_owned())
}

/// Writes `events` down.
pub(super) async fn write<D: Database>(
    database: &mut D,
    heard: &mut Heard,
    events: Vec<NewLeadEvent>,
) -> Result<(), Error> {
    if events.is_empty() {
        return Ok(());
    }
    heard.written = true;
    database.write_lead_events(events).await
}
