//! The step kinds of this crate, one per file: what people read of it, its settings, an example, its code and its tests.
//!
//! A step decides and asks; it never touches the world. What several kinds share is in `items` (lists), `field`
//! (what is looked at in an item), `order` (of values), `room` (how much may be put out), `accents`, `path` (addresses of
//! triggers) and `header` (lines of HTTP headers).

mod accents;
mod aggregate;
mod approval;
mod break_loop;
mod business_hours;
mod call_workflow;
mod date;
mod duration;
mod field;
mod filter_list;
mod form;
mod formats;
mod group;
mod hash;
mod header;
mod http_request;
mod if_else;
mod items;
mod join_lists;
mod lead_event;
mod loop_items;
mod manual;
mod map_list;
mod merge_lists;
mod order;
mod parse_data;
mod path;
mod repeat;
mod respond;
mod room;
mod schedule;
mod set_fields;
mod sort;
mod split_test;
mod stop;
mod switch;
#[cfg(test)]
mod tests;
mod text;
mod try_steps;
mod unique;
mod wait;
mod wait_for_callback;
mod wait_for_lead;
mod webhook;
mod write_data;

pub use items::MAX_ITEMS;
pub use lead_event::KIND as LEAD_EVENT;

use crate::expression::{Expression, Scope};
use crate::failure::Failure;
use crate::kind::{ConfigProblem, Done, Outcome, StepKind};
use std::sync::LazyLock;

/// All of them, in palette order.
#[must_use]
pub fn all() -> Vec<StepKind> {
    vec![
        webhook::kind(),
        form::kind(),
        schedule::kind(),
        lead_event::kind(),
        manual::kind(),
        if_else::kind(),
        switch::kind(),
        split_test::kind(),
        loop_items::kind(),
        repeat::kind(),
        try_steps::kind(),
        break_loop::kind(),
        wait::kind(),
        approval::kind(),
        wait_for_callback::kind(),
        wait_for_lead::kind(),
        respond::kind(),
        call_workflow::kind(),
        stop::kind(),
        set_fields::kind(),
        filter_list::kind(),
        map_list::kind(),
        sort::kind(),
        unique::kind(),
        group::kind(),
        aggregate::kind(),
        merge_lists::kind(),
        join_lists::kind(),
        parse_data::kind(),
        write_data::kind(),
        text::kind(),
        date::kind(),
        hash::kind(),
        http_request::kind(),
    ]
}

/// What a step promises that writes nothing.
const WRITES_NOTHING: &str = "Writes nothing, so it can be repeated at any time.";

/// A setting with something wrong.
fn problem(
    code: &'static str,
    field: impl Into<String>,
    message: impl Into<String>,
    action: &str,
) -> ConfigProblem {
    ConfigProblem { code, field: field.into(), message: message.into(), action: action.into() }
}

/// A setting that must not be blank.
fn blank(field: &str, message: &str, action: &str) -> ConfigProblem {
    problem("DOC-0027", field, message, action)
}

/// A trigger puts out what started the run.
pub fn pass_through(scope: &Scope) -> Result<Outcome, Failure> {
    static TRIGGER: LazyLock<Expression> =
        LazyLock::new(|| Expression::compile("{{ trigger }}").expect("this expression is valid"));
    Ok(Done::out(TRIGGER.value(scope)?).into())
}
