//! Reading an answer up to a limit and not a byte further into memory, and few large ones at a time.

use crate::error::CallError;
use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use reqwest::Response;
use std::collections::HashMap;
use std::sync::{Arc, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes from which on an answer is large.
pub(crate) const LARGE: usize = 1024 * 1024;
/// Large answers of one host that are in memory at the same time; others wait, within their own time limits. A host
/// whose every answer is huge fills this much and no more, and delays nobody but those who call it.
pub(crate) const LARGE_AT_ONCE: usize = 4;

/// Places for large answers, by host.
#[derive(Debug, Default)]
pub(crate) struct Places(Mutex<HashMap<String, Weak<Semaphore>>>);

impl Places {
    fn of(&self, host: &str) -> Arc<Semaphore> {
        let mut all = self.0.lock();
        if let Some(known) = all.get(host).and_then(Weak::upgrade) {
            return known;
        }
        all.retain(|_, places| places.strong_count() > 0);
        let new = Arc::new(Semaphore::new(LARGE_AT_ONCE));
        all.insert(host.to_owned(), Arc::downgrade(&new));
        new
    }

    async fn take(&self, host: &str) -> Option<OwnedSemaphorePermit> {
        // It is closed by nobody.
        self.of(host).acquire_owned().await.ok()
    }
}

/// Reads the decompressed body in chunks and stops at the first that would pass `limit` bytes, so a
/// small compressed answer that unfolds into gigabytes costs one chunk beyond the limit. A large one comes with its
/// place, which is to be held as long as the bytes are.
pub(crate) async fn read_capped(
    mut response: Response,
    limit: u64,
    places: &Places,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), CallError> {
    // The announced length is checked first: no reason to start reading what will be refused.
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(CallError::too_large(limit));
    }
    let host = response.url().host_str().unwrap_or_default().to_owned();
    let mut body = BytesMut::new();
    let mut place = None;
    while let Some(chunk) = response.chunk().await.map_err(|error| CallError::from_reading(&error))? {
        if (body.len() as u64).saturating_add(chunk.len() as u64) > limit {
            return Err(CallError::too_large(limit));
        }
        if place.is_none() && body.len() + chunk.len() > LARGE {
            place = places.take(&host).await;
        }
        body.extend_from_slice(&chunk);
    }
    Ok((body.freeze(), place))
}
