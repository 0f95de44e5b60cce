//! What people decide about a lead's account. Steps leave it alone from then on.

use super::domains_of;
use crate::account::operation::{AccountOperation, Aside, SetAccount, SetAside};
use crate::account::{MAX_ALIASES, MAX_DOMAINS};
use crate::book::{Book, Occasion};
use crate::matching::{LeadMatch, MatchStatus};
use serde_json::{Value, json};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};

impl Book {
    /// Performs an operation on accounts.
    pub(in crate::book) fn on_accounts(
        &mut self,
        operation: &AccountOperation,
        occasion: &mut Occasion<'_>,
    ) -> Result<Performed, Failure> {
        match operation {
            AccountOperation::MatchAccount(input) => self.match_account(input, occasion),
            AccountOperation::SetAccount(input) => self.set_account(input, occasion),
            AccountOperation::SetAside(input) => self.set_aside(input, occasion),
            AccountOperation::KeepAccount(input) => self.keep_account(input, occasion),
            AccountOperation::UpdateAccount(input) => self.update_account(input, occasion),
        }
    }

    fn set_account(&mut self, input: &SetAccount, occasion: &Occasion<'_>) -> Result<Performed, Failure> {
        let own = self.lead(input.lead_id)?.account_id;
        let account = input.account_id.map(|id| self.known_account(id).cloned()).transpose()?;
        let reason = match occasion.by {
            Some(by) => format!("Chosen by {}.", by.name),
            None => "Chosen in a workflow.".to_owned(),
        };
        let mut written = Vec::new();
        if own != input.account_id {
            written.push(self.give_account(input.lead_id, input.account_id, &reason, occasion)?);
        }
        let mut learned = Vec::new();
        if let Some(account) = &account {
            learned = self.learn(input, account.id, occasion)?;
        }
        let before = self.accounts.matches.get(&input.lead_id).and_then(Option::as_ref);
        let suggestions = before.map(|found| found.suggestions.clone()).unwrap_or_default();
        let confidence = before.map_or(0, |found| found.confidence);
        self.accounts.note_match(LeadMatch {
            lead_id: input.lead_id,
            status: if account.is_some() { MatchStatus::Matched } else { MatchStatus::None },
            account_id: input.account_id,
            confidence: if account.is_some() { 1_000 } else { confidence },
            is_confirmed: account.is_some(),
            reason: reason.clone(),
            suggestions,
            at: occasion.at,
        });
        let output = json!({
            "lead_id": input.lead_id,
            "account": account.as_ref().map(|account| account.record()),
            "learned": learned,
        });
        Ok(Performed { output, why: Some(reason), written })
    }

    /// Adds what the lead says of its company to the account, and says what that was.
    fn learn(
        &mut self,
        input: &SetAccount,
        account: uuid::Uuid,
        occasion: &Occasion<'_>,
    ) -> Result<Vec<String>, Failure> {
        let lead = self.lead(input.lead_id)?;
        let company = lead.company.clone();
        let texts = [lead.email.as_deref(), lead.website.as_deref()];
        let domains = domains_of(texts.into_iter().flatten(), &self.matching());
        let mut changed = (**self.known_account(account)?).clone();
        let mut learned = Vec::new();
        if input.learn_domain {
            for domain in domains {
                if !changed.domains.contains(&domain) && changed.domains.len() < MAX_DOMAINS {
                    changed.domains.push(domain.clone());
                    learned.push(domain);
                }
            }
        }
        if let Some(company) = company.filter(|_| input.learn_name) {
            let known = std::iter::once(&changed.name).chain(&changed.aliases);
            if !known.into_iter().any(|name| name.eq_ignore_ascii_case(&company))
                && changed.aliases.len() < MAX_ALIASES
            {
                changed.aliases.push(company.clone());
                learned.push(company);
            }
        }
        if !learned.is_empty() {
            changed.updated_at = occasion.at;
            self.accounts.put(changed);
        }
        Ok(learned)
    }

    fn set_aside(&mut self, input: &SetAside, occasion: &Occasion<'_>) -> Result<Performed, Failure> {
        let own = self.lead(input.lead_id)?.account_id;
        let before = self.accounts.matches.get(&input.lead_id).and_then(Option::as_ref);
        let suggestions = before.map(|found| found.suggestions.clone()).unwrap_or_default();
        let confidence = before.map_or(0, |found| found.confidence);
        let who = occasion.by.map_or("a workflow", |by| by.name.as_str());
        let (status, reason) = match input.how {
            Aside::Later => (MatchStatus::Later, format!("Put off by {who}.")),
            Aside::NotACompany => (MatchStatus::NotACompany, format!("Works for no company, says {who}.")),
            Aside::Back if suggestions.is_empty() => (MatchStatus::None, format!("Taken up again by {who}.")),
            Aside::Back => (MatchStatus::Ambiguous, format!("Taken up again by {who}.")),
        };
        let mut written: Vec<Change> = Vec::new();
        if own.is_some() {
            written.push(self.give_account(input.lead_id, None, &reason, occasion)?);
        }
        self.accounts.note_match(LeadMatch {
            lead_id: input.lead_id,
            status,
            account_id: None,
            confidence,
            is_confirmed: status == MatchStatus::NotACompany,
            reason: reason.clone(),
            suggestions,
            at: occasion.at,
        });
        let output = json!({ "lead_id": input.lead_id, "account": Value::Null, "status": status });
        Ok(Performed { output, why: Some(reason), written })
    }
}
