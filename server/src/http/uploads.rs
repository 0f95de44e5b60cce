//! `/uploads`: large files in pieces, so that a line that breaks loses a piece and not the file. A finished upload is a
//! file like any other.
//!
//! How far an upload is, is the length of its draft on disk; nothing else is kept, and nothing is held in memory but the
//! piece at hand.

use super::body::{self, Json, Path as Named, Query};
use super::files::{self, File};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::serve::FILES;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::fs::{File as DiskFile, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

/// Largest piece in bytes.
const PIECE: usize = 8 * 1024 * 1024;
/// Largest file in bytes.
const LARGEST: u64 = 8 * 1024 * 1024 * 1024;

/// How long an upload that nobody goes on with is kept.
const KEPT: Duration = Duration::from_hours(48);
/// What the names of drafts begin with.
const DRAFT: &str = "upload-";

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(begin)).routes(routes!(show, add)).routes(routes!(finish))
}

/// An upload under way.
#[derive(Debug, Serialize, ToSchema)]
pub struct UploadState {
    /// Id.
    pub id: Uuid,
    /// Bytes that are on disk; the next piece begins there.
    pub at: u64,
}

/// Where a piece belongs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PieceQuery {
    /// Bytes before this piece.
    at: u64,
}

/// What the file is called.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinishUpload {
    /// Its name.
    pub name: String,
}

/// Begin an upload
#[utoipa::path(post, path = "/uploads", tag = "files", operation_id = "beginUpload",
    responses((status = 201, body = UploadState)))]
async fn begin(State(app): State<Shared>, caller: Caller) -> Result<(StatusCode, axum::Json<UploadState>)> {
    let id = Uuid::now_v7();
    tokio::fs::create_dir_all(app.config.data.join(FILES)).await.map_err(|error| files::disk(&error))?;
    DiskFile::create_new(draft(&app, &caller, id)).await.map_err(|error| files::disk(&error))?;
    Ok((StatusCode::CREATED, axum::Json(UploadState { id, at: 0 })))
}

/// How far an upload is
#[utoipa::path(get, path = "/uploads/{id}", tag = "files", operation_id = "getUpload",
    params(("id" = Uuid, Path)), responses((status = 200, body = UploadState)))]
async fn show(
    State(app): State<Shared>,
    caller: Caller,
    Named(id): Named<Uuid>,
) -> Result<axum::Json<UploadState>> {
    let at = length(&app, &caller, id).await?;
    Ok(axum::Json(UploadState { id, at }))
}

/// Add a piece (at most 8 MiB)
///
/// A piece that begins anywhere but at the end of what is there is not taken; the answer says where the next one begins.
#[utoipa::path(put, path = "/uploads/{id}", tag = "files", operation_id = "addToUpload",
    params(("id" = Uuid, Path), PieceQuery),
    request_body(content = String, content_type = "application/octet-stream"),
    responses((status = 200, body = UploadState)))]
async fn add(
    State(app): State<Shared>,
    caller: Caller,
    Named(id): Named<Uuid>,
    Query(query): Query<PieceQuery>,
    headers: HeaderMap,
    body: Body,
) -> Result<axum::Json<UploadState>> {
    let piece = body::read(&headers, body, PIECE).await?;
    let at = length(&app, &caller, id).await?;
    if at != query.at {
        return Ok(axum::Json(UploadState { id, at }));
    }
    let after = at + piece.len() as u64;
    if after > LARGEST {
        return Err(problem::TOO_BIG.because("a file may have at most 8 GiB"));
    }
    let path = draft(&app, &caller, id);
    let written = async {
        let mut file = OpenOptions::new().append(true).open(&path).await?;
        file.write_all(&piece).await?;
        file.flush().await
    };
    if let Err(error) = written.await {
        // A piece that is there in part would be taken for a whole one.
        if let Ok(file) = OpenOptions::new().write(true).open(&path).await {
            let _ = file.set_len(at).await;
        }
        return Err(files::disk(&error));
    }
    Ok(axum::Json(UploadState { id, at: after }))
}

/// Finish an upload
#[utoipa::path(post, path = "/uploads/{id}/finish", tag = "files", operation_id = "finishUpload",
    params(("id" = Uuid, Path)), request_body = FinishUpload, responses((status = 201, body = File)))]
async fn finish(
    State(app): State<Shared>,
    caller: Caller,
    Named(id): Named<Uuid>,
    Json(wanted): Json<FinishUpload>,
) -> Result<(StatusCode, axum::Json<File>)> {
    if length(&app, &caller, id).await? == 0 {
        return Err(problem::NO_UPLOAD.because("the file is empty"));
    }
    let path = draft(&app, &caller, id);
    let (digest, bytes) = digest(&path).await.map_err(|error| files::disk(&error))?;
    let file = files::adopt(&app, &caller, &path, &wanted.name, (digest, bytes)).await?;
    Ok((StatusCode::CREATED, axum::Json(file.into())))
}

fn draft(app: &App, caller: &Caller, id: Uuid) -> PathBuf {
    // The workspace is part of the name: nobody goes on with an upload of another.
    app.config.data.join(FILES).join(format!("{DRAFT}{}-{id}", caller.workspace.0))
}

/// Deletes uploads in the folder `files` to which nothing was added for 48 hours before `now`, and says how many they were.
///
/// # Errors
/// When the folder cannot be read. A single draft that cannot be deleted stays for the next time.
pub async fn forget_abandoned(files: &Path, now: SystemTime) -> std::io::Result<usize> {
    let mut entries = match tokio::fs::read_dir(files).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut forgotten = 0;
    while let Some(entry) = entries.next_entry().await? {
        if !entry.file_name().to_string_lossy().starts_with(DRAFT) {
            continue;
        }
        // One that is finished at this moment is gone under this name.
        let Ok(touched) = entry.metadata().await.and_then(|draft| draft.modified()) else { continue };
        let is_old = now.duration_since(touched).is_ok_and(|age| age > KEPT);
        if is_old && tokio::fs::remove_file(entry.path()).await.is_ok() {
            forgotten += 1;
        }
    }
    Ok(forgotten)
}

async fn length(app: &App, caller: &Caller, id: Uuid) -> Result<u64> {
    match tokio::fs::metadata(draft(app, caller, id)).await {
        Ok(file) => Ok(file.len()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(problem::NOT_FOUND.because("there is no such upload under way"))
        }
        Err(error) => Err(files::disk(&error)),
    }
}

async fn digest(path: &Path) -> std::io::Result<([u8; 32], u64)> {
    let mut file = DiskFile::open(path).await?;
    let (mut digest, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 18]);
    loop {
        let count = file.read(&mut buffer).await?;
        if count == 0 {
            break;
        }
        digest.update(&buffer[..count]);
        bytes += count as u64;
    }
    file.sync_all().await?;
    Ok((digest.finalize().into(), bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn drafts_that_nobody_goes_on_with_are_deleted_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let now = SystemTime::now();
        for (name, hours) in [("upload-1-old", 49), ("upload-1-new", 47), ("0123abcd", 500)] {
            let file = std::fs::File::create(folder.path().join(name)).unwrap();
            file.set_modified(now - Duration::from_hours(hours)).unwrap();
        }
        assert_eq!(forget_abandoned(folder.path(), now).await.unwrap(), 1);
        let mut left: Vec<String> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        assert_eq!(left, ["0123abcd", "upload-1-new"]);
        assert_eq!(forget_abandoned(&folder.path().join("none"), now).await.unwrap(), 0);
    }
}
