//! What steps and people ask about accounts, as data.

use crate::failures;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_engine::failure::Failure;
use uuid::Uuid;

/// Something to do with an account, or with the account of a lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum AccountOperation {
    /// Look for the account a lead belongs to.
    MatchAccount(MatchAccount),
    /// Say which account a lead belongs to.
    SetAccount(SetAccount),
    /// Say that a lead is not to be matched.
    SetAside(SetAside),
    /// Find an account, or create it.
    KeepAccount(KeepAccount),
    /// Change an account.
    UpdateAccount(UpdateAccount),
}

/// See [`AccountOperation::MatchAccount`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchAccount {
    /// Which lead.
    pub lead_id: Uuid,
    /// Also look again for a lead that has an account. What a person decided stays all the same.
    #[serde(default)]
    pub again: bool,
}

/// See [`AccountOperation::SetAccount`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAccount {
    /// Which lead.
    pub lead_id: Uuid,
    /// Its account; `None` takes it away.
    pub account_id: Option<Uuid>,
    /// Add the domain of the lead's address to the account, when it says something of a company.
    #[serde(default)]
    pub learn_domain: bool,
    /// Add the name of the lead's company to the account's other names.
    #[serde(default)]
    pub learn_name: bool,
}

/// See [`AccountOperation::SetAside`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Which lead.
    pub lead_id: Uuid,
    /// Why, and for how long.
    pub how: Aside,
}

/// How a lead is set aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aside {
    /// Somebody looks at it later.
    Later,
    /// It works for no company.
    NotACompany,
    /// It is to be looked at after all.
    Back,
}

/// See [`AccountOperation::KeepAccount`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeepAccount {
    /// What is known of it, by name of the field. It is recognised by an id in another system, then by a domain, then by
    /// its name.
    pub fields: Map<String, Value>,
    /// Name, e-mail address or id of its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Id, domain or name of the account it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// What to do with an account that is there.
    #[serde(default)]
    pub existing: Existing,
    /// Whether it is created when it is not there.
    #[serde(default)]
    pub creates: bool,
}

/// What to do with an account that is there already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Existing {
    /// Leave it as it is.
    Leave,
    /// Fill what is empty.
    #[default]
    FillEmpty,
    /// Take the newer values.
    NewerWins,
    /// Refuse: there must be none.
    Refuse,
}

/// See [`AccountOperation::UpdateAccount`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpdateAccount {
    /// Id, domain or name of the account.
    pub account: String,
    /// New values by name of the field.
    pub fields: Map<String, Value>,
    /// Name, e-mail address or id of its owner; a blank text takes the owner away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Id, domain or name of the account it is a part of; a blank text takes it out of its hierarchy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Whether blanks take values away, and lists replace lists.
    #[serde(default)]
    pub clears: bool,
}

impl AccountOperation {
    /// Reads what was asked for.
    ///
    /// # Errors
    /// `LEAD-0003` when the action is not known or its input cannot be read.
    pub(crate) fn read(action: &str, input: &Value) -> Result<Self, Failure> {
        fn parse<T: DeserializeOwned>(input: &Value) -> Result<T, Failure> {
            T::deserialize(input).map_err(|error| failures::unreadable(&error.to_string()))
        }
        match action {
            "match_account" => parse(input).map(Self::MatchAccount),
            "set_account" => parse(input).map(Self::SetAccount),
            "set_aside" => parse(input).map(Self::SetAside),
            "keep_account" => parse(input).map(Self::KeepAccount),
            "update_account" => parse(input).map(Self::UpdateAccount),
            other => Err(failures::unreadable(&format!("there is no action called {other}"))),
        }
    }

    /// The lead it changes, if it changes one.
    pub(crate) fn lead(&self) -> Option<Uuid> {
        match self {
            Self::MatchAccount(input) => Some(input.lead_id),
            Self::SetAccount(input) => Some(input.lead_id),
            Self::SetAside(input) => Some(input.lead_id),
            Self::KeepAccount(_) | Self::UpdateAccount(_) => None,
        }
    }

    /// Its name.
    pub(crate) fn action(&self) -> &'static str {
        match self {
            Self::MatchAccount(_) => "match_account",
            Self::SetAccount(_) => "set_account",
            Self::SetAside(_) => "set_aside",
            Self::KeepAccount(_) => "keep_account",
            Self::UpdateAccount(_) => "update_account",
        }
    }

    /// Its input as JSON.
    pub(crate) fn input(&self) -> serde_json::Result<Value> {
        match self {
            Self::MatchAccount(input) => serde_json::to_value(input),
            Self::SetAccount(input) => serde_json::to_value(input),
            Self::SetAside(input) => serde_json::to_value(input),
            Self::KeepAccount(input) => serde_json::to_value(input),
            Self::UpdateAccount(input) => serde_json::to_value(input),
        }
    }
}
