//! Loading what lead operations have to know, for all of a round at once: one statement per sort of need.
//!
//! Parameters are JSON arrays read by `json_each`; `CROSS JOIN` makes SQLite take the array as the outer loop, so that
//! each entry is one index look-up.

use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::records::{asked_pools, owner};
use crate::sqlite::codec::{Columns, hex};
use crate::writer::Claim;
use serde_json::json;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use trunkline_leads::{Key, KeyKind, Lead, List, Owner, Pool};
use uuid::Uuid;

/// Keys, with the leads behind them.
pub(crate) async fn keys(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    asked: &HashSet<Key>,
) -> Result<Vec<(Key, Box<Lead>)>, Error> {
    const SQL: &str = "SELECT k.kind, k.value, l.record FROM json_each(?1) j \
        CROSS JOIN lead_key k ON k.workspace = ?2 AND k.kind = j.value->>0 AND k.value = j.value->>1 \
        CROSS JOIN lead l ON l.id = k.lead";
    let list: Vec<_> = asked.iter().map(|key| (key.kind.as_str(), key.value.as_str())).collect();
    let rows = select(connection, SQL, &json!(list), workspace).await?;
    let found = |row: &SqliteRow| {
        let kind: &str = row.try_get("kind")?;
        let kind: KeyKind = kind.parse().map_err(|_| Error::Corrupt(format!("key kind {kind}").into()))?;
        Ok((Key { kind, value: row.try_get("value")? }, row.json("record")?))
    };
    rows.iter().map(found).collect()
}

/// Leads by id.
pub(super) async fn leads(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    asked: &HashSet<Uuid>,
) -> Result<Vec<Box<Lead>>, Error> {
    const SQL: &str = "SELECT l.record FROM json_each(?1) j \
        CROSS JOIN lead l ON l.id = unhex(j.value) AND l.workspace = ?2";
    let list: Vec<String> = asked.iter().copied().map(hex).collect();
    let rows = select(connection, SQL, &json!(list), workspace).await?;
    rows.iter().map(|row| row.json("record")).collect()
}

/// Pools by name or id.
pub(super) async fn pools(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    asked: &HashSet<String>,
) -> Result<HashMap<String, Pool>, Error> {
    const SQL: &str = "SELECT j.value AS asked, p.id, p.name, m.weight, m.active, m.credit, m.assigned, m.last_turn, m.tallies, p.rules, o.work, \
        o.id AS owner, o.name AS owner_name, o.email FROM json_each(?1) j \
        CROSS JOIN pool p ON p.workspace = ?2 AND (p.name = j.value OR p.id = unhex(j.value, '-')) \
        LEFT JOIN pool_member m ON m.pool = p.id LEFT JOIN owner o ON o.id = m.owner ORDER BY m.place, o.id";
    let rows = select(connection, SQL, &json!(asked), workspace).await?;
    asked_pools(&rows, |row| row.string("asked"))
}

/// Owners by id, then by address, then by name; of several with one name, the oldest.
pub(super) async fn owners(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    asked: &HashSet<String>,
) -> Result<HashMap<String, Arc<Owner>>, Error> {
    const SQL: &str = "SELECT j.value AS asked, o.id, o.name, o.email, o.work, \
        CASE WHEN o.id = unhex(j.value, '-') THEN 0 WHEN o.email = j.value THEN 1 ELSE 2 END AS how \
        FROM json_each(?1) j CROSS JOIN owner o ON o.workspace = ?2 \
        AND (o.id = unhex(j.value, '-') OR o.email = j.value OR o.name = j.value) ORDER BY how, o.id";
    let mut found: HashMap<String, Arc<Owner>> = HashMap::new();
    for row in select(connection, SQL, &json!(asked), workspace).await? {
        let owner = Arc::new(owner(&row)?);
        found.entry(row.string("asked")?).or_insert(owner);
    }
    Ok(found)
}

/// Owners by the team they say they belong to.
pub(super) async fn teams(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    asked: &HashSet<String>,
) -> Result<HashMap<String, Vec<Arc<Owner>>>, Error> {
    const SQL: &str = "SELECT j.value AS asked, o.id, o.name, o.email, o.work FROM json_each(?1) j \
        CROSS JOIN owner o ON o.workspace = ?2 AND trim(o.work->>'team') = j.value ORDER BY o.id";
    let mut found: HashMap<String, Vec<Arc<Owner>>> = HashMap::new();
    for row in select(connection, SQL, &json!(asked), workspace).await? {
        found.entry(row.string("asked")?).or_default().push(Arc::new(owner(&row)?));
    }
    Ok(found)
}

/// How many leads owners have, by stage.
pub(super) async fn loads(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    owners: &HashSet<Uuid>,
) -> Result<Vec<(Uuid, String, u64)>, Error> {
    const SQL: &str = "SELECT l.owner, l.stage, count(*) AS n FROM json_each(?1) j \
        CROSS JOIN lead l ON l.workspace = ?2 AND l.owner = unhex(j.value) GROUP BY l.owner, l.stage";
    let list: Vec<String> = owners.iter().copied().map(hex).collect();
    let rows = select(connection, SQL, &json!(list), workspace).await?;
    rows.iter().map(|row| Ok((row.id("owner")?, row.string("stage")?, row.count("n")?))).collect()
}

/// Lists by name or id.
pub(super) async fn lists(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    asked: &HashSet<String>,
) -> Result<HashMap<String, List>, Error> {
    const SQL: &str = "SELECT j.value AS asked, l.id, l.name FROM json_each(?1) j \
        CROSS JOIN list l ON l.workspace = ?2 AND (l.name = j.value OR l.id = unhex(j.value, '-')) \
        ORDER BY l.name <> j.value";
    let mut found: HashMap<String, List> = HashMap::new();
    for row in select(connection, SQL, &json!(asked), workspace).await? {
        let list = List { id: row.try_get("id")?, name: row.try_get("name")? };
        found.entry(row.try_get("asked")?).or_insert(list);
    }
    Ok(found)
}

/// Which of `asked` are memberships.
pub(super) async fn members(
    connection: &mut SqliteConnection,
    asked: &HashSet<(Uuid, Uuid)>,
) -> Result<HashSet<(Uuid, Uuid)>, Error> {
    const SQL: &str = "SELECT m.list, m.lead FROM json_each(?1) j \
        CROSS JOIN list_member m ON m.list = unhex(j.value->>0) AND m.lead = unhex(j.value->>1)";
    let pairs: Vec<_> = asked.iter().map(|(list, lead)| (hex(*list), hex(*lead))).collect();
    let rows = sqlx::query(SQL).bind(json!(pairs).to_string()).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.try_get("list")?, row.try_get("lead")?))).collect()
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
