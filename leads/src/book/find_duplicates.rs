//! Looking for leads that may be the same person as a lead, or as a record that is no lead yet. Nothing is written.

use super::{Book, Need};
use crate::definition::IDENTITY;
use crate::failures;
use crate::lead::Lead;
use crate::linkage::{Alike, DuplicateSettings, Person, Reason, Score, Seen, Sought};
use crate::operation::FindDuplicates;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::Performed;
use uuid::Uuid;

impl Book {
    /// The lead, then those like it, then each of them.
    pub(super) fn need_alike(&self, input: &FindDuplicates, needs: &mut Vec<Need>) {
        if let Some(lead) = input.lead_id {
            self.need_lead(lead, needs);
        }
        self.need_definitions(IDENTITY, needs);
        // What cannot be looked for fails when it is performed.
        let Ok(sought) = self.sought(input) else { return };
        if sought.says_nothing() {
            return;
        }
        let of = input.asked();
        match self.alike.get(&of) {
            None => needs.push(Need::Alike { of, lead: input.lead_id, probe: Box::new(sought.probe) }),
            Some(alike) => alike.leads.iter().for_each(|lead| self.need_lead(*lead, needs)),
        }
    }

    fn sought(&self, input: &FindDuplicates) -> Result<Sought, Failure> {
        match input.lead_id {
            Some(id) => Ok(Sought::lead(self.lead(id)?)),
            None => Ok(Sought::record(&input.fields)),
        }
    }

    pub(super) fn find_duplicates(&self, input: &FindDuplicates) -> Result<Performed, Failure> {
        let sought = self.sought(input)?;
        if sought.says_nothing() {
            let why = "There is no name, address, number or company to look by.";
            return Ok(found(&[], 0, why.into()));
        }
        let alike =
            self.alike.get(&input.asked()).ok_or_else(|| failures::not_supplied("the leads like it"))?;
        let settings = self.definitions(IDENTITY)?.first().and_then(|in_force| in_force.read().ok());
        let settings: Arc<DuplicateSettings> = settings.unwrap_or_default();
        let model = alike.model().corrected(settings.corrections());
        let leads = self.candidates(input, alike);
        let people: Vec<Person> = leads.iter().map(|lead| Person::of_lead(lead)).collect();
        let seen = Seen::new(alike, &people);
        let mut scored: Vec<(&Lead, Score)> = leads
            .iter()
            .zip(&people)
            .map(|(lead, person)| (*lead, model.score(&sought.person, person, &seen)))
            .filter(|(_, score)| score.probability() >= input.least)
            .collect();
        scored.sort_by(|a, b| b.1.bits.total_cmp(&a.1.bits).then(a.0.id.cmp(&b.0.id)));
        let all = scored.len();
        scored.truncate(usize::try_from(input.most).unwrap_or(usize::MAX));
        let why = match &scored[..] {
            [] => format!("None of {} leads with a word in common is the same person.", leads.len()),
            [(best, score), ..] => format!(
                "{} of {} leads with a word in common may be the same person, above all {} ({:.0} %).",
                all,
                leads.len(),
                best.name(),
                (score.probability() * 100.0).min(99.0)
            ),
        };
        Ok(found(&scored, all, why))
    }

    /// Those that the store found, and those that this transaction changed; without the lead itself and without those that
    /// somebody said are other people.
    fn candidates(&self, input: &FindDuplicates, alike: &Alike) -> Vec<&Lead> {
        let changed = self.touched_leads.iter();
        let ids: BTreeSet<Uuid> = alike.leads.iter().chain(changed).copied().collect();
        let is_other = |id: &Uuid| Some(*id) != input.lead_id && !alike.ruled_out.contains(id);
        // A lead that went into another since is gone.
        ids.into_iter().filter(is_other).filter_map(|id| self.known_lead(id)).collect()
    }
}

fn found(scored: &[(&Lead, Score)], all: usize, why: String) -> Performed {
    let candidate = |(lead, score): &(&Lead, Score)| {
        let reasons: Vec<Value> = score.reasons.iter().map(Reason::record).collect();
        let probability = (score.probability() * 10_000.0).round() / 10_000.0;
        json!({ "lead": lead.record(), "probability": probability, "reasons": reasons })
    };
    let candidates: Vec<Value> = scored.iter().map(candidate).collect();
    let best = candidates.first().map_or(Value::Null, |best| best["lead"].clone());
    let output = json!({ "best": best, "found": all, "candidates": candidates });
    Performed { output, why: Some(why), written: Vec::new() }
}
