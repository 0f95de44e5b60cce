//! The list of leads, newest first, also when there are a million of them.
//!
//! What people type is cut into words, and each must begin a word of the lead. Words that few leads have are looked up in
//! an index; words that very many have are found soon by walking from the newest lead on. Counts end where they would
//! cost more than a glance, and say so.

use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::{LeadPage, LeadQuery, LeadRow, OwnerFilter, WorkspaceId};
use crate::postgres::Postgres;
use crate::records::lead_row;
use crate::records::search::{after_words, lead_words};
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
/// Words noted by one statement.
const WORDS: usize = 500;
/// Leads looked at by one statement.
const PIECE: usize = 250;

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

macro_rules! lead_search {
    ($backend:ty, $database:ty, $connection:ty, $contains:literal, $add_words:ident, $index:ident) => {
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
                        None => None,
                        Some(typed) if typed.words.is_empty() && typed.id.is_none() => Some(Vec::new()),
                        Some(typed) => candidates(connection, workspace, typed).await?,
                    };
                    let read = Read { workspace, query: &query, typed: typed.as_ref() };
                    let (mut items, counted) = match few {
                        Some(few) => read.among(connection, &few, limit).await?,
                        None => {
                            let mut sql = QueryBuilder::<$database>::new(ROWS);
                            read.filter(&mut sql);
                            if let Some(before) = query.before {
                                sql.push(" AND l.id < ").push_bind(before);
                            }
                            // One more than asked for tells whether there is another page.
                            sql.push(" ORDER BY l.id DESC LIMIT ").push_bind(limit as i64 + 1);
                            let rows = sql.build().fetch_all(&mut *connection).await?;
                            let items = rows.iter().map(lead_row).collect::<Result<Vec<_>, _>>()?;
                            let counted = match &typed {
                                None => Some(read.count(connection).await?),
                                Some(_) => None,
                            };
                            (items, counted)
                        }
                    };
                    let more = items.len() > limit;
                    items.truncate(limit);
                    let next = if more { items.last().map(|row| row.lead.id) } else { None };
                    // Of common words only what was read is known to be there.
                    let (total, at_least) =
                        counted.unwrap_or((items.len() as u64, more || query.before.is_some()));
                    Ok(LeadPage { items, next, total, at_least })
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
                let mut few: Vec<Uuid> = few.into_iter().chain(typed.id).collect();
                few.sort_unstable_by(|a, b| b.cmp(a));
                few.dedup();
                Ok(Some(few))
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
                    let later = few.iter().position(|id| self.query.before.is_none_or(|before| *id < before));
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
                    if let Some(stage) = &query.stage {
                        sql.push(" AND l.stage = ").push_bind(stage.clone());
                    }
                    match query.owner {
                        Some(OwnerFilter::Is(owner)) => drop(sql.push(" AND l.owner = ").push_bind(owner)),
                        Some(OwnerFilter::Nobody) => drop(sql.push(" AND l.owner IS NULL")),
                        None => {}
                    }
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

        /// Notes the words of `leads`, each with its workspace and its text; what is noted already stays.
        pub(crate) async fn $add_words(
            connection: &mut $connection,
            leads: &[(WorkspaceId, Uuid, String)],
        ) -> Result<(), Error> {
            let mut rows = Vec::new();
            for (workspace, lead, text) in leads {
                rows.extend(lead_words(text).into_iter().map(|word| (*workspace, word, *lead)));
            }
            // Neighbours in the index are written one after another.
            rows.sort_unstable();
            for piece in rows.chunks(WORDS) {
                let mut sql =
                    QueryBuilder::<$database>::new("INSERT INTO lead_word (workspace, word, lead) ");
                sql.push_values(piece, |mut row, (workspace, word, lead)| {
                    row.push_bind(workspace.0).push_bind(word.clone()).push_bind(*lead);
                });
                sql.push(" ON CONFLICT DO NOTHING");
                sql.build().execute(&mut *connection).await?;
            }
            Ok(())
        }

        /// Notes the words of leads that were there before words were noted.
        pub(crate) async fn $index(connection: &mut $connection) -> Result<(), Error> {
            let sql = "SELECT 1 AS n WHERE EXISTS (SELECT 1 FROM lead) \
                AND NOT EXISTS (SELECT 1 FROM lead_word)";
            if sqlx::query(sql).fetch_optional(&mut *connection).await?.is_none() {
                return Ok(());
            }
            let mut after = Uuid::nil();
            loop {
                let sql = "SELECT id, workspace, search FROM lead WHERE id > $1 ORDER BY id LIMIT 2000";
                let rows = sqlx::query(sql).bind(after).fetch_all(&mut *connection).await?;
                let Some(last) = rows.last() else { return Ok(()) };
                after = last.id("id")?;
                let mut leads = Vec::with_capacity(rows.len());
                for row in &rows {
                    leads.push((WorkspaceId(row.number("workspace")?), row.id("id")?, row.string("search")?));
                }
                $add_words(connection, &leads).await?;
            }
        }
    };
}

lead_search!(
    Sqlite,
    sqlx::Sqlite,
    sqlx::sqlite::SqliteConnection,
    "instr",
    add_words_in_sqlite,
    index_in_sqlite
);
lead_search!(
    Postgres,
    sqlx::Postgres,
    sqlx::postgres::PgConnection,
    "strpos",
    add_words_in_postgres,
    index_in_postgres
);

const ROWS: &str = "SELECT l.record, o.id AS owner, o.name AS owner_name FROM lead l \
    LEFT JOIN owner o ON o.id = l.owner ";
