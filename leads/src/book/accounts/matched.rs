//! Looking for the account a lead belongs to.

use crate::account::Account;
use crate::account::operation::MatchAccount;
use crate::activity::ActivityKind;
use crate::book::{Book, Note, Occasion};
use crate::matching::{LeadMatch, MatchStatus, Outcome, Verdict, judge, thousandths};
use crate::place::Place;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

impl Book {
    pub(super) fn match_account(
        &mut self,
        input: &MatchAccount,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let lead = self.lead(input.lead_id)?;
        let own = lead.account_id;
        let confirmed = self.accounts.matches.get(&input.lead_id).and_then(Option::as_ref);
        if let Some(decided) = confirmed.filter(|found| found.is_confirmed) {
            let reason = format!("A person decided this: {}", decided.reason);
            let account = own.and_then(|id| self.accounts.account(id)).cloned();
            let outcome = if account.is_some() { Outcome::Matched } else { Outcome::None };
            return Ok(kept(input.lead_id, account.as_deref(), outcome, reason));
        }
        if let Some(account) = own.and_then(|id| self.accounts.account(id)).filter(|_| !input.again) {
            let reason = lead.account_reason.clone().unwrap_or_else(|| "The lead has this account.".into());
            return Ok(kept(input.lead_id, Some(&Arc::clone(account)), Outcome::Matched, reason));
        }
        let verdict = self.verdict(input.lead_id)?;
        let best = verdict.suggestions.first();
        let confidence = best.map_or(0.0, |best| best.confidence);
        let chosen = best.filter(|_| verdict.outcome == Outcome::Matched).map(|best| best.account_id);
        let mut written = Vec::new();
        if let Some(id) = chosen.filter(|id| Some(*id) != own) {
            written.push(self.give_account(input.lead_id, Some(id), &verdict.reason, occasion)?);
        } else if chosen.is_none() && own.is_some_and(|id| self.accounts.account(id).is_none()) {
            written.push(self.give_account(input.lead_id, None, "The account is gone.", occasion)?);
        }
        // A lead that has an account keeps it when the next look is less sure.
        let stands = chosen.or(own.filter(|id| self.accounts.account(*id).is_some()));
        self.accounts.note_match(LeadMatch {
            lead_id: input.lead_id,
            status: if stands.is_some() { MatchStatus::Matched } else { verdict.outcome.into() },
            account_id: stands,
            confidence: thousandths(confidence),
            is_confirmed: false,
            reason: verdict.reason.clone(),
            suggestions: verdict.suggestions.clone(),
            at: occasion.at,
        });
        let account = stands.and_then(|id| self.accounts.account(id)).cloned();
        let mut output = output(input.lead_id, account.as_deref(), verdict.outcome, &verdict.reason);
        output["confidence"] = confidence.into();
        let candidates = verdict.suggestions.iter().map(|suggestion| {
            json!({ "id": suggestion.account_id, "name": suggestion.name, "confidence": suggestion.confidence })
        });
        output["candidates"] = candidates.collect::<Vec<_>>().into();
        Ok(Performed { output, why: Some(verdict.reason), written })
    }

    fn verdict(&self, lead: Uuid) -> Result<Verdict, Failure> {
        let probe = self.probe(lead).ok_or_else(|| crate::failures::not_supplied("the lead"))?;
        let ids = self.accounts.candidates(&probe.keys());
        let candidates = ids.iter().filter_map(|id| self.accounts.accounts.get(id)?.as_ref());
        let count = |word: &str| self.accounts.of_key(&format!("t:{word}")).0;
        Ok(judge(&probe, candidates, count, &self.matching()))
    }

    /// Notes how a lead stands whose account an undo has put back.
    pub(in crate::book) fn account_was_put_back(&mut self, lead_id: Uuid, at: DateTime<Utc>) {
        let account_id = self.known_lead(lead_id).and_then(|lead| lead.account_id);
        self.accounts.note_match(LeadMatch {
            lead_id,
            status: if account_id.is_some() { MatchStatus::Matched } else { MatchStatus::None },
            account_id,
            confidence: 0,
            is_confirmed: false,
            reason: "Put back by an undo.".into(),
            suggestions: Vec::new(),
            at,
        });
    }

    /// Puts the lead into an account, or takes it out, and notes that on its timeline.
    pub(super) fn give_account(
        &mut self,
        lead_id: Uuid,
        account: Option<Uuid>,
        reason: &str,
        occasion: &Occasion<'_>,
    ) -> Result<Change, Failure> {
        let name_of = |book: &Self, id: Option<Uuid>| -> Value {
            id.and_then(|id| Some(book.accounts.account(id)?.name.as_str().into())).unwrap_or_default()
        };
        let old = name_of(self, self.lead(lead_id)?.account_id);
        let new = name_of(self, account);
        let lead = self.change(lead_id, occasion.at);
        lead.account_id = account;
        lead.account_reason = account.map(|_| reason.to_owned());
        let title = match new.as_str() {
            Some(name) => format!("Matched to {name}"),
            None => "Taken from its account".to_owned(),
        };
        self.note(
            lead_id,
            occasion,
            Note {
                kind: ActivityKind::Matched,
                title,
                why: Some(reason.to_owned()),
                old: old.clone(),
                new: new.clone(),
                touch: None,
            },
        );
        Ok(Change { label: "Account".into(), old, new, target: Place::Account.of(lead_id) })
    }
}

/// Nothing changed.
fn kept(lead: Uuid, account: Option<&Account>, outcome: Outcome, reason: String) -> Performed {
    let mut output = output(lead, account, outcome, &reason);
    output["confidence"] = account.map(|_| 1.0).into();
    output["candidates"] = json!([]);
    Performed { output, why: Some(reason), written: Vec::new() }
}

fn output(lead: Uuid, account: Option<&Account>, outcome: Outcome, reason: &str) -> Value {
    json!({
        "lead_id": lead,
        "outcome": outcome,
        "account": account.map(Account::record),
        "reason": reason,
    })
}
