//! What leads did, as rules count it.

use crate::error::Error;
use crate::ports::KNOWN_TRACES;
use crate::shared::standing::trace;
use sqlx::postgres::PgConnection;
use std::collections::BTreeSet;
use trunkline_leads::criteria::Trace;
use uuid::Uuid;

/// Activities of `kinds` of these leads, of each kind the newest [`KNOWN_TRACES`] of a lead.
pub(crate) async fn traces(
    connection: &mut PgConnection,
    leads: &[Uuid],
    kinds: &BTreeSet<&'static str>,
) -> Result<Vec<(Uuid, Trace)>, Error> {
    let sql = "SELECT lead, kind, title, touch, at FROM (SELECT a.lead, a.kind, a.title, a.touch, a.at, \
        row_number() OVER (PARTITION BY a.lead, a.kind ORDER BY a.id DESC) AS place FROM UNNEST($1::uuid[]) j (lead) \
        CROSS JOIN LATERAL (SELECT * FROM activity WHERE lead = j.lead AND kind = ANY($2)) a) v WHERE place <= $3";
    if leads.is_empty() || kinds.is_empty() {
        return Ok(Vec::new());
    }
    let kinds: Vec<&str> = kinds.iter().copied().collect();
    let rows = sqlx::query(sql).bind(leads).bind(kinds).bind(KNOWN_TRACES).fetch_all(connection).await?;
    rows.iter().map(trace).collect()
}
