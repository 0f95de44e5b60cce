//! Tables: which row decides, lints, sheets and words.

use super::*;
use crate::routing::{from_sheet, to_sheet};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::json;

pub(super) fn column(id: &str, field: &str, kind: ColumnKind) -> Column {
    Column { id: id.into(), title: String::new(), field: field.into(), kind }
}

pub(super) fn row(id: &str, cells: &[(&str, &str)], pool: &str) -> Row {
    Row {
        id: id.into(),
        cells: cells.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())).collect(),
        to: Target::Pool { name: pool.into() },
        note: String::new(),
        off: false,
    }
}

fn territories() -> RoutingTable {
    RoutingTable {
        columns: vec![
            column("c", "country", ColumnKind::Text),
            column("s", "company_size", ColumnKind::Number),
        ],
        rows: vec![
            row("1", &[("c", "DE, AT, CH"), ("s", "1000+")], "DACH enterprise"),
            row("2", &[("c", "DE, AT, CH")], "DACH"),
            row("3", &[("s", "1-199")], "Small"),
            row("4", &[("c", "DE"), ("s", "50-100")], "Never"),
            row("5", &[], "World"),
        ],
        fallback: "Owner 1".into(),
        ..RoutingTable::default()
    }
}

#[test]
fn the_first_row_that_is_met_decides_and_the_others_say_why_not() {
    let table = Ready::new(territories());
    let mut passed = Vec::new();
    let found = table.find(&json!({"country": "FR", "company_size": 20}), 0, &mut passed);
    assert_eq!(found, Some(2));
    assert_eq!(passed.len(), 2);
    assert_eq!(passed[0].row, 1);
    assert_eq!(passed[0].why, "country is DE, AT or CH, and here it is FR");
}

#[test]
fn a_table_without_a_catch_all_or_a_fallback_cannot_be_published() {
    let mut table = territories();
    assert!(table.problems().is_empty());
    table.fallback.clear();
    table.rows.pop();
    table.rows[0].cells.insert("s".into(), "many".into());
    let places: Vec<String> = table.problems().into_iter().map(|(at, _)| at).collect();
    assert_eq!(places, ["/rows/0/cells/s", "/rows", "/fallback"]);
}

#[test]
fn lints_find_dead_rows_contradictions_and_gaps() {
    let mut table = territories();
    table.rows[2].cells.insert("s".into(), "1-199".into());
    table.rows.insert(3, row("g", &[("s", "201-999")], "Middle"));
    let lints = table.lints();
    let told: Vec<(LintKind, Option<usize>, Option<usize>)> =
        lints.iter().map(|lint| (lint.kind, lint.row, lint.other)).collect();
    assert!(told.contains(&(LintKind::Unreachable, Some(5), Some(2))), "{told:?}");
    assert!(told.contains(&(LintKind::Overlap, Some(3), Some(2))), "{told:?}");
    assert!(told.contains(&(LintKind::Gap, None, None)), "{told:?}");
    let gap = lints.iter().find(|lint| lint.kind == LintKind::Gap).unwrap();
    assert_eq!(gap.message, "No row speaks of company size 200; only rows without it take such leads.");
}

#[test]
fn a_table_reads_as_a_document() {
    let mut table = territories();
    table.first = First { keep_owner: true, account_owner: true, same_account: false };
    let words = table.in_words();
    assert_eq!(words[0], "A lead that has an owner stays with them.");
    assert_eq!(
        words[2],
        "If country is DE, AT or CH and company size is at least 1000: it goes to the next in the pool DACH enterprise."
    );
    assert_eq!(words[6], "Every other lead: it goes to the next in the pool World.");
    assert_eq!(words[7], "When nobody can take a lead, it goes to Owner 1.");
}

fn lines(rows: &[Vec<String>]) -> Vec<Line> {
    (2..).zip(rows).map(|(number, texts)| Line { number, texts: texts.clone() }).collect()
}

#[test]
fn a_sheet_reads_back() {
    let mut table = territories();
    table.rows[1].off = true;
    table.rows[2].to = Target::Team { name: "Nordics".into() };
    let sheet = to_sheet(&table);
    assert_eq!(
        sheet[0],
        ["country [country:text]", "company size [company_size:number]", "to", "name", "note", "off"]
    );
    let back = from_sheet(&sheet[0], &lines(&sheet[1..]), &table).unwrap();
    assert_eq!(to_sheet(&back.table), sheet);
    assert_eq!(back.table.fallback, table.fallback);
    assert!(back.table.rows[1].off);
    assert!(back.problems.is_empty(), "{:?}", back.problems);
}

#[test]
fn a_line_that_is_no_row_is_told_and_the_others_are_read() {
    let texts = |line: &[&str]| line.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let headings = texts(&["Country", "Size [company_size:number]", "to", "name"]);
    let rows = [
        texts(&["DE", "", "Owner", "Ana"]),
        texts(&["", "", "", ""]),
        texts(&["FR", "", "nobody", "Ana"]),
        texts(&["AT", "many", "pool", "World"]),
        texts(&["", "", "pool"]),
    ];
    let read = from_sheet(&headings, &lines(&rows), &RoutingTable::default()).unwrap();
    assert_eq!(read.lines, [2, 5, 6]);
    assert_eq!(read.table.rows[0].to, Target::Owner { name: "Ana".into() });
    let told: Vec<(u64, bool)> = read.problems.iter().map(|one| (one.line, one.left_out)).collect();
    assert_eq!(told, [(4, true), (5, false), (6, false)]);
    let no_target = from_sheet(&texts(&["Country"]), &[], &RoutingTable::default());
    assert_eq!(no_target.unwrap_err(), SheetError::NoColumn("to"));
}

proptest! {
    /// A row called unreachable decides about no lead of a world small enough to try all of it.
    #[test]
    fn a_row_called_unreachable_never_decides(
        rows in vec(btree_map(proptest::sample::select(vec!["a", "b"]), 0_usize..8, 0..3), 1..6),
    ) {
        let texts = ["x", "y", "x, y", "not x", "x*", "empty", "filled", ""];
        let numbers = ["1", "1-3", "2+", "<2", "not 2", "empty", "filled", ""];
        let rows = rows.into_iter().enumerate().map(|(place, cells)| {
            let cells: Vec<(&str, &str)> = cells
                .into_iter()
                .map(|(column, cell)| (column, if column == "a" { texts[cell] } else { numbers[cell] }))
                .collect();
            row(&place.to_string(), &cells, &format!("Pool {place}"))
        });
        let table = RoutingTable {
            columns: vec![column("a", "a", ColumnKind::Text), column("b", "b", ColumnKind::Number)],
            rows: rows.collect(),
            ..RoutingTable::default()
        };
        let ready = Ready::new(table.clone());
        let mut deciding = std::collections::HashSet::new();
        for a in [Value::Null, json!("x"), json!("y"), json!("xx"), json!("z")] {
            for b in [Value::Null, json!(0), json!(1), json!(2), json!(3), json!(4)] {
                deciding.extend(ready.find(&json!({"a": a, "b": b}), 0, &mut Vec::new()));
            }
        }
        for lint in table.lints().iter().filter(|lint| lint.kind == LintKind::Unreachable) {
            prop_assert!(!deciding.contains(&(lint.row.unwrap() - 1)), "{lint:?}");
        }
        prop_assert_eq!(deciding.is_empty(), table.rows.is_empty() || deciding.is_empty());
    }
}
