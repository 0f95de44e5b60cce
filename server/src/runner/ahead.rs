//! Reads that begin while the turn that asks for them is still being written.
//!
//! A read changes nothing, so nothing is lost when the turn is: the next one asks again. What must never begin here is a
//! write, and nobody is told what a read brought before the turn that asked for it is durable.

use super::Runner;
use super::law::Sender;
use super::under_way::UnderWay;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::kind::{Access, Operation};
use trunkline_engine::run::{Effect, EffectKey};
use trunkline_store::ports::{Begin, RunHeader, Settled, Turn};

impl Runner {
    /// Makes `turn` durable. Meanwhile what is under way goes on, and the reads that the turn asks for begin; those stand
    /// among the effects of the turn no more.
    pub(super) async fn turn_and_read(
        &self,
        turn: Turn,
        under_way: &mut UnderWay,
    ) -> Result<Settled, trunkline_store::Error> {
        let mut ahead = match turn.begin {
            Begin::Now => self.begin_reads(&turn.header, &turn.effects, under_way),
            // Whether it begins is for the store to say.
            _ => HashSet::new(),
        };
        let mut settled = tokio::select! {
            biased;
            settled = self.turn(turn) => settled,
            never = under_way.go_on() => match never {},
        };
        if let Ok(Settled::Done(done)) = &mut settled {
            done.effects.retain(|effect| !matches!(effect, Effect::Perform { key, .. } if ahead.remove(key)));
        }
        // What the turn did not ask for in the end, or a turn that was not written.
        ahead.iter().for_each(|key| under_way.abandon(key));
        settled
    }

    /// Begins the reads among `effects`; gives their keys.
    fn begin_reads(
        &self,
        header: &RunHeader,
        effects: &[Effect],
        under_way: &mut UnderWay,
    ) -> HashSet<EffectKey> {
        let mut begun = HashSet::new();
        let abandoned: Vec<_> = effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Abandon { .. }))
            .map(Effect::key)
            .collect();
        for effect in effects {
            if let Effect::Perform { key, operation, timeout } = effect
                && operation.access == Access::Read
                && !operation.performer.is_internal()
                && !under_way.has(key)
                && !abandoned.contains(&Some(key))
            {
                let asked = (key.clone(), Arc::clone(operation), *timeout);
                self.begin_operation(header, asked, under_way);
                begun.insert(key.clone());
            }
        }
        begun
    }
    /// Begins what the run of `header` asked for.
    pub(super) fn begin_operation(
        &self,
        header: &RunHeader,
        (key, operation, timeout): (EffectKey, Arc<Operation>, Duration),
        under_way: &mut UnderWay,
    ) {
        let (runner, sender, for_key) = (self.clone(), Some(Sender::of(header)), key.clone());
        under_way.begin(key, async move { Some(runner.perform(sender, for_key, operation, timeout).await) });
    }
}
