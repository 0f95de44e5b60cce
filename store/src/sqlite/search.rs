//! What the search box of the run list understands, answered from indexes alone.

use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::records::search::{Found, ids_starting, keys_of};
use sqlx::sqlite::SqlitePool;
use uuid::Uuid;

/// Finds what `text` may stand for.
pub(super) async fn find(readers: &SqlitePool, workspace: WorkspaceId, text: &str) -> Result<Found, Error> {
    let keys = keys_of(text);
    let pairs: Vec<_> = keys.iter().map(|key| (key.kind.as_str(), key.value.as_str())).collect();
    let sql = "SELECT DISTINCT k.lead FROM json_each(?1) j CROSS JOIN lead_key k \
        ON k.workspace = ?2 AND k.kind = j.value->>0 AND k.value = j.value->>1";
    let mut leads: Vec<Uuid> = sqlx::query_scalar(sql)
        .bind(serde_json::json!(pairs).to_string())
        .bind(workspace.0)
        .fetch_all(readers)
        .await?;
    leads.extend(Uuid::try_parse(text).ok());
    Ok(Found { runs: ids_starting(text), leads })
}
