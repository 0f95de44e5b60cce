//! How the events of a turn stand in one column: a JSON array, so that a person with a database shell can read it.

use crate::error::Error;
use trunkline_engine::run::Event;

/// The events of a turn while it is being made.
#[derive(Debug, Default)]
pub(super) struct Draft {
    bytes: Vec<u8>,
}

impl Draft {
    /// A draft of `events`.
    pub(super) fn of(events: &[Event]) -> Result<Self, Error> {
        let mut draft = Self::default();
        events.iter().try_for_each(|event| draft.push(event))?;
        Ok(draft)
    }

    /// Adds `event`.
    pub(super) fn push(&mut self, event: &Event) -> Result<(), Error> {
        self.bytes.push(if self.bytes.is_empty() { b'[' } else { b',' });
        serde_json::to_writer(&mut self.bytes, event)
            .map_err(|error| Error::Database(format!("an event cannot be written as JSON: {error}")))
    }

    /// Its size so far in bytes.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether it holds no event.
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// What is written to the column. The draft is empty afterwards.
    pub(super) fn take(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.extend_from_slice(if bytes.is_empty() { b"[]" } else { b"]" });
        bytes
    }
}

/// The events in a column.
pub(in crate::sqlite) fn decode(bytes: &[u8]) -> Result<Vec<Event>, Error> {
    serde_json::from_slice(bytes).map_err(|error| Error::Corrupt(format!("a run's journal: {error}").into()))
}
