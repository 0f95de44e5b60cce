//! Importing lists: how the columns of a file become leads, as data, and what one row of it asks for.
//!
//! A row is prepared without knowing any lead ([`Plan::prepare`]): its cells are mapped, cleaned and checked, and it
//! either has something to say or a reason why not. What becomes of it is decided by
//! [`Book`](crate::book::Book) with `ImportRows`, in a preview and in the run by the same code, so that a preview tells
//! what the run then does.
//!
//! What it must never do: read a clock, guess a value, or let one row keep another from being imported.

mod outcome;
mod plan;
mod rows;
mod settings;
#[cfg(test)]
mod tests;

pub use outcome::{Counts, Fate, RowOutcome, Stretch};
pub use plan::{Plan, PlanError};
pub use rows::{ImportRow, ImportRows, UndoImport};
pub use settings::{Afterwards, ColumnUse, ImportSettings, MAX_COLUMNS, Mode, Repeated, RowRule, WhoWins};
