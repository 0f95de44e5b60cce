//! Giving a lead to the next member of a pool.

use super::{Book, Note, Occasion};
use crate::activity::ActivityKind;
use crate::failures;
use crate::operation::Route;
use crate::place::Place;
use crate::pool::{Member, Owner, Pool};
use serde_json::{Value, json};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

/// Most members an output lists; outputs are journaled.
const MAX_CANDIDATES: usize = 20;

impl Book {
    pub(super) fn route(&mut self, input: &Route, occasion: &Occasion<'_>) -> Result<Performed, Failure> {
        let owner_now = self.lead(input.lead_id)?.owner_id;
        let pool_id = self.pool_id(&input.pool)?;
        let owner_now = match owner_now {
            Some(id) => self.owner_of(pool_id, id)?,
            None => None,
        };
        if input.keep_owner
            && let Some(owner) = owner_now
        {
            let why = format!("{} owns this lead already and keeps it.", owner.name);
            let output = output(&owner, &why, Vec::new());
            return Ok(Performed { output, why: Some(why), written: Vec::new() });
        }

        let pool = &self.pools[&pool_id].pool;
        let (owner, why, candidates) = if pool.members.iter().any(Member::takes_part) {
            self.deal(pool_id)
        } else {
            let owner = self.fallback(input, &pool.name)?;
            let why = format!(
                "Nobody in the pool {} takes part, so it went to {}, the fallback.",
                pool.name, owner.name
            );
            (owner, why, candidates(pool, None))
        };

        // A later operation may ask for this owner when nobody can be asked any more.
        self.owners.entry(owner.id.to_string()).or_insert_with(|| Some(Arc::clone(&owner)));
        let lead = self.change(input.lead_id, occasion.at);
        lead.owner_id = Some(owner.id);
        lead.owner_reason = Some(why.clone());
        let old = owner_now.as_ref().map_or(Value::Null, |owner| owner.name.as_str().into());
        self.note(
            input.lead_id,
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
        let is_same = owner_now.as_ref().is_some_and(|before| before.id == owner.id);
        let change = Change {
            label: "Owner".into(),
            old,
            new: owner.name.as_str().into(),
            target: Place::Owner.of(input.lead_id),
        };
        Ok(Performed {
            output: with_previous(output(&owner, &why, candidates), owner_now.as_deref()),
            why: Some(why),
            written: if is_same { Vec::new() } else { vec![change] },
        })
    }

    fn pool_id(&self, asked: &str) -> Result<Uuid, Failure> {
        let asked = asked.trim();
        let known = self.pool_names.get(asked).ok_or_else(|| failures::not_supplied("the pool"))?;
        known.ok_or_else(|| failures::no_such_pool(asked))
    }

    /// The owner `id`; `None` when there is no such owner any more.
    fn owner_of(&self, pool: Uuid, id: Uuid) -> Result<Option<Arc<Owner>>, Failure> {
        let members = &self.pools[&pool].pool.members;
        if let Some(member) = members.iter().find(|member| member.owner.id == id) {
            return Ok(Some(Arc::clone(&member.owner)));
        }
        self.owners.get(&id.to_string()).cloned().ok_or_else(|| failures::not_supplied("the owner"))
    }

    fn fallback(&self, input: &Route, pool: &str) -> Result<Arc<Owner>, Failure> {
        let Some(asked) = input.fallback_owner.as_deref().map(str::trim).filter(|asked| !asked.is_empty())
        else {
            return Err(failures::nobody_takes_part(pool));
        };
        let known = self.owners.get(asked).ok_or_else(|| failures::not_supplied("the fallback owner"))?;
        known.clone().ok_or_else(|| failures::no_such_owner(asked))
    }

    /// Deals a turn of a pool in which somebody takes part: who, why, and who else might have been.
    fn deal(&mut self, pool_id: Uuid) -> (Arc<Owner>, String, Vec<Value>) {
        let dealt = self.pools.get_mut(&pool_id).expect("found by its name");
        if !dealt.touched {
            dealt.touched = true;
            self.touched_pools.push(pool_id);
        }
        let pool = &mut dealt.pool;
        let chosen = pool.next_turn().expect("somebody takes part");
        let Member { owner, weight, assigned, .. } = &pool.members[chosen];
        let why = format!(
            "{} was next in the pool {} (weight {weight} of {}, {assigned} assigned so far).",
            owner.name,
            pool.name,
            pool.total_weight(),
        );
        (Arc::clone(owner), why, candidates(pool, Some(chosen)))
    }
}

fn output(owner: &Owner, why: &str, candidates: Vec<Value>) -> Value {
    let mut output = json!({
        "owner": { "id": owner.id, "name": owner.name, "email": owner.email },
        "reason": why,
    });
    output["candidates"] = candidates.into();
    output
}

/// Says who owned the lead before, which an undo needs.
fn with_previous(mut output: Value, before: Option<&Owner>) -> Value {
    if let Some(owner) = before {
        output["previous"] = json!({ "id": owner.id, "name": owner.name });
    }
    output
}

/// The members as the output lists them; the chosen one is always among them.
fn candidates(pool: &Pool, chosen: Option<usize>) -> Vec<Value> {
    let members = pool.members.iter().enumerate();
    let shown = members.filter(|(place, _)| *place < MAX_CANDIDATES || Some(*place) == chosen);
    shown
        .map(|(place, member)| {
            let outcome = if Some(place) == chosen {
                "chosen"
            } else if member.takes_part() {
                "not their turn"
            } else if member.active {
                "weight is 0"
            } else {
                "not active"
            };
            json!({
                "name": member.owner.name,
                "weight": member.weight,
                "assigned": member.assigned,
                "outcome": outcome,
            })
        })
        .collect()
}
