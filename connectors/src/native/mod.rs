//! Apps that are not called over HTTP: mail, databases, object storage and files over SSH.
//!
//! Their manifests say what people see, what is asked, what a write promises and how hard they may be called; what is
//! done stands here. A [`Deed`] is composed without a connection, so that a dry run can show it, and then performed
//! under the same policy as every call: a private address that nobody allowed is not dialled, credentials go only to the
//! server that the connection itself names, and nothing is read or waited for without a bound.

mod file;
mod mysql;
mod postgres;
mod s3;
mod settings;
mod sftp;
mod smtp;
mod sql;
mod trouble;

use crate::client::Client;
use crate::interpreter::{Order, failures, input};
use crate::manifest::{Manifest, Protocol};
use crate::perform::Identity;
use chrono::Utc;
use serde_json::{Map, Value};
use settings::Place;
use std::time::Duration;
use trouble::Trouble;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::Promise;

/// Whether `protocol` has an action called `name`.
#[must_use]
pub fn knows(protocol: Protocol, name: &str) -> bool {
    let known: &[&str] = match protocol {
        Protocol::Http => &[],
        Protocol::Smtp => &smtp::ACTIONS,
        Protocol::Postgres | Protocol::Mysql => &sql::ACTIONS,
        Protocol::S3 => &s3::ACTIONS,
        Protocol::Sftp => &sftp::ACTIONS,
    };
    known.contains(&name)
}

/// Something to be done, composed and checked, with nothing sent yet.
#[derive(Debug)]
pub struct Deed {
    app: String,
    is_repeatable: bool,
    is_read: bool,
    what: What,
}

#[derive(Debug)]
enum What {
    Mail(smtp::Deed),
    Sql(sql::Deed, Protocol),
    Storage(s3::Deed),
    Files(sftp::Deed),
}

impl Deed {
    /// `action` of `manifest` with what `order` gives.
    ///
    /// # Errors
    /// `CONN-0002` when an input is missing or cannot be used, `CONN-0003` when there is no such action.
    pub fn new(manifest: &Manifest, action: &str, order: Order) -> Result<Self, Failure> {
        let unknown = || failures::unknown_action(&manifest.name, action);
        let described = manifest.actions.get(action).ok_or_else(unknown)?;
        let given = input::settle(&described.input, order.input)?;
        let what = match manifest.protocol {
            Protocol::Http => return Err(unknown()),
            Protocol::Smtp => What::Mail(smtp::Deed::new(action, &given, &order.settings, &order.key)?),
            Protocol::Postgres | Protocol::Mysql => {
                What::Sql(sql::Deed::new(action, &given)?, manifest.protocol)
            }
            Protocol::S3 => What::Storage(s3::Deed::new(action, &given)?),
            Protocol::Sftp => What::Files(sftp::Deed::new(action, &given)?),
        };
        Ok(Self {
            app: manifest.name.clone(),
            is_repeatable: !matches!(described.promise(), Promise::Checked | Promise::Uncertain),
            is_read: described.only_reads(),
            what,
        })
    }

    /// What it does and to what, in two words for a dry run.
    #[must_use]
    pub fn in_words(&self) -> (String, String) {
        match &self.what {
            What::Mail(deed) => deed.in_words(),
            What::Sql(deed, _) => deed.in_words(),
            What::Storage(deed) => deed.in_words(),
            What::Files(deed) => deed.in_words(),
        }
    }

    /// Does it within `timeout`.
    ///
    /// # Errors
    /// What the other side says against it, that it cannot be reached, or that nobody knows what came of it. No text
    /// holds a secret, whatever the other side repeats.
    pub async fn perform(
        &self,
        client: &Client,
        identity: &Identity<'_>,
        timeout: Duration,
    ) -> Result<Value, Failure> {
        let timeout = timeout.min(client.policy().max_timeout);
        let place = Place { client, settings: identity.settings, secrets: identity.secrets, timeout };
        let done = async {
            if !self.is_read && place.is_read_only() {
                return Err(Trouble::Unwanted("the connection is one that only reads".into()));
            }
            match &self.what {
                What::Mail(deed) => deed.perform(&place).await,
                What::Sql(deed, Protocol::Postgres) => postgres::perform(deed, &place).await,
                What::Sql(deed, _) => mysql::perform(deed, &place).await,
                What::Storage(deed) => deed.perform(&place).await,
                What::Files(deed) => deed.perform(&place).await,
            }
        };
        let done = tokio::time::timeout(timeout, done).await.unwrap_or(Err(Trouble::late(timeout)));
        match done {
            Ok(output) => Ok(identity.secrets.hidden_within(output)),
            Err(trouble) => {
                let mut failure = trouble.into_failure(&self.app, self.is_repeatable, Utc::now());
                failure.message = identity.secrets.hidden_in(&failure.message);
                Err(failure)
            }
        }
    }
}

/// What a step gives, by input.
type Given = Map<String, Value>;

/// The text of an input; empty when nothing was given.
fn text<'a>(given: &'a Given, name: &str) -> &'a str {
    given.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// A whole number within bounds.
fn number(given: &Given, name: &str, title: &str, usual: u64, most: u64) -> Result<u64, Failure> {
    let Some(value) = given.get(name) else { return Ok(usual) };
    let wrong = || failures::wrong_type(title, &format!("a number from 1 to {most}"));
    value.as_u64().filter(|number| (1..=most).contains(number)).ok_or_else(wrong)
}
