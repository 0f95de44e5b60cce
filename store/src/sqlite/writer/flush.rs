//! Writing what a batch changed, in sets: runs and their journals, then leads.

use super::journal::Press;
use super::pending::Pending;
use crate::error::Error;
use crate::ports::{RunState, RunStatus, WorkspaceId};
use crate::sqlite::bulk::Insert;
use crate::sqlite::codec::{hex, micros, to_json};
use serde_json::{Value, json};
use sqlx::sqlite::SqliteConnection;
use std::collections::BTreeMap;
use std::sync::LazyLock;
use trunkline_leads::{Changes, Lead};
use uuid::Uuid;

const MICROS_PER_HOUR: i64 = 3_600_000_000;

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

/// Writes the runs of a batch, their journals, and how many ended how.
pub(super) async fn runs(
    connection: &mut SqliteConnection,
    turns: &mut [Pending],
    press: &mut Press,
) -> Result<(), Error> {
    let (mut new, mut later, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    let mut ended: BTreeMap<(Uuid, i64), [i64; 3]> = BTreeMap::new();
    for turn in turns.iter_mut().filter(|turn| turn.is_moving()) {
        let state = turn.state();
        if let Some(at) = state.finished_at {
            let tally =
                ended.entry((turn.header.workflow, micros(at).div_euclid(MICROS_PER_HOUR))).or_default();
            tally[match state.status {
                RunStatus::Failed => 1,
                RunStatus::Cancelled => 2,
                _ => 0,
            }] += 1;
        }
        if turn.is_new() {
            let body = turn.draft.take(press);
            new.push((&*turn, state, body));
        } else {
            changed.push(change(turn.header.id, &state)?);
            if !turn.draft.is_empty() {
                later.push((turn.header.id, turn.header.next_seq, turn.draft.take(press)));
            }
        }
    }
    let fenced = |error| if is_taken(&error) { Error::Fenced } else { error };
    insert_new(connection, new).await.map_err(fenced)?;
    let bind = |(run, seq, body), row: &mut crate::sqlite::bulk::Values| {
        let (run, seq, body): (Uuid, i64, Vec<u8>) = (run, seq, body);
        row.add(run).add(seq).add(body);
    };
    JOURNAL.run(connection, later, bind).await.map_err(fenced)?;
    update(connection, changed).await?;
    let ended = ended.into_iter().collect();
    TALLY
        .run(connection, ended, |((workflow, hour), [completed, failed, cancelled]), row| {
            row.add(workflow).add(hour).add(completed).add(failed).add(cancelled);
        })
        .await
}

fn is_taken(error: &Error) -> bool {
    matches!(error, Error::Conflict(_))
}

async fn insert_new(
    connection: &mut SqliteConnection,
    runs: Vec<(&Pending, RunState, Vec<u8>)>,
) -> Result<(), Error> {
    let mut rows = Vec::with_capacity(runs.len());
    for (turn, state, body) in runs {
        let error = state.error.as_ref().map(|(_, failure)| to_json(failure)).transpose()?;
        rows.push((turn, state, error, body));
    }
    NEW_RUNS
        .run(connection, rows, |(turn, state, error, body), row| {
            let header = &turn.header;
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
                .add(body);
        })
        .await
}

/// What changes in the row of a run that is there already.
fn change(run: Uuid, state: &RunState) -> Result<Value, Error> {
    let (step, error) = match &state.error {
        Some((step, failure)) => (Some(step), Some(to_json(failure)?)),
        None => (None, None),
    };
    Ok(json!([
        hex(run),
        state.status.as_str(),
        state.lead.map(hex),
        state.finished_at.map(micros),
        state.wake_at.map(micros),
        i64::from(state.resume),
        step,
        error,
    ]))
}

async fn update(connection: &mut SqliteConnection, changed: Vec<Value>) -> Result<(), Error> {
    const SQL: &str = "UPDATE run SET status = v.status, lead = coalesce(run.lead, v.lead), \
        finished_at = v.finished_at, wake_at = v.wake_at, resume = v.resume, error_step = v.error_step, \
        error = v.error FROM (SELECT unhex(value->>0) AS id, value->>1 AS status, unhex(value->>2) AS lead, \
        value->>3 AS finished_at, value->>4 AS wake_at, value->>5 AS resume, value->>6 AS error_step, \
        value->>7 AS error FROM json_each(?1)) v WHERE run.id = v.id";
    if changed.is_empty() {
        return Ok(());
    }
    let expected = changed.len();
    let done = sqlx::query(SQL).bind(Value::Array(changed).to_string()).execute(connection).await?;
    // A run that was swept away cannot go on; the batch is taken apart and its turn refused.
    if usize::try_from(done.rows_affected()) == Ok(expected) {
        Ok(())
    } else {
        Err(Error::NotFound("the run"))
    }
}

static LEADS: LazyLock<Insert> = LazyLock::new(|| {
    const COLUMNS: &[&str] =
        &["id", "workspace", "stage", "owner", "created_at", "updated_at", "search", "record"];
    const REPLACE: &str = "ON CONFLICT (id) DO UPDATE SET stage = excluded.stage, owner = excluded.owner, \
        updated_at = excluded.updated_at, search = excluded.search, record = excluded.record";
    Insert::new("lead", COLUMNS, REPLACE)
});
static KEYS: LazyLock<Insert> =
    LazyLock::new(|| Insert::new("lead_key", &["workspace", "kind", "value", "lead"], ""));
static ACTIVITIES: LazyLock<Insert> = LazyLock::new(|| {
    const COLUMNS: &[&str] = &["lead", "at", "kind", "title", "why", "old_value", "new_value", "run", "step"];
    Insert::new("activity", COLUMNS, "")
});
static LISTS: LazyLock<Insert> =
    LazyLock::new(|| Insert::new("list", &["id", "workspace", "name", "created_at"], ""));
static LIST_MEMBERS: LazyLock<Insert> =
    LazyLock::new(|| Insert::new("list_member", &["list", "lead", "added_at"], "ON CONFLICT DO NOTHING"));

/// Writes what a batch changed about the leads of one workspace.
pub(super) async fn leads(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    changes: Changes,
) -> Result<(), Error> {
    let Changes { leads, keys, activities, pool_counters, lists, list_members } = changes;
    let mut rows = Vec::with_capacity(leads.len());
    for lead in leads {
        let record = to_json(&lead)?;
        rows.push((lead, record));
    }
    LEADS
        .run(connection, rows, |(lead, record), row| {
            let search = search_text(&lead);
            row.add(lead.id).add(workspace.0).add(lead.stage).add(lead.owner_id);
            row.add(micros(lead.created_at)).add(micros(lead.updated_at)).add(search).add(record);
        })
        .await?;
    KEYS.run(connection, keys, |(key, lead), row| {
        row.add(workspace.0).add(key.kind.as_str()).add(key.value).add(lead);
    })
    .await?;
    ACTIVITIES
        .run(connection, activities, |entry, row| {
            row.add(entry.lead_id)
                .add(micros(entry.at))
                .add(entry.kind.as_str())
                .add(entry.title)
                .add(entry.why);
            row.add(text(&entry.old)).add(text(&entry.new)).add(entry.run_id).add(entry.step);
        })
        .await?;
    LISTS
        .run(connection, lists, |list, row| {
            row.add(list.id).add(workspace.0).add(list.name).add(micros(chrono::Utc::now()));
        })
        .await?;
    LIST_MEMBERS
        .run(connection, list_members, |member, row| {
            row.add(member.list_id).add(member.lead_id).add(micros(member.added_at));
        })
        .await?;
    let counters: Vec<Value> = pool_counters
        .iter()
        .map(|counter| json!([hex(counter.pool_id), hex(counter.owner_id), counter.credit, counter.assigned]))
        .collect();
    if !counters.is_empty() {
        const SQL: &str = "UPDATE pool_member SET credit = v.credit, assigned = v.assigned FROM \
            (SELECT unhex(value->>0) AS pool, unhex(value->>1) AS owner, value->>2 AS credit, value->>3 AS assigned \
            FROM json_each(?1)) v WHERE pool_member.pool = v.pool AND pool_member.owner = v.owner";
        sqlx::query(SQL).bind(Value::Array(counters).to_string()).execute(connection).await?;
    }
    Ok(())
}

/// What the leads list searches in.
fn search_text(lead: &Lead) -> String {
    let mut text = lead.name();
    for part in [&lead.email, &lead.company, &lead.phone, &lead.external_id].into_iter().flatten() {
        text.push('\n');
        text.push_str(part);
    }
    text.to_lowercase()
}

/// A value of a timeline as its column holds it.
fn text(value: &Value) -> Option<String> {
    (!value.is_null()).then(|| value.to_string())
}
