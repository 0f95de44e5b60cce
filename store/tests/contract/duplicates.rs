//! Pairs that wait for somebody to look at, and erasing what was merged.

use crate::merging::{Desk, alike, like};
use crate::world::{Backend, HOME, moment};
use chrono::{SubsecRound, Utc};
use serde_json::json;
use trunkline_leads::Operation;
use trunkline_leads::activity::By;
use trunkline_leads::linkage::Model;
use trunkline_leads::operation::FindDuplicates;
use trunkline_store::ports::{Decision, Erase, MergeQuery, NewPair, PairQuery, PairState, WorkspaceId};
use trunkline_store::{Error, Store};
use uuid::Uuid;

pub(crate) async fn pairs_wait_until_somebody_decides(backend: &impl Backend) {
    let store = backend.open().await;
    let desk = Desk::new(&store).await;
    let mut ids = [desk.lead(1).await, desk.lead(2).await, desk.lead(3).await];
    ids.sort();
    let pair = |left, right, probability| NewPair {
        id: Uuid::now_v7(),
        left,
        right,
        probability,
        bits: probability / 100,
        reasons: json!(["same e-mail +9.2"]),
        at: moment(0),
    };
    let pairs = vec![
        pair(ids[0], ids[1], 990_000),
        pair(ids[1], ids[2], 700_000),
        pair(ids[0], Uuid::max(), 600_000),
    ];
    assert_eq!(store.duplicates.put(HOME, pairs.clone()).await.unwrap(), 3);
    assert_eq!(store.duplicates.put(HOME, pairs).await.unwrap(), 0, "what is there is not put again");
    let waiting = async |after, limit| {
        let query = PairQuery { state: PairState::Waiting, after, limit };
        store.duplicates.list(HOME, query).await.unwrap()
    };
    let first = waiting(None, 1).await;
    assert_eq!((first.total, first.items.len(), first.items[0].probability), (2, 1, 990_000));
    let second = waiting(first.next, 1).await;
    assert_eq!((second.items[0].probability, second.next), (700_000, None));
    assert_eq!((second.items[0].left.id, second.items[0].right.id), (ids[1], ids[2]));
    assert_eq!(store.duplicates.waiting_above(HOME, vec![950_000, 500_000]).await.unwrap(), [1, 2]);

    let decision = Decision { state: PairState::Different, by: "ana@example.com".into(), at: moment(1) };
    store.duplicates.decide(HOME, second.items[0].id, decision.clone()).await.unwrap();
    store.duplicates.put(HOME, vec![pair(ids[1], ids[2], 999_000)]).await.unwrap();
    let decided = store.duplicates.get(HOME, second.items[0].id).await.unwrap().unwrap();
    assert_eq!(
        (decided.state, decided.probability),
        (PairState::Different, 700_000),
        "nobody is asked twice"
    );
    // What a later search finds no more goes, unless somebody decided on it.
    let again = NewPair { at: moment(5), ..pair(ids[0], ids[1], 980_000) };
    store.duplicates.put(HOME, vec![again]).await.unwrap();
    assert_eq!(store.duplicates.forget_waiting(HOME, moment(5)).await.unwrap(), 1);
    assert_eq!(waiting(None, 10).await.total, 1);
    assert!(store.duplicates.get(HOME, decided.id).await.unwrap().is_some());
    let elsewhere = store.duplicates.decide(WorkspaceId(2), decided.id, decision).await;
    assert!(matches!(elsewhere.unwrap_err(), Error::NotFound(_)));

    desk.merge(ids[0], &[ids[1]]).await;
    assert_eq!(waiting(None, 10).await.total, 0);
    let merges = async || {
        store.duplicates.merges(HOME, MergeQuery { survivor: None, before: None, limit: 10 }).await.unwrap()
    };
    let merged = merges().await.remove(0);
    assert_eq!((merged.merge.merged.id, merged.undone_at), (ids[1], None));
    assert_eq!(store.duplicates.redirect(HOME, ids[1]).await.unwrap(), Some(ids[0]));
    desk.unmerge.send(json!({ "merge": merged.merge.id })).await;
    assert!(merges().await[0].undone_at.is_some());
    assert_eq!(store.duplicates.redirect(HOME, ids[1]).await.unwrap(), None);
    let later = PairQuery { state: PairState::Later, after: None, limit: 10 };
    assert_eq!(store.duplicates.list(HOME, later).await.unwrap().total, 1, "somebody has to look again");
    let seen: Vec<Uuid> =
        store.duplicates.scan(HOME, Uuid::nil(), 2).await.unwrap().iter().map(|lead| lead.id).collect();
    assert_eq!(seen, ids[..2]);
}

pub(crate) async fn erasing_a_lead_erases_what_went_into_it(backend: &impl Backend) {
    let store = backend.open().await;
    let desk = Desk::new(&store).await;
    let (ada, bob, eve) = (desk.lead(1).await, desk.lead(2).await, desk.lead(3).await);
    desk.merge(bob, &[ada]).await;
    desk.merge(eve, &[bob]).await;
    let wish =
        Erase { id: Uuid::now_v7(), lead: eve, by: None, at: Utc::now().trunc_subsecs(6), salt: [7; 16] };
    store.erasures.erase(HOME, wish).await.unwrap();
    for bytes in backend.raw() {
        for n in 1..=3 {
            let mark = format!("person{n}@example.com");
            let found = bytes.windows(mark.len()).any(|window| window == mark.as_bytes());
            assert!(!found, "{mark} can still be read");
        }
    }
    let query = MergeQuery { survivor: None, before: None, limit: 10 };
    assert!(store.duplicates.merges(HOME, query).await.unwrap().is_empty());
    assert_ne!(desk.lead(1).await, ada, "nobody is remembered by an old address");
}

pub(crate) async fn what_people_said_of_pairs_can_be_learned_from(backend: &impl Backend) {
    let store = backend.open().await;
    let desk = Desk::new(&store).await;
    let mut ids = [desk.lead(1).await, desk.lead(2).await, desk.lead(3).await, desk.lead(4).await];
    ids.sort();
    let reasons = json!([{ "role": "last_name", "level": "close", "weight": 3.1, "text": "so" }]);
    let pair = |left: usize, right: usize, bits| NewPair {
        id: Uuid::now_v7(),
        left: ids[left],
        right: ids[right],
        probability: 900_000,
        bits,
        reasons: reasons.clone(),
        at: moment(0),
    };
    let pairs = vec![pair(0, 1, 3_210), pair(0, 2, -500), pair(1, 2, 100), pair(2, 3, 700)];
    store.duplicates.put(HOME, pairs.clone()).await.unwrap();
    let said = async |pair: usize, state| {
        let decision = Decision { state, by: "ana@example.com".into(), at: moment(pair as i64) };
        store.duplicates.decide(HOME, pairs[pair].id, decision).await.unwrap();
    };
    let answers = async || {
        let answers = store.duplicates.answers(HOME, 10).await.unwrap();
        answers.into_iter().map(|answer| (answer.id, answer.bits, answer.is_one)).collect::<Vec<_>>()
    };
    assert_eq!(answers().await, []);
    said(1, PairState::Different).await;
    said(2, PairState::Later).await;
    // A search merges this one, and nobody is asked.
    desk.merge(ids[2], &[ids[3]]).await;
    assert_eq!(answers().await, [(pairs[1].id, -500, false)]);
    // A person merges that one out of the queue.
    desk.merge(ids[0], &[ids[1]]).await;
    said(0, PairState::Merged).await;
    assert_eq!(store.duplicates.answers(HOME, 10).await.unwrap()[0].reasons, reasons);
    let mut both = answers().await;
    both.sort_by_key(|(_, bits, _)| *bits);
    assert_eq!(both, [(pairs[1].id, -500, false), (pairs[0].id, 3_210, true)]);
    // Taken back, it is no answer any more.
    let merges = MergeQuery { survivor: Some(ids[0]), before: None, limit: 1 };
    let merge = store.duplicates.merges(HOME, merges).await.unwrap().remove(0).merge.id;
    desk.unmerge.send(json!({ "merge": merge })).await;
    assert_eq!(answers().await, [(pairs[1].id, -500, false)]);
    assert_eq!(store.duplicates.answers(WorkspaceId(2), 10).await.unwrap(), []);
}

pub(crate) async fn who_is_somebody_else_is_not_looked_up_and_models_are_kept(backend: &impl Backend) {
    let store = backend.open().await;
    let desk = Desk::new(&store).await;
    let (one, other) = (desk.lead(1).await, desk.lead(2).await);
    let mut both = [one, other];
    both.sort();
    let asked = || FindDuplicates { least: 0.0, ..like(Some(one), json!({})) };
    assert_eq!(alike(&store, asked()).await, ["Person No 2"]);
    // What a search learned is judged by: here, that nothing says anything.
    let before = alike_at(&store, asked()).await;
    let model = Model { roles: std::collections::BTreeMap::new(), ..Model::assumed() };
    let kept = serde_json::to_value(&model).unwrap();
    store.duplicates.keep_model(HOME, json!({}), 7, moment(0)).await.unwrap();
    store.duplicates.keep_model(HOME, kept, 1_000_000, moment(1)).await.unwrap();
    assert!(alike_at(&store, asked()).await < before / 2.0);
    let pair = NewPair {
        id: Uuid::now_v7(),
        left: both[0],
        right: both[1],
        probability: 900_000,
        bits: 3_000,
        reasons: json!([]),
        at: moment(0),
    };
    store.duplicates.put(HOME, vec![pair.clone()]).await.unwrap();
    let decision = Decision { state: PairState::Different, by: "ana@example.com".into(), at: moment(1) };
    store.duplicates.decide(HOME, pair.id, decision).await.unwrap();
    assert_eq!(alike(&store, asked()).await, [""; 0]);
}

async fn alike_at(store: &Store, asked: FindDuplicates) -> f64 {
    let by = By { id: Uuid::now_v7(), name: "ada@example.com".into() };
    let done = store.leads.perform(HOME, vec![Operation::FindDuplicates(asked)], by).await.unwrap();
    let output = &done.outcomes[0].as_ref().unwrap().output;
    output["candidates"][0]["probability"].as_f64().unwrap()
}
