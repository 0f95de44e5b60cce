//! JSON as expressions see it, without copying it: a view looks into the value it came from and converts only what is
//! asked for.
//!
//! It must never behave otherwise than a converted value would: a property test compares both. Only a list that is read
//! again and again, such as one that is repeated a million times, ends the expression: MiniJinja's own fuel does not
//! count what operators and filters read.

use super::limits::MAX_VALUE_NODES;
use super::scope::Datum;
use minijinja::Value as View;
use minijinja::value::{Enumerator, Object, ObjectRepr};
use serde_json::Value;
use std::cell::Cell;
use std::sync::Arc;

thread_local! {
    /// Items of lists that the expression at hand may still read; `None` once it wanted more.
    static LEFT: Cell<Option<usize>> = const { Cell::new(None) };
}

/// Begins an expression: what it may read is counted anew.
pub(super) fn begin() {
    LEFT.set(Some(MAX_VALUE_NODES));
}

/// Whether the expression wanted more than it may read: whatever it came to is wrong.
pub(super) fn is_exhausted() -> bool {
    LEFT.get().is_none()
}

/// A list or a record somewhere inside a datum.
#[derive(Debug)]
struct Inside {
    datum: Arc<Datum>,
    way: Way,
}

/// How to get from the datum to the value.
#[derive(Debug, Clone)]
enum Way {
    Whole,
    Field(Arc<Inside>, Box<str>),
    Item(Arc<Inside>, usize),
}

/// `datum` as expressions see it.
pub(super) fn of(datum: &Arc<Datum>) -> View {
    view(datum.json(), || Inside { datum: Arc::clone(datum), way: Way::Whole })
}

/// Scalars are converted; for lists and records `inside` says where they are.
fn view(value: &Value, inside: impl FnOnce() -> Inside) -> View {
    match value {
        Value::Null => View::from(()),
        Value::Bool(yes) => View::from(*yes),
        Value::Number(number) => match (number.as_u64(), number.as_i64()) {
            (Some(whole), _) => View::from(whole),
            (None, Some(whole)) => View::from(whole),
            (None, None) => View::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => View::from(text.as_str()),
        Value::Array(_) | Value::Object(_) => View::from_object(inside()),
    }
}

impl Inside {
    fn value(&self) -> &Value {
        let found = match &self.way {
            Way::Whole => Some(self.datum.json()),
            Way::Field(outer, name) => outer.value().get(&**name),
            Way::Item(outer, index) => outer.value().get(index),
        };
        found.expect("a datum does not change, and the way was found in it")
    }
}

impl Object for Inside {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        if self.value().is_array() { ObjectRepr::Seq } else { ObjectRepr::Map }
    }

    fn get_value(self: &Arc<Self>, key: &View) -> Option<View> {
        match self.value() {
            Value::Array(items) => {
                let left = LEFT.get()?.checked_sub(1);
                LEFT.set(left);
                left?;
                let index = key.as_usize()?;
                let item = items.get(index)?;
                Some(view(item, || self.inner(Way::Item(Arc::clone(self), index))))
            }
            _ => self.get_value_by_str(key.as_str()?),
        }
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<View> {
        let field = self.value().as_object()?.get(key)?;
        Some(view(field, || self.inner(Way::Field(Arc::clone(self), key.into()))))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        match self.value() {
            Value::Array(items) => Enumerator::Seq(items.len()),
            Value::Object(fields) => {
                Enumerator::Values(fields.keys().map(|name| View::from(name.as_str())).collect())
            }
            _ => Enumerator::Empty,
        }
    }

    fn enumerator_len(self: &Arc<Self>) -> Option<usize> {
        match self.value() {
            Value::Array(items) => Some(items.len()),
            Value::Object(fields) => Some(fields.len()),
            _ => Some(0),
        }
    }
}

impl Inside {
    fn inner(self: &Arc<Self>, way: Way) -> Self {
        Self { datum: Arc::clone(&self.datum), way }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::expression::limits::to_json;
    use minijinja::value::Serde;
    use proptest::prelude::*;
    use serde_json::json;

    /// JSON of few names, so that paths meet something.
    pub(in crate::expression) fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-9_i64..9).prop_map(Value::from),
            Just(json!(2.5)),
            Just(json!(u64::MAX)),
            "[ab ]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[abc]", inner), 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    #[test]
    fn a_list_is_not_read_for_ever() {
        let datum = Datum::new(json!(["a"]));
        let seen = of(&datum);
        begin();
        for _ in 0..MAX_VALUE_NODES {
            assert_eq!(seen.get_item_by_index(0).unwrap().as_str(), Some("a"));
        }
        assert!(!is_exhausted());
        assert_eq!(seen.get_item_by_index(0).unwrap(), View::UNDEFINED);
        assert!(is_exhausted());
        begin();
        assert_eq!(seen.get_item_by_index(0).unwrap().as_str(), Some("a"));
    }

    #[test]
    fn it_converts_nothing_that_is_not_asked_for() {
        begin();
        let datum = Datum::new(json!({"a": {"b": [1, {"c": "deep"}]}, "big": u64::MAX}));
        let seen = of(&datum);
        let deep = seen.get_attr("a").unwrap().get_attr("b").unwrap().get_item_by_index(1).unwrap();
        assert_eq!(deep.get_attr("c").unwrap().as_str(), Some("deep"));
        assert_eq!(seen.get_attr("nothing").unwrap(), View::UNDEFINED);
        assert_eq!(seen.len(), Some(2));
    }

    proptest! {
        #[test]
        fn it_is_what_a_converted_value_is(value in json(), other in json()) {
            begin();
            let converted = |value: &Value| View::from(Serde(value));
            let (seen, expected) = (of(&Datum::new(value.clone())), converted(&value));
            prop_assert_eq!(seen.kind(), expected.kind());
            prop_assert_eq!(seen.is_true(), expected.is_true());
            prop_assert_eq!(seen.to_string(), expected.to_string());
            prop_assert_eq!(&seen, &expected);
            prop_assert_eq!(to_json(&seen).unwrap(), to_json(&expected).unwrap());
            let order = seen.cmp(&of(&Datum::new(other.clone())));
            prop_assert_eq!(order, expected.cmp(&converted(&other)));
        }
    }
}
