//! What goes along when a lead goes into another, and comes back with it: how it stood with its account, the clocks that
//! waited for it, and what it did.

use super::Book;
use crate::criteria::History;
use crate::lead::Lead;
use crate::merge::{Carried, Merge};
use crate::sla::Clock;
use chrono::{DateTime, Utc};
use uuid::Uuid;

impl Book {
    /// Takes to the survivor, who is `after` now and was `before`, what `merged` had.
    pub(super) fn carry_over(
        &mut self,
        before: &Lead,
        after: &Lead,
        merged: &Lead,
        at: DateTime<Utc>,
    ) -> Carried {
        let account_match = self.accounts.match_of(merged.id).cloned().map(Box::new);
        let match_before = self.accounts.match_of(before.id).cloned().map(Box::new);
        self.accounts.forget_match(merged.id);
        let took_account = before.account_id != after.account_id && after.account_id == merged.account_id;
        let takes = took_account || match_before.is_none();
        let taken_match = account_match.clone().filter(|_| takes).map(|mut taken| {
            taken.lead_id = before.id;
            self.accounts.note_match((*taken).clone());
            taken
        });
        let match_before = match_before.filter(|_| taken_match.is_some());
        let clocks = self.carry_clocks(merged, after, at);
        let is_of_owner = |clock: &&Clock| after.owner_id == Some(clock.owner_id);
        let running = clocks.iter().filter(is_of_owner).map(|clock| clock.id).collect();
        self.join_histories(before.id, merged.id);
        Carried { account_match, taken_match, match_before, clocks, running }
    }

    /// Clocks of whoever owns the lead from now on go on running there; the others stop, as they do when a lead goes to
    /// another owner. Gives them as they were.
    fn carry_clocks(&mut self, merged: &Lead, after: &Lead, at: DateTime<Utc>) -> Vec<Clock> {
        let known = self.clocks.remove(&merged.id).unwrap_or_default();
        let (open, ended): (Vec<Clock>, Vec<Clock>) = known.into_iter().partition(Clock::is_open);
        self.clocks.insert(merged.id, ended);
        for clock in &open {
            let mut carried = clock.clone();
            carried.lead_id = after.id;
            if after.owner_id != Some(clock.owner_id) {
                carried.stop(at);
            }
            self.put_clock(carried);
        }
        open
    }

    /// Brings back to the lead that is of its own again what it had.
    pub(super) fn carry_back(&mut self, merge: &Merge) {
        let (survivor, merged) = (merge.survivor, merge.merged.id);
        let carried = &merge.carried;
        if let Some(taken) = &carried.taken_match
            && self.accounts.match_of(survivor) == Some(&**taken)
        {
            match &carried.match_before {
                Some(before) => self.accounts.note_match((**before).clone()),
                None => self.accounts.forget_match(survivor),
            }
        }
        if let Some(own) = &carried.account_match {
            self.accounts.note_match((**own).clone());
        }
        for clock in &carried.clocks {
            let now = self.clocks.get(&survivor).and_then(|all| all.iter().find(|one| one.id == clock.id));
            // One that went on there comes back as it is; one that was met there meanwhile is over.
            let back = match now {
                Some(now) if now.is_open() => Clock { lead_id: merged, ..now.clone() },
                // It is not among the open ones: stopped by the merge, or ended since.
                _ if carried.running.contains(&clock.id) => continue,
                _ => clock.clone(),
            };
            if let Some(all) = self.clocks.get_mut(&survivor) {
                all.retain(|one| one.id != clock.id);
            }
            self.put_clock(back);
        }
        match self.apart.remove(&(survivor, merged)) {
            Some(apart) => drop(self.histories.insert(survivor, apart)),
            None => drop(self.histories.remove(&survivor)),
        }
        for lead in [survivor, merged] {
            if let Some(Some(entry)) = self.leads.get_mut(&lead) {
                entry.glance = None;
            }
        }
    }

    fn put_clock(&mut self, clock: Clock) {
        self.touched_clocks.retain(|(_, id)| *id != clock.id);
        self.touched_clocks.push((clock.lead_id, clock.id));
        self.clocks.entry(clock.lead_id).or_default().push(clock);
    }

    /// What the survivor did is from now on what both did.
    fn join_histories(&mut self, survivor: Uuid, merged: Uuid) {
        let (own, other) = (self.history_of(survivor).cloned(), self.history_of(merged).cloned());
        let (Some(own), Some(other)) = (own, other) else {
            self.histories.remove(&survivor);
            return;
        };
        for ((of, _), apart) in &mut self.apart {
            if *of == survivor {
                apart.join(&other);
            }
        }
        let mut both: History = own.clone();
        both.join(&other);
        self.apart.insert((survivor, merged), own);
        self.histories.insert(survivor, both);
        if let Some(Some(entry)) = self.leads.get_mut(&survivor) {
            entry.glance = None;
        }
    }
}
