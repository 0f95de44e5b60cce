//! Importing a stretch of rows.
//!
//! Rows are taken one after the other, so that a later one sees what an earlier one did, and none of them can stop
//! another. A preview performs the same operation in a book that is thrown away; it hands in leads that earlier rows
//! touched with their identity fields alone, because all that a later row about them can be is a duplicate.

use super::find_or_create::{Known, belongs_elsewhere, is_better};
use super::{Book, Entry, Need, Note, Occasion};
use crate::activity::ActivityKind;
use crate::field::{self, Field};
use crate::importing::{Counts, Fate, ImportRow, ImportRows, Mode, Repeated, RowOutcome, Stretch};
use crate::lead::Lead;
use crate::operation::{AddToList, Edit, Operation, Overwrite, Route, SetStage};
use crate::record::Record;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use uuid::Uuid;

impl Book {
    pub(super) fn import_rows(&mut self, input: &ImportRows, occasion: &mut Occasion<'_>) -> Performed {
        let mut counts = Counts::default();
        let mut rows = Vec::with_capacity(input.rows.len());
        for row in &input.rows {
            let outcome = self.import_row(input, row, occasion);
            counts.add(outcome.fate);
            rows.push(outcome);
        }
        let first = input.rows.first().map_or(0, |row| row.row);
        let output = json!({ "import": input.import, "first": first, "rows": rows.len(), "counts": counts });
        let why = format!(
            "{} created, {} updated, {} unchanged, {} duplicates, {} skipped, {} failed.",
            counts.created, counts.updated, counts.unchanged, counts.duplicate, counts.skipped, counts.failed
        );
        self.added.imports.push(Stretch { import: input.import, first, at: occasion.at, counts, rows });
        Performed { output, why: Some(why), written: Vec::new() }
    }

    /// What [`Book::import_rows`] has to know: who has the keys, the leads behind them, and whether earlier rows were
    /// about those; then what happens to each lead besides.
    pub(super) fn need_rows(&self, input: &ImportRows, needs: &mut Vec<Need>) {
        let rows = || input.rows.iter().filter(|row| row.failed.is_none());
        for key in rows().flat_map(|row| &row.keys) {
            if !self.keys.contains_key(key) {
                needs.push(Need::Key(key.clone()));
            }
        }
        if !needs.is_empty() {
            return;
        }
        let matches: Vec<Uuid> = rows().filter_map(|row| self.matched_row(input, row)).collect();
        for id in &matches {
            self.need_lead(*id, needs);
            if !self.fresh.contains(id) && !self.imported.contains_key(&(input.import, *id)) {
                needs.push(Need::Imported { import: input.import, lead: *id });
            }
        }
        let then = &input.afterwards;
        if let Some(list) = then.list.as_deref().map(str::trim) {
            match self.lists.get(list) {
                None => needs.push(Need::List(list.to_owned())),
                Some(Some(list)) => {
                    let unknown = matches.iter().filter(|id| self.is_on(list.id, **id).is_none());
                    needs.extend(unknown.map(|id| Need::Membership { list: list.id, lead: *id }));
                }
                Some(None) => {}
            }
        }
        if let Some(owner) = then.owner.as_deref().map(str::trim).filter(|_| needs.is_empty()) {
            for lead_id in matches.iter().copied().chain([Uuid::nil()]) {
                needs.extend(self.needs(&Operation::Edit(hand_to(lead_id, owner))));
            }
        }
        if let Some(pool) = &then.pool
            && needs.is_empty()
        {
            // The lead that is yet to be made has no id; whatever routing has to know of the pool is the same.
            for lead_id in matches.into_iter().chain([Uuid::nil()]) {
                let fallback_owner = then.fallback_owner.clone();
                let route = Route { keep_owner: true, fallback_owner, ..Route::by_pool(lead_id, pool) };
                needs.extend(self.needs(&Operation::Route(route)));
            }
        }
    }

    /// The leads that rows are about, as far as their keys say.
    pub(super) fn leads_of_rows(&self, input: &ImportRows) -> Vec<Uuid> {
        input
            .rows
            .iter()
            .filter(|row| row.failed.is_none())
            .filter_map(|row| self.matched_row(input, row))
            .collect()
    }

    /// The lead that a row is about, as far as its keys say.
    fn matched_row(&self, input: &ImportRows, row: &ImportRow) -> Option<Uuid> {
        let keyed = |kind| row.keys.iter().find(|key| key.kind == kind);
        input
            .match_on
            .iter()
            .filter_map(|kind| keyed(*kind))
            .find_map(|key| self.keys.get(key).copied().flatten())
    }

    fn import_row(&mut self, input: &ImportRows, row: &ImportRow, occasion: &mut Occasion<'_>) -> RowOutcome {
        let mut outcome = RowOutcome {
            row: row.row,
            fate: Fate::Failed,
            lead: None,
            why: row.failed.clone(),
            changes: Map::new(),
        };
        if row.failed.is_some() {
            return outcome;
        }
        let done = match self.matched_row(input, row) {
            None if input.mode == Mode::UpdateOnly => {
                outcome.fate = Fate::Skipped;
                outcome.why = Some("no lead is known by it".into());
                return outcome;
            }
            None => self.import_new(input, row, occasion).inspect(|_| outcome.fate = Fate::Created),
            Some(id) => {
                let is_repeated = self.imported.get(&(input.import, id)).copied().flatten().is_some();
                outcome.lead = Some(id);
                if is_repeated {
                    outcome.fate = Fate::Duplicate;
                }
                let merged = match (is_repeated, input.mode, input.repeated) {
                    (true, _, Repeated::Skip) => return outcome,
                    (false, Mode::CreateOnly, _) => {
                        self.imported.insert((input.import, id), Some(occasion.at));
                        outcome.fate = Fate::Skipped;
                        outcome.why = Some("the lead is known already".into());
                        return outcome;
                    }
                    _ => self.import_known(input, row, id, is_repeated, occasion),
                };
                merged.map(|changes| {
                    if !is_repeated {
                        outcome.fate = if changes.is_empty() { Fate::Unchanged } else { Fate::Updated };
                    }
                    outcome.changes = changes;
                    id
                })
            }
        };
        match done {
            Ok(id) => {
                outcome.lead = Some(id);
                let key = (input.import, id);
                let is_first = self.imported.get(&key).copied().flatten().is_none();
                if is_first || !outcome.changes.is_empty() {
                    self.imported.insert(key, Some(occasion.at));
                }
                if is_first && outcome.fate != Fate::Unchanged {
                    outcome.why = self.go_on_with(input, id, occasion);
                }
            }
            // A repeated row counts as one, also when there was no room for what it adds.
            Err(failure) => {
                if outcome.fate != Fate::Duplicate {
                    outcome.fate = Fate::Failed;
                    outcome.lead = None;
                }
                outcome.why = Some(failure.message);
            }
        }
        outcome
    }

    fn import_new(
        &mut self,
        input: &ImportRows,
        row: &ImportRow,
        occasion: &mut Occasion<'_>,
    ) -> Result<Uuid, Failure> {
        let record = Record::read(&row.fields, self.rules.own_fields())?;
        let keys = self.keys_of_row(row);
        let (foreign, free): (Vec<&Known>, Vec<&Known>) = keys.iter().partition(|known| known.lead.is_some());
        let mut lead = Lead::new(Uuid::nil(), self.first_stage(!free.is_empty()), occasion.at);
        for (field, value) in record.core() {
            if !belongs_elsewhere(&foreign, *field) {
                field.set(&mut lead, value);
            }
        }
        lead.fields = record.own().clone();
        lead.id = (occasion.new_id)();
        let id = lead.id;
        self.claim(free.into_iter(), id);
        self.fresh.insert(id);
        self.touched_leads.push(id);
        self.leads.insert(id, Some(Entry::new(Box::new(lead), true)));
        let note = Note {
            kind: ActivityKind::Created,
            title: format!("Created from {}", input.name),
            why: Some(format!("Row {} of the list.", row.row)),
            old: Value::Null,
            new: Value::Null,
            touch: None,
        };
        self.note(id, occasion, note);
        Ok(id)
    }

    /// Fills in what the row has that is better; gives the old and the new value of each field that changed.
    fn import_known(
        &mut self,
        input: &ImportRows,
        row: &ImportRow,
        id: Uuid,
        is_repeated: bool,
        occasion: &Occasion<'_>,
    ) -> Result<Map<String, Value>, Failure> {
        let record = Record::read(&row.fields, self.rules.own_fields())?;
        let keys = self.keys_of_row(row);
        let foreign: Vec<&Known> =
            keys.iter().filter(|known| known.lead.is_some_and(|lead| lead != id)).collect();
        // Of two rows of one file the first counts; the second only adds.
        let wins = |name: &str| match !is_repeated && input.file_wins.iter().any(|wins| wins == name) {
            true => Overwrite::NewerWins,
            false => Overwrite::FillEmpty,
        };
        let lead = self.lead(id)?;
        let core = record.core().iter().filter(|(field, _)| !belongs_elsewhere(&foreign, *field));
        let core: Vec<(Field, Value, &Value)> = core
            .filter_map(|(field, new)| {
                let old = field.get(lead);
                is_better(*field, &old, new, wins(field.as_str())).then_some((*field, old, new))
            })
            .collect();
        let own: Vec<(&String, Value, &Value)> = record
            .own()
            .iter()
            .filter_map(|(name, new)| {
                let old = lead.fields.get(name).cloned().unwrap_or_default();
                let better = old != *new && (field::is_blank(&old) || wins(name) == Overwrite::NewerWins);
                better.then_some((name, old, new))
            })
            .collect();
        crate::record::check_bounds_with(&lead.fields, own.iter().map(|(name, _, new)| (*name, *new)))?;
        if core.is_empty() && own.is_empty() {
            return Ok(Map::new());
        }
        let took = |known: &&Known| {
            known.lead.is_none() && core.iter().any(|(field, ..)| field.key_kind() == Some(known.key.kind))
        };
        let claimed: Vec<&Known> = keys.iter().filter(took).collect();
        let rules = Arc::clone(&self.rules);
        let (mut changes, mut olds, mut news) = (Map::new(), Map::new(), Map::new());
        let mut labels = Vec::new();
        let lead = self.change(id, occasion.at);
        let mut wrote = |name: &str, label: &str, old: Value, new: &Value| {
            changes.insert(name.to_owned(), json!([old, new]));
            olds.insert(name.to_owned(), old);
            news.insert(name.to_owned(), new.clone());
            labels.push(label.to_owned());
        };
        for (field, old, new) in core {
            field.set(lead, new);
            wrote(field.as_str(), field.label(), old, new);
        }
        for (name, old, new) in own {
            lead.fields.insert(name.clone(), new.clone());
            wrote(name, rules.own_fields().label(name), old, new);
        }
        self.claim(claimed.into_iter(), id);
        let labels = super::all_of(labels.iter().map(String::as_str));
        let note = Note {
            kind: ActivityKind::Updated,
            title: format!("Updated {labels}"),
            why: Some(format!("Row {} of {}.", row.row, input.name)),
            old: olds.into(),
            new: news.into(),
            touch: None,
        };
        self.note(id, occasion, note);
        Ok(changes)
    }

    fn keys_of_row(&self, row: &ImportRow) -> Vec<Known> {
        let known =
            |key: &crate::key::Key| Known { key: key.clone(), lead: self.keys.get(key).copied().flatten() };
        row.keys.iter().map(known).collect()
    }

    /// Does with the lead what the import wants besides; gives what could not be done, in words. The row is imported all
    /// the same.
    fn go_on_with(&mut self, input: &ImportRows, id: Uuid, occasion: &mut Occasion<'_>) -> Option<String> {
        let then = &input.afterwards;
        let mut undone = Vec::new();
        if let Some(stage) = &then.stage {
            let wanted =
                SetStage { lead_id: id, stage: stage.clone(), allow_backwards: false, reason: String::new() };
            undone.extend(self.set_stage(&wanted, occasion).err());
        }
        let has_owner = || self.lead(id).is_ok_and(|lead| lead.owner_id.is_some());
        if let Some(owner) = then.owner.as_deref().map(str::trim).filter(|_| !has_owner()) {
            undone.extend(self.edit(&hand_to(id, owner), occasion).err());
        }
        if let Some(pool) = &then.pool {
            let fallback_owner = then.fallback_owner.clone();
            let wanted = Route { keep_owner: true, fallback_owner, ..Route::by_pool(id, pool) };
            undone.extend(self.route(&wanted, occasion).err());
        }
        if let Some(list) = &then.list {
            undone.extend(self.add_to_list(&AddToList { lead_id: id, list: list.clone() }, occasion).err());
        }
        (!undone.is_empty())
            .then(|| undone.into_iter().map(|failure| failure.message).collect::<Vec<_>>().join(" "))
    }
}

/// The change that gives a lead to an owner.
fn hand_to(lead_id: Uuid, owner: &str) -> Edit {
    let why = Some("The import gives its leads to this owner.".to_owned());
    Edit { lead_id, fields: Map::new(), owner: Some(owner.to_owned()), why }
}
