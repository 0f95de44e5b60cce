//! The step kinds of this crate, one per file: what people read of it, its settings, its code and its tests.
//!
//! A step here only computes what to ask for. The [`Book`](crate::book::Book) does it, in the transaction that journals
//! the run, which is why every one of them happens exactly once.

mod accept_lead;
mod account_fields;
mod add_to_list;
mod clean_lead;
pub mod enrich;
mod find_account;
mod find_duplicates;
mod find_or_create_account;
mod find_or_create_lead;
mod import_list;
mod import_rows;
mod in_segment;
mod lead_input;
mod log_activity;
mod match_account;
mod merge_leads;
mod put_back;
mod remove_from_list;
mod route_lead;
mod rule;
mod score_lead;
mod set_stage;
#[cfg(test)]
mod tests;
mod update_account;

use trunkline_engine::kind::{ConfigProblem, StepKind};

/// What all of them promise, in plain words.
const ONCE: &str = "Written together with the run's own history: it happens exactly once, also when the server stops \
                    in the middle.";

/// All of them, in palette order.
#[must_use]
pub fn all() -> Vec<StepKind> {
    vec![
        clean_lead::kind(),
        find_or_create_lead::kind(),
        enrich::kind(),
        score_lead::kind(),
        route_lead::kind(),
        accept_lead::kind(),
        set_stage::kind(),
        in_segment::kind(),
        add_to_list::kind(),
        remove_from_list::kind(),
        log_activity::kind(),
        match_account::kind(),
        find_account::kind(),
        find_or_create_account::kind(),
        update_account::kind(),
        find_duplicates::kind(),
        merge_leads::kind(),
    ]
}

/// Kinds that only the server uses, in documents it writes itself. No palette offers them.
#[must_use]
pub fn internal() -> Vec<StepKind> {
    vec![put_back::kind(), import_list::kind(), import_rows::kind()]
}

/// Whether `kind` is one that only the server uses, about leads or about tables.
#[must_use]
pub fn is_internal(kind: &str) -> bool {
    [put_back::KIND, import_list::KIND, import_rows::KIND].contains(&kind)
        || crate::table::steps::is_internal(kind)
}

/// A setting that has no usable value.
fn problem(field: impl Into<String>, message: impl Into<String>, action: &str) -> ConfigProblem {
    ConfigProblem { code: "DOC-0007", field: field.into(), message: message.into(), action: action.into() }
}
