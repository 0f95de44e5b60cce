//! Clocks of service levels: they start and stop with owners, are met by what owners do, and are woken when something is
//! due.

use super::{Book, Note, Occasion};
use crate::activity::ActivityKind;
use crate::definition;
use crate::hours::{Calendar, Hours};
use crate::operation::{AcceptLead, Route, WakeClock};
use crate::pool::Owner;
use crate::sla::{Clock, ClockKind, ClockState, Happening, Reassign, SlaPolicy, Start, first_that_fits};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use uuid::Uuid;

/// Touches that answer a lead.
pub(super) const RESPONSES: [&str; 3] = ["call", "email_sent", "meeting"];

/// What a new owner's clocks carry on from before.
#[derive(Debug, Clone, Default)]
pub(super) struct Before {
    /// The pool the lead came from.
    pub(super) pool: Option<String>,
    /// Everybody who had the lead and did not take care of it.
    pub(super) had_it: Vec<Uuid>,
}

impl Book {
    /// When `owner` is at work.
    pub(super) fn hours_of(&self, owner: &Owner) -> Arc<Hours> {
        let Some(work) = &owner.work else { return Arc::new(Hours::always()) };
        let named = work
            .calendar
            .as_deref()
            .and_then(|name| definition::find(self.definitions.get(definition::CALENDAR)?, name.trim()));
        // A calendar that cannot be read keeps nobody from work; publishing checks it.
        let calendar = named.and_then(|named| named.read::<Calendar>().ok());
        Arc::new(work.hours(calendar.as_deref()))
    }

    /// Stops the clocks of a lead and starts those of its new owner.
    pub(super) fn restart_clocks(
        &mut self,
        lead_id: Uuid,
        owner: Option<&Owner>,
        before: &Before,
        occasion: &mut Occasion<'_>,
    ) {
        self.each_open(lead_id, |_| true, |clock| clock.stop(occasion.at));
        let Some(owner) = owner else { return };
        let Some(all) = self.definitions.get(definition::SLA).filter(|all| !all.is_empty()).cloned() else {
            return;
        };
        let Ok(record) = self.lead(lead_id).map(crate::Lead::record) else { return };
        let policies: Vec<_> = all
            .iter()
            .filter_map(|one| Some((one.name.as_str(), one.read::<SlaPolicy>().ok()?, one.version)))
            .collect();
        let fitting = policies.iter().map(|(name, policy, version)| (*name, policy.as_ref(), *version));
        let Some((name, policy, version)) = first_that_fits(fitting, &record) else { return };
        let hours = self.hours_of(owner);
        for kind in ClockKind::ALL {
            let start = Start {
                id: (occasion.new_id)(),
                lead_id,
                owner_id: owner.id,
                owner_name: &owner.name,
                hours: &hours,
                at: occasion.at,
                pool: before.pool.as_deref(),
                team: owner.team(),
                had_it: &before.had_it,
            };
            let Some(clock) = Clock::start(name, version, policy, kind, &start) else { continue };
            let title = match clock.due_at {
                Some(due) => format!("{} is due {}", capital(kind.called()), on_wall(&clock, due)),
                None => format!("{} is never due: {} is not at work", capital(kind.called()), owner.name),
            };
            let why = format!("Policy {name}.");
            self.note_clock(&clock, ActivityKind::SlaStarted, title, why, occasion);
            self.touched_clocks.push((lead_id, clock.id));
            self.clocks.entry(lead_id).or_default().push(clock);
        }
    }

    /// The owner did something that answers the lead, or accepted it.
    pub(super) fn meet_clocks(&mut self, lead_id: Uuid, answered: bool, occasion: &Occasion<'_>) -> usize {
        let wanted = |clock: &Clock| answered || clock.kind == ClockKind::Accept;
        let met = self.each_open(lead_id, wanted, |clock| clock.meet(occasion.at));
        for clock in &met {
            let worked = clock.view(occasion.at).seconds_worked;
            let (how, word) = match clock.state {
                ClockState::Met => ("in time", "within"),
                _ => ("late", "after"),
            };
            let title = format!("{} {how}", capital(clock.kind.called()));
            let why = format!(
                "{} did it {word} {} of working time; policy {} allows {}.",
                clock.owner_name,
                spell(worked),
                clock.policy,
                spell(i64::from(clock.within) * 60)
            );
            self.note_clock(clock, ActivityKind::SlaMet, title, why, occasion);
        }
        met.len()
    }

    pub(super) fn accept_lead(
        &mut self,
        input: &AcceptLead,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        self.lead(input.lead_id)?;
        let met = self.meet_clocks(input.lead_id, false, occasion);
        let why = if met == 0 { "No clock waited for it to be accepted." } else { "Accepted." };
        let output = json!({ "lead_id": input.lead_id, "accepted": met > 0 });
        Ok(Performed { output, why: Some(why.into()), written: Vec::new() })
    }

    /// Wakes a clock: whatever is due happens, once.
    pub(super) fn wake_clock(
        &mut self,
        input: &WakeClock,
        occasion: &mut Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let owner_now = self.lead(input.lead_id).ok().and_then(|lead| lead.owner_id);
        let is_it = |clock: &Clock| clock.id == input.clock_id;
        let mut happened = Vec::new();
        let woken = self.each_open(input.lead_id, is_it, |clock| {
            if owner_now == Some(clock.owner_id) {
                happened = clock.wake(occasion.at);
            } else {
                // The lead went elsewhere, was merged or erased without anybody telling the clock.
                clock.stop(occasion.at);
            }
        });
        let output = json!({ "lead_id": input.lead_id, "happened": happened.len() });
        if let Some(clock) = woken.first() {
            for what in &happened {
                self.tell(clock, *what, occasion)?;
            }
        }
        Ok(Performed { output, why: None, written: Vec::new() })
    }

    fn tell(&mut self, clock: &Clock, what: Happening, occasion: &mut Occasion<'_>) -> Result<(), Failure> {
        let (owner, policy, called) = (&clock.owner_name, &clock.policy, clock.kind.called());
        match what {
            Happening::Warned => {
                let due = clock.due_at.map(|due| on_wall(clock, due)).unwrap_or_default();
                let title = format!("{} is due soon", capital(called));
                let why = format!("{owner} has until {due}; policy {policy}.");
                self.note_clock(clock, ActivityKind::SlaWarned, title, why, occasion);
            }
            Happening::Reminded(times) => {
                let title = format!("{owner} was reminded of the {called}");
                let why = format!("Reminder {times} of policy {policy}.");
                self.note_clock(clock, ActivityKind::SlaWarned, title, why, occasion);
            }
            Happening::Breached => {
                let allowed = spell(i64::from(clock.within) * 60);
                let told = self.escalation(clock)?;
                let title = format!("{} is overdue", capital(called));
                let escalated =
                    told.as_ref().map(|told| format!(" {} is told.", told.name)).unwrap_or_default();
                let why = format!("{owner} had {allowed} of working time by policy {policy}.{escalated}");
                self.note_clock(clock, ActivityKind::SlaBreached, title, why, occasion);
                if let Some(told) = told {
                    let told = json!({ "id": told.id, "name": told.name, "email": told.email });
                    self.added.activities.last_mut().expect("just noted").detail["escalate_to"] = told;
                }
                self.hand_on(clock, occasion)?;
            }
        }
        Ok(())
    }

    /// Who is told of a breach.
    fn escalation(&self, clock: &Clock) -> Result<Option<Arc<Owner>>, Failure> {
        match clock.on_breach.escalate_to.as_deref().map(str::trim).filter(|told| !told.is_empty()) {
            Some(told) => self.known_owner(told),
            None => Ok(None),
        }
    }

    /// Gives the lead to somebody who did not have it yet, if the policy says so and there is anybody.
    fn hand_on(&mut self, clock: &Clock, occasion: &mut Occasion<'_>) -> Result<(), Failure> {
        let Some(route) = next_turn(clock) else { return Ok(()) };
        let mut had_it = clock.had_it.clone();
        had_it.push(clock.owner_id);
        let route = Route { except: had_it.clone(), ..route };
        let reason = format!("{} did not take care of it in time.", clock.owner_name);
        match self.route_from(&route, Some(reason), had_it, occasion) {
            Ok(_) => Ok(()),
            // Nobody else is there, or the pool is gone: it stays where it is, and the breach says so.
            Err(failure) if failure.code != "LEAD-0010" => {
                let entry = self.added.activities.last_mut().expect("the breach was noted");
                entry.why = entry.why.take().map(|why| format!("{why} It stays: {}", failure.message));
                Ok(())
            }
            Err(failure) => Err(failure),
        }
    }

    fn note_clock(
        &mut self,
        clock: &Clock,
        kind: ActivityKind,
        title: String,
        why: String,
        occasion: &Occasion<'_>,
    ) {
        let old = Value::Null;
        let new = clock.due_at.map(|due| due.to_rfc3339()).into();
        self.note(clock.lead_id, occasion, Note { kind, title, why: Some(why), old, new, touch: None });
        let owner = json!({ "id": clock.owner_id, "name": clock.owner_name });
        self.added.activities.last_mut().expect("just noted").detail = json!({
            "clock": clock.id, "kind": clock.kind, "policy": clock.policy, "version": clock.version, "owner": owner,
        });
    }

    /// Changes the open clocks of a lead that `wanted` picks, and gives them as they are then.
    fn each_open(
        &mut self,
        lead_id: Uuid,
        wanted: impl Fn(&Clock) -> bool,
        mut change: impl FnMut(&mut Clock),
    ) -> Vec<Clock> {
        let Some(clocks) = self.clocks.get_mut(&lead_id) else { return Vec::new() };
        let mut changed = Vec::new();
        for clock in clocks.iter_mut().filter(|clock| clock.is_open() && wanted(clock)) {
            change(clock);
            self.touched_clocks.push((lead_id, clock.id));
            changed.push(clock.clone());
        }
        changed
    }

    /// The clocks that changed, each once and as it is now.
    pub(super) fn changed_clocks(&mut self) -> Vec<Clock> {
        let mut seen = std::collections::HashSet::new();
        let touched = std::mem::take(&mut self.touched_clocks);
        let of =
            |(lead, id): &(Uuid, Uuid)| self.clocks.get(lead)?.iter().find(|clock| clock.id == *id).cloned();
        touched.iter().filter(|(_, id)| seen.insert(*id)).filter_map(of).collect()
    }
}

/// The turn that gets the lead of a breached clock: of a pool, or of a team.
pub(super) fn next_turn(clock: &Clock) -> Option<Route> {
    if clock.had_it.len() >= usize::try_from(clock.on_breach.at_most).unwrap_or(usize::MAX) {
        return None;
    }
    match &clock.on_breach.reassign {
        Reassign::Nobody => None,
        Reassign::NextInPool => clock.pool.as_deref().map(|pool| Route::by_pool(clock.lead_id, pool)),
        Reassign::Pool { name } => Some(Route::by_pool(clock.lead_id, name.trim())),
        Reassign::SameTeam => clock.team.as_deref().map(|team| Route::by_team(clock.lead_id, team)),
        Reassign::Team { name } => Some(Route::by_team(clock.lead_id, name.trim())),
    }
}

fn on_wall(clock: &Clock, at: DateTime<Utc>) -> String {
    at.with_timezone(&clock.hours.zone).format("%a %d %b %H:%M %Z").to_string()
}

/// `5400` as `1 h 30 min`.
fn spell(seconds: i64) -> String {
    match (seconds / 3600, seconds % 3600 / 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Route {
    /// The next turn of `pool`.
    #[must_use]
    pub fn by_pool(lead_id: Uuid, pool: &str) -> Self {
        Self {
            lead_id,
            pool: pool.to_owned(),
            team: None,
            table: None,
            keep_owner: false,
            same_account: false,
            fallback_owner: None,
            except: Vec::new(),
        }
    }

    /// The next turn of `team`.
    #[must_use]
    pub fn by_team(lead_id: Uuid, team: &str) -> Self {
        Self { team: Some(team.to_owned()), ..Self::by_pool(lead_id, "") }
    }
}
