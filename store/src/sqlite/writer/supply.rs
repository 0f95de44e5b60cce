//! Loading what lead operations have to know, for all of a round at once: one statement per sort of need.
//!
//! Parameters are JSON arrays read by `json_each`; `CROSS JOIN` makes SQLite take the array as the outer loop, so that
//! each entry is one index look-up.

use super::attempt::{Claim, Round, needs};
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::sqlite::codec::{Columns, hex};
use crate::sqlite::pools::{member, stage};
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::btree_map::{BTreeMap, Entry};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use trunkline_leads::{Answer, Book, Key, KeyKind, Lead, List, Need, Owner, Pool, Stage};
use uuid::Uuid;

/// The books of one transaction, one per workspace.
#[derive(Default)]
pub(super) struct Books {
    pub(super) open: BTreeMap<WorkspaceId, Book>,
}

impl Books {
    /// The book of `workspace`.
    pub(super) fn of(&mut self, workspace: WorkspaceId) -> &mut Book {
        self.open.entry(workspace).or_default()
    }
}

/// Loads until `round` can be performed.
pub(super) async fn satisfy(
    connection: &mut SqliteConnection,
    books: &mut Books,
    round: &Round,
) -> Result<(), Error> {
    for asked in &round.asked {
        if let Entry::Vacant(free) = books.open.entry(asked.workspace) {
            free.insert(Book::with_stages(ladder(connection, asked.workspace).await?));
        }
    }
    loop {
        let needs = needs(round, books);
        if needs.is_empty() {
            return Ok(());
        }
        for (workspace, needs) in needs {
            let answers = answer(connection, workspace, needs).await?;
            books.of(workspace).supply(answers);
        }
    }
}

async fn ladder(connection: &mut SqliteConnection, workspace: WorkspaceId) -> Result<Arc<[Stage]>, Error> {
    let rows = sqlx::query("SELECT name, rank FROM stage WHERE workspace = ?1 ORDER BY rank, name")
        .bind(workspace.0)
        .fetch_all(connection)
        .await?;
    rows.iter().map(stage).collect()
}

/// The needs of one sort each.
#[derive(Default)]
struct Sorted {
    keys: HashSet<Key>,
    leads: HashSet<Uuid>,
    pools: HashSet<String>,
    owners: HashSet<String>,
    lists: HashSet<String>,
    members: HashSet<(Uuid, Uuid)>,
}

async fn answer(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    needs: HashSet<Need>,
) -> Result<Vec<Answer>, Error> {
    let mut sorted = Sorted::default();
    for need in needs {
        match need {
            Need::Key(key) => drop(sorted.keys.insert(key)),
            Need::Lead(id) => drop(sorted.leads.insert(id)),
            Need::Pool(name) => drop(sorted.pools.insert(name)),
            Need::Owner(name) => drop(sorted.owners.insert(name)),
            Need::List(name) => drop(sorted.lists.insert(name)),
            Need::Membership { list, lead } => drop(sorted.members.insert((list, lead))),
        }
    }
    let mut answers = Vec::new();
    if !sorted.keys.is_empty() {
        keys(connection, workspace, sorted.keys, &mut answers).await?;
    }
    if !sorted.leads.is_empty() {
        leads(connection, workspace, sorted.leads, &mut answers).await?;
    }
    if !sorted.pools.is_empty() {
        pools(connection, workspace, sorted.pools, &mut answers).await?;
    }
    if !sorted.owners.is_empty() {
        owners(connection, workspace, sorted.owners, &mut answers).await?;
    }
    if !sorted.lists.is_empty() {
        lists(connection, workspace, sorted.lists, &mut answers).await?;
    }
    if !sorted.members.is_empty() {
        members(connection, sorted.members, &mut answers).await?;
    }
    Ok(answers)
}

/// Keys, with the leads behind them: they are nearly always the next question.
async fn keys(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    mut asked: HashSet<Key>,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    const SQL: &str = "SELECT k.kind, k.value, k.lead, l.record FROM json_each(?1) j \
        CROSS JOIN lead_key k ON k.workspace = ?2 AND k.kind = j.value->>0 AND k.value = j.value->>1 \
        CROSS JOIN lead l ON l.id = k.lead";
    let list: Vec<_> = asked.iter().map(|key| (key.kind.as_str(), key.value.as_str())).collect();
    for row in select(connection, SQL, &json!(list), workspace).await? {
        let kind: &str = row.try_get("kind")?;
        let kind: KeyKind = kind.parse().map_err(|_| Error::Corrupt(format!("key kind {kind}").into()))?;
        let key = Key { kind, value: row.try_get("value")? };
        let id: Uuid = row.try_get("lead")?;
        let lead: Lead = row.json("record")?;
        asked.remove(&key);
        answers.push(Answer::Key(key, Some(id)));
        answers.push(Answer::Lead(id, Some(Box::new(lead))));
    }
    answers.extend(asked.into_iter().map(|key| Answer::Key(key, None)));
    Ok(())
}

async fn leads(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    mut asked: HashSet<Uuid>,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    const SQL: &str = "SELECT l.id, l.record FROM json_each(?1) j \
        CROSS JOIN lead l ON l.id = unhex(j.value) AND l.workspace = ?2";
    let list: Vec<String> = asked.iter().copied().map(hex).collect();
    for row in select(connection, SQL, &json!(list), workspace).await? {
        let id: Uuid = row.try_get("id")?;
        asked.remove(&id);
        answers.push(Answer::Lead(id, Some(row.json("record")?)));
    }
    answers.extend(asked.into_iter().map(|id| Answer::Lead(id, None)));
    Ok(())
}

async fn pools(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    asked: HashSet<String>,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    const SQL: &str = "SELECT j.value AS asked, p.id, p.name, m.weight, m.active, m.credit, m.assigned, \
        o.id AS owner, o.name AS owner_name, o.email FROM json_each(?1) j \
        CROSS JOIN pool p ON p.workspace = ?2 AND (p.name = j.value OR p.id = unhex(j.value, '-')) \
        LEFT JOIN pool_member m ON m.pool = p.id LEFT JOIN owner o ON o.id = m.owner ORDER BY m.place, o.id";
    let mut found: HashMap<String, Pool> = HashMap::new();
    for row in select(connection, SQL, &json!(asked), workspace).await? {
        let id: Uuid = row.try_get("id")?;
        let name: String = row.try_get("name")?;
        let asked: String = row.try_get("asked")?;
        let is_name = asked == name;
        let pool = found.entry(asked).or_insert_with(|| Pool { id, name: name.clone(), members: Vec::new() });
        if pool.id != id {
            // The text names one pool and is the id of another: the name wins.
            if !is_name {
                continue;
            }
            *pool = Pool { id, name, members: Vec::new() };
        }
        pool.members.extend(member(&row)?);
    }
    answers.extend(asked.into_iter().map(|name| {
        let pool = found.remove(&name);
        Answer::Pool(name, pool)
    }));
    Ok(())
}

async fn owners(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    asked: HashSet<String>,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    // By id, then by address, then by name; of several with one name, the oldest.
    const SQL: &str = "SELECT j.value AS asked, o.id, o.name, o.email, \
        CASE WHEN o.id = unhex(j.value, '-') THEN 0 WHEN o.email = j.value THEN 1 ELSE 2 END AS how \
        FROM json_each(?1) j CROSS JOIN owner o ON o.workspace = ?2 \
        AND (o.id = unhex(j.value, '-') OR o.email = j.value OR o.name = j.value) ORDER BY how, o.id";
    let mut found: HashMap<String, Arc<Owner>> = HashMap::new();
    for row in select(connection, SQL, &json!(asked), workspace).await? {
        let owner =
            Owner { id: row.try_get("id")?, name: row.try_get("name")?, email: row.try_get("email")? };
        found.entry(row.try_get("asked")?).or_insert_with(|| Arc::new(owner));
    }
    answers.extend(asked.into_iter().map(|name| {
        let owner = found.remove(&name);
        Answer::Owner(name, owner)
    }));
    Ok(())
}

async fn lists(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    asked: HashSet<String>,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    const SQL: &str = "SELECT j.value AS asked, l.id, l.name FROM json_each(?1) j \
        CROSS JOIN list l ON l.workspace = ?2 AND (l.name = j.value OR l.id = unhex(j.value, '-')) \
        ORDER BY l.name <> j.value";
    let mut found: HashMap<String, List> = HashMap::new();
    for row in select(connection, SQL, &json!(asked), workspace).await? {
        let list = List { id: row.try_get("id")?, name: row.try_get("name")? };
        found.entry(row.try_get("asked")?).or_insert(list);
    }
    answers.extend(asked.into_iter().map(|name| {
        let list = found.remove(&name);
        Answer::List(name, list)
    }));
    Ok(())
}

async fn members(
    connection: &mut SqliteConnection,
    asked: HashSet<(Uuid, Uuid)>,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    const SQL: &str = "SELECT m.list, m.lead FROM json_each(?1) j \
        CROSS JOIN list_member m ON m.list = unhex(j.value->>0) AND m.lead = unhex(j.value->>1)";
    let pairs: Vec<_> = asked.iter().map(|(list, lead)| (hex(*list), hex(*lead))).collect();
    let rows = sqlx::query(SQL).bind(json!(pairs).to_string()).fetch_all(connection).await?;
    let mut found = HashSet::new();
    for row in rows {
        found.insert((row.try_get::<Uuid, _>("list")?, row.try_get::<Uuid, _>("lead")?));
    }
    answers.extend(asked.into_iter().map(|(list, lead)| {
        let is_member = found.contains(&(list, lead));
        Answer::Membership { list, lead, is_member }
    }));
    Ok(())
}

async fn select(
    connection: &mut SqliteConnection,
    sql: &'static str,
    list: &serde_json::Value,
    workspace: WorkspaceId,
) -> Result<Vec<SqliteRow>, Error> {
    Ok(sqlx::query(sql).bind(list.to_string()).bind(workspace.0).fetch_all(connection).await?)
}

/// Which of `claims` a run on disk has, and which run.
pub(super) async fn claimed(
    connection: &mut SqliteConnection,
    claims: &HashSet<Claim>,
) -> Result<HashMap<Claim, Uuid>, Error> {
    const EVENTS: &str = "SELECT r.workflow AS \"of\", r.event_key AS \"key\", r.id FROM json_each(?1) j \
        CROSS JOIN run r ON r.workflow = unhex(j.value->>0) AND r.event_key = j.value->>1";
    const CHILDREN: &str = "SELECT r.parent AS \"of\", r.parent_key AS \"key\", r.id FROM json_each(?1) j \
        CROSS JOIN run r ON r.parent = unhex(j.value->>0) AND r.parent_key = j.value->>1";
    let (mut events, mut children) = (Vec::new(), Vec::new());
    for claim in claims {
        match claim {
            Claim::Event(workflow, key) => events.push((hex(*workflow), key)),
            Claim::Child(parent, key) => children.push((hex(*parent), key)),
        }
    }
    let mut taken = HashMap::new();
    for (sql, list, is_event) in [(EVENTS, events, true), (CHILDREN, children, false)] {
        if list.is_empty() {
            continue;
        }
        for row in sqlx::query(sql).bind(json!(list).to_string()).fetch_all(&mut *connection).await? {
            let (of, key): (Uuid, String) = (row.try_get("of")?, row.try_get("key")?);
            let claim = if is_event { Claim::Event(of, key) } else { Claim::Child(of, key) };
            taken.insert(claim, row.try_get("id")?);
        }
    }
    Ok(taken)
}
