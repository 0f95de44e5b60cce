//! Finding the lead a record is about, or creating it.

use super::{Book, Entry, Note, Occasion, all_of, any_of};
use crate::activity::ActivityKind;
use crate::failures;
use crate::field::{self, Field};
use crate::key::{Key, KeyKind};
use crate::lead::Lead;
use crate::operation::{FindOrCreate, Overwrite};
use crate::place::Place;
use crate::record::Record;
use crate::stage;
use serde_json::{Map, Value};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

/// A key of the record and the lead it belongs to so far.
pub(super) struct Known {
    pub(super) key: Key,
    pub(super) lead: Option<Uuid>,
}

impl Book {
    pub(super) fn find_or_create(
        &mut self,
        input: &FindOrCreate,
        occasion: &mut Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let record = Record::read(&input.fields, self.rules.own_fields())?;
        let keys = self.known_keys(&input.fields)?;
        let keyed = |kind: &KeyKind| keys.iter().find(|known| known.key.kind == *kind);
        let found = input.match_on.iter().filter_map(keyed).find_map(|known| Some((&known.key, known.lead?)));
        match found {
            Some((key, id)) => self.update(input, &record, &keys, key, id, occasion),
            None => {
                let is_anonymous = !input.match_on.iter().any(|kind| keyed(kind).is_some());
                if is_anonymous && !input.allow_anonymous {
                    return Err(failures::no_identity(&input.match_on));
                }
                self.create(input, &record, &keys, occasion)
            }
        }
    }

    fn known_keys(&self, fields: &Map<String, Value>) -> Result<Vec<Known>, Failure> {
        KeyKind::ALL
            .into_iter()
            .filter_map(|kind| field::key_in(fields, kind))
            .map(|key| match self.keys.get(&key) {
                Some(lead) => Ok(Known { key, lead: *lead }),
                None => Err(failures::not_supplied("the keys of the record")),
            })
            .collect()
    }

    fn create(
        &mut self,
        input: &FindOrCreate,
        record: &Record,
        keys: &[Known],
        occasion: &mut Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let (foreign, free): (Vec<&Known>, Vec<&Known>) = keys.iter().partition(|known| known.lead.is_some());
        let stage = self.first_stage(!free.is_empty());
        // Everything that can fail is done on the new lead before the book changes.
        let mut lead = Lead::new(Uuid::nil(), stage, occasion.at);
        for (field, value) in record.core() {
            if !belongs_elsewhere(&foreign, *field) {
                field.set(&mut lead, value);
            }
        }
        lead.consent_at = lead.consent.map(|_| occasion.at);
        for (name, value) in record.own() {
            lead.fields.insert(name.clone(), value.clone());
        }
        crate::record::check_bounds(&lead.fields)?;
        lead.id = (occasion.new_id)();

        let looked_for: Vec<&str> = input
            .match_on
            .iter()
            .filter(|kind| keys.iter().any(|known| known.key.kind == **kind))
            .map(|kind| kind.label())
            .collect();
        let mut why = if looked_for.is_empty() {
            "The record says nothing of who it is about, so a new lead was created.".to_owned()
        } else {
            format!("No lead had this {}, so a new one was created.", any_of(looked_for.into_iter()))
        };
        tell_foreign(&mut why, &foreign);

        let id = lead.id;
        let title = match &lead.source {
            Some(source) => format!("Created from {source}"),
            None => "Created".to_owned(),
        };
        let output = output(&lead, None);
        let written = vec![Change {
            label: "Lead".into(),
            old: Value::Null,
            new: lead.name().into(),
            target: Place::Whole.of(id),
        }];
        self.claim(free.into_iter(), id);
        self.fresh.insert(id);
        self.touched_leads.push(id);
        self.leads.insert(id, Some(Entry::new(Box::new(lead), true)));
        let note = Note {
            kind: ActivityKind::Created,
            title,
            why: Some(why.clone()),
            old: Value::Null,
            new: Value::Null,
            touch: None,
        };
        self.note(id, occasion, note);
        Ok(Performed { output, why: Some(why), written })
    }

    fn update(
        &mut self,
        input: &FindOrCreate,
        record: &Record,
        keys: &[Known],
        matched: &Key,
        id: Uuid,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let foreign: Vec<&Known> =
            keys.iter().filter(|known| known.lead.is_some_and(|lead| lead != id)).collect();
        let lead = self.lead(id)?;
        let core: Vec<(Field, Value)> = record
            .core()
            .iter()
            .filter(|(field, _)| !belongs_elsewhere(&foreign, *field))
            .filter_map(|(field, value)| {
                let old = field.get(lead);
                is_better(*field, &old, value, input.overwrite).then_some((*field, old))
            })
            .collect();
        let own: Vec<(&String, Value)> = record
            .own()
            .iter()
            .filter_map(|(name, value)| {
                let old = lead.fields.get(name).cloned().unwrap_or_default();
                let wins =
                    old != *value && (field::is_blank(&old) || input.overwrite == Overwrite::NewerWins);
                wins.then_some((name, old))
            })
            .collect();
        if !own.is_empty() {
            crate::record::check_bounds_with(
                &lead.fields,
                own.iter().map(|(name, _)| (*name, &record.own()[*name])),
            )?;
        }

        let mut why = format!("Found by {}", matched.kind.label());
        if core.is_empty() && own.is_empty() {
            why.push_str("; there was nothing new.");
            tell_foreign(&mut why, &foreign);
            let output = output(lead, Some(matched.kind));
            return Ok(Performed { output, why: Some(why), written: Vec::new() });
        }

        let rules = Arc::clone(&self.rules);
        let mut written = Vec::with_capacity(core.len() + own.len());
        let (mut olds, mut news) = (Map::new(), Map::new());
        let lead = self.change(id, occasion.at);
        let mut wrote = |name: &str, label: &str, place: Place, old: Value, new: &Value| {
            olds.insert(name.to_owned(), old.clone());
            news.insert(name.to_owned(), new.clone());
            written.push(Change { label: label.to_owned(), old, new: new.clone(), target: place.of(id) });
        };
        for (field, old) in &core {
            let new = record.core_value(*field);
            field.set(lead, new);
            if *field == Field::Consent {
                lead.consent_at = Some(occasion.at);
            }
            wrote(field.as_str(), field.label(), Place::Core(*field), old.clone(), new);
        }
        for (name, old) in own {
            let new = &record.own()[name];
            lead.fields.insert(name.clone(), new.clone());
            wrote(name, rules.own_fields().label(name), Place::Own(name.clone()), old, new);
        }
        let output = output(lead, Some(matched.kind));

        let labels = all_of(written.iter().map(|change| change.label.as_str()));
        why.push_str(&format!("; updated {labels}."));
        tell_foreign(&mut why, &foreign);
        let took = |known: &&Known| {
            known.lead.is_none() && core.iter().any(|(field, _)| field.key_kind() == Some(known.key.kind))
        };
        self.claim(keys.iter().filter(took), id);
        self.note(
            id,
            occasion,
            Note {
                kind: ActivityKind::Updated,
                title: format!("Updated {labels}"),
                why: Some(why.clone()),
                old: olds.into(),
                new: news.into(),
                touch: None,
            },
        );
        Ok(Performed { output, why: Some(why), written })
    }

    /// Makes free keys belong to `lead`.
    pub(super) fn claim<'a>(&mut self, keys: impl Iterator<Item = &'a Known>, lead: Uuid) {
        for known in keys {
            self.keys.insert(known.key.clone(), Some(lead));
            self.added.keys.push((known.key.clone(), lead));
        }
    }

    /// Where a new lead starts: `Known` or `Anonymous`, or at the foot of a ladder that has neither.
    pub(super) fn first_stage(&self, is_known: bool) -> &str {
        let name = if is_known { "Known" } else { "Anonymous" };
        stage::find(&self.stages, name)
            .or_else(|| self.stages.iter().min_by_key(|stage| stage.rank))
            .map_or(name, |stage| stage.name.as_str())
    }
}

/// The lead as it is now, and by which key it was found; `None` when it is new.
fn output(lead: &Lead, matched_by: Option<KeyKind>) -> Value {
    let mut output = Map::with_capacity(3);
    output.insert("lead".into(), lead.record());
    output.insert("created".into(), matched_by.is_none().into());
    output.insert("matched_by".into(), matched_by.map(KeyKind::as_str).into());
    output.into()
}

/// Whether the record's value of `field` is the key of another lead.
pub(super) fn belongs_elsewhere(foreign: &[&Known], field: Field) -> bool {
    field.key_kind().is_some_and(|kind| foreign.iter().any(|known| known.key.kind == kind))
}

/// Whether `new` replaces `old`.
pub(super) fn is_better(field: Field, old: &Value, new: &Value, overwrite: Overwrite) -> bool {
    if old == new {
        return false;
    }
    // Whoever says no to mail has said it, whatever the step prefers.
    if old.is_null() || (field == Field::Consent && *new == Value::Bool(false)) {
        return true;
    }
    let is_key = |value: &Value| {
        let (Some(kind), Some(text)) = (field.key_kind(), value.as_str()) else { return true };
        Key::read(kind, text).is_some()
    };
    // A scribble such as "n/a" does not replace an address that works.
    overwrite == Overwrite::NewerWins && (is_key(new) || !is_key(old))
}

/// Says which keys of the record belong to other leads.
fn tell_foreign(why: &mut String, foreign: &[&Known]) {
    if !foreign.is_empty() {
        let labels = all_of(foreign.iter().map(|known| known.key.kind.label()));
        let verb = if foreign.len() == 1 {
            "belongs to another lead and was"
        } else {
            "belong to other leads and were"
        };
        why.push_str(&format!(" Its {labels} {verb} left there."));
    }
}
