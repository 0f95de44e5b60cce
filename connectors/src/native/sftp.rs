//! Files on a server over SSH. The server must show the key whose fingerprint the connection names: one that nobody has
//! looked at may belong to whoever sits in between.

use super::file::{File, MOST_BYTES, kind_of, last_part};
use super::settings::Place;
use super::trouble::Trouble;
use super::{Given, number, text};
use crate::interpreter::failures;
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use russh::client::{AuthResult, Config, Handle, Handler};
use russh::keys::{HashAlg, PrivateKeyWithHashAlg, PublicKeyOrCertificate, decode_secret_key};
use russh_sftp::client::SftpSession;
use russh_sftp::client::error::Error as FilesError;
use russh_sftp::protocol::StatusCode;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use trunkline_engine::failure::Failure;

pub(super) const ACTIONS: [&str; 6] =
    ["list_folder", "get_file", "put_file", "delete_file", "move_file", "check"];

/// Files of a folder that are listed unless the step says otherwise, and at most.
const USUAL: u64 = 100;
const MOST: u64 = 10_000;

#[derive(Debug)]
pub(super) enum Deed {
    List { path: String, limit: usize },
    Get { path: String },
    Put { path: String, file: File },
    Delete { path: String },
    Move { path: String, to: String },
    Check,
}

impl Deed {
    pub(super) fn new(action: &str, given: &Given) -> Result<Self, Failure> {
        let path = |name: &str, title: &str| {
            let path = text(given, name).trim();
            let is_good = !path.is_empty() && !path.contains('\0') && path.len() <= 4096;
            if is_good { Ok(path.to_owned()) } else { Err(failures::wrong_type(title, "a path")) }
        };
        Ok(match action {
            "list_folder" => {
                let limit = number(given, "limit", "Most files", USUAL, MOST)?;
                Self::List { path: path("path", "Folder")?, limit: usize::try_from(limit).unwrap_or(100) }
            }
            "get_file" => Self::Get { path: path("path", "Path")? },
            "put_file" => Self::Put { path: path("path", "Path")?, file: File::read(given, "Content")? },
            "delete_file" => Self::Delete { path: path("path", "Path")? },
            "move_file" => Self::Move { path: path("path", "Path")?, to: path("to", "New path")? },
            _ => Self::Check,
        })
    }

    pub(super) fn in_words(&self) -> (String, String) {
        let (verb, what) = match self {
            Self::List { path, .. } => ("LIST", path.clone()),
            Self::Get { path } => ("GET", path.clone()),
            Self::Put { path, .. } => ("PUT", path.clone()),
            Self::Delete { path } => ("DELETE", path.clone()),
            Self::Move { path, to } => ("MOVE", format!("{path} to {to}")),
            Self::Check => ("LIST", ".".into()),
        };
        (verb.into(), what)
    }

    pub(super) async fn perform(&self, place: &Place<'_>) -> Result<Value, Trouble> {
        let connection = connect(place).await?;
        let channel = connection.channel_open_session().await.map_err(|error| early(&error))?;
        channel.request_subsystem(true, "sftp").await.map_err(|error| early(&error))?;
        let opened = SftpSession::new(channel.into_stream()).await;
        let files = opened.map_err(|error| Trouble::Temporary(error.to_string()))?;
        files.set_timeout(place.timeout.as_secs().max(1));
        let output = self.within(&files, place).await;
        let _ = files.close().await;
        let _ = connection.disconnect(russh::Disconnect::ByApplication, "", "en").await;
        output
    }

    async fn within(&self, files: &SftpSession, place: &Place<'_>) -> Result<Value, Trouble> {
        match self {
            Self::List { path, limit } => list(files, path, *limit).await,
            Self::Get { path } => get(files, path).await,
            Self::Put { path, file } => put(files, path, file).await,
            Self::Delete { path } => match files.remove_file(path).await {
                Ok(()) => Ok(json!({ "deleted": true })),
                Err(error) if is_missing(&error) => Ok(json!({ "deleted": false })),
                Err(error) => Err(trouble(&error)),
            },
            Self::Move { path, to } => {
                files.rename(path, to).await.map_err(|error| trouble(&error))?;
                Ok(json!({ "path": to }))
            }
            Self::Check => {
                let home = files.canonicalize(".").await.map_err(|error| trouble(&error))?;
                Ok(json!({ "host": place.setting("host"), "folder": home }))
            }
        }
    }
}

async fn list(files: &SftpSession, path: &str, limit: usize) -> Result<Value, Trouble> {
    let found = files.read_dir(path).await.map_err(|error| trouble(&error))?;
    let mut items: Vec<Value> = found
        .map(|entry| {
            let about = entry.metadata();
            let changed = about.mtime.and_then(|at| DateTime::<Utc>::from_timestamp(at.into(), 0));
            json!({
                "name": entry.file_name(), "path": entry.path(), "folder": entry.file_type().is_dir(),
                "bytes": about.size, "changed_at": changed,
            })
        })
        .collect();
    items.sort_by(|one, other| one["name"].as_str().cmp(&other["name"].as_str()));
    let more = items.len() > limit;
    items.truncate(limit);
    Ok(json!({ "count": items.len(), "more": more, "items": items }))
}

async fn get(files: &SftpSession, path: &str) -> Result<Value, Trouble> {
    let opened = match files.open(path).await {
        Err(error) if is_missing(&error) => return Ok(json!({ "found": false, "file": null })),
        opened => opened.map_err(|error| trouble(&error))?,
    };
    let mut bytes = Vec::new();
    let read = opened.take(MOST_BYTES + 1).read_to_end(&mut bytes).await;
    read.map_err(|error| Trouble::Temporary(error.to_string()))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(Trouble::too_large(MOST_BYTES));
    }
    let name = last_part(path).to_owned();
    let file = File { bytes, media_type: kind_of(&name).to_owned(), name };
    Ok(json!({ "found": true, "file": file.written() }))
}

/// Writes beside the path and moves it there, so that nobody reads half a file. Whoever does not let files be moved over
/// others gets the old one removed first.
async fn put(files: &SftpSession, path: &str, file: &File) -> Result<Value, Trouble> {
    let draft = format!("{path}.part");
    let mut open = files.create(&draft).await.map_err(|error| trouble(&error))?;
    let written = async {
        open.write_all(&file.bytes).await?;
        open.shutdown().await
    };
    if let Err(error) = written.await {
        let _ = files.remove_file(&draft).await;
        return Err(Trouble::Temporary(error.to_string()));
    }
    if files.rename(&draft, path).await.is_err() {
        match files.remove_file(path).await {
            Err(error) if !is_missing(&error) => return Err(trouble(&error)),
            _ => {}
        }
        files.rename(&draft, path).await.map_err(|error| trouble(&error))?;
    }
    Ok(json!({ "path": path, "bytes": file.bytes.len() }))
}

/// What the server's key must be, and what it was.
struct Guard {
    wanted: String,
    shown: Arc<Mutex<String>>,
}

impl Handler for Guard {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let PublicKeyOrCertificate::PublicKey { key, .. } = key else { return Ok(false) };
        let shown = key.fingerprint(HashAlg::Sha256).to_string();
        let is_it = shown.trim_end_matches('=') == self.wanted;
        *self.shown.lock() = shown;
        Ok(is_it)
    }
}

async fn connect(place: &Place<'_>) -> Result<Handle<Guard>, Trouble> {
    let (host, port) = place.host(22)?;
    let wanted = place.setting("fingerprint").trim_end_matches('=').to_owned();
    let stream = place.client.open_connection(host, port).await?;
    let shown = Arc::new(Mutex::new(String::new()));
    let guard = Guard { wanted, shown: Arc::clone(&shown) };
    let config = Config { inactivity_timeout: Some(place.timeout), ..Config::default() };
    let opened = russh::client::connect_stream(Arc::new(config), stream, guard).await;
    let mut connection = opened.map_err(|error| match &error {
        russh::Error::UnknownKey => Trouble::setting(&format!(
            "{host} shows the key {}, which is not the one that the connection names",
            shown.lock(),
        )),
        _ => early(&error),
    })?;
    let user = place.secret("username");
    let answer = match place.secret("private_key") {
        "" => connection.authenticate_password(user, place.secret("password")).await,
        key => {
            let phrase = Some(place.secret("passphrase")).filter(|phrase| !phrase.is_empty());
            let key = decode_secret_key(key.trim(), phrase).map_err(|_| {
                Trouble::Auth(
                    "the private key cannot be read; a wrong passphrase, or no OpenSSH or PEM key".into(),
                )
            })?;
            let hash = if key.algorithm().is_rsa() {
                connection.best_supported_rsa_hash().await.map_err(|error| early(&error))?.flatten()
            } else {
                None
            };
            connection.authenticate_publickey(user, PrivateKeyWithHashAlg::new(Arc::new(key), hash)).await
        }
    };
    match answer.map_err(|error| early(&error))? {
        AuthResult::Success => Ok(connection),
        AuthResult::Failure { .. } => {
            Err(Trouble::Auth("the server lets nobody in with this name and proof".into()))
        }
    }
}

fn early(error: &russh::Error) -> Trouble {
    Trouble::Temporary(error.to_string())
}

fn is_missing(error: &FilesError) -> bool {
    matches!(error, FilesError::Status(status) if status.status_code == StatusCode::NoSuchFile)
}

fn trouble(error: &FilesError) -> Trouble {
    let said = error.to_string();
    match error {
        FilesError::Status(status) => match status.status_code {
            StatusCode::PermissionDenied => Trouble::Auth(said),
            StatusCode::NoConnection | StatusCode::ConnectionLost => Trouble::Lost(said),
            _ => Trouble::Unwanted(said),
        },
        FilesError::IO(_) | FilesError::Timeout => Trouble::Lost(said),
        _ => Trouble::Unwanted(said),
    }
}
