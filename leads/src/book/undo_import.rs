//! Turning back what rows of an import did: leads that it made and nobody touched since go, fields that still hold what
//! it wrote get their old value. Everything else had a reason to change and stays.

use super::{Book, Need, Note, Occasion};
use crate::activity::ActivityKind;
use crate::importing::{Fate, RowOutcome, UndoImport};
use crate::key::{Key, KeyKind};
use crate::place::Place;
use serde_json::{Map, json};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use uuid::Uuid;

impl Book {
    pub(super) fn need_undo(&self, input: &UndoImport, needs: &mut Vec<Need>) {
        for lead in input.rows.iter().filter(|row| is_of_interest(row)).filter_map(|row| row.lead) {
            self.need_lead(lead, needs);
            if !self.imported.contains_key(&(input.import, lead)) {
                needs.push(Need::Imported { import: input.import, lead });
            }
        }
    }

    pub(super) fn undo_import(
        &mut self,
        input: &UndoImport,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let mut items = Vec::new();
        let (mut removed, mut restored, mut skipped) = (0_u64, 0_u64, 0_u64);
        for row in input.rows.iter().filter(|row| is_of_interest(row)) {
            let Some(lead) = row.lead else { continue };
            let (done, why) = match row.fate {
                Fate::Created => match self.take_away(input.import, lead) {
                    None => {
                        removed += 1;
                        (true, None)
                    }
                    Some(why) => (false, Some(why.to_owned())),
                },
                _ => self.turn_row_back(input, row, lead, occasion, &mut restored),
            };
            skipped += u64::from(!done);
            items
                .push(json!({ "row": row.row, "lead_id": lead, "fate": row.fate, "done": done, "why": why }));
        }
        let why =
            format!("{removed} leads removed, {restored} put back; {skipped} had changed since and stay.");
        let output = json!({ "removed": removed, "restored": restored, "skipped": skipped, "items": items });
        Ok(Performed { output, why: Some(why), written: Vec::new() })
    }

    /// Takes away a lead that the import made; says why not when it stays.
    fn take_away(&mut self, import: Uuid, id: Uuid) -> Option<&'static str> {
        let touched_by_us = self.imported.get(&(import, id)).copied().flatten();
        let lead = match self.leads.get(&id) {
            Some(Some(entry)) if touched_by_us.is_some_and(|at| same_moment(at, entry.lead.updated_at)) => {
                &entry.lead
            }
            Some(Some(_)) => return Some("the lead has changed since"),
            _ => return Some("the lead is gone"),
        };
        let key = |kind: KeyKind| {
            let value = match kind {
                KeyKind::ExternalId => lead.external_id.as_deref(),
                KeyKind::Email => lead.email.as_deref(),
                KeyKind::Phone => lead.phone.as_deref(),
            };
            Key::read(kind, value?)
        };
        let keys: Vec<Key> = KeyKind::ALL.into_iter().filter_map(key).collect();
        for key in &keys {
            self.keys.insert(key.clone(), None);
        }
        self.leads.insert(id, None);
        self.touched_leads.retain(|touched| *touched != id);
        self.added.gone.push((id, keys));
        None
    }

    fn turn_row_back(
        &mut self,
        input: &UndoImport,
        row: &RowOutcome,
        id: Uuid,
        occasion: &Occasion<'_>,
        restored: &mut u64,
    ) -> (bool, Option<String>) {
        let Some(Some(entry)) = self.leads.get(&id) else {
            return (false, Some("the lead is gone".into()));
        };
        let lead = &entry.lead;
        let (mut back, mut kept) = (Vec::new(), Vec::new());
        for (name, change) in &row.changes {
            let place = match crate::field::Field::find(name) {
                Some(field) => Place::Core(field),
                None => Place::Own(name.clone()),
            };
            let (old, new) =
                (change.get(0).cloned().unwrap_or_default(), change.get(1).cloned().unwrap_or_default());
            if place.get(lead) == new { back.push((name, place, old, new)) } else { kept.push(name.as_str()) }
        }
        let why = (!kept.is_empty()).then(|| format!("{} changed since", super::all_of(kept.into_iter())));
        if back.is_empty() {
            return (false, why);
        }
        let (mut olds, mut news) = (Map::new(), Map::new());
        let lead = self.change(id, occasion.at);
        for (name, place, old, new) in back {
            place.set(lead, &old);
            olds.insert(name.clone(), new);
            news.insert(name.clone(), old);
        }
        *restored += 1;
        let note = Note {
            kind: ActivityKind::Updated,
            title: format!("Import of {} undone", input.name),
            why: why.clone(),
            old: olds.into(),
            new: news.into(),
            touch: None,
        };
        self.note(id, occasion, note);
        (why.is_none(), why)
    }
}

fn is_of_interest(row: &RowOutcome) -> bool {
    row.fate == Fate::Created || !row.changes.is_empty()
}

/// Stores keep microseconds.
fn same_moment(a: chrono::DateTime<chrono::Utc>, b: chrono::DateTime<chrono::Utc>) -> bool {
    a.timestamp_micros() == b.timestamp_micros()
}
