//! What imports keep of an erased lead: what became of its rows, and values that were shown of its file.
//!
//! How many rows met which fate stays, so that the figures of an import do not change.

use super::erasures::{ERASED, Marks};
use super::quotes::Quotes;
use crate::columns::{Columns, to_json};
use crate::error::Error;
use crate::records::{done_stretch, import_row_texts};
use crate::shared::imports::packed_rows;
use serde_json::Value;
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::collections::{BTreeSet, HashSet};
use trunkline_leads::importing::RowOutcome;
use uuid::Uuid;

/// Stretches read at a time; each may be some megabytes.
const SLICE: i64 = 8;

/// Stretches, by their import and first row.
type Places = BTreeSet<(Uuid, i64)>;

/// Which stretches were looked at beside the writer, and which of them are about the lead. What is written of a stretch
/// never changes.
#[derive(Debug, Default)]
pub(super) struct Looked {
    at: HashSet<(Uuid, i64)>,
    about: Places,
}

/// Erasing a lead from imports, through a connection of either database.
pub(super) trait ImportTraces: Send {
    /// Looks at every stretch of the workspace. Beside the writer.
    fn look_at_stretches(&mut self, quotes: &mut Quotes) -> impl Future<Output = Result<(), Error>> + Send;

    /// Erases the lead from all imports; answers how many rows were about it, by what they were.
    fn erase_import_traces(
        &mut self,
        quotes: &mut Quotes,
    ) -> impl Future<Output = Result<Vec<(String, u64)>, Error>> + Send;
}

macro_rules! import_traces {
    ($connection:ty, $database:ty) => {
        impl ImportTraces for $connection {
            async fn look_at_stretches(&mut self, quotes: &mut Quotes) -> Result<(), Error> {
                let (mut import, mut first) = (Uuid::nil(), 0);
                loop {
                    let sql = "SELECT s.import, s.first, s.body FROM import_stretch s \
                        JOIN import i ON i.id = s.import WHERE i.workspace = $1 AND (s.import, s.first) > ($2, $3) \
                        ORDER BY s.import, s.first LIMIT $4";
                    let rows = sqlx::query(sql)
                        .bind(quotes.workspace.0)
                        .bind(import)
                        .bind(first)
                        .bind(SLICE)
                        .fetch_all(&mut *self)
                        .await?;
                    let Some(last) = rows.last() else { return Ok(()) };
                    (import, first) = (last.id("import")?, last.number("first")?);
                    for row in &rows {
                        let place = (row.id("import")?, row.number("first")?);
                        quotes.stretches.at.insert(place);
                        if quotes.marks.are_in_text(&import_row_texts(row)?) {
                            quotes.stretches.about.insert(place);
                        }
                    }
                }
            }

            async fn erase_import_traces(&mut self, quotes: &mut Quotes) -> Result<Vec<(String, u64)>, Error> {
                let sql = "SELECT s.import, s.first FROM import_stretch s JOIN import i ON i.id = s.import \
                    WHERE i.workspace = $1";
                let all = sqlx::query(sql).bind(quotes.workspace.0).fetch_all(&mut *self).await?;
                let mut places = std::mem::take(&mut quotes.stretches.about);
                for row in &all {
                    let place = (row.id("import")?, row.number("first")?);
                    if !quotes.stretches.at.contains(&place) {
                        places.insert(place);
                    }
                }
                let (mut outcomes, mut imports) = (0, HashSet::new());
                for (import, first) in places {
                    let sql = "SELECT first, body FROM import_stretch WHERE import = $1 AND first = $2";
                    let row = sqlx::query(sql).bind(import).bind(first).fetch_optional(&mut *self).await?;
                    // The import may have been removed meanwhile.
                    let Some(row) = row else { continue };
                    let mut rows = done_stretch(&row)?.rows;
                    let erased = erase_outcomes(&mut rows, &quotes.leads, &quotes.marks)?;
                    if erased == 0 {
                        continue;
                    }
                    outcomes += erased;
                    imports.insert(import);
                    let sql = "UPDATE import_stretch SET body = $3 WHERE import = $1 AND first = $2";
                    let body = packed_rows(&rows)?;
                    sqlx::query(sql).bind(import).bind(first).bind(body).execute(&mut *self).await?;
                }
                let mut gone = 0;
                for lead in &quotes.leads {
                    let sql = "SELECT import FROM import_lead WHERE lead = $1";
                    imports.extend(sqlx::query_scalar::<_, Uuid>(sql).bind(*lead).fetch_all(&mut *self).await?);
                    let sql = "DELETE FROM import_lead WHERE lead = $1";
                    gone += sqlx::query(sql).bind(*lead).execute(&mut *self).await?.rows_affected();
                }
                let mut sql = QueryBuilder::<$database>::new("SELECT id, found, preview FROM import WHERE workspace = ");
                sql.push_bind(quotes.workspace.0);
                let mut shown = 0;
                for row in &sql.build().fetch_all(&mut *self).await? {
                    let (id, found, preview) = (row.id("id")?, row.text("found")?, row.text("preview")?);
                    let is_about = imports.contains(&id)
                        || quotes.marks.are_in_text(found)
                        || quotes.marks.are_in_text(preview);
                    if !is_about {
                        continue;
                    }
                    shown += 1;
                    let found = without_samples(row.json("found")?, &quotes.marks);
                    // A preview shows whole rows. Whoever has not started yet looks once more.
                    let sql = "UPDATE import SET found = $2, preview = 'null', \
                        status = CASE status WHEN 'previewed' THEN 'ready' ELSE status END WHERE id = $1";
                    sqlx::query(sql).bind(id).bind(to_json(&found)?).execute(&mut *self).await?;
                }
                Ok(vec![
                    ("import_row".to_owned(), outcomes),
                    ("import_lead".to_owned(), gone),
                    ("import_shown".to_owned(), shown),
                ])
            }
        }
    };
}

import_traces!(SqliteConnection, sqlx::Sqlite);
import_traces!(PgConnection, sqlx::Postgres);

/// Leaves of the rows about `leads`, or that name them, only what became of them; answers how many there were.
fn erase_outcomes(rows: &mut [RowOutcome], leads: &[Uuid], marks: &Marks) -> Result<u64, Error> {
    let mut erased = 0;
    for row in rows {
        let is_about = row.lead.is_some_and(|lead| leads.contains(&lead));
        if !is_about && !marks.are_in_text(&to_json(row)?) {
            continue;
        }
        erased += 1;
        if is_about {
            row.lead = None;
        }
        row.why = row.why.take().map(|_| ERASED.to_owned());
        row.changes.clear();
    }
    Ok(erased)
}

/// What was found in a file, without values of its columns and beginnings of its broken rows.
fn without_samples(mut found: Value, marks: &Marks) -> Value {
    for column in found["profile"].as_array_mut().into_iter().flatten() {
        column["samples"] = Value::Array(Vec::new());
    }
    for row in found["broken_rows"].as_array_mut().into_iter().flatten() {
        if row["text"].as_str().is_some_and(|text| marks.are_in_text(text)) {
            row["text"] = ERASED.into();
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Map, json};
    use trunkline_leads::importing::Fate;

    #[test]
    fn only_what_became_of_the_lead_s_own_rows_is_left() {
        let (gone, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let outcome = |row, lead, why: &str| RowOutcome {
            row,
            fate: Fate::Updated,
            lead: Some(lead),
            why: Some(why.to_owned()),
            changes: Map::from_iter([("city".to_owned(), json!(["Ulm", "Bonn"]))]),
        };
        let mut rows =
            [outcome(1, gone, "known"), outcome(2, other, "known"), outcome(3, other, "like A@X.example")];
        let marks = Marks::from_texts(["a@x.example"]);
        assert_eq!(erase_outcomes(&mut rows, &[gone], &marks).unwrap(), 2);
        assert_eq!((rows[0].lead, rows[0].why.as_deref(), rows[0].changes.len()), (None, Some(ERASED), 0));
        assert_eq!(
            (rows[1].lead, rows[1].why.as_deref(), rows[1].changes.len()),
            (Some(other), Some("known"), 1)
        );
        assert_eq!(
            (rows[2].lead, rows[2].why.as_deref(), rows[2].changes.len()),
            (Some(other), Some(ERASED), 0)
        );
    }
}
