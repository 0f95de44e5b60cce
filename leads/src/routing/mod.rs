//! Routing: which owner a lead goes to, and why.
//!
//! A *routing table* is read from top to bottom; the first row that a lead meets says where it goes: to an owner, into a
//! pool whose members take turns, to the owner of its account, or onto a list. Rows are made of *cells*, small tests
//! that people write as in a sheet: `DE, AT`, `50-199`, `80*`, `not DE`. Every decision is written down with what was
//! passed over and why.
//!
//! Nothing here depends on anything but its arguments, so that a simulation of the past and the real thing are the same
//! code.

mod cell;
mod criterion;
mod decide;
mod decision;
mod lint;
mod sheet;
mod simulate;
mod spans;
mod table;
#[cfg(test)]
mod tests;
mod turn;
mod words;

pub use cell::{Cell, CellError, ColumnKind};
pub use criterion::{Criterion, look_up};
pub use decide::{Dealt, Desk, Subject, Verdict, decide};
pub use decision::{Candidate, Count, Decision, Outcome, PassedRow, Source, Standing};
pub use lint::{Lint, LintKind};
pub use sheet::{Line, LineProblem, SheetError, SheetRead, from_sheet, to_sheet};
pub use simulate::{Arrival, CapHits, OwnerLoad, Plan, RowHits, Simulation, simulate};
pub use table::{Column, First, Ready, RoutingTable, Row, Target};
pub use turn::{Cap, Deal, Period, PoolRules, Tally, Turn, Turns};
