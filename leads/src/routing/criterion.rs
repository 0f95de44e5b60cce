//! A field of a lead and the cell it has to pass.

use super::cell::{Cell, CellError, ColumnKind};
use super::words;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A field and what it has to be, such as company size and `1000+`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// The field: of the lead (`country`), of its account (`account.region`), or one of the workspace's own (`plan`).
    pub field: String,
    /// How it is compared.
    #[serde(default)]
    pub kind: ColumnKind,
    /// What it has to be, as in a cell of a table.
    pub is: String,
}

impl Criterion {
    /// Whether `record` passes; what cannot be read passes nothing, and [`Criterion::problem`] says so before.
    #[must_use]
    pub fn holds(&self, record: &Value) -> bool {
        Cell::read(&self.is, self.kind).is_ok_and(|cell| cell.holds(look_up(record, &self.field)))
    }

    /// Why it cannot be used.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        if self.field.trim().is_empty() {
            return Some("no field is chosen".into());
        }
        Cell::read(&self.is, self.kind).err().map(|error: CellError| error.to_string())
    }

    /// How it reads in a sentence: `company size is at least 1000`.
    #[must_use]
    pub fn in_words(&self) -> String {
        words::cell(&words::field(&self.field), &self.is, self.kind)
    }
}

/// All of `criteria` in a sentence; `None` when nothing is asked.
pub(super) fn all_in_words(criteria: &[Criterion]) -> Option<String> {
    let asked: Vec<String> = criteria.iter().map(Criterion::in_words).collect();
    (!asked.is_empty()).then(|| asked.join(" and "))
}

/// What `record` holds under the name `field`: a part of the record, or else an own field of the workspace.
#[must_use]
pub fn look_up<'a>(record: &'a Value, field: &str) -> &'a Value {
    static NOTHING: Value = Value::Null;
    let field = field.trim();
    if let Some(value) = record.get(field) {
        return value;
    }
    let mut at = Some(record);
    for part in field.split('.') {
        at = at.and_then(|value| value.get(part));
    }
    at.or_else(|| record.get("fields").and_then(|own| own.get(field))).unwrap_or(&NOTHING)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fields_are_found_on_the_lead_its_account_and_among_own_fields() {
        let record = json!({
            "country": "DE", "fields": {"plan": "pro", "Web.Visits": 7}, "account": {"region": "EMEA"}
        });
        assert_eq!(look_up(&record, "country"), "DE");
        assert_eq!(look_up(&record, "account.region"), "EMEA");
        assert_eq!(look_up(&record, "plan"), "pro");
        assert_eq!(look_up(&record, "fields.plan"), "pro");
        assert_eq!(look_up(&record, "Web.Visits"), 7);
        assert_eq!(look_up(&record, "account.owner.name"), &Value::Null);
    }
}
