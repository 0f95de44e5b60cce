//! Values that are kept for the workflow, from one run to the next. Only a step that writes keeps anything.

use crate::Failure;
use crate::bindings::trunkline::plugin::state as kept;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The value kept under `key`, if there is one.
///
/// # Errors
/// The host's failure, or that what is kept is something else.
pub fn get<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Failure> {
    let Some(text) = kept::get(key)? else { return Ok(None) };
    let read = serde_json::from_str(&text);
    read.map(Some).map_err(|error| Failure::fatal(format!("what is kept under {key} cannot be read: {error}")))
}

/// Keeps `value` under `key`, once the call has ended well.
///
/// # Errors
/// The host's failure: more than there is room for, or a step that keeps nothing.
pub fn set(key: &str, value: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(value)
        .map_err(|error| Failure::fatal(format!("the value of {key} cannot be kept: {error}")))?;
    Ok(kept::set(key, Some(&text))?)
}

/// Forgets what is kept under `key`.
///
/// # Errors
/// The host's failure.
pub fn forget(key: &str) -> Result<(), Failure> {
    Ok(kept::set(key, None)?)
}
