//! The names of the columns: where they stand, whether there are any, and what columns without one are called.

use super::{Found, ListError, RawRow, Reading, Visitor};
use csv::StringRecord;
use std::collections::HashSet;
use trunkline_leads::importing::MAX_COLUMNS;

/// Rows that are looked at before the names are settled.
const LOOKED_AT: usize = 20;
/// Longest name of a column in characters; more is text that has lost its way.
const MAX_NAME: usize = 200;

/// Holds the first rows back until it is clear which of them names the columns, then numbers the rest.
pub(super) struct Headed<'v> {
    visitor: &'v mut dyn Visitor,
    wanted: Option<bool>,
    found: Found,
    held: Vec<RawRow>,
    width: usize,
    is_settled: bool,
    /// Whether cells missing at the end are empty ones, as in a sheet.
    pads: bool,
    number: u64,
}

impl<'v> Headed<'v> {
    pub(super) fn new(visitor: &'v mut dyn Visitor, reading: &Reading, found: Found, pads: bool) -> Self {
        let wanted = reading.header;
        Self { visitor, wanted, found, held: Vec::new(), width: 0, is_settled: false, pads, number: 0 }
    }

    /// How many columns there are, once that is settled.
    pub(super) fn width(&self) -> Option<usize> {
        self.is_settled.then_some(self.width)
    }

    /// Notes something a person should know; before the names are settled.
    pub(super) fn note(&mut self, note: String) {
        if !self.found.notes.contains(&note) {
            self.found.notes.push(note);
        }
    }

    pub(super) fn at(&mut self, bytes: u64) {
        self.visitor.at(bytes);
    }

    /// Takes the next row. One without any value is left out.
    pub(super) fn row(&mut self, row: RawRow) -> Result<(), ListError> {
        if row.problem.is_none() && row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if self.is_settled {
            return self.show(row);
        }
        if row.cells.len() > MAX_COLUMNS {
            return Err(ListError::TooWide(row.cells.len()));
        }
        self.held.push(row);
        if self.held.len() >= LOOKED_AT { self.settle() } else { Ok(()) }
    }

    /// Shows what is held back.
    pub(super) fn end(&mut self) -> Result<(), ListError> {
        if self.is_settled { Ok(()) } else { self.settle() }
    }

    fn settle(&mut self) -> Result<(), ListError> {
        let mut held = std::mem::take(&mut self.held);
        let usable = |row: &&RawRow| row.problem.is_none();
        let widest = held.iter().filter(usable).map(|row| filled(&row.cells)).max().unwrap_or(0);
        if widest == 0 {
            return Err(ListError::Empty);
        }
        // A title above the table fills one cell where the table fills many.
        let mut above = 0;
        while self.wanted.is_none() && widest > 2 && above + 1 < held.len() && filled(&held[above].cells) <= 1
        {
            above += 1;
        }
        if above > 0 {
            self.note(format!("{above} lines above the table were left out."));
            held.drain(..above);
        }
        let Some(first) = held.iter().find(|row| row.problem.is_none()) else { return Err(ListError::Empty) };
        self.width = if self.pads {
            held.iter().map(|row| row.cells.len()).max().unwrap_or(0)
        } else {
            first.cells.len()
        };
        let has_header = self.wanted.unwrap_or_else(|| !looks_like_data(&first.cells));
        self.found.header = has_header;
        let names = if has_header {
            let at = held.iter().position(|row| row.problem.is_none()).unwrap_or(0);
            held.remove(at).cells
        } else {
            self.note("The first row looks like data, so columns are called by their place.".into());
            StringRecord::new()
        };
        self.name(&names);
        self.is_settled = true;
        self.visitor.found(&self.found)?;
        held.into_iter().try_for_each(|row| self.show(row))
    }

    fn name(&mut self, names: &StringRecord) {
        let mut taken = HashSet::new();
        let mut twice = Vec::new();
        let mut columns = Vec::with_capacity(self.width);
        for place in 0..self.width {
            let cell = names
                .get(place)
                .unwrap_or_default()
                .trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            let plain: String =
                cell.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(MAX_NAME).collect();
            let wanted = if plain.is_empty() { format!("Column {}", place + 1) } else { plain };
            let mut name = wanted.clone();
            let mut number = 2;
            while !taken.insert(name.to_lowercase()) {
                name = format!("{wanted} ({number})");
                number += 1;
            }
            if number > 2 && !twice.contains(&wanted) {
                twice.push(wanted);
            }
            columns.push(name);
        }
        if !twice.is_empty() {
            self.note(format!(
                "Several columns are called {}; the later ones got a number.",
                twice.join(", ")
            ));
        }
        self.found.columns = columns;
    }

    fn show(&mut self, mut row: RawRow) -> Result<(), ListError> {
        self.number += 1;
        if self.number > super::MAX_ROWS {
            return Err(ListError::TooLong);
        }
        row.number = self.number;
        if row.problem.is_none() {
            let (found, wanted) = (row.cells.len(), self.width);
            if found > wanted && row.cells.iter().skip(wanted).all(|cell| cell.trim().is_empty()) {
                row.cells.truncate(wanted);
            } else if found < wanted && self.pads {
                (found..wanted).for_each(|_| row.cells.push_field(""));
            } else if found != wanted {
                row.problem = Some(format!("it has {found} values where the header has {wanted}"));
            }
        }
        self.visitor.row(&row)
    }
}

fn filled(cells: &StringRecord) -> usize {
    cells.iter().filter(|cell| !cell.trim().is_empty()).count()
}

/// Whether a row holds values rather than names: an address or a longer number is no name of a column.
fn looks_like_data(cells: &StringRecord) -> bool {
    cells.iter().map(str::trim).any(|cell| {
        let digits = cell.bytes().filter(u8::is_ascii_digit).count();
        let is_address =
            cell.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        is_address || (digits >= 4 && digits * 2 > cell.len())
    })
}
