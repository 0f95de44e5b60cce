//! Fields that the customer made in an app: read from it for forms, and kept a while, because forms are opened often and
//! an app's calls are counted.
//!
//! Of many who ask at once one asks the app. A list is given out for ten minutes, and longer when the app does not answer;
//! then it says so. It is forgotten when the connection gets other secrets: they may be another account's.

use super::{Connections, unusable};
use chrono::{DateTime, TimeDelta, Utc};
use parking_lot::Mutex;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use trunkline_connectors::interpreter::{filled, is_true};
use trunkline_connectors::manifest::FieldSource;
use trunkline_engine::expression::{Datum, Scope, into_text};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_store::WorkspaceId;
use utoipa::ToSchema;
use uuid::Uuid;

/// Longest time the app may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a list is given out without asking the app again.
const FRESH: TimeDelta = TimeDelta::minutes(10);
/// A list this young is given out even to those who want it read anew: they came while it was read.
const JUST_NOW: TimeDelta = TimeDelta::seconds(2);
/// Most fields of a form.
const MOST: usize = 5_000;
/// Most choices of all fields of a form together.
const MOST_CHOICES: usize = 50_000;
/// Longest text of a field, in letters.
const LONGEST: usize = 300;
/// Lists above which the oldest is forgotten.
const MANY: usize = 100;

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AppFieldKind {
    /// A text.
    String,
    /// A number.
    Number,
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// One of `options`.
    Choice,
}

/// Something that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AppFieldOption {
    /// What is sent.
    pub value: String,
    /// What people read.
    pub label: String,
}

/// A field of an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AppField {
    /// What it is called in requests.
    pub name: String,
    /// What people read.
    pub label: String,
    /// What the app says about it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// What it holds.
    pub kind: AppFieldKind,
    /// What may be chosen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<AppFieldOption>,
    /// Whether it may be written.
    pub writable: bool,
    /// Whether the app needs it.
    pub required: bool,
}

/// The fields of an app, as they were at a moment.
#[derive(Debug, Clone)]
pub struct FieldList {
    /// By their labels.
    pub items: Arc<Vec<AppField>>,
    /// When they were read.
    pub read_at: DateTime<Utc>,
    /// Why they could not be read anew.
    pub trouble: Option<Failure>,
}

/// Lists that were read.
#[derive(Default)]
pub(super) struct Known(Mutex<HashMap<Wanted, Arc<Shelf>>>);

/// A list of a connection: its source, and what the form held that it may depend on.
type Wanted = (Uuid, String, String);

/// One list; held by whoever reads it.
#[derive(Default)]
struct Shelf {
    list: tokio::sync::Mutex<Option<FieldList>>,
    /// When it was last asked for, so that the oldest can go.
    asked: Mutex<DateTime<Utc>>,
}

impl Known {
    fn shelf(
        &self,
        connection: Uuid,
        source: &str,
        given: &Map<String, Value>,
        now: DateTime<Utc>,
    ) -> Arc<Shelf> {
        let mut all = self.0.lock();
        let key = (connection, source.to_owned(), json!(given).to_string());
        if !all.contains_key(&key) && all.len() >= MANY {
            let oldest = all.iter().min_by_key(|(_, shelf)| *shelf.asked.lock()).map(|(key, _)| key.clone());
            oldest.and_then(|key| all.remove(&key));
        }
        let shelf = Arc::clone(all.entry(key).or_default());
        *shelf.asked.lock() = now;
        shelf
    }

    fn forget(&self, connection: Uuid) {
        self.0.lock().retain(|(known, ..), _| *known != connection);
    }
}

impl Connections {
    /// The fields that the manifest calls `source`, for a form that holds `given` so far. With `anew` they are read from
    /// the app even if they are known.
    ///
    /// # Errors
    /// What the app says against it, when they were never read.
    pub async fn fields(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        source: &str,
        given: &Map<String, Value>,
        anew: bool,
    ) -> Result<FieldList, Failure> {
        let begun = Utc::now();
        let shelf = self.known_fields.shelf(id, source, given, begun);
        let mut list = shelf.list.lock().await;
        if let Some(known) = &*list {
            let age = begun - known.read_at;
            if age < if anew { JUST_NOW } else { FRESH } {
                return Ok(known.clone());
            }
        }
        match self.read_fields(workspace, id, source, given).await {
            Ok(items) => {
                let read = FieldList { items: Arc::new(items), read_at: Utc::now(), trouble: None };
                *list = Some(read.clone());
                Ok(read)
            }
            Err(failure) => {
                let failure = told_to_a_form(failure, Utc::now());
                list.clone().map(|known| FieldList { trouble: Some(failure.clone()), ..known }).ok_or(failure)
            }
        }
    }

    /// Forgets what is known of the account behind a connection, because it may be another one from now on.
    pub fn forget_account(&self, id: Uuid) {
        self.known_fields.forget(id);
    }

    async fn read_fields(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        source: &str,
        given: &Map<String, Value>,
    ) -> Result<Vec<AppField>, Failure> {
        let opened = self.usable(workspace, id).await?;
        let manifest = Arc::clone(&opened.manifest);
        let described = manifest
            .fields
            .get(source)
            .ok_or_else(|| unusable(format!("{} has no fields called {source}", manifest.name)))?;
        let (action, scope) = (&described.action, Scope::of(Datum::new(json!({ "input": given }))));
        let mut input = Map::new();
        for (name, value) in &described.input {
            if let Some(value) = filled(value, &scope)? {
                input.insert(name.clone(), value);
            }
        }
        let output = self.call(workspace, opened, action, input, String::new(), PATIENCE).await?;
        let items = output.pointer(&described.items).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut choices_left = MOST_CHOICES;
        let mut fields = Vec::new();
        for item in items.into_iter().take(MOST) {
            let Some(field) = field(described, &item, choices_left)? else { continue };
            choices_left -= field.options.len();
            fields.push(field);
        }
        fields.sort_by_cached_key(|field| field.label.to_lowercase());
        Ok(fields)
    }
}

/// `None` for what is not offered.
fn field(described: &FieldSource, item: &Value, most_choices: usize) -> Result<Option<AppField>, Failure> {
    let scope = Scope::of(Datum::new(json!({ "item": item })));
    let is = |condition: &Option<trunkline_engine::expression::Dynamic>, otherwise: bool| match condition {
        Some(condition) => Ok::<_, Failure>(is_true(&condition.value(&scope)?)),
        None => Ok(otherwise),
    };
    if !is(&described.only, true)? {
        return Ok(None);
    }
    let options = options(described.options.value(&scope)?, most_choices);
    let kind = match described.kind.text(&scope)?.trim() {
        "number" => AppFieldKind::Number,
        "boolean" => AppFieldKind::Boolean,
        "date" => AppFieldKind::Date,
        // A choice of nothing is a text, or nobody could fill it.
        "choice" if !options.is_empty() => AppFieldKind::Choice,
        _ => AppFieldKind::String,
    };
    let name = described.name.text(&scope)?;
    let label = short(&described.label.text(&scope)?);
    Ok(Some(AppField {
        label: if label.is_empty() { name.clone() } else { label },
        name,
        help: short(&described.help.text(&scope)?),
        options: if kind == AppFieldKind::Choice { options } else { Vec::new() },
        kind,
        writable: is(&described.writable, true)?,
        required: is(&described.required, false)?,
    }))
}

/// Records of `value` and `label`, or plain values.
fn options(listed: Value, most: usize) -> Vec<AppFieldOption> {
    let Value::Array(items) = listed else { return Vec::new() };
    let option = |item: Value| {
        let (value, label) = match item {
            Value::Object(mut fields) => (fields.remove("value")?, fields.remove("label")),
            plain => (plain, None),
        };
        let value = into_text(value);
        let label = label.map(into_text).filter(|label| !label.trim().is_empty());
        Some(AppFieldOption { label: short(label.as_ref().unwrap_or(&value)), value })
    };
    items.into_iter().filter_map(option).filter(|option| !option.value.is_empty()).take(most).collect()
}

fn short(text: &str) -> String {
    text.trim().chars().take(LONGEST).collect()
}

/// A form cannot be given retries; whoever fills it can come back.
fn told_to_a_form(failure: Failure, now: DateTime<Utc>) -> Failure {
    if failure.kind != FailureKind::RateLimited {
        return failure;
    }
    let action = match failure.retry_at.map(|until| (until - now).num_seconds().max(1)) {
        Some(seconds) if seconds < 120 => format!("Read the fields again in {seconds} seconds."),
        Some(seconds) if seconds < 7_200 => format!("Read the fields again in {} minutes.", seconds / 60 + 1),
        Some(seconds) => format!("Read the fields again in {} hours.", seconds / 3_600 + 1),
        None => "Read the fields again in a moment.".to_owned(),
    };
    Failure { action, ..failure }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_read_from_records_and_plain_values_and_are_bounded() {
        let listed =
            json!([{ "value": 7, "label": "Seven" }, { "value": "x", "label": "" }, "plain", null, {}]);
        let read = options(listed.clone(), 10);
        let pairs: Vec<_> =
            read.iter().map(|option| (option.value.as_str(), option.label.as_str())).collect();
        assert_eq!(pairs, [("7", "Seven"), ("x", "x"), ("plain", "plain")]);
        assert_eq!(options(listed, 2).len(), 2);
        assert!(options(json!("none"), 9).is_empty());
    }

    #[test]
    fn the_list_that_nobody_asked_for_the_longest_goes_first() {
        let known = Known::default();
        let at = |second| DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
        let ids: Vec<Uuid> = (0..=MANY).map(|_| Uuid::now_v7()).collect();
        for (second, id) in ids.iter().take(MANY).enumerate() {
            known.shelf(*id, "own", &Map::new(), at(second as i64));
        }
        known.shelf(ids[0], "own", &Map::new(), at(1_000));
        known.shelf(ids[MANY], "own", &Map::new(), at(1_001));
        let kept = known.0.lock();
        assert_eq!(kept.len(), MANY);
        let key = |id| (id, "own".to_owned(), "{}".to_owned());
        assert!(kept.contains_key(&key(ids[0])) && !kept.contains_key(&key(ids[1])));
    }

    #[test]
    fn who_fills_a_form_is_told_when_to_come_back() {
        let now = Utc::now();
        let failure = Failure::new("CONN-0005", FailureKind::RateLimited, "m", "Give the step retries.");
        let limited = Failure { retry_at: Some(now + TimeDelta::seconds(30)), ..failure.clone() };
        assert_eq!(told_to_a_form(limited, now).action, "Read the fields again in 30 seconds.");
        let tomorrow = Failure { retry_at: Some(now + TimeDelta::hours(5)), ..failure };
        assert_eq!(told_to_a_form(tomorrow, now).action, "Read the fields again in 6 hours.");
    }
}
