//! JSON, and JSON lines. Values are counted while they are read, so that a small file cannot fill the memory.

use super::{BadRow, Format, MAX_DEPTH, Parsed, Room, fits, malformed, too_deep};
use crate::failure::Failure;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::fmt;

/// Reads one JSON value.
///
/// # Errors
/// `RUN-0121` when it is none, `RUN-0122` when it is nested too deeply, `RUN-0110` when it holds too much.
pub(in crate::steps) fn read(text: &str) -> Result<Value, Failure> {
    value(text, &mut Room::new()).map_err(|trouble| match trouble {
        Trouble::Limit(failure) => failure,
        Trouble::Syntax(why) => malformed(Format::Json, why),
    })
}

/// Reads one JSON value per line; lines that hold none are bad rows, empty ones are left out.
///
/// # Errors
/// `RUN-0120`, `RUN-0122` or `RUN-0110` for what is too big.
pub(in crate::steps) fn read_lines(text: &str) -> Result<Parsed, Failure> {
    let (mut parsed, mut room) = (Parsed::default(), Room::new());
    for (line, number) in text.lines().zip(1_u64..) {
        if line.trim().is_empty() {
            continue;
        }
        parsed.another()?;
        match value(line, &mut room) {
            Ok(item) => parsed.items.push(item),
            Err(Trouble::Limit(failure)) => return Err(failure),
            Err(Trouble::Syntax(why)) => parsed.bad.push(BadRow::new(number, why, line)),
        }
    }
    Ok(parsed)
}

/// Writes `data`, over several lines with indents when `pretty`.
///
/// # Errors
/// `RUN-0128` when it becomes too large.
pub(in crate::steps) fn write(data: &Value, pretty: bool) -> Result<String, Failure> {
    let text = if pretty { format!("{data:#}\n") } else { data.to_string() };
    fits(text.len())?;
    Ok(text)
}

/// Writes each item as a line.
///
/// # Errors
/// `RUN-0128` when it becomes too large.
pub(in crate::steps) fn write_lines(items: &[Value]) -> Result<String, Failure> {
    let mut text = String::new();
    for item in items {
        text.push_str(&item.to_string());
        text.push('\n');
        fits(text.len())?;
    }
    Ok(text)
}

/// Why a text did not become a value.
enum Trouble {
    /// It is too much; reading on makes no sense.
    Limit(Failure),
    /// It is no JSON.
    Syntax(String),
}

fn value(text: &str, room: &mut Room) -> Result<Value, Trouble> {
    let mut budget = Budget { room, exceeded: None };
    let mut reader = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
    let read = Seed { budget: &mut budget, depth: 0 }.deserialize(&mut reader);
    match read.and_then(|value| reader.end().map(|()| value)) {
        Ok(value) => Ok(value),
        Err(error) => Err(budget.exceeded.map_or_else(|| Trouble::Syntax(error.to_string()), Trouble::Limit)),
    }
}

/// Room for values, and why it ran out.
struct Budget<'r> {
    room: &'r mut Room,
    exceeded: Option<Failure>,
}

impl Budget<'_> {
    /// Notes that a limit is exceeded, for when the parser comes back.
    fn check<E: Error>(&mut self, result: Result<(), Failure>) -> Result<(), E> {
        result.map_err(|failure| {
            let error = E::custom(&failure);
            self.exceeded = Some(failure);
            error
        })
    }

    fn spend<E: Error>(&mut self, values: usize, bytes: usize) -> Result<(), E> {
        let result = self.room.spend(values, bytes);
        self.check(result)
    }
}

/// Reads a value at a depth within a budget.
struct Seed<'b, 'r> {
    budget: &'b mut Budget<'r>,
    depth: usize,
}

impl Seed<'_, '_> {
    fn deeper<E: Error>(&mut self) -> Result<usize, E> {
        let depth = self.depth + 1;
        let result = if depth > MAX_DEPTH { Err(too_deep()) } else { Ok(()) };
        self.budget.check(result)?;
        Ok(depth)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.budget.spend(1, 0)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        self.budget.spend(0, value.len())?;
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(Seed { budget: self.budget, depth })? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut record: A) -> Result<Value, A::Error> {
        let depth = self.deeper()?;
        let mut fields = Map::new();
        while let Some(name) = record.next_key::<String>()? {
            self.budget.spend(0, name.len())?;
            let field = record.next_value_seed(Seed { budget: self.budget, depth })?;
            fields.insert(name, field);
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn good_lines_survive_bad_ones() {
        let parsed = read_lines("\u{feff}{\"a\": 1}\n\n{\"a\": \r\n[2] 3\n\"x\"").unwrap();
        assert_eq!(parsed.items, [json!({"a": 1}), json!("x")]);
        assert_eq!(parsed.bad.iter().map(|bad| bad.row).collect::<Vec<_>>(), [3, 4]);
        assert!(parsed.bad[1].reason.contains("trailing characters"), "{}", parsed.bad[1].reason);
    }

    #[test]
    fn limits_hold() {
        let code = |text: &str| read(text).unwrap_err().code.into_owned();
        assert_eq!(code("{"), "RUN-0121");
        assert_eq!(code(""), "RUN-0121");
        assert_eq!(code(&"[".repeat(100_000)), "RUN-0122");
        assert_eq!(code(&"{\"a\":".repeat(65)), "RUN-0122");
        assert_eq!(code(&format!("[{}0]", "0,".repeat(500_000))), "RUN-0110");
        assert_eq!(read_lines(&"1\n".repeat(10_001)).unwrap_err().code, "RUN-0120");
        let large = json!("x".repeat(8 * 1024 * 1024));
        assert_eq!(write(&large, false).unwrap_err().code, "RUN-0128");
        assert_eq!(write_lines(&[large]).unwrap_err().code, "RUN-0128");
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            (-1e9..1e9).prop_map(|float: f64| Value::from(float.round() / 8.0)),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 30, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..5)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in any_value(), pretty in any::<bool>()) {
            let back = read(&write(&value, pretty).unwrap()).unwrap();
            prop_assert_eq!(&back, &value);
            let lines = read_lines(&write_lines(&[value.clone(), value.clone()]).unwrap()).unwrap();
            prop_assert_eq!(lines.items, [value.clone(), value]);
        }
    }
}
