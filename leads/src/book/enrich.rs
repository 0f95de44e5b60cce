//! Filling fields of a lead from providers: one word of the waterfall's conversation at a time.
//!
//! Each performance takes in the answer to the last question and either names the next question, with its price reserved
//! and the question claimed, or writes everything that was found. All of that commits with the journal entry of the run,
//! so a question that was answered is paid once, and two runs never spend the same money.

use super::{Book, Need, Note, Occasion};
use crate::activity::ActivityKind;
use crate::definition;
use crate::enrichment::{
    Answer, Answers, Ask, Case, Found, Meter, Next, Progress, Provenance, Remembered, Request, Standing,
    Till, Waterfall, advance, beats, key_of, label, listed, place, standing, values,
};
use crate::failures;
use crate::key::Key;
use crate::lead::Lead;
use crate::operation::Enrich;
use crate::place::Place;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

/// What a book knows of enrichment.
#[derive(Debug, Default)]
pub(super) struct Known {
    provenance: HashMap<Uuid, BTreeMap<String, Provenance>>,
    tills: HashMap<Uuid, Till>,
    pub(super) answers: Answers,
    /// Origins that are new, each with its lead.
    written: Vec<(Uuid, Provenance)>,
}

/// What enrichment changed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Enriched {
    /// Where values came from, each with its lead, to be inserted or replaced.
    pub provenance: Vec<(Uuid, Provenance)>,
    /// What was spent, each with its waterfall, to be inserted or replaced.
    pub meters: Vec<(Uuid, Meter)>,
    /// Questions and answers, to be inserted or replaced.
    pub remembered: Vec<Remembered>,
}

impl Enriched {
    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.provenance.is_empty() && self.meters.is_empty() && self.remembered.is_empty()
    }
}

impl Known {
    pub(super) fn supply_provenance(&mut self, lead: Uuid, known: Vec<Provenance>) {
        let by_field = || known.into_iter().map(|origin| (origin.field.clone(), origin)).collect();
        self.provenance.entry(lead).or_insert_with(by_field);
    }

    pub(super) fn supply_spending(&mut self, waterfall: Uuid, meters: Vec<Meter>) {
        self.tills.entry(waterfall).or_insert_with(|| Till::new(meters));
    }

    pub(super) fn take(&mut self) -> Enriched {
        let mut meters = Vec::new();
        for (waterfall, till) in &mut self.tills {
            meters.extend(till.take_changed().into_iter().map(|meter| (*waterfall, meter)));
        }
        meters.sort_unstable_by(|(a, one), (b, two)| (a, &one.provider).cmp(&(b, &two.provider)));
        Enriched {
            provenance: std::mem::take(&mut self.written),
            meters,
            remembered: self.answers.take_changed(),
        }
    }

    fn write(&mut self, lead: Uuid, origin: Provenance) {
        self.provenance.entry(lead).or_default().insert(origin.field.clone(), origin.clone());
        self.written.retain(|(of, known)| (*of, &known.field) != (lead, &origin.field));
        self.written.push((lead, origin));
    }
}

/// The waterfall that an operation names.
struct Named {
    id: Uuid,
    name: String,
    version: Option<i64>,
    waterfall: Arc<Waterfall>,
}

/// A value that is written.
struct Write {
    field: String,
    place: Place,
    old: Value,
    found: Found,
}

impl Book {
    pub(super) fn need_enrichment(&self, input: &Enrich, needs: &mut Vec<Need>) {
        let lead = input.lead_id;
        self.need_lead(lead, needs);
        if input.trial.is_none() {
            self.need_definitions(definition::WATERFALL, needs);
        }
        if !self.fresh.contains(&lead) && !self.enrichment.provenance.contains_key(&lead) {
            needs.push(Need::Provenance(lead));
        }
        if !needs.is_empty() {
            return;
        }
        // What cannot be read, or is not there, fails when it is performed.
        let (Ok(named), Ok(lead)) = (self.waterfall(input), self.lead(lead)) else { return };
        if !self.enrichment.tills.contains_key(&named.id) {
            needs.push(Need::Spending(named.id));
        }
        let keys = questions(&named, lead);
        let asked = input.progress.asking.iter().map(|asking| &asking.key);
        let unknown = keys.iter().chain(asked).filter(|key| !self.enrichment.answers.knows(key));
        needs.extend(unknown.cloned().map(Need::Remembered));
        if needs.is_empty() {
            self.need_identities(input, &named, &keys, needs);
        }
    }

    /// Whose the e-mail addresses and numbers are that may be written.
    fn need_identities(&self, input: &Enrich, named: &Named, keys: &[String], needs: &mut Vec<Need>) {
        let mut given: Vec<(String, Value)> = Vec::new();
        for (field, found) in &input.progress.found {
            given.push((field.clone(), found.value.clone()));
        }
        if let (Some(asking), Some(Answer::Back { status, body })) = (&input.progress.asking, &input.answer)
            && let Some(provider) = named.waterfall.provider(&asking.provider)
        {
            given.extend(values(provider, *status, body));
        }
        for known in keys.iter().filter_map(|key| self.enrichment.answers.get(key)) {
            if let Some(provider) = named.waterfall.provider(&known.provider) {
                let says = |fill| known.says(provider, fill, DateTime::<Utc>::MIN_UTC);
                given.extend(
                    provider.fills.iter().filter_map(|fill| Some((fill.field.clone(), says(fill)??.clone()))),
                );
            }
        }
        for (field, value) in given {
            if let Some(key) = identity(&place(&field), &value)
                && !self.keys.contains_key(&key)
            {
                needs.push(Need::Key(key));
            }
        }
    }

    pub(super) fn enrich(&mut self, input: &Enrich, occasion: &Occasion<'_>) -> Result<Performed, Failure> {
        let named = self.waterfall(input)?;
        let lead = self.lead(input.lead_id)?.clone();
        let mut till = self
            .enrichment
            .tills
            .remove(&named.id)
            .ok_or_else(|| failures::not_supplied("what the enrichment has spent"))?;
        let mut progress = input.progress.clone();
        let provenance = self.enrichment.provenance.get(&lead.id).cloned().unwrap_or_default();
        let case = Case {
            waterfall: &named.waterfall,
            id: named.id,
            lead: &lead,
            provenance: &provenance,
            now: occasion.at,
            run_id: occasion.run_id,
        };
        let answers = &mut self.enrichment.answers;
        let next = advance(&case, &mut till, answers, &mut progress, input.answer.as_ref());
        self.enrichment.tills.insert(named.id, till);
        match next {
            Next::Ask(ask) => Ok(asking(&named, &ask, &progress)),
            Next::WaitUntil(at) => Ok(Performed {
                output: json!({ "look_again_at": at, "progress": progress }),
                why: Some("Another run asks the same question at this moment.".into()),
                written: Vec::new(),
            }),
            Next::Done => Ok(self.filled(input, &named, progress, occasion)),
        }
    }

    /// The waterfall of `input`: the one in force, or the draft that is tried.
    fn waterfall(&self, input: &Enrich) -> Result<Named, Failure> {
        if let Some(trial) = &input.trial {
            let waterfall = Waterfall::deserialize(&trial.document)
                .map_err(|error| failures::unreadable_waterfall(&error.to_string()))?;
            let name = input.waterfall.clone();
            return Ok(Named { id: trial.waterfall, name, version: None, waterfall: Arc::new(waterfall) });
        }
        let Some(found) = self.definition(definition::WATERFALL, &input.waterfall)? else {
            let known: Vec<&str> =
                self.definitions(definition::WATERFALL)?.iter().map(|one| one.name.as_str()).collect();
            return Err(failures::no_such_waterfall(&input.waterfall, &known));
        };
        let waterfall =
            found.read::<Waterfall>().map_err(|error| failures::unreadable_waterfall(&error.to_string()))?;
        Ok(Named { id: found.id, name: found.name.clone(), version: Some(found.version), waterfall })
    }

    /// Writes what was found, and says what became of the wanted fields.
    fn filled(
        &mut self,
        input: &Enrich,
        named: &Named,
        mut progress: Progress,
        occasion: &Occasion<'_>,
    ) -> Performed {
        let id = input.lead_id;
        let writes = self.worth_writing(id, named, &mut progress, occasion.at);
        let changed: Vec<&Write> = writes.iter().filter(|write| write.old != write.found.value).collect();
        let is_trial = input.trial.is_some();
        let mut written = Vec::new();
        let filled: Vec<Value> = changed.iter().map(|write| told(write)).collect();
        let named_fields = listed(changed.iter().map(|write| label(&write.field)));
        if !is_trial {
            written = self.write_found(id, &writes, occasion);
            for write in &writes {
                self.enrichment.write(id, origin(write, named, occasion.run_id));
            }
        }
        let missing = self.still_missing(id, named, &writes, occasion.at);
        let outcome = match (filled.is_empty(), missing.is_empty()) {
            (false, _) => "filled",
            (true, true) => "complete",
            (true, false) => "not_found",
        };
        let why = in_words(outcome, &named_fields, &missing, &progress, &named.waterfall.currency);
        let cost = progress.cost();
        if !is_trial && !filled.is_empty() {
            let note = Note {
                kind: ActivityKind::Enriched,
                title: format!("Enriched {named_fields}"),
                why: Some(why.clone()),
                old: changed
                    .iter()
                    .map(|write| (write.field.clone(), write.old.clone()))
                    .collect::<Map<_, _>>()
                    .into(),
                new: changed
                    .iter()
                    .map(|write| (write.field.clone(), write.found.value.clone()))
                    .collect::<Map<_, _>>()
                    .into(),
                touch: None,
            };
            self.note(id, occasion, note);
            if let Some(activity) = self.added.activities.last_mut() {
                activity.detail = json!({
                    "waterfall": { "id": named.id, "name": named.name, "version": named.version },
                    "fields": filled,
                    "trace": progress.trace,
                    "cost": cost,
                    "currency": named.waterfall.currency,
                });
            }
        }
        let record = self.lead(id).map(Lead::record).unwrap_or_default();
        let output = json!({
            "lead": record,
            "outcome": outcome,
            "filled": filled,
            "missing": missing,
            "asked": progress.asked(),
            "cost": cost,
            "currency": named.waterfall.currency,
            "waterfall": { "id": named.id, "name": named.name, "version": named.version },
            "trace": progress.trace,
        });
        Performed { output, why: Some(why), written }
    }

    /// What was found and is better than what the lead holds by now. What cannot be written is said in the trace.
    fn worth_writing(
        &self,
        id: Uuid,
        named: &Named,
        progress: &mut Progress,
        now: DateTime<Utc>,
    ) -> Vec<Write> {
        let Ok(lead) = self.lead(id) else { return Vec::new() };
        let empty = BTreeMap::new();
        let provenance = self.enrichment.provenance.get(&id).unwrap_or(&empty);
        let mut own = lead.fields.clone();
        let mut writes = Vec::new();
        for (field, mut found) in std::mem::take(&mut progress.found) {
            if !beats(&found, &standing(&named.waterfall, lead, provenance, &field, now)) {
                continue;
            }
            let place = place(&field);
            let is_anothers = identity(&place, &found.value).is_some_and(|key| {
                self.keys.get(&key).is_none_or(|owner| owner.is_some_and(|other| other != id))
            });
            let fits = match &place {
                // A provider's value is read as any other that comes in.
                Place::Own(name) => self.rules.own_fields().read(name, &found.value).is_ok_and(|value| {
                    found.value = value;
                    own.insert(name.clone(), found.value.clone());
                    crate::record::check_bounds(&own).is_ok()
                }),
                _ => true,
            };
            if is_anothers || !fits {
                let why = if is_anothers { "belongs to another lead" } else { "does not fit into the lead" };
                let said = progress.trace.iter_mut().rev().find(|line| line.provider == found.provider);
                if let Some(line) = said {
                    line.text.push_str(&format!(" Its {} {why} and is not taken.", label(&field)));
                    line.fields.retain(|given| *given != field);
                }
                if let Place::Own(name) = &place {
                    own.remove(name);
                }
                continue;
            }
            writes.push(Write { old: place.get(lead), field, place, found });
        }
        writes
    }

    fn write_found(&mut self, id: Uuid, writes: &[Write], occasion: &Occasion<'_>) -> Vec<Change> {
        let changed = || writes.iter().filter(|write| write.old != write.found.value);
        for write in changed() {
            if let Some(key) = identity(&write.place, &write.found.value)
                && self.keys.get(&key).copied().flatten().is_none()
            {
                self.keys.insert(key.clone(), Some(id));
                self.added.keys.push((key, id));
            }
        }
        if changed().next().is_none() {
            return Vec::new();
        }
        let lead = self.change(id, occasion.at);
        let change = |write: &Write| {
            write.place.set(lead, &write.found.value);
            Change {
                label: label(&write.field),
                old: write.old.clone(),
                new: write.found.value.clone(),
                target: write.place.clone().of(id),
            }
        };
        changed().map(change).collect()
    }

    /// Wanted fields that nobody could fill well enough, as people call them; in a trial as if it had been written.
    fn still_missing(&self, id: Uuid, named: &Named, writes: &[Write], now: DateTime<Utc>) -> Vec<String> {
        let Ok(lead) = self.lead(id) else { return Vec::new() };
        let empty = BTreeMap::new();
        let provenance = self.enrichment.provenance.get(&id).unwrap_or(&empty);
        let trust = |field: &str| match writes.iter().find(|write| write.field == field) {
            Some(write) => Some(write.found.trust),
            None => match standing(&named.waterfall, lead, provenance, field, now) {
                Standing::Filled { trust, .. } => Some(trust),
                Standing::Empty | Standing::Stale => None,
            },
        };
        let wanted = named.waterfall.fields.iter();
        let missing = wanted.filter(|wanted| trust(&wanted.field).is_none_or(|trust| trust < wanted.enough));
        missing.map(|wanted| label(&wanted.field)).collect()
    }
}

/// What every provider would be asked about `lead`.
fn questions(named: &Named, lead: &Lead) -> Vec<String> {
    let providers = named.waterfall.providers.iter().filter(|provider| !provider.off);
    let key = |provider| Some(key_of(named.id, provider, &Request::of(provider, lead).ok()?));
    providers.filter_map(key).collect()
}

/// The identity key that `value` is at `place`.
fn identity(place: &Place, value: &Value) -> Option<Key> {
    let Place::Core(field) = place else { return None };
    field.key_of(value)
}

fn asking(named: &Named, ask: &Ask, progress: &Progress) -> Performed {
    let output = json!({
        "ask": {
            "waterfall": named.id,
            "provider": ask.provider,
            "name": ask.name,
            "request": ask.request,
            "price": ask.price,
            "at": ask.at,
        },
        "progress": progress,
    });
    Performed { output, why: Some(format!("{} is asked.", ask.name)), written: Vec::new() }
}

/// A written value as outputs and timelines show it.
fn told(write: &Write) -> Value {
    json!({
        "field": write.field,
        "label": label(&write.field),
        "old": write.old,
        "new": write.found.value,
        "provider": write.found.provider,
        "provider_name": write.found.name,
        "trust": write.found.trust,
    })
}

fn origin(write: &Write, named: &Named, run_id: Option<Uuid>) -> Provenance {
    Provenance {
        field: write.field.clone(),
        value: write.found.value.clone(),
        provider: write.found.provider.clone(),
        name: write.found.name.clone(),
        waterfall: named.id,
        trust: write.found.trust,
        fresh_days: write.found.fresh_days,
        at: write.found.at,
        run_id,
    }
}

/// Why it came out so, in one plain sentence.
fn in_words(outcome: &str, filled: &str, missing: &[String], progress: &Progress, currency: &str) -> String {
    let asked = match (progress.asked(), progress.cost()) {
        (0, _) => "nobody had to be asked".to_owned(),
        (asked, cost) => {
            let times = if asked == 1 { "one call".to_owned() } else { format!("{asked} calls") };
            if cost.is_none() { times } else { format!("{times} for {cost} {currency}") }
        }
    };
    match outcome {
        "filled" => format!("Filled {filled}; {asked}."),
        "complete" => format!("Nothing was missing; {asked}."),
        _ => format!("Nobody gave {}; {asked}.", listed(missing.iter().cloned())),
    }
}
