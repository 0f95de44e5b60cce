//! One level of a run in progress: the root graph, or a loop's body for one item.

use crate::compile::Compiled;
use crate::document::Join;
use crate::expression::{Datum, Outputs};
use crate::kind::{LoopPlan, Stream};
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
    /// Which of its loop's frames it is, from 0.
    pub(super) number: usize,
    pub(super) outputs: Arc<Outputs>,
    /// Output of the step that finished last: the item's result.
    pub(super) result: Arc<Datum>,
    nodes: Vec<Node>,
    open: usize,
}

/// A step of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
            number: 0,
            outputs,
            result: Datum::new(Value::Null),
            nodes: vec![Node::default(); steps],
            open: steps,
        }
    }

    /// As the `number`th frame of its loop.
    pub(super) fn numbered(mut self, number: usize) -> Self {
        self.number = number;
        self
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

    /// Whether the step has neither ended nor been skipped.
    pub(super) fn is_open(&self, place: usize) -> bool {
        self.nodes[place].phase != Phase::Over
    }

    /// Whether the step has begun and not ended.
    pub(super) fn has_begun(&self, place: usize) -> bool {
        self.nodes[place].phase == Phase::Begun
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

/// A step with a body in progress.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) rounds: Rounds,
    pub(super) items: Vec<Value>,
    /// Number of the first item within the whole stream; 0 for a list.
    pub(super) first: u64,
    pub(super) next: usize,
    pub(super) active: usize,
    /// Items that have ended, failed ones among them.
    pub(super) ended: usize,
    pub(super) parallel: usize,
    pub(super) stop_on_error: bool,
    pub(super) keep_order: bool,
    pub(super) results: Vec<Value>,
    pub(super) failed: usize,
    /// What failed first, for a stretch's report.
    pub(super) errors: Vec<Value>,
    /// Whether a step inside ended it early.
    pub(super) broken: bool,
}

/// What a body is run for.
#[derive(Debug)]
pub(super) enum Rounds {
    /// Once per item of a list.
    Items,
    /// Once per item of one stretch of a stream.
    Stretch {
        /// Where the next stretch begins.
        next: Option<String>,
        /// Items in the whole stream.
        total: Option<u64>,
    },
    /// Until its step says that it is enough.
    Until {
        /// Most rounds.
        most: u32,
    },
    /// Once.
    Once,
}

impl Loop {
    /// A loop with the shape of `plan` and no items yet.
    pub(super) fn of(plan: &LoopPlan) -> Self {
        Self {
            parallel: plan.parallel.max(1),
            stop_on_error: plan.stop_on_error,
            keep_order: plan.keep_order,
            items: Vec::new(),
            ..Self::of_rounds(Rounds::Items)
        }
    }

    /// One body at a time, beginning with nothing as its item.
    pub(super) fn of_rounds(rounds: Rounds) -> Self {
        Self {
            rounds,
            items: vec![Value::Null],
            first: 0,
            next: 0,
            active: 0,
            ended: 0,
            parallel: 1,
            stop_on_error: true,
            keep_order: true,
            results: Vec::new(),
            failed: 0,
            errors: Vec::new(),
            broken: false,
        }
    }
}

/// A stream in progress.
#[derive(Debug)]
pub(super) struct Streaming {
    pub(super) stream: Stream,
    /// Stretches asked for.
    pub(super) number: u32,
    /// Where the next one begins.
    pub(super) cursor: Option<String>,
    pub(super) done: u64,
    pub(super) failed: u64,
    pub(super) total: Option<u64>,
    pub(super) errors: Vec<Value>,
}

impl Streaming {
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, number: 0, cursor: None, done: 0, failed: 0, total: None, errors: Vec::new() }
    }
}
