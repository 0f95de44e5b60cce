//! Own fields: what a workspace keeps of its leads besides the core fields, each with a type.
//!
//! A field is a definition of the kind `field`; the definition's name is the technical name, under which records, rules
//! and expressions know it. It never changes, and neither does the type. Label, help and choices may.
//!
//! Wherever a lead is written, a value for a field is read as its type. One that does not fit is refused with the reason,
//! never bent and never dropped. Names that nobody defined are still kept as they come.
//!
//! What this must never do: touch values that leads hold already. They were right when they were written.

mod mentions;
mod value;

pub use mentions::{is_mentioned, is_written_of};

use crate::definition::Definition;
use crate::failures;
use crate::field::{self, Field};
use crate::table::Column;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_engine::failure::Failure;

/// Most own fields of a workspace.
pub const MAX_OWN_FIELDS: usize = 200;
/// Most choices of a field.
pub const MAX_OPTIONS: usize = 200;
/// Longest label and longest choice, in characters.
const MAX_LABEL: usize = 100;
/// Longest help, in characters.
const MAX_HELP: usize = 500;

/// What a field is, as people lay it down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnField {
    /// What people call it.
    pub label: String,
    /// What belongs in it, for those who fill it in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub help: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub holds: Holds,
    /// The choices, in their order; only of `choice` and `choices`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Holds {
    /// Text.
    Text,
    /// A number.
    Number,
    /// A day, or a moment.
    Date,
    /// Yes or no.
    YesNo,
    /// One of several choices.
    Choice,
    /// Any number of several choices.
    Choices,
}

impl Holds {
    /// What people call it.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Date => "a date",
            Self::YesNo => "yes or no",
            Self::Choice => "one of its choices",
            Self::Choices => "some of its choices",
        }
    }

    /// Whether the field has choices.
    #[must_use]
    pub fn is_chosen(self) -> bool {
        matches!(self, Self::Choice | Self::Choices)
    }
}

impl OwnField {
    /// Whether `name` can be a technical name: small letters, digits and underscores, a letter first, and nothing that a
    /// lead has anyway.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        Column::is_key(name) && Field::find(name).is_none() && !field::is_reserved(name)
    }

    /// What is wrong with it, each with a JSON Pointer into it.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        let mut add = |at: String, what: String| problems.push((at, what));
        let label = self.label.trim();
        if label.is_empty() || label.chars().nth(MAX_LABEL).is_some() {
            add("/label".into(), format!("a field needs a label of 1 to {MAX_LABEL} characters"));
        }
        if self.help.chars().nth(MAX_HELP).is_some() {
            add("/help".into(), format!("the help has more than {MAX_HELP} characters"));
        }
        if !self.holds.is_chosen() && !self.options.is_empty() {
            add("/options".into(), format!("a field that holds {} has no choices", self.holds.words()));
        }
        if self.holds.is_chosen() && !(1..=MAX_OPTIONS).contains(&self.options.len()) {
            add("/options".into(), format!("a field with choices needs 1 to {MAX_OPTIONS} of them"));
        }
        for (at, option) in self.options.iter().enumerate() {
            let place = format!("/options/{at}");
            let plain = option.trim();
            if plain.is_empty() || plain.chars().nth(MAX_LABEL).is_some() || plain.contains(value::BETWEEN) {
                let says = format!("a choice has 1 to {MAX_LABEL} characters and no comma or semicolon");
                add(place, says);
            } else if self.options[..at].iter().any(|other| value::is_same(other, plain)) {
                add(place, format!("the choice {plain} is there twice"));
            }
        }
        problems
    }

    /// `value` as this field holds it; `None` when it is of another type.
    fn read(&self, value: &Value) -> Option<Value> {
        match self.holds {
            Holds::Text => value::text(value),
            Holds::Number => value::number(value),
            Holds::Date => value::date(value),
            Holds::YesNo => value::yes_no(value),
            Holds::Choice => value::choice(value, &self.options),
            Holds::Choices => value::choices(value, &self.options),
        }
    }
}

/// The own fields of a workspace, by technical name.
#[derive(Debug, Clone, Default)]
pub struct OwnFields {
    by_name: BTreeMap<String, Arc<OwnField>>,
}

impl OwnFields {
    /// Those of published definitions. One that cannot be read, which its making prevents, is left out.
    #[must_use]
    pub fn of(definitions: &[Definition]) -> Self {
        let read = |definition: &Definition| Some((definition.name.clone(), definition.read().ok()?));
        Self { by_name: definitions.iter().filter_map(read).collect() }
    }

    /// All of them with their technical names, by these.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &OwnField)> {
        self.by_name.iter().map(|(name, field)| (name.as_str(), &**field))
    }

    /// The field called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OwnField> {
        self.by_name.get(name).map(|field| &**field)
    }

    /// What people call the field `name`; of one that nobody defined its name.
    #[must_use]
    pub fn label<'a>(&'a self, name: &'a str) -> &'a str {
        self.get(name).map_or(name, |field| field.label.as_str())
    }

    /// Whether the field `name` can hold `value`, or be emptied by it.
    ///
    /// # Errors
    /// `FIELD-0001` when it does not fit, `LEAD-0008` when it is too long.
    pub fn check(&self, name: &str, value: &Value) -> Result<(), Failure> {
        if field::is_blank(value) { Ok(()) } else { self.read(name, value).map(drop) }
    }

    /// `value`, which is not blank, as the field `name` holds it. What nobody defined is kept as it comes.
    ///
    /// # Errors
    /// `FIELD-0001` when it does not fit, `LEAD-0008` when it is too long.
    pub(crate) fn read(&self, name: &str, value: &Value) -> Result<Value, Failure> {
        let Some(field) = self.get(name) else { return Ok(value.clone()) };
        let read = field.read(value).ok_or_else(|| failures::does_not_fit(field, value))?;
        match read.as_str() {
            Some(text) if text.chars().nth(crate::lead::MAX_TEXT).is_some() => {
                Err(failures::text_too_long(&field.label))
            }
            _ => Ok(read),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn field(holds: Holds, options: &[&str]) -> OwnField {
        let options = options.iter().map(|&option| option.to_owned()).collect();
        OwnField { label: "It".into(), help: String::new(), holds, options }
    }

    fn fields(document: Value) -> OwnFields {
        OwnFields::of(&[Definition::new(Uuid::nil(), "it".into(), 1, document)])
    }

    #[test]
    fn values_become_what_their_field_holds_and_stay_so() {
        for (holds, given, held) in [
            (Holds::Text, json!(" gold "), json!("gold")),
            (Holds::Text, json!(7), json!("7")),
            (Holds::Number, json!("1,250"), json!(1250)),
            (Holds::Number, json!(" 12.5 "), json!(12.5)),
            (Holds::Number, json!(-3), json!(-3)),
            (Holds::Date, json!("2026-01-31"), json!("2026-01-31")),
            (Holds::Date, json!("31 Jan 2026"), json!("2026-01-31")),
            (Holds::YesNo, json!("Yes"), json!(true)),
            (Holds::YesNo, json!(false), json!(false)),
            (Holds::Choice, json!("GOLD"), json!("Gold")),
            (Holds::Choices, json!("silver; gold"), json!(["Gold", "Silver"])),
            (Holds::Choices, json!(["silver", "Silver"]), json!(["Silver"])),
        ] {
            let options: &[&str] = if holds.is_chosen() { &["Gold", "Silver"] } else { &[] };
            let field = field(holds, options);
            assert!(field.problems().is_empty());
            assert_eq!(field.read(&given), Some(held.clone()), "{holds:?} {given}");
            assert_eq!(field.read(&held), Some(held), "what is held stays as it is");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        for (holds, given) in [
            (Holds::Text, json!(["a"])),
            (Holds::Number, json!("many")),
            (Holds::Number, json!("1,25")),
            (Holds::Number, json!("NaN")),
            (Holds::Date, json!("soon")),
            (Holds::Date, json!("03/05/2026")),
            (Holds::YesNo, json!("perhaps")),
            (Holds::Choice, json!("Bronze")),
            (Holds::Choices, json!(["Gold", "Bronze"])),
        ] {
            let options: &[&str] = if holds.is_chosen() { &["Gold"] } else { &[] };
            assert_eq!(field(holds, options).read(&given), None, "{holds:?} {given}");
        }
        let fields = fields(json!({ "label": "Tier", "type": "choice", "options": ["Gold", "Silver"] }));
        let failure = fields.read("it", &json!("Bronze")).unwrap_err();
        assert_eq!(failure.code, "FIELD-0001");
        assert_eq!(
            failure.message,
            "\"Bronze\" does not fit the field Tier, which holds one of its choices."
        );
        assert_eq!(failure.action, "Send one of Gold, Silver; or add the choice under Rules, Fields.");
        assert_eq!(fields.read("other", &json!({"a": 1})).unwrap(), json!({"a": 1}));
        assert_eq!((fields.label("it"), fields.label("other")), ("Tier", "other"));
    }

    #[test]
    fn what_cannot_be_laid_down_is_said() {
        let places = |field: &OwnField| -> Vec<String> {
            field.problems().into_iter().map(|(place, _)| place).collect()
        };
        assert_eq!(places(&field(Holds::Choice, &[])), ["/options"]);
        assert_eq!(places(&field(Holds::Text, &["a"])), ["/options"]);
        assert_eq!(places(&field(Holds::Choices, &["a", "A", "b, c"])), ["/options/1", "/options/2"]);
        assert_eq!(places(&OwnField { label: " ".into(), ..field(Holds::Text, &[]) }), ["/label"]);
        assert!(["plan", "renewal_date2"].iter().all(|name| OwnField::is_name(name)));
        assert!(!["email", "score", "Plan", "2nd", "a b", ""].iter().any(|name| OwnField::is_name(name)));
    }
}
