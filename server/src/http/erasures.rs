//! `/leads/{id}/erase` and `/erasures`: erasing one person's data, with a proof that names nobody.

use super::body::Path;
use super::problem::{self, Result};
use crate::app::Shared;
use crate::auth::Caller;
use axum::extract::State;
use chrono::{DateTime, SubsecRound, Utc};
use rand::RngCore;
use serde::Serialize;
use std::io::{BufRead, BufReader};
use trunkline_store::ports::{Erase, Role};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// Most erasures in a list, and uploaded files looked up at a time.
const MOST: u32 = 500;

/// The routes of this resource.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(erase)).routes(routes!(list))
}

/// That a lead was erased.
#[derive(Debug, Serialize, ToSchema)]
pub struct Erasure {
    /// Id.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who asked for it.
    pub by: Option<String>,
    /// What went.
    pub counts: Vec<ErasedRows>,
    /// `salt:digest` in hex: SHA-256 of the salt's bytes followed by the e-mail address in lower case.
    pub proof: String,
}

/// How many rows of a table went.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasedRows {
    /// What they were. `run_thinned` counts runs that were about others too and keep the rest; `left_in_files` how often
    /// the address or id can still be read from the files of the database, where 0 is the aim.
    pub table: String,
    /// How many.
    pub rows: u64,
}

/// What was erased.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasureList {
    /// The newest first.
    pub items: Vec<Erasure>,
}

impl From<trunkline_store::ports::Erasure> for Erasure {
    fn from(erasure: trunkline_store::ports::Erasure) -> Self {
        let counts = erasure.counts.into_iter().map(|(table, rows)| ErasedRows { table, rows }).collect();
        Self { id: erasure.id, at: erasure.at, by: erasure.by, counts, proof: erasure.proof }
    }
}

/// Erase a lead
///
/// Erases everything that is known of a lead: its record, timeline, lists, the runs about it, and uploaded files that hold
/// its e-mail address.
#[utoipa::path(post, path = "/leads/{id}/erase", tag = "leads", operation_id = "eraseLead",
    params(("id" = Uuid, Path)), responses((status = 200, body = Erasure)))]
async fn erase(
    State(app): State<Shared>,
    caller: Caller,
    Path(lead): Path<Uuid>,
) -> Result<axum::Json<Erasure>> {
    only_admins(&app, &caller).await?;
    let known = app.store.leads.get(caller.workspace, lead).await?;
    let known = known.ok_or_else(|| problem::NOT_FOUND.because("there is no such lead"))?;
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    let at = Utc::now().trunc_subsecs(6);
    let request = Erase { id: Uuid::now_v7(), lead, by: Some(caller.name.clone()), at, salt };
    let erased = app.store.erasures.erase(caller.workspace, request).await.map_err(|error| match error {
        trunkline_store::Error::Conflict(_) => problem::LEAD_UNDER_WAY.plain(),
        other => other.into(),
    })?;
    let mut erasure = Erasure::from(erased);
    let files = erase_files(&app, &caller, known.lead.email).await?;
    erasure.counts.push(ErasedRows { table: "file".into(), rows: files });
    Ok(axum::Json(erasure))
}

/// List erasures
#[utoipa::path(get, path = "/erasures", tag = "leads", operation_id = "listErasures",
    responses((status = 200, body = ErasureList)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<ErasureList>> {
    let erasures = app.store.erasures.list(caller.workspace, MOST).await?;
    Ok(axum::Json(ErasureList { items: erasures.into_iter().map(Erasure::from).collect() }))
}

/// Refuses people who do not administer the workspace. Tokens act for who made them.
pub(super) async fn only_admins(app: &Shared, caller: &Caller) -> Result<()> {
    // The machine's own token is in the hands of whoever holds the data folder.
    let Some(user) = caller.user else { return Ok(()) };
    match app.store.accounts.user(user).await? {
        Some(user) if matches!(user.role, Role::Owner | Role::Admin) => Ok(()),
        _ => Err(problem::ADMINS_ONLY.plain()),
    }
}

/// Removes uploaded files that hold `email`, and answers how many.
async fn erase_files(app: &Shared, caller: &Caller, email: Option<String>) -> Result<u64> {
    let Some(email) = email else { return Ok(0) };
    let (mut count, mut before) = (0, None);
    loop {
        let files = app.store.files.list(caller.workspace, before, MOST).await?;
        let Some(last) = files.last() else { return Ok(count) };
        before = Some(last.id);
        for file in files {
            let (path, email) = (super::files::path_of(app, &file.sha256), email.to_lowercase());
            let searched = tokio::task::spawn_blocking(move || holds(&path, &email)).await;
            if searched.map_err(|_| problem::INTERNAL.plain())? {
                super::files::forget(app, caller, file.id).await?;
                count += 1;
            }
        }
    }
}

/// Whether a line of a file holds `email`; a file that cannot be read holds nothing that could be.
fn holds(path: &std::path::Path, email: &str) -> bool {
    let Ok(file) = std::fs::File::open(path) else { return false };
    let mut lines = BufReader::new(file);
    let mut line = Vec::new();
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => return false,
            Ok(_) if String::from_utf8_lossy(&line).to_lowercase().contains(email) => return true,
            Ok(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_searched_in_whatever_case() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("leads.csv");
        std::fs::write(&path, "email,name\nBen@example.com,Ben\nAda@Example.com,Ada\n").unwrap();
        assert!(holds(&path, "ada@example.com"));
        assert!(!holds(&path, "greta@example.com"));
        assert!(!holds(&folder.path().join("none"), "ada@example.com"));
    }
}
