//! An incoming record, sorted into core fields and own fields, with everything blank left out.

use crate::failures;
use crate::field::{self, Field, Reading};
use crate::lead::{MAX_FIELD_NAME, MAX_FIELDS, MAX_FIELDS_BYTES};
use crate::own_field::OwnFields;
use serde_json::{Map, Value};
use trunkline_engine::failure::Failure;

/// What a record says of a lead.
#[derive(Debug, Default)]
pub(crate) struct Record {
    core: Vec<(Field, Value)>,
    own: Map<String, Value>,
}

impl Record {
    /// Sorts `fields`.
    ///
    /// # Errors
    /// `LEAD-0007` for reserved names and heaps of values, `LEAD-0008` for what is too long, `FIELD-0001` for what is not
    /// of the type of an own field.
    pub(crate) fn read(fields: &Map<String, Value>, own: &OwnFields) -> Result<Self, Failure> {
        let mut record = Self::default();
        for (name, value) in fields {
            let reading = match Field::find(name) {
                Some(field) => match field.read(value)? {
                    Reading::Value(value) => {
                        record.core.push((field, value));
                        continue;
                    }
                    other => other,
                },
                None if field::is_reserved(name) => return Err(failures::reserved_field(name)),
                None if field::is_blank(value) => Reading::Blank,
                None => Reading::Foreign,
            };
            if reading == Reading::Foreign {
                if name.trim().is_empty() || name.len() > MAX_FIELD_NAME {
                    return Err(failures::field_name(name));
                }
                record.own.insert(name.clone(), own.read(name, value)?);
            }
        }
        Ok(record)
    }

    /// Values of core fields, each of its field's type.
    pub(crate) fn core(&self) -> &[(Field, Value)] {
        &self.core
    }

    /// The value of a core field that [`Record::core`] lists.
    pub(crate) fn core_value(&self, field: Field) -> &Value {
        let found = self.core.iter().find(|(name, _)| *name == field);
        &found.expect("asked for a field the record has").1
    }

    /// Values of own fields.
    pub(crate) fn own(&self) -> &Map<String, Value> {
        &self.own
    }
}

/// Whether `fields` are within the bounds of a lead's own fields.
///
/// # Errors
/// `LEAD-0008` when they are not.
pub(crate) fn check_bounds(fields: &Map<String, Value>) -> Result<(), Failure> {
    let bytes: usize = fields.iter().map(|(name, value)| name.len() + size(value)).sum();
    within(fields.len(), bytes)
}

/// As [`check_bounds`] for what `fields` would be with `news` in them.
pub(crate) fn check_bounds_with<'a>(
    fields: &Map<String, Value>,
    news: impl Iterator<Item = (&'a String, &'a Value)>,
) -> Result<(), Failure> {
    let mut count = fields.len();
    let mut bytes: usize = fields.iter().map(|(name, value)| name.len() + size(value)).sum();
    for (name, value) in news {
        match fields.get(name) {
            Some(old) => bytes = bytes - size(old) + size(value),
            None => {
                count += 1;
                bytes += name.len() + size(value);
            }
        }
    }
    within(count, bytes)
}

fn within(count: usize, bytes: usize) -> Result<(), Failure> {
    if count > MAX_FIELDS || bytes > MAX_FIELDS_BYTES { Err(failures::too_many_fields()) } else { Ok(()) }
}

/// Roughly the bytes of `value` as JSON.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => 2 + items.iter().map(size).sum::<usize>(),
        Value::Object(fields) => {
            2 + fields.iter().map(|(name, value)| name.len() + 3 + size(value)).sum::<usize>()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(value: &Value) -> Result<Record, Failure> {
        Record::read(value.as_object().unwrap(), &OwnFields::default())
    }

    #[test]
    fn values_are_sorted_and_blanks_left_out() {
        let record = read(&json!({
            "email": " Ada@Example.com ", "city": "", "country": null, "plan": "pro", "note": " ", "company_size": "many"
        }))
        .unwrap();
        assert_eq!(record.core(), [(Field::Email, json!("ada@example.com"))]);
        assert_eq!(Value::from(record.own().clone()), json!({"plan": "pro", "company_size": "many"}));
    }

    #[test]
    fn what_trunkline_keeps_itself_and_what_is_too_big_is_refused() {
        assert_eq!(read(&json!({"score": 99})).unwrap_err().code, "LEAD-0007");
        assert_eq!(read(&json!({"city": {"name": "Paris"}})).unwrap_err().code, "LEAD-0007");
        assert_eq!(read(&json!({"x".repeat(101): 1})).unwrap_err().code, "LEAD-0008");
        let many: Map<String, Value> = (0..=MAX_FIELDS).map(|n| (n.to_string(), json!(n))).collect();
        assert_eq!(check_bounds(&many).unwrap_err().code, "LEAD-0008");
        let big = json!({"a": "x".repeat(MAX_FIELDS_BYTES)});
        assert_eq!(check_bounds(big.as_object().unwrap()).unwrap_err().code, "LEAD-0008");
        let news = big.as_object().unwrap();
        assert_eq!(check_bounds_with(&Map::new(), news.iter()).unwrap_err().code, "LEAD-0008");
    }
}
