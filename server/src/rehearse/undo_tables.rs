//! What of a run's changes to tables and counters can be turned back, found out by turning them back in memory.

use super::failures;
use super::undo::{Deeds, UndoItem, UndoState};
use chrono::Utc;
use serde_json::Value;
use trunkline_engine::failure::Failure;
use trunkline_leads::Occasion;
use trunkline_leads::table::operation::PutBackTables;
use trunkline_leads::table::{Shelf, TableOperation, TablePlace};
use trunkline_store::{Store, WorkspaceId};
use uuid::Uuid;

/// An item for everything that the run wrote to tables and counters, with these as they are now.
///
/// # Errors
/// `RUN-0031` when the store does not answer.
pub async fn items(store: &Store, workspace: WorkspaceId, deeds: &Deeds) -> Result<Vec<UndoItem>, Failure> {
    let (steps, parts): (Vec<&str>, Vec<_>) = deeds.table_parts().into_iter().unzip();
    if parts.is_empty() {
        return Ok(Vec::new());
    }
    let operation = TableOperation::PutBackTables(PutBackTables { parts: parts.clone() });
    let mut shelf = Shelf::default();
    loop {
        let needs = shelf.needs(&operation);
        if needs.is_empty() {
            break;
        }
        let answers = store.tables.look_up(workspace, needs).await;
        shelf.supply(answers.map_err(|error| failures::unreadable(&error))?);
    }
    let occasion = Occasion { at: Utc::now(), run_id: None, step: None, by: None, new_id: &mut Uuid::now_v7 };
    let done = shelf.perform(&operation, occasion)?;
    let outcomes = done.output["items"].as_array().cloned().unwrap_or_default();
    let item = |((step, part), outcome): ((&str, _), Value)| {
        let part: trunkline_leads::table::operation::PutBackPart = part;
        let (state, why) = match outcome["why"].as_str() {
            None => (UndoState::Can, "It is as the run left it.".to_owned()),
            Some(why) if outcome["now"].is_null() => (UndoState::Cannot, sentence(why)),
            Some(_) if outcome["now"] == part.back_to => {
                (UndoState::Cannot, "It is back already.".to_owned())
            }
            Some(why) => (UndoState::ChangedSince, format!("{} It stays.", sentence(why))),
        };
        let what = match TablePlace::read(&part.target) {
            Some(TablePlace::Counter(counter)) => counter.label(),
            _ => part.label.split(": ").next().unwrap_or(&part.label).to_owned(),
        };
        UndoItem {
            step: step.to_owned(),
            what,
            lead_id: None,
            label: part.label.clone(),
            now: outcome["now"].clone(),
            back_to: part.back_to.clone(),
            state,
            why,
            part: None,
            table_part: (state == UndoState::Can).then_some(part),
        }
    };
    Ok(steps.into_iter().zip(parts).zip(outcomes).map(item).collect())
}

/// `words` as a sentence.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).chain(['.']).collect()
}
