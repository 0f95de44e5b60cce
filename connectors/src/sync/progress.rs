//! How far the conversation about a pair of records is.

use super::plan::{Base, Now, Side};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// How far the conversation is. It is worked out anew on replay.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Progress {
    pub(super) stage: Stage,
    /// The side that reported the change.
    pub(super) side: Side,
    pub(super) left_id: Option<String>,
    pub(super) right_id: Option<String>,
    /// The values that the report held.
    pub(super) reported: Map<String, Value>,
    pub(super) base: Option<Base>,
    /// What each side has, as far as it is known.
    pub(super) left: Option<Now>,
    pub(super) right: Option<Now>,
    /// What is still to be written.
    pub(super) to_left: Map<String, Value>,
    pub(super) to_right: Map<String, Value>,
    /// What came of it.
    pub(super) said: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// Which record belongs to it is looked up.
    Link,
    /// The record that was reported is read as it is now.
    Fresh,
    /// Its twin is read.
    Twin,
    /// Its twin is looked for.
    Find,
    /// Whether the twin that was found belongs to another record.
    Taken,
    /// Its twin is added.
    Created,
    /// The left is written.
    WroteLeft,
    /// The right is written.
    WroteRight,
    /// What both have is kept.
    Kept,
}

impl Progress {
    pub(super) fn id(&self, side: Side) -> Option<&str> {
        match side {
            Side::Left => self.left_id.as_deref(),
            Side::Right => self.right_id.as_deref(),
        }
    }

    pub(super) fn set_id(&mut self, side: Side, id: String) {
        match side {
            Side::Left => self.left_id = Some(id),
            Side::Right => self.right_id = Some(id),
        }
    }

    pub(super) fn now(&self, side: Side) -> Option<&Now> {
        match side {
            Side::Left => self.left.as_ref(),
            Side::Right => self.right.as_ref(),
        }
    }

    pub(super) fn set_now(&mut self, side: Side, now: Now) {
        match side {
            Side::Left => self.left = Some(now),
            Side::Right => self.right = Some(now),
        }
    }

    /// Notes that `written` was written, and what the app then said that it has: often a part of the record only. Of that,
    /// only what was written counts: what people changed meanwhile stands there as well, and is still news to the other side.
    pub(super) fn wrote(&mut self, side: Side, written: Map<String, Value>, said: Option<Now>) {
        let mut now = self.now(side).cloned().unwrap_or_default();
        let Now { mut values, changed } = said.unwrap_or_default();
        for (field, value) in written {
            let kept = values.remove(&field).unwrap_or(value);
            now.values.insert(field, kept);
        }
        now.changed = changed.or(now.changed);
        self.set_now(side, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn now(values: Value) -> Now {
        Now { values: values.as_object().unwrap().clone(), changed: None }
    }

    #[test]
    fn what_people_changed_while_we_wrote_does_not_count_as_agreed() {
        let mut progress = Progress {
            stage: Stage::WroteLeft,
            side: Side::Right,
            left_id: None,
            right_id: None,
            reported: Map::new(),
            base: None,
            left: Some(now(json!({ "name": "Ada", "score": 2 }))),
            right: None,
            to_left: Map::new(),
            to_right: Map::new(),
            said: Value::Null,
        };
        let written = Map::from_iter([("name".to_owned(), json!(" Ben "))]);
        let said = now(json!({ "name": "ben", "score": 1 }));
        progress.wrote(Side::Left, written, Some(said));
        assert_eq!(
            progress.now(Side::Left).unwrap().values,
            *json!({ "name": "ben", "score": 2 }).as_object().unwrap()
        );
    }
}
