//! The planner: takes in what was answered, and says whom to ask next.
//!
//! It is a function of its arguments. What it reserves, claims and remembers it leaves in the [`Till`] and among the
//! answers; whoever calls it writes them down together with the word to ask.

use super::answer::{self, Answer, Answers, Remembered};
use super::progress::Asking;
use super::request::{Unasked, key_of};
use super::standing::standing;
use super::{
    Found, Money, Progress, Provenance, Provider, Request, Standing, Till, Traced, Waterfall, What, beats,
    label, listed,
};
use crate::lead::Lead;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use std::collections::BTreeMap;
use trunkline_engine::failure::{Failure, FailureKind};
use uuid::Uuid;

/// How often a run waits for the same question of another run before it leaves that provider out.
const MOST_WAITS: u32 = 12;

/// A lead that is to be enriched, and what is known of it.
#[derive(Debug)]
pub struct Case<'a> {
    /// By what.
    pub waterfall: &'a Waterfall,
    /// Its id.
    pub id: Uuid,
    /// The lead.
    pub lead: &'a Lead,
    /// Where its values came from, by field.
    pub provenance: &'a BTreeMap<String, Provenance>,
    /// The moment.
    pub now: DateTime<Utc>,
    /// The run; `None` for a trial.
    pub run_id: Option<Uuid>,
}

/// What is to be done next.
#[derive(Debug, Clone, PartialEq)]
pub enum Next {
    /// Ask a provider.
    Ask(Box<Ask>),
    /// Another run asks the same question: look again at this moment.
    WaitUntil(DateTime<Utc>),
    /// There is nothing left to ask.
    Done,
}

/// A question that is reserved, and may leave.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// Id of the provider.
    pub provider: String,
    /// What people call it.
    pub name: String,
    /// The question.
    pub request: Request,
    /// The most it costs.
    pub price: Money,
    /// Not before this moment.
    pub at: DateTime<Utc>,
}

/// Takes in `answer`, which is to the question that `progress` says is out, and goes on to the next question.
pub fn advance(
    case: &Case<'_>,
    till: &mut Till,
    answers: &mut Answers,
    progress: &mut Progress,
    answer: Option<&Answer>,
) -> Next {
    let mut turn = Turn { case, till, answers, progress };
    if let Some(asking) = turn.progress.asking.take() {
        turn.take(&asking, answer);
    }
    turn.next()
}

struct Turn<'a, 'c> {
    case: &'a Case<'c>,
    till: &'a mut Till,
    answers: &'a mut Answers,
    progress: &'a mut Progress,
}

impl Turn<'_, '_> {
    /// What became of the question that was out.
    fn take(&mut self, asking: &Asking, answer: Option<&Answer>) {
        let now = self.case.now;
        let Some(provider) = self.case.waterfall.provider(&asking.provider) else {
            // It was taken out of the waterfall in the meantime; what it cost is counted.
            self.progress.done.push(asking.provider.clone());
            return;
        };
        match answer {
            Some(Answer::Back { status, body }) => {
                let values = answer::values(provider, *status, body);
                let is_hit = !values.is_empty();
                let back = if is_hit { Money::NONE } else { provider.cost_per_hit };
                self.till.settle(&provider.id, back, is_hit, asking.slot);
                let Case { id, lead, run_id, .. } = *self.case;
                let asked = self.answers.get(&asking.key).cloned();
                let asked = asked.unwrap_or_else(|| {
                    Remembered::asked(&asking.key, id, provider, lead.id, run_id, asking.slot)
                });
                self.answers.put(asked.answered(provider, values.clone(), now));
                let cost = asking.price.without(back);
                self.fold(provider, &values, now, cost, [What::Found, What::NotFound]);
                self.progress.done.push(provider.id.clone());
            }
            Some(Answer::Failed { failure }) => self.failed(provider, asking, failure),
            Some(Answer::WouldAsk) | None => {
                self.till.settle(&provider.id, asking.price, false, asking.slot);
                self.give_up(&asking.key);
                let text = format!("{} would be asked; a rehearsal spends nothing.", provider.name);
                self.note(provider, What::WouldAsk, text, Vec::new(), Money::NONE);
                self.progress.done.push(provider.id.clone());
            }
        }
    }

    /// It could not answer: it is asked again if that may help, and otherwise the next one is.
    fn failed(&mut self, provider: &Provider, asking: &Asking, failure: &Failure) {
        let now = self.case.now;
        // A call that was turned away is not charged; one that nobody knows the end of may be.
        let back = match failure.kind {
            FailureKind::Temporary | FailureKind::Timeout | FailureKind::UnknownOutcome => {
                provider.cost_per_hit
            }
            FailureKind::BadInput | FailureKind::Auth | FailureKind::RateLimited | FailureKind::Fatal => {
                asking.price
            }
        };
        self.till.settle(&provider.id, back, false, asking.slot);
        self.give_up(&asking.key);
        if failure.kind == FailureKind::RateLimited {
            // Every other run would hear the same.
            let pause = TimeDelta::seconds(provider.wait_seconds.into());
            self.till.rest(&provider.id, failure.retry_at.unwrap_or(now + pause).max(now));
        }
        let attempts = self.progress.attempts.get(&provider.id).copied().unwrap_or_default();
        let again = failure.kind.may_pass() && attempts < provider.attempts;
        let then = if again { "it is asked again" } else { "the next provider is asked" };
        let text = format!("{} could not answer: {}; {then}.", provider.name, failure.message);
        self.note(provider, What::Failed, text, Vec::new(), asking.price.without(back));
        if again {
            let pause = TimeDelta::seconds(provider.wait_seconds.into());
            let at = failure.retry_at.map_or(now + pause, |at| at.max(now + pause));
            self.progress.rests.insert(provider.id.clone(), at);
        } else {
            self.progress.done.push(provider.id.clone());
        }
    }

    fn give_up(&mut self, key: &str) {
        if let Some(asked) = self.answers.get(key).cloned() {
            self.answers.put(asked.given_up(self.case.now));
        }
    }

    /// The first provider that may fill what is missing and may be asked.
    fn next(&mut self) -> Next {
        for provider in &self.case.waterfall.providers {
            if self.progress.done.contains(&provider.id) {
                continue;
            }
            if self.missing().is_empty() {
                return Next::Done;
            }
            if let Some(next) = self.consider(provider) {
                return next;
            }
            self.progress.done.push(provider.id.clone());
            self.progress.waits = 0;
        }
        Next::Done
    }

    /// What to do about `provider`; `None` when it is dealt with.
    fn consider(&mut self, provider: &Provider) -> Option<Next> {
        let (waterfall, now) = (self.case.waterfall, self.case.now);
        if provider.off {
            return self.skip(provider, What::Skipped, "is switched off");
        }
        let missing = self.missing();
        let useful: Vec<&str> =
            missing.iter().filter(|field| provider.fill(field).is_some()).map(String::as_str).collect();
        if useful.is_empty() {
            let missing = listed(missing.iter().map(|field| label(field)));
            return self.skip(provider, What::Skipped, &format!("does not know {missing}"));
        }
        let request = match Request::of(provider, self.case.lead) {
            Ok(request) => request,
            Err(Unasked::Lacks(field)) => {
                return self.skip(
                    provider,
                    What::Skipped,
                    &format!("needs {field}, which the lead does not have"),
                );
            }
            Err(Unasked::Unfit(why)) => {
                return self.skip(provider, What::Skipped, &format!("cannot be asked: {why}"));
            }
        };
        let key = key_of(self.case.id, provider, &request);
        if let Some(known) = self.answers.get(&key).cloned() {
            let settled = |field: &&str| {
                provider.fill(field).is_none_or(|fill| known.says(provider, fill, now).is_some())
            };
            if useful.iter().all(settled) {
                let says = provider
                    .fills
                    .iter()
                    .filter_map(|fill| Some((fill.field.clone(), known.says(provider, fill, now)??.clone())));
                let values: BTreeMap<String, Value> = says.collect();
                self.fold(
                    provider,
                    &values,
                    known.at,
                    Money::NONE,
                    [What::Remembered, What::RememberedNotFound],
                );
                return None;
            }
            if let Some(until) = known.is_asked_by_another(self.case.run_id, now) {
                if self.progress.waits >= MOST_WAITS {
                    return self.skip(
                        provider,
                        What::Busy,
                        "is asked the same by another run, which takes too long",
                    );
                }
                let pause = TimeDelta::milliseconds(250 << self.progress.waits.min(6));
                self.progress.waits += 1;
                return Some(Next::WaitUntil(until.min(now + pause)));
            }
        }
        let rests = self.progress.rests.get(&provider.id).copied();
        let slot = self.till.slot(provider, rests.map_or(now, |at| at.max(now)));
        if slot > now + TimeDelta::seconds(waterfall.max_wait_seconds.into()) {
            let seconds = (slot - now).num_seconds();
            return self.skip(provider, What::Busy, &format!("has no turn within the next {seconds} s"));
        }
        if let Some(why) = self.till.refusal(waterfall, provider, slot) {
            return self.skip(provider, What::OverBudget, &format!("is not asked: {why}"));
        }
        Some(self.ask(provider, request, key, slot))
    }

    fn ask(&mut self, provider: &Provider, request: Request, key: String, slot: DateTime<Utc>) -> Next {
        let Case { id, lead, run_id, .. } = *self.case;
        self.till.reserve(provider, slot);
        let asked = Remembered::asked(&key, id, provider, lead.id, run_id, slot);
        self.answers.put(asked);
        *self.progress.attempts.entry(provider.id.clone()).or_default() += 1;
        self.progress.waits = 0;
        let price = provider.price();
        self.progress.asking = Some(Asking { provider: provider.id.clone(), key, slot, price });
        Next::Ask(Box::new(Ask {
            provider: provider.id.clone(),
            name: provider.name.clone(),
            request,
            price,
            at: slot,
        }))
    }

    /// Wanted fields that are not filled well enough.
    fn missing(&self) -> Vec<String> {
        let Case { waterfall, lead, provenance, now, .. } = *self.case;
        let is_missing = |wanted: &&super::Wanted| {
            let on_lead = standing(waterfall, lead, provenance, &wanted.field, now);
            match self.progress.standing_of(&wanted.field, on_lead) {
                Standing::Empty | Standing::Stale => true,
                Standing::Filled { trust, .. } => trust < wanted.enough,
            }
        };
        waterfall.fields.iter().filter(is_missing).map(|wanted| wanted.field.clone()).collect()
    }

    /// Takes over what `provider` said at `at` where it is better than what is there.
    fn fold(
        &mut self,
        provider: &Provider,
        values: &BTreeMap<String, Value>,
        at: DateTime<Utc>,
        cost: Money,
        [knew, did_not]: [What; 2],
    ) {
        let Case { waterfall, lead, provenance, now, .. } = *self.case;
        let mut given = Vec::new();
        for fill in &provider.fills {
            let Some(value) = values.get(&fill.field) else { continue };
            let found = Found {
                value: value.clone(),
                provider: provider.id.clone(),
                name: provider.name.clone(),
                trust: fill.trust,
                fresh_days: fill.fresh_days,
                at,
            };
            let on_lead = standing(waterfall, lead, provenance, &fill.field, now);
            if beats(&found, &self.progress.standing_of(&fill.field, on_lead)) {
                given.push(fill.field.clone());
                self.progress.found.insert(fill.field.clone(), found);
            }
        }
        let remembered = matches!(knew, What::Remembered);
        let named = listed(given.iter().map(|field| label(field)));
        let text = match (values.is_empty(), given.is_empty(), remembered) {
            (true, _, false) => format!("{} does not know it.", provider.name),
            (true, _, true) => format!("{} did not know it when it was last asked.", provider.name),
            (false, true, false) => format!("{} said nothing better than what is known.", provider.name),
            (false, true, true) => format!("{} had said nothing better than what is known.", provider.name),
            (false, false, false) => format!("{} gave {named}.", provider.name),
            (false, false, true) => format!("{} gave {named} when it was last asked.", provider.name),
        };
        let what = if values.is_empty() { did_not } else { knew };
        self.note(provider, what, text, given, cost);
    }

    fn skip(&mut self, provider: &Provider, what: What, why: &str) -> Option<Next> {
        let text = format!("{} {why}.", provider.name);
        self.note(provider, what, text, Vec::new(), Money::NONE);
        None
    }

    fn note(&mut self, provider: &Provider, what: What, text: String, fields: Vec<String>, cost: Money) {
        self.progress.trace.push(Traced {
            provider: provider.id.clone(),
            name: provider.name.clone(),
            what,
            text,
            fields,
            cost,
            at: self.case.now,
        });
    }
}
