//! Whether a lead may move from one stage to another.

use super::{Lifecycle, StageRule};
use crate::criteria::Facts;

/// A move that is allowed.
#[derive(Debug, Clone, Copy)]
pub struct Move<'l> {
    /// Where to.
    pub to: &'l StageRule,
    /// Whether the lead goes further along, not back.
    pub is_forward: bool,
}

/// Why a lead stays where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// There is no stage of this name.
    Unknown,
    /// It is there already.
    AlreadyThere,
    /// It is further along; that is no mistake, and it stays.
    FurtherAlong,
    /// The lifecycle does not allow it; in a sentence.
    NotAllowed(String),
}

impl Lifecycle {
    /// Whether the lead of `facts` may move to the stage called `to`.
    ///
    /// Asked in this order: is there such a stage, is the lead there already, does the stage it is at lead there, is a
    /// reason given where one is needed, does the entry rule hold. A stage that the lifecycle no longer has holds nobody
    /// back.
    ///
    /// # Errors
    /// The first of these that stands in the way.
    pub fn check(
        &self,
        facts: &Facts<'_>,
        to: &str,
        allow_backwards: bool,
        reason: &str,
    ) -> Result<Move<'_>, Refusal> {
        let place = self.place(to).ok_or(Refusal::Unknown)?;
        let to = &self.stages[place];
        let now = self.place(&facts.lead().stage);
        if now == Some(place) {
            return Err(Refusal::AlreadyThere);
        }
        let is_forward = now.is_none_or(|now| now < place);
        if let Some(now) = now {
            self.leads_there(&self.stages[now], to, is_forward || allow_backwards)?;
        }
        if to.recycle && reason.trim().is_empty() {
            let says = format!("A lead comes back to {} only with a reason; say why.", to.name);
            return Err(Refusal::NotAllowed(says));
        }
        let verdict = to.entry.judge(facts);
        if !verdict.holds {
            let says = format!("The entry rule of {} does not hold: {}.", to.name, verdict.why);
            return Err(Refusal::NotAllowed(says));
        }
        Ok(Move { to, is_forward })
    }

    fn leads_there(&self, now: &StageRule, to: &StageRule, direction_is_fine: bool) -> Result<(), Refusal> {
        let Some(allowed) = &now.moves_to else {
            return if direction_is_fine || to.recycle { Ok(()) } else { Err(Refusal::FurtherAlong) };
        };
        if allowed.iter().any(|name| name.trim().eq_ignore_ascii_case(to.name.trim())) {
            return Ok(());
        }
        let says = if allowed.is_empty() {
            format!("No stage follows {}, so it cannot move to {}.", now.name, to.name)
        } else {
            let names = crate::book::any_of(allowed.iter().map(String::as_str));
            format!("From {} a lead may move to {names}, not to {}.", now.name, to.name)
        };
        Err(Refusal::NotAllowed(says))
    }
}
