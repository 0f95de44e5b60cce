//! Leads as rules, outputs and expressions see them: with their accounts.

use super::Book;
use crate::lead::Lead;
use serde_json::Value;
use uuid::Uuid;

impl Book {
    /// The record of a lead as outputs and expressions see it: with its account, as far as that is known.
    #[must_use]
    pub fn record_of(&self, id: Uuid) -> Option<Value> {
        self.known_lead(id).map(|lead| self.shown(lead))
    }

    pub(super) fn shown(&self, lead: &Lead) -> Value {
        let mut record = lead.record();
        if let Some(profile) = lead.account_id.and_then(|account| self.profile(account)) {
            record["account"] = profile.record();
        }
        record
    }

    /// Puts the account into the lead that an output shows.
    pub(super) fn add_account(&self, output: &mut Value) {
        let shown = output.get("lead").and_then(|lead| lead.get("id")?.as_str()?.parse().ok());
        if let Some(lead) = shown.and_then(|id| self.known_lead(id)).filter(|lead| lead.account_id.is_some())
        {
            output["lead"] = self.shown(lead);
        }
    }

    /// The account of the lead as rules see it, when they look at accounts at all.
    pub(super) fn account_seen(&self, lead: &Lead) -> Option<Value> {
        let account = lead.account_id.filter(|_| self.rules.look_at_accounts())?;
        self.profile(account).map(|profile| profile.record())
    }
}
