//! The key with which the command line on the same machine reaches the server: a file in the data folder that only its
//! owner can read. It is made anew at every start; whoever can read the folder can read the data anyway.

use crate::app::Shared;
use crate::auth::secret;
use anyhow::Context;
use chrono::{TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::NewToken;
use uuid::Uuid;

/// What people see in the list of tokens.
const NAME: &str = "Command line on this machine";
/// Days the key lasts when the server is not started again.
const DAYS: i64 = 365;

/// What the file holds.
#[derive(Debug, Serialize, Deserialize)]
pub struct LocalToken {
    /// Where the server listens.
    pub url: String,
    /// The key.
    pub token: String,
}

fn path(data: &Path) -> PathBuf {
    data.join("cli.json")
}

/// Makes a key and writes the file.
///
/// # Errors
/// When the store or the folder refuses.
pub async fn write(app: &Shared) -> anyhow::Result<()> {
    let accounts = &app.store.accounts;
    for old in accounts.tokens(WorkspaceId::FIRST).await?.into_iter().filter(|token| token.name == NAME) {
        accounts.remove_token(WorkspaceId::FIRST, old.id).await?;
    }
    let token = secret::api_token();
    let new = NewToken {
        id: Uuid::now_v7(),
        workspace: WorkspaceId::FIRST,
        name: NAME.into(),
        hash: secret::fingerprint(&token),
        created_by: None,
        expires_at: Some(Utc::now() + TimeDelta::days(DAYS)),
    };
    accounts.add_token(new).await?;
    let local = LocalToken { url: format!("http://{}", reachable(app.config.listen)), token };
    let text = serde_json::to_vec_pretty(&local).expect("two texts are JSON");
    store(&path(&app.config.data), &text).context("the key of the command line could not be written")
}

/// An address that listens everywhere is reached here.
fn reachable(mut listen: std::net::SocketAddr) -> std::net::SocketAddr {
    if listen.ip().is_unspecified() {
        listen.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    listen
}

/// Writes a file that nobody else can read, and that is never seen half-written.
fn store(path: &Path, text: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    let part = path.with_extension("json.part");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(&part)?.write_all(text)?;
    std::fs::rename(part, path)
}

/// Reads the file in the data folder.
///
/// # Errors
/// When there is none, which mostly means that no server runs on this folder.
pub fn read(data: &Path) -> anyhow::Result<LocalToken> {
    let path = path(data);
    let text = std::fs::read(&path).with_context(|| {
        format!(
            "CLI-0002: no key for the server: {} cannot be read. Give --url and --token, or --data",
            path.display()
        )
    })?;
    serde_json::from_slice(&text)
        .with_context(|| format!("CLI-0002: {} is not what it should be", path.display()))
}
