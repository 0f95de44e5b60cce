//! Settings, checked and ready to prepare rows with.

use super::rows::ImportRow;
use super::settings::{ImportSettings, MAX_COLUMNS, RowRule, WhoWins};
use crate::cleaning::{Flag, Report};
use crate::field::{self, Field};
use crate::key::KeyKind;
use crate::lead::MAX_FIELD_NAME;
use crate::own_field::OwnFields;
use crate::record::Record;
use serde_json::{Map, Value};
use std::collections::HashSet;

/// Why settings cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// There is no column, or too many.
    #[error("a list has 1 to {MAX_COLUMNS} columns, and here are {0}")]
    Columns(usize),
    /// Nothing would be imported.
    #[error("no column is imported; choose a field for at least one")]
    Nothing,
    /// Two columns fill the same field.
    #[error("two columns fill the field {0}")]
    Twice(String),
    /// The name cannot be a field's.
    #[error("{0} cannot be filled by an import")]
    Field(String),
    /// Nothing says which lead a row is about.
    #[error("no column is an external ID, an e-mail address or a phone number that rows are recognised by")]
    NoKey,
    /// A rule looks at a field that no column fills.
    #[error("a rule looks at {0}, which no column fills")]
    Rule(String),
    /// The cleaning cannot be done.
    #[error("{0}")]
    Cleaning(String),
}

/// The column that is split into a first and a last name.
const WHOLE_NAME: &str = "name";

/// See the [module](self).
#[derive(Debug, Clone)]
pub struct Plan {
    settings: ImportSettings,
    /// Columns that are imported: their place in the file and their field.
    used: Vec<(usize, String)>,
}

impl Plan {
    /// Checks `settings`.
    ///
    /// # Errors
    /// [`PlanError`].
    pub fn of(settings: ImportSettings) -> Result<Self, PlanError> {
        let count = settings.columns.len();
        if !(1..=MAX_COLUMNS).contains(&count) {
            return Err(PlanError::Columns(count));
        }
        let mut used = Vec::new();
        let mut taken = HashSet::new();
        for (place, column) in settings.columns.iter().enumerate() {
            let name = column.field.trim();
            if name.is_empty() {
                continue;
            }
            let is_whole_name = name == WHOLE_NAME;
            if name.len() > MAX_FIELD_NAME || (field::is_reserved(name) && !is_whole_name) {
                return Err(PlanError::Field(name.to_owned()));
            }
            if !taken.insert(name.to_owned()) {
                return Err(PlanError::Twice(name.to_owned()));
            }
            used.push((place, name.to_owned()));
        }
        if used.is_empty() {
            return Err(PlanError::Nothing);
        }
        if taken.contains(WHOLE_NAME)
            && let Some(part) =
                [Field::FirstName, Field::LastName].iter().find(|part| taken.contains(part.as_str()))
        {
            return Err(PlanError::Twice(part.as_str().to_owned()));
        }
        if !settings.match_on.iter().any(|kind| taken.contains(kind.as_str())) {
            return Err(PlanError::NoKey);
        }
        let of_name = |name: &str| taken.contains(WHOLE_NAME) && matches!(name, "first_name" | "last_name");
        if let Some(name) = settings
            .rules
            .iter()
            .filter_map(RowRule::field)
            .find(|name| !taken.contains(*name) && !of_name(name))
        {
            return Err(PlanError::Rule(name.to_owned()));
        }
        if let Some(problem) = settings.cleaning.problem() {
            return Err(PlanError::Cleaning(problem));
        }
        Ok(Self { settings, used })
    }

    /// What was chosen.
    #[must_use]
    pub fn settings(&self) -> &ImportSettings {
        &self.settings
    }

    /// Fields in which the file wins over the lead.
    #[must_use]
    pub fn file_wins(&self) -> Vec<String> {
        let wins = |place: &usize| self.settings.columns[*place].wins == WhoWins::File;
        let mut names: Vec<String> =
            self.used.iter().filter(|(place, _)| wins(place)).map(|(_, name)| name.clone()).collect();
        if names.iter().any(|name| name == WHOLE_NAME) {
            names.extend([Field::FirstName, Field::LastName].map(|part| part.as_str().to_owned()));
        }
        names
    }

    /// Prepares the row with this number from its cells, or from the reason why it could not be read. The report says what
    /// was cleaned.
    pub fn prepare<'c>(
        &self,
        row: u64,
        cells: impl Fn(usize) -> Option<&'c str>,
        problem: Option<&str>,
    ) -> (ImportRow, Report) {
        let failed = |why: String| ImportRow { row, keys: Vec::new(), fields: Map::new(), failed: Some(why) };
        if let Some(problem) = problem {
            return (failed(problem.to_owned()), Report::default());
        }
        let mut fields = Map::with_capacity(self.used.len() + 1);
        for (place, name) in &self.used {
            match cells(*place) {
                Some(cell) if !cell.is_empty() => drop(fields.insert(name.clone(), cell.into())),
                _ => {}
            }
        }
        let report = self.settings.cleaning.clean(&mut fields);
        split_name(&mut fields);
        fields.retain(|_, value| !field::is_blank(value));
        if fields.is_empty() {
            return (failed("the row is empty".into()), report);
        }
        if let Some(why) = self.settings.rules.iter().find_map(|rule| broken(rule, &fields, &report)) {
            return (failed(why), report);
        }
        let keys: Vec<_> = KeyKind::ALL.into_iter().filter_map(|kind| field::key_in(&fields, kind)).collect();
        if !self.settings.match_on.iter().any(|kind| keys.iter().any(|key| key.kind == *kind)) {
            let labels = crate::book::any_of(self.settings.match_on.iter().map(|kind| kind.label()));
            return (
                failed(format!("it has no usable {labels}, so nobody can tell which lead it is about")),
                report,
            );
        }
        if let Err(failure) = Record::read(&fields, &OwnFields::default())
            .and_then(|record| crate::record::check_bounds(record.own()))
        {
            return (failed(failure.message), report);
        }
        if let Some(source) = &self.settings.afterwards.source
            && !source.trim().is_empty()
        {
            fields.entry(Field::Source.as_str()).or_insert_with(|| source.trim().into());
        }
        (ImportRow { row, keys, fields, failed: None }, report)
    }
}

/// Turns a whole name into its parts: what stands last is the last name, with the small words before it.
fn split_name(fields: &mut Map<String, Value>) {
    let Some(Value::String(name)) = fields.shift_remove(WHOLE_NAME) else { return };
    let (first, last) = match name.split_once(',') {
        // "Lovelace, Ada".
        Some((last, first)) if !first.trim().is_empty() => (first.trim(), last.trim()),
        _ => {
            let words: Vec<&str> = name.split_whitespace().collect();
            let mut at = words.len().saturating_sub(1);
            while at > 1 && words[at - 1].chars().all(char::is_lowercase) {
                at -= 1;
            }
            let cut = words.get(at).and_then(|_| nth_word(&name, at)).unwrap_or(0);
            (name[..cut].trim(), name[cut..].trim())
        }
    };
    for (part, text) in [(Field::FirstName, first), (Field::LastName, last)] {
        if !text.is_empty() {
            fields.insert(part.as_str().to_owned(), text.into());
        }
    }
}

/// Why the row breaks `rule`, if it does.
fn broken(rule: &RowRule, fields: &Map<String, Value>, report: &Report) -> Option<String> {
    let label =
        |name: &str| Field::find(name).map_or_else(|| name.to_owned(), |field| field.label().to_owned());
    match rule {
        RowRule::Required { field } => {
            let missing = !fields.contains_key(field.as_str());
            missing.then(|| format!("{} is missing", label(field)))
        }
        RowRule::Refuse { flag } => {
            let raised = report.flags.iter().find(|flagged| flagged.flag == *flag)?;
            let value = fields.get(&raised.field).and_then(Value::as_str).unwrap_or_default();
            let meant = match (&raised.meant, flag) {
                (Some(meant), Flag::TypoDomain | Flag::BadEmail) => format!("; {meant} was probably meant"),
                _ => String::new(),
            };
            Some(format!("\"{}\" {}{meant}", shown(value), flag.words()))
        }
        RowRule::OneOf { field, values } => {
            let value = fields.get(field.as_str()).and_then(Value::as_str)?;
            let known = values.iter().any(|one| one.trim().to_lowercase() == value.to_lowercase());
            (!known).then(|| {
                format!("{} is \"{}\", which is none of the values allowed", label(field), shown(value))
            })
        }
    }
}

/// The beginning of a value, as reasons show it.
fn shown(value: &str) -> String {
    value.chars().take(60).collect()
}

/// Where the word with this number begins, in bytes.
fn nth_word(text: &str, number: usize) -> Option<usize> {
    let (mut within, mut count) = (false, 0);
    for (at, c) in text.char_indices() {
        if c.is_whitespace() {
            within = false;
        } else if !within {
            if count == number {
                return Some(at);
            }
            within = true;
            count += 1;
        }
    }
    None
}
