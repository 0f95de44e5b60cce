//! Noting what a lead did, or what somebody did with it.

use super::clocks::RESPONSES;
use super::{Book, Note, Occasion};
use crate::activity::{ActivityKind, TOUCH_TYPES, Touch};
use crate::failures;
use crate::operation::LogActivity;
use serde_json::{Value, json};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;

/// Longest word for an activity, in bytes.
const MAX_WORD: usize = 100;
/// Longest key, in characters; what follows does not tell activities apart.
const MAX_KEY: usize = 200;
/// Longest title and channel, in characters.
const MAX_TITLE: usize = 300;

impl Book {
    pub(super) fn log_activity(
        &mut self,
        input: &LogActivity,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let kind = input.activity.trim().to_lowercase().replace([' ', '-'], "_");
        if kind.is_empty() || kind.len() > MAX_WORD {
            return Err(failures::unreadable("an activity needs a word of 1 to 100 letters"));
        }
        self.lead(input.lead_id)?;
        let key = activity_key(input);
        if let Some(key) = &key {
            let known = self.activity_keys.get(key).copied();
            if known.ok_or_else(|| failures::not_supplied("whether the activity is known"))? {
                let output = json!({ "lead_id": input.lead_id, "activity": kind, "noted": false });
                let why = Some("It was noted before.".into());
                return Ok(Performed { output, why, written: Vec::new() });
            }
            self.activity_keys.insert(key.clone(), true);
            self.added.activity_keys.push((key.clone(), input.lead_id));
        }
        let title = match input.title.trim() {
            "" => title(&kind),
            title => title.chars().take(MAX_TITLE).collect(),
        };
        let channel = input.channel.as_deref().map(str::trim).filter(|channel| !channel.is_empty());
        let channel = channel.map(|channel| channel.chars().take(MAX_TITLE).collect());
        let output = json!({ "lead_id": input.lead_id, "activity": kind, "noted": true });
        self.change(input.lead_id, occasion.at);
        let note = Note {
            kind: ActivityKind::Touched,
            title,
            why: None,
            old: Value::Null,
            new: input.detail.clone(),
            touch: Some(Touch { kind: kind.clone(), channel }),
        };
        let answers = RESPONSES.contains(&kind.as_str());
        self.note(input.lead_id, occasion, note);
        if answers {
            self.meet_clocks(input.lead_id, true, occasion);
        }
        Ok(Performed { output, why: Some("Noted on the timeline.".into()), written: Vec::new() })
    }
}

/// What tells the activity apart, as it is kept.
pub(super) fn activity_key(input: &LogActivity) -> Option<String> {
    let key = input.key.trim();
    (!key.is_empty()).then(|| key.chars().take(MAX_KEY).collect())
}

/// What people call an activity: `call` is a call, `price_list` becomes `Price list`.
fn title(kind: &str) -> String {
    if let Some((_, title)) = TOUCH_TYPES.iter().find(|(name, _)| *name == kind) {
        return (*title).to_owned();
    }
    let words = kind.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
