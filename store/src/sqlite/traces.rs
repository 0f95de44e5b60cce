//! What leads did, as rules count it.

use super::codec::hex;
use crate::error::Error;
use crate::ports::KNOWN_TRACES;
use crate::shared::standing::trace;
use serde_json::json;
use sqlx::sqlite::SqliteConnection;
use std::collections::BTreeSet;
use trunkline_leads::criteria::Trace;
use uuid::Uuid;

/// Activities of `kinds` of these leads, of each kind the newest [`KNOWN_TRACES`] of a lead.
pub(crate) async fn traces(
    connection: &mut SqliteConnection,
    leads: &[Uuid],
    kinds: &BTreeSet<&'static str>,
) -> Result<Vec<(Uuid, Trace)>, Error> {
    const SQL: &str = "SELECT lead, kind, title, touch, at FROM (SELECT a.lead, a.kind, a.title, a.touch, a.at, \
        row_number() OVER (PARTITION BY a.lead, a.kind ORDER BY a.id DESC) AS place FROM json_each(?1) j \
        CROSS JOIN activity a ON a.lead = unhex(j.value) \
        WHERE a.kind IN (SELECT value FROM json_each(?2))) WHERE place <= ?3";
    if leads.is_empty() || kinds.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = leads.iter().copied().map(hex).collect();
    let query = sqlx::query(SQL).bind(json!(ids).to_string()).bind(json!(kinds).to_string());
    let rows = query.bind(KNOWN_TRACES).fetch_all(connection).await?;
    rows.iter().map(trace).collect()
}
