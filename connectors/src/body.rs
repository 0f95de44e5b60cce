//! Reading an answer up to a limit and not a byte further into memory.

use crate::error::CallError;
use bytes::{Bytes, BytesMut};
use reqwest::Response;

/// Reads the decompressed body in chunks and stops at the first that would pass `limit` bytes, so a
/// small compressed answer that unfolds into gigabytes costs one chunk beyond the limit.
pub(crate) async fn read_capped(mut response: Response, limit: u64) -> Result<Bytes, CallError> {
    // The announced length is checked first: no reason to start reading what will be refused.
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(CallError::too_large(limit));
    }
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| CallError::from_reading(&error))? {
        if (body.len() as u64).saturating_add(chunk.len() as u64) > limit {
            return Err(CallError::too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
