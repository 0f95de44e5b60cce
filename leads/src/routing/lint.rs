//! What may be wrong with a table that can be published: rows that never decide, rows that contradict one another, and
//! values between ranges that nobody thought of.

use super::cell::Cell;
use super::spans::Spans;
use super::table::{Column, RoutingTable};
use serde::Serialize;

/// Most lints told; a table with more has one to begin with.
const MAX_LINTS: usize = 200;

/// Something that may be wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lint {
    /// What sort of thing.
    pub kind: LintKind,
    /// The row it is about, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<usize>,
    /// The other row it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<usize>,
    /// The column it is about, by id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What it is, in one sentence.
    pub message: String,
}

/// Sorts of [`Lint`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LintKind {
    /// An earlier row takes every lead this one could.
    Unreachable,
    /// Some leads meet two rows that lead to different places, and neither row is within the other.
    Overlap,
    /// Some numbers are between the ranges of a column.
    Gap,
}

impl RoutingTable {
    /// What may be wrong. Rows that are switched off or cannot be read are left out.
    ///
    /// A row called unreachable never decides. That no row is called so does not mean that each decides: two earlier rows
    /// may take together what neither takes alone.
    #[must_use]
    pub fn lints(&self) -> Vec<Lint> {
        let rows: Vec<(usize, Vec<Cell>)> = self
            .rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !row.off)
            .filter_map(|(place, row)| {
                let cells = self.columns.iter().map(|column| row.cell(column)).collect::<Result<_, _>>();
                cells.ok().map(|cells| (place, cells))
            })
            .collect();
        let mut lints = Vec::new();
        for (index, (place, cells)) in rows.iter().enumerate() {
            self.compare(*place, cells, &rows[..index], &mut lints);
            if lints.len() >= MAX_LINTS {
                break;
            }
        }
        for (index, column) in self.columns.iter().enumerate() {
            lints.extend(gaps(column, rows.iter().map(|(_, cells)| &cells[index])));
        }
        lints.truncate(MAX_LINTS);
        lints
    }

    fn compare(&self, place: usize, cells: &[Cell], before: &[(usize, Vec<Cell>)], lints: &mut Vec<Lint>) {
        let covers = |one: &[Cell], two: &[Cell]| one.iter().zip(two).all(|(one, two)| one.covers(two));
        let decides = |place: usize| self.rows[place].to != super::table::Target::AccountOwner;
        if let Some((by, _)) = before.iter().find(|(by, earlier)| decides(*by) && covers(earlier, cells)) {
            lints.push(Lint {
                kind: LintKind::Unreachable,
                row: Some(place + 1),
                other: Some(by + 1),
                column: None,
                message: format!(
                    "Row {} never decides: row {} takes every lead it could.",
                    place + 1,
                    by + 1
                ),
            });
            return;
        }
        for (by, earlier) in before {
            let differ = self.rows[*by].to != self.rows[place].to;
            let meet = || earlier.iter().zip(cells).all(|(one, two)| one.meets(two));
            if differ && decides(*by) && !covers(cells, earlier) && meet() {
                lints.push(Lint {
                    kind: LintKind::Overlap,
                    row: Some(place + 1),
                    other: Some(by + 1),
                    column: None,
                    message: format!(
                        "Some leads meet rows {} and {}, which lead to different places; row {} decides.",
                        by + 1,
                        place + 1,
                        by + 1
                    ),
                });
            }
        }
    }
}

fn gaps<'a>(column: &Column, cells: impl Iterator<Item = &'a Cell>) -> Vec<Lint> {
    let spans = cells.filter_map(|cell| match cell {
        Cell::Number { not: false, spans } => Some(spans),
        _ => None,
    });
    let holes = Spans::together(spans).holes();
    holes
        .into_iter()
        .map(|(first, last)| {
            let what = if first == last { format!("{first}") } else { format!("{first} to {last}") };
            Lint {
                kind: LintKind::Gap,
                row: None,
                other: None,
                column: Some(column.id.clone()),
                message: format!(
                    "No row speaks of {} {what}; only rows without it take such leads.",
                    column.called()
                ),
            }
        })
        .collect()
}
