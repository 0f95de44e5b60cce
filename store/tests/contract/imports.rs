//! Imports: what is kept of them, what became of their rows, and taking back what they did.

use crate::world::{Backend, HOME};
use chrono::{SubsecRound, Utc};
use serde_json::{Value, json};
use std::collections::HashSet;
use trunkline_leads::activity::By;
use trunkline_leads::importing::{
    Afterwards, Counts, Fate, ImportRow, ImportRows, Mode, Repeated, UndoImport,
};
use trunkline_leads::operation::Operation;
use trunkline_leads::{Key, KeyKind};
use trunkline_store::ports::{
    ImportChange, ImportStatus, LeadQuery, NewDefinition, NewImport, PublishDefinition,
};
use trunkline_store::{Error, Store, WorkspaceId};
use uuid::Uuid;

async fn begin(store: &Store, name: &str) -> Uuid {
    let id = Uuid::now_v7();
    let created_at = Utc::now().trunc_subsecs(6);
    let new = NewImport { id, name: name.into(), file: Uuid::now_v7(), by: Some("Ada".into()), created_at };
    store.imports.create(HOME, new).await.unwrap();
    id
}

/// A row of an import as the operation takes it.
fn row(number: u64, email: &str, city: &str) -> ImportRow {
    let fields = json!({"email": email, "city": city}).as_object().unwrap().clone();
    let keys = vec![Key { kind: KeyKind::Email, value: email.into() }];
    ImportRow { row: number, keys, fields, failed: None }
}

async fn rows(store: &Store, import: Uuid, rows: Vec<ImportRow>) {
    let afterwards =
        Afterwards { list: Some("Fair".into()), stage: Some("MQL".into()), ..Afterwards::default() };
    let asked = ImportRows {
        import,
        name: "Fair".into(),
        match_on: vec![KeyKind::Email],
        mode: Mode::default(),
        repeated: Repeated::default(),
        file_wins: vec!["city".into()],
        afterwards,
        rows,
    };
    perform(store, Operation::ImportRows(asked)).await;
}

async fn perform(store: &Store, operation: Operation) {
    let by = By { id: Uuid::nil(), name: "Ada".into() };
    let outcome = store.leads.perform(HOME, vec![operation], by).await.unwrap().outcomes.pop().unwrap();
    outcome.unwrap();
}

async fn emails(store: &Store, query: LeadQuery) -> Vec<String> {
    let page = store.leads.list(HOME, LeadQuery { limit: 100, ..query }).await.unwrap();
    let mut emails: Vec<String> = page.items.into_iter().filter_map(|row| row.lead.email).collect();
    emails.sort();
    emails
}

pub(crate) async fn an_import_goes_its_way_step_by_step(backend: &impl Backend) {
    let store = backend.open().await;
    let (first, second) = (begin(&store, "first.csv").await, begin(&store, "second.csv").await);
    let import = store.imports.get(HOME, first).await.unwrap().unwrap();
    assert_eq!(
        (import.name.as_str(), import.status, import.found),
        ("first.csv", ImportStatus::Reading, Value::Null)
    );
    assert!(store.imports.get(WorkspaceId(99), first).await.unwrap().is_none());
    let listed: Vec<Uuid> =
        store.imports.list(HOME, 10).await.unwrap().iter().map(|import| import.id).collect();
    assert_eq!(listed, [second, first], "the newest first");

    let read = ImportChange {
        status: Some(ImportStatus::Ready),
        source: Some("a|b".into()),
        total: Some(7),
        found: Some(json!({"columns": ["a", "b"]})),
        ..ImportChange::default()
    };
    store.imports.change(HOME, first, vec![ImportStatus::Reading], read.clone()).await.unwrap();
    let again = store.imports.change(HOME, first, vec![ImportStatus::Reading], read).await;
    assert!(matches!(again, Err(Error::Conflict(_))), "of two who look at the same moment one is late");
    assert!(store.imports.latest_of(HOME, "a|b".into()).await.unwrap().is_none(), "nothing was chosen yet");
    let chosen = ImportChange {
        status: Some(ImportStatus::Previewed),
        settings: Some(json!({"columns": []})),
        ..ImportChange::default()
    };
    store.imports.change(HOME, first, vec![ImportStatus::Ready], chosen).await.unwrap();
    let latest = store.imports.latest_of(HOME, "a|b".into()).await.unwrap().unwrap();
    assert_eq!((latest.id, latest.total, latest.settings), (first, Some(7), json!({"columns": []})));

    store.imports.remove(HOME, second).await.unwrap();
    assert!(matches!(store.imports.remove(HOME, second).await, Err(Error::NotFound(_))));
    assert_eq!(store.imports.list(HOME, 10).await.unwrap().len(), 1);
}

pub(crate) async fn rows_are_accounted_for_and_taken_back(backend: &impl Backend) {
    let store = backend.open().await;
    let rule = json!({"rule": {"field": "city", "op": "equals", "value": "Paris"}});
    let (segment, at) = (Uuid::now_v7(), Utc::now());
    let new = NewDefinition { id: segment, kind: "segment".into(), name: "Paris".into(), draft: rule, at };
    store.definitions.create(HOME, new).await.unwrap();
    let publish = PublishDefinition { base_revision: 1, by: None, note: None, at };
    store.definitions.publish(HOME, segment, publish).await.unwrap();
    let known = json!({"match_on": ["email"], "fields": {"email": "known@x.org", "city": "Rome"}, "overwrite": "newer_wins"});
    perform(&store, Operation::read("find_or_create", &known).unwrap()).await;

    let import = begin(&store, "fair.csv").await;
    rows(&store, import, vec![row(1, "ada@x.org", "Paris"), row(2, "known@x.org", "Paris")]).await;
    rows(&store, import, vec![row(3, "bo@x.org", "Oslo"), row(4, "ada@x.org", "Paris")]).await;
    let expected = Counts { created: 2, updated: 1, duplicate: 1, ..Counts::default() };
    assert_eq!(store.imports.counts(import).await.unwrap(), expected);
    let stretches = store.imports.stretches(import, None, 10).await.unwrap();
    let firsts: Vec<u64> = stretches.iter().map(|stretch| stretch.first).collect();
    assert_eq!(firsts, [1, 3]);
    assert_eq!(store.imports.stretches(import, Some(1), 10).await.unwrap().len(), 1);
    let fates: Vec<Fate> = stretches.iter().flat_map(|stretch| &stretch.rows).map(|row| row.fate).collect();
    assert_eq!(fates, [Fate::Created, Fate::Updated, Fate::Created, Fate::Duplicate]);

    let of_import = || LeadQuery { import: Some(import), ..LeadQuery::default() };
    assert_eq!(emails(&store, of_import()).await, ["ada@x.org", "bo@x.org", "known@x.org"]);
    let in_paris = || LeadQuery { segment: Some("Paris".into()), ..LeadQuery::default() };
    assert_eq!(emails(&store, in_paris()).await, ["ada@x.org", "known@x.org"]);
    let key = Key { kind: KeyKind::Email, value: "ada@x.org".into() };
    assert_eq!(store.imports.known(HOME, HashSet::from([key.clone()])).await.unwrap().len(), 1);
    let since = Utc::now() - chrono::TimeDelta::days(1);
    assert_eq!(store.standing.stays(HOME, since).await.unwrap()[0].ended, 3, "each moved to MQL");

    for stretch in stretches.into_iter().rev() {
        let undo = UndoImport { import, name: "fair.csv".into(), rows: stretch.rows };
        perform(&store, Operation::UndoImport(undo)).await;
    }
    assert_eq!(emails(&store, LeadQuery::default()).await, ["known@x.org"]);
    assert!(emails(&store, in_paris()).await.is_empty());
    assert!(store.standing.segment_counts(HOME).await.unwrap().is_empty(), "nobody is left in a segment");
    assert!(store.imports.known(HOME, HashSet::from([key])).await.unwrap().is_empty());
    let stays = store.standing.stays(HOME, since).await.unwrap();
    assert_eq!(stays.iter().map(|stay| stay.ended).sum::<u64>(), 1, "stays of leads that are gone are gone");
    let lists = store.leads.lists(HOME).await.unwrap();
    assert_eq!(lists[0].count, 1);
}
