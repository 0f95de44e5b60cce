//! Levels of the run that are open, and closing them with everything they still wait for.

use super::{Asked, Machine};
use crate::expression::Scope;
use crate::run::effect::Effect;
use crate::run::event::EffectKey;
use crate::run::frame::{Frame, Place};
use std::sync::Arc;

impl Machine {
    pub(super) fn open_frame(&mut self, frame: Frame) -> usize {
        if let Some(at) = self.free.pop() {
            self.frames[at] = Some(frame);
            return at;
        }
        self.frames.push(Some(frame));
        self.frames.len() - 1
    }

    /// Closes an item's frame with everything it still waits for; gives the item's index.
    pub(super) fn close_frame(&mut self, frame: usize) -> usize {
        let closed = self.frames[frame].take().expect("closed once");
        self.free.push(frame);
        self.ready.retain(|place| place.frame != frame);
        if !self.asked.is_empty() {
            self.withdraw(|asked| asked.place.frame == frame);
        }
        let mut inner: Vec<Place> = self.loops.keys().filter(|place| place.frame == frame).copied().collect();
        inner.sort_unstable();
        for place in inner {
            self.loops.remove(&place);
            self.close_frames_of(place);
        }
        closed.number
    }

    pub(super) fn close_frames_of(&mut self, parent: Place) {
        for frame in 0..self.frames.len() {
            if self.frames[frame].as_ref().is_some_and(|open| open.parent == Some(parent)) {
                self.close_frame(frame);
            }
        }
    }

    /// Ends the steps that raced `winner` and lost: all that lead only to the step that has begun.
    pub(super) fn cancel_losers(&mut self, winner: Place) {
        let compiled = Arc::clone(&self.compiled);
        for &slot in &compiled.nodes[winner.slot].losers {
            let place = Place { frame: winner.frame, slot };
            let node = &compiled.nodes[slot];
            if !self.frame(place.frame).is_open(node.place) {
                continue;
            }
            if self.frame(place.frame).has_begun(node.place) {
                self.note_cancelled(place);
            } else {
                self.note_skipped(place);
            }
            self.ready.retain(|ready| *ready != place);
            self.withdraw(|asked| asked.place == place);
            self.streams.remove(&place);
            if self.loops.remove(&place).is_some() {
                self.close_frames_of(place);
            }
            self.frame(place.frame).close(node.place);
        }
    }

    /// Takes back what was asked and is not waited for any more, and says so.
    pub(super) fn withdraw(&mut self, unwanted: impl Fn(&Asked) -> bool) {
        let mut gone: Vec<(u64, EffectKey)> = Vec::new();
        self.asked.retain(|key, asked| {
            let stays = !unwanted(asked);
            if !stays {
                gone.push((asked.order, key.clone()));
            }
            stays
        });
        gone.sort_unstable_by_key(|(order, _)| *order);
        self.effects.extend(gone.into_iter().map(|(_, key)| Effect::Abandon { key }));
    }

    pub(super) fn frame(&mut self, frame: usize) -> &mut Frame {
        self.frames[frame].as_mut().expect("places name open frames")
    }

    pub(super) fn scope(&self, frame: usize) -> Scope {
        let frame = self.frames[frame].as_ref().expect("places name open frames");
        Scope::new(
            Arc::clone(&self.trigger),
            Arc::clone(&frame.outputs),
            frame.item.clone(),
            Arc::clone(self.compiled.vars()),
            Arc::clone(&self.facts),
            self.now,
        )
    }

    pub(super) fn key(&self, place: Place) -> EffectKey {
        let frame = self.frames[place.frame].as_ref().expect("places name open frames");
        EffectKey { step: self.compiled.nodes[place.slot].id.clone(), items: frame.items.clone() }
    }

    pub(super) fn idempotency_key(&self, key: &EffectKey) -> String {
        format!("{}:{key}", self.facts.id)
    }
}
