//! What imports did, in the transaction of the leads they changed.

use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::shared::imports::{packed, signed};
use crate::sqlite::bulk::Insert;
use crate::sqlite::codec::{hex, micros};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sqlx::Row;
use sqlx::sqlite::SqliteConnection;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;
use trunkline_leads::Key;
use trunkline_leads::importing::Stretch;
use uuid::Uuid;

static STRETCHES: LazyLock<Insert> = LazyLock::new(|| {
    const COLUMNS: &[&str] =
        &["import", "first", "created", "updated", "unchanged", "duplicate", "skipped", "failed", "body"];
    Insert::new("import_stretch", COLUMNS, "")
});
static LEADS: LazyLock<Insert> = LazyLock::new(|| {
    const LATEST: &str = "ON CONFLICT (import, lead) DO UPDATE SET at = excluded.at";
    Insert::new("import_lead", &["import", "lead", "at"], LATEST)
});

/// Writes what became of stretches of rows.
pub(super) async fn stretches(
    connection: &mut SqliteConnection,
    stretches: Vec<Stretch>,
) -> Result<(), Error> {
    let mut rows = Vec::with_capacity(stretches.len());
    let mut leads = Vec::new();
    for stretch in stretches {
        let body = packed(&stretch)?;
        leads.extend(stretch.leads().map(|lead| (stretch.import, lead, micros(stretch.at))));
        rows.push((stretch, body));
    }
    STRETCHES
        .run(connection, rows, |(stretch, body), row| {
            let counts = stretch.counts;
            row.add(stretch.import).add(signed(stretch.first));
            row.add(signed(counts.created)).add(signed(counts.updated)).add(signed(counts.unchanged));
            row.add(signed(counts.duplicate))
                .add(signed(counts.skipped))
                .add(signed(counts.failed))
                .add(body);
        })
        .await?;
    LEADS
        .run(connection, leads, |(import, lead, at), row| {
            row.add(import).add(lead).add(at);
        })
        .await
}

/// When rows of an import were last about a lead, of those pairs that are known.
pub(super) async fn imported(
    connection: &mut SqliteConnection,
    asked: &HashSet<(Uuid, Uuid)>,
) -> Result<HashMap<(Uuid, Uuid), DateTime<Utc>>, Error> {
    const SQL: &str = "SELECT i.import, i.lead, i.at FROM json_each(?1) j \
        CROSS JOIN import_lead i ON i.import = unhex(j.value->>0) AND i.lead = unhex(j.value->>1)";
    let pairs: Vec<_> = asked.iter().map(|(import, lead)| (hex(*import), hex(*lead))).collect();
    let rows = sqlx::query(SQL).bind(json!(pairs).to_string()).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let pair = (row.try_get("import")?, row.try_get("lead")?);
            Ok((pair, crate::columns::moment(row.try_get("at")?)?))
        })
        .collect()
}

/// Takes leads away, with everything about them.
pub(super) async fn remove(
    connection: &mut SqliteConnection,
    workspace: WorkspaceId,
    gone: Vec<(Uuid, Vec<Key>)>,
) -> Result<(), Error> {
    let keys: Vec<Value> = gone
        .iter()
        .flat_map(|(lead, keys)| keys.iter().map(|key| json!([key.kind.as_str(), key.value, hex(*lead)])))
        .collect();
    let sql = "DELETE FROM lead_key WHERE (workspace, kind, value) IN \
        (SELECT ?1, value->>0, value->>1 FROM json_each(?2)) AND lead IN (SELECT unhex(value->>2) FROM json_each(?2))";
    sqlx::query(sql).bind(workspace.0).bind(Value::Array(keys).to_string()).execute(&mut *connection).await?;
    let ids = Value::Array(gone.iter().map(|(lead, _)| hex(*lead).into()).collect()).to_string();
    for sql in [
        "DELETE FROM activity WHERE lead IN (SELECT unhex(value) FROM json_each(?1))",
        "DELETE FROM list_member WHERE lead IN (SELECT unhex(value) FROM json_each(?1))",
        "DELETE FROM enrichment_provenance WHERE lead IN (SELECT unhex(value) FROM json_each(?1))",
        "DELETE FROM segment_member WHERE lead IN (SELECT unhex(value) FROM json_each(?1))",
        "DELETE FROM stage_stay WHERE lead IN (SELECT unhex(value) FROM json_each(?1))",
        "DELETE FROM account_match WHERE lead IN (SELECT unhex(value) FROM json_each(?1))",
        "DELETE FROM sla_clock WHERE lead IN (SELECT unhex(value) FROM json_each(?1))",
        "DELETE FROM lead WHERE id IN (SELECT unhex(value) FROM json_each(?1))",
    ] {
        sqlx::query(sql).bind(ids.as_str()).execute(&mut *connection).await?;
    }
    Ok(())
}
