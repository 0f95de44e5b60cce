//! What an expression sees: the trigger, earlier steps, the loop's item, constants and facts of the run.

use super::path::{self, Segment};
use super::view;
use chrono::{DateTime, SecondsFormat, Utc};
use indexmap::IndexSet;
use minijinja::Value as View;
use minijinja::value::{Enumerator, Object, ObjectRepr, Serde};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};

/// A value that is read as JSON and by expressions. It is shared, never copied.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Datum {
    json: Value,
}

impl Datum {
    /// Holds `json`.
    #[must_use]
    pub fn new(json: Value) -> Arc<Self> {
        Arc::new(Self { json })
    }

    /// The JSON form.
    #[must_use]
    pub fn json(&self) -> &Value {
        &self.json
    }
}

/// Outputs of the steps that have finished, one slot per step of the document.
#[derive(Debug, Clone)]
pub struct Outputs {
    names: Arc<IndexSet<String>>,
    slots: Vec<Option<Arc<Datum>>>,
}

impl Outputs {
    /// No output yet for any of `names`.
    #[must_use]
    pub fn new(names: Arc<IndexSet<String>>) -> Self {
        let slots = vec![None; names.len()];
        Self { names, slots }
    }

    /// Keeps the output of the step in `slot`.
    pub fn set(&mut self, slot: usize, output: Arc<Datum>) {
        self.slots[slot] = Some(output);
    }

    /// The output of the step called `name`.
    fn named(&self, name: &str) -> Option<&Arc<Datum>> {
        self.slots[self.names.get_index_of(name)?].as_ref()
    }

    /// The output in `slot`.
    #[must_use]
    pub fn get(&self, slot: usize) -> Option<&Arc<Datum>> {
        self.slots[slot].as_ref()
    }
}

impl PartialEq for Outputs {
    fn eq(&self, other: &Self) -> bool {
        self.slots == other.slots
    }
}

impl Outputs {
    /// Every output there is, by the name of its step.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Arc<Datum>)> {
        let named = self.names.iter().zip(&self.slots);
        named.filter_map(|(name, output)| Some((name.as_str(), output.as_ref()?)))
    }
}

impl Object for Outputs {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Map
    }

    fn get_value(self: &Arc<Self>, key: &View) -> Option<View> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<View> {
        self.named(key).map(view::of)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let filled = self.names.iter().zip(&self.slots).filter(|(_, slot)| slot.is_some());
        Enumerator::Values(filled.map(|(name, _)| View::from(name.as_str())).collect())
    }
}

/// What expressions may know of their run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunFacts {
    /// Id of the run.
    pub id: String,
    /// Name of the workflow.
    pub workflow: String,
    /// Published version; `None` for a draft.
    pub version: Option<u32>,
    /// When the run started.
    pub started_at: DateTime<Utc>,
    /// Address other systems call to wake the run, without the name of the step; empty when there is none.
    pub callback_url: String,
}

/// What an expression sees.
#[derive(Debug, Clone)]
pub struct Scope {
    names: Names,
}

#[derive(Debug, Clone)]
enum Names {
    Run(Arc<Root>),
    Sample(Arc<Datum>),
    Within(Arc<Within>),
}

/// What a plain path leads to.
#[derive(Debug, PartialEq)]
pub(super) enum Found<'a> {
    /// This.
    Value(&'a Value),
    /// A number that stands in no JSON.
    Number(usize),
    /// Nothing.
    Nothing,
    /// Something that only MiniJinja can say.
    NotPlain,
}

#[derive(Debug)]
struct Root {
    trigger: Arc<Datum>,
    outputs: Arc<Outputs>,
    item: Option<(usize, Arc<Datum>)>,
    vars: Arc<Datum>,
    run: Arc<RunFacts>,
    now: DateTime<Utc>,
}

static ROOTS: [&str; 6] = ["trigger", "steps", "item", "index", "vars", "run"];

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &View) -> Option<View> {
        Some(match key.as_str()? {
            "trigger" => view::of(&self.trigger),
            "steps" => View::from_dyn_object(Arc::clone(&self.outputs)),
            "item" => view::of(&self.item.as_ref()?.1),
            "index" => View::from(self.item.as_ref()?.0),
            "vars" => view::of(&self.vars),
            "run" => View::from(Serde(&json!({
                "id": self.run.id,
                "workflow": self.run.workflow,
                "version": self.run.version,
                "started_at": stamp(self.run.started_at),
                "callback_url": self.run.callback_url,
                "now": stamp(self.now),
            }))),
            _ => return None,
        })
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&ROOTS)
    }
}

/// A scope with another item; everything else is the outer one's.
#[derive(Debug)]
struct Within {
    outer: Scope,
    index: usize,
    item: Arc<Datum>,
}

impl Object for Within {
    fn get_value(self: &Arc<Self>, key: &View) -> Option<View> {
        match key.as_str()? {
            "item" => Some(view::of(&self.item)),
            "index" => Some(View::from(self.index)),
            _ => self.outer.root().get_item(key).ok().filter(|value| !value.is_undefined()),
        }
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Str(&ROOTS)
    }
}

fn stamp(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl Scope {
    /// The scope of a running step.
    #[must_use]
    pub fn new(
        trigger: Arc<Datum>,
        outputs: Arc<Outputs>,
        item: Option<(usize, Arc<Datum>)>,
        vars: Arc<Datum>,
        run: Arc<RunFacts>,
        now: DateTime<Utc>,
    ) -> Self {
        Self { names: Names::Run(Arc::new(Root { trigger, outputs, item, vars, run, now })) }
    }

    /// A scope of plain data, for previews, examples and tests: an object with any of the roots.
    #[must_use]
    pub fn sample(data: &Value) -> Self {
        static EMPTY: LazyLock<Value> = LazyLock::new(|| json!({}));
        let data = if data.is_object() { data } else { &EMPTY };
        Self { names: Names::Sample(Datum::new(data.clone())) }
    }

    /// A scope of plain data whose roots are the fields of `data`, which is shared and not copied: for templates that see
    /// other roots than a run's, such as those of an app's manifest.
    #[must_use]
    pub fn of(data: Arc<Datum>) -> Self {
        Self { names: Names::Sample(data) }
    }

    /// This scope with `item` as the item at hand, for evaluating something once per item of a list.
    #[must_use]
    pub fn with_item(&self, index: usize, item: &Value) -> Self {
        let within = Within { outer: self.clone(), index, item: Datum::new(item.clone()) };
        Self { names: Names::Within(Arc::new(within)) }
    }

    pub(super) fn root(&self) -> View {
        match &self.names {
            Names::Run(root) => View::from_dyn_object(Arc::clone(root)),
            Names::Sample(data) => view::of(data),
            Names::Within(within) => View::from_dyn_object(Arc::clone(within)),
        }
    }

    /// Follows a plain path.
    pub(super) fn find(&self, root: &str, rest: &[Segment]) -> Found<'_> {
        match &self.names {
            Names::Run(run) => run.find(root, rest),
            Names::Sample(data) => match data.json().get(root) {
                Some(value) => path::walk(value, rest),
                None => Found::Nothing,
            },
            Names::Within(within) => match root {
                "item" => path::walk(within.item.json(), rest),
                "index" => number(within.index, rest),
                _ => within.outer.find(root, rest),
            },
        }
    }
}

impl Root {
    fn find(&self, root: &str, rest: &[Segment]) -> Found<'_> {
        match (root, rest) {
            ("trigger", _) => path::walk(self.trigger.json(), rest),
            ("vars", _) => path::walk(self.vars.json(), rest),
            ("steps", [Segment::Name(step), rest @ ..]) => match self.outputs.named(step) {
                Some(output) => path::walk(output.json(), rest),
                None => Found::Nothing,
            },
            ("item", _) => match &self.item {
                Some((_, item)) => path::walk(item.json(), rest),
                None => Found::Nothing,
            },
            ("index", _) => match &self.item {
                Some((index, _)) => number(*index, rest),
                None => Found::Nothing,
            },
            _ => Found::NotPlain,
        }
    }
}

fn number(number: usize, rest: &[Segment]) -> Found<'static> {
    if rest.is_empty() { Found::Number(number) } else { Found::NotPlain }
}

/// Whether `name` is one of the names every expression may use.
pub(super) fn is_root(name: &str) -> bool {
    ROOTS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Expression;

    #[test]
    fn another_item_hides_nothing_else() {
        let outer = Scope::sample(&json!({"trigger": {"a": 1}, "item": {"b": 2}, "index": 7}));
        let inner = outer.with_item(3, &json!({"c": 4}));
        let seen = Expression::compile("{{ [trigger.a, item.b, item.c, index, vars] }}").unwrap();
        assert_eq!(seen.value(&inner).unwrap(), json!([1, null, 4, 3, null]));
        assert_eq!(seen.value(&outer).unwrap(), json!([1, 2, null, 7, null]));
    }
}
