//! Whose turn it is in a pool, given weights, caps, hours and who is owed a turn.
//!
//! **By weight** turns are dealt by smooth weighted round robin. Before each turn every member who takes part in it gains
//! credit equal to its weight; the available member with the most credit is chosen and pays the sum of the weights of all
//! who took part. While everybody is available, every stretch of as many turns as that sum gives each member exactly as
//! many as its weight says, spread out. A member who is not available when its turn comes keeps the credit and so gets
//! the turn later: it is *made up*, up to as many turns as [`PoolRules::make_up`] says; beyond that the member takes no
//! part until it is available again. **In order** whoever had no turn for the longest is next. **Fewest open** is next whoever
//! has the fewest open leads, of several the one without a turn for the longest.
//!
//! There is no chance in it: the counters decide, and they are stored. Credits of a pool always add up to nothing.

use super::criterion::{Criterion, all_in_words};
use super::decision::{Candidate, Count, Outcome, Standing};
use crate::hours::Hours;
use crate::pool::{Member, Owner, Pool};
use chrono::{DateTime, Datelike, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use uuid::Uuid;

/// Most turns that are made up.
pub(super) const MAX_MAKE_UP: u32 = 100;
/// Most caps of a pool.
pub(super) const MAX_CAPS: usize = 20;

/// The rules of a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PoolRules {
    /// How turns are dealt.
    pub turns: Turns,
    /// Whether only members who are at work get turns.
    pub only_at_work: bool,
    /// Whether, when nobody is at work, turns are dealt as if everybody were; otherwise the fallback takes the lead.
    pub anyway_when_closed: bool,
    /// How many turns that a member could not take are made up (0 to 100).
    pub make_up: u32,
    /// How many leads each member may get.
    pub caps: Vec<Cap>,
    /// Leads count as open until they reach this stage; without one until they get another owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_until: Option<String>,
    /// Name, e-mail address or id of the owner who takes a lead that no member can take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
}

impl Default for PoolRules {
    fn default() -> Self {
        Self {
            turns: Turns::default(),
            only_at_work: false,
            anyway_when_closed: false,
            make_up: 3,
            caps: Vec::new(),
            open_until: None,
            fallback: None,
        }
    }
}

/// How turns are dealt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Turns {
    /// By counting: as many as the weight says.
    #[default]
    ByWeight,
    /// One after the other; weights do not matter.
    InOrder,
    /// By who has the fewest open leads; weights do not matter.
    FewestOpen,
}

/// How many leads each member of a pool may get.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// Its id within the pool, under which leads are counted.
    pub id: String,
    /// Most leads.
    pub limit: u32,
    /// In which time.
    pub per: Period,
    /// Which leads count; all of them when nothing is asked.
    #[serde(default)]
    pub when: Vec<Criterion>,
}

/// In which time leads count towards a cap; days and weeks are those of the member's time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// In a day.
    Day,
    /// In a week from Monday to Sunday.
    Week,
    /// As long as they are open.
    Open,
}

impl Cap {
    /// How it reads: `5 leads a day whose company size is at least 1000`.
    #[must_use]
    pub fn in_words(&self) -> String {
        let leads = if self.limit == 1 { "lead" } else { "leads" };
        let per = match self.per {
            Period::Day => " a day",
            Period::Week => " a week",
            Period::Open => " open at a time",
        };
        let which = all_in_words(&self.when).map(|asked| format!(", counting those where {asked}"));
        format!("{} {leads}{per}{}", self.limit, which.unwrap_or_default())
    }

    /// Whether a lead counts.
    fn counts(&self, record: &Value) -> bool {
        self.when.iter().all(|criterion| criterion.holds(record))
    }

    /// The stretch of time that `at` belongs to; empty for what is not counted by time.
    fn window(&self, hours: &Hours, at: DateTime<Utc>) -> String {
        let day = hours.local_day(at);
        match self.per {
            Period::Day => day.to_string(),
            Period::Week => format!("{}-W{:02}", day.iso_week().year(), day.iso_week().week()),
            Period::Open => String::new(),
        }
    }
}

impl PoolRules {
    /// What has to be mended before they can be used, each with the JSON Pointer of what it is about.
    #[must_use]
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        if self.make_up > MAX_MAKE_UP {
            problems.push(("/make_up".into(), format!("at most {MAX_MAKE_UP} turns are made up")));
        }
        if self.caps.len() > MAX_CAPS {
            problems.push(("/caps".into(), format!("a pool has at most {MAX_CAPS} caps")));
        }
        for (place, cap) in self.caps.iter().enumerate() {
            let at = format!("/caps/{place}");
            if self.caps[..place].iter().any(|earlier| earlier.id == cap.id) {
                problems.push((at.clone(), "two caps have the same id".into()));
            }
            if cap.per == Period::Open && !cap.when.is_empty() {
                problems.push((
                    at.clone(),
                    "a cap on open leads counts all of them; remove its conditions".into(),
                ));
            }
            for (place, criterion) in cap.when.iter().enumerate() {
                if let Some(problem) = criterion.problem() {
                    problems.push((format!("{at}/when/{place}"), problem));
                }
            }
        }
        problems
    }

    /// Whether some rule asks how many open leads a member has.
    #[must_use]
    pub fn count_open(&self) -> bool {
        self.turns == Turns::FewestOpen || self.caps.iter().any(|cap| cap.per == Period::Open)
    }
}

/// How many leads a member got that count towards a cap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// The cap.
    pub cap: String,
    /// The day or week.
    pub window: String,
    /// How many.
    pub count: u32,
}

/// A lead that looks for an owner, and what is known at that moment.
pub struct Turn<'a> {
    /// The moment.
    pub at: DateTime<Utc>,
    /// The record of the lead.
    pub record: &'a Value,
    /// When an owner is at work.
    pub hours: &'a dyn Fn(&Owner) -> Arc<Hours>,
    /// How many open leads an owner has.
    pub open: &'a dyn Fn(Uuid) -> u64,
    /// Owners who are not to get it.
    pub except: &'a [Uuid],
}

/// What came of a turn.
#[derive(Debug, Clone, PartialEq)]
pub struct Deal {
    /// The place of the member who was chosen; `None` when nobody could take it, and then no counter has moved.
    pub chosen: Option<usize>,
    /// Who would have been chosen if everybody were available, when that is somebody else.
    pub skipped: Option<usize>,
    /// Every member in its order, and why it was chosen or not.
    pub candidates: Vec<Candidate>,
}

/// What keeps a member from a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Hindrance {
    /// Nothing that passes by itself: not a member who takes turns.
    Out(Outcome, String),
    /// A limit.
    Full(Outcome, String),
    /// Not at work.
    Away(String),
}

impl Pool {
    /// Deals a turn: moves the counters on, and says who was chosen and why.
    pub fn deal(&mut self, turn: &Turn<'_>) -> Deal {
        self.settle();
        let before: Vec<Standing> = self.members.iter().map(|member| self.standing(member, turn)).collect();
        let mut hindered: Vec<Option<Hindrance>> =
            self.members.iter().map(|member| self.hindrance(member, turn)).collect();
        if self.rules.anyway_when_closed && hindered.iter().all(Option::is_some) {
            // Nobody at all is at work: hours are no reason to pass anybody over.
            hindered
                .iter_mut()
                .for_each(|one| *one = one.take().filter(|why| !matches!(why, Hindrance::Away(_))));
        }
        let is_in = |place: usize| !matches!(hindered[place], Some(Hindrance::Out(..)));
        let skipped = self.preferred(&is_in, turn);
        let chosen = self.preferred(&|place| hindered[place].is_none(), turn);
        if let Some(chosen) = chosen {
            self.pay(chosen, &hindered);
            self.count(chosen, turn);
        }
        let candidates = self.members.iter().enumerate().zip(before).map(|((place, member), before)| {
            let (outcome, why) = match &hindered[place] {
                _ if Some(place) == chosen => (Outcome::Chosen, "it was their turn".to_owned()),
                None => (Outcome::NotTheirTurn, "it was not their turn".to_owned()),
                Some(Hindrance::Out(outcome, why) | Hindrance::Full(outcome, why)) => (*outcome, why.clone()),
                Some(Hindrance::Away(why)) => (Outcome::NotAtWork, why.clone()),
            };
            let mut after = self.standing(member, turn);
            after.open = before.open.map(|open| open + u64::from(Some(place) == chosen));
            Candidate {
                owner_id: member.owner.id,
                name: member.owner.name.clone(),
                weight: member.weight,
                outcome,
                why,
                before,
                after,
            }
        });
        let candidates = candidates.collect();
        Deal {
            chosen,
            skipped: skipped.filter(|skipped| chosen.is_some_and(|chosen| *skipped != chosen)),
            candidates,
        }
    }

    /// Starts a fresh cycle when credits do not add up: members or weights were edited in the middle of one.
    fn settle(&mut self) {
        let credits: i64 =
            self.members.iter().filter(|member| member.takes_part()).map(|member| member.credit).sum();
        if credits != 0 {
            self.members.iter_mut().for_each(|member| member.credit = 0);
        }
    }

    /// Who is next among those that `may` take it.
    fn preferred(&self, may: &dyn Fn(usize) -> bool, turn: &Turn<'_>) -> Option<usize> {
        let places = (0..self.members.len()).filter(|place| may(*place));
        match self.rules.turns {
            // Of several with the same the first, which `max_by_key` would not give.
            Turns::ByWeight => places.rev().max_by_key(|place| {
                let member = &self.members[*place];
                member.credit + i64::from(member.weight)
            }),
            Turns::InOrder => places.min_by_key(|place| self.members[*place].last_turn),
            Turns::FewestOpen => places.min_by_key(|place| {
                let member = &self.members[*place];
                ((turn.open)(member.owner.id), member.last_turn)
            }),
        }
    }

    /// Moves credits on.
    fn pay(&mut self, chosen: usize, hindered: &[Option<Hindrance>]) {
        let last = self.members.iter().map(|member| member.last_turn).max().unwrap_or_default();
        self.members[chosen].last_turn = last + 1;
        self.members[chosen].assigned += 1;
        if self.rules.turns != Turns::ByWeight {
            return;
        }
        let owed = i64::from(self.rules.make_up) * self.total_weight();
        let mut paid = 0;
        for (member, hindrance) in self.members.iter_mut().zip(hindered) {
            let takes_part = match hindrance {
                None => true,
                Some(Hindrance::Out(..)) => false,
                Some(_) => member.credit < owed,
            };
            if takes_part {
                member.credit += i64::from(member.weight);
                paid += i64::from(member.weight);
            }
        }
        self.members[chosen].credit -= paid;
    }

    /// Counts the lead towards the caps of whoever got it.
    fn count(&mut self, chosen: usize, turn: &Turn<'_>) {
        let hours = (turn.hours)(&self.members[chosen].owner);
        let caps = &self.rules.caps;
        let member = &mut self.members[chosen];
        member.tallies.retain(|tally| caps.iter().any(|cap| cap.id == tally.cap));
        for cap in caps.iter().filter(|cap| cap.per != Period::Open && cap.counts(turn.record)) {
            let window = cap.window(&hours, turn.at);
            match member.tallies.iter_mut().find(|tally| tally.cap == cap.id) {
                Some(tally) if tally.window == window => tally.count += 1,
                Some(tally) => *tally = Tally { cap: cap.id.clone(), window, count: 1 },
                None => member.tallies.push(Tally { cap: cap.id.clone(), window, count: 1 }),
            }
        }
    }

    fn hindrance(&self, member: &Member, turn: &Turn<'_>) -> Option<Hindrance> {
        let out = |outcome, why: &str| Some(Hindrance::Out(outcome, why.to_owned()));
        if !member.active {
            return out(Outcome::NotActive, "they are switched off in the pool");
        }
        if member.weight == 0 {
            return out(Outcome::NoWeight, "their weight is 0");
        }
        if turn.except.contains(&member.owner.id) {
            return out(Outcome::Excluded, "they had it and are not to get it again");
        }
        let full = |outcome, why: String| Some(Hindrance::Full(outcome, why));
        let hours = (turn.hours)(&member.owner);
        if let Some(capacity) = member.owner.work.as_ref().and_then(|work| work.capacity) {
            let open = (turn.open)(member.owner.id);
            if open >= u64::from(capacity) {
                return full(
                    Outcome::AtCapacity,
                    format!("they have {open} open leads and can take care of {capacity}"),
                );
            }
        }
        for cap in self.rules.caps.iter().filter(|cap| cap.counts(turn.record)) {
            let count = self.reached(member, cap, &hours, turn);
            if count >= u64::from(cap.limit) {
                return full(Outcome::CapReached, format!("they had {count} of at most {}", cap.in_words()));
            }
        }
        if self.rules.only_at_work && !hours.is_open(turn.at) {
            let until =
                hours.next_open(turn.at).map(|next| next.with_timezone(&hours.zone).format("%a %d %b %H:%M"));
            let until = until.map_or_else(String::new, |next| format!(" before {next} ({})", hours.zone));
            return Some(Hindrance::Away(format!("they are not at work{until}")));
        }
        None
    }

    fn reached(&self, member: &Member, cap: &Cap, hours: &Hours, turn: &Turn<'_>) -> u64 {
        if cap.per == Period::Open {
            return (turn.open)(member.owner.id);
        }
        let window = cap.window(hours, turn.at);
        let tally = member.tallies.iter().find(|tally| tally.cap == cap.id && tally.window == window);
        tally.map_or(0, |tally| tally.count.into())
    }

    fn standing(&self, member: &Member, turn: &Turn<'_>) -> Standing {
        let hours = (turn.hours)(&member.owner);
        let caps = self.rules.caps.iter().filter(|cap| cap.counts(turn.record) && cap.per != Period::Open);
        let counts = caps.map(|cap| Count {
            cap: cap.in_words(),
            count: self.reached(member, cap, &hours, turn),
            limit: cap.limit,
        });
        let asks_open =
            self.rules.count_open() || member.owner.work.as_ref().is_some_and(|work| work.capacity.is_some());
        Standing {
            credit: member.credit,
            assigned: member.assigned,
            open: asks_open.then(|| (turn.open)(member.owner.id)),
            counts: counts.collect(),
        }
    }
}
