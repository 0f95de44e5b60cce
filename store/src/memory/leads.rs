//! Leads: what turns change about them, and how people look at them.

use super::runs::MAX_PAGE;
use super::tables::Tables;
use super::{Memory, customers, pools};
use crate::error::Error;
use crate::ports::{
    Answer, JobNote, LeadPage, LeadQuery, LeadRow, LeadView, Leads, ListRow, MemberRule, Named, Owner,
    OwnerFilter, PerformedByHand, Summary, TimelineEntry, WorkspaceId,
};
use crate::records::search::lead_words;
use crate::writer::search_text;
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_leads::activity::By;
use trunkline_leads::criteria::Trace;
use trunkline_leads::{Activity, ActivityKind, Changes, Lead, Operation, Pool, Stage};
use uuid::Uuid;

/// Most entries of a timeline that are shown.
const TIMELINE: usize = 500;

/// Writes what a batch changed about the leads of one workspace.
pub(super) fn write(tables: &mut Tables, workspace: WorkspaceId, changes: Changes) -> Result<(), Error> {
    // What is about merges is written already.
    // What leads say of their segments is enough here, and nobody asks how long stays were.
    let Changes {
        leads,
        keys,
        activities,
        pool_counters,
        lists,
        list_members,
        left_lists,
        stays: _,
        segment_moves: _,
        accounts,
        account_matches,
        imports,
        gone,
        clocks,
        ..
    } = changes;
    if !imports.is_empty() || !gone.is_empty() {
        return Err(Error::Database("a store in memory has no imports".into()));
    }
    customers::write(tables, workspace, accounts);
    customers::write_matches(tables, workspace, account_matches);
    let running = Arc::make_mut(&mut tables.clocks);
    running.extend(clocks.into_iter().map(|clock| (clock.id, (workspace, Arc::new(clock)))));
    let kept = Arc::make_mut(&mut tables.leads);
    kept.extend(leads.into_iter().map(|lead| (lead.id, (workspace, Arc::new(lead)))));
    let lead_keys = Arc::make_mut(&mut tables.lead_keys);
    for (key, lead) in keys {
        if lead_keys.insert((workspace, key.kind.as_str(), key.value), lead).is_some() {
            return Err(Error::Conflict("a lead with this key"));
        }
    }
    let next = tables.activities.last_key_value().map_or(1, |(id, _)| id + 1);
    Arc::make_mut(&mut tables.activities).extend((next..).zip(activities.into_iter().map(Arc::new)));
    let pools = Arc::make_mut(&mut tables.pools);
    for counter in pool_counters {
        let Some((_, pool)) = pools.get_mut(&counter.pool_id) else { continue };
        let members = &mut Arc::make_mut(pool).members;
        if let Some(member) = members.iter_mut().find(|member| member.owner.id == counter.owner_id) {
            (member.credit, member.assigned) = (counter.credit, counter.assigned);
            (member.last_turn, member.tallies) = (counter.last_turn, counter.tallies);
        }
    }
    Arc::make_mut(&mut tables.lists).extend(lists.into_iter().map(|list| (list.id, (workspace, list.name))));
    let members = Arc::make_mut(&mut tables.members);
    for left in left_lists {
        members.remove(&left);
    }
    for member in list_members {
        members.entry((member.list_id, member.lead_id)).or_insert(member.added_at);
    }
    Ok(())
}

impl Leads for Memory {
    fn list(&self, workspace: WorkspaceId, query: LeadQuery) -> Answer<'_, LeadPage> {
        Box::pin(async move {
            let tables = self.read().await?;
            let limit = query.limit.clamp(1, MAX_PAGE) as usize;
            let order = query.order;
            let mut found: Vec<&Arc<Lead>> = of_workspace(&tables, workspace)
                .filter(|lead| fits(&tables, lead, &query) && is_wanted(&tables, workspace, lead, &query))
                .collect();
            found.sort_by_key(|lead| order.place(lead));
            if order.falls() {
                found.reverse();
            }
            let total = found.len() as u64;
            let is_next = |lead: &&Arc<Lead>| {
                query.before.is_none_or(|before| order.is_after(order.place(lead), before))
            };
            let rest = found.into_iter().filter(is_next);
            let mut items: Vec<LeadRow> = rest.take(limit + 1).map(|lead| row(&tables, lead)).collect();
            let more = items.len() > limit;
            items.truncate(limit);
            let next = if more { items.last().map(|row| order.place(&row.lead)) } else { None };
            Ok(LeadPage { items, next, total, at_least: false, passed: 0 })
        })
    }

    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<LeadView>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let Some((_, lead)) = tables.leads.get(&id).filter(|(of, _)| *of == workspace) else {
                return Ok(None);
            };
            let LeadRow { lead, owner } = row(&tables, lead);
            let on = tables.members.keys().filter(|(_, lead)| *lead == id);
            let mut lists: Vec<Named> =
                on.filter_map(|(list, _)| Some((list, tables.lists.get(list)?))).map(named).collect();
            lists.sort_by(|a, b| a.name.cmp(&b.name));
            // What happened to leads that went into this one stays theirs and is shown here.
            let is_of = |lead: Uuid| lead == id || tables.part_of(workspace, lead) == Some(id);
            let entries = tables.activities.iter().rev().filter(|(_, activity)| is_of(activity.lead_id));
            let entry = |(&id, activity): (&i64, &Arc<Activity>)| TimelineEntry {
                id,
                activity: (**activity).clone(),
            };
            let timeline = entries.take(TIMELINE).map(entry).collect();
            Ok(Some(LeadView { lead, owner, lists, timeline }))
        })
    }

    fn some(&self, workspace: WorkspaceId, ids: Vec<Uuid>) -> Answer<'_, Vec<Lead>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let of_workspace = |id: &Uuid| tables.leads.get(id).filter(|(of, _)| *of == workspace);
            Ok(ids.iter().filter_map(of_workspace).map(|(_, lead)| (**lead).clone()).collect())
        })
    }

    fn assigned_by(&self, workspace: WorkspaceId, run: Uuid) -> Answer<'_, Vec<TimelineEntry>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let is_here = |lead: &Uuid| tables.leads.get(lead).is_some_and(|(of, _)| *of == workspace);
            let of_run = tables.activities.iter().filter(|(_, one)| {
                one.run_id == Some(run) && one.kind == ActivityKind::Assigned && is_here(&one.lead_id)
            });
            let entry = |(&id, one): (&i64, &Arc<Activity>)| TimelineEntry { id, activity: (**one).clone() };
            Ok(of_run.take(200).map(entry).collect())
        })
    }

    fn perform(
        &self,
        workspace: WorkspaceId,
        operations: Vec<Operation>,
        by: By,
    ) -> Answer<'_, PerformedByHand> {
        Box::pin(self.writer.perform(workspace, operations, by, None))
    }

    fn perform_for_job(
        &self,
        workspace: WorkspaceId,
        operations: Vec<Operation>,
        by: By,
        note: JobNote,
    ) -> Answer<'_, PerformedByHand> {
        Box::pin(self.writer.perform(workspace, operations, by, Some(note)))
    }

    fn summary(&self, workspace: WorkspaceId) -> Answer<'_, Summary> {
        Box::pin(async move {
            let tables = self.read().await?;
            let (mut by_owner, mut by_stage) = (BTreeMap::new(), BTreeMap::new());
            for lead in of_workspace(&tables, workspace) {
                *by_owner.entry(lead.owner_id).or_insert(0) += 1;
                *by_stage.entry(lead.stage.clone()).or_insert(0) += 1;
            }
            let mut by_owner: Vec<(Option<Named>, u64)> =
                by_owner.into_iter().map(|(owner, n)| (owner_name(&tables, owner), n)).collect();
            by_owner.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| name_of(&a.0).cmp(&name_of(&b.0))));
            let ranks = tables.stages.get(&workspace).cloned().unwrap_or_default();
            let rank = |name: &str| ranks.iter().find(|stage| stage.name == name).map(|stage| stage.rank);
            let mut by_stage: Vec<(String, u64)> = by_stage.into_iter().collect();
            by_stage.sort_by(|a, b| (rank(&a.0), &a.0).cmp(&(rank(&b.0), &b.0)));
            let total = of_workspace(&tables, workspace).count() as u64;
            let by_list = lists(&tables, workspace).into_iter().map(|row| (row.list, row.count)).collect();
            Ok(Summary { total, by_owner, by_stage, by_list })
        })
    }

    fn owners(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Owner>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let of_workspace = tables.owners.values().filter(|(of, _)| *of == workspace);
            let mut owners: Vec<Owner> = of_workspace.map(|(_, owner)| (**owner).clone()).collect();
            owners.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
            Ok(owners)
        })
    }

    fn add_owner(&self, workspace: WorkspaceId, owner: Owner) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move { pools::add_owner(connection.tables()?, workspace, owner) })
        }))
    }

    fn pools(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Pool>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let of_workspace = tables.pools.values().filter(|(of, _)| *of == workspace);
            let mut pools: Vec<Pool> = of_workspace.map(|(_, pool)| (**pool).clone()).collect();
            pools.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
            Ok(pools)
        })
    }

    fn add_pool(&self, workspace: WorkspaceId, pool: Named) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move { pools::add(connection.tables()?, workspace, pool) })
        }))
    }

    fn change_pool(&self, workspace: WorkspaceId, pool: Named, members: Vec<MemberRule>) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move { pools::change(connection.tables()?, workspace, pool, members) })
        }))
    }

    fn remove_pool(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move { pools::remove(connection.tables()?, workspace, id) })
        }))
    }

    fn lists(&self, workspace: WorkspaceId) -> Answer<'_, Vec<ListRow>> {
        Box::pin(async move { Ok(lists(&*self.read().await?, workspace)) })
    }

    fn stages(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Stage>> {
        Box::pin(async move {
            let tables = self.read().await?;
            Ok(tables.stages.get(&workspace).map(|stages| stages.to_vec()).unwrap_or_default())
        })
    }

    fn set_stages(&self, workspace: WorkspaceId, stages: Vec<Stage>) -> Answer<'_, ()> {
        let changed = self.writer.definitions_change();
        Box::pin(self.writer.write(move |connection| {
            changed.note();
            Box::pin(async move {
                connection.tables()?.set_stages(workspace, &stages);
                Ok(())
            })
        }))
    }
}

fn of_workspace(tables: &Tables, workspace: WorkspaceId) -> impl DoubleEndedIterator<Item = &Arc<Lead>> {
    tables.leads.values().filter(move |(of, _)| *of == workspace).map(|(_, lead)| lead)
}

fn fits(tables: &Tables, lead: &Lead, query: &LeadQuery) -> bool {
    let owner = match query.owner {
        None => true,
        Some(OwnerFilter::Is(owner)) => lead.owner_id == Some(owner),
        Some(OwnerFilter::Nobody) => lead.owner_id.is_none(),
    };
    let text = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
    owner
        && query.leads.as_ref().is_none_or(|leads| leads.contains(&lead.id))
        && query.stage.as_ref().is_none_or(|stage| lead.stage == *stage)
        && query.list.is_none_or(|list| tables.members.contains_key(&(list, lead.id)))
        && query.segment.as_ref().is_none_or(|segment| lead.segments.contains(segment))
        // There are no imports in memory.
        && query.import.is_none()
        && query.account.is_none_or(|account| lead.account_id == Some(account))
        && query.score_from.is_none_or(|least| lead.score.is_some_and(|score| score >= least))
        && query.score_to.is_none_or(|most| lead.score.is_some_and(|score| score <= most))
        && query.updated_since.is_none_or(|since| lead.updated_at >= since)
        && text.is_none_or(|text| Uuid::try_parse(text) == Ok(lead.id) || has_words(lead, text))
}

/// Whether the rule holds for the lead, if there is one.
fn is_wanted(tables: &Tables, workspace: WorkspaceId, lead: &Lead, query: &LeadQuery) -> bool {
    let Some(wanted) = &query.wanted else { return true };
    let is_of = |of: Uuid| of == lead.id || tables.part_of(workspace, of) == Some(lead.id);
    let traces: Vec<Trace> = match wanted.kinds().is_empty() {
        true => Vec::new(),
        false => tables.activities.values().filter(|activity| is_of(activity.lead_id)).map(trace).collect(),
    };
    let account = lead.account_id.and_then(|account| tables.profile(workspace, account));
    wanted.holds(lead, &traces, account.as_ref())
}

fn trace(activity: &Arc<Activity>) -> Trace {
    let touch = activity.touch.as_ref().map(|touch| touch.kind.clone());
    Trace { kind: activity.kind, title: activity.title.clone(), touch, at: activity.at }
}

/// Whether each word of `text` begins one of the lead's.
fn has_words(lead: &Lead, text: &str) -> bool {
    let (wanted, has) = (lead_words(text), lead_words(&search_text(lead)));
    !wanted.is_empty() && wanted.iter().all(|word| has.iter().any(|other| other.starts_with(word)))
}

fn row(tables: &Tables, lead: &Lead) -> LeadRow {
    LeadRow { lead: lead.clone(), owner: owner_name(tables, lead.owner_id) }
}

fn owner_name(tables: &Tables, owner: Option<Uuid>) -> Option<Named> {
    let (_, owner) = tables.owners.get(&owner?)?;
    Some(Named { id: owner.id, name: owner.name.clone() })
}

fn name_of(named: &Option<Named>) -> Option<&str> {
    named.as_ref().map(|named| named.name.as_str())
}

fn named((id, (_, name)): (&Uuid, &(WorkspaceId, String))) -> Named {
    Named { id: *id, name: name.clone() }
}

fn lists(tables: &Tables, workspace: WorkspaceId) -> Vec<ListRow> {
    let of_workspace = tables.lists.iter().filter(|(_, (of, _))| *of == workspace);
    let count = |list: Uuid| tables.members.keys().filter(|(of, _)| *of == list).count() as u64;
    let mut rows: Vec<ListRow> =
        of_workspace.map(|row| ListRow { count: count(*row.0), list: named(row) }).collect();
    rows.sort_by(|a, b| a.list.name.cmp(&b.list.name));
    rows
}
