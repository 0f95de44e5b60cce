//! An account as rules and expressions see it: its record, with people and other accounts by their names.

use super::Account;
use serde_json::Value;
use std::sync::Arc;

/// An account with the names of what it refers to.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// The account.
    pub account: Arc<Account>,
    /// The name of its owner.
    pub owner: Option<String>,
    /// The name of the account it is a part of.
    pub parent: Option<String>,
}

impl Profile {
    /// What stands under `account` in the record of a lead: everything in [`Account::record`], and
    /// - `named`: whether sales goes after it by name,
    /// - `open_opportunity`: whether a sale is under way,
    /// - `owner` and `parent`: their names, absent when there are none.
    #[must_use]
    pub fn record(&self) -> Value {
        let mut record = self.account.record();
        record["named"] = self.account.is_named.into();
        record["open_opportunity"] = self.account.opportunity.is_some().into();
        for (name, value) in [("owner", &self.owner), ("parent", &self.parent)] {
            if let Some(value) = value {
                record[name] = value.as_str().into();
            }
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Opportunity;
    use chrono::DateTime;
    use serde_json::json;
    use uuid::Uuid;

    #[test]
    fn what_rules_ask_for_is_there_under_plain_names() {
        let mut account = Account::new(Uuid::from_u128(1), "Acme", DateTime::UNIX_EPOCH);
        account.region = Some("EMEA".into());
        let plain = Profile { account: Arc::new(account.clone()), owner: None, parent: None }.record();
        assert_eq!(
            (&plain["named"], &plain["open_opportunity"], plain.get("owner")),
            (&json!(false), &json!(false), None)
        );
        account.opportunity = Some(Opportunity::default());
        let owner = Some("Ana Ruiz".to_owned());
        let full = Profile { account: Arc::new(account), owner, parent: Some("Acme Group".into()) }.record();
        assert_eq!(
            (&full["region"], &full["open_opportunity"], &full["owner"], &full["parent"]),
            (&json!("EMEA"), &json!(true), &json!("Ana Ruiz"), &json!("Acme Group"))
        );
    }
}
