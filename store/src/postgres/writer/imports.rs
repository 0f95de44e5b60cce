//! What imports did, in the transaction of the leads they changed.

use crate::columns::{Columns, micros};
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::shared::imports::{packed, signed};
use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnection;
use std::collections::{HashMap, HashSet};
use trunkline_leads::Key;
use trunkline_leads::importing::Stretch;
use uuid::Uuid;

/// Writes what became of stretches of rows.
pub(super) async fn stretches(connection: &mut PgConnection, stretches: &[Stretch]) -> Result<(), Error> {
    let sql = "INSERT INTO import_stretch (import, first, created, updated, unchanged, duplicate, skipped, failed, body) \
        SELECT * FROM UNNEST($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], \
        $8::bigint[], $9::bytea[])";
    let count =
        |of: fn(&Stretch) -> u64| stretches.iter().map(|stretch| signed(of(stretch))).collect::<Vec<_>>();
    sqlx::query(sql)
        .bind(stretches.iter().map(|stretch| stretch.import).collect::<Vec<_>>())
        .bind(count(|stretch| stretch.first))
        .bind(count(|stretch| stretch.counts.created))
        .bind(count(|stretch| stretch.counts.updated))
        .bind(count(|stretch| stretch.counts.unchanged))
        .bind(count(|stretch| stretch.counts.duplicate))
        .bind(count(|stretch| stretch.counts.skipped))
        .bind(count(|stretch| stretch.counts.failed))
        .bind(stretches.iter().map(packed).collect::<Result<Vec<_>, _>>()?)
        .execute(&mut *connection)
        .await?;
    // A later stretch counts; one statement may not touch a row twice.
    let mut last: HashMap<(Uuid, Uuid), i64> = HashMap::new();
    for stretch in stretches {
        last.extend(stretch.leads().map(|lead| ((stretch.import, lead), micros(stretch.at))));
    }
    let sql = "INSERT INTO import_lead (import, lead, at) SELECT * FROM UNNEST($1::uuid[], $2::uuid[], $3::bigint[]) \
        ON CONFLICT (import, lead) DO UPDATE SET at = excluded.at";
    sqlx::query(sql)
        .bind(last.keys().map(|(import, _)| *import).collect::<Vec<_>>())
        .bind(last.keys().map(|(_, lead)| *lead).collect::<Vec<_>>())
        .bind(last.values().copied().collect::<Vec<_>>())
        .execute(connection)
        .await?;
    Ok(())
}

/// When rows of an import were last about a lead, of those pairs that are known.
pub(super) async fn imported(
    connection: &mut PgConnection,
    asked: &HashSet<(Uuid, Uuid)>,
) -> Result<HashMap<(Uuid, Uuid), DateTime<Utc>>, Error> {
    let sql = "SELECT i.import, i.lead, i.at FROM UNNEST($1::uuid[], $2::uuid[]) AS j (import, lead) \
        CROSS JOIN LATERAL (SELECT import, lead, at FROM import_lead WHERE import = j.import AND lead = j.lead LIMIT 1) i";
    let (imports, leads): (Vec<Uuid>, Vec<Uuid>) = asked.iter().copied().unzip();
    let rows = sqlx::query(sql).bind(imports).bind(leads).fetch_all(connection).await?;
    rows.iter().map(|row| Ok(((row.id("import")?, row.id("lead")?), row.moment("at")?))).collect()
}

/// Takes leads away, with everything about them.
pub(super) async fn remove(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    gone: &[(Uuid, Vec<Key>)],
) -> Result<(), Error> {
    let keys: Vec<(&Key, Uuid)> =
        gone.iter().flat_map(|(lead, keys)| keys.iter().map(|key| (key, *lead))).collect();
    let sql = "DELETE FROM lead_key USING UNNEST($2::text[], $3::text[], $4::uuid[]) AS v (kind, value, lead) \
        WHERE lead_key.workspace = $1 AND lead_key.kind = v.kind AND lead_key.value = v.value AND lead_key.lead = v.lead";
    sqlx::query(sql)
        .bind(workspace.0)
        .bind(keys.iter().map(|(key, _)| key.kind.as_str()).collect::<Vec<_>>())
        .bind(keys.iter().map(|(key, _)| key.value.as_str()).collect::<Vec<_>>())
        .bind(keys.iter().map(|(_, lead)| *lead).collect::<Vec<_>>())
        .execute(&mut *connection)
        .await?;
    let ids: Vec<Uuid> = gone.iter().map(|(lead, _)| *lead).collect();
    for sql in [
        "DELETE FROM activity WHERE lead = ANY($1)",
        "DELETE FROM list_member WHERE lead = ANY($1)",
        "DELETE FROM enrichment_provenance WHERE lead = ANY($1)",
        "DELETE FROM segment_member WHERE lead = ANY($1)",
        "DELETE FROM stage_stay WHERE lead = ANY($1)",
        "DELETE FROM account_match WHERE lead = ANY($1)",
        "DELETE FROM sla_clock WHERE lead = ANY($1)",
        "DELETE FROM lead WHERE id = ANY($1)",
    ] {
        sqlx::query(sql).bind(&ids).execute(&mut *connection).await?;
    }
    Ok(())
}
