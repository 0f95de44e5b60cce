//! Rules of runs that have not ended, and events seen lately.

use super::tables::{Rule, Tables};
use super::transaction::Transaction;
use crate::error::Error;
use crate::ports::{Debounce, Keep, OrderKey, Rules, WorkspaceId};
use crate::writer::{BurstRow, NewRule, RuleRow, RuleTables, SeenKey, SeenRow};
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use trunkline_engine::run::{HeldFor, RunId};
use uuid::Uuid;

/// What a run that is read back keeps to. Of a burst that is over nothing is left to keep to.
pub(super) fn of(tables: &Tables, run: RunId) -> Rules {
    let Some(rule) = tables.rules.get(&run) else { return Rules::default() };
    let held_by_burst = rule.held == Some(HeldFor::Burst);
    let debounce = rule.burst.clone().filter(|_| held_by_burst);
    let debounce = debounce.map(|(key, until)| Debounce { key, until, keep: Keep::Last });
    Rules { debounce, dedupe: None, ..rule.rules.clone() }
}

fn row(run: RunId, rule: &Rule) -> RuleRow {
    RuleRow {
        run,
        workspace: rule.workspace,
        workflow: rule.workflow,
        order: rule.rules.order.clone(),
        most_at_once: rule.rules.most_at_once,
        held: rule.held,
    }
}

/// Rules in the order in which their runs were accepted.
fn in_order(tables: &Tables) -> Vec<(RunId, &Rule)> {
    let mut all: Vec<_> = tables.rules.iter().map(|(run, rule)| (*run, rule)).collect();
    all.sort_by_key(|(_, rule)| rule.place);
    all
}

impl RuleTables for Transaction {
    async fn first_of_keys(
        &mut self,
        keys: &HashSet<(WorkspaceId, OrderKey)>,
    ) -> Result<Vec<RuleRow>, Error> {
        let tables = self.tables()?;
        let mut firsts: BTreeMap<(WorkspaceId, String, String), RuleRow> = BTreeMap::new();
        for (run, rule) in in_order(tables) {
            let Some(order) = rule.rules.order.clone() else { continue };
            if rule.held == Some(HeldFor::Burst) || !keys.contains(&(rule.workspace, order.clone())) {
                continue;
            }
            let key = (rule.workspace, order.space, order.key);
            if rule.held.is_none() || !firsts.contains_key(&key) {
                firsts.insert(key, row(run, rule));
            }
        }
        Ok(firsts.into_values().collect())
    }

    async fn under_way(&mut self, workflows: &HashSet<Uuid>) -> Result<HashMap<Uuid, u64>, Error> {
        let mut counts = HashMap::new();
        for rule in self.tables()?.rules.values() {
            let counted = rule.held.is_none() && rule.rules.most_at_once.is_some();
            if counted && workflows.contains(&rule.workflow) {
                *counts.entry(rule.workflow).or_insert(0) += 1;
            }
        }
        Ok(counts)
    }

    async fn held_by_limit(&mut self, workflows: &HashSet<Uuid>, most: u32) -> Result<Vec<RuleRow>, Error> {
        let mut counts: HashMap<Uuid, u32> = HashMap::new();
        let mut found = Vec::new();
        for (run, rule) in in_order(self.tables()?) {
            let count = counts.entry(rule.workflow).or_default();
            if rule.held == Some(HeldFor::Limit) && workflows.contains(&rule.workflow) && *count < most {
                *count += 1;
                found.push(row(run, rule));
            }
        }
        Ok(found)
    }

    async fn bursts(&mut self, asked: &HashSet<(Uuid, String)>) -> Result<Vec<BurstRow>, Error> {
        let tables = self.tables()?;
        let mut found = Vec::new();
        for (&run, rule) in tables.rules.iter().filter(|(_, rule)| rule.held == Some(HeldFor::Burst)) {
            let Some((burst, until)) = rule.burst.clone() else { continue };
            if asked.contains(&(rule.workflow, burst.clone())) {
                let next_seq = tables.next_seq(run);
                found.push(BurstRow { workflow: rule.workflow, burst, run, next_seq, until });
            }
        }
        Ok(found)
    }

    async fn seen(
        &mut self,
        asked: &HashSet<SeenKey>,
    ) -> Result<HashMap<SeenKey, (RunId, DateTime<Utc>)>, Error> {
        let seen = &self.tables()?.seen;
        Ok(asked.iter().filter_map(|key| Some((*key, *seen.get(key)?))).collect())
    }

    async fn note_seen(&mut self, rows: Vec<SeenRow>) -> Result<(), Error> {
        let seen = Arc::make_mut(&mut self.tables()?.seen);
        seen.extend(rows.into_iter().map(|row| (row.key, (row.run, row.at))));
        Ok(())
    }

    async fn add_rules(&mut self, rows: Vec<NewRule>) -> Result<(), Error> {
        let rules = Arc::make_mut(&mut self.tables()?.rules);
        let newest = rules.values().map(|rule| rule.place).max().unwrap_or(0);
        for (place, NewRule { run, workspace, workflow, rules: kept, held }) in (newest + 1..).zip(rows) {
            let burst = kept.debounce.clone().map(|debounce| (debounce.key, debounce.until));
            rules.insert(run, Rule { place, workspace, workflow, rules: kept, burst, held });
        }
        Ok(())
    }

    async fn remove_rules(&mut self, runs: Vec<RunId>) -> Result<(), Error> {
        let rules = Arc::make_mut(&mut self.tables()?.rules);
        rules.retain(|run, _| !runs.contains(run));
        Ok(())
    }

    async fn set_held(&mut self, held: Option<HeldFor>, runs: Vec<RunId>) -> Result<(), Error> {
        let rules = Arc::make_mut(&mut self.tables()?.rules);
        for run in runs {
            if let Some(rule) = rules.get_mut(&run) {
                rule.held = held;
            }
        }
        Ok(())
    }

    async fn extend_bursts(&mut self, bursts: Vec<(RunId, DateTime<Utc>)>) -> Result<(), Error> {
        let tables = self.tables()?;
        for (run, until) in bursts {
            if let Some((_, moment)) =
                Arc::make_mut(&mut tables.rules).get_mut(&run).and_then(|r| r.burst.as_mut())
            {
                *moment = until;
            }
            if let Some(run) = Arc::make_mut(&mut tables.runs).get_mut(&run) {
                Arc::make_mut(run).state.wake_at = Some(until);
            }
        }
        Ok(())
    }
}
