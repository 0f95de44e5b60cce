//! Counting.

use super::{CounterKey, Need, Shelf};
use crate::table::operation::{AddToCounter, ReadCounter, SetCounter};
use crate::table::{TablePlace, failures};
use serde_json::{Value, json};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};

impl Shelf {
    pub(super) fn need_counter(&self, counter: &str, key: &str, needs: &mut Vec<Need>) {
        if let Ok(counter) = CounterKey::read(counter, key)
            && !self.counters.contains_key(&counter)
        {
            needs.push(Need::Counter(counter));
        }
    }

    pub(super) fn add_to_counter(&mut self, input: &AddToCounter) -> Result<Performed, Failure> {
        let counter = CounterKey::read(&input.counter, &input.key)?;
        let before = self.value(&counter)?;
        let after = before.checked_add(input.by).ok_or_else(|| failures::counter_range(&counter.label()))?;
        Ok(self.count(counter, before, after))
    }

    pub(super) fn read_counter(&self, input: &ReadCounter) -> Result<Performed, Failure> {
        let counter = CounterKey::read(&input.counter, &input.key)?;
        let value = self.value(&counter)?;
        let why = Some(format!("{} stands at {value}.", counter.label()));
        let output = json!({ "counter": counter.counter, "key": counter.key, "value": value });
        Ok(Performed { output, why, written: Vec::new() })
    }

    pub(super) fn set_counter(&mut self, input: &SetCounter) -> Result<Performed, Failure> {
        let counter = CounterKey::read(&input.counter, &input.key)?;
        let before = self.value(&counter)?;
        Ok(self.count(counter, before, input.to))
    }

    pub(super) fn value(&self, counter: &CounterKey) -> Result<i64, Failure> {
        self.counters.get(counter).copied().ok_or_else(|| failures::not_supplied("the counter"))
    }

    fn count(&mut self, counter: CounterKey, before: i64, after: i64) -> Performed {
        let label = counter.label();
        let output =
            json!({ "counter": counter.counter, "key": counter.key, "value": after, "previous": before });
        let written = match before == after {
            true => Vec::new(),
            false => vec![change(&counter, before, after)],
        };
        self.set_value(counter, after);
        Performed { output, why: Some(format!("{label} went from {before} to {after}.")), written }
    }

    pub(super) fn set_value(&mut self, counter: CounterKey, value: i64) {
        let before = self.counters.insert(counter.clone(), value);
        if before != Some(value) && !self.touched_counters.contains(&counter) {
            self.touched_counters.push(counter);
        }
    }
}

pub(super) fn change(counter: &CounterKey, before: i64, after: i64) -> Change {
    Change {
        label: counter.label(),
        old: Value::from(before),
        new: Value::from(after),
        target: Some(TablePlace::Counter(counter.clone()).target()),
    }
}
