//! Turning a run back: what can be put back, what has changed since, and what cannot.

use super::act::{Act, Matter};
use super::past::Answered;
use super::{How, past};
use crate::runner::gate;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use trunkline_engine::document::Document;
use trunkline_engine::kind::Access;
use trunkline_engine::run::{Change, Performed};
use trunkline_leads::operation::PutBackPart;
use trunkline_leads::{Lead, Place, table};
use trunkline_store::ports::{LeadView, Named};
use utoipa::ToSchema;
use uuid::Uuid;

/// One thing that a run did, and whether it can be turned back.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UndoItem {
    /// The step that did it.
    pub step: String,
    /// What it was done to, such as `Lead Ada Lovelace` or `POST https://...`.
    pub what: String,
    /// The lead, if it was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_id: Option<Uuid>,
    /// What people call the field.
    pub label: String,
    /// What it is now.
    pub now: Value,
    /// What it would go back to.
    pub back_to: Value,
    /// Whether it can be turned back.
    pub state: UndoState,
    /// Why, in a plain sentence.
    pub why: String,
    /// What is asked of the leads.
    #[serde(skip)]
    pub part: Option<PutBackPart>,
    /// What is asked of the tables.
    #[serde(skip)]
    pub table_part: Option<table::operation::PutBackPart>,
}

/// Whether something can be turned back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum UndoState {
    /// It can.
    Can,
    /// It holds something else by now, and stays.
    ChangedSince,
    /// It cannot.
    Cannot,
}

/// A field of a lead that a run wrote, from its first to its last value.
#[derive(Debug)]
struct Written {
    step: String,
    label: String,
    place: Place,
    /// What it was before; of an owner the id.
    before: Value,
    before_shown: Value,
    /// What the run left; of an owner the id.
    left: Value,
    left_shown: Value,
    reasons: Value,
}

/// What undoing has to know of a run.
#[derive(Debug)]
pub struct Deeds {
    fields: IndexMap<(Uuid, String), Written>,
    /// What was written to tables and counters, in order, with the step.
    on_tables: Vec<(String, Change)>,
    /// What was sent elsewhere.
    sent: Vec<Act>,
    turns: usize,
}

impl Deeds {
    /// What the run with these answers did.
    #[must_use]
    pub fn of(answers: &[Answered], document: &Document) -> Self {
        let titles = super::stage::titles(&document.steps);
        let title = |step: &str| titles.get(step).cloned().unwrap_or_else(|| step.to_owned());
        let mut deeds = Self { fields: IndexMap::new(), on_tables: Vec::new(), sent: Vec::new(), turns: 0 };
        for act in past::acts(answers, title) {
            deeds.add(act);
        }
        deeds
    }

    fn add(&mut self, act: Act) {
        if let Some((operation, done)) = act.on_lead() {
            self.turns += usize::from(operation.action == "route" && !done.written.is_empty());
            for change in &done.written {
                let Some((lead, place)) = change.target.as_ref().and_then(Place::read) else { continue };
                let (before, left) = ids(&place, done, &change.old, &change.new);
                let reasons = done.output.pointer("/previous/reasons").cloned().unwrap_or_default();
                let written = Written {
                    step: act.key.step.clone(),
                    label: change.label.clone(),
                    before,
                    before_shown: change.old.clone(),
                    left: left.clone(),
                    left_shown: change.new.clone(),
                    reasons,
                    place,
                };
                // Written twice, it goes back to what it was at first, if it still is what it was at last.
                self.fields
                    .entry((lead, written.place.to_string()))
                    .and_modify(|known| (known.left, known.left_shown) = (left, change.new.clone()))
                    .or_insert(written);
            }
            return;
        }
        let written = act.on_tables();
        if !written.is_empty() {
            self.on_tables.extend(written.iter().map(|change| (act.key.step.clone(), change.clone())));
            return;
        }
        let is_sent = match &act.matter {
            Matter::Operation { operation, .. } if operation.performer.is_internal() => false,
            Matter::Operation { operation, result } => operation.access == Access::Write && result.is_ok(),
            Matter::Call { result, .. } => result.is_ok(),
        };
        if is_sent && !act.is_held_back() && act.how == How::Journal && !act.key.step.contains('!') {
            self.sent.push(act);
        }
    }

    /// The leads it wrote to.
    #[must_use]
    pub fn leads(&self) -> Vec<Uuid> {
        let mut all: Vec<Uuid> = self.fields.keys().map(|(lead, _)| *lead).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What it wrote to tables and counters, as parts that are put back one after another: the last change first.
    #[must_use]
    pub fn table_parts(&self) -> Vec<(&str, table::operation::PutBackPart)> {
        self.on_tables
            .iter()
            .rev()
            .filter_map(|written| {
                let (step, change) = written;
                let target = change.target.clone()?;
                let (label, now, back_to) = (change.label.clone(), change.new.clone(), change.old.clone());
                Some((step.as_str(), table::operation::PutBackPart { target, label, now, back_to }))
            })
            .collect()
    }

    /// What can be turned back, with the leads as they are now.
    #[must_use]
    pub fn items(&self, leads: &HashMap<Uuid, LeadView>, owners: &[Named]) -> Vec<UndoItem> {
        let mut items: Vec<UndoItem> =
            self.fields.iter().map(|((id, _), written)| item(*id, written, leads.get(id), owners)).collect();
        if self.turns > 0 {
            items.push(cannot(
                "Pool counters",
                "Turns dealt",
                self.turns.into(),
                "Turns that a pool has dealt are not taken back: others were dealt after them.",
            ));
        }
        items.extend(self.sent.iter().map(sent));
        items
    }
}

/// The values as the store holds them: of an owner the ids, which only the output tells.
fn ids(place: &Place, done: &Performed, old: &Value, new: &Value) -> (Value, Value) {
    match place {
        Place::Owner => {
            let at = |pointer: &str| done.output.pointer(pointer).cloned().unwrap_or_default();
            (at("/previous/id"), at("/owner/id"))
        }
        _ => (old.clone(), new.clone()),
    }
}

fn item(id: Uuid, written: &Written, view: Option<&LeadView>, owners: &[Named]) -> UndoItem {
    let what =
        view.map_or_else(|| "A lead that is gone".to_owned(), |view| format!("Lead {}", view.lead.name()));
    let now = view.map(|view| now(view, &written.place, owners)).unwrap_or_default();
    let (state, why) = judge(written, view, owners);
    let reasons = serde_json::from_value(written.reasons.clone()).unwrap_or_default();
    let part = PutBackPart {
        lead_id: id,
        field: written.place.to_string(),
        label: written.label.clone(),
        now: written.left.clone(),
        back_to: written.before.clone(),
        now_shown: written.left_shown.clone(),
        back_to_shown: written.before_shown.clone(),
        reasons,
    };
    UndoItem {
        step: written.step.clone(),
        what,
        lead_id: Some(id),
        label: written.label.clone(),
        now,
        back_to: written.before_shown.clone(),
        state,
        why,
        part: (state == UndoState::Can).then_some(part),
        table_part: None,
    }
}

fn judge(written: &Written, view: Option<&LeadView>, owners: &[Named]) -> (UndoState, String) {
    use UndoState::{Can, Cannot, ChangedSince};
    let Some(view) = view else { return (Cannot, "The lead does not exist any more.".into()) };
    let holds = |value: &Value| match &written.place {
        Place::List(list) => view.lists.iter().any(|named| named.id == *list) != value.is_null(),
        place => place.get(&view.lead) == *value,
    };
    match &written.place {
        Place::Whole => {
            let why = "The lead stays: other runs and people may have met it by now. It can be erased on its own page.";
            return (Cannot, why.into());
        }
        _ if holds(&written.before) => return (Cannot, "It is back already.".into()),
        Place::List(_) if !holds(&written.left) => {
            return (ChangedSince, "It was taken off the list since.".into());
        }
        _ if !holds(&written.left) => {
            return (ChangedSince, "Somebody or another run has changed it since, so it stays.".into());
        }
        Place::Owner
            if written
                .before
                .as_str()
                .is_some_and(|id| !owners.iter().any(|one| one.id.to_string() == id)) =>
        {
            return (Cannot, "The owner before does not exist any more.".into());
        }
        _ => {}
    }
    (Can, "It is as the run left it.".into())
}

/// What the lead holds now, as people read it.
fn now(view: &LeadView, place: &Place, owners: &[Named]) -> Value {
    let lead: &Lead = &view.lead;
    match place {
        Place::Whole => lead.name().into(),
        Place::Owner => {
            let name = |id: Uuid| owners.iter().find(|owner| owner.id == id).map(|owner| owner.name.clone());
            lead.owner_id.and_then(name).into()
        }
        Place::List(list) => {
            view.lists.iter().find(|named| named.id == *list).map(|named| named.name.clone()).into()
        }
        place => place.get(lead),
    }
}

fn sent(act: &Act) -> UndoItem {
    let (what, value) = match &act.matter {
        Matter::Operation { operation, .. } => (gate::target(operation), gate::shown(operation)),
        Matter::Call { call, .. } => (format!("Workflow {}", call.workflow), call.input.clone()),
    };
    let why = match act.matter {
        Matter::Operation { .. } => {
            "It was sent to another system, which Trunkline cannot turn back. This is what was sent."
        }
        Matter::Call { .. } => "It is a run of its own: undo that run.",
    };
    UndoItem { step: act.key.step.clone(), ..cannot(&what, &act.title, value, why) }
}

fn cannot(what: &str, label: &str, now: Value, why: &str) -> UndoItem {
    UndoItem {
        step: String::new(),
        what: what.to_owned(),
        lead_id: None,
        label: label.to_owned(),
        now,
        back_to: Value::Null,
        state: UndoState::Cannot,
        why: why.to_owned(),
        part: None,
        table_part: None,
    }
}
