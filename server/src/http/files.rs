//! `/files`: files that people upload for loops to work through. Contents lie in the data folder, named by their digest,
//! so that the same file is kept once.

use super::body::Path;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::serve::FILES;
use axum::extract::multipart::Field;
use axum::extract::{FromRequest, Multipart, Request, State};
use axum::http::StatusCode;
use chrono::{DateTime, SubsecRound, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::time::Duration;
use tokio::fs::File as DiskFile;
use tokio::io::AsyncWriteExt;
use tokio::sync::Mutex;
use trunkline_store::WorkspaceId;
use trunkline_store::ports::StoredFile;
use utoipa::ToSchema;
use uuid::Uuid;

/// Largest file in bytes.
const LARGEST: u64 = 2 * 1024 * 1024 * 1024;
/// Longest pause between two pieces of an upload.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest name, in characters.
const LONGEST_NAME: usize = 200;
/// Most files in a list.
const MOST: u32 = 500;

/// Between looking whether a content is still named by a file and removing it, no file may begin to name it.
static CONTENTS: Mutex<()> = Mutex::const_new(());

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list, upload)).routes(routes!(remove))
}

/// An uploaded file.
#[derive(Debug, Serialize, ToSchema)]
pub struct File {
    /// Id.
    pub id: Uuid,
    /// What it was called where it came from.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its media type, such as `text/csv`.
    pub kind: String,
    /// When it was uploaded.
    pub created_at: DateTime<Utc>,
}

/// Uploaded files.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileList {
    /// The newest first.
    pub items: Vec<File>,
}

/// An upload.
#[derive(Debug, ToSchema)]
pub struct Upload {
    /// The file (at most 2 GiB).
    #[schema(value_type = String, format = Binary)]
    pub file: Vec<u8>,
}

impl From<StoredFile> for File {
    fn from(file: StoredFile) -> Self {
        let StoredFile { id, name, bytes, kind, created_at, .. } = file;
        Self { id, name, bytes, kind, created_at }
    }
}

/// List uploaded files
#[utoipa::path(get, path = "/files", tag = "files", operation_id = "listFiles",
    responses((status = 200, body = FileList)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<FileList>> {
    let files = app.store.files.list(caller.workspace, None, MOST).await?;
    Ok(axum::Json(FileList { items: files.into_iter().map(File::from).collect() }))
}

/// Upload a file
#[utoipa::path(post, path = "/files", tag = "files", operation_id = "uploadFile",
    request_body(content = Upload, content_type = "multipart/form-data"), responses((status = 201, body = File)))]
async fn upload(
    State(app): State<Shared>,
    caller: Caller,
    request: Request,
) -> Result<(StatusCode, axum::Json<File>)> {
    let mut parts = Multipart::from_request(request, &())
        .await
        .map_err(|error| problem::WRONG_TYPE.because(error.body_text()))?;
    while let Some(part) = parts.next_field().await.map_err(|error| unreadable(&error))? {
        if part.name() == Some("file") {
            let file = keep(&app, &caller, part).await?;
            return Ok((StatusCode::CREATED, axum::Json(file.into())));
        }
    }
    Err(problem::NO_UPLOAD.plain())
}

/// Delete an uploaded file
#[utoipa::path(delete, path = "/files/{id}", tag = "files", operation_id = "deleteFile",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    forget(&app, caller.workspace, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Forgets a file, and its content when no other file has the same.
pub(crate) async fn forget(app: &App, workspace: WorkspaceId, id: Uuid) -> Result<()> {
    let _alone = CONTENTS.lock().await;
    if let Some(digest) = app.store.files.remove(workspace, id).await? {
        match tokio::fs::remove_file(path_of(app, &digest)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(disk(&error)),
            _ => {}
        }
    }
    Ok(())
}

/// Keeps `bytes` as a file.
pub(crate) async fn put(app: &App, caller: &Caller, name: &str, bytes: &[u8]) -> Result<StoredFile> {
    let draft = new_draft(app).await?;
    let written = async {
        let mut file = DiskFile::create(&draft).await?;
        file.write_all(bytes).await?;
        file.sync_all().await
    };
    let kept = match written.await {
        Ok(()) => {
            let content = (Sha256::digest(bytes).into(), bytes.len() as u64);
            adopt(app, caller, &draft, name, content).await
        }
        Err(error) => Err(disk(&error)),
    };
    or_discarded(&draft, kept).await
}

/// Where a file lies while it is written.
async fn new_draft(app: &App) -> Result<PathBuf> {
    let folder = app.config.data.join(FILES);
    tokio::fs::create_dir_all(&folder).await.map_err(|error| disk(&error))?;
    Ok(folder.join(format!("upload-{}", Uuid::now_v7())))
}

/// `kept`; a draft that was not is removed.
async fn or_discarded(draft: &std::path::Path, kept: Result<StoredFile>) -> Result<StoredFile> {
    if kept.is_err() {
        // It is gone already when the rename went well; what cannot be removed only takes room.
        let _ = tokio::fs::remove_file(draft).await;
    }
    kept
}

/// Where the content with this digest lies.
pub(crate) fn path_of(app: &App, digest: &[u8; 32]) -> PathBuf {
    app.config.data.join(FILES).join(hex::encode(digest))
}

/// Makes a file of the draft at `path`, which is on disk whole. Its kind follows from its name.
pub(super) async fn adopt(
    app: &App,
    caller: &Caller,
    path: &std::path::Path,
    name: &str,
    content: ([u8; 32], u64),
) -> Result<StoredFile> {
    let kind = mime_guess::from_path(name).first_or_octet_stream().essence_str().to_owned();
    adopt_as(app, caller, path, (plain_name(name), kind), content).await
}

async fn adopt_as(
    app: &App,
    caller: &Caller,
    path: &std::path::Path,
    (name, kind): (String, String),
    (sha256, bytes): ([u8; 32], u64),
) -> Result<StoredFile> {
    let created_at = Utc::now().trunc_subsecs(6);
    let file = StoredFile { id: Uuid::now_v7(), name, sha256, bytes, kind, created_at };
    let _alone = CONTENTS.lock().await;
    tokio::fs::rename(path, path_of(app, &sha256)).await.map_err(|error| disk(&error))?;
    app.store.files.add(caller.workspace, file.clone()).await?;
    Ok(file)
}

/// The name of a file without folders and control characters.
fn plain_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect()
}

async fn keep(app: &App, caller: &Caller, part: Field<'_>) -> Result<StoredFile> {
    let name = plain_name(part.file_name().unwrap_or("file"));
    let kind = part.content_type().unwrap_or("application/octet-stream").to_owned();
    let draft = new_draft(app).await?;
    let kept = match write(&draft, part).await {
        Ok(content) => adopt_as(app, caller, &draft, (name, kind), content).await,
        Err(error) => Err(error),
    };
    or_discarded(&draft, kept).await
}

/// Writes the content of `part` to `path` and onto the disk, and answers its digest and size.
async fn write(path: &std::path::Path, mut part: Field<'_>) -> Result<([u8; 32], u64)> {
    let mut file = DiskFile::create(path).await.map_err(|error| disk(&error))?;
    let (mut digest, mut bytes) = (Sha256::new(), 0_u64);
    loop {
        let piece = tokio::time::timeout(PATIENCE, part.chunk()).await;
        let late = |_| problem::NO_UPLOAD.because("nothing of the file has arrived for a minute");
        let Some(piece) = piece.map_err(late)?.map_err(|error| unreadable(&error))? else { break };
        bytes += piece.len() as u64;
        if bytes > LARGEST {
            return Err(problem::TOO_BIG.because("a file may have at most 2 GiB"));
        }
        digest.update(&piece);
        file.write_all(&piece).await.map_err(|error| disk(&error))?;
    }
    if bytes == 0 {
        return Err(problem::NO_UPLOAD.because("the file is empty"));
    }
    file.sync_all().await.map_err(|error| disk(&error))?;
    Ok((digest.finalize().into(), bytes))
}

fn unreadable(error: &axum::extract::multipart::MultipartError) -> problem::Error {
    problem::NO_UPLOAD.because(error.body_text())
}

pub(super) fn disk(error: &std::io::Error) -> problem::Error {
    tracing::error!(%error, "the folder of uploaded files refuses");
    problem::NO_DISK.because("the folder of uploaded files refuses").after(5)
}
