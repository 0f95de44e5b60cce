//! Texts that quote an erased lead although they are about something else: rows of data tables, counters named after
//! somebody, what became of the rows of imports, timelines of others, rules.
//!
//! Most of it is looked for in the writer's transaction. What grows without end is looked through beside the writer
//! before, and only what is new since is looked at again. It must never take more than the quote from what is about
//! somebody else; only a row of a data table or a counter that names the lead goes whole, because it is about it.

use super::erasures::{ERASED, Marks, like};
use super::import_traces::ImportTraces;
use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::WorkspaceId;
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// Rows in one statement.
const PIECE: usize = 500;
/// How much older than its transaction the moment may be that a change carries.
const ON_THE_WAY: TimeDelta = TimeDelta::minutes(10);

/// Columns that may quote somebody their row is not about.
pub(super) struct Place {
    table: &'static str,
    texts: &'static [&'static str],
    /// What says that a row is of the workspace: what stands before its number, and after it.
    within: (&'static str, &'static str),
    /// Whether people who work here are named there as well: then an address that is also a colleague's stays.
    names_colleagues: bool,
}

impl Place {
    const fn of(table: &'static str, texts: &'static [&'static str]) -> Self {
        Self { table, texts, within: ("workspace = ", ""), names_colleagues: false }
    }

    const fn within(self, before: &'static str, after: &'static str) -> Self {
        Self { within: (before, after), ..self }
    }

    const fn naming_colleagues(self) -> Self {
        Self { names_colleagues: true, ..self }
    }
}

/// Rows that go whole when they name the lead: what is counted for somebody, answers that can be asked for again, and
/// what tells an activity apart, and what plugins keep.
const WHOLE: [(&str, &[&str]); 5] = [
    ("counter", &["name", "key"]),
    ("enrichment_answer", &["question", "record"]),
    ("activity_key", &["key"]),
    ("plugin_state", &["key", "value"]),
    ("plugin_call", &["result"]),
];

/// Where quotes are looked for in the writer's transaction. What is missing here is about a lead itself, of a run, or
/// named by the test that erases somebody from every column there is.
const PLACES: &[Place] = &[
    Place::of("account", &["label", "search", "record"]),
    Place::of("account_activity", &["title", "old_value", "new_value"]),
    Place::of("lead_event", &["output"]),
    Place::of("app_event", &["output"]),
    Place::of("app_look", &["position", "trouble"])
        .within("workflow IN (SELECT id FROM workflow WHERE workspace = ", ")"),
    Place::of("stage_stay", &["reason"]),
    Place::of("enrichment_provenance", &["record"]),
    Place::of("lead_merge", &["record"]),
    Place::of("suppression", &["source"]),
    Place::of("file", &["name"]),
    Place::of("import", &["name", "settings", "error"]),
    Place::of("data_table", &["layout"]),
    Place::of("job", &["title", "params", "state", "error"])
        .within("finished_at IS NOT NULL AND workspace = ", ""),
    Place::of("definition", &["draft"]).naming_colleagues(),
    Place::of("definition_version", &["document", "note"])
        .within("definition IN (SELECT id FROM definition WHERE workspace = ", ")")
        .naming_colleagues(),
    Place::of("pool", &["rules"]).naming_colleagues(),
    Place::of("pool_adjustment", &["why"]).naming_colleagues(),
];

/// The texts of an entry of a timeline.
const OF_ACTIVITY: &[&str] = &["title", "why", "old_value", "new_value", "detail"];
/// The texts of a lead.
const OF_LEAD: &[&str] = &["search", "record"];

/// What is looked for, and what was found beside the writer.
#[derive(Debug)]
pub(super) struct Quotes {
    pub(super) workspace: WorkspaceId,
    /// The lead and those that went into it.
    pub(super) leads: Vec<Uuid>,
    pub(super) marks: Marks,
    /// Leads changed later are looked at again.
    since: DateTime<Utc>,
    quoting: HashSet<Uuid>,
    /// Entries of timelines up to this one were looked at.
    last_entry: i64,
    entries: BTreeSet<i64>,
    pub(super) stretches: super::import_traces::Looked,
}

impl Quotes {
    /// Nothing yet; the search begins at `now`.
    pub(super) fn new(workspace: WorkspaceId, leads: Vec<Uuid>, marks: Marks, now: DateTime<Utc>) -> Self {
        Self {
            workspace,
            leads,
            marks,
            since: now - ON_THE_WAY,
            quoting: HashSet::new(),
            last_entry: 0,
            entries: BTreeSet::new(),
            stretches: super::import_traces::Looked::default(),
        }
    }
}

/// Which rows of a table.
pub(super) enum Rows<'a> {
    Within(&'a Place, WorkspaceId),
    Numbered(&'a [i64]),
    Named(&'a [Uuid]),
}

/// Finding and erasing quotes through a connection of either database.
pub(super) trait Quoting: Send {
    /// Looks through what can be large. Beside the writer.
    fn look_for_quotes(&mut self, quotes: &mut Quotes) -> impl Future<Output = Result<(), Error>> + Send;

    /// Erases all quotes; answers how many rows held one, by what they were. In the writer's transaction.
    fn erase_quotes(
        &mut self,
        quotes: Quotes,
    ) -> impl Future<Output = Result<Vec<(String, u64)>, Error>> + Send;

    /// How many workflows name the lead in a document: those stay, because runs go by them.
    fn workflows_naming(
        &mut self,
        workspace: WorkspaceId,
        marks: &Marks,
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Whether somebody who works here has one of these addresses.
    fn is_colleague(
        &mut self,
        workspace: WorkspaceId,
        marks: &Marks,
    ) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Erases the addresses from `texts` of `rows`; answers how many rows held one.
    fn erase_from(
        &mut self,
        table: &str,
        texts: &[&str],
        marks: &Marks,
        rows: Rows<'_>,
    ) -> impl Future<Output = Result<u64, Error>> + Send;

    /// Removes rows of data tables that name the lead.
    fn remove_table_rows(&mut self, quotes: &Quotes) -> impl Future<Output = Result<u64, Error>> + Send;
}

/// Pushes that one of the columns holds one of the marks, in whatever case.
macro_rules! any_of {
    ($sql:ident, $before:literal, $columns:expr, $marks:expr) => {
        $sql.push($before).push("(FALSE");
        let columns = $columns;
        for mark in $marks {
            for column in columns.iter() {
                $sql.push(" OR lower(").push(*column).push(") LIKE ");
                $sql.push_bind(like(mark)).push(" ESCAPE '!'");
            }
        }
        $sql.push(")");
    };
}

macro_rules! quoting {
    ($connection:ty, $database:ty, $without:ident) => {
        impl Quoting for $connection {
            async fn look_for_quotes(&mut self, quotes: &mut Quotes) -> Result<(), Error> {
                let sql = "SELECT coalesce(max(id), 0) FROM activity";
                quotes.last_entry = sqlx::query_scalar(sql).fetch_one(&mut *self).await?;
                let mut sql = QueryBuilder::<$database>::new("SELECT id FROM activity WHERE id <= ");
                sql.push_bind(quotes.last_entry);
                any_of!(sql, " AND ", OF_ACTIVITY, quotes.marks.addresses());
                quotes.entries = sql.build_query_scalar().fetch_all(&mut *self).await?.into_iter().collect();
                let mut sql = QueryBuilder::<$database>::new("SELECT id FROM lead WHERE workspace = ");
                sql.push_bind(quotes.workspace.0);
                any_of!(sql, " AND ", OF_LEAD, quotes.marks.addresses());
                quotes.quoting = sql.build_query_scalar().fetch_all(&mut *self).await?.into_iter().collect();
                self.look_at_stretches(quotes).await
            }

            async fn erase_quotes(&mut self, mut quotes: Quotes) -> Result<Vec<(String, u64)>, Error> {
                let mut sql = QueryBuilder::<$database>::new(
                    "SELECT count(*) FROM job WHERE finished_at IS NULL AND workspace = ",
                );
                sql.push_bind(quotes.workspace.0);
                any_of!(sql, " AND ", ["title", "params", "state"], quotes.marks.addresses());
                let under_way: i64 = sql.build_query_scalar().fetch_one(&mut *self).await?;
                if under_way > 0 {
                    return Err(Error::Conflict("a job about this lead that has not ended"));
                }
                let mut counts = vec![("data_row".to_owned(), self.remove_table_rows(&quotes).await?)];
                for (table, texts) in WHOLE {
                    let mut sql = QueryBuilder::<$database>::new("DELETE FROM ");
                    sql.push(table).push(" WHERE workspace = ").push_bind(quotes.workspace.0);
                    any_of!(sql, " AND ", texts, quotes.marks.texts());
                    let gone = sql.build().execute(&mut *self).await?.rows_affected();
                    counts.push((format!("{table}_naming"), gone));
                }
                counts.extend(self.erase_import_traces(&mut quotes).await?);
                if quotes.marks.addresses().next().is_none() {
                    return Ok(counts);
                }

                let mut sql = QueryBuilder::<$database>::new("SELECT id FROM activity WHERE id > ");
                sql.push_bind(quotes.last_entry);
                any_of!(sql, " AND ", OF_ACTIVITY, quotes.marks.addresses());
                let news: Vec<i64> = sql.build_query_scalar().fetch_all(&mut *self).await?;
                let entries: Vec<i64> = quotes.entries.iter().copied().chain(news).collect();
                let mut told = 0;
                for piece in entries.chunks(PIECE) {
                    let rows = Rows::Numbered(piece);
                    told += self.erase_from("activity", OF_ACTIVITY, &quotes.marks, rows).await?;
                }
                counts.push(("activity_quoting".to_owned(), told));

                let mut sql = QueryBuilder::<$database>::new("SELECT id FROM lead WHERE workspace = ");
                sql.push_bind(quotes.workspace.0).push(" AND updated_at >= ").push_bind(micros(quotes.since));
                any_of!(sql, " AND ", OF_LEAD, quotes.marks.addresses());
                quotes.quoting.extend(sql.build_query_scalar::<Uuid>().fetch_all(&mut *self).await?);
                let quoting: Vec<Uuid> = quotes.quoting.iter().copied().collect();
                let mut others = 0;
                for piece in quoting.chunks(PIECE) {
                    others += self.erase_from("lead", OF_LEAD, &quotes.marks, Rows::Named(piece)).await?;
                }
                counts.push(("lead_quoting".to_owned(), others));
                for address in quotes.marks.addresses() {
                    let sql = "DELETE FROM lead_word WHERE workspace = $1 AND word = $2";
                    sqlx::query(sql).bind(quotes.workspace.0).bind(address).execute(&mut *self).await?;
                }

                let is_colleague = self.is_colleague(quotes.workspace, &quotes.marks).await?;
                for place in PLACES.iter().filter(|place| !(is_colleague && place.names_colleagues)) {
                    let rows = Rows::Within(place, quotes.workspace);
                    let held = self.erase_from(place.table, place.texts, &quotes.marks, rows).await?;
                    if held > 0 && place.table == "account" {
                        let mut sql = QueryBuilder::<$database>::new("DELETE FROM account_key WHERE workspace = ");
                        sql.push_bind(quotes.workspace.0);
                        any_of!(sql, " AND ", ["key"], quotes.marks.addresses());
                        sql.build().execute(&mut *self).await?;
                    }
                    if held > 0 {
                        counts.push((format!("{}_quoting", place.table), held));
                    }
                }
                Ok(counts)
            }

            async fn workflows_naming(&mut self, workspace: WorkspaceId, marks: &Marks) -> Result<u64, Error> {
                let mut sql = QueryBuilder::<$database>::new(
                    "SELECT count(*) FROM workflow WHERE workspace = ",
                );
                sql.push_bind(workspace.0).push(" AND (");
                any_of!(sql, "", ["name", "draft"], marks.texts());
                sql.push(" OR id IN (SELECT workflow FROM workflow_version WHERE ");
                any_of!(sql, "", ["document", "coalesce(note, '')", "changes"], marks.texts());
                sql.push("))");
                let found: i64 = sql.build_query_scalar().fetch_one(self).await?;
                Ok(u64::try_from(found).unwrap_or(0))
            }

            async fn is_colleague(&mut self, workspace: WorkspaceId, marks: &Marks) -> Result<bool, Error> {
                for address in marks.addresses() {
                    let sql = "SELECT (SELECT count(*) FROM owner WHERE workspace = $1 AND lower(email) = $2) \
                        + (SELECT count(*) FROM \"user\" WHERE workspace = $1 AND lower(email) = $2)";
                    let of: i64 =
                        sqlx::query_scalar(sql).bind(workspace.0).bind(address).fetch_one(&mut *self).await?;
                    if of > 0 {
                        return Ok(true);
                    }
                }
                Ok(false)
            }

            async fn erase_from(
                &mut self,
                table: &str,
                texts: &[&str],
                marks: &Marks,
                rows: Rows<'_>,
            ) -> Result<u64, Error> {
                let only = |sql: &mut QueryBuilder<$database>| match rows {
                    Rows::Within(Place { within: (before, after), .. }, workspace) => {
                        sql.push(before).push_bind(workspace.0).push(after);
                    }
                    Rows::Numbered(ids) => {
                        sql.push("id IN (");
                        let mut list = sql.separated(", ");
                        ids.iter().for_each(|id| { list.push_bind(*id); });
                        list.push_unseparated(")");
                    }
                    Rows::Named(ids) => {
                        sql.push("id IN (");
                        let mut list = sql.separated(", ");
                        ids.iter().for_each(|id| { list.push_bind(*id); });
                        list.push_unseparated(")");
                    }
                };
                let mut sql = QueryBuilder::<$database>::new("SELECT count(*) FROM ");
                sql.push(table).push(" WHERE ");
                only(&mut sql);
                any_of!(sql, " AND ", texts, marks.addresses());
                let held: i64 = sql.build_query_scalar().fetch_one(&mut *self).await?;
                if held == 0 {
                    return Ok(0);
                }
                for text in texts {
                    for address in marks.addresses() {
                        // SQLite takes one quote out of each text at a time.
                        loop {
                            let mut sql = QueryBuilder::<$database>::new("UPDATE ");
                            sql.push(table).push(" SET ").push(text).push(" = ");
                            $without(&mut sql, text, address);
                            sql.push(" WHERE ");
                            only(&mut sql);
                            any_of!(sql, " AND ", [text], [address]);
                            if sql.build().execute(&mut *self).await?.rows_affected() == 0 {
                                break;
                            }
                        }
                    }
                }
                Ok(u64::try_from(held).unwrap_or(0))
            }

            async fn remove_table_rows(&mut self, quotes: &Quotes) -> Result<u64, Error> {
                let mut sql = QueryBuilder::<$database>::new(
                    "SELECT id, data_table FROM data_row WHERE data_table IN (SELECT id FROM data_table WHERE workspace = ",
                );
                sql.push_bind(quotes.workspace.0).push(")");
                any_of!(sql, " AND ", ["search", "record"], quotes.marks.texts());
                let mut of_table: HashMap<Uuid, Vec<Uuid>> = HashMap::new();
                for row in &sql.build().fetch_all(&mut *self).await? {
                    of_table.entry(row.id("data_table")?).or_default().push(row.id("id")?);
                }
                let mut gone = 0;
                for (table, rows) in of_table {
                    for piece in rows.chunks(PIECE) {
                        for start in
                            ["DELETE FROM data_cell WHERE row_id IN (", "DELETE FROM data_row WHERE id IN ("]
                        {
                            let mut sql = QueryBuilder::<$database>::new(start);
                            let mut list = sql.separated(", ");
                            piece.iter().for_each(|row| { list.push_bind(*row); });
                            list.push_unseparated(")");
                            sql.build().execute(&mut *self).await?;
                        }
                    }
                    let sql = "UPDATE data_table SET row_count = row_count - $1 WHERE id = $2";
                    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
                    sqlx::query(sql).bind(count).bind(table).execute(&mut *self).await?;
                    gone += rows.len() as u64;
                }
                Ok(gone)
            }
        }
    };
}

/// `column` without the first quote of `mark`.
fn without_first(sql: &mut QueryBuilder<sqlx::Sqlite>, column: &str, mark: &str) {
    sql.push("substr(").push(column).push(", 1, instr(lower(").push(column).push("), ");
    sql.push_bind(mark.to_owned()).push(") - 1) || ").push_bind(ERASED);
    sql.push(" || substr(").push(column).push(", instr(lower(").push(column).push("), ");
    sql.push_bind(mark.to_owned()).push(") + length(").push_bind(mark.to_owned()).push("))");
}

/// `column` without any quote of `mark`, which is no pattern.
fn without_all(sql: &mut QueryBuilder<sqlx::Postgres>, column: &str, mark: &str) {
    sql.push("regexp_replace(").push(column).push(", ");
    sql.push_bind(format!("***={mark}")).push(", ").push_bind(ERASED).push(", 'gi')");
}

quoting!(SqliteConnection, sqlx::Sqlite, without_first);
quoting!(PgConnection, sqlx::Postgres, without_all);
