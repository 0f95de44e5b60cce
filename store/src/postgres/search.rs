//! What the search box of the run list understands, answered from indexes alone.

use super::plain;
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::records::search::{Found, ids_starting, keys_of};
use sqlx::postgres::PgPool;
use std::borrow::Cow;
use uuid::Uuid;

/// Finds what `text` may stand for.
pub(super) async fn find(readers: &PgPool, workspace: WorkspaceId, text: &str) -> Result<Found, Error> {
    let keys = keys_of(text);
    let (kinds, values): (Vec<&str>, Vec<Cow<'_, str>>) =
        keys.iter().map(|key| (key.kind.as_str(), plain(&key.value))).unzip();
    let sql = "SELECT DISTINCT k.lead FROM UNNEST($1::text[], $2::text[]) AS j (kind, value) \
        JOIN lead_key k ON k.workspace = $3 AND k.kind = j.kind AND k.value = j.value";
    let mut leads: Vec<Uuid> =
        sqlx::query_scalar(sql).bind(kinds).bind(values).bind(workspace.0).fetch_all(readers).await?;
    leads.extend(Uuid::try_parse(text).ok());
    Ok(Found { runs: ids_starting(text), leads })
}
