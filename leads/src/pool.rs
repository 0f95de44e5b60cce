//! Pools: groups of owners that take turns.
//!
//! Turns are dealt by smooth weighted round robin. Before each turn every member who takes part gains credit equal to
//! its weight; the member with the most credit is chosen and pays the sum of all weights. Over every stretch of as many
//! turns as that sum each member is chosen exactly as often as its weight says, and the turns of one member are spread
//! out instead of coming in a row. There is no chance in it: the counters decide, and they are stored.

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
}

/// A member's counters after some turns, to be stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// Which pool.
    pub pool_id: Uuid,
    /// Which member.
    pub owner_id: Uuid,
    /// New value of [`Member::credit`].
    pub credit: i64,
    /// New value of [`Member::assigned`].
    pub assigned: u64,
}

impl Member {
    /// Whether they get turns.
    #[must_use]
    pub fn takes_part(&self) -> bool {
        self.active && self.weight > 0
    }
}

impl Pool {
    /// The sum of the weights of all who take part: the length of a cycle.
    #[must_use]
    pub fn total_weight(&self) -> i64 {
        self.members.iter().filter(|member| member.takes_part()).map(|member| i64::from(member.weight)).sum()
    }

    /// Deals one turn: moves the counters on and returns the place of the chosen member; `None` when nobody takes part.
    pub fn next_turn(&mut self) -> Option<usize> {
        let total = self.total_weight();
        let credits: i64 = self.members.iter().filter(|m| m.takes_part()).map(|m| m.credit).sum();
        if credits != 0 {
            // Members or weights were edited in the middle of a cycle.
            self.members.iter_mut().for_each(|member| member.credit = 0);
        }
        let mut chosen: Option<usize> = None;
        for place in 0..self.members.len() {
            let member = &mut self.members[place];
            if !member.takes_part() {
                continue;
            }
            member.credit += i64::from(member.weight);
            if chosen.is_none_or(|best| self.members[place].credit > self.members[best].credit) {
                chosen = Some(place);
            }
        }
        let member = &mut self.members[chosen?];
        member.credit -= total;
        member.assigned += 1;
        chosen
    }

    /// The counters of all members, to be stored.
    pub fn counters(&self) -> impl Iterator<Item = Counter> + '_ {
        self.members.iter().map(|member| Counter {
            pool_id: self.id,
            owner_id: member.owner.id,
            credit: member.credit,
            assigned: member.assigned,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;

    fn pool(members: &[(u32, bool)]) -> Pool {
        let members = members.iter().enumerate().map(|(place, (weight, active))| Member {
            owner: Arc::new(Owner {
                id: Uuid::from_u128(place as u128),
                name: format!("Owner {place}"),
                email: String::new(),
            }),
            weight: *weight,
            active: *active,
            credit: 0,
            assigned: 0,
        });
        Pool { id: Uuid::nil(), name: "Pool".into(), members: members.collect() }
    }

    fn turns(pool: &mut Pool, count: usize) -> Vec<usize> {
        (0..count).map(|_| pool.next_turn().expect("somebody takes part")).collect()
    }

    #[test]
    fn turns_of_one_member_are_spread_out() {
        let mut pool = pool(&[(5, true), (1, true), (1, true)]);
        assert_eq!(turns(&mut pool, 14), [0, 0, 1, 0, 2, 0, 0, 0, 0, 1, 0, 2, 0, 0]);
    }

    #[test]
    fn nobody_is_chosen_when_nobody_takes_part() {
        assert_eq!(pool(&[]).next_turn(), None);
        assert_eq!(pool(&[(1, false), (0, true)]).next_turn(), None);
    }

    #[test]
    fn whoever_leaves_in_the_middle_of_a_cycle_owes_nobody_anything() {
        let mut pool = pool(&[(3, true), (1, true), (1, true)]);
        turns(&mut pool, 2);
        pool.members[0].active = false;
        assert_eq!(turns(&mut pool, 4), [1, 2, 1, 2]);
        pool.members[0].active = true;
        let again = turns(&mut pool, 5);
        assert_eq!(again.iter().filter(|place| **place == 0).count(), 3);
    }

    proptest! {
        #[test]
        fn every_cycle_gives_each_member_exactly_its_weight(members in vec((0_u32..9, any::<bool>()), 1..8)) {
            let mut pool = pool(&members);
            let cycle = usize::try_from(pool.total_weight()).unwrap();
            for _ in 0..3 {
                let mut given = vec![0_u32; members.len()];
                for _ in 0..cycle {
                    given[pool.next_turn().unwrap()] += 1;
                }
                for (place, (weight, active)) in members.iter().enumerate() {
                    prop_assert_eq!(given[place], if *active { *weight } else { 0 });
                }
            }
            for (member, (weight, active)) in pool.members.iter().zip(&members) {
                prop_assert_eq!(member.assigned, if *active { 3 * u64::from(*weight) } else { 0 });
                prop_assert_eq!(member.credit, 0);
            }
        }
    }
}
