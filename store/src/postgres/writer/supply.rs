//! Loading what lead operations have to know, for all of a round at once: one statement per sort of need.
//!
//! Parameters are arrays read by `UNNEST`. Where an answer is known by the text that was asked for, the row names it by
//! its place in the array, so that no text has to come back as it went. `LATERAL ... LIMIT 1` makes the array the outer
//! loop, so that each entry is one index look-up; left to itself, a server without statistics reads the whole table for
//! every batch.

use crate::columns::Columns;
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::postgres::plain;
use crate::records::{asked_pools, owner};
use crate::writer::Claim;
use sqlx::postgres::{PgConnection, PgRow};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use trunkline_leads::{Key, Lead, List, Owner, Pool};
use uuid::Uuid;

/// Things that were asked for, in an order.
struct Asked<'a, T>(Vec<&'a T>);

impl<'a, T: Clone> Asked<'a, T> {
    fn new(asked: &'a HashSet<T>) -> Self {
        Self(asked.iter().collect())
    }

    /// The one that `row` is about.
    fn of(&self, row: &PgRow) -> Result<T, Error> {
        let place = usize::try_from(row.number("place")?).unwrap_or_default();
        let asked = place.checked_sub(1).and_then(|place| self.0.get(place));
        asked.map(|&asked| asked.clone()).ok_or(Error::Corrupt("an answer nobody asked for".into()))
    }
}

impl Asked<'_, String> {
    /// The texts, and the id each may be.
    fn names(&self) -> (Vec<Cow<'_, str>>, Vec<Option<Uuid>>) {
        self.0.iter().map(|&name| (plain(name), Uuid::try_parse(name).ok())).unzip()
    }
}

/// Keys, with the leads behind them.
pub(crate) async fn keys(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    asked: &HashSet<Key>,
) -> Result<Vec<(Key, Box<Lead>)>, Error> {
    let sql = "SELECT j.place, l.record FROM UNNEST($1::text[], $2::text[]) WITH ORDINALITY AS j (kind, value, place) \
        CROSS JOIN LATERAL (SELECT k.lead FROM lead_key k \
        WHERE k.workspace = $3 AND k.kind = j.kind AND k.value = j.value LIMIT 1) k \
        CROSS JOIN LATERAL (SELECT record FROM lead WHERE id = k.lead LIMIT 1) l";
    let asked = Asked::new(asked);
    let (kinds, values): (Vec<&str>, Vec<Cow<'_, str>>) =
        asked.0.iter().map(|key| (key.kind.as_str(), plain(&key.value))).unzip();
    let rows = sqlx::query(sql).bind(kinds).bind(values).bind(workspace.0).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((asked.of(row)?, row.json("record")?))).collect()
}

/// Leads by id.
pub(super) async fn leads(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    asked: &HashSet<Uuid>,
) -> Result<Vec<Box<Lead>>, Error> {
    let sql = "SELECT record FROM lead WHERE workspace = $1 AND id = ANY($2)";
    let ids: Vec<Uuid> = asked.iter().copied().collect();
    let rows = sqlx::query(sql).bind(workspace.0).bind(ids).fetch_all(connection).await?;
    rows.iter().map(|row| row.json("record")).collect()
}

/// Pools by name or id.
pub(super) async fn pools(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    asked: &HashSet<String>,
) -> Result<HashMap<String, Pool>, Error> {
    let sql = "SELECT j.place, p.id, p.name, m.weight, m.active, m.credit, m.assigned, m.last_turn, m.tallies, p.rules, o.work, \
        o.id AS owner, o.name AS owner_name, o.email \
        FROM UNNEST($1::text[], $2::uuid[]) WITH ORDINALITY AS j (name, id, place) \
        JOIN pool p ON p.workspace = $3 AND (p.name = j.name OR p.id = j.id) \
        LEFT JOIN pool_member m ON m.pool = p.id LEFT JOIN owner o ON o.id = m.owner ORDER BY m.place, o.id";
    let asked = Asked::new(asked);
    let rows = select(connection, sql, &asked, workspace).await?;
    asked_pools(&rows, |row| asked.of(row))
}

/// Owners by id, then by address, then by name; of several with one name, the oldest.
pub(super) async fn owners(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    asked: &HashSet<String>,
) -> Result<HashMap<String, Arc<Owner>>, Error> {
    let sql = "SELECT j.place, o.id, o.name, o.email, o.work, \
        CASE WHEN o.id = j.id THEN 0 WHEN lower(o.email) = lower(j.name) THEN 1 ELSE 2 END AS how \
        FROM UNNEST($1::text[], $2::uuid[]) WITH ORDINALITY AS j (name, id, place) JOIN owner o ON o.workspace = $3 \
        AND (o.id = j.id OR lower(o.email) = lower(j.name) OR o.name = j.name) ORDER BY how, o.id";
    let asked = Asked::new(asked);
    let mut found = HashMap::new();
    for row in select(connection, sql, &asked, workspace).await? {
        let owner = Arc::new(owner(&row)?);
        found.entry(asked.of(&row)?).or_insert(owner);
    }
    Ok(found)
}

/// Owners by the team they say they belong to.
pub(super) async fn teams(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    asked: &HashSet<String>,
) -> Result<HashMap<String, Vec<Arc<Owner>>>, Error> {
    let sql = "SELECT j.place, o.id, o.name, o.email, o.work \
        FROM UNNEST($1::text[], $2::uuid[]) WITH ORDINALITY AS j (name, id, place) \
        JOIN owner o ON o.workspace = $3 AND trim(o.work::json->>'team') = j.name ORDER BY o.id";
    let asked = Asked::new(asked);
    let mut found: HashMap<String, Vec<Arc<Owner>>> = HashMap::new();
    for row in select(connection, sql, &asked, workspace).await? {
        found.entry(asked.of(&row)?).or_default().push(Arc::new(owner(&row)?));
    }
    Ok(found)
}

/// How many leads owners have, by stage.
pub(super) async fn loads(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    owners: &HashSet<Uuid>,
) -> Result<Vec<(Uuid, String, u64)>, Error> {
    let sql = "SELECT owner, stage, count(*) AS n FROM lead WHERE workspace = $1 AND owner = ANY($2) \
        GROUP BY owner, stage";
    let owners: Vec<Uuid> = owners.iter().copied().collect();
    let rows = sqlx::query(sql).bind(workspace.0).bind(owners).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.id("owner")?, row.string("stage")?, row.count("n")?))).collect()
}

/// Lists by name or id.
pub(super) async fn lists(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    asked: &HashSet<String>,
) -> Result<HashMap<String, List>, Error> {
    let sql = "SELECT j.place, l.id, l.name FROM UNNEST($1::text[], $2::uuid[]) WITH ORDINALITY AS j (name, id, place) \
        JOIN list l ON l.workspace = $3 AND (l.name = j.name OR l.id = j.id) ORDER BY l.name <> j.name";
    let asked = Asked::new(asked);
    let mut found = HashMap::new();
    for row in select(connection, sql, &asked, workspace).await? {
        let list = List { id: row.id("id")?, name: row.string("name")? };
        found.entry(asked.of(&row)?).or_insert(list);
    }
    Ok(found)
}

/// Which of `asked` are memberships.
pub(super) async fn members(
    connection: &mut PgConnection,
    asked: &HashSet<(Uuid, Uuid)>,
) -> Result<HashSet<(Uuid, Uuid)>, Error> {
    let sql = "SELECT m.list, m.lead FROM UNNEST($1::uuid[], $2::uuid[]) AS j (list, lead) \
        CROSS JOIN LATERAL (SELECT list, lead FROM list_member WHERE list = j.list AND lead = j.lead LIMIT 1) m";
    let (lists, leads): (Vec<Uuid>, Vec<Uuid>) = asked.iter().copied().unzip();
    let rows = sqlx::query(sql).bind(lists).bind(leads).fetch_all(connection).await?;
    rows.iter().map(|row| Ok((row.id("list")?, row.id("lead")?))).collect()
}

async fn select(
    connection: &mut PgConnection,
    sql: &'static str,
    asked: &Asked<'_, String>,
    workspace: WorkspaceId,
) -> Result<Vec<PgRow>, Error> {
    let (names, ids) = asked.names();
    Ok(sqlx::query(sql).bind(names).bind(ids).bind(workspace.0).fetch_all(connection).await?)
}

/// Which of `claims` a run on disk has, and which run.
pub(super) async fn claimed(
    connection: &mut PgConnection,
    claims: &HashSet<Claim>,
) -> Result<HashMap<Claim, Uuid>, Error> {
    const EVENTS: &str = "SELECT j.place, r.id FROM UNNEST($1::uuid[], $2::text[]) WITH ORDINALITY AS j (whose, key, place) \
        CROSS JOIN LATERAL (SELECT id FROM run WHERE workflow = j.whose AND event_key = j.key LIMIT 1) r";
    const CHILDREN: &str = "SELECT j.place, r.id FROM UNNEST($1::uuid[], $2::text[]) WITH ORDINALITY AS j (whose, key, place) \
        CROSS JOIN LATERAL (SELECT id FROM run WHERE parent = j.whose AND parent_key = j.key LIMIT 1) r";
    let (events, children): (Vec<&Claim>, Vec<&Claim>) =
        claims.iter().partition(|claim| matches!(claim, Claim::Event(..)));
    let mut taken = HashMap::new();
    for (sql, claims) in [(EVENTS, Asked(events)), (CHILDREN, Asked(children))] {
        if claims.0.is_empty() {
            continue;
        }
        let (whose, keys): (Vec<Uuid>, Vec<Cow<'_, str>>) = claims
            .0
            .iter()
            .map(|claim| match claim {
                Claim::Event(whose, key) | Claim::Child(whose, key) => (*whose, plain(key)),
            })
            .unzip();
        for row in sqlx::query(sql).bind(whose).bind(keys).fetch_all(&mut *connection).await? {
            taken.insert(claims.of(&row)?, row.id("id")?);
        }
    }
    Ok(taken)
}
