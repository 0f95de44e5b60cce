//! What a lead did, as rules count it: for each sort of activity that a rule asks for, the newest moments.
//!
//! A history is built from the timeline once and then takes every new activity; it is the same whichever way it came
//! about, and however the activities were ordered. It holds at most [`MAX_COUNTED`] moments of a sort, because no rule
//! can ask for more.

use crate::activity::ActivityKind;
use chrono::{DateTime, Utc};
use std::collections::{BTreeSet, HashMap};

/// The most times that a rule can ask for.
pub const MAX_COUNTED: usize = 100;

/// An activity as rules see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// What sort of thing happened.
    pub kind: ActivityKind,
    /// What people read, such as `Visited pricing`.
    pub title: String,
    /// What sort of touch it was, such as `page_view`.
    pub touch: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A sort of activity that a rule asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signature {
    /// What sort of thing.
    kind: &'static str,
    /// Only those called so, or of this sort of touch, in small letters; empty for all of the kind.
    named: String,
}

/// The sorts of activities that the rules at hand ask for. Nothing else needs to be loaded or kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watch {
    signatures: BTreeSet<Signature>,
}

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    moments: HashMap<Signature, Vec<DateTime<Utc>>>,
}

impl Signature {
    pub(super) fn new(kind: ActivityKind, named: &str) -> Self {
        Self { kind: kind.as_str(), named: folded(named) }
    }

    pub(super) fn kind(&self) -> &'static str {
        self.kind
    }
}

impl Watch {
    /// For these sorts.
    #[must_use]
    pub fn new(signatures: BTreeSet<Signature>) -> Self {
        Self { signatures }
    }

    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.signatures.is_empty()
    }

    /// The kinds of activities asked for.
    #[must_use]
    pub fn kinds(&self) -> BTreeSet<&'static str> {
        self.signatures.iter().map(|signature| signature.kind).collect()
    }

    /// Adds what another one asks for.
    pub fn merge(&mut self, other: &Self) {
        self.signatures.extend(other.signatures.iter().cloned());
    }

    /// Whether an activity is of a sort asked for.
    #[must_use]
    pub fn sees(&self, trace: &Trace) -> bool {
        !self.is_empty() && signatures_of(trace).any(|signature| self.signatures.contains(&signature))
    }

    /// What those of `traces` that are asked for amount to.
    pub fn history<'t>(&self, traces: impl IntoIterator<Item = &'t Trace>) -> History {
        let mut history = History::default();
        for trace in traces {
            history.take(self, trace);
        }
        history
    }
}

impl History {
    /// Adds an activity, when `watch` asks for it.
    pub fn take(&mut self, watch: &Watch, trace: &Trace) {
        let at = trace.at;
        for signature in signatures_of(trace) {
            if !watch.signatures.contains(&signature) {
                continue;
            }
            let moments = self.moments.entry(signature).or_default();
            // The newest first; an activity is nearly always newer than all before it.
            let place = moments.partition_point(|known| *known > at);
            moments.insert(place, at);
            moments.truncate(MAX_COUNTED);
        }
    }

    /// Adds what another lead did.
    pub(crate) fn join(&mut self, other: &Self) {
        for (signature, more) in &other.moments {
            let moments = self.moments.entry(signature.clone()).or_default();
            moments.extend(more);
            moments.sort_unstable_by(|one, other| other.cmp(one));
            moments.truncate(MAX_COUNTED);
        }
    }

    /// Moments of this sort, the newest first.
    pub(crate) fn moments(&self, signature: &Signature) -> &[DateTime<Utc>] {
        self.moments.get(signature).map_or(&[], Vec::as_slice)
    }
}

/// The sorts an activity is of: its kind, what it is called, and what sort of touch it was when that is another word.
fn signatures_of(trace: &Trace) -> impl Iterator<Item = Signature> {
    let title = Signature::new(trace.kind, &trace.title);
    let touch = trace.touch.as_deref().map(|touch| Signature::new(trace.kind, touch));
    let touch = touch.filter(|touch| *touch != title && !touch.named.is_empty());
    let title = Some(title).filter(|title| !title.named.is_empty());
    std::iter::once(Signature::new(trace.kind, "")).chain(title).chain(touch)
}

/// A name without regard to capital letters, and to how its words are joined: `page_view` is `Page view`.
fn folded(name: &str) -> String {
    name.trim().to_lowercase().replace(['_', '-'], " ")
}
