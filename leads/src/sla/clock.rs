//! A clock of one lead and one owner, as a small state machine.
//!
//! It sleeps until [`Clock::wake_at`]. Whoever wakes it asks what happened and keeps the clock in the same transaction as
//! what follows from that; a clock that is woken too early, twice or late does nothing, nothing or the right thing.

use super::policy::{OnBreach, SlaPolicy};
use crate::hours::Hours;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What a clock waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockKind {
    /// That the owner accepts the lead.
    Accept,
    /// The first response to the lead.
    Respond,
}

impl ClockKind {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Accept, Self::Respond];

    /// Its word in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Respond => "respond",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn called(self) -> &'static str {
        match self {
            Self::Accept => "acceptance",
            Self::Respond => "first response",
        }
    }
}

/// How a clock stands, as it is stored. That it pauses is no state: it follows from the hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockState {
    /// It counts.
    Running,
    /// It counts, and is due soon.
    Warned,
    /// It was due and nothing had happened.
    Breached,
    /// What it waited for happened in time.
    Met,
    /// It no longer counts: the lead has another owner.
    Stopped,
}

impl ClockState {
    /// Its word in the API and in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Warned => "warned",
            Self::Breached => "breached",
            Self::Met => "met",
            Self::Stopped => "stopped",
        }
    }
}

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    /// Its id.
    pub id: Uuid,
    /// Whose lead.
    pub lead_id: Uuid,
    /// Who has to do something.
    pub owner_id: Uuid,
    /// Their name.
    pub owner_name: String,
    /// What it waits for.
    pub kind: ClockKind,
    /// Name of the policy.
    pub policy: String,
    /// Its version.
    pub version: i64,
    /// How it stands.
    pub state: ClockState,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When the owner is warned; `None` for no warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn_at: Option<DateTime<Utc>>,
    /// When it is due; `None` when the owner is not at work for over a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime<Utc>>,
    /// When the owner is reminded next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_at: Option<DateTime<Utc>>,
    /// When what it waited for happened, or when it stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// When it was breached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breached_at: Option<DateTime<Utc>>,
    /// Minutes of work it counts.
    pub within: u32,
    /// Minutes of work between reminders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind_every: Option<u32>,
    /// Reminders that are left.
    #[serde(default)]
    pub reminders_left: u32,
    /// Reminders so far.
    #[serde(default)]
    pub reminded: u32,
    /// What happens at a breach.
    #[serde(default)]
    pub on_breach: OnBreach,
    /// The pool the lead came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// The team of its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Everybody who had the lead before and did not take care of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub had_it: Vec<Uuid>,
    /// The hours it counts.
    pub hours: Hours,
}

/// What makes a clock start.
#[derive(Debug, Clone)]
pub struct Start<'a> {
    /// The new clock's id.
    pub id: Uuid,
    /// Whose lead.
    pub lead_id: Uuid,
    /// The owner's id.
    pub owner_id: Uuid,
    /// The owner's name.
    pub owner_name: &'a str,
    /// When the owner is at work.
    pub hours: &'a Hours,
    /// The moment.
    pub at: DateTime<Utc>,
    /// The pool the lead came from.
    pub pool: Option<&'a str>,
    /// The owner's team.
    pub team: Option<&'a str>,
    /// Everybody who had the lead before and did not take care of it.
    pub had_it: &'a [Uuid],
}

/// What happened when a clock woke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// It is due soon.
    Warned,
    /// The owner is reminded, for the how manieth time.
    Reminded(u32),
    /// It was due.
    Breached,
}

/// How a clock stands at a moment, as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// `running`, `paused`, `warned`, `breached`, `met`, `late` or `stopped`.
    pub state: &'static str,
    /// Seconds of work until it is due; below zero after that. `None` when it is never due, or over.
    pub seconds_left: Option<i64>,
    /// Seconds of work it counted.
    pub seconds_worked: i64,
    /// When it counts again, while it is paused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resumes_at: Option<DateTime<Utc>>,
}

impl Clock {
    /// The clock of `kind` that `policy` asks for; `None` when it asks for none.
    #[must_use]
    pub fn start(
        name: &str,
        version: i64,
        policy: &SlaPolicy,
        kind: ClockKind,
        start: &Start<'_>,
    ) -> Option<Self> {
        let target = policy.target(kind)?;
        let hours = if policy.around_the_clock { Hours::always() } else { start.hours.clone() };
        let after = |minutes: u32| hours.after(start.at, TimeDelta::minutes(minutes.into()));
        let warn_at =
            (target.warn_before > 0).then(|| after(target.within - target.warn_before.min(target.within)));
        let due_at = after(target.within);
        Some(Self {
            id: start.id,
            lead_id: start.lead_id,
            owner_id: start.owner_id,
            owner_name: start.owner_name.to_owned(),
            kind,
            policy: name.to_owned(),
            version,
            state: ClockState::Running,
            started_at: start.at,
            warn_at: warn_at.flatten(),
            due_at,
            remind_at: None,
            ended_at: None,
            breached_at: None,
            within: target.within,
            remind_every: policy.remind_every,
            reminders_left: policy.remind_every.map_or(0, |_| policy.reminders),
            reminded: 0,
            on_breach: policy.on_breach.clone(),
            pool: start.pool.map(str::to_owned),
            team: start.team.map(str::to_owned),
            had_it: start.had_it.to_vec(),
            hours,
        })
    }

    /// Whether it still waits for something.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ended_at.is_none()
    }

    /// When it has to be woken; `None` for never.
    #[must_use]
    pub fn wake_at(&self) -> Option<DateTime<Utc>> {
        if !self.is_open() {
            return None;
        }
        match self.state {
            ClockState::Running => [self.warn_at, self.due_at].into_iter().flatten().min(),
            ClockState::Warned => [self.remind_at, self.due_at].into_iter().flatten().min(),
            ClockState::Breached => self.remind_at,
            ClockState::Met | ClockState::Stopped => None,
        }
    }

    /// What happened until `at`. However late it is woken, each thing happens once: a warning that comes after the
    /// breach, and reminders that were missed, are left out.
    pub fn wake(&mut self, at: DateTime<Utc>) -> Vec<Happening> {
        let mut happened = Vec::new();
        if !self.is_open() {
            return happened;
        }
        let is_due = |moment: Option<DateTime<Utc>>| moment.is_some_and(|moment| moment <= at);
        let counts = matches!(self.state, ClockState::Running | ClockState::Warned);
        if counts && is_due(self.due_at) {
            if self.state == ClockState::Running {
                self.remind_at = self.next_reminder(at);
            }
            self.state = ClockState::Breached;
            self.breached_at = Some(at);
            happened.push(Happening::Breached);
        } else if self.state == ClockState::Running && is_due(self.warn_at) {
            self.state = ClockState::Warned;
            self.remind_at = self.next_reminder(at);
            happened.push(Happening::Warned);
        }
        if is_due(self.remind_at) {
            self.reminders_left = self.reminders_left.saturating_sub(1);
            self.remind_at = self.next_reminder(at);
            // The breach itself is told; a reminder of the same moment says nothing more.
            if happened.is_empty() {
                self.reminded += 1;
                happened.push(Happening::Reminded(self.reminded));
            }
        }
        happened
    }

    /// What it waits for happened.
    pub fn meet(&mut self, at: DateTime<Utc>) {
        if self.is_open() {
            self.ended_at = Some(at);
            // A clock that nobody woke in time is breached all the same.
            if self.state != ClockState::Breached {
                let late = self.due_at.is_some_and(|due| due < at);
                self.state = if late { ClockState::Breached } else { ClockState::Met };
                self.breached_at = self.due_at.filter(|_| late);
            }
        }
    }

    /// The lead has another owner. A breach stays a breach.
    pub fn stop(&mut self, at: DateTime<Utc>) {
        if self.is_open() {
            self.ended_at = Some(at);
            if self.state != ClockState::Breached {
                self.state = ClockState::Stopped;
            }
        }
    }

    /// How it stands at `now`.
    #[must_use]
    pub fn view(&self, now: DateTime<Utc>) -> View {
        let until = self.ended_at.unwrap_or(now);
        let worked = self.hours.worked(self.started_at, until).num_seconds();
        let counts = self.is_open() && self.state != ClockState::Breached;
        let is_paused = counts && !self.hours.is_open(now);
        let state = match self.state {
            ClockState::Breached if self.ended_at.is_some() => "late",
            _ if is_paused => "paused",
            state => state.as_str(),
        };
        View {
            state,
            seconds_left: self
                .due_at
                .filter(|_| self.is_open())
                .map(|_| i64::from(self.within) * 60 - worked),
            seconds_worked: worked,
            resumes_at: if is_paused { self.hours.next_open(now) } else { None },
        }
    }

    fn next_reminder(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let every = self.remind_every.filter(|_| self.reminders_left > 0)?;
        self.hours.after(after, TimeDelta::minutes(every.into()))
    }
}
