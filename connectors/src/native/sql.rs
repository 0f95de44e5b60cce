//! What can be asked of a database, whichever it is: checked and composed, with names quoted and values apart.
//!
//! A value never becomes part of a statement's text. Names of tables and columns are quoted, so that none of them can be
//! anything else than a name.

use super::{Given, number, text};
use crate::interpreter::failures;
use serde_json::{Map, Value};
use trunkline_engine::failure::Failure;

pub(super) const ACTIONS: [&str; 10] = [
    "query",
    "execute",
    "find_rows",
    "insert_rows",
    "upsert_rows",
    "update_rows",
    "delete_rows",
    "list_tables",
    "list_columns",
    "check",
];

/// Most rows that are read or written in one go.
pub(super) const MOST_ROWS: usize = 10_000;
/// Rows that are read unless the step says otherwise.
const USUAL_ROWS: u64 = 100;
/// Longest statement, in bytes.
const MOST_SQL: usize = 64 * 1024;
/// Most values of a statement that a person writes.
const MOST_VALUES: usize = 1_000;
/// Most columns of a row.
const MOST_COLUMNS: usize = 1_600;
/// Largest answer, in bytes as text.
pub(super) const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Rows that go into one statement.
pub(super) const PIECE: usize = 500;

/// A row, by the names of its columns.
pub(super) type Row = Map<String, Value>;

#[derive(Debug, PartialEq)]
pub(super) enum Deed {
    /// Reads with a person's own statement.
    Query { sql: String, values: Vec<Value>, limit: usize },
    /// Does a person's own statement.
    Execute { sql: String, values: Vec<Value> },
    /// Reads rows that have these values.
    Find { table: Table, columns: Vec<String>, having: Row, order: Option<(String, bool)>, limit: usize },
    /// Adds rows; those with the same columns stand together.
    Insert { table: Table, rows: Vec<Rows> },
    /// Adds rows or changes those with the same keys.
    Upsert { table: Table, keys: Vec<String>, rows: Vec<Rows> },
    /// Changes rows that have these values.
    Update { table: Table, having: Row, set: Row },
    /// Removes rows that have these values.
    Delete { table: Table, having: Row },
    /// The tables there are.
    Tables,
    /// The columns of a table.
    Columns { table: Table },
    /// Whether it works.
    Check,
}

/// A table, with its schema where one was named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) schema: Option<String>,
    pub(super) name: String,
}

/// Rows that have the same columns.
#[derive(Debug, PartialEq)]
pub(super) struct Rows {
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<Row>,
}

impl Deed {
    pub(super) fn new(action: &str, given: &Given) -> Result<Self, Failure> {
        let table = || Table::read(text(given, "table"));
        Ok(match action {
            "query" => Self::Query { sql: question(given)?, values: values(given)?, limit: limit(given)? },
            "execute" => Self::Execute { sql: statement(given)?, values: values(given)? },
            "find_rows" => Self::Find {
                table: table()?,
                columns: names(given, "columns", "Columns")?,
                having: row(given, "where", "Where")?.unwrap_or_default(),
                order: order(text(given, "order"))?,
                limit: limit(given)?,
            },
            "insert_rows" => Self::Insert { table: table()?, rows: rows(given)? },
            "upsert_rows" => upsert(table()?, given)?,
            "update_rows" => Self::Update {
                table: table()?,
                having: having(given)?,
                set: must(row(given, "set", "Values")?, "Values")?,
            },
            "delete_rows" => Self::Delete { table: table()?, having: having(given)? },
            "list_tables" => Self::Tables,
            "list_columns" => Self::Columns { table: table()? },
            _ => Self::Check,
        })
    }

    pub(super) fn in_words(&self) -> (String, String) {
        let count = |rows: &[Rows]| rows.iter().map(|some| some.rows.len()).sum::<usize>();
        let (verb, what) = match self {
            Self::Query { sql, .. } | Self::Execute { sql, .. } => {
                let mut words = sql.split_whitespace();
                let verb = words.next().unwrap_or_default().to_uppercase();
                return (verb, words.take(6).collect::<Vec<_>>().join(" "));
            }
            Self::Find { table, .. } => ("SELECT", format!("from {}", table.shown())),
            Self::Insert { table, rows } => {
                ("INSERT", format!("{} rows into {}", count(rows), table.shown()))
            }
            Self::Upsert { table, rows, .. } => {
                ("UPSERT", format!("{} rows into {}", count(rows), table.shown()))
            }
            Self::Update { table, .. } => ("UPDATE", table.shown()),
            Self::Delete { table, .. } => ("DELETE", format!("from {}", table.shown())),
            Self::Tables => ("SHOW", "tables".into()),
            Self::Columns { table } => ("SHOW", format!("columns of {}", table.shown())),
            Self::Check => ("SELECT", "the version".into()),
        };
        (verb.into(), what)
    }

    /// Whether it must not change anything.
    pub(super) fn only_reads(&self) -> bool {
        matches!(
            self,
            Self::Query { .. } | Self::Find { .. } | Self::Tables | Self::Columns { .. } | Self::Check
        )
    }
}

impl Table {
    fn read(name: &str) -> Result<Self, Failure> {
        let mut parts: Vec<&str> = name.trim().split('.').map(str::trim).collect();
        let last = parts.pop().unwrap_or_default();
        let table = Self { schema: parts.pop().map(str::to_owned), name: last.to_owned() };
        let is_good = parts.is_empty() && is_name(&table.name) && table.schema.as_deref().is_none_or(is_name);
        if is_good { Ok(table) } else { Err(failures::wrong_type("Table", "the name of a table")) }
    }

    fn shown(&self) -> String {
        self.schema.iter().chain([&self.name]).map(String::as_str).collect::<Vec<_>>().join(".")
    }

    /// Its name in a statement, within `mark`s.
    pub(super) fn quoted(&self, mark: char) -> String {
        let parts = self.schema.iter().chain([&self.name]).map(|part| quoted(part, mark));
        parts.collect::<Vec<_>>().join(".")
    }
}

/// A name in a statement, within `mark`s; one inside it is doubled.
pub(super) fn quoted(name: &str, mark: char) -> String {
    let mut text = String::with_capacity(name.len() + 2);
    text.push(mark);
    for letter in name.chars() {
        if letter == mark {
            text.push(mark);
        }
        text.push(letter);
    }
    text.push(mark);
    text
}

/// Names in a statement, with commas.
pub(super) fn all_quoted<'a>(names: impl IntoIterator<Item = &'a String>, mark: char) -> String {
    names.into_iter().map(|name| quoted(name, mark)).collect::<Vec<_>>().join(", ")
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= 128 && !name.contains('\0')
}

fn statement(given: &Given) -> Result<String, Failure> {
    let sql =
        text(given, "sql").trim().trim_end_matches(|letter: char| letter == ';' || letter.is_whitespace());
    match sql.len() {
        0 => Err(failures::missing("Statement")),
        1..=MOST_SQL if !sql.contains('\0') => Ok(sql.to_owned()),
        _ => Err(failures::wrong_type("Statement", &format!("at most {MOST_SQL} bytes of SQL"))),
    }
}

/// What a question may begin with. That it changes nothing is seen to by the transaction it runs in; but not every server
/// keeps statements about tables themselves out of one.
const ASKING: [&str; 7] = ["select", "with", "table", "values", "show", "describe", "explain"];

fn question(given: &Given) -> Result<String, Failure> {
    let sql = statement(given)?;
    let first: String = sql
        .trim_start_matches(|letter: char| letter == '(' || letter.is_whitespace())
        .chars()
        .take_while(char::is_ascii_alphabetic)
        .collect();
    match ASKING.contains(&first.to_ascii_lowercase().as_str()) {
        true => Ok(sql),
        false => Err(failures::wrong_type("Statement", "one that reads, such as SELECT")),
    }
}

fn values(given: &Given) -> Result<Vec<Value>, Failure> {
    match given.get("values") {
        None => Ok(Vec::new()),
        Some(Value::Array(values)) if values.len() <= MOST_VALUES => Ok(values.clone()),
        Some(Value::Array(_)) => Err(failures::too_many("values", MOST_VALUES)),
        Some(_) => Err(failures::wrong_type("Values", "a list")),
    }
}

fn limit(given: &Given) -> Result<usize, Failure> {
    let limit = number(given, "limit", "Most rows", USUAL_ROWS, MOST_ROWS as u64)?;
    Ok(usize::try_from(limit).unwrap_or(MOST_ROWS))
}

fn names(given: &Given, name: &str, title: &str) -> Result<Vec<String>, Failure> {
    let listed = match given.get(name) {
        None => return Ok(Vec::new()),
        Some(Value::Array(listed)) => listed,
        Some(_) => return Err(failures::wrong_type(title, "a list of names")),
    };
    let read = |value: &Value| value.as_str().map(str::trim).filter(|name| is_name(name)).map(str::to_owned);
    listed
        .iter()
        .map(|value| read(value).ok_or_else(|| failures::wrong_type(title, "a list of names")))
        .collect()
}

fn order(text: &str) -> Result<Option<(String, bool)>, Failure> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let (name, falls) = text.strip_prefix('-').map_or((text, false), |name| (name.trim(), true));
    match is_name(name) {
        true => Ok(Some((name.to_owned(), falls))),
        false => Err(failures::wrong_type("Sorted by", "the name of a column")),
    }
}

fn row(given: &Given, name: &str, title: &str) -> Result<Option<Row>, Failure> {
    let Some(value) = given.get(name) else { return Ok(None) };
    let wrong = || failures::wrong_type(title, "a record of columns and values");
    let row = value.as_object().ok_or_else(wrong)?;
    if row.len() > MOST_COLUMNS || !row.keys().all(|name| is_name(name)) {
        return Err(wrong());
    }
    Ok(Some(row.clone()))
}

fn must(row: Option<Row>, title: &str) -> Result<Row, Failure> {
    row.filter(|row| !row.is_empty()).ok_or_else(|| failures::missing(title))
}

/// What rows must have to be changed or removed: never nothing, which would be all of them.
fn having(given: &Given) -> Result<Row, Failure> {
    must(row(given, "where", "Where")?, "Where")
}

fn rows(given: &Given) -> Result<Vec<Rows>, Failure> {
    let title = "Rows";
    let listed = match given.get("rows") {
        Some(Value::Array(listed)) if !listed.is_empty() => listed,
        Some(Value::Array(_)) | None => return Err(failures::nothing_to_send("rows")),
        Some(_) => return Err(failures::wrong_type(title, "a list of records")),
    };
    if listed.len() > MOST_ROWS {
        return Err(failures::too_many("rows", MOST_ROWS));
    }
    let mut groups: indexmap::IndexMap<Vec<String>, Vec<Row>> = indexmap::IndexMap::new();
    for value in listed {
        let wrong = || failures::wrong_type(title, "a list of records of columns and values");
        let row =
            value.as_object().filter(|row| !row.is_empty() && row.len() <= MOST_COLUMNS).ok_or_else(wrong)?;
        if !row.keys().all(|name| is_name(name)) {
            return Err(wrong());
        }
        // A column that a row does not have keeps what the table says it usually is.
        let mut columns: Vec<String> = row.keys().cloned().collect();
        columns.sort();
        groups.entry(columns).or_default().push(row.clone());
    }
    Ok(groups.into_iter().map(|(columns, rows)| Rows { columns, rows }).collect())
}

fn upsert(table: Table, given: &Given) -> Result<Deed, Failure> {
    let keys = names(given, "keys", "Key columns")?;
    if keys.is_empty() {
        return Err(failures::missing("Key columns"));
    }
    let mut rows = rows(given)?;
    for group in &mut rows {
        if let Some(key) = keys.iter().find(|key| !group.columns.contains(key)) {
            return Err(failures::wrong_type("Rows", &format!("complete: a row lacks the key column {key}")));
        }
        // Of two rows with the same keys the later one holds; a database would refuse both.
        let mut last: indexmap::IndexMap<String, Row> = indexmap::IndexMap::new();
        for row in group.rows.drain(..) {
            let key: Vec<&Value> = keys.iter().filter_map(|key| row.get(key)).collect();
            last.insert(serde_json::to_string(&key).unwrap_or_default(), row);
        }
        group.rows.extend(last.into_values());
    }
    Ok(Deed::Upsert { table, keys, rows })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn deed(action: &str, given: &Value) -> Result<Deed, Failure> {
        Deed::new(action, given.as_object().unwrap())
    }

    #[test]
    fn names_are_names_and_nothing_else() {
        let table = Table::read("crm.le\"ads").unwrap();
        assert_eq!(table.quoted('"'), r#""crm"."le""ads""#);
        assert_eq!(quoted("a`; drop table x", '`'), "`a``; drop table x`");
        for name in ["", ".", "a.", "a.b.c", "a\0b"] {
            assert!(Table::read(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn rows_with_the_same_columns_stand_together_and_the_last_of_a_key_holds() {
        let given = json!({ "table": "t", "keys": ["id"], "rows": [
            { "id": 1, "a": "x" }, { "id": 2 }, { "a": "y", "id": 1 },
        ] });
        let Ok(Deed::Upsert { rows, .. }) = deed("upsert_rows", &given) else { panic!("no upsert") };
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].rows, [json!({ "a": "y", "id": 1 }).as_object().unwrap().clone()]);
    }

    #[test]
    fn nothing_is_changed_everywhere_at_once() {
        for (action, given) in [
            ("delete_rows", json!({ "table": "t" })),
            ("delete_rows", json!({ "table": "t", "where": {} })),
            ("update_rows", json!({ "table": "t", "where": { "a": 1 } })),
            ("update_rows", json!({ "table": "t", "set": { "a": 1 } })),
            ("upsert_rows", json!({ "table": "t", "rows": [{ "a": 1 }], "keys": ["id"] })),
            ("insert_rows", json!({ "table": "t", "rows": [] })),
            ("query", json!({ "sql": " ; " })),
            ("query", json!({ "sql": "select 1", "limit": 10_001 })),
            ("query", json!({ "sql": "/*! CREATE TABLE x (a INT) */" })),
            ("query", json!({ "sql": "create table x (a int)" })),
        ] {
            assert_eq!(deed(action, &given).unwrap_err().code, "CONN-0002", "{action} {given}");
        }
        assert!(deed("query", &json!({ "sql": "select 1;" })).unwrap().only_reads());
    }
}
