//! What a rule sees of a lead at a moment.

use super::History;
use crate::lead::Lead;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::cell::OnceCell;
use trunkline_engine::expression::Scope;

/// A lead, its account and what it did, as they are at a moment. The form that comparisons read is made when the first
/// of them asks.
#[derive(Debug)]
pub struct Facts<'a> {
    lead: &'a Lead,
    account: Option<&'a Value>,
    history: &'a History,
    at: DateTime<Utc>,
    scope: OnceCell<Scope>,
}

impl<'a> Facts<'a> {
    /// Facts about `lead`.
    #[must_use]
    pub fn new(lead: &'a Lead, history: &'a History, at: DateTime<Utc>) -> Self {
        Self { lead, account: None, history, at, scope: OnceCell::new() }
    }

    /// With the record of its account.
    #[must_use]
    pub fn with_account(mut self, account: Option<&'a Value>) -> Self {
        self.account = account;
        self
    }

    /// The moment.
    #[must_use]
    pub fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// The lead.
    #[must_use]
    pub fn lead(&self) -> &Lead {
        self.lead
    }

    pub(crate) fn history(&self) -> &History {
        self.history
    }

    pub(super) fn scope(&self) -> &Scope {
        self.scope.get_or_init(|| {
            let mut record = self.lead.record();
            if let Some(account) = self.account {
                record["account"] = account.clone();
            }
            Scope::sample(&json!({ "item": record }))
        })
    }
}
