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
