//! Accounts that leads work for, kept in memory.

use super::Memory;
use super::tables::Tables;
use crate::error::Error;
use crate::ports::{
    AccountPage, AccountQuery, AccountRow, AccountTimeline, AccountView, Answer, CustomerAccounts, MatchPage,
    MatchQuery, Named, TimelineCursor, WorkspaceId,
};
use crate::writer::search_text;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use trunkline_leads::account::{MAX_DEPTH, Profile};
use trunkline_leads::book::OfKey;
use trunkline_leads::matching::key::{MAX_OF_KEY, of_account};
use trunkline_leads::matching::{Candidate, LeadMatch, MatchStatus};
use trunkline_leads::{Account, Lead};
use uuid::Uuid;

/// Leads that are looked at for how active an account is, and that are shown of one.
const NEWEST: usize = 200;

/// Writes new and changed accounts.
pub(super) fn write(tables: &mut Tables, workspace: WorkspaceId, accounts: Vec<Arc<Account>>) {
    for account in accounts {
        let keys = Arc::make_mut(&mut tables.account_keys);
        if let Some((_, old)) = tables.accounts.get(&account.id) {
            forget_keys(keys, workspace, old);
        }
        for key in of_account(&account) {
            keys.entry((workspace, key)).or_default().insert(account.id);
        }
        Arc::make_mut(&mut tables.accounts).insert(account.id, (workspace, account));
    }
}

/// Writes how leads stand with their accounts.
pub(super) fn write_matches(tables: &mut Tables, workspace: WorkspaceId, matches: Vec<LeadMatch>) {
    let kept = Arc::make_mut(&mut tables.account_matches);
    kept.extend(matches.into_iter().map(|found| (found.lead_id, (workspace, Arc::new(found)))));
}

fn forget_keys(
    keys: &mut BTreeMap<(WorkspaceId, String), BTreeSet<Uuid>>,
    workspace: WorkspaceId,
    account: &Account,
) {
    for key in of_account(account) {
        let place = (workspace, key);
        if let Some(of_key) = keys.get_mut(&place) {
            of_key.remove(&account.id);
            if of_key.is_empty() {
                keys.remove(&place);
            }
        }
    }
}

impl Tables {
    /// Which accounts have each of `keys`.
    pub(super) fn accounts_of_keys<'a>(
        &self,
        workspace: WorkspaceId,
        keys: impl IntoIterator<Item = &'a String>,
    ) -> Vec<(String, OfKey)> {
        let of = |key: &'a String| {
            let ids = self.account_keys.get(&(workspace, key.clone()))?;
            let is_common = ids.len() > MAX_OF_KEY;
            let ids = if is_common { Vec::new() } else { ids.iter().copied().collect() };
            Some((key.clone(), OfKey { ids, is_common }))
        };
        keys.into_iter().filter_map(of).collect()
    }

    /// The account `id`, as it is compared with leads.
    pub(super) fn candidate(&self, workspace: WorkspaceId, id: Uuid) -> Option<Candidate> {
        let (_, account) = self.accounts.get(&id).filter(|(of, _)| *of == workspace)?;
        let leads = self.leads_of_account(id);
        let last = leads.iter().take(NEWEST).map(|lead| lead.updated_at).max();
        Some(Candidate::new(Arc::clone(account), leads.len().min(1_000) as u64, last))
    }

    /// Its leads, the newest first.
    fn leads_of_account(&self, id: Uuid) -> Vec<&Arc<Lead>> {
        self.leads.values().rev().map(|(_, lead)| lead).filter(|lead| lead.account_id == Some(id)).collect()
    }

    /// How the lead stands with its account.
    pub(super) fn match_of(&self, workspace: WorkspaceId, lead: Uuid) -> Option<LeadMatch> {
        let (_, found) = self.account_matches.get(&lead).filter(|(of, _)| *of == workspace)?;
        Some((**found).clone())
    }

    fn owner_of(&self, account: &Account) -> Option<Named> {
        let (_, owner) = self.owners.get(&account.owner_id?)?;
        Some(Named { id: owner.id, name: owner.name.clone() })
    }
}

fn is_wanted(account: &Account, query: &AccountQuery) -> bool {
    let text = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
    query.owner.is_none_or(|owner| account.owner_id == Some(owner))
        && query.is_named.is_none_or(|is_named| account.is_named == is_named)
        && query.is_open.is_none_or(|is_open| account.opportunity.is_some() == is_open)
        && query.parent.is_none_or(|parent| account.parent_id == Some(parent))
        && text.is_none_or(|text| {
            account.search_text().contains(&text.to_lowercase()) || Uuid::try_parse(text) == Ok(account.id)
        })
}

fn label(account: &Account) -> (String, Uuid) {
    (account.name.to_lowercase(), account.id)
}

fn named(account: &Account) -> Named {
    Named { id: account.id, name: account.name.clone() }
}

/// One page of what is left after the row called `after`, and where the next begins.
fn page<T>(rows: Vec<T>, limit: u32, id: impl Fn(&T) -> Uuid, after: Option<Uuid>) -> (Vec<T>, Option<Uuid>) {
    let limit = limit.clamp(1, 500) as usize;
    let start =
        after.and_then(|after| rows.iter().position(|row| id(row) == after)).map_or(0, |place| place + 1);
    let mut items: Vec<T> = rows.into_iter().skip(start).take(limit + 1).collect();
    let more = items.len() > limit;
    items.truncate(limit);
    let next = items.last().filter(|_| more).map(id);
    (items, next)
}

impl CustomerAccounts for Memory {
    fn list(&self, workspace: WorkspaceId, query: AccountQuery) -> Answer<'_, AccountPage> {
        Box::pin(async move {
            let tables = self.read().await?;
            let of_workspace = tables.accounts.values().filter(|(of, _)| *of == workspace);
            let mut found: Vec<&Arc<Account>> = of_workspace
                .map(|(_, account)| account)
                .filter(|account| is_wanted(account, &query))
                .collect();
            found.sort_by_key(|account| label(account));
            let total = found.len() as u64;
            let (items, next) = page(found, query.limit, |account| account.id, query.after);
            let row = |account: &Arc<Account>| AccountRow {
                account: (**account).clone(),
                owner: tables.owner_of(account),
                leads: tables.leads_of_account(account.id).len() as u64,
            };
            Ok(AccountPage { items: items.into_iter().map(row).collect(), next, total })
        })
    }

    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<AccountView>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let find = |id: &Uuid| {
                tables.accounts.get(id).filter(|(of, _)| *of == workspace).map(|(_, found)| found)
            };
            let Some(account) = find(&id) else { return Ok(None) };
            let mut parents: Vec<Named> = Vec::new();
            let mut next = account.parent_id;
            while let Some(parent) = next.as_ref().and_then(find).filter(|_| parents.len() < MAX_DEPTH) {
                parents.push(named(parent));
                next = parent.parent_id;
            }
            let mut children: Vec<&Arc<Account>> = tables
                .accounts
                .values()
                .map(|(_, account)| account)
                .filter(|account| account.parent_id == Some(id))
                .collect();
            children.sort_by_key(|account| label(account));
            let leads = tables.leads_of_account(id);
            let newest = leads.iter().take(NEWEST);
            let newest =
                newest.map(|lead| ((***lead).clone(), tables.match_of(workspace, lead.id))).collect();
            Ok(Some(AccountView {
                account: (**account).clone(),
                owner: tables.owner_of(account),
                parents,
                children: children.into_iter().take(NEWEST).map(|account| named(account)).collect(),
                leads: leads.len() as u64,
                newest,
            }))
        })
    }

    fn after(&self, workspace: WorkspaceId, after: Option<Uuid>, limit: u32) -> Answer<'_, Vec<Candidate>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let ids = tables.accounts.keys().filter(|id| after.is_none_or(|after| **id > after));
            let found = ids.filter_map(|id| tables.candidate(workspace, *id));
            Ok(found.take(limit.clamp(1, 1_000) as usize).collect())
        })
    }

    fn candidates(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> Answer<'_, Vec<Candidate>> {
        Box::pin(async move {
            let tables = self.read().await?;
            Ok(ids.into_iter().filter_map(|id| tables.candidate(workspace, id)).collect())
        })
    }

    fn profiles(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> Answer<'_, Vec<Profile>> {
        Box::pin(async move {
            let tables = self.read().await?;
            Ok(ids.into_iter().filter_map(|id| tables.profile(workspace, id)).collect())
        })
    }

    fn of_keys(&self, workspace: WorkspaceId, keys: Vec<String>) -> Answer<'_, Vec<(String, OfKey)>> {
        Box::pin(async move { Ok(self.read().await?.accounts_of_keys(workspace, &keys)) })
    }

    fn matches_of(&self, workspace: WorkspaceId, leads: Vec<Uuid>) -> Answer<'_, Vec<LeadMatch>> {
        Box::pin(async move {
            let tables = self.read().await?;
            Ok(leads.into_iter().filter_map(|lead| tables.match_of(workspace, lead)).collect())
        })
    }

    fn matches(&self, workspace: WorkspaceId, query: MatchQuery) -> Answer<'_, MatchPage> {
        Box::pin(async move {
            let tables = self.read().await?;
            let text = query.search.as_deref().map(|text| text.trim().to_lowercase()).unwrap_or_default();
            let mut found: Vec<(Lead, LeadMatch)> = tables
                .account_matches
                .values()
                .filter(|(of, found)| {
                    *of == workspace && found.status == query.status && found.confidence >= query.from
                })
                .filter_map(|(_, found)| {
                    let (_, lead) = tables.leads.get(&found.lead_id)?;
                    search_text(lead).contains(&text).then(|| ((**lead).clone(), (**found).clone()))
                })
                .collect();
            found.sort_by_key(|(lead, found)| std::cmp::Reverse((found.confidence, lead.id)));
            let total = found.len() as u64;
            let (items, next) = page(found, query.limit, |(lead, _)| lead.id, query.after);
            let suggested: BTreeSet<Uuid> = items
                .iter()
                .flat_map(|(_, found)| found.suggestions.iter().map(|suggestion| suggestion.account_id))
                .collect();
            let accounts = suggested.iter().filter_map(|id| tables.accounts.get(id));
            let accounts = accounts.map(|(_, account)| Arc::clone(account)).collect();
            Ok(MatchPage { items, accounts, next, total })
        })
    }

    fn match_counts(&self, workspace: WorkspaceId) -> Answer<'_, Vec<(MatchStatus, u64)>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let count = |status: MatchStatus| {
                let stand = tables.account_matches.values();
                stand.filter(|(of, found)| *of == workspace && found.status == status).count() as u64
            };
            let counts = MatchStatus::ALL.into_iter().map(|status| (status, count(status)));
            Ok(counts.filter(|(_, count)| *count > 0).collect())
        })
    }

    fn timeline(&self, _: WorkspaceId, _: Uuid, _: TimelineCursor, _: u32) -> Answer<'_, AccountTimeline> {
        super::absent::absent("timelines of accounts")
    }

    fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let tables = connection.tables()?;
                if !tables.leads_of_account(id).is_empty() {
                    return Err(Error::Conflict("a lead of this account"));
                }
                if tables.accounts.values().any(|(_, account)| account.parent_id == Some(id)) {
                    return Err(Error::Conflict("a part of this account"));
                }
                let found = tables.accounts.get(&id).filter(|(of, _)| *of == workspace);
                let (_, account) = found.cloned().ok_or(Error::NotFound("the account"))?;
                forget_keys(Arc::make_mut(&mut tables.account_keys), workspace, &account);
                Arc::make_mut(&mut tables.accounts).remove(&id);
                Ok(())
            })
        }))
    }
}

impl Tables {
    /// The account as rules see it.
    pub(super) fn profile(&self, workspace: WorkspaceId, id: Uuid) -> Option<Profile> {
        let (_, account) = self.accounts.get(&id).filter(|(of, _)| *of == workspace)?;
        let parent = account.parent_id.and_then(|parent| self.accounts.get(&parent));
        Some(Profile {
            account: Arc::clone(account),
            owner: self.owner_of(account).map(|owner| owner.name),
            parent: parent.map(|(_, parent)| parent.name.clone()),
        })
    }
}
