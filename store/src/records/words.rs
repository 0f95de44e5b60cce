//! What runs wait for, and letters.

use super::runs::read_key;
use crate::columns::{Columns, from_json};
use crate::error::Error;
use crate::ports::{Letter, WaitKind, WaitRow};
use trunkline_leads::Lead;

/// An open wait; the subject is the lead's name once there is a lead.
pub(crate) fn wait(row: &impl Columns) -> Result<WaitRow, Error> {
    let word = row.text("kind")?;
    let kind = WaitKind::parse(word).ok_or_else(|| Error::Corrupt(format!("kind of wait {word}").into()))?;
    let lead = row.maybe_text("lead_record")?;
    let lead = lead.map(|record| from_json::<Lead>("a lead", record)).transpose()?;
    Ok(WaitRow {
        place: row.number("place")?,
        run: row.id("run")?,
        key: read_key(row.text("key")?)?,
        workflow: row.id("workflow")?,
        workflow_name: row.string("workflow_name")?,
        subject: lead.map(|lead| lead.name()).or(row.maybe_string("subject")?),
        lead: row.maybe_id("lead")?,
        kind,
        what: row.json("what")?,
        asked_at: row.moment("asked_at")?,
        due_at: row.maybe_moment("due_at")?,
    })
}

/// A letter.
pub(crate) fn letter(row: &impl Columns) -> Result<Letter, Error> {
    let event = row.maybe_text("event")?.map(|event| from_json("a letter", event)).transpose()?;
    Ok(Letter { id: row.number("id")?, run: row.id("run")?, event })
}
