//! Rows of lists: what becomes of them, in stretches of any size, and turned back again.

use super::{Desk, Shelf};
use crate::importing::{
    Afterwards, ColumnUse, Counts, Fate, ImportRow, ImportRows, ImportSettings, Mode, Plan, Repeated,
    RowOutcome, UndoImport, WhoWins,
};
use crate::key::KeyKind;
use crate::operation::{FindOrCreate, Operation, Overwrite};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

fn plan(wins: WhoWins) -> Plan {
    let column = |name: &str| ColumnUse { column: name.into(), field: name.into(), wins };
    Plan::of(ImportSettings {
        columns: ["email", "phone", "first_name", "plan"].map(column).to_vec(),
        cleaning: serde_json::from_value(json!({})).unwrap(),
        rules: Vec::new(),
        match_on: vec![KeyKind::Email, KeyKind::Phone],
        mode: Mode::CreateAndUpdate,
        repeated: Repeated::Merge,
        afterwards: Afterwards::default(),
    })
    .unwrap()
}

fn prepared(plan: &Plan, rows: &[[&str; 4]]) -> Vec<ImportRow> {
    let numbered = rows.iter().zip(1..);
    numbered.map(|(cells, number)| plan.prepare(number, |place| cells.get(place).copied(), None).0).collect()
}

fn asked(import: u128, plan: &Plan, rows: Vec<ImportRow>) -> ImportRows {
    ImportRows {
        import: Uuid::from_u128(import),
        name: "contacts.csv".into(),
        match_on: plan.settings().match_on.clone(),
        mode: plan.settings().mode,
        repeated: plan.settings().repeated,
        file_wins: plan.file_wins(),
        afterwards: plan.settings().afterwards.clone(),
        rows,
    }
}

fn import(desk: &mut Desk, asked: ImportRows) -> Vec<RowOutcome> {
    let before = desk.shelf.outcomes.len();
    desk.perform(&Operation::ImportRows(asked)).unwrap();
    desk.shelf.outcomes[before..].to_vec()
}

fn fates(outcomes: &[RowOutcome]) -> Vec<Fate> {
    outcomes.iter().map(|outcome| outcome.fate).collect()
}

#[test]
fn rows_create_update_repeat_and_fail_without_stopping_each_other() {
    let mut desk = Desk::new(Shelf::default());
    let known = FindOrCreate {
        match_on: vec![KeyKind::Email],
        fields: json!({"email": "kay@c.example", "first_name": "Kay", "plan": "free"})
            .as_object()
            .unwrap()
            .clone(),
        overwrite: Overwrite::FillEmpty,
        allow_anonymous: false,
    };
    desk.perform(&Operation::FindOrCreate(known)).unwrap();
    let plan = plan(WhoWins::File);
    let rows = prepared(
        &plan,
        &[
            ["ada@a.example", "", "ADA", "pro"],
            ["n/a", "", "Nobody", ""],
            ["kay@c.example", "+44 20 7946 0018", "Kay", "pro"],
            ["ADA@a.example", "+1 650 253 0000", "Augusta", ""],
            ["", "+1 650 253 0000", "", ""],
        ],
    );
    let outcomes = import(&mut desk, asked(1, &plan, rows.clone()));
    assert_eq!(
        fates(&outcomes),
        [Fate::Created, Fate::Failed, Fate::Updated, Fate::Duplicate, Fate::Duplicate]
    );
    assert_eq!(outcomes[2].changes["plan"], json!(["free", "pro"]));
    assert!(outcomes[1].why.as_deref().unwrap().contains("no usable e-mail or phone"));
    let ada = &desk.shelf.leads[&outcomes[0].lead.unwrap()];
    // A later row only adds: the phone is new, the name stays.
    assert_eq!((ada.first_name.as_deref(), ada.phone.as_deref()), (Some("Ada"), Some("+16502530000")));
    let before = desk.shelf.clone();
    let again = import(&mut desk, asked(2, &plan, rows));
    assert_eq!(
        fates(&again),
        [Fate::Unchanged, Fate::Failed, Fate::Unchanged, Fate::Duplicate, Fate::Duplicate]
    );
    assert_eq!((&desk.shelf.leads, &desk.shelf.activities), (&before.leads, &before.activities));
}

#[test]
fn what_the_import_was_told_to_leave_is_left() {
    let mut desk = Desk::new(Shelf::default());
    let plan = plan(WhoWins::Lead);
    let rows = prepared(&plan, &[["ada@a.example", "", "Ada", ""], ["ada@a.example", "", "", "pro"]]);
    let update_only = ImportRows { mode: Mode::UpdateOnly, ..asked(1, &plan, rows.clone()) };
    assert_eq!(fates(&import(&mut desk, update_only)), [Fate::Skipped, Fate::Skipped]);
    let skip = ImportRows { repeated: Repeated::Skip, ..asked(2, &plan, rows.clone()) };
    assert_eq!(fates(&import(&mut desk, skip)), [Fate::Created, Fate::Duplicate]);
    assert!(desk.shelf.leads.values().all(|lead| lead.fields.is_empty()));
    let create_only = ImportRows { mode: Mode::CreateOnly, ..asked(3, &plan, rows) };
    assert_eq!(fates(&import(&mut desk, create_only)), [Fate::Skipped, Fate::Duplicate]);
}

#[test]
fn leads_go_to_the_list_the_stage_and_the_pool() {
    let mut desk = Desk::new(Shelf::default().with_pool("AE", &[("Ana", 1), ("Ben", 1)]));
    let plan = plan(WhoWins::Lead);
    let rows = prepared(&plan, &[["a@a.example", "", "", ""], ["b@a.example", "", "", ""]]);
    let afterwards = Afterwards {
        list: Some("Fair".into()),
        stage: Some("MQL".into()),
        pool: Some("AE".into()),
        ..Afterwards::default()
    };
    let outcomes = import(&mut desk, ImportRows { afterwards, ..asked(1, &plan, rows) });
    assert!(outcomes.iter().all(|outcome| outcome.why.is_none()), "{outcomes:?}");
    let owners: Vec<_> = desk.shelf.leads.values().map(|lead| lead.owner_id).collect();
    assert!(owners[0].is_some() && owners[1].is_some() && owners[0] != owners[1]);
    assert!(desk.shelf.leads.values().all(|lead| lead.stage == "MQL"));
    assert_eq!(desk.shelf.members.len(), 2);
    // A pool that is not there keeps no row back; the row says so.
    let afterwards = Afterwards { pool: Some("Gone".into()), ..Afterwards::default() };
    let rows = prepared(&plan, &[["c@a.example", "", "", ""]]);
    let outcomes = import(&mut desk, ImportRows { afterwards, ..asked(2, &plan, rows) });
    assert_eq!(outcomes[0].fate, Fate::Created);
    assert!(outcomes[0].why.as_deref().unwrap().contains("Gone"));
}

#[test]
fn an_undo_takes_back_what_nobody_touched_since() {
    let mut desk = Desk::new(Shelf::default());
    let plan = plan(WhoWins::File);
    let old = prepared(&plan, &[["kay@c.example", "", "Kay", "free"], ["liv@c.example", "", "Liv", "free"]]);
    import(&mut desk, asked(1, &plan, old));
    let before = desk.shelf.clone();
    let rows = prepared(
        &plan,
        &[
            ["ada@a.example", "", "Ada", ""],
            ["kay@c.example", "+16502530000", "Kay", "pro"],
            ["liv@c.example", "", "Liv", "pro"],
            ["bob@a.example", "", "Bob", ""],
        ],
    );
    let outcomes = import(&mut desk, asked(2, &plan, rows));
    let touch = |email: &str, plan: &str| {
        Operation::FindOrCreate(FindOrCreate {
            match_on: vec![KeyKind::Email],
            fields: json!({"email": email, "plan": plan}).as_object().unwrap().clone(),
            overwrite: Overwrite::NewerWins,
            allow_anonymous: false,
        })
    };
    desk.perform(&touch("liv@c.example", "gold")).unwrap();
    desk.perform(&touch("bob@a.example", "gold")).unwrap();
    let undo = Operation::UndoImport(UndoImport {
        import: Uuid::from_u128(2),
        name: "contacts.csv".into(),
        rows: outcomes.clone(),
    });
    let output = desk.perform(&undo).unwrap().output;
    assert_eq!(
        (&output["removed"], &output["restored"], &output["skipped"]),
        (&json!(1), &json!(1), &json!(2))
    );
    let kay = &desk.shelf.leads[&outcomes[1].lead.unwrap()];
    assert_eq!((kay.fields["plan"].as_str(), kay.phone.as_deref()), (Some("free"), None));
    assert!(!desk.shelf.leads.contains_key(&outcomes[0].lead.unwrap()));
    assert_eq!(desk.shelf.leads.len(), before.leads.len() + 1);
    // Whoever was taken away can come again.
    let rows = prepared(&plan, &[["ada@a.example", "", "Ada", ""]]);
    assert_eq!(fates(&import(&mut desk, asked(3, &plan, rows))), [Fate::Created]);
}

/// What a stretch comes to, told slowly and without the book: rows in order, a lead per e-mail address or phone.
fn told(rows: &[[&str; 4]]) -> Counts {
    let mut leads: Vec<(Option<String>, Option<String>)> = Vec::new();
    let mut counts = Counts::default();
    let mut keys: BTreeMap<String, usize> = BTreeMap::new();
    for [email, phone, ..] in rows {
        let email = (!email.is_empty()).then(|| (*email).to_owned());
        let phone = (!phone.is_empty()).then(|| (*phone).to_owned());
        if email.is_none() && phone.is_none() {
            counts.add(Fate::Failed);
            continue;
        }
        let found = [&email, &phone].into_iter().flatten().find_map(|key| keys.get(key).copied());
        let (at, fate) = found.map_or_else(
            || {
                leads.push((None, None));
                (leads.len() - 1, Fate::Created)
            },
            |at| (at, Fate::Duplicate),
        );
        counts.add(fate);
        // A key goes to the lead whose field is still empty, unless somebody has it.
        for (is_phone, key) in [(false, email), (true, phone)] {
            let Some(key) = key else { continue };
            let field = if is_phone { &mut leads[at].1 } else { &mut leads[at].0 };
            if field.is_none() && !keys.contains_key(&key) {
                *field = Some(key.clone());
                keys.insert(key, at);
            }
        }
    }
    counts
}

proptest! {
    #[test]
    fn counts_are_the_same_however_the_list_is_cut_and_as_told_slowly(
        rows in prop::collection::vec((0_usize..6, 0_usize..5, 0_usize..3), 0..24), cut in 1_usize..9,
    ) {
        const MAILS: [&str; 6] = ["", "a@a.example", "b@a.example", "c@a.example", "d@a.example", "e@a.example"];
        const PHONES: [&str; 5] = ["", "+16502530000", "+16502530001", "+16502530002", "+16502530003"];
        let rows: Vec<[&str; 4]> =
            rows.iter().map(|(mail, phone, plan)| [MAILS[*mail], PHONES[*phone], "", ["", "x", "y"][*plan]]).collect();
        let plan = plan(WhoWins::File);
        let prepared = prepared(&plan, &rows);
        let count = |outcomes: &[RowOutcome]| {
            let mut counts = Counts::default();
            outcomes.iter().for_each(|outcome| counts.add(outcome.fate));
            counts
        };
        let mut whole = Desk::new(Shelf::default());
        let at_once = import(&mut whole, asked(1, &plan, prepared.clone()));
        let mut pieces = Desk::new(Shelf::default());
        let mut piecewise = Vec::new();
        for piece in prepared.chunks(cut) {
            piecewise.extend(import(&mut pieces, asked(1, &plan, piece.to_vec())));
        }
        prop_assert_eq!(fates(&at_once), fates(&piecewise));
        let records = |desk: &Desk| {
            let mut records: Vec<Value> =
                desk.shelf.leads.values().map(|lead| json!([lead.email, lead.phone, lead.fields])).collect();
            records.sort_by_key(Value::to_string);
            records
        };
        prop_assert_eq!(records(&whole), records(&pieces));
        prop_assert_eq!(count(&at_once), told(&rows));
        // The same list again gives nothing new.
        let leads = whole.shelf.leads.clone();
        let again = count(&import(&mut whole, asked(2, &plan, prepared)));
        prop_assert_eq!((again.created, again.failed), (0, count(&at_once).failed));
        prop_assert_eq!(leads.len(), whole.shelf.leads.len());
    }
}
