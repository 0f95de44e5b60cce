//! What holds for any operations, in any order, however they are cut into transactions.

use super::merging::{merge, unmerge};
use super::standing::{list, score, stage};
use super::{Desk, Outcome, Shelf};
use crate::field::Field;
use crate::key::{Key, KeyKind};
use crate::operation::{FindOrCreate, Operation, Overwrite, Route};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Ids of leads, and sometimes of lists or of nothing.
fn lead() -> impl Strategy<Value = u128> {
    1_u128..8
}

fn find_or_create() -> impl Strategy<Value = Operation> {
    let match_on = subsequence(KeyKind::ALL.to_vec(), 0..=3).prop_shuffle();
    let value = |values: &'static [&'static str]| option::of(select(values));
    let fields = (
        value(&["a@x.org", "A@X.org", "b@x.org", "c@x.org", "n/a"]),
        value(&["+442079460958", "0044 20 7946 0958", "555-123-456", "1"]),
        value(&["1", "2", "3"]),
        value(&["Paris", "Rome", ""]),
        value(&["pro", "free"]),
        value(&["yes", "no", "perhaps"]),
    );
    (match_on, fields, any::<bool>(), any::<bool>()).prop_map(|(match_on, fields, newer, allow_anonymous)| {
        let (email, phone, external_id, city, plan, consent) = fields;
        let named = [
            ("email", email),
            ("phone", phone),
            ("external_id", external_id),
            ("city", city),
            ("plan", plan),
            ("consent", consent),
        ];
        let fields: Map<String, Value> =
            named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect();
        let overwrite = if newer { Overwrite::NewerWins } else { Overwrite::FillEmpty };
        Operation::FindOrCreate(FindOrCreate { match_on, fields, overwrite, allow_anonymous })
    })
}

fn route() -> impl Strategy<Value = Operation> {
    let pool = select(vec!["AE", "SDR", "Away", "Missing", "00000000-0000-0000-0000-000000009001"]);
    let fallback = option::of(select(vec!["Ana", "Eve", "Zoe"]));
    (lead(), pool, any::<bool>(), fallback).prop_map(|(lead, pool, keep_owner, fallback)| {
        Operation::Route(Route {
            keep_owner,
            fallback_owner: fallback.map(str::to_owned),
            ..Route::by_pool(Uuid::from_u128(lead), pool)
        })
    })
}

pub(super) fn operation() -> impl Strategy<Value = Operation> {
    let lists = select(vec!["Nurture", "Hot", "", "00000000-0000-0000-0000-000000000003"]);
    prop_oneof![
        4 => find_or_create(),
        2 => route(),
        1 => (lead(), 0_i64..3).prop_map(|(lead, points)| score(lead, points)),
        1 => (lead(), select(vec!["Known", "MQL", "SQL", "Fan"])).prop_map(|(lead, name)| stage(lead, name)),
        2 => (lead(), lists).prop_map(|(lead, name)| list(lead, name)),
        1 => (lead(), vec(lead(), 0..3)).prop_map(|(into, merged)| merge(into, &merged)),
        1 => (1_u128..12).prop_map(unmerge),
    ]
}

pub(super) fn shelf() -> Shelf {
    let mut shelf = Shelf::default()
        .with_pool("AE", &[("Ana", 2), ("Ben", 1), ("Chloe", 0)])
        .with_pool("SDR", &[("Dan", 1), ("Ana", 3)])
        .with_pool("Away", &[("Ben", 1)]);
    shelf.pools[2].members[0].active = false;
    shelf.owner("Eve");
    shelf
}

/// Performs `operations` in transactions that end at the places of `cuts`.
fn cut(operations: &[Operation], cuts: &[usize]) -> (Desk, Vec<Outcome>) {
    let mut desk = Desk::new(shelf());
    let outcomes =
        parts(operations, cuts).into_iter().flat_map(|operations| desk.transaction(operations)).collect();
    (desk, outcomes)
}

/// `operations`, cut at the places of `cuts`.
fn parts<'a>(operations: &'a [Operation], cuts: &[usize]) -> Vec<&'a [Operation]> {
    let mut places: Vec<usize> = cuts.iter().map(|place| place % (operations.len() + 1)).collect();
    places.extend([0, operations.len()]);
    places.sort_unstable();
    places.windows(2).map(|ends| &operations[ends[0]..ends[1]]).collect()
}

/// Panics unless every key belongs to one lead, and the keys a lead shows are its own.
fn assert_identities_are_sound(shelf: &Shelf) {
    for lead in shelf.keys.values() {
        assert!(shelf.leads.contains_key(lead), "a key of a lead that is not there");
    }
    for lead in shelf.leads.values() {
        for field in Field::ALL {
            let Some(kind) = field.key_kind() else { continue };
            let shown = field.get(lead);
            if let Some(key) = shown.as_str().and_then(|text| Key::read(kind, text)) {
                assert_eq!(
                    shelf.keys.get(&key),
                    Some(&lead.id),
                    "{key:?} is shown by a lead it does not belong to"
                );
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn cutting_into_transactions_changes_nothing(
        operations in vec(operation(), 0..40),
        cuts in vec(any::<usize>(), 0..10),
    ) {
        let (one, outcomes) = cut(&operations, &[]);
        let (many, others) = cut(&operations, &cuts);
        prop_assert_eq!(&outcomes, &others);
        prop_assert_eq!(&one.shelf, &many.shelf);

        let mut each = Desk::new(shelf());
        let singly: Vec<Outcome> = operations.iter().map(|operation| each.perform(operation)).collect();
        prop_assert_eq!(&outcomes, &singly);
        prop_assert_eq!(&one.shelf, &each.shelf);

        let mut late = Desk::new(shelf());
        prop_assert_eq!(&outcomes, &late.one_by_one(&operations));
        prop_assert_eq!(&one.shelf, &late.shelf);
        assert_identities_are_sound(&one.shelf);
    }

    #[test]
    fn beginning_before_the_last_transaction_is_durable_changes_nothing(
        operations in vec(operation(), 0..40),
        cuts in vec(any::<usize>(), 0..20),
    ) {
        let (one, outcomes) = cut(&operations, &[]);
        let mut desk = Desk::new(shelf());
        prop_assert_eq!(&outcomes, &desk.overlapping(&parts(&operations, &cuts)));
        prop_assert_eq!(&one.shelf, &desk.shelf);
        assert_identities_are_sound(&desk.shelf);
    }

    #[test]
    fn a_failure_changes_nothing_and_is_not_for_want_of_loading(operations in vec(operation(), 1..30)) {
        let mut desk = Desk::new(shelf());
        for operation in &operations {
            let before = desk.shelf.clone();
            if let Err(failure) = desk.perform(operation) {
                prop_assert_ne!(failure.code, "LEAD-0010");
                prop_assert_eq!(&desk.shelf, &before);
            }
        }
    }

    #[test]
    fn events_of_one_person_make_one_lead_in_any_order(
        order in Just(vec![["email"], ["phone"], ["email"], ["phone"], ["email"]]).prop_shuffle(),
        cuts in vec(any::<usize>(), 0..4),
    ) {
        let whole = |kind: &[&str; 1]| super::identity::event(
            kind, serde_json::json!({"email": "ada@x.org", "phone": "+442079460958"}),
        );
        let operations: Vec<Operation> = order.iter().map(whole).collect();
        let (desk, outcomes) = cut(&operations, &cuts);
        prop_assert_eq!(desk.shelf.leads.len(), 1);
        let created = outcomes.iter().filter(|outcome| outcome.as_ref().unwrap().output["created"] == true).count();
        prop_assert_eq!(created, 1);
    }

    /// What the events say of a person does not contradict itself; then it does not matter in which order they come.
    #[test]
    fn the_same_events_in_any_order_end_in_the_same_leads(
        (events, shuffled) in vec((0_usize..4, subsequence(vec!["city", "plan", "company", "source"], 0..=4)), 1..25)
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        cuts in vec(any::<usize>(), 0..6),
    ) {
        let operation = |(who, says): &(usize, Vec<&str>)| {
            // The same address, however it is written.
            let email = [format!("person{who}@x.org"), format!(" Person{who}@X.org ")][says.len() % 2].clone();
            let mut fields = serde_json::Map::from_iter([("email".to_owned(), Value::from(email))]);
            fields.extend(says.iter().map(|name| ((*name).to_owned(), format!("{name} of {who}").into())));
            super::identity::event(&["email"], fields.into())
        };
        let leads = |events: &[(usize, Vec<&str>)], cuts: &[usize]| -> Vec<Value> {
            let operations: Vec<Operation> = events.iter().map(operation).collect();
            let mut leads: Vec<Value> = cut(&operations, cuts).0.shelf.leads.values().map(|lead| {
                let mut record = lead.record();
                for name in ["id", "created_at", "updated_at"] {
                    record.as_object_mut().expect("a record").remove(name);
                }
                record
            }).collect();
            leads.sort_by_key(|lead| lead["email"].to_string());
            leads
        };
        prop_assert_eq!(leads(&events, &[]), leads(&shuffled, &cuts));
    }
}
