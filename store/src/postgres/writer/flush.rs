//! Writing what a batch changed: each table in one statement, its columns handed over as arrays.

use super::standing;
use crate::columns::{micros, to_json};
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::postgres::plain;
use crate::shared::account_timeline::in_postgres as account_timeline;
use crate::shared::clocks::ClockTable;
use crate::shared::customers::in_postgres as customers;
use crate::shared::lead_words;
use crate::writer::{Ended, JournalRow, NewRun, RunChange, renamed, search_text};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::postgres::PgConnection;
use trunkline_leads::{Changes, Counter, Key, Lead, List, Membership};
use uuid::Uuid;

/// Adds runs.
pub(super) async fn insert_runs(connection: &mut PgConnection, runs: Vec<NewRun<'_>>) -> Result<(), Error> {
    let sql = "INSERT INTO run (id, workspace, workflow, version, status, subject, lead, trigger_kind, started_at, \
        finished_at, wake_at, resume, error_step, error, event_key, parent, parent_key, journal) \
        SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[], $5::text[], $6::text[], $7::uuid[], \
        $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::boolean[], $13::text[], $14::text[], $15::text[], \
        $16::uuid[], $17::text[], $18::bytea[])";
    let mut errors = Vec::with_capacity(runs.len());
    for run in &runs {
        errors.push(run.state.error.as_ref().map(|(_, failure)| to_json(failure)).transpose()?);
    }
    let each = || runs.iter().map(|run| (run.header, &run.state));
    let query = sqlx::query(sql)
        .bind(each().map(|(header, _)| header.id).collect::<Vec<_>>())
        .bind(each().map(|(header, _)| header.workspace.0).collect::<Vec<_>>())
        .bind(each().map(|(header, _)| header.workflow).collect::<Vec<_>>())
        .bind(each().map(|(header, _)| header.version.0).collect::<Vec<_>>())
        .bind(each().map(|(_, state)| state.status.as_str()).collect::<Vec<_>>())
        .bind(each().map(|(header, _)| header.subject.as_deref().map(plain)).collect::<Vec<_>>())
        .bind(each().map(|(_, state)| state.lead).collect::<Vec<_>>())
        .bind(each().map(|(header, _)| header.trigger_kind.as_str()).collect::<Vec<_>>())
        .bind(each().map(|(header, _)| micros(header.started_at)).collect::<Vec<_>>())
        .bind(each().map(|(_, state)| state.finished_at.map(micros)).collect::<Vec<_>>())
        .bind(each().map(|(_, state)| state.wake_at.map(micros)).collect::<Vec<_>>())
        .bind(each().map(|(_, state)| state.resume).collect::<Vec<_>>())
        .bind(
            each().map(|(_, state)| state.error.as_ref().map(|(step, _)| step.as_str())).collect::<Vec<_>>(),
        )
        .bind(errors)
        .bind(each().map(|(header, _)| header.event_key.as_deref().map(plain)).collect::<Vec<_>>())
        .bind(each().map(|(header, _)| header.parent.as_ref().map(|(run, _)| *run)).collect::<Vec<_>>())
        .bind(
            each()
                .map(|(header, _)| header.parent.as_ref().map(|(_, key)| key.to_string()))
                .collect::<Vec<_>>(),
        )
        .bind(runs.iter().map(|run| run.journal.as_slice()).collect::<Vec<_>>());
    query.execute(connection).await?;
    Ok(())
}

/// Adds later turns.
pub(super) async fn insert_journal(
    connection: &mut PgConnection,
    rows: Vec<JournalRow>,
) -> Result<(), Error> {
    let sql =
        "INSERT INTO journal (run, seq, body) SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::bytea[])";
    sqlx::query(sql)
        .bind(rows.iter().map(|row| row.run).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.seq).collect::<Vec<_>>())
        .bind(rows.iter().map(|row| row.body.as_slice()).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes how runs stand, and answers how many of them are there.
pub(super) async fn update_runs(
    connection: &mut PgConnection,
    changes: Vec<RunChange>,
) -> Result<u64, Error> {
    let sql = "UPDATE run SET status = v.status, lead = coalesce(run.lead, v.lead), finished_at = v.finished_at, \
        wake_at = v.wake_at, resume = v.resume, error_step = v.error_step, error = v.error \
        FROM UNNEST($1::uuid[], $2::text[], $3::uuid[], $4::bigint[], $5::bigint[], $6::boolean[], $7::text[], $8::text[]) \
        AS v (id, status, lead, finished_at, wake_at, resume, error_step, error) WHERE run.id = v.id";
    let mut errors = Vec::with_capacity(changes.len());
    for change in &changes {
        errors.push(change.state.error.as_ref().map(|(_, failure)| to_json(failure)).transpose()?);
    }
    let each = || changes.iter().map(|change| &change.state);
    let done = sqlx::query(sql)
        .bind(changes.iter().map(|change| change.run).collect::<Vec<_>>())
        .bind(each().map(|state| state.status.as_str()).collect::<Vec<_>>())
        .bind(each().map(|state| state.lead).collect::<Vec<_>>())
        .bind(each().map(|state| state.finished_at.map(micros)).collect::<Vec<_>>())
        .bind(each().map(|state| state.wake_at.map(micros)).collect::<Vec<_>>())
        .bind(each().map(|state| state.resume).collect::<Vec<_>>())
        .bind(each().map(|state| state.error.as_ref().map(|(step, _)| step.as_str())).collect::<Vec<_>>())
        .bind(errors)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}

/// Adds to the tally of ended runs.
pub(super) async fn add_ended(connection: &mut PgConnection, ended: Vec<Ended>) -> Result<(), Error> {
    let sql = "INSERT INTO run_tally (workflow, hour, completed, failed, cancelled) \
        SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) \
        ON CONFLICT (workflow, hour) DO UPDATE SET completed = run_tally.completed + excluded.completed, \
        failed = run_tally.failed + excluded.failed, cancelled = run_tally.cancelled + excluded.cancelled";
    sqlx::query(sql)
        .bind(ended.iter().map(|row| row.workflow).collect::<Vec<_>>())
        .bind(ended.iter().map(|row| row.hour).collect::<Vec<_>>())
        .bind(ended.iter().map(|row| row.completed).collect::<Vec<_>>())
        .bind(ended.iter().map(|row| row.failed).collect::<Vec<_>>())
        .bind(ended.iter().map(|row| row.cancelled).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes what a batch changed about the leads of one workspace at `at`.
pub(super) async fn leads(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    changes: Changes,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    // What is about merges is written already.
    let named = renamed(workspace, &changes);
    lead_words::add_words_in_postgres(connection, &named).await?;
    let Changes {
        leads,
        keys,
        activities,
        pool_counters,
        lists,
        list_members,
        left_lists,
        stays,
        segment_moves,
        accounts,
        account_activities,
        unsettled_accounts,
        account_matches,
        imports,
        gone,
        clocks,
        ..
    } = changes;
    customers::write(connection, workspace, &accounts).await?;
    account_timeline::write(connection, workspace, &account_activities).await?;
    customers::unsettle(connection, workspace, &unsettled_accounts, at).await?;
    customers::write_matches(connection, workspace, &account_matches).await?;
    ClockTable::write_clocks(&mut *connection, workspace, &clocks).await?;
    if !leads.is_empty() {
        put_leads(connection, workspace, &leads).await?;
    }
    if !keys.is_empty() {
        add_keys(connection, workspace, &keys).await?;
    }
    if !activities.is_empty() {
        add_activities(connection, &activities).await?;
    }
    if !lists.is_empty() {
        add_lists(connection, workspace, &lists, at).await?;
    }
    if !left_lists.is_empty() {
        remove_members(connection, &left_lists).await?;
    }
    if !list_members.is_empty() {
        add_members(connection, &list_members).await?;
    }
    if !stays.is_empty() {
        standing::add_stays(connection, workspace, &stays).await?;
    }
    if !segment_moves.is_empty() {
        standing::move_members(connection, workspace, segment_moves).await?;
    }
    if !imports.is_empty() {
        super::imports::stretches(connection, &imports).await?;
    }
    if !gone.is_empty() {
        super::imports::remove(connection, workspace, &gone).await?;
    }
    if !pool_counters.is_empty() {
        set_counters(connection, &pool_counters).await?;
    }
    Ok(())
}

async fn put_leads(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    leads: &[Lead],
) -> Result<(), Error> {
    let sql = "INSERT INTO lead (workspace, id, stage, owner, account, score, created_at, updated_at, look_again_at, \
        search, record) \
        SELECT $1, * FROM UNNEST($2::uuid[], $3::text[], $4::uuid[], $5::uuid[], $6::bigint[], $7::bigint[], \
        $8::bigint[], $9::bigint[], $10::text[], $11::text[]) \
        ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, owner = excluded.owner, \
        account = excluded.account, score = excluded.score, updated_at = excluded.updated_at, \
        look_again_at = excluded.look_again_at, search = excluded.search, record = excluded.record";
    let search: Vec<String> = leads.iter().map(|lead| plain(&search_text(lead)).into_owned()).collect();
    let records = leads.iter().map(to_json).collect::<Result<Vec<_>, _>>()?;
    sqlx::query(sql)
        .bind(workspace.0)
        .bind(leads.iter().map(|lead| lead.id).collect::<Vec<_>>())
        .bind(leads.iter().map(|lead| plain(&lead.stage)).collect::<Vec<_>>())
        .bind(leads.iter().map(|lead| lead.owner_id).collect::<Vec<_>>())
        .bind(leads.iter().map(|lead| lead.account_id).collect::<Vec<_>>())
        .bind(leads.iter().map(|lead| lead.score).collect::<Vec<_>>())
        .bind(leads.iter().map(|lead| micros(lead.created_at)).collect::<Vec<_>>())
        .bind(leads.iter().map(|lead| micros(lead.updated_at)).collect::<Vec<_>>())
        .bind(leads.iter().map(|lead| lead.look_again_at.map(micros)).collect::<Vec<_>>())
        .bind(search)
        .bind(records)
        .execute(connection)
        .await?;
    Ok(())
}

async fn add_keys(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    keys: &[(Key, Uuid)],
) -> Result<(), Error> {
    let sql = "INSERT INTO lead_key (workspace, kind, value, lead) \
        SELECT $1, * FROM UNNEST($2::text[], $3::text[], $4::uuid[])";
    sqlx::query(sql)
        .bind(workspace.0)
        .bind(keys.iter().map(|(key, _)| key.kind.as_str()).collect::<Vec<_>>())
        .bind(keys.iter().map(|(key, _)| plain(&key.value)).collect::<Vec<_>>())
        .bind(keys.iter().map(|(_, lead)| *lead).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

async fn add_activities(
    connection: &mut PgConnection,
    activities: &[trunkline_leads::Activity],
) -> Result<(), Error> {
    // Numbered in the order in which they happened.
    let sql = "INSERT INTO activity \
        (lead, at, kind, title, why, old_value, new_value, run, step, by_id, by_name, touch, channel, detail) \
        SELECT lead, at, kind, title, why, old_value, new_value, run, step, by_id, by_name, touch, channel, detail \
        FROM UNNEST($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], \
        $8::uuid[], $9::text[], $10::uuid[], $11::text[], $12::text[], $13::text[], $14::text[]) \
        WITH ORDINALITY AS v (lead, at, kind, title, why, old_value, new_value, run, step, by_id, by_name, touch, \
        channel, detail, place) ORDER BY place";
    sqlx::query(sql)
        .bind(activities.iter().map(|entry| entry.lead_id).collect::<Vec<_>>())
        .bind(activities.iter().map(|entry| micros(entry.at)).collect::<Vec<_>>())
        .bind(activities.iter().map(|entry| entry.kind.as_str()).collect::<Vec<_>>())
        .bind(activities.iter().map(|entry| plain(&entry.title)).collect::<Vec<_>>())
        .bind(activities.iter().map(|entry| entry.why.as_deref().map(plain)).collect::<Vec<_>>())
        .bind(activities.iter().map(|entry| text(&entry.old)).collect::<Vec<_>>())
        .bind(activities.iter().map(|entry| text(&entry.new)).collect::<Vec<_>>())
        .bind(activities.iter().map(|entry| entry.run_id).collect::<Vec<_>>())
        .bind(activities.iter().map(|entry| entry.step.as_deref()).collect::<Vec<_>>())
        .bind(activities.iter().map(|entry| entry.by.as_ref().map(|by| by.id)).collect::<Vec<_>>())
        .bind(activities.iter().map(|entry| entry.by.as_ref().map(|by| plain(&by.name))).collect::<Vec<_>>())
        .bind(
            activities
                .iter()
                .map(|entry| entry.touch.as_ref().map(|touch| plain(&touch.kind)))
                .collect::<Vec<_>>(),
        )
        .bind(
            activities
                .iter()
                .map(|entry| entry.touch.as_ref()?.channel.as_deref().map(plain))
                .collect::<Vec<_>>(),
        )
        .bind(activities.iter().map(|entry| text(&entry.detail)).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

async fn add_lists(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    lists: &[List],
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let sql = "INSERT INTO list (workspace, created_at, id, name) SELECT $1, $2, * FROM UNNEST($3::uuid[], $4::text[])";
    sqlx::query(sql)
        .bind(workspace.0)
        .bind(micros(at))
        .bind(lists.iter().map(|list| list.id).collect::<Vec<_>>())
        .bind(lists.iter().map(|list| plain(&list.name)).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

async fn add_members(connection: &mut PgConnection, members: &[Membership]) -> Result<(), Error> {
    let sql = "INSERT INTO list_member (list, lead, added_at) \
        SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[]) ON CONFLICT DO NOTHING";
    sqlx::query(sql)
        .bind(members.iter().map(|member| member.list_id).collect::<Vec<_>>())
        .bind(members.iter().map(|member| member.lead_id).collect::<Vec<_>>())
        .bind(members.iter().map(|member| micros(member.added_at)).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

async fn remove_members(connection: &mut PgConnection, left: &[(Uuid, Uuid)]) -> Result<(), Error> {
    let sql = "DELETE FROM list_member USING UNNEST($1::uuid[], $2::uuid[]) AS v (list, lead) \
        WHERE list_member.list = v.list AND list_member.lead = v.lead";
    sqlx::query(sql)
        .bind(left.iter().map(|(list, _)| *list).collect::<Vec<_>>())
        .bind(left.iter().map(|(_, lead)| *lead).collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

async fn set_counters(connection: &mut PgConnection, counters: &[Counter]) -> Result<(), Error> {
    let sql = "UPDATE pool_member SET credit = v.credit, assigned = v.assigned, last_turn = v.last_turn, tallies = v.tallies \
        FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[]) \
        AS v (pool, owner, credit, assigned, last_turn, tallies) \
        WHERE pool_member.pool = v.pool AND pool_member.owner = v.owner";
    let signed = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let tallies = counters.iter().map(|counter| to_json(&counter.tallies)).collect::<Result<Vec<_>, _>>()?;
    sqlx::query(sql)
        .bind(counters.iter().map(|counter| counter.pool_id).collect::<Vec<_>>())
        .bind(counters.iter().map(|counter| counter.owner_id).collect::<Vec<_>>())
        .bind(counters.iter().map(|counter| counter.credit).collect::<Vec<_>>())
        .bind(counters.iter().map(|counter| signed(counter.assigned)).collect::<Vec<_>>())
        .bind(counters.iter().map(|counter| signed(counter.last_turn)).collect::<Vec<_>>())
        .bind(tallies)
        .execute(connection)
        .await?;
    Ok(())
}

/// A value of a timeline as its column holds it.
fn text(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.to_string())
}
