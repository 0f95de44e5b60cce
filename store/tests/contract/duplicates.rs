//! Pairs that wait for somebody to look at, and erasing what was merged.

use crate::merging::Desk;
use crate::world::{Backend, HOME, moment};
use chrono::{SubsecRound, Utc};
use serde_json::json;
use trunkline_store::Error;
use trunkline_store::ports::{Decision, Erase, MergeQuery, NewPair, PairQuery, PairState, WorkspaceId};
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
