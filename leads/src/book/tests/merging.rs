//! Merging leads and taking merges back.

use super::accounts::{keep, set_account};
use super::assessed::rules;
use super::identity::event;
use super::standing::{list, score, stage};
use super::turns::route;
use super::{Desk, Shelf};
use crate::activity::ActivityKind;
use crate::definition::{Definition, SLA};
use crate::key::{Key, KeyKind};
use crate::lead::Lead;
use crate::matching::LeadMatch;
use crate::merge::MergeRules;
use crate::operation::{FindOrCreate, MergeLeads, Operation, Overwrite, UnmergeLead};
use crate::sla::Clock;
use chrono::{DateTime, Utc};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

pub(super) fn merge(into: u128, merged: &[u128]) -> Operation {
    Operation::Merge(MergeLeads {
        lead_id: Uuid::from_u128(into),
        merged: merged.iter().copied().map(Uuid::from_u128).collect(),
        rules: MergeRules::default(),
        why: Some("Same person.".into()),
    })
}

pub(super) fn unmerge(merge: u128) -> Operation {
    Operation::Unmerge(UnmergeLead { merge_id: Uuid::from_u128(merge) })
}

/// Leads with the ids 1 to `count`, each with an address, a number and a list of its own and a list of all.
fn desk(count: u128) -> Desk {
    let mut desk = Desk::default();
    fill(&mut desk, count);
    desk
}

fn fill(desk: &mut Desk, count: u128) {
    // Ids of leads first, so that lists and clocks get later ones.
    for lead in 1..=count {
        let fields = json!({
            "email": format!("p{lead}@x.org"), "phone": format!("+44207946095{lead}"), "city": format!("City {lead}"),
            format!("own {lead}"): lead.to_string(),
        });
        desk.perform(&event(&["email"], fields)).unwrap();
    }
    for lead in 1..=count {
        desk.perform(&list(lead, "All")).unwrap();
        desk.perform(&list(lead, &format!("List {lead}"))).unwrap();
    }
}

/// As [`desk`], with a score for every list somebody is put on, an account for every second lead and an owner with clocks
/// for every third.
fn busy_desk(count: u128) -> Desk {
    let mut busy = desk(0);
    busy.rules = rules(&[
        (
            "scoring_model",
            "Inbound",
            json!({ "behaviour": { "rows": [{ "did": "listed", "points": 5, "every_time": 20 }], "most": 100 } }),
        ),
        ("segment", "Warm", json!({ "rule": { "field": "score", "op": "at_least", "value": 15 } })),
    ]);
    busy.shelf = busy.shelf.with_pool("AE", &[("Ana", 1), ("Bo", 1)]);
    let clock = json!({ "accept": { "within": 30 }, "respond": { "within": 60 } });
    busy.shelf.definitions = vec![(SLA, Definition::new(Uuid::nil(), "Fast".into(), 1, clock))];
    fill(&mut busy, count);
    busy.perform(&keep(json!({ "name": "Acme", "domains": "acme.de" }))).unwrap();
    let account = busy.shelf.accounts.keys().next().copied();
    for lead in 1..=count {
        if lead % 2 == 0 {
            busy.perform(&set_account(Uuid::from_u128(lead), account)).unwrap();
        }
        if lead % 3 == 0 {
            busy.perform(&route(lead, "AE")).unwrap();
        }
    }
    busy
}

/// What leads, keys and lists hold, how they stand with their accounts and which clocks run, the moment of the last
/// change apart.
#[derive(Debug, PartialEq)]
struct Standing {
    leads: Vec<Lead>,
    keys: BTreeMap<Key, Uuid>,
    members: BTreeMap<(Uuid, Uuid), DateTime<Utc>>,
    matches: BTreeMap<Uuid, LeadMatch>,
    clocks: BTreeMap<Uuid, Clock>,
}

fn standing(shelf: &Shelf) -> Standing {
    let timeless = |lead: &Lead| Lead { updated_at: DateTime::UNIX_EPOCH, ..lead.clone() };
    Standing {
        leads: shelf.leads.values().map(timeless).collect(),
        keys: shelf.keys.clone(),
        members: shelf.members.clone(),
        matches: shelf.account_matches.clone(),
        clocks: shelf.clocks.iter().map(|clock| (clock.id, clock.clone())).collect(),
    }
}

fn merge_of(desk: &Desk, lead: u128) -> Uuid {
    let found = desk.shelf.merges.values().find(|merge| merge.merged.id == Uuid::from_u128(lead));
    found.unwrap().id
}

#[test]
fn keys_lists_and_missing_values_go_to_the_lead_that_stays() {
    let mut desk = desk(2);
    desk.perform(&score(2, 80)).unwrap();
    desk.perform(&stage(2, "MQL")).unwrap();
    let merged = desk.perform(&merge(1, &[2])).unwrap();
    assert_eq!(merged.why.as_deref(), Some("Merged p2@x.org into p1@x.org."));
    let lead = desk.only_lead();
    assert_eq!((lead.city.as_deref(), lead.score, lead.stage.as_str()), (Some("City 1"), Some(80), "MQL"));
    assert_eq!(lead.fields["own 2"], "2");
    assert!(desk.shelf.keys.values().all(|owner| *owner == lead.id));
    assert_eq!(desk.shelf.members.len(), 3);
    let last = desk.shelf.activities.last().unwrap();
    assert_eq!((last.kind, last.title.as_str()), (ActivityKind::Merged, "Merged with p2@x.org"));
    assert_eq!(last.new["merge_id"], json!(merge_of(&desk, 2)));
}

#[test]
fn how_it_stood_its_clocks_and_its_deeds_go_along_and_come_back() {
    let mut desk = busy_desk(3);
    let before = standing(&desk.shelf);
    // The second has an account, the third a clock of its owner; the first has neither.
    desk.perform(&merge(1, &[2, 3])).unwrap();
    let lead = desk.only_lead().clone();
    let found = &desk.shelf.account_matches[&lead.id];
    assert_eq!((desk.shelf.account_matches.len(), found.account_id), (1, lead.account_id));
    assert!(lead.account_id.is_some());
    assert!(desk.shelf.clocks.iter().filter(|clock| clock.is_open()).all(|clock| clock.lead_id == lead.id));
    // Each was put on two lists, which gives 5 points each time: deeds of all three count.
    assert_eq!(lead.score, Some(30));
    for merged in [3, 2] {
        desk.perform(&Operation::Unmerge(UnmergeLead { merge_id: merge_of(&desk, merged) })).unwrap();
    }
    assert_eq!(standing(&desk.shelf), before);
    assert!(
        desk.shelf.leads.values().all(|lead| lead.score == Some(10)),
        "everybody's deeds are their own again"
    );
}

#[test]
fn a_clock_that_is_answered_after_a_merge_stays_answered() {
    let mut desk = busy_desk(3);
    desk.perform(&merge(1, &[3])).unwrap();
    let open = |desk: &Desk| desk.shelf.clocks.iter().filter(|clock| clock.is_open()).count();
    let before = open(&desk);
    let called = json!({"lead_id": Uuid::from_u128(1), "activity": "call"});
    desk.perform(&Operation::read("log_activity", &called).unwrap()).unwrap();
    assert!(open(&desk) < before);
    let answered = open(&desk);
    desk.perform(&Operation::Unmerge(UnmergeLead { merge_id: merge_of(&desk, 3) })).unwrap();
    assert_eq!(open(&desk), answered);
}

#[test]
fn later_events_reach_the_lead_that_stays_by_key_and_by_id() {
    let mut desk = desk(2);
    desk.perform(&merge(1, &[2])).unwrap();
    let found = desk.perform(&event(&["email"], json!({"email": "p2@x.org", "job_title": "CTO"}))).unwrap();
    assert_eq!(found.output["lead"]["id"], json!(Uuid::from_u128(1)));
    desk.perform(&score(2, 50)).unwrap();
    assert_eq!((desk.only_lead().score, desk.only_lead().job_title.as_deref()), (Some(50), Some("CTO")));
}

#[test]
fn what_changed_since_stays_and_is_named() {
    let mut desk = desk(2);
    desk.perform(&score(2, 80)).unwrap();
    desk.perform(&merge(1, &[2])).unwrap();
    desk.perform(&score(1, 95)).unwrap();
    let merge = merge_of(&desk, 2);
    let back = desk.perform(&Operation::Unmerge(UnmergeLead { merge_id: merge })).unwrap();
    assert_eq!(back.output["kept"], json!(["Score"]));
    assert_eq!(desk.shelf.leads[&Uuid::from_u128(1)].score, Some(95));
    assert_eq!(desk.shelf.leads[&Uuid::from_u128(2)].score, Some(80));
    let again = desk.perform(&Operation::Unmerge(UnmergeLead { merge_id: merge }));
    assert_eq!(again.unwrap_err().code, "LEAD-0061");
}

fn email_of(desk: &Desk, lead: u128) -> Option<&str> {
    desk.shelf.leads[&Uuid::from_u128(lead)].email.as_deref()
}

fn owner_of(desk: &Desk, email: &str) -> Option<Uuid> {
    desk.shelf.keys.get(&Key::read(KeyKind::Email, email).unwrap()).copied()
}

#[test]
fn an_address_that_the_survivor_goes_by_since_stays_with_it() {
    let mut desk = desk(2);
    desk.perform(&merge(1, &[2])).unwrap();
    let Operation::FindOrCreate(newer) = event(&["email"], json!({"email": "p2@x.org"})) else {
        unreachable!()
    };
    let newer = FindOrCreate { overwrite: Overwrite::NewerWins, ..newer };
    desk.perform(&Operation::FindOrCreate(newer)).unwrap();
    let merge_id = merge_of(&desk, 2);
    let back = desk.perform(&Operation::Unmerge(UnmergeLead { merge_id })).unwrap();
    assert_eq!(back.output["kept"], json!(["e-mail p2@x.org"]));
    assert_eq!((email_of(&desk, 1), email_of(&desk, 2)), (Some("p2@x.org"), None));
    let said = desk.shelf.activities.iter().rfind(|entry| entry.lead_id == Uuid::from_u128(2)).unwrap();
    assert_eq!(said.why.as_deref(), Some("Without e-mail p2@x.org: another lead goes by that now."));
    assert_eq!(owner_of(&desk, "p2@x.org"), Some(Uuid::from_u128(1)));
}

/// The merges are taken back in the order they were done: the address that the second replaced is gone by then.
#[test]
fn the_survivor_gets_no_address_back_that_went_to_another_lead() {
    let mut desk = desk(3);
    let taking = |merged| {
        let Operation::Merge(mut input) = merge(1, &[merged]) else { unreachable!() };
        input.rules.choices.insert("email".into(), Uuid::from_u128(merged));
        Operation::Merge(input)
    };
    desk.perform(&taking(2)).unwrap();
    desk.perform(&taking(3)).unwrap();
    for merged in [2, 3] {
        let merge_id = merge_of(&desk, merged);
        desk.perform(&Operation::Unmerge(UnmergeLead { merge_id })).unwrap();
    }
    assert_eq!([1, 2, 3].map(|lead| email_of(&desk, lead)), [None, Some("p2@x.org"), Some("p3@x.org")]);
    assert_eq!(owner_of(&desk, "p2@x.org"), Some(Uuid::from_u128(2)));
}

#[test]
fn a_merge_waits_for_the_later_one_to_be_taken_back() {
    let mut desk = desk(3);
    let before = standing(&desk.shelf);
    desk.perform(&merge(2, &[1])).unwrap();
    desk.perform(&merge(3, &[2])).unwrap();
    let (first, second) = (merge_of(&desk, 1), merge_of(&desk, 2));
    let early = desk.perform(&Operation::Unmerge(UnmergeLead { merge_id: first }));
    assert_eq!(early.unwrap_err().code, "LEAD-0062");
    for merge_id in [second, first] {
        desk.perform(&Operation::Unmerge(UnmergeLead { merge_id })).unwrap();
    }
    assert_eq!(standing(&desk.shelf), before);
}

#[test]
fn merging_one_lead_with_itself_or_too_many_changes_nothing() {
    let mut desk = desk(2);
    let before = desk.shelf.clone();
    assert_eq!(desk.perform(&merge(1, &[1])).unwrap().written, []);
    assert_eq!(desk.shelf, before);
    let many: Vec<u128> = (2..30).collect();
    assert_eq!(desk.perform(&merge(1, &many)).unwrap_err().code, "LEAD-0060");
    assert_eq!(desk.perform(&merge(1, &[99])).unwrap_err().code, "LEAD-0002");
    assert_eq!(desk.shelf, before);
}

/// Which leads became one, told by their first addresses.
fn clusters(shelf: &Shelf) -> BTreeSet<Vec<String>> {
    let mut clusters: BTreeMap<Uuid, Vec<String>> = BTreeMap::new();
    for (key, lead) in &shelf.keys {
        clusters.entry(*lead).or_default().push(key.value.clone());
    }
    clusters.into_values().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn taking_merges_back_in_turn_is_as_if_they_had_never_been(
        pairs in vec((1_u128..6, 1_u128..6), 1..6),
    ) {
        let mut desk = busy_desk(5);
        let before = standing(&desk.shelf);
        for (into, merged) in pairs {
            desk.perform(&merge(into, &[merged])).unwrap();
        }
        let mut merges: Vec<_> = desk.shelf.merges.values().map(|merge| (merge.at, merge.id)).collect();
        merges.sort();
        for (_, merge_id) in merges.into_iter().rev() {
            let back = desk.perform(&Operation::Unmerge(UnmergeLead { merge_id })).unwrap();
            let kept = back.output["kept"].as_array().unwrap();
            // A score follows by itself from what a lead did, so it is no longer what the merge wrote.
            prop_assert!(kept.iter().all(|part| part == "Score"), "{kept:?}");
        }
        prop_assert_eq!(standing(&desk.shelf), before);
    }

    #[test]
    fn any_order_of_merges_ends_in_the_same_groups(
        (pairs, shuffled) in vec((1_u128..7, 1_u128..7), 1..7)
            .prop_flat_map(|pairs| (Just(pairs.clone()), Just(pairs).prop_shuffle())),
    ) {
        let ends = [&pairs, &shuffled].map(|pairs| {
            let mut desk = desk(6);
            for (into, merged) in pairs {
                desk.perform(&merge(*into, &[*merged])).unwrap();
            }
            prop_assert!(desk.shelf.keys.values().all(|lead| desk.shelf.leads.contains_key(lead)));
            Ok((clusters(&desk.shelf), desk.shelf.leads.len()))
        });
        let [one, other] = ends;
        prop_assert_eq!(one?, other?);
    }
}
