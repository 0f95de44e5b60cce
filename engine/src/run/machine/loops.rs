//! Loops within a run: a body is opened for each item, a few at a time, and the results are gathered in the order of
//! the items, whatever the order in which they end.

use super::Machine;
use crate::expression::Datum;
use crate::kind::{Done, LoopPlan};
use crate::run::frame::{Frame, Loop, Place};
use serde_json::{Value, json};
use std::sync::Arc;

impl Machine {
    pub(super) fn open_loop(&mut self, place: Place, plan: LoopPlan) {
        let total = plan.items.len();
        let body = self.compiled.nodes[place.slot].body;
        let steps = body.map_or(0, |level| self.compiled.graphs[level].slots.len());
        if total == 0 || steps == 0 {
            let output = json!({ "items": plan.items, "count": total, "failed": 0 });
            return self.done(place, Done::out(output).because("There was nothing to repeat."));
        }
        let state = Loop {
            items: plan.items,
            next: 0,
            active: 0,
            parallel: plan.parallel.max(1),
            stop_on_error: plan.stop_on_error,
            results: vec![Value::Null; total],
            failed: 0,
        };
        self.loops.insert(place, state);
        self.next_items(place);
    }

    fn next_items(&mut self, place: Place) {
        while let Some(state) = self.loops.get_mut(&place) {
            if state.active >= state.parallel || state.next >= state.items.len() {
                return;
            }
            let index = state.next;
            let item = Datum::new(std::mem::take(&mut state.items[index]));
            state.next += 1;
            state.active += 1;
            self.open_item(place, index, item);
        }
    }

    fn open_item(&mut self, place: Place, index: usize, item: Arc<Datum>) {
        let compiled = Arc::clone(&self.compiled);
        let level = compiled.nodes[place.slot].body.expect("a loop in progress has a body");
        let parent = self.frame(place.frame);
        let mut items = parent.items.clone();
        items.push(u32::try_from(index).expect("loops are bounded far below this"));
        let outputs = Arc::clone(&parent.outputs);
        let frame =
            self.open_frame(Frame::new(&compiled, level, Some(place), items, Some((index, item)), outputs));
        for &slot in &compiled.graphs[level].slots {
            let node = &compiled.nodes[slot];
            if node.arrivals == 0 {
                self.frame(frame).begin(node.place);
                self.ready.push_back(Place { frame, slot });
            }
        }
    }

    pub(super) fn item_over(&mut self, place: Place, index: usize, result: Value, failed: bool) {
        let state = self.loops.get_mut(&place).expect("an item's loop is in progress");
        state.results[index] = result;
        state.active -= 1;
        state.failed += usize::from(failed);
        if state.active > 0 || state.next < state.items.len() {
            return self.next_items(place);
        }
        let state = self.loops.remove(&place).expect("looked up above");
        let (count, failed) = (state.results.len(), state.failed);
        let why = match failed {
            0 => format!("All {count} items went through."),
            _ => format!("{} of {count} items went through; {failed} failed.", count - failed),
        };
        let output = json!({ "items": state.results, "count": count, "failed": failed });
        self.done(place, Done::out(output).because(why));
    }
}
