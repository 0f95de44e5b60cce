//! What has to be loaded before an operation can be performed.

use super::{Book, Need, log_activity};
use crate::definition;
use crate::field;
use crate::key::{Key, KeyKind};
use crate::operation::{
    Edit, FindOrCreate, MergeLeads, Operation, PutBack, PutBackPart, Route, UnmergeLead, WakeClock,
};
use crate::place::Place;
use crate::pool::Pool;
use std::collections::BTreeSet;
use uuid::Uuid;

impl Book {
    /// What the book does not know yet and has to for `operation`. Empty when it can be performed. Ask again after
    /// every [`Book::supply`]: an answer may lead to the next question.
    #[must_use]
    pub fn needs(&self, operation: &Operation) -> Vec<Need> {
        let mut needs = Vec::new();
        let operation = self.redirected(operation);
        match &*operation {
            Operation::FindOrCreate(input) => self.need_matches(input, &mut needs),
            Operation::SetScore(input) => self.need_lead(input.lead_id, &mut needs),
            Operation::SetStage(input) => self.need_lead(input.lead_id, &mut needs),
            Operation::Route(input) => self.need_route(input, &mut needs),
            Operation::AddToList(input) => self.need_list(input.lead_id, &input.list, &mut needs),
            Operation::RemoveFromList(input) => self.need_list(input.lead_id, &input.list, &mut needs),
            Operation::LogActivity(input) => {
                self.need_lead(input.lead_id, &mut needs);
                self.need_clocks(input.lead_id, &mut needs);
                if let Some(key) = log_activity::activity_key(input)
                    && !self.activity_keys.contains_key(&key)
                {
                    needs.push(Need::ActivityKey(key));
                }
            }
            Operation::AcceptLead(input) => {
                self.need_lead(input.lead_id, &mut needs);
                self.need_clocks(input.lead_id, &mut needs);
            }
            Operation::WakeClock(input) => self.need_wake(input, &mut needs),
            Operation::Enrich(input) => self.need_enrichment(input, &mut needs),
            Operation::Edit(input) => self.need_edit(input, &mut needs),
            Operation::PutBack(input) => self.need_parts(input, &mut needs),
            Operation::Account(operation) => self.need_of_accounts(operation, &mut needs),
            Operation::ScoreBy(input) => self.need_lead(input.lead_id, &mut needs),
            Operation::Assess(input) => self.need_lead(input.lead_id, &mut needs),
            Operation::InSegment(input) => self.need_lead(input.lead_id, &mut needs),
            Operation::ImportRows(input) => self.need_rows(input, &mut needs),
            Operation::UndoImport(input) => self.need_undo(input, &mut needs),
            Operation::FindDuplicates(input) => {
                self.need_alike(input, &mut needs);
                return needs;
            }
            Operation::Merge(input) => self.need_all_of(input, &mut needs),
            Operation::Unmerge(input) => self.need_merge(input, &mut needs),
        }
        if needs.is_empty() {
            let leads = self.leads_of(&operation);
            if !self.rules.watch().is_empty() {
                self.need_histories(&leads, &mut needs);
            }
            self.need_profiles(&operation, &leads, &mut needs);
        }
        needs
    }

    /// The leads that the operation is about, as far as they are known.
    fn leads_of(&self, operation: &Operation) -> Vec<Uuid> {
        match operation {
            Operation::FindOrCreate(input) => self.matched(input).into_iter().collect(),
            Operation::SetScore(input) => vec![input.lead_id],
            Operation::SetStage(input) => vec![input.lead_id],
            Operation::Route(input) => vec![input.lead_id],
            Operation::AddToList(input) => vec![input.lead_id],
            Operation::RemoveFromList(input) => vec![input.lead_id],
            Operation::LogActivity(input) => vec![input.lead_id],
            Operation::Edit(input) => vec![input.lead_id],
            Operation::AcceptLead(input) => vec![input.lead_id],
            Operation::WakeClock(input) => vec![input.lead_id],
            Operation::Enrich(input) => vec![input.lead_id],
            Operation::PutBack(input) => input.parts.iter().map(|part| part.lead_id).collect(),
            Operation::ScoreBy(input) => vec![input.lead_id],
            Operation::Assess(input) => vec![input.lead_id],
            Operation::InSegment(input) => vec![input.lead_id],
            Operation::Account(operation) => operation.lead().into_iter().collect(),
            Operation::ImportRows(input) => self.leads_of_rows(input),
            Operation::UndoImport(input) => input.rows.iter().filter_map(|row| row.lead).collect(),
            Operation::FindDuplicates(input) => input.lead_id.into_iter().collect(),
            Operation::Merge(input) => {
                std::iter::once(input.lead_id).chain(input.merged.iter().copied()).collect()
            }
            Operation::Unmerge(input) => {
                let merge = self.merges.get(&input.merge_id).and_then(Option::as_ref);
                merge.map(|merge| merge.survivor).into_iter().collect()
            }
        }
    }

    /// What the leads did; of new ones there is nothing to know.
    fn need_histories(&self, leads: &[Uuid], needs: &mut Vec<Need>) {
        for &id in leads {
            let is_there = self.leads.get(&id).is_some_and(Option::is_some);
            if is_there && self.history_of(id).is_none() {
                needs.push(Need::History(id));
            }
        }
    }

    /// The accounts that the leads have, or may have afterwards: a lead comes with its account.
    fn need_profiles(&self, operation: &Operation, leads: &[Uuid], needs: &mut Vec<Need>) {
        let mut accounts: BTreeSet<Uuid> =
            leads.iter().filter_map(|id| self.known_lead(*id)?.account_id).collect();
        match operation {
            Operation::Account(operation) => accounts.extend(self.accounts_to_come(operation)),
            Operation::PutBack(input) => accounts.extend(input.parts.iter().filter_map(account_of_part)),
            Operation::Unmerge(input) => {
                if let Some(Some(merge)) = self.merges.get(&input.merge_id) {
                    let parts = merge.parts.iter().filter(|part| part.field == "account");
                    accounts.extend(parts.filter_map(|part| part.before.as_str()?.parse::<Uuid>().ok()));
                    accounts.extend(merge.merged.account_id);
                }
            }
            _ => {}
        }
        for account in accounts {
            self.need_profile(account, needs);
        }
    }

    /// The lead that a record is about, as far as is known.
    fn matched(&self, input: &FindOrCreate) -> Option<Uuid> {
        let known = |kind: &KeyKind| -> Option<Uuid> {
            let key: Key = field::key_in(&input.fields, *kind)?;
            self.keys.get(&key).copied().flatten()
        };
        input.match_on.iter().find_map(known)
    }

    pub(super) fn need_lead(&self, id: Uuid, needs: &mut Vec<Need>) {
        if !self.leads.contains_key(&id) {
            needs.push(Need::Lead(id));
        }
    }

    /// All keys of the record, whether matched on or not: a new lead takes every key that is still free. Of the leads
    /// behind them only the one that matches.
    fn need_matches(&self, input: &FindOrCreate, needs: &mut Vec<Need>) {
        for kind in KeyKind::ALL {
            if let Some(key) = field::key_in(&input.fields, kind)
                && !self.keys.contains_key(&key)
            {
                needs.push(Need::Key(key));
            }
        }
        if needs.is_empty()
            && let Some(id) = self.matched(input)
        {
            self.need_lead(id, needs);
        }
    }

    fn need_list(&self, lead: Uuid, name: &str, needs: &mut Vec<Need>) {
        self.need_lead(lead, needs);
        let name = name.trim();
        match self.lists.get(name) {
            None => needs.push(Need::List(name.to_owned())),
            Some(Some(list)) if self.is_on(list.id, lead).is_none() => {
                needs.push(Need::Membership { list: list.id, lead });
            }
            Some(_) => {}
        }
    }

    fn need_edit(&self, input: &Edit, needs: &mut Vec<Need>) {
        self.need_lead(input.lead_id, needs);
        for kind in KeyKind::ALL {
            if let Some(key) = field::key_in(&input.fields, kind)
                && !self.keys.contains_key(&key)
            {
                needs.push(Need::Key(key));
            }
        }
        if let Some(owner) = input.owner.as_deref().map(str::trim).filter(|owner| !owner.is_empty()) {
            self.need_owner(owner, needs);
        }
        if let Some(Some(entry)) = self.leads.get(&input.lead_id)
            && let Some(owner) = entry.lead.owner_id
            && input.owner.is_some()
        {
            self.need_owner(&owner.to_string(), needs);
        }
        if input.owner.is_some() {
            self.need_service(input.lead_id, needs);
        }
    }

    /// What a new owner means for the clocks of a lead.
    fn need_service(&self, lead: Uuid, needs: &mut Vec<Need>) {
        self.need_clocks(lead, needs);
        self.need_definitions(definition::SLA, needs);
        self.need_definitions(definition::CALENDAR, needs);
    }

    /// A lead made here has no clocks but those made here.
    fn need_clocks(&self, lead: Uuid, needs: &mut Vec<Need>) {
        if !self.clocks.contains_key(&lead) && !self.fresh.contains(&lead) {
            needs.push(Need::Clocks(lead));
        }
    }

    /// What may follow from a clock that wakes: a warning needs nothing, a breach another owner.
    fn need_wake(&self, input: &WakeClock, needs: &mut Vec<Need>) {
        self.need_lead(input.lead_id, needs);
        self.need_service(input.lead_id, needs);
        let clocks = self.clocks.get(&input.lead_id).into_iter().flatten();
        let Some(clock) = clocks.clone().find(|clock| clock.id == input.clock_id) else { return };
        if let Some(told) =
            clock.on_breach.escalate_to.as_deref().map(str::trim).filter(|told| !told.is_empty())
        {
            self.need_owner(told, needs);
        }
        if let Some(route) = super::clocks::next_turn(clock) {
            self.need_route(&route, needs);
        }
    }

    fn need_route(&self, input: &Route, needs: &mut Vec<Need>) {
        self.need_lead(input.lead_id, needs);
        self.need_service(input.lead_id, needs);
        self.need_definitions(definition::ROUTING, needs);
        if !needs.is_empty() {
            return;
        }
        // What cannot be read fails when it is performed.
        let Ok(table) = self.table_of(input) else { return };
        let table = &table.ready.table;
        for pool in table.pools() {
            match self.pool_names.get(pool) {
                None => needs.push(Need::Pool(pool.to_owned())),
                Some(Some(id)) => self.need_turn(&self.pools[id].pool, needs),
                Some(None) => {}
            }
        }
        for team in table.teams() {
            match self.teams.get(team) {
                None => needs.push(Need::Team(team.to_owned())),
                Some(team) => self.need_turn(team, needs),
            }
        }
        for owner in table.owners() {
            self.need_owner(owner, needs);
        }
        for list in table.lists() {
            self.need_list(input.lead_id, list, needs);
        }
        let Some(Some(entry)) = self.leads.get(&input.lead_id) else { return };
        if let Some(owner) = entry.lead.owner_id {
            self.need_owner(&owner.to_string(), needs);
        }
        if let Some(account) = entry.lead.account_id.filter(|_| table.first.same_account) {
            match self.latest_owners.get(&account) {
                None => needs.push(Need::LatestOwner(account)),
                Some(Some(owner)) => self.need_owner(&owner.to_string(), needs),
                Some(None) => {}
            }
        }
    }

    /// What a turn of `pool` needs. Nobody knows before it whether somebody is free, so the fallback is always asked for.
    fn need_turn(&self, pool: &Pool, needs: &mut Vec<Need>) {
        if let Some(fallback) = pool.rules.fallback.as_deref().map(str::trim).filter(|name| !name.is_empty())
        {
            self.need_owner(fallback, needs);
        }
        let counts = pool.rules.count_open();
        for member in pool.members.iter().filter(|member| member.takes_part()) {
            let has_capacity = member.owner.work.as_ref().is_some_and(|work| work.capacity.is_some());
            if (counts || has_capacity) && !self.loads.contains_key(&member.owner.id) {
                needs.push(Need::Load(member.owner.id));
            }
        }
    }

    fn need_parts(&self, input: &PutBack, needs: &mut Vec<Need>) {
        for part in &input.parts {
            self.need_lead(part.lead_id, needs);
            match part.field.parse() {
                Ok(Place::Owner) => {
                    if let Some(owner) = part.back_to.as_str() {
                        self.need_owner(owner, needs);
                    }
                }
                Ok(Place::List(list)) if self.is_on(list, part.lead_id).is_none() => {
                    needs.push(Need::Membership { list, lead: part.lead_id });
                }
                _ => {}
            }
        }
    }

    /// The definitions of a kind.
    pub(super) fn need_definitions(&self, kind: &'static str, needs: &mut Vec<Need>) {
        if !self.definitions.contains_key(kind) {
            needs.push(Need::Definitions(kind));
        }
    }

    fn need_all_of(&self, input: &MergeLeads, needs: &mut Vec<Need>) {
        self.need_lead(input.lead_id, needs);
        for &id in std::iter::once(&input.lead_id).chain(&input.merged) {
            self.need_lead(id, needs);
            if !self.keys_of.contains_key(&id) {
                needs.push(Need::Belongings(id));
            }
            self.need_match(id, needs);
            self.need_clocks(id, needs);
            // An operation after this one may be about a lead that it is not about yet.
            if let Some(Some(entry)) = self.leads.get(&id)
                && let Some(owner) = entry.lead.owner_id
            {
                self.need_owner(&owner.to_string(), needs);
            }
        }
    }

    fn need_merge(&self, input: &UnmergeLead, needs: &mut Vec<Need>) {
        let Some(known) = self.merges.get(&input.merge_id) else {
            needs.push(Need::Merge(input.merge_id));
            return;
        };
        let Some(merge) = known else { return };
        self.need_lead(merge.survivor, needs);
        self.need_match(merge.survivor, needs);
        self.need_clocks(merge.survivor, needs);
        let (lead, without) = (merge.survivor, merge.merged.id);
        if !self.rules.watch().is_empty() {
            if !self.apart.contains_key(&(lead, without)) {
                needs.push(Need::HistoryApart { lead, without });
            }
            if !self.histories.contains_key(&without) {
                needs.push(Need::History(without));
            }
        }
        let owners = merge.parts.iter().filter(|part| part.field == "owner").map(|part| &part.before);
        for owner in owners.filter_map(|owner| owner.as_str()) {
            self.need_owner(owner, needs);
        }
        if let Some(owner) = merge.merged.owner_id {
            self.need_owner(&owner.to_string(), needs);
        }
        let before = merge.parts.iter().filter_map(|part| Some(part.key_before()?.1));
        let keys = merge.keys.iter().cloned().chain(before).filter(|key| !self.keys.contains_key(key));
        needs.extend(keys.map(Need::Key));
        let lists = merge.gained.iter().filter(|list| self.is_on(**list, merge.survivor).is_none());
        needs.extend(lists.map(|list| Need::Membership { list: *list, lead: merge.survivor }));
    }

    pub(super) fn need_owner(&self, asked: &str, needs: &mut Vec<Need>) {
        if self.known_owner(asked).is_err() {
            needs.push(Need::Owner(asked.to_owned()));
        }
    }
}

/// The account that a part of an undo brings back.
fn account_of_part(part: &PutBackPart) -> Option<Uuid> {
    if part.field.parse() != Ok(Place::Account) {
        return None;
    }
    part.back_to.as_str()?.parse().ok()
}
