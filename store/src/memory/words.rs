//! Open waits and letters.

use super::Memory;
use super::tables::{Tables, Wait};
use super::transaction::Transaction;
use crate::columns::from_json;
use crate::error::Error;
use crate::payloads::PayloadRow;
use crate::ports::{Answer, Letter, Letters, WaitKind, WaitPage, WaitQuery, WaitRow, Waits, WorkspaceId};
use crate::records::read_key;
use crate::writer::{LeadWait, NewLetter, NewWait, PayloadTables, Words};
use std::collections::HashSet;
use std::sync::Arc;
use trunkline_engine::run::{EffectKey, RunId};
use uuid::Uuid;

/// Most rows of a page.
const MAX_PAGE: u32 = 500;

impl PayloadTables for Transaction {
    async fn add_payloads(&mut self, _: Vec<PayloadRow>) -> Result<(), Error> {
        Err(Error::Database("a store in memory has no files".into()))
    }
}

impl Words for Transaction {
    async fn set_waits(&mut self, runs: Vec<RunId>, waits: Vec<NewWait>) -> Result<(), Error> {
        let tables = self.tables()?;
        let open: HashSet<(RunId, &str)> = waits.iter().map(|wait| (wait.run, wait.key.as_str())).collect();
        let kept = Arc::make_mut(&mut tables.waits);
        kept.retain(|_, wait| !runs.contains(&wait.run) || open.contains(&(wait.run, wait.key.as_str())));
        for wait in waits {
            if kept.values().any(|other| other.run == wait.run && other.key == wait.key) {
                continue;
            }
            tables.last_wait += 1;
            let NewWait { run, key, workspace, kind, lead, what, asked_at, due_at } = wait;
            let lead = lead.map(|(lead, event)| (lead, event.to_owned()));
            let wait = Wait { run, key, workspace, kind, lead, answered: false, what, asked_at, due_at };
            kept.insert(tables.last_wait, wait);
        }
        Ok(())
    }

    async fn lead_waits(&mut self, asked: &HashSet<(Uuid, &'static str)>) -> Result<Vec<LeadWait>, Error> {
        let mut found = Vec::new();
        for (&place, wait) in self.tables()?.waits.iter().filter(|(_, wait)| !wait.answered) {
            let Some((lead, event)) = &wait.lead else { continue };
            if asked.iter().any(|(of, word)| of == lead && word == event) {
                let (key, event) = (wait.key.clone(), event.clone());
                found.push(LeadWait {
                    place,
                    run: wait.run,
                    key,
                    lead: *lead,
                    event,
                    asked_at: wait.asked_at,
                });
            }
        }
        Ok(found)
    }

    async fn any_lead_wait(&mut self) -> Result<bool, Error> {
        Ok(self.tables()?.waits.values().any(|wait| wait.lead.is_some()))
    }

    async fn lead_waits_answered(&mut self, places: Vec<i64>) -> Result<(), Error> {
        let waits = Arc::make_mut(&mut self.tables()?.waits);
        for place in places {
            if let Some(wait) = waits.get_mut(&place) {
                wait.answered = true;
            }
        }
        Ok(())
    }

    async fn unfinished_of(&mut self, runs: &HashSet<RunId>) -> Result<HashSet<RunId>, Error> {
        let tables = self.tables()?;
        let open = |run: &&RunId| tables.runs.get(run).is_some_and(|run| !run.state.status.is_final());
        Ok(runs.iter().filter(open).copied().collect())
    }

    async fn write_letters(&mut self, letters: &[NewLetter]) -> Result<Vec<i64>, Error> {
        let tables = self.tables()?;
        let kept = Arc::make_mut(&mut tables.letters);
        let mut ids = Vec::with_capacity(letters.len());
        for NewLetter { run, event } in letters {
            tables.last_letter += 1;
            kept.insert(tables.last_letter, (*run, event.clone()));
            ids.push(tables.last_letter);
        }
        Ok(ids)
    }

    async fn take_letters(&mut self, taken: &[(i64, RunId)]) -> Result<u64, Error> {
        let letters = Arc::make_mut(&mut self.tables()?.letters);
        let mut found = 0;
        for (id, run) in taken {
            if letters.get(id).is_some_and(|(of, _)| of == run) {
                letters.remove(id);
                found += 1;
            }
        }
        Ok(found)
    }
}

impl Letters for Memory {
    fn list(&self, after: i64, limit: u32) -> Answer<'_, Vec<Letter>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let later = tables.letters.range(after.saturating_add(1)..).take(limit as usize);
            later
                .map(|(&id, (run, event))| {
                    let event = event.as_deref().map(|event| from_json("a letter", event)).transpose()?;
                    Ok(Letter { id, run: *run, event })
                })
                .collect()
        })
    }

    fn discard(&self, ids: Vec<i64>) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let letters = Arc::make_mut(&mut connection.tables()?.letters);
                letters.retain(|id, _| !ids.contains(id));
                Ok(())
            })
        }))
    }
}

impl Waits for Memory {
    fn list(&self, workspace: WorkspaceId, query: WaitQuery) -> Answer<'_, WaitPage> {
        Box::pin(async move {
            let tables = self.read().await?;
            let limit = query.limit.clamp(1, MAX_PAGE) as usize;
            let fits = |(place, wait): &(&i64, &Wait)| {
                wait.workspace == workspace
                    && (query.kinds.is_empty() || query.kinds.contains(&wait.kind))
                    && query.before.is_none_or(|before| **place < before)
            };
            let rows =
                tables.waits.iter().rev().filter(fits).take(limit + 1).map(|row| wait_row(&tables, row));
            let mut items = rows.collect::<Result<Vec<_>, _>>()?;
            let more = items.len() > limit;
            items.truncate(limit);
            let next = if more { items.last().map(|row| row.place) } else { None };
            Ok(WaitPage { items, next })
        })
    }

    fn count(&self, workspace: WorkspaceId) -> Answer<'_, u64> {
        Box::pin(async move {
            let tables = self.read().await?;
            let for_people = |wait: &&Wait| {
                wait.workspace == workspace && matches!(wait.kind, WaitKind::Approval | WaitKind::Decision)
            };
            Ok(tables.waits.values().filter(for_people).count() as u64)
        })
    }

    fn find(&self, run: RunId, key: EffectKey) -> Answer<'_, Option<WaitRow>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let key = key.to_string();
            let found = tables.waits.iter().find(|(_, wait)| wait.run == run && wait.key == key);
            found.map(|row| wait_row(&tables, row)).transpose()
        })
    }

    fn of_run(&self, run: RunId) -> Answer<'_, Vec<WaitRow>> {
        Box::pin(async move {
            let tables = self.read().await?;
            let of_run = tables.waits.iter().filter(|(_, wait)| wait.run == run);
            of_run.map(|row| wait_row(&tables, row)).collect()
        })
    }
}

fn wait_row(tables: &Tables, (&place, wait): (&i64, &Wait)) -> Result<WaitRow, Error> {
    let run = tables.runs.get(&wait.run).ok_or(Error::NotFound("the run"))?;
    let row = tables.run_row(run);
    Ok(WaitRow {
        place,
        run: wait.run,
        key: read_key(&wait.key)?,
        workflow: row.workflow,
        workflow_name: row.workflow_name,
        subject: row.subject,
        lead: row.state.lead,
        kind: wait.kind,
        what: from_json("a wait", &wait.what)?,
        asked_at: wait.asked_at,
        due_at: wait.due_at,
    })
}
