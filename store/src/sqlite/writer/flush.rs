//! Writing what a batch changed, in sets: runs and their journals, then leads.

use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::shared::account_timeline::in_sqlite as account_timeline;
use crate::shared::clocks::ClockTable;
use crate::shared::customers::in_sqlite as customers;
use crate::shared::lead_words;
use crate::sqlite::bulk::{Insert, carry_out};
use crate::sqlite::codec::{hex, micros, to_json};
use crate::writer::{Ended, JournalRow, NewRun, RunChange, last_moves, renamed, search_text};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnection;
use std::sync::LazyLock;
use trunkline_leads::{Changes, Counter};

static NEW_RUNS: LazyLock<Insert> = LazyLock::new(|| {
    const COLUMNS: &[&str] = &[
        "id",
        "workspace",
        "workflow",
        "version",
        "status",
        "subject",
        "lead",
        "trigger_kind",
        "started_at",
        "finished_at",
        "wake_at",
        "resume",
        "error_step",
        "error",
        "event_key",
        "parent",
        "parent_key",
        "journal",
    ];
    Insert::new("run", COLUMNS, "")
});
static JOURNAL: LazyLock<Insert> = LazyLock::new(|| Insert::new("journal", &["run", "seq", "body"], ""));
static TALLY: LazyLock<Insert> = LazyLock::new(|| {
    const ADD: &str = "ON CONFLICT (workflow, hour) DO UPDATE SET completed = completed + excluded.completed, \
        failed = failed + excluded.failed, cancelled = cancelled + excluded.cancelled";
    Insert::new("run_tally", &["workflow", "hour", "completed", "failed", "cancelled"], ADD)
});

/// Adds runs.
pub(super) async fn insert_runs(
    connection: &mut SqliteConnection,
    runs: Vec<NewRun<'_>>,
) -> Result<(), Error> {
    let mut rows = Vec::with_capacity(runs.len());
    for run in runs {
        let error = run.state.error.as_ref().map(|(_, failure)| to_json(failure)).transpose()?;
        rows.push((run, error));
    }
    NEW_RUNS
        .run(connection, rows, |(NewRun { header, state, journal }, error), row| {
            row.add(header.id)
                .add(header.workspace.0)
                .add(header.workflow)
                .add(header.version.0)
                .add(state.status.as_str())
                .add(header.subject.as_deref())
                .add(state.lead)
                .add(header.trigger_kind.as_str())
                .add(micros(header.started_at))
                .add(state.finished_at.map(micros))
                .add(state.wake_at.map(micros))
                .add(state.resume)
                .add(state.error.map(|(step, _)| step))
                .add(error)
                .add(header.event_key.as_deref())
                .add(header.parent.as_ref().map(|(run, _)| *run))
                .add(header.parent.as_ref().map(|(_, key)| key.to_string()))
                .add(journal);
        })
        .await
}

/// Adds later turns.
pub(super) async fn insert_journal(
    connection: &mut SqliteConnection,
    rows: Vec<JournalRow>,
) -> Result<(), Error> {
    JOURNAL
        .run(connection, rows, |JournalRow { run, seq, body }, row| {
            row.add(run).add(seq).add(body);
        })
        .await
}

/// Notes how runs stand, and answers how many of them are there.
pub(super) async fn update_runs(
    connection: &mut SqliteConnection,
    changes: &[RunChange],
) -> Result<u64, Error> {
    const SQL: &str = "UPDATE run SET status = v.status, lead = coalesce(run.lead, v.lead), \
        finished_at = v.finished_at, wake_at = v.wake_at, resume = v.resume, error_step = v.error_step, \
        error = v.error FROM (SELECT unhex(value->>0) AS id, value->>1 AS status, unhex(value->>2) AS lead, \
        value->>3 AS finished_at, value->>4 AS wake_at, value->>5 AS resume, value->>6 AS error_step, \
        value->>7 AS error FROM json_each(?1)) v WHERE run.id = v.id";
    let rows = Value::Array(changes.iter().map(change).collect::<Result<_, _>>()?);
    Ok(sqlx::query(SQL).bind(rows.to_string()).execute(connection).await?.rows_affected())
}

fn change(RunChange { run, state }: &RunChange) -> Result<Value, Error> {
    let (step, error) = match &state.error {
        Some((step, failure)) => (Some(step), Some(to_json(failure)?)),
        None => (None, None),
    };
    Ok(json!([
        hex(*run),
        state.status.as_str(),
        state.lead.map(hex),
        state.finished_at.map(micros),
        state.wake_at.map(micros),
        i64::from(state.resume),
        step,
        error,
    ]))
}

/// Adds to the tally of ended runs.
pub(super) async fn add_ended(connection: &mut SqliteConnection, ended: Vec<Ended>) -> Result<(), Error> {
    TALLY
        .run(connection, ended, |Ended { workflow, hour, completed, failed, cancelled }, row| {
            row.add(workflow).add(hour).add(completed).add(failed).add(cancelled);
        })
        .await
}

static LEADS: LazyLock<Insert> = LazyLock::new(|| {
    const COLUMNS: &[&str] = &[
        "id",
        "workspace",
        "stage",
        "owner",
        "account",
        "score",
        "created_at",
        "updated_at",
        "look_again_at",
        "search",
        "record",
    ];
    const REPLACE: &str = "ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, owner = excluded.owner, \
        account = excluded.account, score = excluded.score, updated_at = excluded.updated_at, \
        look_again_at = excluded.look_again_at, search = excluded.search, record = excluded.record";
    Insert::new("lead", COLUMNS, REPLACE)
});
static KEYS: LazyLock<Insert> =
    LazyLock::new(|| Insert::new("lead_key", &["workspace", "kind", "value", "lead"], ""));
static ACTIVITIES: LazyLock<Insert> = LazyLock::new(|| {
    const COLUMNS: &[&str] = &[
        "lead",
        "at",
        "kind",
        "title",
        "why",
        "old_value",
        "new_value",
        "run",
        "step",
        "by_id",
        "by_name",
        "touch",
        "channel",
        "detail",
    ];
    Insert::new("activity", COLUMNS, "")
});
static LISTS: LazyLock<Insert> =
    LazyLock::new(|| Insert::new("list", &["id", "workspace", "name", "created_at"], ""));
static LIST_MEMBERS: LazyLock<Insert> =
    LazyLock::new(|| Insert::new("list_member", &["list", "lead", "added_at"], "ON CONFLICT DO NOTHING"));

static STAYS: LazyLock<Insert> = LazyLock::new(|| {
    const COLUMNS: &[&str] =
        &["workspace", "lead", "stage", "entered_at", "left_at", "next", "recycled", "reason"];
    Insert::new("stage_stay", COLUMNS, "")
});
static SEGMENT_MEMBERS: LazyLock<Insert> = LazyLock::new(|| {
    const COLUMNS: &[&str] = &["workspace", "segment", "lead", "entered_at"];
    Insert::new("segment_member", COLUMNS, "ON CONFLICT DO NOTHING")
});

/// Writes what a batch changed about the leads of one workspace at `at`.
pub(super) async fn leads(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    changes: Changes,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    // What is about merges is written already.
    let named = renamed(workspace, &changes);
    lead_words::add_words_in_sqlite(connection, &named).await?;
    let Changes {
        leads,
        mut keys,
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
    // In the order in which they lie on disk: neighbours share a page.
    keys.sort_unstable_by(|(a, _), (b, _)| (a.kind.as_str(), &a.value).cmp(&(b.kind.as_str(), &b.value)));
    customers::write(connection, workspace, &accounts).await?;
    account_timeline::write(connection, workspace, &account_activities).await?;
    customers::unsettle(connection, workspace, &unsettled_accounts, at).await?;
    customers::write_matches(connection, workspace, &account_matches).await?;
    ClockTable::write_clocks(&mut *connection, workspace, &clocks).await?;
    if !left_lists.is_empty() {
        const SQL: &str = "DELETE FROM list_member WHERE (list, lead) IN \
            (SELECT unhex(value->>0), unhex(value->>1) FROM json_each(?1))";
        let left = left_lists.iter().map(|(list, lead)| json!([hex(*list), hex(*lead)])).collect();
        sqlx::query(SQL).bind(Value::Array(left).to_string()).execute(&mut *connection).await?;
    }
    let (entered, left) = last_moves(segment_moves);
    if !left.is_empty() {
        const SQL: &str = "DELETE FROM segment_member WHERE (workspace, segment, lead) IN \
            (SELECT ?2, value->>0, unhex(value->>1) FROM json_each(?1))";
        let left = left.iter().map(|moved| json!([moved.segment, hex(moved.lead_id)])).collect();
        sqlx::query(SQL)
            .bind(Value::Array(left).to_string())
            .bind(workspace.0)
            .execute(&mut *connection)
            .await?;
    }
    let leads = LEADS.pieces(leads, |lead, row| {
        row.add(lead.id).add(workspace.0).add(lead.stage.as_str()).add(lead.owner_id);
        row.add(lead.account_id).add(lead.score);
        row.add(micros(lead.created_at)).add(micros(lead.updated_at));
        row.add(lead.look_again_at.map(micros)).add(search_text(&lead)).add_json(&lead);
    });
    let keys = KEYS.pieces(keys, |(key, lead), row| {
        row.add(workspace.0).add(key.kind.as_str()).add(key.value).add(lead);
    });
    let activities = ACTIVITIES.pieces(activities, |entry, row| {
        row.add(entry.lead_id).add(micros(entry.at)).add(entry.kind.as_str()).add(entry.title).add(entry.why);
        row.add(text(&entry.old)).add(text(&entry.new)).add(entry.run_id).add(entry.step);
        let (by_id, by_name) = entry.by.map(|by| (by.id, by.name)).unzip();
        let touch = entry.touch.map(|touch| (touch.kind, touch.channel));
        let (touch, channel) = touch.map_or((None, None), |(kind, channel)| (Some(kind), channel));
        row.add(by_id).add(by_name).add(touch).add(channel).add(text(&entry.detail));
    });
    let lists = LISTS.pieces(lists, |list, row| {
        row.add(list.id).add(workspace.0).add(list.name).add(micros(at));
    });
    let members = LIST_MEMBERS.pieces(list_members, |member, row| {
        row.add(member.list_id).add(member.lead_id).add(micros(member.added_at));
    });
    let stays = STAYS.pieces(stays, |stay, row| {
        row.add(workspace.0).add(stay.lead_id).add(stay.stage).add(micros(stay.entered_at));
        row.add(micros(stay.left_at)).add(stay.next).add(stay.is_recycled).add(stay.reason);
    });
    let entered = SEGMENT_MEMBERS.pieces(entered, |moved, row| {
        row.add(workspace.0).add(moved.segment).add(moved.lead_id).add(micros(moved.at));
    });
    let all = leads.chain(keys).chain(activities).chain(lists).chain(members).chain(stays).chain(entered);
    carry_out(connection, all).await?;
    if !imports.is_empty() {
        super::imports::stretches(connection, imports).await?;
    }
    if !gone.is_empty() {
        super::imports::remove(connection, workspace, gone).await?;
    }
    let counters: Vec<Value> = pool_counters.iter().map(counter).collect::<Result<_, _>>()?;
    if !counters.is_empty() {
        const SQL: &str = "UPDATE pool_member SET credit = v.credit, assigned = v.assigned, last_turn = v.last_turn, \
            tallies = v.tallies FROM \
            (SELECT unhex(value->>0) AS pool, unhex(value->>1) AS owner, value->>2 AS credit, value->>3 AS assigned, \
            value->>4 AS last_turn, value->>5 AS tallies FROM json_each(?1)) v WHERE pool_member.pool = v.pool AND pool_member.owner = v.owner";
        sqlx::query(SQL).bind(Value::Array(counters).to_string()).execute(connection).await?;
    }
    Ok(())
}

/// Counters of a member as the update above reads them.
fn counter(counter: &Counter) -> Result<Value, Error> {
    let Counter { pool_id, owner_id, credit, assigned, last_turn, tallies } = counter;
    Ok(json!([hex(*pool_id), hex(*owner_id), credit, assigned, last_turn, to_json(tallies)?]))
}

/// A value of a timeline as its column holds it.
fn text(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.to_string())
}
