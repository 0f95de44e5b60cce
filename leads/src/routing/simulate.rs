//! What would have happened: past arrivals through other rules.
//!
//! It is the same code that decides in earnest, on counters of its own. Arrivals are taken in the order of their moments,
//! so that the same arrivals and rules always give the same figures. What the past cannot tell is left out: how long leads
//! stay open is not known, so beside those that a plan begins with only leads that the simulation gave out count as open.

use super::decide::{Dealt, Desk, Subject, Verdict, decide};
use super::decision::{Decision, Outcome, Source};
use super::table::Ready;
use super::turn::Turn;
use crate::hours::{Calendar, Hours};
use crate::pool::{Owner, Pool};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use uuid::Uuid;

/// The rules to be tried, and those they are about.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The table.
    pub table: Ready,
    /// What people call it.
    pub name: String,
    /// All pools it may lead to. Their counters are where the simulation starts.
    pub pools: Vec<Pool>,
    /// Everybody who can own leads.
    pub owners: Vec<Arc<Owner>>,
    /// Calendars of holidays by name.
    pub calendars: BTreeMap<String, Calendar>,
    /// How many open leads owners have to begin with.
    pub open: HashMap<Uuid, u64>,
}

/// A lead that came, as it was.
#[derive(Debug, Clone)]
pub struct Arrival {
    /// When.
    pub at: DateTime<Utc>,
    /// Its record, with its account under `account`.
    pub record: Value,
    /// Who owns it; nobody of a lead that is new.
    pub owner: Option<Uuid>,
    /// Its account.
    pub account: Option<Uuid>,
    /// Who owns that.
    pub account_owner: Option<Uuid>,
}

/// What would have happened.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Simulation {
    /// Leads that came.
    pub leads: u64,
    /// What each owner would have got, those with most leads first.
    pub owners: Vec<OwnerLoad>,
    /// How often each row decided, by place.
    pub rows: Vec<RowHits>,
    /// Which caps passed whom over, the most often first.
    pub caps: Vec<CapHits>,
    /// Leads that went to a fallback.
    pub fallbacks: u64,
    /// Leads that went onto a list instead of to an owner.
    pub listed: u64,
    /// Leads that nobody could be found for.
    pub failed: u64,
    /// Why, of the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_failure: Option<String>,
    /// Turns at which somebody was passed over because they were not at work.
    pub away: u64,
    /// How many leads waited how long for their owner's working hours: not at all, under an hour, under 4 hours, under 16
    /// hours, longer or for ever.
    pub waits: [u64; 5],
}

/// What an owner would have got.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OwnerLoad {
    /// Who.
    pub owner_id: Uuid,
    /// Their name.
    pub name: String,
    /// Leads.
    pub leads: u64,
    /// Of those, leads that came while they were not at work.
    pub waited: u64,
    /// How long those waited for them to be at work, together, in seconds; those that wait for ever are left out.
    pub wait_seconds: i64,
    /// The longest of these waits in seconds.
    pub longest_wait_seconds: i64,
    /// Leads by the local day they came on.
    pub by_day: BTreeMap<String, u64>,
}

/// How often a row decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowHits {
    /// The row, counted from 1; 0 for what comes before the rows.
    pub row: usize,
    /// Leads.
    pub leads: u64,
}

/// How often a limit passed somebody over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CapHits {
    /// Whom.
    pub owner_id: Uuid,
    /// Their name.
    pub name: String,
    /// Why: the cap or the capacity.
    pub outcome: Outcome,
    /// Turns.
    pub times: u64,
}

/// Sees an arrival and what became of it.
pub(crate) type Watch<'a> = dyn FnMut(&Arrival, Result<&(Verdict, Decision), &Failure>) + 'a;

/// Sends `arrivals` through `plan`; `each` sees every decision in its order.
pub fn simulate(plan: &Plan, arrivals: &[Arrival], each: &mut Watch<'_>) -> Simulation {
    let mut order: Vec<&Arrival> = arrivals.iter().collect();
    // Stable, so that arrivals of one moment keep their order.
    order.sort_by_key(|arrival| arrival.at);
    let mut desk = Rehearsal::new(plan);
    let mut sum = Sum::default();
    let mut latest: HashMap<Uuid, Arc<Owner>> = HashMap::new();
    for arrival in order {
        let account_owner = arrival.account_owner.and_then(|id| desk.by_id(id));
        let name = super::look_up(&arrival.record, "account.name").as_str().unwrap_or("of the lead");
        let subject = Subject {
            record: &arrival.record,
            at: arrival.at,
            owner: arrival.owner.and_then(|id| desk.by_id(id)),
            account_owner: account_owner.map(|owner| (name.to_owned(), owner)),
            same_account: arrival.account.and_then(|account| latest.get(&account)).cloned(),
            except: &[],
        };
        let outcome = decide(&plan.table, &plan.name, None, &subject, &mut desk);
        if let Ok((Verdict::Owner(owner) | Verdict::Kept(owner), _)) = &outcome {
            *desk.open.entry(owner.id).or_default() += 1;
            if let Some(account) = arrival.account {
                latest.insert(account, Arc::clone(owner));
            }
        }
        sum.add(arrival, outcome.as_ref(), &desk);
        each(arrival, outcome.as_ref());
    }
    sum.finish()
}

/// The desk of a simulation.
struct Rehearsal {
    pools: HashMap<String, Pool>,
    names: HashMap<String, String>,
    /// Teams that had a turn.
    teams: HashMap<String, Pool>,
    owners: Vec<Arc<Owner>>,
    hours: HashMap<Uuid, Arc<Hours>>,
    open: HashMap<Uuid, u64>,
}

impl Rehearsal {
    fn new(plan: &Plan) -> Self {
        let hours = |owner: &Arc<Owner>| {
            let hours = owner.work.as_ref().map_or_else(Hours::always, |work| {
                work.hours(work.calendar.as_ref().and_then(|name| plan.calendars.get(name)))
            });
            (owner.id, Arc::new(hours))
        };
        let pools = plan.pools.iter().map(|pool| (pool.name.clone(), pool.clone())).collect();
        let ids = plan.pools.iter().map(|pool| (pool.id.to_string(), pool.name.clone()));
        let names = plan.pools.iter().map(|pool| (pool.name.clone(), pool.name.clone()));
        Self {
            pools,
            names: ids.chain(names).collect(),
            teams: HashMap::new(),
            owners: plan.owners.clone(),
            hours: plan.owners.iter().map(hours).collect(),
            open: plan.open.clone(),
        }
    }

    fn by_id(&self, id: Uuid) -> Option<Arc<Owner>> {
        self.owners.iter().find(|owner| owner.id == id).cloned()
    }

    fn turn(&self, pool: &mut Pool, subject: &Subject<'_>) -> Dealt {
        pool.take_turn(&Turn {
            at: subject.at,
            record: subject.record,
            hours: &|owner| self.hours_of(owner),
            open: &|owner| self.open.get(&owner).copied().unwrap_or_default(),
            except: subject.except,
        })
    }

    fn hours_of(&self, owner: &Owner) -> Arc<Hours> {
        self.hours.get(&owner.id).cloned().unwrap_or_else(|| Arc::new(Hours::always()))
    }
}

impl Desk for Rehearsal {
    fn team(&mut self, asked: &str, subject: &Subject<'_>) -> Result<Option<Dealt>, Failure> {
        let team = self.teams.remove(asked).or_else(|| {
            let is_in = |owner: &&Arc<Owner>| owner.team().is_some_and(|team| team == asked);
            let team = Pool::of_team(asked, self.owners.iter().filter(is_in).cloned());
            (!team.members.is_empty()).then_some(team)
        });
        let Some(mut team) = team else { return Ok(None) };
        let dealt = self.turn(&mut team, subject);
        self.teams.insert(asked.to_owned(), team);
        Ok(Some(dealt))
    }

    fn owner(&self, asked: &str) -> Result<Option<Arc<Owner>>, Failure> {
        let by = |is: &dyn Fn(&Owner) -> bool| self.owners.iter().find(|owner| is(owner)).cloned();
        let found = by(&|owner| owner.id.to_string() == asked)
            .or_else(|| by(&|owner| owner.email.eq_ignore_ascii_case(asked)))
            .or_else(|| by(&|owner| owner.name == asked));
        Ok(found)
    }

    fn deal(&mut self, asked: &str, subject: &Subject<'_>) -> Result<Option<Dealt>, Failure> {
        let Some(mut pool) = self.names.get(asked).and_then(|name| self.pools.remove(name)) else {
            return Ok(None);
        };
        let dealt = self.turn(&mut pool, subject);
        self.pools.insert(pool.name.clone(), pool);
        Ok(Some(dealt))
    }
}

/// The figures while they grow.
#[derive(Default)]
struct Sum {
    done: Simulation,
    owners: HashMap<Uuid, OwnerLoad>,
    rows: BTreeMap<usize, u64>,
    caps: HashMap<(Uuid, Outcome), CapHits>,
}

impl Sum {
    fn add(&mut self, arrival: &Arrival, outcome: Result<&(Verdict, Decision), &Failure>, desk: &Rehearsal) {
        self.done.leads += 1;
        let (verdict, decision) = match outcome {
            Ok(decided) => decided,
            Err(failure) => {
                self.done.failed += 1;
                self.done.first_failure.get_or_insert_with(|| failure.message.clone());
                return;
            }
        };
        *self.rows.entry(decision.row.unwrap_or_default()).or_default() += 1;
        self.done.fallbacks += u64::from(decision.source == Source::Fallback);
        self.done.away += u64::from(decision.candidates.iter().any(|one| one.outcome == Outcome::NotAtWork));
        for one in &decision.candidates {
            if matches!(one.outcome, Outcome::CapReached | Outcome::AtCapacity) {
                let hits = self.caps.entry((one.owner_id, one.outcome)).or_insert_with(|| CapHits {
                    owner_id: one.owner_id,
                    name: one.name.clone(),
                    outcome: one.outcome,
                    times: 0,
                });
                hits.times += 1;
            }
        }
        match verdict {
            Verdict::List(_) => self.done.listed += 1,
            Verdict::Owner(owner) | Verdict::Kept(owner) => {
                self.give(owner, arrival.at, &desk.hours_of(owner));
            }
        }
    }

    fn give(&mut self, owner: &Arc<Owner>, at: DateTime<Utc>, hours: &Hours) {
        let load = self.owners.entry(owner.id).or_insert_with(|| OwnerLoad {
            owner_id: owner.id,
            name: owner.name.clone(),
            leads: 0,
            waited: 0,
            wait_seconds: 0,
            longest_wait_seconds: 0,
            by_day: BTreeMap::new(),
        });
        load.leads += 1;
        *load.by_day.entry(hours.local_day(at).to_string()).or_default() += 1;
        let wait = hours.next_open(at).map(|opens| (opens - at).num_seconds());
        if wait != Some(0) {
            load.waited += 1;
        }
        let seconds = wait.unwrap_or_default();
        load.wait_seconds += seconds;
        load.longest_wait_seconds = load.longest_wait_seconds.max(seconds);
        let bucket = match wait.map(|seconds| (seconds, seconds / 3600)) {
            Some((0, _)) => 0,
            Some((_, 0)) => 1,
            Some((_, 1..4)) => 2,
            Some((_, 4..16)) => 3,
            _ => 4,
        };
        self.done.waits[bucket] += 1;
    }

    fn finish(self) -> Simulation {
        let mut owners: Vec<OwnerLoad> = self.owners.into_values().collect();
        owners.sort_by(|a, b| {
            b.leads.cmp(&a.leads).then(a.name.cmp(&b.name)).then(a.owner_id.cmp(&b.owner_id))
        });
        let mut caps: Vec<CapHits> = self.caps.into_values().collect();
        caps.sort_by(|a, b| {
            b.times.cmp(&a.times).then(a.name.cmp(&b.name)).then(a.owner_id.cmp(&b.owner_id))
        });
        let rows = self.rows.into_iter().map(|(row, leads)| RowHits { row, leads }).collect();
        Simulation { owners, rows, caps, ..self.done }
    }
}
