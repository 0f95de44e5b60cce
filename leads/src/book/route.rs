//! Giving a lead to an owner: by a table, by the next turn of a pool, or to whoever has its account.

use super::clocks::Before;
use super::{Book, Note, Occasion};
use crate::activity::ActivityKind;
use crate::definition;
use crate::failures;
use crate::operation::{AddToList, Route};
use crate::place::Place;
use crate::pool::{Owner, Pool};
use crate::routing::{
    Candidate, Dealt, Decision, Desk, First, Ready, RoutingTable, Row, Subject, Target, Turn, Verdict, decide,
};
use crate::stage;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

/// Most candidates that an output and a decision list; outputs are journaled.
const MAX_CANDIDATES: usize = 20;

impl Book {
    pub(super) fn route(&mut self, input: &Route, occasion: &mut Occasion<'_>) -> Result<Performed, Failure> {
        self.route_from(input, None, Vec::new(), occasion)
    }

    /// As [`Book::route`], for a lead that everybody in `had_it` did not take care of, which `reason` says.
    pub(super) fn route_from(
        &mut self,
        input: &Route,
        reason: Option<String>,
        had_it: Vec<Uuid>,
        occasion: &mut Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let table = self.table_of(input)?;
        let lead = self.lead(input.lead_id)?;
        let (record, account) = (self.shown(lead), lead.account_id);
        let before = lead.owner_id.map(|id| self.known_owner(&id.to_string())).transpose()?.flatten();
        let mut account_owner = None;
        if let Some(known) = account.and_then(|id| self.accounts.account(id)) {
            let owner = known.owner_id.map(|id| self.known_owner(&id.to_string())).transpose()?.flatten();
            account_owner = owner.map(|owner| (known.name.clone(), owner));
        }
        let latest = account.and_then(|account| self.latest_owners.get(&account).copied().flatten());
        let subject = Subject {
            record: &record,
            at: occasion.at,
            owner: before.clone(),
            account_owner,
            same_account: latest.map(|id| self.known_owner(&id.to_string())).transpose()?.flatten(),
            except: &input.except,
        };
        let (verdict, mut decision) = decide(&table.ready, &table.name, table.version, &subject, self)?;
        if let Some(reason) = reason {
            decision.sentence = format!("{reason} {}", decision.sentence);
        }
        match verdict {
            Verdict::Kept(owner) => {
                let output = output(&owner, &decision, None);
                Ok(Performed { output, why: Some(decision.sentence), written: Vec::new() })
            }
            Verdict::Owner(owner) => {
                Ok(self.give(input.lead_id, &owner, before.as_ref(), decision, had_it, occasion))
            }
            Verdict::List(list) => {
                let listed = AddToList { lead_id: input.lead_id, list };
                let mut performed = self.add_to_list(&listed, occasion)?;
                performed.output["reason"] = decision.sentence.as_str().into();
                performed.why = Some(decision.sentence);
                Ok(performed)
            }
        }
    }

    /// The table that `input` asks for: a published one, or one that says no more than the pool.
    pub(super) fn table_of(&self, input: &Route) -> Result<Table, Failure> {
        let Some(asked) = input.table.as_deref().map(str::trim).filter(|asked| !asked.is_empty()) else {
            return Ok(Table {
                ready: Arc::new(Ready::new(one_pool(input))),
                name: String::new(),
                version: None,
            });
        };
        let found = self.definition(definition::ROUTING, asked)?;
        let found = found.ok_or_else(|| failures::no_such_table(asked))?;
        let ready = found.read().map_err(|error| failures::unreadable_table(&error.detail))?;
        Ok(Table { ready, name: found.name.clone(), version: Some(found.version) })
    }

    /// Makes `owner` the owner of the lead.
    pub(super) fn give(
        &mut self,
        lead_id: Uuid,
        owner: &Arc<Owner>,
        before: Option<&Arc<Owner>>,
        decision: Decision,
        had_it: Vec<Uuid>,
        occasion: &mut Occasion<'_>,
    ) -> Performed {
        // A later operation may ask for this owner when nobody can be asked any more.
        self.owners.entry(owner.id.to_string()).or_insert_with(|| Some(Arc::clone(owner)));
        let why = decision.sentence.clone();
        let lead = self.change(lead_id, occasion.at);
        lead.owner_id = Some(owner.id);
        lead.owner_reason = Some(why.clone());
        let stage = lead.stage.clone();
        let is_same = before.is_some_and(|before| before.id == owner.id);
        if !is_same {
            self.shift_load(before.map(|before| before.id), owner.id, &stage);
        }
        let old = before.map_or(Value::Null, |owner| owner.name.as_str().into());
        let output = output(owner, &decision, before.map(Arc::as_ref));
        let pool = decision.pool.clone();
        self.note(
            lead_id,
            occasion,
            Note {
                kind: ActivityKind::Assigned,
                title: format!("Assigned to {}", owner.name),
                why: Some(why.clone()),
                old: old.clone(),
                new: owner.name.as_str().into(),
                touch: None,
            },
        );
        let detail =
            serde_json::to_value(bounded(decision)).expect("a decision holds nothing that JSON cannot");
        self.added.activities.last_mut().expect("just noted").detail = detail;
        if !is_same {
            if let Some(account) = self.lead(lead_id).ok().and_then(|lead| lead.account_id) {
                self.latest_owners.insert(account, Some(owner.id));
            }
            self.restart_clocks(lead_id, Some(owner), &Before { pool, had_it }, occasion);
        }
        let change = Change {
            label: "Owner".into(),
            old,
            new: owner.name.as_str().into(),
            target: Place::Owner.of(lead_id),
        };
        Performed { output, why: Some(why), written: if is_same { Vec::new() } else { vec![change] } }
    }

    /// The owner called `asked`; `None` when there is no such owner any more.
    pub(super) fn known_owner(&self, asked: &str) -> Result<Option<Arc<Owner>>, Failure> {
        if let Some(known) = self.owners.get(asked) {
            return Ok(known.clone());
        }
        let members = self.pools.values().flat_map(|dealt| &dealt.pool.members);
        let found = members.map(|member| &member.owner).find(|owner| owner.id.to_string() == asked);
        found.map(|owner| Some(Arc::clone(owner))).ok_or_else(|| failures::not_supplied("the owner"))
    }

    /// How many open leads `owner` has: those before the stage `until`, or all of them.
    fn open_leads(&self, owner: Uuid, until: Option<&str>) -> u64 {
        let until = until.and_then(|name| stage::find(&self.stages, name)).map(|stage| stage.rank);
        let is_open = |name: &str| {
            until.is_none_or(|until| stage::find(&self.stages, name).is_none_or(|stage| stage.rank < until))
        };
        let load = self.loads.get(&owner);
        load.map_or(0, |load| load.iter().filter(|(stage, _)| is_open(stage)).map(|(_, count)| *count).sum())
    }

    fn turn(&self, pool: &mut Pool, subject: &Subject<'_>) -> Dealt {
        let until = pool.rules.open_until.clone();
        pool.take_turn(&Turn {
            at: subject.at,
            record: subject.record,
            hours: &|owner| self.hours_of(owner),
            open: &|owner| self.open_leads(owner, until.as_deref()),
            except: subject.except,
        })
    }

    /// Keeps count of a lead in `stage` that goes from one owner to another.
    fn shift_load(&mut self, from: Option<Uuid>, to: Uuid, stage: &str) {
        if let Some(count) =
            from.and_then(|from| self.loads.get_mut(&from)).and_then(|load| load.get_mut(stage))
        {
            *count = count.saturating_sub(1);
        }
        if let Some(load) = self.loads.get_mut(&to) {
            *load.entry(stage.to_owned()).or_default() += 1;
        }
    }
}

impl Desk for Book {
    fn team(&mut self, asked: &str, subject: &Subject<'_>) -> Result<Option<Dealt>, Failure> {
        let mut team = self.teams.remove(asked).ok_or_else(|| failures::not_supplied("the team"))?;
        let dealt = (!team.members.is_empty()).then(|| self.turn(&mut team, subject));
        self.teams.insert(asked.to_owned(), team);
        Ok(dealt)
    }

    fn owner(&self, asked: &str) -> Result<Option<Arc<Owner>>, Failure> {
        self.known_owner(asked)
    }

    fn deal(&mut self, asked: &str, subject: &Subject<'_>) -> Result<Option<Dealt>, Failure> {
        let known = self.pool_names.get(asked.trim()).ok_or_else(|| failures::not_supplied("the pool"))?;
        let Some(id) = *known else { return Ok(None) };
        let mut entry = self.pools.remove(&id).expect("its name leads to it");
        let dealt = self.turn(&mut entry.pool, subject);
        if dealt.owner.is_some() && !entry.touched {
            entry.touched = true;
            self.touched_pools.push(id);
        }
        self.pools.insert(id, entry);
        Ok(Some(dealt))
    }
}

/// A table with what it is called.
pub(super) struct Table {
    pub(super) ready: Arc<Ready>,
    /// Empty for one that nobody wrote.
    name: String,
    version: Option<i64>,
}

/// The table that says no more than the pool or team of `input`.
fn one_pool(input: &Route) -> RoutingTable {
    RoutingTable {
        first: First { keep_owner: input.keep_owner, account_owner: false, same_account: input.same_account },
        rows: vec![Row {
            id: String::new(),
            cells: BTreeMap::new(),
            to: match &input.team {
                Some(team) => Target::Team { name: team.clone() },
                None => Target::Pool { name: input.pool.trim().to_owned() },
            },
            note: String::new(),
            off: false,
        }],
        fallback: input.fallback_owner.clone().unwrap_or_default(),
        ..RoutingTable::default()
    }
}

/// What a step puts out: the owner, and who else might have been. An undo needs who owned the lead before.
fn output(owner: &Owner, decision: &Decision, before: Option<&Owner>) -> Value {
    let candidates = shown(&decision.candidates).map(|one| {
        json!({
            "name": one.name, "weight": one.weight, "assigned": one.after.assigned, "outcome": one.outcome.words(),
        })
    });
    let mut output = json!({
        "owner": { "id": owner.id, "name": owner.name, "email": owner.email },
        "reason": decision.sentence,
        "candidates": candidates.collect::<Vec<_>>(),
    });
    if let Some(row) = decision.row {
        output["row"] = row.into();
    }
    if let Some(before) = before {
        output["previous"] = json!({ "id": before.id, "name": before.name });
    }
    output
}

/// The first candidates, and whoever was chosen.
fn shown(candidates: &[Candidate]) -> impl Iterator<Item = &Candidate> {
    let chosen = |one: &Candidate| one.outcome == crate::routing::Outcome::Chosen;
    candidates
        .iter()
        .enumerate()
        .filter(move |(place, one)| *place < MAX_CANDIDATES || chosen(one))
        .map(|(_, one)| one)
}

/// `decision` as it is kept: with as many candidates as anybody reads.
fn bounded(mut decision: Decision) -> Decision {
    decision.candidates = shown(&decision.candidates).cloned().collect();
    decision
}
