//! Owners and pools: who can own leads, and groups of them that take turns.
//!
//! How turns are dealt stands in [`crate::routing`]; here is what is stored.

use crate::hours::Work;
use crate::routing::{Deal, Dealt, PoolRules, Tally, Turn, Turns};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

/// Someone who can own leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Their id.
    pub id: Uuid,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// How they work; `None` for always, and for as many leads as come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<Work>,
}

impl Owner {
    /// The team they belong to.
    #[must_use]
    pub fn team(&self) -> Option<&str> {
        self.work.as_ref()?.team.as_deref().map(str::trim).filter(|team| !team.is_empty())
    }
}

/// A group of owners that take turns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pool {
    /// Its id.
    pub id: Uuid,
    /// Its name, unique in the workspace; compared exactly.
    pub name: String,
    /// Its members. Their order settles ties, so the store always loads them in the same one.
    pub members: Vec<Member>,
    /// How turns are dealt.
    #[serde(default)]
    pub rules: PoolRules,
}

/// An owner's place in a pool.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who.
    pub owner: Arc<Owner>,
    /// How many turns of a cycle are theirs; 0 takes no part.
    pub weight: u32,
    /// Whether they take part now.
    pub active: bool,
    /// Their credit. 0 for a new member; whoever edits weights or members need not touch it, the pool starts a fresh
    /// cycle by itself when credits no longer add up.
    pub credit: i64,
    /// How many leads they were given so far.
    pub assigned: u64,
    /// Number of the pool's turn they had last; 0 for none.
    #[serde(default)]
    pub last_turn: u64,
    /// How many of these leads count towards caps.
    #[serde(default)]
    pub tallies: Vec<Tally>,
}

/// A member's counters after some turns, to be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// Which pool.
    pub pool_id: Uuid,
    /// Which member.
    pub owner_id: Uuid,
    /// New value of [`Member::credit`].
    pub credit: i64,
    /// New value of [`Member::assigned`].
    pub assigned: u64,
    /// New value of [`Member::last_turn`].
    pub last_turn: u64,
    /// New value of [`Member::tallies`].
    pub tallies: Vec<Tally>,
}

impl Member {
    /// A new member.
    #[must_use]
    pub fn new(owner: Arc<Owner>, weight: u32, active: bool) -> Self {
        Self { owner, weight, active, credit: 0, assigned: 0, last_turn: 0, tallies: Vec::new() }
    }

    /// Whether they get turns.
    #[must_use]
    pub fn takes_part(&self) -> bool {
        self.active && self.weight > 0
    }
}

impl Pool {
    /// A team as a pool that nobody set up: whoever is at work and has the fewest open leads is next; when nobody is at
    /// work, hours keep nobody from a lead. Nothing of it is stored.
    #[must_use]
    pub fn of_team(name: &str, owners: impl IntoIterator<Item = Arc<Owner>>) -> Self {
        Self {
            id: Uuid::nil(),
            name: name.to_owned(),
            members: owners.into_iter().map(|owner| Member::new(owner, 1, true)).collect(),
            rules: PoolRules {
                turns: Turns::FewestOpen,
                only_at_work: true,
                anyway_when_closed: true,
                ..PoolRules::default()
            },
        }
    }

    /// The sum of the weights of all who take part: the length of a cycle.
    #[must_use]
    pub fn total_weight(&self) -> i64 {
        self.members.iter().filter(|member| member.takes_part()).map(|member| i64::from(member.weight)).sum()
    }

    /// Deals a turn, and says in words what came of it.
    pub fn take_turn(&mut self, turn: &Turn<'_>) -> Dealt {
        let deal = self.deal(turn);
        let chosen = deal.chosen.map(|place| &self.members[place]);
        let how = chosen.map_or_else(String::new, |member| self.how(member, &deal, turn));
        Dealt {
            pool: self.name.clone(),
            fallback: self.rules.fallback.clone(),
            how,
            owner: chosen.map(|member| Arc::clone(&member.owner)),
            deal,
        }
    }

    /// Why `member` was next, in words.
    fn how(&self, member: &Member, deal: &Deal, turn: &Turn<'_>) -> String {
        let assigned = member.assigned;
        match self.rules.turns {
            Turns::ByWeight => {
                format!("weight {} of {}, {assigned} assigned so far", member.weight, self.total_weight())
            }
            Turns::InOrder => format!("in order, {assigned} assigned so far"),
            Turns::FewestOpen => {
                let before = deal.candidates.iter().find(|one| one.owner_id == member.owner.id);
                let open = before.and_then(|one| one.before.open);
                let open = open.unwrap_or_else(|| (turn.open)(member.owner.id));
                format!("{open} open {}, the fewest", if open == 1 { "lead" } else { "leads" })
            }
        }
    }

    /// The counters of all members, to be stored.
    pub fn counters(&self) -> impl Iterator<Item = Counter> + '_ {
        self.members.iter().map(|member| Counter {
            pool_id: self.id,
            owner_id: member.owner.id,
            credit: member.credit,
            assigned: member.assigned,
            last_turn: member.last_turn,
            tallies: member.tallies.clone(),
        })
    }
}
