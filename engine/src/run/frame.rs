//! One level of a run in progress: the root graph, or a loop's body for one item.

use crate::compile::Compiled;
use crate::document::Join;
use crate::expression::{Datum, Outputs};
use serde_json::Value;
use std::sync::Arc;

/// Where a run stands on one level.
#[derive(Debug)]
pub(super) struct Frame {
    /// The loop step that opened it; `None` for the root.
    pub(super) parent: Option<Place>,
    /// Indices of the items of the loops around it.
    pub(super) items: Vec<u32>,
    /// The item it works on.
    pub(super) item: Option<(usize, Arc<Datum>)>,
    pub(super) outputs: Arc<Outputs>,
    /// Output of the step that finished last: the item's result.
    pub(super) result: Arc<Datum>,
    nodes: Vec<Node>,
    open: usize,
}

/// A step of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Place {
    /// Which frame.
    pub(super) frame: usize,
    /// Slot of the step.
    pub(super) slot: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Node {
    /// Incoming edges that have arrived or been skipped.
    seen: u32,
    /// Of these, those that arrived.
    arrived: u32,
    phase: Phase,
    /// Attempts that failed.
    failures: u32,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    Pending,
    Begun,
    Over,
}

/// What became of a step when an edge into it settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It still waits, or has begun already.
    Nothing,
    /// It can begin.
    Ready,
    /// Nothing will ever arrive.
    Skipped,
}

impl Frame {
    pub(super) fn new(
        compiled: &Compiled,
        level: usize,
        parent: Option<Place>,
        items: Vec<u32>,
        item: Option<(usize, Arc<Datum>)>,
        outputs: Arc<Outputs>,
    ) -> Self {
        let steps = compiled.graphs[level].slots.len();
        Self {
            parent,
            items,
            item,
            outputs,
            result: Datum::new(Value::Null),
            nodes: vec![Node::default(); steps],
            open: steps,
        }
    }

    /// Notes that an edge into the step at `place` settled.
    pub(super) fn arrive(&mut self, place: usize, arrived: bool, arrivals: usize, join: Join) -> Arrival {
        let node = &mut self.nodes[place];
        node.seen += 1;
        node.arrived += u32::from(arrived);
        if node.phase != Phase::Pending {
            return Arrival::Nothing;
        }
        let all_seen = node.seen as usize >= arrivals;
        if (join == Join::First && arrived) || (all_seen && node.arrived > 0) {
            node.phase = Phase::Begun;
            Arrival::Ready
        } else if all_seen {
            self.close(place);
            Arrival::Skipped
        } else {
            Arrival::Nothing
        }
    }

    /// Begins a step that has no incoming edges.
    pub(super) fn begin(&mut self, place: usize) {
        self.nodes[place].phase = Phase::Begun;
    }

    /// Ends a step; it counts once.
    pub(super) fn close(&mut self, place: usize) {
        let node = &mut self.nodes[place];
        if node.phase != Phase::Over {
            node.phase = Phase::Over;
            self.open -= 1;
        }
    }

    /// Whether every step has ended or been skipped.
    pub(super) fn is_over(&self) -> bool {
        self.open == 0
    }

    /// Counts a failed attempt and gives their number.
    pub(super) fn fail(&mut self, place: usize) -> u32 {
        self.nodes[place].failures += 1;
        self.nodes[place].failures
    }
}

/// A loop in progress.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) items: Vec<Value>,
    pub(super) next: usize,
    pub(super) active: usize,
    pub(super) parallel: usize,
    pub(super) stop_on_error: bool,
    pub(super) results: Vec<Value>,
    pub(super) failed: usize,
}
