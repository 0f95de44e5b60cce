//! What happened to accounts: written with the change, and read together with what happened to their leads.

use crate::columns::{Columns, from_json, micros, to_json};
use crate::error::Error;
use crate::ports::{AccountTimeline, AccountTimelineEntry, TimelineCursor, WorkspaceId};
use crate::records::activity;
use sqlx::QueryBuilder;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use std::cmp::Reverse;
use trunkline_leads::Lead;
use trunkline_leads::account::AccountActivity;
use trunkline_leads::activity::By;
use uuid::Uuid;

/// Rows of one statement.
const PIECE: usize = 400;
/// Leads of an account whose timelines are read, the newest ones.
const LEADS: i64 = 1_000;
/// Most entries of a page.
const MOST: u32 = 200;

macro_rules! timeline {
    ($module:ident, $database:ty, $connection:ty) => {
        pub(crate) mod $module {
            use super::*;

            /// Writes what happened to accounts.
            pub(crate) async fn write(
                connection: &mut $connection,
                workspace: WorkspaceId,
                activities: &[AccountActivity],
            ) -> Result<(), Error> {
                for piece in activities.chunks(PIECE) {
                    let mut rows = Vec::with_capacity(piece.len());
                    for one in piece {
                        rows.push((one, to_json(&one.old)?, to_json(&one.new)?));
                    }
                    let mut sql = QueryBuilder::<$database>::new(
                        "INSERT INTO account_activity (workspace, account, at, title, old_value, new_value, run, step, \
                        by_id, by_name) ",
                    );
                    sql.push_values(rows, |mut row, (one, old, new)| {
                        row.push_bind(workspace.0)
                            .push_bind(one.account_id)
                            .push_bind(micros(one.at))
                            .push_bind(one.title.clone())
                            .push_bind(old)
                            .push_bind(new)
                            .push_bind(one.run_id)
                            .push_bind(one.step.clone())
                            .push_bind(one.by.as_ref().map(|by| by.id))
                            .push_bind(one.by.as_ref().map(|by| by.name.clone()));
                    });
                    sql.build().execute(&mut *connection).await?;
                }
                Ok(())
            }

            /// What happened to the account and to its leads before `cursor`, the newest first.
            pub(crate) async fn read(
                connection: &mut $connection,
                workspace: WorkspaceId,
                account: Uuid,
                cursor: TimelineCursor,
                limit: u32,
            ) -> Result<AccountTimeline, Error> {
                let limit = limit.clamp(1, MOST);
                let mut sql = QueryBuilder::<$database>::new("SELECT * FROM account_activity WHERE workspace = ");
                sql.push_bind(workspace.0).push(" AND account = ").push_bind(account);
                sql.push(" AND id < ").push_bind(cursor.account).push(" ORDER BY id DESC LIMIT ");
                sql.push_bind(i64::from(limit) + 1);
                let rows = sql.build().fetch_all(&mut *connection).await?;
                let mut entries = rows.iter().map(of_account).collect::<Result<Vec<_>, _>>()?;
                // Of each lead no more is read than can be on the page.
                let mut sql = QueryBuilder::<$database>::new(
                    "WITH of_account AS MATERIALIZED (SELECT l.id, l.record, (SELECT b.id FROM activity b WHERE b.lead = l.id \
                    AND b.id < ",
                );
                sql.push_bind(cursor.leads).push(" ORDER BY b.id DESC LIMIT 1 OFFSET ");
                sql.push_bind(i64::from(limit)).push(") AS least FROM lead l WHERE l.workspace = ");
                sql.push_bind(workspace.0).push(" AND l.account = ").push_bind(account);
                sql.push(" ORDER BY l.id DESC LIMIT ").push_bind(LEADS);
                sql.push(
                    ") SELECT a.*, o.record AS lead_record FROM of_account o JOIN activity a ON a.lead = o.id \
                    AND a.id >= coalesce(o.least, 0) AND a.id < ",
                );
                sql.push_bind(cursor.leads).push(" ORDER BY a.id DESC LIMIT ").push_bind(i64::from(limit) + 1);
                for row in &sql.build().fetch_all(&mut *connection).await? {
                    entries.push(of_lead(row)?);
                }
                Ok(paged(entries, cursor, limit as usize))
            }
        }
    };
}

timeline!(in_sqlite, sqlx::Sqlite, SqliteConnection);
timeline!(in_postgres, sqlx::Postgres, PgConnection);

fn of_account(row: &impl Columns) -> Result<AccountTimelineEntry, Error> {
    let by = row.maybe_id("by_id")?.zip(row.maybe_string("by_name")?);
    Ok(AccountTimelineEntry::OfAccount {
        id: row.number("id")?,
        activity: Box::new(AccountActivity {
            account_id: row.id("account")?,
            at: row.moment("at")?,
            title: row.string("title")?,
            old: from_json("old_value", row.text("old_value")?)?,
            new: from_json("new_value", row.text("new_value")?)?,
            run_id: row.maybe_id("run")?,
            step: row.maybe_string("step")?,
            by: by.map(|(id, name)| By { id, name }),
        }),
    })
}

fn of_lead(row: &impl Columns) -> Result<AccountTimelineEntry, Error> {
    let lead: Lead = row.json("lead_record")?;
    Ok(AccountTimelineEntry::OfLead { lead: lead.name(), entry: Box::new(activity(row)?) })
}

/// The newest of `entries`, and where the next page begins.
fn paged(mut entries: Vec<AccountTimelineEntry>, before: TimelineCursor, limit: usize) -> AccountTimeline {
    entries.sort_by_key(|entry| Reverse((entry.at(), entry.id())));
    let more = entries.len() > limit;
    entries.truncate(limit);
    let mut next = before;
    for entry in &entries {
        match entry {
            AccountTimelineEntry::OfAccount { id, .. } => next.account = next.account.min(*id),
            AccountTimelineEntry::OfLead { entry, .. } => next.leads = next.leads.min(entry.id),
        }
    }
    AccountTimeline { entries, next: more.then_some(next) }
}
