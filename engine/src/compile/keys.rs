//! What orders, gathers and recognises events: the keys that a workflow's settings compute from what came in.

use crate::document::{KeepEvent, Settings};
use crate::expression::{Datum, Outputs, RunFacts, Scope, Template};
use crate::failure::Failure;
use chrono::{DateTime, TimeDelta, Utc};
use indexmap::IndexSet;
use serde_json::Value;
use std::sync::{Arc, LazyLock};

/// Longest key in bytes; what is longer is cut.
const MAX_KEY: usize = 512;

/// The keys of one event. A key that comes out empty is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventKeys {
    /// Runs with the same one go one after the other.
    pub order: Option<OrderKey>,
    /// Events with the same one within moments make one run.
    pub burst: Option<BurstKey>,
    /// An event with the same one is a repeat.
    pub repeat: Option<RepeatKey>,
}

/// Runs with the same one go one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderKey {
    /// The space keys are compared in; empty means the workflow's own.
    pub space: String,
    /// The key.
    pub key: String,
}

/// Events with the same one within moments make one run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BurstKey {
    /// The key.
    pub key: String,
    /// How long it must be quiet.
    pub quiet: TimeDelta,
    /// Which event the run gets.
    pub keep: KeepEvent,
}

/// An event with the same one is a repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepeatKey {
    /// The key.
    pub key: String,
    /// For how long.
    pub within: TimeDelta,
}

/// The keys' templates, compiled.
#[derive(Debug, Default)]
pub(super) struct KeyTemplates {
    order: Option<(Template, String)>,
    burst: Option<(Template, TimeDelta, KeepEvent)>,
    repeat: Option<(Template, TimeDelta)>,
}

impl KeyTemplates {
    /// Checked before: a template that cannot be understood does not come here.
    pub(super) fn new(settings: &Settings) -> Self {
        let template = |text: &str| Template::compile(text).unwrap_or_default();
        Self {
            order: settings.order_by.as_ref().map(|order| (template(&order.key), order.space.clone())),
            burst: settings
                .debounce
                .as_ref()
                .map(|burst| (template(&burst.key), TimeDelta::seconds(burst.seconds.into()), burst.keep)),
            repeat: settings
                .dedupe
                .as_ref()
                .map(|repeat| (template(&repeat.key), TimeDelta::hours(repeat.hours.into()))),
        }
    }

    pub(super) fn read(
        &self,
        vars: &Arc<Datum>,
        trigger: &Value,
        at: DateTime<Utc>,
    ) -> Result<EventKeys, Failure> {
        static NO_STEPS: LazyLock<Arc<IndexSet<String>>> = LazyLock::new(Arc::default);
        if self.order.is_none() && self.burst.is_none() && self.repeat.is_none() {
            return Ok(EventKeys::default());
        }
        let facts = RunFacts { started_at: at, ..RunFacts::default() };
        let outputs = Arc::new(Outputs::new(Arc::clone(&NO_STEPS)));
        let scope =
            Scope::new(Datum::new(trigger.clone()), outputs, None, Arc::clone(vars), Arc::new(facts), at);
        let text = |template: &Template| template.text(&scope).map(|text| key(&text));
        let mut keys = EventKeys::default();
        if let Some((template, space)) = &self.order {
            keys.order = text(template)?.map(|key| OrderKey { space: space.clone(), key });
        }
        if let Some((template, quiet, keep)) = &self.burst {
            keys.burst = text(template)?.map(|key| BurstKey { key, quiet: *quiet, keep: *keep });
        }
        if let Some((template, within)) = &self.repeat {
            keys.repeat = text(template)?.map(|key| RepeatKey { key, within: *within });
        }
        Ok(keys)
    }
}

fn key(text: &str) -> Option<String> {
    let text = text.trim();
    let end = text.floor_char_boundary(MAX_KEY);
    (!text.is_empty()).then(|| text[..end].to_owned())
}
