//! The unit of work on suppression: what one transaction knows of addresses and what it adds, for many runs at once. It
//! works as [`Book`](crate::Book) does for leads.

use super::{Address, Entry, MAX_SOURCE, Reason, Refusal, failures, judge};
use crate::book::Occasion;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::HashMap;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{self, Access, Performer, Promise, Recipient};
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

/// Something to do with suppression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum SuppressionOperation {
    /// Note that an address must not be written to.
    Suppress(Suppress),
    /// Say whether an address may be written to.
    CheckSuppression(Check),
}

/// See [`SuppressionOperation::Suppress`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppress {
    /// The e-mail address, number or domain.
    pub address: String,
    /// Why.
    pub reason: Reason,
    /// Where it comes from.
    #[serde(default)]
    pub source: String,
}

/// See [`SuppressionOperation::CheckSuppression`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Who would be written to.
    pub recipient: Recipient,
}

/// What is known of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Which.
    pub address: Address,
    /// The entry about it.
    pub entry: Option<Entry>,
    /// A lead that has the address and has refused consent.
    pub refused_by: Option<Uuid>,
}

impl SuppressionOperation {
    /// Reads what a step asked for.
    ///
    /// # Errors
    /// `SUP-0003` when the action is not known or its input cannot be read.
    pub fn read(action: &str, input: &Value) -> Result<Self, Failure> {
        fn parse<T: DeserializeOwned>(input: &Value) -> Result<T, Failure> {
            T::deserialize(input).map_err(|error| failures::unreadable(&error.to_string()))
        }
        match action {
            "suppress" => parse(input).map(Self::Suppress),
            "check_suppression" => parse(input).map(Self::CheckSuppression),
            other => Err(failures::unreadable(&format!("there is no action called {other}"))),
        }
    }

    /// The effect a step asks the gate for.
    #[must_use]
    pub fn effect(&self) -> kind::Operation {
        let mut input = serde_json::to_value(self).expect("an operation holds nothing that JSON cannot");
        if let Some(fields) = input.as_object_mut() {
            fields.remove("action");
        }
        let (action, access, promise) = match self {
            Self::Suppress(_) => ("suppress", Access::Write, Promise::Once),
            Self::CheckSuppression(_) => ("check_suppression", Access::Read, Promise::None),
        };
        let action = Cow::Borrowed(action);
        kind::Operation { performer: Performer::Suppressions, action, input, access, promise, sends_to: None }
    }

    fn addresses(&self) -> Result<Vec<Address>, Failure> {
        match self {
            Self::Suppress(input) => {
                let address = Address::guess(&input.address);
                let none = || failures::no_address(super::AddressKind::Email, &input.address);
                Ok(vec![address.ok_or_else(none)?])
            }
            Self::CheckSuppression(input) => super::addresses_of(&input.recipient),
        }
    }
}

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Register {
    known: HashMap<Address, Answer>,
    added: Vec<Entry>,
}

impl Register {
    /// The addresses that have to be looked up for `operation`. Empty when it can be performed.
    #[must_use]
    pub fn needs(&self, operation: &SuppressionOperation) -> Vec<Address> {
        // What is no address fails when the operation is performed.
        let mut addresses = operation.addresses().unwrap_or_default();
        addresses.retain(|address| !self.known.contains_key(address));
        addresses
    }

    /// Takes in what was asked for. What is known already stays: it may be newer.
    pub fn supply(&mut self, answers: impl IntoIterator<Item = Answer>) {
        for answer in answers {
            self.known.entry(answer.address.clone()).or_insert(answer);
        }
    }

    /// Performs `operation`, or changes nothing.
    ///
    /// # Errors
    /// A failure with a `SUP-...` code.
    pub fn perform(
        &mut self,
        operation: &SuppressionOperation,
        occasion: &mut Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let addresses = operation.addresses()?;
        if addresses.iter().any(|address| !self.known.contains_key(address)) {
            return Err(failures::not_supplied());
        }
        match operation {
            SuppressionOperation::Suppress(input) => Ok(self.suppress(&addresses[0], input, occasion)),
            SuppressionOperation::CheckSuppression(input) => Ok(match self.refusal(operation)? {
                Some(refusal) => refusal.performed(),
                None => Performed {
                    output: json!({ "allowed": true, "address": input.recipient.address }),
                    why: Some(format!("{} may be written to.", input.recipient.address)),
                    written: Vec::new(),
                },
            }),
        }
    }

    /// Why the message that a check asks about would be held back; nothing when it would not, or when no check asks.
    ///
    /// # Errors
    /// `SUP-0002` when it is no address, `SUP-0004` when something that [`Register::needs`] names was not supplied.
    pub fn refusal(&self, check: &SuppressionOperation) -> Result<Option<Refusal>, Failure> {
        let SuppressionOperation::CheckSuppression(Check { recipient }) = check else { return Ok(None) };
        let addresses = check.addresses()?;
        let known: Option<Vec<Answer>> =
            addresses.iter().map(|address| self.known.get(address).cloned()).collect();
        Ok(judge(recipient, &known.ok_or_else(failures::not_supplied)?))
    }

    /// Hands out the entries that were added or became stronger.
    #[must_use]
    pub fn take_changes(&mut self) -> Vec<Entry> {
        std::mem::take(self).added
    }

    fn suppress(&mut self, address: &Address, input: &Suppress, occasion: &mut Occasion<'_>) -> Performed {
        let known = self.known.get_mut(address).expect("looked up before it is changed");
        let before = known.entry.clone();
        if let Some(entry) = &before
            && entry.reason >= input.reason
        {
            let why = format!("{address} was suppressed already: {}.", entry.reason.label());
            return Performed { output: output(entry, false), why: Some(why), written: Vec::new() };
        }
        let entry = Entry {
            id: before.as_ref().map_or_else(&mut *occasion.new_id, |entry| entry.id),
            address: address.clone(),
            reason: input.reason,
            source: input.source.trim().chars().take(MAX_SOURCE).collect(),
            by: occasion.by.map(|by| by.name.clone()),
            run_id: occasion.run_id,
            at: occasion.at,
        };
        known.entry = Some(entry.clone());
        self.added.retain(|other| other.address != entry.address);
        self.added.push(entry.clone());
        let why = Some(format!("{address} is not written to any more: {}.", entry.reason.label()));
        let written = vec![Change {
            label: format!("Suppression of {address}"),
            old: before.map(|entry| entry.reason.label()).into(),
            new: entry.reason.label().into(),
            // A refusal is not taken back by undoing a run: a person removes the entry.
            target: None,
        }];
        Performed { output: output(&entry, true), why, written }
    }
}

fn output(entry: &Entry, added: bool) -> Value {
    json!({
        "address": entry.address.value, "kind": entry.address.kind, "reason": entry.reason,
        "since": entry.at, "added": added,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;

    fn perform(register: &mut Register, operation: &SuppressionOperation) -> Result<Performed, Failure> {
        let unknown = |address| Answer { address, entry: None, refused_by: None };
        let needs = register.needs(operation);
        register.supply(needs.into_iter().map(unknown));
        let mut new_id = || Uuid::from_u128(5);
        let mut occasion =
            Occasion { at: DateTime::UNIX_EPOCH, run_id: None, step: None, by: None, new_id: &mut new_id };
        register.perform(operation, &mut occasion)
    }

    fn suppress(address: &str, reason: Reason) -> SuppressionOperation {
        SuppressionOperation::Suppress(Suppress { address: address.into(), reason, source: "Form".into() })
    }

    fn check(address: &str) -> SuppressionOperation {
        let recipient = Recipient {
            channel: kind::Channel::Email,
            address: address.into(),
            purpose: kind::Purpose::Marketing,
        };
        SuppressionOperation::CheckSuppression(Check { recipient })
    }

    #[test]
    fn an_opt_out_holds_from_the_next_operation_on_and_only_grows_stronger() {
        let mut register = Register::default();
        assert_eq!(perform(&mut register, &check("ada@x.example")).unwrap().output["allowed"], true);
        let added = perform(&mut register, &suppress("Ada@X.example", Reason::OptedOut)).unwrap();
        assert_eq!((&added.output["added"], added.written.len()), (&json!(true), 1));
        let held = perform(&mut register, &check("ada@x.example")).unwrap();
        assert_eq!(held.output["suppressed"]["reason"], "opted_out");
        let again = perform(&mut register, &suppress("ada@x.example", Reason::OptedOut)).unwrap();
        assert_eq!(again.output["added"], false);
        perform(&mut register, &suppress("ada@x.example", Reason::Complained)).unwrap();
        perform(&mut register, &suppress("ada@x.example", Reason::OptedOut)).unwrap();
        let changes = register.take_changes();
        assert_eq!((changes.len(), changes[0].reason), (1, Reason::Complained));
    }

    #[test]
    fn what_is_asked_for_reads_back_and_wrong_things_are_failures() {
        for operation in [check("a@x.example"), suppress("x.example", Reason::DoNotContact)] {
            let effect = operation.effect();
            assert_eq!(SuppressionOperation::read(&effect.action, &effect.input).unwrap(), operation);
        }
        assert_eq!(SuppressionOperation::read("forget", &json!({})).unwrap_err().code, "SUP-0003");
        let mut register = Register::default();
        assert_eq!(
            perform(&mut register, &suppress("nobody", Reason::OptedOut)).unwrap_err().code,
            "SUP-0002"
        );
        let mut occasion_id = || Uuid::nil();
        let mut occasion = Occasion {
            at: DateTime::UNIX_EPOCH,
            run_id: None,
            step: None,
            by: None,
            new_id: &mut occasion_id,
        };
        let unprepared = register.perform(&check("a@x.example"), &mut occasion);
        assert_eq!(unprepared.unwrap_err().code, "SUP-0004");
    }
}
