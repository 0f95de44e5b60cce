//! The step kinds of tables and counters, one per file: what people read of it, its settings, its code and its tests.
//!
//! A step here only computes what to ask for. The [`Shelf`](super::Shelf) does it, in the transaction that journals the
//! run, which is why every one of them happens exactly once.

mod add_to_counter;
mod delete_rows;
mod find_rows;
mod insert_row;
mod put_back_tables;
mod read_counter;
mod set_counter;
mod settings;
#[cfg(test)]
mod tests;
mod update_rows;
mod upsert_row;

use trunkline_engine::kind::StepKind;

/// What those that write promise, in plain words.
const ONCE: &str = "Written together with the run's own history: it happens exactly once, also when the server stops \
                    in the middle.";
/// What those that read promise.
const READS: &str = "It only reads.";

/// All of them, in palette order.
#[must_use]
pub fn all() -> Vec<StepKind> {
    vec![
        find_rows::kind(),
        insert_row::kind(),
        upsert_row::kind(),
        update_rows::kind(),
        delete_rows::kind(),
        add_to_counter::kind(),
        read_counter::kind(),
        set_counter::kind(),
    ]
}

/// Kinds that only the server uses, in documents it writes itself. No palette offers them.
#[must_use]
pub fn internal() -> Vec<StepKind> {
    vec![put_back_tables::kind()]
}

/// Whether `kind` is one of [`internal`].
#[must_use]
pub fn is_internal(kind: &str) -> bool {
    kind == put_back_tables::KIND
}
