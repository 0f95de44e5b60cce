//! Documents of APIs that somebody chooses from: read once, kept in the store, and held in memory while they are used.

use super::Apps;
use chrono::{TimeDelta, Utc};
use std::sync::Arc;
use std::time::Duration;
use trunkline_connectors::openapi::{self, Document, MOST_BYTES, Survey, Unreadable};
use trunkline_connectors::{CallError, Client, Method, Request};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::ConnectorImport;
use uuid::Uuid;

/// How long a document is kept.
const KEPT_HOURS: i64 = 7 * 24;
/// Documents held in memory.
const HELD: usize = 2;
/// Longest time an address may take to give its document.
const PATIENCE: Duration = Duration::from_secs(30);

/// A document and what is in it.
#[derive(Debug)]
pub struct Reading {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub workspace: WorkspaceId,
    /// Where it came from.
    pub source: String,
    /// Whether that is an address.
    pub loaded: bool,
    /// The document.
    pub document: Document,
    /// What is in it.
    pub survey: Survey,
}

/// Loads the document at `url`.
///
/// # Errors
/// What the guarded client says, or a status that is no success.
pub async fn load(client: &Client, url: &str) -> Result<String, CallError> {
    let mut request = Request::new(Method::GET, url);
    request
        .headers
        .push(("Accept".into(), "application/json, application/yaml, text/yaml, */*;q=0.5".into()));
    request.timeout = PATIENCE;
    request.max_response_bytes = MOST_BYTES as u64;
    let response = client.send(request).await?.into_success()?;
    Ok(String::from_utf8_lossy(&response.body).into_owned())
}

impl Apps {
    /// Reads `text` and keeps it.
    ///
    /// # Errors
    /// The outer one is the store's; the inner one says why it is no document.
    pub async fn begin_import(
        &self,
        workspace: WorkspaceId,
        source: String,
        loaded: bool,
        text: String,
    ) -> Result<Result<Arc<Reading>, Unreadable>, trunkline_store::Error> {
        let id = Uuid::now_v7();
        let reading = match read(id, workspace, source.clone(), loaded, &text).await {
            Ok(reading) => reading,
            Err(error) => return Ok(Err(error)),
        };
        let now = Utc::now();
        let import = ConnectorImport { id, source, loaded, text, created_at: now };
        self.store.connectors.keep_import(workspace, import, now - TimeDelta::hours(KEPT_HOURS)).await?;
        self.hold(&reading);
        Ok(Ok(reading))
    }

    /// A document that was kept.
    ///
    /// # Errors
    /// The store's.
    pub async fn import(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
    ) -> Result<Option<Arc<Reading>>, trunkline_store::Error> {
        let held = self.held.lock().iter().find(|held| held.id == id && held.workspace == workspace).cloned();
        if let Some(held) = held {
            self.hold(&held);
            return Ok(Some(held));
        }
        let Some(kept) = self.store.connectors.import(workspace, id).await? else { return Ok(None) };
        // It was read when it came; that it cannot be read now would be a change of this build.
        let reading = read(id, workspace, kept.source, kept.loaded, &kept.text).await.ok();
        reading.iter().for_each(|reading| self.hold(reading));
        Ok(reading)
    }

    fn hold(&self, reading: &Arc<Reading>) {
        let mut held = self.held.lock();
        held.retain(|known| known.id != reading.id);
        if held.len() >= HELD {
            held.remove(0);
        }
        held.push(Arc::clone(reading));
    }
}

/// Reading a large document takes its time, which no other work waits for.
async fn read(
    id: Uuid,
    workspace: WorkspaceId,
    source: String,
    loaded: bool,
    text: &str,
) -> Result<Arc<Reading>, Unreadable> {
    let text = text.to_owned();
    let work = tokio::task::spawn_blocking(move || {
        let document = openapi::read(&text, loaded.then_some(source.as_str()))?;
        let survey = document.survey();
        Ok(Arc::new(Reading { id, workspace, source, loaded, document, survey }))
    });
    work.await.unwrap_or_else(|_| {
        let message = "the document could not be read; this is a fault of Trunkline".to_owned();
        Err(Unreadable { message, line: None, column: None })
    })
}
