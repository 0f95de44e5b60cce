//! Runs.

use crate::columns::{Columns, from_json};
use crate::error::Error;
use crate::ports::{
    Debounce, Keep, OrderKey, Priority, Rules, RunHeader, RunRow, RunState, RunStatus, VersionId, WorkspaceId,
};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{EffectKey, HeldFor};
use trunkline_leads::Lead;

/// What is known of a run whose next turn is `next_seq`.
pub(crate) fn header(row: &impl Columns, next_seq: i64) -> Result<RunHeader, Error> {
    let parent = match (row.maybe_id("parent")?, row.maybe_text("parent_key")?) {
        (Some(run), Some(key)) => Some((run, read_key(key)?)),
        _ => None,
    };
    Ok(RunHeader {
        id: row.id("id")?,
        workspace: WorkspaceId(row.number("workspace")?),
        workflow: row.id("workflow")?,
        version: VersionId(row.number("version")?),
        subject: row.maybe_string("subject")?,
        trigger_kind: row.string("trigger_kind")?,
        started_at: row.moment("started_at")?,
        event_key: row.maybe_string("event_key")?,
        parent,
        next_seq,
        rules: rules(row)?,
        waits: row.small("waits")?,
    })
}

/// What a run that has not ended keeps to, from a row of its rules that may be missing. Of a burst that is over nothing
/// is left to keep to.
fn rules(row: &impl Columns) -> Result<Rules, Error> {
    let Some(priority) = row.maybe_text("priority")? else { return Ok(Rules::default()) };
    let priority =
        Priority::parse(priority).ok_or_else(|| Error::Corrupt(format!("priority {priority}").into()))?;
    let order = match (row.maybe_string("space")?, row.maybe_string("key")?) {
        (Some(space), Some(key)) => Some(OrderKey { space, key }),
        _ => None,
    };
    let debounce =
        match (row.maybe_text("held")?, row.maybe_string("burst")?, row.maybe_moment("burst_until")?) {
            (Some("burst"), Some(key), Some(until)) => Some(Debounce { key, until, keep: Keep::Last }),
            _ => None,
        };
    Ok(Rules { order, most_at_once: row.maybe_small("most_at_once")?, priority, debounce, dedupe: None })
}

/// Why a run is held, from its word.
pub(crate) fn held_for(word: &str) -> Result<HeldFor, Error> {
    match word {
        "order" => Ok(HeldFor::Order),
        "limit" => Ok(HeldFor::Limit),
        "burst" => Ok(HeldFor::Burst),
        other => Err(Error::Corrupt(format!("held for {other}").into())),
    }
}

/// Reads an effect key as its `Display` writes it: `step[0][12]`.
pub(crate) fn read_key(text: &str) -> Result<EffectKey, Error> {
    let mut parts = text.split('[');
    let step = parts.next().unwrap_or_default().to_owned();
    let items = parts.map(|part| part.trim_end_matches(']').parse()).collect::<Result<_, _>>();
    let items = items.map_err(|_| Error::Corrupt(format!("effect key {text}").into()))?;
    Ok(EffectKey { step, items })
}

/// How a run stands.
pub(crate) fn state(row: &impl Columns) -> Result<RunState, Error> {
    let word = row.text("status")?;
    let status = RunStatus::parse(word).ok_or_else(|| Error::Corrupt(format!("run status {word}").into()))?;
    let error = match (row.maybe_string("error_step")?, row.maybe_text("error")?) {
        (Some(step), Some(failure)) => Some((step, from_json::<Failure>("a run's error", failure)?)),
        _ => None,
    };
    Ok(RunState {
        status,
        lead: row.maybe_id("lead")?,
        finished_at: row.maybe_moment("finished_at")?,
        wake_at: row.maybe_moment("wake_at")?,
        resume: row.flag("resume")?,
        error,
    })
}

/// A run as lists show it; the subject is the lead's name once there is a lead.
pub(crate) fn run_row(row: &impl Columns) -> Result<RunRow, Error> {
    let lead = row.maybe_text("lead_record")?;
    let lead = lead.map(|record| from_json::<Lead>("a lead", record)).transpose()?;
    Ok(RunRow {
        id: row.id("id")?,
        workflow: row.id("workflow")?,
        workflow_name: row.string("workflow_name")?,
        version: VersionId(row.number("version")?),
        number: row.maybe_small("number")?,
        subject: lead.map(|lead| lead.name()).or(row.maybe_string("subject")?),
        trigger_kind: row.string("trigger_kind")?,
        started_at: row.moment("started_at")?,
        state: state(row)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effect_keys_read_back_as_they_are_written() {
        for items in [vec![], vec![0], vec![3, 12]] {
            let key = EffectKey { step: "each_row".into(), items };
            assert_eq!(read_key(&key.to_string()).unwrap(), key);
        }
        assert!(read_key("a[x]").is_err());
    }
}
