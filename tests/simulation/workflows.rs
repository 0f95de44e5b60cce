//! Workflows to run: some drawn by hand for what is easily got wrong, some by chance.

use crate::chance::Chance;
use crate::sketch::{Named as _, Sketch};
use serde_json::{Value, json};
use trunkline_engine::document::Document;
use trunkline_leads::table::{Column, ColumnKind};
use uuid::Uuid;

/// The workflow that others call.
pub(crate) const CHILD: Uuid = Uuid::from_u128(0xc1);
/// The workflow that is told of failed runs.
pub(crate) const ERRORS: Uuid = Uuid::from_u128(0xc2);
/// The workflow by which people move a lead on.
pub(crate) const MOVE: Uuid = Uuid::from_u128(0xc3);
/// The workflow that hears of new stages, and the one that hears of new leads.
pub(crate) const STAGES: Uuid = Uuid::from_u128(0xc4);
pub(crate) const ARRIVALS: Uuid = Uuid::from_u128(0xc5);
/// Whose turn it is to own a lead.
pub(crate) const POOL: &str = "AE";
/// The table with a row for each thing, and the one with a row for each run.
pub(crate) const BOOK: &str = "Book";
pub(crate) const LOG: &str = "Log";

/// The workflows of `seed`, each with its id. The first ones are started by others, never by an event.
pub(crate) fn of(seed: u64) -> Vec<(Uuid, Document)> {
    let mut chance = Chance::of(seed, "workflows");
    let mut all = vec![(CHILD, child()), (ERRORS, told_of_failures()), (MOVE, moves())];
    let by_hand = [
        calls_in_a_row,
        a_loop_of_writes,
        leads,
        calls_others,
        asks_people,
        in_order,
        limited,
        bursts,
        repeats,
        the_same_leads,
        waits_for_a_lead,
        pages,
        fails,
        keeps_books,
    ];
    for number in 0..2_u128 {
        all.push((Uuid::from_u128(0xd0 + number), chance.pick(&by_hand)()));
    }
    for number in 0..2_u128 {
        let mut document = by_chance(&mut chance);
        document.settings.error_workflow = chance.percent(40).then(|| ERRORS.to_string());
        all.push((Uuid::from_u128(0xe0 + number), document));
    }
    if chance.percent(25) {
        all.push((Uuid::from_u128(0xf0), scheduled(&mut chance)));
    }
    if chance.percent(50) {
        all.extend([(STAGES, hears_of_stages()), (ARRIVALS, hears_of_arrivals())]);
    }
    all
}

/// The tables that workflows write to.
pub(crate) fn tables() -> [(&'static str, Vec<Column>); 2] {
    let column = |key: &str, kind| Column { key: key.into(), label: key.into(), kind };
    let [about, n] =
        [("about", ColumnKind::Text), ("n", ColumnKind::Number)].map(|(key, kind)| column(key, kind));
    [(BOOK, vec![about.clone(), n.clone(), column("seen", ColumnKind::Number)]), (LOG, vec![about, n])]
}

/// Which of `workflows` events may start.
pub(crate) fn by_event(workflows: Vec<(Uuid, Document)>) -> Vec<(Uuid, Document)> {
    let starts = |(id, document): &(Uuid, Document)| {
        ![CHILD, ERRORS, MOVE].contains(id) && document.steps["go"].kind == "manual"
    };
    workflows.into_iter().filter(starts).collect()
}

fn child() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "child"));
    let waits = json!({"kind": "wait", "config": {"amount": 20, "unit": "seconds"}});
    let last = sketch.after("go", "wait", waits);
    let call = sketch.call("once", false, 3, "continue");
    sketch.after(&last, "call", call);
    sketch.document("child")
}

fn told_of_failures() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "errors"));
    let call = sketch.call("once", false, 3, "continue");
    sketch.after("go", "tell", call);
    sketch.document("told of failures")
}

/// Moves the lead of the event to its stage.
fn moves() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "moves"));
    let stage = json!({"kind": "set_stage", "config": {
        "lead": "{{ trigger.body.lead }}", "stage": "{{ trigger.body.stage }}", "allow_backwards": true,
    }});
    sketch.after("go", "stage", stage);
    sketch.document("moves")
}

/// A step that fails for good half of the time, with somebody to tell.
fn fails() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "fails"));
    let call = sketch.call("read", false, 0, "stop");
    let last = sketch.after("go", "first", call);
    let call = sketch.call("once", false, 1, "stop");
    sketch.after(&last, "second", call);
    let mut document = sketch.document("fails");
    document.settings.error_workflow = Some(ERRORS.to_string());
    document
}

/// An event about the same thing as one within the last hour is a repeat.
fn repeats() -> Document {
    let mut document = waits_and_calls("repeats");
    let repeats = json!({"key": "{{ trigger.body.about }}", "hours": 1});
    document.settings.dedupe = serde_json::from_value(repeats).expect("as the format wants it");
    document
}

/// Runs that change the same two leads, and deal them to the same owners, at the same time.
fn the_same_leads() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "same"));
    let last = sketch.after("go", "find", find("{{ trigger.body.about }}@example.com"));
    let lead = format!("{{{{ steps.{last}.lead }}}}");
    let route = json!({"kind": "route_lead", "config": {"lead": lead, "pool": POOL, "keep_owner": false}});
    let once = sketch.call("once", false, 2, "continue");
    let next = sketch.after(&last, "once", once);
    let next = sketch.after(&next, "route", route);
    let stage = json!({"kind": "set_stage", "config": {
        "lead": lead, "stage": "{{ ['MQL', 'SQL', 'Lead'][trigger.body.n % 3] }}", "allow_backwards": true,
    }});
    sketch.after(&next, "stage", stage);
    sketch.document("the same leads")
}

/// Waits, without an end of its own, until somebody moves its lead.
fn waits_for_a_lead() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "lead"));
    let last = sketch.after("go", "find", find("{{ trigger.body.email }}"));
    let waits = json!({"kind": "wait_for_lead", "config": {
        "lead": format!("{{{{ steps.{last}.lead }}}}"), "event": "stage_changed",
    }});
    let last = sketch.after(&last, "waits", waits);
    let once = sketch.call("once", false, 2, "continue");
    sketch.after(&last, "once", once);
    sketch.document("waits for a lead")
}

/// A list that comes page by page, with a write for each item.
fn pages() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "pages"));
    let call = sketch.call("once", true, 2, "continue").named("item");
    let each = json!({"kind": "loop", "config": {
        "from": "pages", "url": "https://world.example/pages", "items_at": "/results",
        "next_by": "number", "parameter": "page", "parallel": 2, "on_item_error": "collect",
    }, "body": {"steps": {"item": call}, "edges": []}});
    let last = sketch.after("go", "each", each);
    let once = sketch.call("once", false, 2, "continue");
    sketch.after(&last, "once", once);
    sketch.document("pages")
}

/// Every third minute, with every way to deal with what overlaps and what was missed.
fn scheduled(chance: &mut Chance) -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "scheduled"));
    sketch.steps["go"] = json!({"kind": "schedule", "config": {
        "cron": "*/3 * * * *", "timezone": "UTC",
        "overlap": chance.pick(&["skip", "queue", "parallel"]), "missed": chance.pick(&["skip", "once", "each"]),
    }});
    let once = sketch.call("once", false, 2, "continue");
    let last = sketch.after("go", "once", once);
    let amount = chance.between(20, 280);
    let waits = json!({"kind": "wait", "config": {"amount": amount, "unit": "seconds"}});
    sketch.after(&last, "wait", waits);
    sketch.document("scheduled")
}

/// Counts and writes rows between calls, about the same things as other runs, and takes rows of others away.
fn keeps_books() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "books"));
    let about = "{{ trigger.body.about }}";
    let count = json!({"kind": "add_to_counter", "config": {
        "counter": "Seen", "key": about, "by": "{{ trigger.body.n + 1 }}",
    }});
    let count = sketch.after("go", "count", count);
    let once = sketch.call("once", false, 2, "continue");
    let last = sketch.after(&count, "once", once);
    let book = json!({"kind": "upsert_row", "config": {"table": BOOK, "key": "about", "values": [
        {"name": "about", "value": about}, {"name": "n", "value": "{{ trigger.body.n }}"},
        {"name": "seen", "value": format!("{{{{ steps.{count}.value }}}}")},
    ]}});
    let last = sketch.after(&last, "book", book);
    let item = json!({"kind": "add_to_counter", "config": {"counter": "Items", "key": about}});
    let each = json!({"kind": "loop", "config": {
        "items": ["a", "b", "c"], "parallel": 2, "on_item_error": "collect",
    }, "body": {"steps": {"item": item}, "edges": []}});
    let last = sketch.after(&last, "each", each);
    let log = json!({"kind": "insert_row", "config": {"table": LOG, "values": [
        {"name": "about", "value": about}, {"name": "n", "value": "{{ trigger.body.n }}"},
    ]}});
    let last = sketch.after(&last, "log", log);
    let waits = json!({"kind": "wait", "config": {"amount": 15, "unit": "seconds"}});
    let last = sketch.after(&last, "wait", waits);
    let read = json!({"kind": "read_counter", "config": {"counter": "Seen", "key": about}});
    let last = sketch.after(&last, "read", read);
    let tidy = json!({"kind": "delete_rows", "config": {"table": LOG, "conditions": [
        {"column": "n", "test": "equals", "value": "{{ trigger.body.n - 1 }}"},
    ]}});
    sketch.after(&last, "tidy", tidy);
    sketch.document("keeps books")
}

/// Is started by every new stage of a lead, one after the other for each lead.
fn hears_of_stages() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "stages"));
    sketch.steps["go"] = json!({"kind": "lead_event", "config": {"event": "stage_changed"}});
    let count =
        json!({"kind": "add_to_counter", "config": {"counter": "Stages", "key": "{{ trigger.new }}"}});
    let last = sketch.after("go", "count", count);
    let once = sketch.call("once", false, 2, "continue");
    sketch.after(&last, "once", once);
    let mut document = sketch.document("hears of stages");
    let order = json!({"key": "{{ trigger.lead_id }}"});
    document.settings.order_by = serde_json::from_value(order).expect("as the format wants it");
    document
}

/// Is started by every new lead and moves it, which others hear of.
fn hears_of_arrivals() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "arrivals"));
    sketch.steps["go"] = json!({"kind": "lead_event", "config": {"event": "created"}});
    let read = sketch.call("read", false, 2, "continue");
    let last = sketch.after("go", "read", read);
    let stage = json!({"kind": "set_stage", "config": {
        "lead": "{{ trigger.lead_id }}", "stage": "SQL", "allow_backwards": true,
    }});
    sketch.after(&last, "stage", stage);
    sketch.document("hears of arrivals")
}

fn find(email: &str) -> Value {
    json!({"kind": "find_or_create_lead", "config": {
        "match_on": ["email"], "fields": [{"name": "email", "value": email}],
    }})
}

/// Calls one after another, with retries and a wait between them.
fn calls_in_a_row() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "row"));
    let once = sketch.call("once", false, 3, "stop");
    let last = sketch.after("go", "once", once);
    let waits = json!({"kind": "wait", "config": {"amount": 2, "unit": "minutes"}});
    let last = sketch.after(&last, "wait", waits);
    let read = sketch.call("read", false, 2, "continue");
    let last = sketch.after(&last, "read", read);
    let plain = sketch.call("plain", false, 0, "continue");
    sketch.after(&last, "plain", plain);
    sketch.document("calls in a row")
}

/// A write per item, three at a time.
fn a_loop_of_writes() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "loop"));
    let each = sketch.each("once", 3);
    let last = sketch.after("go", "each", each);
    let plain = sketch.call("plain", false, 2, "continue");
    sketch.after(&last, "plain", plain);
    sketch.document("a loop of writes")
}

/// Leads, with a call between two changes, and two moves in one turn.
fn leads() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "leads"));
    let found = sketch.after("go", "find", find("{{ trigger.body.email }}"));
    let once = sketch.call("once", false, 2, "continue");
    let last = sketch.after(&found, "once", once);
    let lead = format!("{{{{ steps.{found}.lead }}}}");
    let stage = json!({"kind": "set_stage", "config": {"lead": lead, "stage": "MQL"}});
    let last = sketch.after(&last, "stage", stage);
    let stage = json!({"kind": "set_stage", "config": {"lead": lead, "stage": "Customer"}});
    sketch.after(&last, "stage", stage);
    sketch.document("leads")
}

/// Calls of another workflow, one after and one beside another.
fn calls_others() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "calls"));
    let child = |wait: bool| {
        json!({"kind": "call_workflow", "on_error": "continue", "config": {
            "workflow": CHILD.to_string(), "input": {"n": "{{ trigger.body.n }}"}, "wait": wait,
        }})
    };
    let left = sketch.after("go", "left", child(true));
    let right = sketch.after("go", "right", child(true));
    let meet = sketch.after(&left, "meet", set());
    sketch.edge(&right, "out", &meet);
    sketch.after(&meet, "last", child(false));
    sketch.document("calls others")
}

/// A question to a person, then one to another system.
fn asks_people() -> Document {
    let mut sketch = Sketch::new(Chance::of(0, "people"));
    let asks = json!({"kind": "approval", "config": {
        "title": "Shall we?", "text": "{{ trigger.body.n }}",
        "options": [{"id": "yes", "label": "Yes"}, {"id": "no", "label": "No"}],
        "patience": {"amount": 5, "unit": "minutes"},
    }});
    let asks = sketch.after("go", "asks", asks);
    let waits =
        json!({"kind": "wait_for_callback", "config": {"patience": {"amount": 30, "unit": "minutes"}}});
    let waits = sketch.add("waits", waits);
    let once = sketch.call("once", false, 2, "continue");
    let once = sketch.add("once", once);
    sketch.edge(&asks, "yes", &waits);
    sketch.edge(&asks, "no", &once);
    sketch.edge(&asks, "timeout", &once);
    sketch.edge(&waits, "out", &once);
    sketch.document("asks people")
}

/// Runs about the same thing, one after the other.
fn in_order() -> Document {
    let mut document = waits_and_calls("in order");
    let order = json!({"key": "{{ trigger.body.about }}"});
    document.settings.order_by = serde_json::from_value(order).expect("as the format wants it");
    document
}

/// No more than two runs at the same time.
fn limited() -> Document {
    let mut document = waits_and_calls("limited");
    document.settings.most_at_once = Some(2);
    document
}

/// Events about the same thing within moments are one run.
fn bursts() -> Document {
    let mut document = waits_and_calls("bursts");
    let burst = json!({"key": "{{ trigger.body.about }}", "seconds": 20, "keep": "last"});
    document.settings.debounce = serde_json::from_value(burst).expect("as the format wants it");
    document
}

fn waits_and_calls(name: &str) -> Document {
    let mut sketch = Sketch::new(Chance::of(0, name));
    let once = sketch.call("once", false, 2, "continue");
    let last = sketch.after("go", "once", once);
    let waits = json!({"kind": "wait", "config": {"amount": 45, "unit": "seconds"}});
    let last = sketch.after(&last, "wait", waits);
    let plain = sketch.call("plain", false, 1, "continue");
    sketch.after(&last, "plain", plain);
    sketch.document(name)
}

/// A chain of random steps, in which paths split and meet.
fn by_chance(chance: &mut Chance) -> Document {
    let mut sketch = Sketch::new(chance.clone());
    let length = chance.between(2, 5);
    sketch.chain(("go".into(), "out"), length, true);
    sketch.document("by chance")
}

pub(crate) fn set() -> Value {
    json!({"kind": "set_fields", "config": {"fields": [{"name": "n", "value": "{{ trigger.body.n }}"}]}})
}
