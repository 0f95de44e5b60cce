//! Accounts that leads work for: reading them, looking them up by keys, and writing what a batch changed.
//!
//! The writer and the readers look things up by the same statements, so that a rehearsal finds what a run would.

use crate::columns::{Columns, from_json, micros, to_json};
use crate::error::Error;
use crate::ports::{
    AccountPage, AccountQuery, AccountRow, AccountTimeline, AccountView, Answer, CustomerAccounts, MatchPage,
    MatchQuery, Named, TimelineCursor, WorkspaceId,
};
use crate::postgres::Postgres;
use crate::shared::account_timeline;
use crate::sqlite::Sqlite;
use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use trunkline_leads::account::{MAX_DEPTH, Profile};
use trunkline_leads::book::OfKey;
use trunkline_leads::matching::key::{MAX_OF_KEY, of_account};
use trunkline_leads::matching::{Candidate, LeadMatch, MatchStatus};
use trunkline_leads::{Account, Lead};
use uuid::Uuid;

/// Most rows of a page.
const MOST: u32 = 500;
/// Ids, keys or rows of one statement; within what either database binds.
const PIECE: usize = 400;
/// Leads that are looked at for how active an account is.
const ACTIVE: i64 = 200;
/// Parts and leads of an account that are shown.
const SHOWN: i64 = 200;

/// A text that a column can hold: PostgreSQL refuses NUL.
fn plain(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

fn account(row: &impl Columns) -> Result<Account, Error> {
    row.json("record")
}

fn candidate(row: &impl Columns) -> Result<Candidate, Error> {
    Ok(Candidate::new(Arc::new(account(row)?), row.count("leads")?, row.maybe_moment("last_at")?))
}

fn owner(row: &impl Columns) -> Result<Option<Named>, Error> {
    let (Some(id), Some(name)) = (row.maybe_id("owner")?, row.maybe_string("owner_name")?) else {
        return Ok(None);
    };
    Ok(Some(Named { id, name }))
}

fn named(row: &impl Columns) -> Result<Named, Error> {
    let account = account(row)?;
    Ok(Named { id: account.id, name: account.name })
}

fn profile(row: &impl Columns) -> Result<Profile, Error> {
    let parent = row.maybe_text("parent_record")?;
    let parent: Option<Account> = parent.map(|text| from_json("parent_record", text)).transpose()?;
    Ok(Profile {
        account: Arc::new(account(row)?),
        owner: owner(row)?.map(|owner| owner.name),
        parent: parent.map(|parent| parent.name),
    })
}

fn with_lead(row: &impl Columns) -> Result<(Lead, LeadMatch), Error> {
    Ok((row.json("lead_record")?, row.json("record")?))
}

fn with_match(row: &impl Columns) -> Result<(Lead, Option<LeadMatch>), Error> {
    let found = row.maybe_text("record")?.map(|text| from_json("record", text)).transpose()?;
    Ok((row.json("lead_record")?, found))
}

macro_rules! customers {
    ($module:ident, $backend:ty, $database:ty, $connection:ty) => {
        pub(crate) mod $module {
            use super::*;

            /// Which accounts have each of `keys`; of those too many have, only that.
            pub(crate) async fn of_keys(
                connection: &mut $connection,
                workspace: WorkspaceId,
                keys: &[String],
            ) -> Result<Vec<(String, OfKey)>, Error> {
                let mut found: BTreeMap<String, OfKey> = BTreeMap::new();
                for piece in keys.chunks(PIECE) {
                    // The account after the last that counts says that there are too many; then none is read.
                    let mut sql = QueryBuilder::<$database>::new(
                        "WITH asked (key) AS (SELECT * FROM (VALUES ",
                    );
                    let mut list = sql.separated(", ");
                    for key in piece {
                        list.push("(").push_bind_unseparated(plain(key)).push_unseparated(")");
                    }
                    sql.push(
                        ") v), counted AS MATERIALIZED (SELECT asked.key, (SELECT k.account FROM account_key k \
                        WHERE k.workspace = ",
                    );
                    sql.push_bind(workspace.0);
                    sql.push(" AND k.key = asked.key ORDER BY k.account LIMIT 1 OFFSET ");
                    sql.push_bind(MAX_OF_KEY as i64);
                    sql.push(
                        ") AS beyond FROM asked) SELECT c.key, c.beyond, k.account FROM counted c \
                        LEFT JOIN account_key k ON k.workspace = ",
                    );
                    sql.push_bind(workspace.0);
                    sql.push(" AND k.key = c.key AND c.beyond IS NULL ORDER BY c.key, k.account");
                    for row in &sql.build().fetch_all(&mut *connection).await? {
                        let (is_common, id) = (row.maybe_id("beyond")?.is_some(), row.maybe_id("account")?);
                        if is_common || id.is_some() {
                            let of = found.entry(row.string("key")?).or_default();
                            of.is_common = is_common;
                            of.ids.extend(id);
                        }
                    }
                }
                Ok(found.into_iter().collect())
            }

            /// Accounts by id, as they are compared with leads.
            pub(crate) async fn candidates(
                connection: &mut $connection,
                workspace: WorkspaceId,
                ids: &[Uuid],
            ) -> Result<Vec<Candidate>, Error> {
                let mut found = Vec::with_capacity(ids.len());
                for piece in ids.chunks(PIECE) {
                    let mut sql = compared();
                    sql.push(" WHERE a.workspace = ").push_bind(workspace.0).push(" AND a.id IN (");
                    let mut list = sql.separated(", ");
                    for id in piece {
                        list.push_bind(*id);
                    }
                    list.push_unseparated(")");
                    for row in &sql.build().fetch_all(&mut *connection).await? {
                        found.push(candidate(row)?);
                    }
                }
                Ok(found)
            }

            /// How leads stand with their accounts.
            pub(crate) async fn matches_of(
                connection: &mut $connection,
                workspace: WorkspaceId,
                leads: &[Uuid],
            ) -> Result<Vec<LeadMatch>, Error> {
                let mut found = Vec::new();
                for piece in leads.chunks(PIECE) {
                    let mut sql =
                        QueryBuilder::<$database>::new("SELECT record FROM account_match WHERE workspace = ");
                    sql.push_bind(workspace.0).push(" AND lead IN (");
                    let mut list = sql.separated(", ");
                    for lead in piece {
                        list.push_bind(*lead);
                    }
                    list.push_unseparated(")");
                    for row in &sql.build().fetch_all(&mut *connection).await? {
                        found.push(row.json("record")?);
                    }
                }
                Ok(found)
            }

            /// Accounts with how many leads they have and when something last happened to one of the newest.
            fn compared() -> QueryBuilder<$database> {
                let mut sql = QueryBuilder::new(
                    "SELECT a.record, (SELECT count(*) FROM (SELECT 1 AS one FROM lead l WHERE l.account = a.id \
                    LIMIT 1000) c) AS leads, (SELECT max(n.updated_at) FROM (SELECT l.updated_at FROM lead l WHERE l.account = a.id \
                    ORDER BY l.id DESC LIMIT ",
                );
                sql.push_bind(ACTIVE);
                sql.push(") n) AS last_at FROM account a");
                sql
            }

            /// Accounts by id, with the names of what they refer to.
            pub(crate) async fn profiles(
                connection: &mut $connection,
                workspace: WorkspaceId,
                ids: &[Uuid],
            ) -> Result<Vec<Profile>, Error> {
                let mut found = Vec::with_capacity(ids.len());
                for piece in ids.chunks(PIECE) {
                    let mut sql = QueryBuilder::<$database>::new(
                        "SELECT a.record, o.id AS owner, o.name AS owner_name, p.record AS parent_record FROM account a \
                        LEFT JOIN owner o ON o.id = a.owner LEFT JOIN account p ON p.id = a.parent WHERE a.workspace = ",
                    );
                    sql.push_bind(workspace.0).push(" AND a.id IN (");
                    let mut list = sql.separated(", ");
                    for id in piece {
                        list.push_bind(*id);
                    }
                    list.push_unseparated(")");
                    for row in &sql.build().fetch_all(&mut *connection).await? {
                        found.push(profile(row)?);
                    }
                }
                Ok(found)
            }

            /// Notes that the leads of these accounts are to be looked at again.
            pub(crate) async fn unsettle(
                connection: &mut $connection,
                workspace: WorkspaceId,
                accounts: &[Uuid],
                at: DateTime<Utc>,
            ) -> Result<(), Error> {
                for piece in accounts.chunks(PIECE) {
                    let mut sql =
                        QueryBuilder::<$database>::new("INSERT INTO unsettled_account (account, workspace, at) ");
                    sql.push_values(piece, |mut row, account| {
                        row.push_bind(*account).push_bind(workspace.0).push_bind(micros(at));
                    });
                    sql.push(" ON CONFLICT (account) DO UPDATE SET at = excluded.at, reached = NULL");
                    sql.build().execute(&mut *connection).await?;
                }
                Ok(())
            }

            /// Writes new and changed accounts with their keys.
            pub(crate) async fn write(
                connection: &mut $connection,
                workspace: WorkspaceId,
                accounts: &[Arc<Account>],
            ) -> Result<(), Error> {
                for piece in accounts.chunks(PIECE) {
                    let records = piece.iter().map(|account| to_json(account)).collect::<Result<Vec<_>, _>>()?;
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO account (id, workspace, label, parent, owner, is_named, is_open, created_at, \
                        updated_at, search, record) ",
                    );
                    sql.push_values(piece.iter().zip(records), |mut row, (account, record)| {
                        row.push_bind(account.id)
                            .push_bind(workspace.0)
                            .push_bind(plain(&account.name.to_lowercase()))
                            .push_bind(account.parent_id)
                            .push_bind(account.owner_id)
                            .push_bind(account.is_named)
                            .push_bind(account.opportunity.is_some())
                            .push_bind(micros(account.created_at))
                            .push_bind(micros(account.updated_at))
                            .push_bind(plain(&account.search_text()))
                            .push_bind(record);
                    });
                    sql.push(
                        " ON CONFLICT (id) DO UPDATE SET label = excluded.label, parent = excluded.parent, \
                        owner = excluded.owner, is_named = excluded.is_named, is_open = excluded.is_open, \
                        updated_at = excluded.updated_at, search = excluded.search, record = excluded.record",
                    );
                    sql.build().execute(&mut *connection).await?;
                    let mut sql = QueryBuilder::<$database>::new("DELETE FROM account_key WHERE account IN (");
                    let mut list = sql.separated(", ");
                    for account in piece {
                        list.push_bind(account.id);
                    }
                    list.push_unseparated(")");
                    sql.build().execute(&mut *connection).await?;
                }
                let keys: Vec<(Uuid, String)> = accounts
                    .iter()
                    .flat_map(|account| {
                        let keys: BTreeSet<String> = of_account(account).iter().map(|key| plain(key)).collect();
                        keys.into_iter().map(|key| (account.id, key))
                    })
                    .collect();
                for piece in keys.chunks(PIECE * 4) {
                    let mut sql =
                        QueryBuilder::<$database>::new("INSERT INTO account_key (workspace, key, account) ");
                    sql.push_values(piece, |mut row, (account, key)| {
                        row.push_bind(workspace.0).push_bind(key.clone()).push_bind(*account);
                    });
                    sql.build().execute(&mut *connection).await?;
                }
                Ok(())
            }

            /// Writes how leads stand with their accounts.
            pub(crate) async fn write_matches(
                connection: &mut $connection,
                workspace: WorkspaceId,
                matches: &[LeadMatch],
            ) -> Result<(), Error> {
                for piece in matches.chunks(PIECE) {
                    let records = piece.iter().map(to_json).collect::<Result<Vec<_>, _>>()?;
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO account_match (lead, workspace, status, confidence, at, record) ",
                    );
                    sql.push_values(piece.iter().zip(records), |mut row, (found, record)| {
                        row.push_bind(found.lead_id)
                            .push_bind(workspace.0)
                            .push_bind(found.status.as_str())
                            .push_bind(i64::from(found.confidence))
                            .push_bind(micros(found.at))
                            .push_bind(record);
                    });
                    sql.push(
                        " ON CONFLICT (lead) DO UPDATE SET status = excluded.status, confidence = excluded.confidence, at = excluded.at, record = excluded.record",
                    );
                    sql.build().execute(&mut *connection).await?;
                }
                Ok(())
            }

            async fn remove(
                connection: &mut $connection,
                workspace: WorkspaceId,
                id: Uuid,
            ) -> Result<(), Error> {
                for (sql, why) in [
                    ("SELECT count(*) AS n FROM lead WHERE account = $1", "a lead of this account"),
                    ("SELECT count(*) AS n FROM account WHERE parent = $1", "a part of this account"),
                ] {
                    if sqlx::query(sql).bind(id).fetch_one(&mut *connection).await?.count("n")? > 0 {
                        return Err(Error::Conflict(why));
                    }
                }
                let sql = "DELETE FROM account WHERE workspace = $1 AND id = $2";
                let gone = sqlx::query(sql).bind(workspace.0).bind(id).execute(&mut *connection).await?;
                if gone.rows_affected() == 0 {
                    return Err(Error::NotFound("the account"));
                }
                for sql in [
                    "DELETE FROM account_key WHERE account = $1",
                    "DELETE FROM account_activity WHERE account = $1",
                    "DELETE FROM unsettled_account WHERE account = $1",
                ] {
                    sqlx::query(sql).bind(id).execute(&mut *connection).await?;
                }
                Ok(())
            }

            fn filter(sql: &mut QueryBuilder<$database>, workspace: WorkspaceId, query: &AccountQuery) {
                sql.push(" WHERE a.workspace = ").push_bind(workspace.0);
                if let Some(owner) = query.owner {
                    sql.push(" AND a.owner = ").push_bind(owner);
                }
                if let Some(is_named) = query.is_named {
                    sql.push(" AND a.is_named = ").push_bind(is_named);
                }
                if let Some(is_open) = query.is_open {
                    sql.push(" AND a.is_open = ").push_bind(is_open);
                }
                if let Some(parent) = query.parent {
                    sql.push(" AND a.parent = ").push_bind(parent);
                }
                if let Some(text) = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
                    sql.push(" AND (a.search LIKE ").push_bind(super::containing(text)).push(" ESCAPE '!'");
                    if let Ok(id) = Uuid::try_parse(text) {
                        sql.push(" OR a.id = ").push_bind(id);
                    }
                    sql.push(")");
                }
            }

            fn filter_matches(sql: &mut QueryBuilder<$database>, workspace: WorkspaceId, query: &MatchQuery) {
                sql.push(" WHERE m.workspace = ").push_bind(workspace.0);
                sql.push(" AND m.status = ").push_bind(query.status.as_str());
                sql.push(" AND m.confidence >= ").push_bind(i64::from(query.from));
                if let Some(text) = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty()) {
                    sql.push(" AND l.search LIKE ").push_bind(super::containing(text)).push(" ESCAPE '!'");
                }
            }

            impl CustomerAccounts for $backend {
                fn list(&self, workspace: WorkspaceId, query: AccountQuery) -> Answer<'_, AccountPage> {
                    Box::pin(async move {
                        let limit = query.limit.clamp(1, MOST);
                        let mut sql = QueryBuilder::<$database>::new("SELECT count(*) AS n FROM account a");
                        filter(&mut sql, workspace, &query);
                        let total = sql.build().fetch_one(&self.readers).await?.count("n")?;
                        let mut sql = QueryBuilder::<$database>::new(
                            "SELECT a.record, o.id AS owner, o.name AS owner_name, \
                            (SELECT count(*) FROM lead l WHERE l.account = a.id) AS leads \
                            FROM account a LEFT JOIN owner o ON o.id = a.owner",
                        );
                        filter(&mut sql, workspace, &query);
                        if let Some(after) = query.after {
                            sql.push(" AND (a.label, a.id) > (SELECT label, id FROM account WHERE id = ");
                            sql.push_bind(after).push(")");
                        }
                        sql.push(" ORDER BY a.label, a.id LIMIT ").push_bind(i64::from(limit) + 1);
                        let rows = sql.build().fetch_all(&self.readers).await?;
                        let mut items = rows.iter().map(account_row).collect::<Result<Vec<_>, _>>()?;
                        let more = items.len() > limit as usize;
                        items.truncate(limit as usize);
                        let next = items.last().filter(|_| more).map(|row| row.account.id);
                        Ok(AccountPage { items, next, total })
                    })
                }

                fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<AccountView>> {
                    Box::pin(async move {
                        let sql = "SELECT a.record, o.id AS owner, o.name AS owner_name, \
                            (SELECT count(*) FROM lead l WHERE l.account = a.id) AS leads \
                            FROM account a LEFT JOIN owner o ON o.id = a.owner WHERE a.workspace = $1 AND a.id = $2";
                        let found = sqlx::query(sql).bind(workspace.0).bind(id).fetch_optional(&self.readers).await?;
                        let Some(row) = found else { return Ok(None) };
                        let (account, owner, leads) = (account(&row)?, owner(&row)?, row.count("leads")?);
                        let mut parents: Vec<Named> = Vec::new();
                        let mut next = account.parent_id;
                        while let Some(parent) = next.filter(|_| parents.len() < MAX_DEPTH) {
                            let sql = "SELECT record FROM account WHERE workspace = $1 AND id = $2";
                            let row =
                                sqlx::query(sql).bind(workspace.0).bind(parent).fetch_optional(&self.readers).await?;
                            let Some(row) = row else { break };
                            let parent = super::account(&row)?;
                            next = parent.parent_id;
                            parents.push(Named { id: parent.id, name: parent.name });
                        }
                        let sql = "SELECT record FROM account WHERE workspace = $1 AND parent = $2 ORDER BY label, id LIMIT $3";
                        let rows = sqlx::query(sql).bind(workspace.0).bind(id).bind(SHOWN);
                        let children =
                            rows.fetch_all(&self.readers).await?.iter().map(named).collect::<Result<_, _>>()?;
                        let sql = "SELECT l.record AS lead_record, m.record FROM lead l \
                            LEFT JOIN account_match m ON m.lead = l.id WHERE l.account = $1 ORDER BY l.id DESC LIMIT $2";
                        let rows = sqlx::query(sql).bind(id).bind(SHOWN).fetch_all(&self.readers).await?;
                        let newest = rows.iter().map(with_match).collect::<Result<_, _>>()?;
                        Ok(Some(AccountView { account, owner, parents, children, leads, newest }))
                    })
                }

                fn after(
                    &self,
                    workspace: WorkspaceId,
                    after: Option<Uuid>,
                    limit: u32,
                ) -> Answer<'_, Vec<Candidate>> {
                    Box::pin(async move {
                        let mut sql = compared();
                        sql.push(" WHERE a.workspace = ").push_bind(workspace.0);
                        if let Some(after) = after {
                            sql.push(" AND a.id > ").push_bind(after);
                        }
                        sql.push(" ORDER BY a.id LIMIT ").push_bind(i64::from(limit.clamp(1, 1_000)));
                        sql.build().fetch_all(&self.readers).await?.iter().map(candidate).collect()
                    })
                }

                fn candidates(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> Answer<'_, Vec<Candidate>> {
                    Box::pin(async move {
                        let mut connection = self.readers.acquire().await?;
                        candidates(&mut connection, workspace, &ids).await
                    })
                }

                fn profiles(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> Answer<'_, Vec<Profile>> {
                    Box::pin(async move {
                        let mut connection = self.readers.acquire().await?;
                        profiles(&mut connection, workspace, &ids).await
                    })
                }

                fn of_keys(&self, workspace: WorkspaceId, keys: Vec<String>) -> Answer<'_, Vec<(String, OfKey)>> {
                    Box::pin(async move {
                        let mut connection = self.readers.acquire().await?;
                        of_keys(&mut connection, workspace, &keys).await
                    })
                }

                fn matches_of(&self, workspace: WorkspaceId, leads: Vec<Uuid>) -> Answer<'_, Vec<LeadMatch>> {
                    Box::pin(async move {
                        let mut connection = self.readers.acquire().await?;
                        matches_of(&mut connection, workspace, &leads).await
                    })
                }

                fn matches(&self, workspace: WorkspaceId, query: MatchQuery) -> Answer<'_, MatchPage> {
                    Box::pin(async move {
                        let limit = query.limit.clamp(1, MOST);
                        let from = " FROM account_match m JOIN lead l ON l.id = m.lead";
                        let mut sql = QueryBuilder::<$database>::new("SELECT count(*) AS n");
                        sql.push(from);
                        filter_matches(&mut sql, workspace, &query);
                        let total = sql.build().fetch_one(&self.readers).await?.count("n")?;
                        let mut sql = QueryBuilder::<$database>::new("SELECT m.record, l.record AS lead_record");
                        sql.push(from);
                        filter_matches(&mut sql, workspace, &query);
                        if let Some(after) = query.after {
                            sql.push(" AND (m.confidence, m.lead) < (SELECT confidence, lead FROM account_match WHERE lead = ");
                            sql.push_bind(after).push(")");
                        }
                        sql.push(" ORDER BY m.confidence DESC, m.lead DESC LIMIT ").push_bind(i64::from(limit) + 1);
                        let rows = sql.build().fetch_all(&self.readers).await?;
                        let mut items = rows.iter().map(with_lead).collect::<Result<Vec<_>, _>>()?;
                        let more = items.len() > limit as usize;
                        items.truncate(limit as usize);
                        let next = items.last().filter(|_| more).map(|(lead, _)| lead.id);
                        let suggested: BTreeSet<Uuid> = items
                            .iter()
                            .flat_map(|(_, found)| found.suggestions.iter().map(|suggestion| suggestion.account_id))
                            .collect();
                        let mut connection = self.readers.acquire().await?;
                        let suggested: Vec<Uuid> = suggested.into_iter().collect();
                        let accounts = candidates(&mut connection, workspace, &suggested).await?;
                        let accounts = accounts.into_iter().map(|candidate| candidate.account).collect();
                        Ok(MatchPage { items, accounts, next, total })
                    })
                }

                fn match_counts(&self, workspace: WorkspaceId) -> Answer<'_, Vec<(MatchStatus, u64)>> {
                    Box::pin(async move {
                        let sql = "SELECT status, count(*) AS n FROM account_match WHERE workspace = $1 GROUP BY status";
                        let rows = sqlx::query(sql).bind(workspace.0).fetch_all(&self.readers).await?;
                        rows.iter().map(counted).collect()
                    })
                }

                fn timeline(
                    &self,
                    workspace: WorkspaceId,
                    account: Uuid,
                    cursor: TimelineCursor,
                    limit: u32,
                ) -> Answer<'_, AccountTimeline> {
                    Box::pin(async move {
                        let mut snapshot = self.readers.begin().await?;
                        account_timeline::$module::read(&mut snapshot, workspace, account, cursor, limit).await
                    })
                }

                fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
                    Box::pin(
                        self.writer
                            .write(move |connection| Box::pin(remove(connection, workspace, id))),
                    )
                }
            }
        }
    };
}

/// A pattern for what contains `text`, in small letters.
fn containing(text: &str) -> String {
    let escaped = text.to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{}%", plain(&escaped))
}

fn account_row(row: &impl Columns) -> Result<AccountRow, Error> {
    Ok(AccountRow { account: account(row)?, owner: owner(row)?, leads: row.count("leads")? })
}

fn counted(row: &impl Columns) -> Result<(MatchStatus, u64), Error> {
    let status = row.text("status")?;
    let status = status.parse().map_err(|_| Error::Corrupt(format!("status: {status} is unknown").into()))?;
    Ok((status, row.count("n")?))
}

customers!(in_sqlite, Sqlite, sqlx::Sqlite, SqliteConnection);
customers!(in_postgres, Postgres, sqlx::Postgres, PgConnection);
