//! The failures of this crate, one function per code; each code has a page under `docs/errors/`.

use crate::key::KeyKind;
use crate::lead::{MAX_FIELD_NAME, MAX_FIELDS, MAX_FIELDS_BYTES, MAX_TEXT};
use crate::list::MAX_LIST_NAME;
use crate::merge::MAX_MERGED;
use crate::own_field::{Holds, OwnField};
use serde_json::Value;
use trunkline_engine::failure::{Failure, FailureKind};
use uuid::Uuid;

pub(crate) fn no_identity(match_on: &[KeyKind]) -> Failure {
    let wanted = crate::book::any_of(match_on.iter().map(|kind| kind.label()));
    Failure::bad_input(
        "LEAD-0001",
        format!("The record has no usable {wanted}, so it cannot be told which lead it is about."),
        "Send one of these values, choose other fields to match on, or allow leads without identity in this step.",
    )
}

/// `value` is not of the type that an own field holds.
pub(crate) fn does_not_fit(field: &OwnField, value: &Value) -> Failure {
    let shown: String = match value {
        Value::String(text) => text.chars().take(60).collect(),
        other => other.to_string().chars().take(60).collect(),
    };
    let action = match field.holds {
        Holds::Text => "Send text, not a list or a record.".to_owned(),
        Holds::Number => "Send a number such as 1250 or 12.5.".to_owned(),
        Holds::Date => "Send a date such as 2026-03-31.".to_owned(),
        Holds::YesNo => "Send yes or no.".to_owned(),
        Holds::Choice | Holds::Choices => {
            let mut known: Vec<&str> = field.options.iter().map(String::as_str).take(12).collect();
            if known.len() < field.options.len() {
                known.push("...");
            }
            format!("Send one of {}; or add the choice under Rules, Fields.", known.join(", "))
        }
    };
    Failure::bad_input(
        "FIELD-0001",
        format!("\"{shown}\" does not fit the field {}, which holds {}.", field.label, field.holds.words()),
        action,
    )
}

pub(crate) fn no_such_lead(id: Uuid) -> Failure {
    Failure::bad_input(
        "LEAD-0002",
        format!("There is no lead with the id {id}."),
        "Use the lead that a \"Find or create lead\" step put out; the lead may also have been deleted since.",
    )
}

pub(crate) fn unreadable(detail: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0003",
        format!("The lead store cannot read what the step asked for: {detail}."),
        "Open the step, correct its settings and publish again.",
    )
}

pub(crate) fn nobody_takes_part(pool: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0004",
        format!("Nobody in the pool {pool} takes part at the moment."),
        "Add or activate a member of the pool, or choose a fallback owner in the step.",
    )
}

pub(crate) fn no_such_pool(pool: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0005",
        format!("There is no pool called {pool}."),
        "Choose a pool that exists in the step, or create this one under Pools.",
    )
}

pub(crate) fn no_such_team(team: &str) -> Failure {
    Failure::bad_input(
        "ROUTE-0100",
        format!("Nobody belongs to the team {team}."),
        "Put owners into this team under Rules, Pools, or choose another place in the routing table.",
    )
}

pub(crate) fn no_such_table(table: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0090",
        format!("There is no published routing table called {table}."),
        "Choose a table that is published in the step, or publish this one under Rules, Routing.",
    )
}

pub(crate) fn unreadable_table(detail: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0091",
        format!("The routing table cannot be read: {detail}."),
        "Open the table under Rules, Routing, correct what is marked and publish it again.",
    )
}

pub(crate) fn no_such_stage(stage: &str, known: &[&str]) -> Failure {
    Failure::bad_input(
        "LEAD-0006",
        format!("There is no stage called {stage}."),
        format!("Use one of the stages of this workspace: {}.", known.join(", ")),
    )
}

pub(crate) fn no_such_scoring_model(model: &str, known: &[&str]) -> Failure {
    let action = if known.is_empty() {
        "Publish a scoring model under Rules, or use the step's own table.".to_owned()
    } else {
        format!("Use one of the published scoring models: {}.", known.join(", "))
    };
    Failure::bad_input("LEAD-0040", format!("There is no published scoring model called {model}."), action)
}

pub(crate) fn no_such_segment(segment: &str, known: &[&str]) -> Failure {
    let action = if known.is_empty() {
        "Publish the segment under Leads, Segments.".to_owned()
    } else {
        format!("Use one of the published segments: {}.", known.join(", "))
    };
    Failure::bad_input("LEAD-0041", format!("There is no published segment called {segment}."), action)
}

pub(crate) fn reserved_field(name: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0007",
        format!("The field {name} is kept by Trunkline itself and cannot be filled from a record."),
        "Rename the field, or use the step that sets it (score, route or stage).",
    )
}

pub(crate) fn wrong_type(label: &str, found: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0007",
        format!("{label} takes a single value, and the record holds a {found} there."),
        "Point the field at one value of the record, such as the first entry of the list.",
    )
}

pub(crate) fn text_too_long(label: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0008",
        format!("{label} is longer than {MAX_TEXT} characters."),
        "Shorten the value before this step, for example with the truncate filter.",
    )
}

pub(crate) fn field_name(name: &str) -> Failure {
    let shown: String = name.chars().take(40).collect();
    Failure::bad_input(
        "LEAD-0008",
        format!("\"{shown}\" cannot be the name of a field: names have 1 to {MAX_FIELD_NAME} bytes."),
        "Give the field a shorter name.",
    )
}

pub(crate) fn too_many_fields() -> Failure {
    Failure::bad_input(
        "LEAD-0008",
        format!("The lead's own fields would exceed {MAX_FIELDS} fields or {} KiB.", MAX_FIELDS_BYTES / 1024),
        "Store fewer or smaller own fields; leave out what no step uses.",
    )
}

pub(crate) fn list_name() -> Failure {
    Failure::bad_input(
        "LEAD-0009",
        format!(
            "The name of the list is empty, longer than {MAX_LIST_NAME} characters, or the id of no list."
        ),
        "Choose a list in the step, or write a short name for a new one.",
    )
}

pub(crate) fn not_supplied(what: &str) -> Failure {
    Failure::new(
        "LEAD-0010",
        FailureKind::Fatal,
        format!("The lead store was asked to work without having loaded {what}."),
        "This is a fault in Trunkline; please report it with the id of the run.",
    )
}

pub(crate) fn no_such_owner(owner: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0011",
        format!("The owner {owner} is not known."),
        "Choose an owner that exists, by name, e-mail address or id; in a step that may be its fallback.",
    )
}

pub(crate) fn key_taken(kind: KeyKind, lead: Uuid) -> Failure {
    Failure::bad_input(
        "LEAD-0020",
        format!("This {} belongs to another lead, {lead}.", kind.label()),
        "Open that lead; if both are the same person, merge them instead.",
    )
}

pub(crate) fn unfit_value(label: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0021",
        format!("{label} cannot hold this value."),
        "Write a whole number for a company's size, and yes or no for consent.",
    )
}

pub(crate) fn too_many_merged(count: usize) -> Failure {
    Failure::bad_input(
        "LEAD-0060",
        format!("{count} leads are to go into one; at most {MAX_MERGED} can at once."),
        "Merge them in several goes.",
    )
}

pub(crate) fn no_such_merge(id: Uuid) -> Failure {
    Failure::bad_input(
        "LEAD-0061",
        format!("There is no merge with the id {id} that could be taken back."),
        "It may have been taken back already: look at the history of merges.",
    )
}

pub(crate) fn merged_further(name: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0062",
        format!("The lead that {name} was merged into was itself merged into another since."),
        "Take the later merge back first.",
    )
}

pub(crate) fn not_a_lead(found: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0012",
        format!("The step needs a lead and was given {found}."),
        "Point the step's lead at the output of a \"Find or create lead\" step, such as steps.find.lead.",
    )
}

pub(crate) fn no_such_account(asked: &str) -> Failure {
    let shown: String = asked.chars().take(80).collect();
    Failure::bad_input(
        "LEAD-0070",
        format!("There is no account \"{shown}\"."),
        "Name an account by its id, one of its domains or its name; it may have been deleted or renamed.",
    )
}

pub(crate) fn account_value(problem: &crate::account::Problem) -> Failure {
    Failure::bad_input(
        "LEAD-0071",
        format!("The account's {} cannot be taken: {}.", problem.field.replace('_', " "), problem.message),
        "Correct the value, or leave the field out.",
    )
}

pub(crate) fn no_account_identity() -> Failure {
    Failure::bad_input(
        "LEAD-0072",
        "There is nothing to recognise the account by: no id of another system, no domain and no name.",
        "Fill at least one of external_ids, domains, website and name.",
    )
}

pub(crate) fn account_exists(name: &str) -> Failure {
    Failure::bad_input(
        "LEAD-0073",
        format!("The account {name} exists already: it has this name, domain or id."),
        "Open it and change it, or give the new one another name.",
    )
}

pub(crate) fn account_circle() -> Failure {
    Failure::bad_input(
        "LEAD-0074",
        format!(
            "An account cannot be a part of itself, nor of a hierarchy of more than {} levels.",
            crate::account::MAX_DEPTH
        ),
        "Choose another parent, or take the parent out of its own hierarchy first.",
    )
}

pub(crate) fn not_a_record() -> Failure {
    Failure::bad_input(
        "LEAD-0013",
        "The step cleans a record, and was given something else.",
        "Point it at a record, such as {{ trigger.body }}.",
    )
}

pub(crate) fn no_such_waterfall(asked: &str, known: &[&str]) -> Failure {
    let action = if known.is_empty() {
        "Publish an enrichment under Rules, Enrichment.".to_owned()
    } else {
        format!("Use one of the published ones: {}.", known.join(", "))
    };
    Failure::bad_input(
        "ENR-0001",
        format!("There is no published enrichment called {}.", asked.trim()),
        action,
    )
}

pub(crate) fn unreadable_waterfall(detail: &str) -> Failure {
    Failure::bad_input(
        "ENR-0002",
        format!("The enrichment cannot be read: {detail}."),
        "Open it under Rules, Enrichment, correct what is marked and publish it again.",
    )
}
