//! Merging leads and taking merges back.

use super::identity::event;
use super::standing::{list, score, stage};
use super::{Desk, Shelf};
use crate::activity::ActivityKind;
use crate::key::Key;
use crate::lead::Lead;
use crate::merge::MergeRules;
use crate::operation::{MergeLeads, Operation, UnmergeLead};
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
    desk
}

/// What leads, keys and lists hold, the moment of the last change apart.
#[expect(clippy::type_complexity, reason = "three maps to be compared, nothing more")]
fn standing(shelf: &Shelf) -> (Vec<Lead>, BTreeMap<Key, Uuid>, BTreeMap<(Uuid, Uuid), DateTime<Utc>>) {
    let timeless = |lead: &Lead| Lead { updated_at: DateTime::UNIX_EPOCH, ..lead.clone() };
    (shelf.leads.values().map(timeless).collect(), shelf.keys.clone(), shelf.members.clone())
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
        let mut desk = desk(5);
        let before = standing(&desk.shelf);
        for (into, merged) in pairs {
            desk.perform(&merge(into, &[merged])).unwrap();
        }
        let mut merges: Vec<_> = desk.shelf.merges.values().map(|merge| (merge.at, merge.id)).collect();
        merges.sort();
        for (_, merge_id) in merges.into_iter().rev() {
            let back = desk.perform(&Operation::Unmerge(UnmergeLead { merge_id })).unwrap();
            prop_assert_eq!(&back.output["kept"], &json!([]));
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
