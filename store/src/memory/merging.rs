//! Merges as the writer sees them. Pairs are not kept in memory: nobody reviews a simulation.

use super::tables::Tables;
use super::transaction::Transaction;
use crate::error::Error;
use crate::ports::{JobItem, Progress, WorkspaceId};
use crate::records::search::lead_words;
use crate::writer::{ActivityKeys, Belongings, JobTables, Likenesses, MergeTables, Merged, search_text};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use trunkline_leads::linkage::{Alike, Holders, Probe, rank};
use trunkline_leads::{Key, KeyKind, Membership, Merge};
use uuid::Uuid;

impl MergeTables for Transaction {
    async fn belongings(
        &mut self,
        workspace: WorkspaceId,
        leads: &HashSet<Uuid>,
    ) -> Result<HashMap<Uuid, Belongings>, Error> {
        let tables = self.look();
        let mut found: HashMap<Uuid, Belongings> = HashMap::new();
        for ((of, kind, value), lead) in tables.lead_keys.iter() {
            if *of == workspace && leads.contains(lead) {
                let kind: KeyKind = kind.parse().expect("written from a kind");
                found.entry(*lead).or_default().keys.push(Key { kind, value: value.clone() });
            }
        }
        for ((list_id, lead_id), added_at) in
            tables.members.iter().filter(|((_, lead), _)| leads.contains(lead))
        {
            let member = Membership { list_id: *list_id, lead_id: *lead_id, added_at: *added_at };
            found.entry(*lead_id).or_default().lists.push(member);
        }
        Ok(found)
    }

    async fn merges(&mut self, workspace: WorkspaceId, ids: &HashSet<Uuid>) -> Result<Vec<Merge>, Error> {
        let tables = self.look();
        let standing = ids.iter().filter_map(|id| tables.merges.get(id)).filter(|(of, _)| *of == workspace);
        Ok(standing.map(|(_, merge)| (**merge).clone()).collect())
    }

    async fn parts(
        &mut self,
        workspace: WorkspaceId,
        leads: &HashSet<Uuid>,
    ) -> Result<Vec<(Uuid, Uuid)>, Error> {
        let tables = self.look();
        let standing = || tables.merges.values().filter(|(of, _)| *of == workspace).map(|(_, merge)| merge);
        let (mut found, mut open) = (Vec::new(), leads.clone());
        while !open.is_empty() {
            let parts = standing().filter(|merge| open.contains(&merge.survivor));
            let parts: Vec<_> = parts.map(|merge| (merge.survivor, merge.merged.id)).collect();
            open = parts.iter().map(|(_, went)| *went).collect();
            found.extend(parts);
        }
        Ok(found)
    }

    async fn redirects(
        &mut self,
        workspace: WorkspaceId,
        leads: &HashSet<Uuid>,
    ) -> Result<HashMap<Uuid, Uuid>, Error> {
        let tables = self.look();
        Ok(leads.iter().filter_map(|lead| Some((*lead, tables.part_of(workspace, *lead)?))).collect())
    }

    async fn write_merges(
        &mut self,
        workspace: WorkspaceId,
        changed: Merged,
        _at: DateTime<Utc>,
    ) -> Result<(), Error> {
        let tables = self.tables()?;
        let keys = Arc::make_mut(&mut tables.lead_keys);
        for (key, lead) in changed.moved_keys {
            keys.insert((workspace, key.kind.as_str(), key.value), lead);
        }
        let leads = Arc::make_mut(&mut tables.leads);
        let matches = Arc::make_mut(&mut tables.account_matches);
        for lead in changed.unmatched {
            matches.remove(&lead);
        }
        for lead in changed.gone {
            leads.remove(&lead);
            matches.remove(&lead);
        }
        let merges = Arc::make_mut(&mut tables.merges);
        merges.extend(changed.merges.into_iter().map(|merge| (merge.id, (workspace, Arc::new(merge)))));
        for merge in changed.unmerged {
            merges.remove(&merge);
        }
        Ok(())
    }
}

impl Tables {
    /// The lead that `lead` is part of by now; `None` when it went into no other.
    pub(super) fn part_of(&self, workspace: WorkspaceId, lead: Uuid) -> Option<Uuid> {
        let next = |lead: Uuid| {
            let mut merges = self.merges.values().filter(|(of, _)| *of == workspace);
            merges.find(|(_, merge)| merge.merged.id == lead).map(|(_, merge)| merge.survivor)
        };
        std::iter::successors(next(lead), |survivor| next(*survivor)).last()
    }
}

impl ActivityKeys for Transaction {
    async fn known_activities(
        &mut self,
        workspace: WorkspaceId,
        keys: &HashSet<String>,
    ) -> Result<HashSet<String>, Error> {
        let known = &self.look().activity_keys;
        Ok(keys.iter().filter(|key| known.contains_key(&(workspace, (*key).clone()))).cloned().collect())
    }

    async fn add_activity_keys(
        &mut self,
        workspace: WorkspaceId,
        keys: Vec<(String, Uuid)>,
        _: DateTime<Utc>,
    ) -> Result<(), Error> {
        let known = Arc::make_mut(&mut self.tables()?.activity_keys);
        known.extend(keys.into_iter().map(|(key, lead)| ((workspace, key), lead)));
        Ok(())
    }
}

impl Likenesses for Transaction {
    async fn alike(
        &mut self,
        workspace: WorkspaceId,
        _: Option<Uuid>,
        probe: &Probe,
    ) -> Result<Alike, Error> {
        let tables = self.look();
        let of =
            |key: &Key| tables.lead_keys.get(&(workspace, key.kind.as_str(), key.value.clone())).copied();
        let outright: Vec<Uuid> = probe.keys.iter().filter_map(of).collect();
        let mut alike = Alike::default();
        let here = || tables.leads.values().filter(|(of, _)| *of == workspace).map(|(_, lead)| lead);
        let words: Vec<(Uuid, Vec<String>)> =
            here().map(|lead| (lead.id, lead_words(&search_text(lead)))).collect();
        let mut found = Vec::new();
        for look in &probe.looks {
            let with = |has: &dyn Fn(&String) -> bool| -> Vec<Uuid> {
                words.iter().filter(|(_, words)| words.iter().any(has)).map(|(lead, _)| *lead).collect()
            };
            found.push(with(&|word| word.starts_with(&look.beginning)));
            let at_least = u32::try_from(with(&|word| *word == look.word).len()).unwrap_or(u32::MAX);
            alike.counts.insert(look.word.clone(), Holders { at_least, is_all: true });
        }
        alike.people = words.len() as u64;
        alike.leads = rank(&outright, &found, alike.people);
        Ok(alike)
    }
}

impl JobTables for Transaction {
    async fn advance_job(&mut self, _: Uuid, _: Vec<JobItem>, _: Progress) -> Result<(), Error> {
        Err(Error::Database("a store in memory has no jobs".into()))
    }
}
