//! The list of leads, newest first, also when there are a million of them.
//!
//! What people type is cut into words, and each must begin a word of the lead. Words that few leads have are looked up in
//! an index; words that very many have are found soon by walking from the newest lead on. Counts end where they would
//! cost more than a glance, and say so.
//!
//! A rule, and any order but the newest first, is answered from the smallest set that an index gives: the leads of an owner,
//! of a stage, of a list, with such a score. Where each of them is large, it is answered by a walk through the index of the
//! order, which passes a bounded number of leads and says how many, and where the next page goes on.

use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::{LeadOrder, LeadPage, LeadPlace, LeadQuery, LeadRow, OwnerFilter, Walked, WorkspaceId};
use crate::postgres::Postgres;
use crate::records::lead_row;
use crate::records::search::{after_words, lead_words};
use crate::shared::lead_narrowing::Narrowing as _;
use crate::shared::standing;
use crate::sqlite::Sqlite;
use sqlx::QueryBuilder;
use std::collections::HashSet;
use uuid::Uuid;

/// Most rows of a page.
const MOST: u32 = 500;
/// A word that more leads have is common.
const FEW: usize = 5_000;
/// Leads are counted up to here.
const COUNTED: i64 = 10_000;
/// Leads that a search has found are counted up to here.
const COUNTED_FOUND: usize = 1_000;
/// Leads looked at by one statement.
const PIECE: usize = 250;
/// Leads passed by one statement of a walk.
const STRETCH: usize = 1_000;
/// Leads that one walk passes; the page says where the next one goes on.
const PASSED: usize = 50_000;
/// Leads that one walk asks a rule.
const ASKED: usize = 20_000;

/// What was typed.
struct Typed {
    words: Vec<String>,
    /// The id that the text is.
    id: Option<Uuid>,
}

impl Typed {
    fn of(query: &LeadQuery) -> Option<Self> {
        let text = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty())?;
        Some(Self { words: lead_words(text), id: Uuid::try_parse(text).ok() })
    }
}

/// `leads`, each once and in the order of the list.
fn newest_first(leads: &[Uuid]) -> Vec<Uuid> {
    let mut leads = leads.to_vec();
    leads.sort_unstable_by(|a, b| b.cmp(a));
    leads.dedup();
    leads
}

macro_rules! lead_search {
    ($backend:ty, $database:ty, $connection:ty, $contains:literal, $walked:path) => {
        // A room of its own, so that both databases may call the same things alike.
        const _: () = {
            impl $backend {
                pub(crate) async fn list_leads(
                    &self,
                    workspace: WorkspaceId,
                    query: LeadQuery,
                ) -> Result<LeadPage, Error> {
                    let limit = query.limit.clamp(1, MOST) as usize;
                    let mut snapshot = self.snapshot().await?;
                    let connection = &mut *snapshot;
                    let typed = Typed::of(&query);
                    let few = match &typed {
                        _ if query.leads.is_some() => query.leads.as_deref().map(newest_first),
                        None if query.walks() => {
                            let few = connection.narrowed(workspace, &query).await?;
                            few.map(|few| newest_first(&few))
                        }
                        None => None,
                        Some(typed) if typed.words.is_empty() && typed.id.is_none() => Some(Vec::new()),
                        Some(typed) => candidates(connection, workspace, typed).await?,
                    };
                    let read = Read { workspace, query: &query, typed: typed.as_ref() };
                    let (mut items, counted) = match few {
                        Some(few) if query.walks() => {
                            let items = read.all_of(connection, &few).await?;
                            return read.in_order(connection, items, limit).await;
                        }
                        Some(few) => read.among(connection, &few, limit).await?,
                        None if query.walks() => return read.walk(connection, limit).await,
                        None => {
                            let rows = read.newest(limit).build().fetch_all(&mut *connection).await?;
                            let items = rows.iter().map(lead_row).collect::<Result<Vec<_>, _>>()?;
                            let counted = match &typed {
                                None if !query.uncounted => Some(read.count(connection).await?),
                                _ => None,
                            };
                            (items, counted)
                        }
                    };
                    let more = items.len() > limit;
                    items.truncate(limit);
                    let next = if more { items.last().map(|row| row.lead.id.into()) } else { None };
                    // Of common words only what was read is known to be there.
                    let (total, at_least) =
                        counted.unwrap_or((items.len() as u64, more || query.before.is_some()));
                    Ok(LeadPage { items, next, total, at_least, passed: 0 })
                }

                /// How `query` is asked when it is answered by reading leads in their order.
                #[cfg(test)]
                #[allow(dead_code, reason = "only SQLite is asked for its plans")]
                pub(crate) fn lead_sql(query: &LeadQuery) -> String {
                    let typed = Typed::of(query);
                    let read = Read { workspace: WorkspaceId::FIRST, query, typed: typed.as_ref() };
                    let sql = if query.walks() { read.after(query.before) } else { read.newest(50) };
                    sql.sql().as_str().to_owned()
                }
            }

            /// A question for leads.
            struct Read<'q> {
                workspace: WorkspaceId,
                query: &'q LeadQuery,
                typed: Option<&'q Typed>,
            }

            /// Leads that may fit what was typed, the newest first; `None` when only common words were typed.
            async fn candidates(
                connection: &mut $connection,
                workspace: WorkspaceId,
                typed: &Typed,
            ) -> Result<Option<Vec<Uuid>>, Error> {
                let mut few: Option<HashSet<Uuid>> = None;
                for word in &typed.words {
                    let sql = "SELECT DISTINCT lead FROM lead_word WHERE workspace = $1 AND word >= $2 \
                        AND word < $3 LIMIT $4";
                    let rows = sqlx::query(sql)
                        .bind(workspace.0)
                        .bind(word)
                        .bind(after_words(word))
                        .bind(FEW as i64 + 1)
                        .fetch_all(&mut *connection)
                        .await?;
                    if rows.len() <= FEW {
                        let found =
                            rows.iter().map(|row| row.id("lead")).collect::<Result<HashSet<_>, _>>()?;
                        few = Some(match few {
                            Some(before) => before.intersection(&found).copied().collect(),
                            None => found,
                        });
                    }
                }
                let Some(few) = few.or_else(|| typed.words.is_empty().then(HashSet::new)) else {
                    return Ok(None);
                };
                let few: Vec<Uuid> = few.into_iter().chain(typed.id).collect();
                Ok(Some(newest_first(&few)))
            }

            impl Read<'_> {
                /// The page of those among `few`, and how many of them fit.
                async fn among(
                    &self,
                    connection: &mut $connection,
                    few: &[Uuid],
                    limit: usize,
                ) -> Result<(Vec<LeadRow>, Option<(u64, bool)>), Error> {
                    let mut items = Vec::new();
                    let later =
                        few.iter().position(|id| self.query.before.is_none_or(|before| *id < before.id));
                    for piece in few[later.unwrap_or(few.len())..].chunks(PIECE) {
                        let mut sql = QueryBuilder::<$database>::new(ROWS);
                        self.filter(&mut sql);
                        of(&mut sql, piece);
                        sql.push(" ORDER BY l.id DESC");
                        for row in &sql.build().fetch_all(&mut *connection).await? {
                            items.push(lead_row(row)?);
                        }
                        if items.len() > limit {
                            break;
                        }
                    }
                    let mut total = 0;
                    for piece in few[..few.len().min(COUNTED_FOUND)].chunks(PIECE) {
                        let mut sql = QueryBuilder::<$database>::new("SELECT count(*) AS n FROM lead l ");
                        self.filter(&mut sql);
                        of(&mut sql, piece);
                        total += sql.build().fetch_one(&mut *connection).await?.count("n")?;
                    }
                    Ok((items, Some((total, few.len() > COUNTED_FOUND))))
                }

                /// All of `few` that fit, but for the rule.
                async fn all_of(
                    &self,
                    connection: &mut $connection,
                    few: &[Uuid],
                ) -> Result<Vec<LeadRow>, Error> {
                    let mut items = Vec::new();
                    for piece in few.chunks(PIECE) {
                        let mut sql = QueryBuilder::<$database>::new(ROWS);
                        self.filter(&mut sql);
                        of(&mut sql, piece);
                        for row in &sql.build().fetch_all(&mut *connection).await? {
                            items.push(lead_row(row)?);
                        }
                    }
                    Ok(items)
                }

                /// The page of `items` in the order asked for.
                async fn in_order(
                    &self,
                    connection: &mut $connection,
                    items: Vec<LeadRow>,
                    limit: usize,
                ) -> Result<LeadPage, Error> {
                    let order = self.query.order;
                    let mut items = self.wanted(connection, items).await?;
                    items.sort_unstable_by_key(|row| order.place(&row.lead));
                    if order.falls() {
                        items.reverse();
                    }
                    let total = items.len() as u64;
                    if let Some(before) = self.query.before {
                        items.retain(|row| order.is_after(order.place(&row.lead), before));
                    }
                    let more = items.len() > limit;
                    items.truncate(limit);
                    let next = if more { items.last().map(|row| order.place(&row.lead)) } else { None };
                    Ok(LeadPage { items, next, total, at_least: false, passed: 0 })
                }

                /// Those of `items` for which the rule holds.
                async fn wanted(
                    &self,
                    connection: &mut $connection,
                    mut items: Vec<LeadRow>,
                ) -> Result<Vec<LeadRow>, Error> {
                    let Some(wanted) = &self.query.wanted else { return Ok(items) };
                    if wanted.asks_the_lead_alone() {
                        items.retain(|row| wanted.holds(&row.lead, &[], None));
                        return Ok(items);
                    }
                    let leads = items.iter().map(|row| row.lead.clone()).collect();
                    let walked = $walked(connection, self.workspace, leads, &wanted.kinds()).await?;
                    let holds = |one: &Walked| wanted.holds(&one.lead, &one.traces, one.account.as_deref());
                    let fit: HashSet<Uuid> =
                        walked.iter().filter(|one| holds(one)).map(|one| one.lead.id).collect();
                    items.retain(|row| fit.contains(&row.lead.id));
                    Ok(items)
                }

                /// A page found by walking through the index of the order. What has no index of its own is looked at on the
                /// way, so that the cost is bounded by how many leads are passed and not by how few of them fit.
                async fn walk(&self, connection: &mut $connection, limit: usize) -> Result<LeadPage, Error> {
                    let order = self.query.order;
                    let (mut place, mut items) = (self.query.before, Vec::new());
                    let (mut passed, mut asked) = (0, 0);
                    let mut is_over = false;
                    while items.len() <= limit && passed < PASSED && asked < ASKED && !is_over {
                        let rows = self.after(place).build().fetch_all(&mut *connection).await?;
                        is_over = rows.len() < STRETCH;
                        passed += rows.len();
                        let mut fit = Vec::new();
                        for row in &rows {
                            place = Some(LeadPlace { key: row.number("place")?, id: row.id("id")? });
                            if row.maybe_text("record")?.is_some() {
                                fit.push(lead_row(row)?);
                            }
                        }
                        asked += fit.len();
                        items.extend(self.wanted(connection, fit).await?);
                    }
                    let more = items.len() > limit;
                    items.truncate(limit);
                    let next = match (more, is_over) {
                        (true, _) => items.last().map(|row| order.place(&row.lead)),
                        (false, true) => None,
                        (false, false) => place,
                    };
                    let at_least = next.is_some() || self.query.before.is_some();
                    Ok(LeadPage { total: items.len() as u64, items, next, at_least, passed: passed as u64 })
                }

                /// A page of the newest that fit.
                fn newest(&self, limit: usize) -> QueryBuilder<$database> {
                    let mut sql = QueryBuilder::<$database>::new(ROWS);
                    self.filter(&mut sql);
                    if let Some(before) = self.query.before {
                        sql.push(" AND l.id < ").push_bind(before.id);
                    }
                    // One more than asked for tells whether there is another page.
                    sql.push(" ORDER BY l.id DESC LIMIT ").push_bind(limit as i64 + 1);
                    sql
                }

                /// The next leads after `place`; the record only of those that fit, but for the rule.
                fn after(&self, place: Option<LeadPlace>) -> QueryBuilder<$database> {
                    let order = self.query.order;
                    let key = match order {
                        LeadOrder::Newest | LeadOrder::Oldest => None,
                        LeadOrder::LastChanged | LeadOrder::LongestUnchanged => Some("l.updated_at"),
                        LeadOrder::HighestScore | LeadOrder::LowestScore => Some("l.score_order"),
                    };
                    let mut sql = QueryBuilder::<$database>::new("SELECT l.id, ");
                    sql.push(key.unwrap_or("CAST(0 AS BIGINT)")).push(" AS place, CASE WHEN ");
                    self.fits(&mut sql);
                    sql.push(
                        " THEN l.record END AS record, o.id AS owner, o.name AS owner_name FROM lead l ",
                    );
                    sql.push("LEFT JOIN owner o ON o.id = l.owner WHERE l.workspace = ")
                        .push_bind(self.workspace.0);
                    if order.is_by_id() {
                        // Both have an index that ends in the id.
                        self.of_stage_and_owner(&mut sql);
                    }
                    let (beyond, falls) = if order.falls() { ("<", " DESC") } else { (">", "") };
                    match (key, place) {
                        (_, None) => {}
                        (None, Some(place)) => {
                            sql.push(format!(" AND l.id {beyond} ")).push_bind(place.id);
                        }
                        (Some(key), Some(place)) => {
                            sql.push(format!(" AND ({key}, l.id) {beyond} (")).push_bind(place.key);
                            sql.push(", ").push_bind(place.id).push(")");
                        }
                    }
                    sql.push(" ORDER BY ");
                    if let Some(key) = key {
                        sql.push(key).push(falls).push(", ");
                    }
                    sql.push("l.id").push(falls).push(" LIMIT ").push_bind(STRETCH as i64);
                    sql
                }

                /// What a walk asks of each lead it passes: nothing that would have to be gathered for all of them first.
                fn fits(&self, sql: &mut QueryBuilder<$database>) {
                    let query = self.query;
                    sql.push("l.workspace = ").push_bind(self.workspace.0);
                    self.of_stage_and_owner(sql);
                    self.of_figures(sql);
                    if let Some(list) = query.list {
                        sql.push(" AND EXISTS (SELECT 1 FROM list_member m WHERE m.list = ").push_bind(list);
                        sql.push(" AND m.lead = l.id)");
                    }
                    if let Some(import) = query.import {
                        sql.push(" AND EXISTS (SELECT 1 FROM import_lead m WHERE m.import = ")
                            .push_bind(import);
                        sql.push(" AND m.lead = l.id)");
                    }
                    if let Some(segment) = &query.segment {
                        sql.push(" AND EXISTS (SELECT 1 FROM segment_member m WHERE m.workspace = ");
                        sql.push_bind(self.workspace.0).push(" AND m.segment = ").push_bind(segment.clone());
                        sql.push(" AND m.lead = l.id)");
                    }
                    self.of_words(sql);
                }

                /// How many fit, and whether there may be more.
                async fn count(&self, connection: &mut $connection) -> Result<(u64, bool), Error> {
                    let mut sql =
                        QueryBuilder::<$database>::new("SELECT count(*) AS n FROM (SELECT 1 FROM lead l ");
                    self.filter(&mut sql);
                    sql.push(" LIMIT ").push_bind(COUNTED + 1).push(") c");
                    let found = sql.build().fetch_one(connection).await?.number("n")?;
                    Ok((found.min(COUNTED).unsigned_abs(), found > COUNTED))
                }

                fn filter(&self, sql: &mut QueryBuilder<$database>) {
                    let query = self.query;
                    sql.push("WHERE l.workspace = ").push_bind(self.workspace.0);
                    self.of_stage_and_owner(sql);
                    self.of_figures(sql);
                    if let Some(list) = query.list {
                        sql.push(" AND l.id IN (SELECT lead FROM list_member WHERE list = ")
                            .push_bind(list)
                            .push(")");
                    }
                    if let Some(import) = query.import {
                        sql.push(" AND l.id IN (SELECT lead FROM import_lead WHERE import = ");
                        sql.push_bind(import).push(")");
                    }
                    if let Some(segment) = &query.segment {
                        sql.push(" AND l.id IN (SELECT lead FROM segment_member WHERE workspace = ")
                            .push_bind(self.workspace.0);
                        sql.push(" AND segment = ").push_bind(segment.clone()).push(")");
                    }
                    self.of_words(sql);
                }

                fn of_stage_and_owner(&self, sql: &mut QueryBuilder<$database>) {
                    let query = self.query;
                    if let Some(stage) = &query.stage {
                        sql.push(" AND l.stage = ").push_bind(stage.clone());
                    }
                    match query.owner {
                        Some(OwnerFilter::Is(owner)) => drop(sql.push(" AND l.owner = ").push_bind(owner)),
                        Some(OwnerFilter::Nobody) => drop(sql.push(" AND l.owner IS NULL")),
                        None => {}
                    }
                }

                fn of_figures(&self, sql: &mut QueryBuilder<$database>) {
                    let query = self.query;
                    if let Some(account) = query.account {
                        sql.push(" AND l.account = ").push_bind(account);
                    }
                    if let Some(least) = query.score_from {
                        sql.push(" AND l.score >= ").push_bind(least);
                    }
                    if let Some(most) = query.score_to {
                        sql.push(" AND l.score <= ").push_bind(most);
                    }
                    if let Some(since) = query.updated_since {
                        sql.push(" AND l.updated_at >= ").push_bind(micros(since));
                    }
                }

                fn of_words(&self, sql: &mut QueryBuilder<$database>) {
                    let Some(typed) = self.typed else { return };
                    sql.push(" AND (");
                    // Ids of other systems look like ours often enough that both are meant.
                    if let Some(id) = typed.id {
                        sql.push("l.id = ").push_bind(id).push(" OR ");
                    }
                    sql.push("(");
                    let mut all = sql.separated(" AND ");
                    for word in &typed.words {
                        all.push(concat!($contains, "(l.search, "))
                            .push_bind_unseparated(word.clone())
                            .push_unseparated(") > 0");
                    }
                    sql.push("))");
                }
            }

            fn of(sql: &mut QueryBuilder<$database>, leads: &[Uuid]) {
                let mut list = sql.push(" AND l.id IN (").separated(", ");
                for id in leads {
                    list.push_bind(*id);
                }
                list.push_unseparated(")");
            }
        };
    };
}

lead_search!(Sqlite, sqlx::Sqlite, sqlx::sqlite::SqliteConnection, "instr", standing::walked_in_sqlite);
lead_search!(Postgres, sqlx::Postgres, sqlx::postgres::PgConnection, "strpos", standing::walked_in_postgres);

const ROWS: &str = "SELECT l.record, o.id AS owner, o.name AS owner_name FROM lead l \
    LEFT JOIN owner o ON o.id = l.owner ";
