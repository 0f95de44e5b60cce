//! Leads, what happened to them, and whom they can go to.

use crate::columns::{Columns, from_json};
use crate::error::Error;
use crate::ports::{LeadRow, ListRow, Named, Owner, TimelineEntry};
use crate::shared::desk::rules;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::Arc;
use trunkline_leads::hours::Work;
use trunkline_leads::{Activity, ActivityKind, By, Member, Pool, Stage, Touch};
use uuid::Uuid;

/// A lead and who owns it.
pub(crate) fn lead_row(row: &impl Columns) -> Result<LeadRow, Error> {
    Ok(LeadRow { lead: row.json("record")?, owner: maybe_named(row, "owner", "owner_name")? })
}

/// Something with a name, in the columns `id` and `name`.
pub(crate) fn named(row: &impl Columns) -> Result<Named, Error> {
    Ok(Named { id: row.id("id")?, name: row.string("name")? })
}

/// Something with a name that may be missing.
fn maybe_named(row: &impl Columns, id: &str, name: &str) -> Result<Option<Named>, Error> {
    match row.maybe_id(id)? {
        Some(id) => Ok(Some(Named { id, name: row.string(name)? })),
        None => Ok(None),
    }
}

/// An entry of a timeline.
pub(crate) fn activity(row: &impl Columns) -> Result<TimelineEntry, Error> {
    let kind = row.text("kind")?;
    let kind: ActivityKind =
        kind.parse().map_err(|_| Error::Corrupt(format!("activity kind {kind}").into()))?;
    let activity = Activity {
        lead_id: row.id("lead")?,
        at: row.moment("at")?,
        kind,
        title: row.string("title")?,
        why: row.maybe_string("why")?,
        old: value(row, "old_value")?,
        new: value(row, "new_value")?,
        detail: value(row, "detail")?,
        run_id: row.maybe_id("run")?,
        step: row.maybe_string("step")?,
        by: row.maybe_id("by_id")?.map(|id| by(row, id)).transpose()?,
        touch: row.maybe_string("touch")?.map(|kind| touch(row, kind)).transpose()?,
    };
    Ok(TimelineEntry { id: row.number("id")?, activity })
}

fn by(row: &impl Columns, id: Uuid) -> Result<By, Error> {
    Ok(By { id, name: row.maybe_string("by_name")?.unwrap_or_default() })
}

fn touch(row: &impl Columns, kind: String) -> Result<Touch, Error> {
    Ok(Touch { kind, channel: row.maybe_string("channel")? })
}

fn value(row: &impl Columns, column: &str) -> Result<Value, Error> {
    row.maybe_text(column)?.map_or(Ok(Value::Null), |text| from_json(column, text))
}

/// How many leads an owner, or nobody, has.
pub(crate) fn owner_count(row: &impl Columns) -> Result<(Option<Named>, u64), Error> {
    Ok((maybe_named(row, "id", "name")?, row.count("n")?))
}

/// A list and how many leads are on it.
pub(crate) fn list_row(row: &impl Columns) -> Result<ListRow, Error> {
    Ok(ListRow { list: named(row)?, count: row.count("n")? })
}

/// Somebody who can own leads.
pub(crate) fn owner(row: &impl Columns) -> Result<Owner, Error> {
    Ok(Owner { id: row.id("id")?, name: row.string("name")?, email: row.string("email")?, work: work(row)? })
}

/// The member in a row that names its owner `owner`, `owner_name` and `email`; none for an empty pool.
pub(crate) fn member(row: &impl Columns) -> Result<Option<Member>, Error> {
    let Some(id) = row.maybe_id("owner")? else { return Ok(None) };
    Ok(Some(Member {
        owner: Arc::new(Owner {
            id,
            name: row.string("owner_name")?,
            email: row.string("email")?,
            work: work(row)?,
        }),
        weight: row.small("weight")?,
        active: row.flag("active")?,
        credit: row.number("credit")?,
        assigned: row.count("assigned")?,
        last_turn: row.count("last_turn")?,
        tallies: row.maybe_text("tallies")?.map_or(Ok(Vec::new()), |text| from_json("tallies", text))?,
    }))
}

/// How the owner in a row works.
fn work(row: &impl Columns) -> Result<Option<Work>, Error> {
    row.maybe_text("work")?.map(|text| from_json("work", text)).transpose()
}

/// The pools in rows with a member each, under the text `asked` reads from the row; a name wins over an id.
pub(crate) fn asked_pools<R: Columns>(
    rows: &[R],
    asked: impl Fn(&R) -> Result<String, Error>,
) -> Result<HashMap<String, Pool>, Error> {
    let mut found: HashMap<String, Pool> = HashMap::new();
    for row in rows {
        let (asked, id, name) = (asked(row)?, row.id("id")?, row.string("name")?);
        let is_name = asked == name;
        let rules = rules(row)?;
        let empty = || Pool { id, name: name.clone(), members: Vec::new(), rules: rules.clone() };
        let pool = found.entry(asked).or_insert_with(empty);
        if pool.id != id {
            // The text names one pool and is the id of another.
            if !is_name {
                continue;
            }
            *pool = empty();
        }
        pool.members.extend(member(row)?);
    }
    Ok(found)
}

/// A stage.
pub(crate) fn stage(row: &impl Columns) -> Result<Stage, Error> {
    Ok(Stage { name: row.string("name")?, rank: row.small("rank")? })
}
