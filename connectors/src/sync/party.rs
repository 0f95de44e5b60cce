//! One side of a pair: its app, its connection and its records, and the effects that read and write them.

use super::plan::Now;
use crate::interpreter::filled;
use crate::manifest::Manifest;
use crate::manifest::records::{RecordCall, Records};
use crate::time::moment_of;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use trunkline_engine::expression::{Datum, Scope, into_text};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::CONNECTION;
use trunkline_engine::kind::{Access, Operation, Performer};

/// Which records of which account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PartySettings {
    /// The app, such as hubspot.
    #[schemars(title = "App")]
    pub(super) app: String,
    /// Its kind of records, such as contact.
    #[schemars(title = "Records")]
    pub(super) records: String,
    /// The account.
    #[schemars(title = "Connection")]
    pub(super) connection: String,
    /// The field that a record is known by on both sides; the usual one of the app when empty.
    #[serde(default)]
    #[schemars(title = "Known by")]
    pub(super) known_by: String,
}

/// A side that can be asked.
#[derive(Debug)]
pub(super) struct Party {
    pub(super) manifest: Arc<Manifest>,
    pub(super) settings: PartySettings,
    /// The fields that are kept in step, and the one a record is known by.
    pub(super) fields: Vec<String>,
}

impl Party {
    fn records(&self) -> &Records {
        &self.manifest.records[&self.settings.records]
    }

    /// The field that a record is known by.
    pub(super) fn known_by(&self) -> &str {
        match self.settings.known_by.trim() {
            "" => &self.records().known_by,
            given => given,
        }
    }

    /// The id of `record`.
    pub(super) fn id(&self, record: &Value) -> Result<String, Failure> {
        let scope = Scope::of(Datum::new(json!({ "record": record })));
        Ok(into_text(self.records().id.value(&scope)?))
    }

    /// What `record` holds.
    pub(super) fn now(&self, record: &Value) -> Result<Now, Failure> {
        let scope = Scope::of(Datum::new(json!({ "record": record })));
        let values = match self.records().values.value(&scope)? {
            Value::Object(values) => values,
            _ => return Err(unreadable(&self.manifest.name)),
        };
        Ok(Now { values, changed: moment_of(&self.records().changed.value(&scope)?) })
    }

    /// Reads the record called `id`.
    pub(super) fn read(&self, id: &str, key: &str) -> Result<Operation, Failure> {
        self.operation(&self.records().read, json!({ "id": id, "fields": self.fields }), key)
    }

    /// Looks for the record that has `value` in the field it is known by.
    pub(super) fn find(&self, value: &Value, key: &str) -> Result<Operation, Failure> {
        let seen = json!({ "field": self.known_by(), "value": value, "fields": self.fields });
        self.operation(&self.records().find, seen, key)
    }

    /// Adds a record.
    pub(super) fn create(&self, values: &Map<String, Value>, key: &str) -> Result<Operation, Failure> {
        self.operation(&self.records().create, json!({ "values": values }), key)
    }

    /// Changes the record called `id`.
    pub(super) fn update(
        &self,
        id: &str,
        values: &Map<String, Value>,
        key: &str,
    ) -> Result<Operation, Failure> {
        self.operation(&self.records().update, json!({ "id": id, "values": values }), key)
    }

    /// The record that a call put out; `None` when there is none.
    pub(super) fn record(&self, call: Call, output: &Value) -> Result<Option<Value>, Failure> {
        let records = self.records();
        let call = match call {
            Call::Read => &records.read,
            Call::Find => &records.find,
            Call::Create => &records.create,
            Call::Update => &records.update,
        };
        let record = match &call.record {
            Some(record) => record.value(&Scope::of(Datum::new(json!({ "output": output }))))?,
            None => output.clone(),
        };
        Ok(Some(record).filter(|record| record.is_object()))
    }

    fn operation(&self, call: &RecordCall, seen: Value, key: &str) -> Result<Operation, Failure> {
        let scope = Scope::of(Datum::new(seen));
        let mut input = Map::new();
        for (name, value) in &call.input {
            if let Some(value) = filled(value, &scope)? {
                input.insert(name.clone(), value);
            }
        }
        let action = &self.manifest.actions[&call.action];
        Ok(Operation {
            performer: Performer::App,
            action: self.manifest.kind_of(&call.action).into(),
            input: json!({ CONNECTION: self.settings.connection, "input": input, "key": key }),
            access: if action.only_reads() { Access::Read } else { Access::Write },
            promise: action.promise(),
            sends_to: None,
        })
    }
}

/// What was asked of a side.
#[derive(Debug, Clone, Copy)]
pub(super) enum Call {
    Read,
    Find,
    Create,
    Update,
}

fn unreadable(app: &str) -> Failure {
    Failure::new(
        "CONN-0007",
        FailureKind::Fatal,
        format!("{app} gave a record whose fields cannot be read"),
        "Try the step again; if it stays, the app has changed and its manifest needs a correction.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalog;
    use crate::interpreter::{Call as Asking, Order};

    fn party(manifest: &Arc<Manifest>, records: &str, fields: Vec<String>) -> Party {
        let settings = PartySettings {
            app: manifest.id.clone(),
            records: records.to_owned(),
            ..PartySettings::default()
        };
        Party { manifest: Arc::clone(manifest), settings, fields }
    }

    /// What an example of the action knew of its connection.
    fn settings(manifest: &Manifest, action: &str) -> Map<String, Value> {
        manifest.actions[action].examples[0].settings.clone()
    }

    /// What goes to the app.
    fn asked(party: &Party, operation: &Operation) -> Value {
        let (_, action) = operation.action.split_once('.').unwrap();
        let input = operation.input["input"].as_object().unwrap().clone();
        let order = Order { input, settings: settings(&party.manifest, action), key: "k".into() };
        let call = Asking::new(&party.manifest, action, order);
        let ask = call.and_then(|call| call.ask());
        ask.unwrap_or_else(|failure| panic!("{}: {failure}", operation.action)).shown()
    }

    #[test]
    fn records_of_every_app_are_read_found_added_and_changed() {
        let mut seen = 0;
        for manifest in Catalog::built_in().iter() {
            for (name, records) in &manifest.records {
                let known_by = records.known_by.clone();
                let party = party(manifest, name, vec![known_by.clone()]);
                let who = Value::from("ada@analytical.example");
                let values = Map::from_iter([(known_by.clone(), who.clone())]);
                let calls = [
                    (party.read("id-17", "k"), "id-17"),
                    (party.find(&who, "k"), "ada"),
                    (party.create(&values, "k"), "ada"),
                    (party.update("id-17", &values, "k"), "id-17"),
                ];
                for (call, word) in calls {
                    let operation = call.unwrap();
                    let shown = asked(&party, &operation).to_string();
                    assert!(shown.contains(word), "{} of {}/{name}: {shown}", operation.action, manifest.id);
                }
                seen += 1;
            }
        }
        assert!(seen > 5, "{seen} kinds of records");
    }

    /// What a trigger reports and what an action gives are read in the same way.
    #[test]
    fn a_record_is_known_by_what_its_trigger_reports() {
        for manifest in Catalog::built_in().iter() {
            for (name, records) in &manifest.records {
                let party = party(manifest, name, Vec::new());
                let examples = &manifest.triggers[&records.trigger].examples;
                let reported = examples.iter().find_map(|example| example.starts.as_ref()?.first()).unwrap();
                if name == "contact" && manifest.id != "hubspot" {
                    continue; // The trigger's example is of leads.
                }
                assert!(!party.id(reported).unwrap().is_empty(), "{}/{name}: {reported}", manifest.id);
                assert!(party.now(reported).unwrap().changed.is_some(), "{}/{name}: {reported}", manifest.id);
            }
        }
    }
}
