//! What a rehearsal is told when an operation asks: what it captured so far, and else what the store has today.

use super::{Leads, Ledger, Unperformed, failures};
use chrono::DateTime;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use trunkline_leads::book::OfKey;
use trunkline_leads::criteria::Trace;
use trunkline_leads::field::Field;
use trunkline_leads::linkage::{Alike, Probe};
use trunkline_leads::matching::{Candidate, LeadMatch};
use trunkline_leads::{Answer, Key, KeyKind, Lead, Membership, Need, Owner};
use trunkline_store::ports::{LeadQuery, OwnerFilter};
use uuid::Uuid;

impl Ledger {
    pub(super) async fn answer(&mut self, need: Need) -> Result<Answer, Unperformed> {
        let called =
            |asked: &str, id: Uuid, name: &str| asked.eq_ignore_ascii_case(name) || asked.parse() == Ok(id);
        Ok(match need {
            Need::Lead(id) => Answer::Lead(id, self.find_lead(id).await?.map(Box::new)),
            Need::Key(key) => {
                let lead = self.find_key(&key).await?;
                Answer::Key(key, lead)
            }
            Need::Pool(asked) => {
                let pool = self.pools.lock().iter().find(|pool| called(&asked, pool.id, &pool.name)).cloned();
                Answer::Pool(asked, pool)
            }
            Need::Owner(asked) => {
                let is = |owner: &&Arc<Owner>| {
                    called(&asked, owner.id, &owner.name) || owner.email.eq_ignore_ascii_case(&asked)
                };
                let owner = self.owners.iter().find(is).cloned();
                Answer::Owner(asked, owner)
            }
            Need::Team(name) => {
                let is_in = |owner: &&Arc<Owner>| owner.team() == Some(name.as_str());
                let mut owners: Vec<_> = self.owners.iter().filter(is_in).cloned().collect();
                owners.sort_by_key(|owner| owner.id);
                Answer::Team(name, owners)
            }
            // A rehearsal starts and stops no clocks.
            Need::Clocks(lead) => Answer::Clocks(lead, Vec::new()),
            Need::LatestOwner(account) => Answer::LatestOwner(account, None),
            Need::Load(owner) => {
                // Where they stand is not asked: a rehearsal takes all leads of an owner as open.
                let query =
                    LeadQuery { owner: Some(OwnerFilter::Is(owner)), limit: 1, ..LeadQuery::default() };
                let page = self.store.leads.list(self.workspace, query).await;
                let total = page.map_err(|error| failures::unreadable(&error))?.total;
                Answer::Load(owner, BTreeMap::from([(String::new(), total)]))
            }
            Need::List(asked) => {
                let list = self.lists.iter().find(|list| called(&asked, list.id, &list.name)).cloned();
                Answer::List(asked, list)
            }
            Need::History(lead) => Answer::History(lead, self.find_traces(lead).await?),
            Need::HistoryApart { .. } => {
                return Err(Unperformed::NotKnown("what the lead did before the merge".into()));
            }
            Need::AccountKey(key) => {
                let of = self.accounts_of_key(&key).await?;
                Answer::AccountKey(key, of)
            }
            Need::Account(id) => Answer::Account(id, self.find_account(id).await?),
            Need::AccountMatch(lead) => {
                Answer::AccountMatch(lead, self.find_match(lead).await?.map(Box::new))
            }
            Need::Membership { list, lead } => {
                let is_member = self.find_member(list, lead).await?;
                Answer::Membership { list, lead, is_member }
            }
            Need::Definitions(kind) => {
                let all = self.store.definitions.published(self.workspace, kind.to_owned()).await;
                Answer::Definitions(kind, all.map_err(|error| failures::unreadable(&error))?.into())
            }
            Need::Imported { import, lead } => Answer::Imported { import, lead, at: None },
            Need::Belongings(lead) => {
                let (keys, lists) = self.find_belongings(lead).await?;
                Answer::Belongings { lead, keys, lists }
            }
            need @ (Need::Provenance(_) | Need::Spending(_) | Need::Remembered(_)) => {
                self.answer_on_enrichment(need).await?
            }
            // What a rehearsal noted is known to its book; what is live may be noted again, and is only shown.
            Need::ActivityKey(key) => Answer::ActivityKey(key, false),
            Need::Alike { of, lead, probe } => Answer::Alike(of, Box::new(self.alike(lead, *probe).await?)),
            Need::Merge(_) => return Err(Unperformed::NotKnown("which leads the merge was of".into())),
        })
    }

    /// The lead that `id` is part of by now; nothing when it is there, or when the past is asked.
    pub(super) async fn find_redirect(&mut self, id: Uuid) -> Result<Option<Uuid>, Unperformed> {
        if self.source == Leads::OfThePast || self.find_lead(id).await?.is_some() {
            return Ok(None);
        }
        let found = self.store.duplicates.redirect(self.workspace, id).await;
        Ok(found.map_err(|error| failures::unreadable(&error))?)
    }

    /// The keys a lead is known by here, and the lists it is on.
    async fn find_belongings(&mut self, lead: Uuid) -> Result<(Vec<Key>, Vec<Membership>), Unperformed> {
        let mut keys: Vec<Key> = self
            .find_lead(lead)
            .await?
            .iter()
            .flat_map(|lead| Field::ALL.map(|field| Key::read(field.key_kind()?, field.get(lead).as_str()?)))
            .flatten()
            .filter(|key| self.keys.get(key).is_none_or(|owner| *owner == Some(lead)))
            .collect();
        keys.extend(self.keys.iter().filter(|(_, owner)| **owner == Some(lead)).map(|(key, _)| key.clone()));
        keys.sort_unstable();
        keys.dedup();
        let on = self.members.iter().filter(|((_, member), is_member)| *member == lead && **is_member);
        let member = |((list_id, lead_id), _): (&(Uuid, Uuid), &bool)| Membership {
            list_id: *list_id,
            lead_id: *lead_id,
            added_at: DateTime::UNIX_EPOCH,
        };
        Ok((keys, on.map(member).collect()))
    }

    async fn find_lead(&mut self, id: Uuid) -> Result<Option<Lead>, Unperformed> {
        if let Some(known) = self.leads.get(&id) {
            return Ok(known.clone());
        }
        if self.source == Leads::OfThePast {
            return Err(Unperformed::NotKnown("how the lead stood then".into()));
        }
        let view =
            self.store.leads.get(self.workspace, id).await.map_err(|error| failures::unreadable(&error))?;
        let lead = view.map(|view| {
            self.members.extend(view.lists.iter().map(|list| ((list.id, id), true)));
            view.lead
        });
        self.leads.insert(id, lead.clone());
        Ok(lead)
    }

    async fn find_key(&mut self, key: &Key) -> Result<Option<Uuid>, Unperformed> {
        if let Some(known) = self.keys.get(key) {
            return Ok(*known);
        }
        if self.source == Leads::OfThePast {
            let kind = key.kind.label();
            return Err(Unperformed::NotKnown(format!("which lead had the {kind} \"{}\" then", key.value)));
        }
        let query = LeadQuery { search: Some(key.value.clone()), limit: 50, ..LeadQuery::default() };
        let page = self
            .store
            .leads
            .list(self.workspace, query)
            .await
            .map_err(|error| failures::unreadable(&error))?;
        let same = |lead: &Lead| match key.kind {
            KeyKind::Email => lead.email.as_deref() == Some(&key.value),
            KeyKind::Phone => lead.phone.as_deref() == Some(&key.value),
            KeyKind::ExternalId => lead.external_id.as_deref() == Some(&key.value),
        };
        let found = page.items.into_iter().map(|row| row.lead).find(same);
        let id = found.as_ref().map(|lead| lead.id);
        if let Some(lead) = found {
            // A lead that was changed here is not in the store as it would be.
            self.leads.entry(lead.id).or_insert(Some(lead));
        }
        self.keys.insert(key.clone(), id);
        Ok(id)
    }

    /// What the lead did that the rules ask for. Of an old run's leads nobody noted that.
    async fn find_traces(&self, lead: Uuid) -> Result<Vec<Trace>, Unperformed> {
        let mut traces = self.traces.get(&lead).cloned().unwrap_or_default();
        if self.made.contains(&lead) {
            return Ok(traces);
        }
        if self.source == Leads::OfThePast {
            return Err(Unperformed::NotKnown("what the lead had done until then".into()));
        }
        let kinds = self.rules.watch().kinds();
        let known = self.store.standing.look_at(self.workspace, lead, kinds).await;
        let known = known.map_err(|error| failures::unreadable(&error))?;
        traces.extend(known.into_iter().flat_map(|walked| walked.traces));
        Ok(traces)
    }

    /// Accounts are as they are now, also in a back-test, as pools and owners are; with what was captured so far.
    async fn accounts_of_key(&self, key: &str) -> Result<OfKey, Unperformed> {
        let found = self.store.customers.of_keys(self.workspace, vec![key.to_owned()]).await;
        let found = found.map_err(|error| failures::unreadable(&error))?;
        let mut of = found.into_iter().next().map(|(_, of)| of).unwrap_or_default();
        if let Some(captured) = self.account_keys.get(key).filter(|_| !of.is_common) {
            let ids: BTreeSet<Uuid> = of.ids.iter().chain(captured).copied().collect();
            of.ids = ids.into_iter().collect();
        }
        Ok(of)
    }

    async fn find_account(&self, id: Uuid) -> Result<Option<Candidate>, Unperformed> {
        if let Some(captured) = self.accounts.get(&id) {
            return Ok(Some(captured.clone()));
        }
        let found = self.store.customers.candidates(self.workspace, vec![id]).await;
        Ok(found.map_err(|error| failures::unreadable(&error))?.pop())
    }

    /// What a person decided about a lead since the old run is no part of a back-test.
    async fn find_match(&self, lead: Uuid) -> Result<Option<LeadMatch>, Unperformed> {
        if let Some(captured) = self.account_matches.get(&lead) {
            return Ok(Some(captured.clone()));
        }
        if self.source == Leads::OfThePast {
            return Ok(None);
        }
        let found = self.store.customers.matches_of(self.workspace, vec![lead]).await;
        Ok(found.map_err(|error| failures::unreadable(&error))?.pop())
    }

    async fn find_member(&mut self, list: Uuid, lead: Uuid) -> Result<bool, Unperformed> {
        if let Some(known) = self.members.get(&(list, lead)) {
            return Ok(*known);
        }
        if self.made.contains(&list) || self.made.contains(&lead) {
            return Ok(false);
        }
        let view =
            self.store.leads.get(self.workspace, lead).await.map_err(|error| failures::unreadable(&error))?;
        Ok(view.is_some_and(|view| view.lists.iter().any(|named| named.id == list)))
    }

    /// Leads like what is looked for: those that the store finds, and those that were made or changed here.
    async fn alike(&self, lead: Option<Uuid>, probe: Probe) -> Result<Alike, Unperformed> {
        if self.source == Leads::OfThePast {
            return Err(Unperformed::NotKnown("which leads there were then".into()));
        }
        let found = self.store.duplicates.alike(self.workspace, lead, probe).await;
        let mut alike = found.map_err(|error| failures::unreadable(&error))?;
        let here = self.changed.iter().copied().filter(|id| !alike.leads.contains(id)).collect::<Vec<_>>();
        alike.leads.extend(here);
        Ok(alike)
    }
}
