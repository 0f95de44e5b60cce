//! The index that an administrator chose: plugins to browse, in a folder of the server or at an address.

use super::Plugins;
use chrono::Utc;
use std::path::{Path, PathBuf};
use std::time::Duration;
use trunkline_connectors::{Client, Method, Request};
use trunkline_engine::failure::Failure;
use trunkline_plugins::failures;
use trunkline_plugins::index::{Entry, FILE, Index, LONGEST};
use trunkline_plugins::limits::LARGEST_FILE;
use url::Url;

/// Longest time a file may take to come from elsewhere.
const FETCHING: Duration = Duration::from_secs(60);

/// Where an index lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The address of its file.
    Address(Url),
    /// The folder with its file.
    Folder(PathBuf),
}

impl Place {
    /// What an administrator wrote.
    #[must_use]
    pub fn of(text: &str) -> Self {
        match Url::parse(text.trim()) {
            Ok(url) if matches!(url.scheme(), "https" | "http") => Self::Address(url),
            _ => Self::Folder(PathBuf::from(text.trim())),
        }
    }

    async fn index(&self, client: &Client) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Address(url) => fetched(client, url, LONGEST).await,
            Self::Folder(folder) => read(&folder.join(FILE), LONGEST).await,
        }
    }

    async fn file(&self, client: &Client, name: &str) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Folder(folder) if !name.starts_with("https://") => {
                read(&folder.join(name), LARGEST_FILE).await
            }
            Self::Folder(_) => fetched(client, &address(Url::parse(name))?, LARGEST_FILE).await,
            Self::Address(url) => fetched(client, &address(url.join(name))?, LARGEST_FILE).await,
        }
    }
}

fn address(url: Result<Url, url::ParseError>) -> Result<Url, Failure> {
    url.map_err(|error| failures::no_index(&error.to_string()))
}

async fn fetched(client: &Client, url: &Url, most: usize) -> Result<Vec<u8>, Failure> {
    let mut request = Request::new(Method::GET, url.to_string());
    (request.timeout, request.max_response_bytes) = (FETCHING, most as u64);
    let answer = client.send(request).await.and_then(|answer| answer.into_success());
    answer.map(|answer| answer.body.to_vec()).map_err(|error| error.into_failure(Utc::now(), true))
}

async fn read(path: &Path, most: usize) -> Result<Vec<u8>, Failure> {
    let failed = |error: &dyn std::fmt::Display| failures::no_index(&format!("{}: {error}", path.display()));
    let about = tokio::fs::metadata(path).await.map_err(|error| failed(&error))?;
    if !about.is_file() || about.len() > most as u64 {
        return Err(failed(&"it is no file, or too large"));
    }
    tokio::fs::read(path).await.map_err(|error| failed(&error))
}

impl Plugins {
    /// The index; `None` when none was chosen.
    ///
    /// # Errors
    /// `PLUG-0023` when it cannot be read, and what the client says.
    pub async fn index(&self) -> Result<Option<Index>, Failure> {
        let Some(place) = &self.index else { return Ok(None) };
        let bytes = place.index(&self.client).await?;
        Index::read(&bytes).map(Some).map_err(|wrong| failures::no_index(&wrong))
    }

    /// The file of a release in the index. Whether it is the one it says is looked at where it is brought.
    ///
    /// # Errors
    /// `PLUG-0023` when it is not there, and what the client says.
    pub async fn offered_file(&self, entry: &Entry) -> Result<Vec<u8>, Failure> {
        let place = self.index.as_ref().ok_or_else(|| failures::no_index("none was chosen"))?;
        place.file(&self.client, &entry.file).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_lies_in_a_folder_or_at_an_address() {
        assert_eq!(Place::of("/srv/plugins"), Place::Folder("/srv/plugins".into()));
        assert_eq!(Place::of("plugins"), Place::Folder("plugins".into()));
        assert!(matches!(Place::of(" https://example.com/index.json "), Place::Address(_)));
        assert!(matches!(Place::of("file:///etc"), Place::Folder(_)), "no other way to reach anything");
    }
}
