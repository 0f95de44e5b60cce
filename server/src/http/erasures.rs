//! `/leads/{id}/erase` and `/erasures`: erasing one person's data, with a proof that names nobody.

use super::body::Path;
use super::files::{disk, path_of};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::Caller;
use crate::erasing::{self, Addresses};
use crate::imports::{self, rows_of};
use axum::extract::State;
use chrono::{DateTime, SubsecRound, Utc};
use rand::RngCore;
use serde::Serialize;
use std::sync::Arc;
use trunkline_store::WorkspaceId;
use trunkline_store::ports::{Erase, ImportStatus, Role};
use utoipa::ToSchema;
use uuid::Uuid;

/// Most erasures in a list, and uploaded files looked up at a time.
const MOST: u32 = 500;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(erase)).routes(routes!(list))
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
    /// What they were. `run_thinned` counts runs that were about others too and keep the rest; names that end in
    /// `_quoting` rows about something else from which only the address went; `left_in_workflows` workflows that name it
    /// in a document; `left_in_files` how often the address or id can still be read from the files of the database, where
    /// 0 is the aim.
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
/// Erases everything that is known of a lead: its record, timeline, lists, the runs about it, rows of data tables that name
/// it, its rows in imports, and uploaded files that hold its e-mail address.
#[utoipa::path(post, path = "/leads/{id}/erase", tag = "leads", operation_id = "eraseLead",
    params(("id" = Uuid, Path)), responses((status = 200, body = Erasure)))]
async fn erase(
    State(app): State<Shared>,
    caller: Caller,
    Path(lead): Path<Uuid>,
) -> Result<axum::Json<Erasure>> {
    only_admins(&app, &caller).await?;
    erase_lead(&app, caller.workspace, &caller.name, lead).await.map(axum::Json)
}

/// Erases one lead with everything that is known of it.
async fn erase_lead(app: &Shared, workspace: WorkspaceId, by: &str, lead: Uuid) -> Result<Erasure> {
    let addresses = Arc::new(Addresses::new(&addresses(app, workspace, lead).await?));
    if is_being_imported(app, workspace, &addresses).await? {
        return Err(problem::LEAD_UNDER_WAY.plain());
    }
    let mut erasure = erase_in_store(app, workspace, by, lead).await?;
    let files = erase_files(app, workspace, &addresses).await?;
    let rows = erase_rows(app, workspace, &addresses).await?;
    erasure.counts.push(ErasedRows { table: "file".into(), rows: files });
    erasure.counts.push(ErasedRows { table: "prepared_row".into(), rows });
    Ok(erasure)
}

/// Erases leads with everything that is known of them, and answers what came of each. Every file is looked at once for all
/// of them, and before anything else: whoever is killed in between begins with the files again.
///
/// # Errors
/// When the store or the disk does not answer; what was erased until then is.
pub(crate) async fn erase_leads(
    app: &Shared,
    workspace: WorkspaceId,
    by: &str,
    leads: &[Uuid],
) -> Result<Vec<Result<()>>> {
    let mut known = Vec::with_capacity(leads.len());
    for lead in leads {
        known.push(addresses(app, workspace, *lead).await);
    }
    let all = |known: &[Result<Vec<String>>]| -> Arc<Addresses> {
        let addresses = known.iter().flatten().flatten().cloned().collect::<Vec<_>>();
        Arc::new(Addresses::new(&addresses))
    };
    if is_being_imported(app, workspace, &all(&known)).await? {
        // Hardly ever; then each is asked for, so that the others go.
        for of_lead in &mut known {
            let Ok(addresses) = of_lead else { continue };
            if is_being_imported(app, workspace, &Arc::new(Addresses::new(addresses))).await? {
                *of_lead = Err(problem::LEAD_UNDER_WAY.plain());
            }
        }
    }
    let addresses = all(&known);
    erase_files(app, workspace, &addresses).await?;
    erase_rows(app, workspace, &addresses).await?;
    let mut erased = Vec::with_capacity(leads.len());
    for (lead, of_lead) in leads.iter().zip(known) {
        erased.push(match of_lead {
            Ok(_) => erase_in_store(app, workspace, by, *lead).await.map(drop),
            Err(error) => Err(error),
        });
    }
    Ok(erased)
}

async fn addresses(app: &Shared, workspace: WorkspaceId, lead: Uuid) -> Result<Vec<String>> {
    app.store.erasures.addresses(workspace, lead).await.map_err(|error| match error {
        trunkline_store::Error::NotFound(_) => problem::NOT_FOUND.because("there is no such lead"),
        other => other.into(),
    })
}

async fn erase_in_store(app: &Shared, workspace: WorkspaceId, by: &str, lead: Uuid) -> Result<Erasure> {
    let mut salt = [0; 16];
    rand::rng().fill_bytes(&mut salt);
    let at = Utc::now().trunc_subsecs(6);
    let request = Erase { id: Uuid::now_v7(), lead, by: Some(by.to_owned()), at, salt };
    let erased = app.store.erasures.erase(workspace, request).await.map_err(|error| match error {
        trunkline_store::Error::Conflict(_) => problem::LEAD_UNDER_WAY.plain(),
        trunkline_store::Error::NotFound(_) => problem::NOT_FOUND.because("there is no such lead"),
        other => other.into(),
    })?;
    Ok(erased.into())
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

/// Whether rows of an import that is under way hold one of `addresses`: it would bring them back.
async fn is_being_imported(app: &Shared, workspace: WorkspaceId, addresses: &Arc<Addresses>) -> Result<bool> {
    if addresses.is_empty() {
        return Ok(false);
    }
    for import in app.store.imports.list(workspace, MOST).await? {
        let is_moving = match import.status {
            ImportStatus::Reading | ImportStatus::Previewing | ImportStatus::Undoing => true,
            ImportStatus::Running => match import.run {
                Some(run) => {
                    let history = app.store.runs.history(workspace, run).await?;
                    history.is_some_and(|history| history.row.state.finished_at.is_none())
                }
                None => true,
            },
            _ => false,
        };
        if !is_moving {
            continue;
        }
        let mut paths = vec![rows_of(&app.config.data, import.id)];
        if let Some(file) = app.store.files.get(workspace, import.file).await? {
            paths.push(path_of(app, &file.sha256));
        }
        let addresses = Arc::clone(addresses);
        let search = move || paths.iter().any(|path| erasing::holds(path, &addresses));
        if blocking(search).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Removes uploaded files that hold one of `addresses`, and answers how many.
async fn erase_files(app: &Shared, workspace: WorkspaceId, addresses: &Arc<Addresses>) -> Result<u64> {
    if addresses.is_empty() {
        return Ok(0);
    }
    let (mut count, mut before) = (0, None);
    loop {
        let files = app.store.files.list(workspace, before, MOST).await?;
        let Some(last) = files.last() else { return Ok(count) };
        before = Some(last.id);
        for file in files {
            let (path, addresses) = (path_of(app, &file.sha256), Arc::clone(addresses));
            if blocking(move || erasing::holds(&path, &addresses)).await? {
                super::files::forget(app, workspace, file.id).await?;
                count += 1;
            }
        }
    }
}

/// Overwrites rows of imports that hold one of `addresses`, and answers how many.
async fn erase_rows(app: &Shared, workspace: WorkspaceId, addresses: &Arc<Addresses>) -> Result<u64> {
    if addresses.is_empty() {
        return Ok(0);
    }
    let mut folder = match tokio::fs::read_dir(app.config.data.join(imports::FOLDER)).await {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        opened => opened.map_err(|error| disk(&error))?,
    };
    let mut count = 0;
    while let Some(entry) = folder.next_entry().await.map_err(|error| disk(&error))? {
        let path = entry.path();
        let named: Option<Uuid> = path.file_stem().and_then(|stem| stem.to_str()?.parse().ok());
        let Some(import) = named else { continue };
        if app.store.imports.get(workspace, import).await?.is_some() {
            let addresses = Arc::clone(addresses);
            let overwritten = blocking(move || erasing::overwrite_rows(&path, &addresses)).await?;
            count += overwritten.map_err(|error| disk(&error))?;
        }
    }
    Ok(count)
}

/// Does `work` beside the tasks that must not wait for the disk.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|_| problem::INTERNAL.plain())
}
