//! Who is on which list, as far as is known here.
//!
//! What leaves a list is written before what joins one, so that a lead that does both is on it since it joined.

use super::Book;
use crate::list::Membership;
use uuid::Uuid;

impl Book {
    /// Whether the lead is on the list; `None` when that is not known.
    pub(super) fn is_on(&self, list: Uuid, lead: Uuid) -> Option<bool> {
        let made_here = || (self.fresh.contains(&list) || self.fresh.contains(&lead)).then_some(false);
        let known = || self.lists_of.get(&lead).map(|on| on.iter().any(|member| member.list_id == list));
        self.members.get(&(list, lead)).copied().or_else(made_here).or_else(known)
    }

    /// Puts a lead on a list that it is not on.
    pub(super) fn join_list(&mut self, member: Membership) {
        self.members.insert((member.list_id, member.lead_id), true);
        self.added.list_members.push(member);
    }

    /// Takes a lead off a list that it is on.
    pub(super) fn leave_list(&mut self, list: Uuid, lead: Uuid) {
        self.members.insert((list, lead), false);
        let joined = self
            .added
            .list_members
            .iter()
            .position(|member| (member.list_id, member.lead_id) == (list, lead));
        match joined {
            // The store has not heard of it yet.
            Some(place) => drop(self.added.list_members.remove(place)),
            None => self.added.left_lists.push((list, lead)),
        }
    }

    /// The lists `lead` is on: what was loaded, and what operations before this one did.
    pub(super) fn memberships(&self, lead: Uuid) -> Vec<Membership> {
        // Of a list it left and joined again, what was done here comes first and counts.
        let done = self.added.list_members.iter().filter(|member| member.lead_id == lead);
        let mut lists: Vec<Membership> =
            done.chain(self.lists_of.get(&lead).into_iter().flatten()).copied().collect();
        lists.retain(|member| self.members.get(&(member.list_id, lead)) != Some(&false));
        lists.sort_by_key(|member| member.list_id);
        lists.dedup_by_key(|member| member.list_id);
        lists
    }
}
