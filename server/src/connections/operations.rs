//! Operations of steps on apps, and what people try by hand.

use super::live::Live;
use super::{Connections, Opened, unusable};
use chrono::Utc;
use serde_json::{Map, Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use trunkline_connectors::credentials::{HIDDEN, Secrets, signed};
use trunkline_connectors::interpreter::look::{Look, Page, Position};
use trunkline_connectors::interpreter::{Call, Fault, Order};
use trunkline_connectors::manifest::{Manifest, TestCall};
use trunkline_connectors::native::Deed;
use trunkline_connectors::perform::{Identity, look, perform};
use trunkline_connectors::step::EDITION;
use trunkline_engine::expression::{Datum, Scope};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::{CONNECTION, Operation};
use trunkline_engine::run::Performed;
use trunkline_engine::trigger::AppRule;
use trunkline_store::WorkspaceId;
use trunkline_store::ports::Connection;
use uuid::Uuid;

/// Calls after which the day's count is stored.
const STORE_EVERY: u64 = 50;
/// Longest time a test of a connection may take.
const TEST_TIME: Duration = Duration::from_secs(30);
/// Share of its time that a step may wait for its turn; the rest is for the app.
pub(super) const WAITING: f64 = 0.8;

/// What a step asks for.
struct Asked<'a> {
    app: &'a str,
    action: &'a str,
    connection: Uuid,
    input: Map<String, Value>,
    key: String,
    /// Only the page at this place, of a list that is read page by page.
    page: Option<String>,
    /// Of an installed app: the edition of its manifest.
    edition: Option<i64>,
}

/// What is done with a connection.
enum Work {
    /// An action of the app, as its manifest says.
    Action(Box<Call>),
    /// An action that code of this build does.
    Deed(Box<Deed>),
    /// A page of what a trigger looks at.
    Look(Box<Look>),
}

impl Work {
    /// `action` of an app; of a list that is read page by page, the page at `page`.
    fn asked(
        manifest: &Arc<Manifest>,
        action: &str,
        order: Order,
        page: Option<&str>,
    ) -> Result<Self, Failure> {
        if manifest.protocol.is_native() {
            return Ok(Self::Deed(Box::new(Deed::new(manifest, action, order)?)));
        }
        let call = Call::new(manifest, action, order)?;
        Ok(Self::Action(Box::new(match page {
            Some(place) => call.one_page(Some(place).filter(|place| !place.is_empty())),
            None => call,
        })))
    }

    /// `failure` as it is for the whole of the work.
    fn weighed(&self, failure: Failure) -> Failure {
        match self {
            Self::Action(call) => call.weighed(failure),
            Self::Deed(_) | Self::Look(_) => failure,
        }
    }

    /// What is known of the connection now: a new token may have brought other settings.
    fn settle(&mut self, settings: &Map<String, Value>) {
        match self {
            Self::Action(call) => call.settle(settings),
            // Its secrets are entered, and nothing is learned with them.
            Self::Deed(_) => {}
            Self::Look(look) => look.settle(settings),
        }
    }
}

/// What came of it.
enum Came {
    Output(Value),
    Page(Box<Page>),
}

fn asked(operation: &Operation) -> Result<Asked<'_>, Failure> {
    let (app, action) =
        operation.action.split_once('.').ok_or_else(|| unusable("the step names no app".into()))?;
    let connection = operation.input.get(CONNECTION).and_then(Value::as_str).and_then(|id| id.parse().ok());
    let input = operation.input.get("input").and_then(Value::as_object).cloned().unwrap_or_default();
    let key = operation.input.get("key").and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Asked {
        app,
        action,
        connection: connection.ok_or_else(|| unusable("the step names no connection".into()))?,
        input,
        key,
        page: operation.input.get("page").and_then(Value::as_str).map(str::to_owned),
        edition: operation.input.get(EDITION).and_then(Value::as_i64),
    })
}

/// A step may name any connection; only one to its own app serves it.
fn is_to(opened: &Opened, app: &str) -> Result<(), Failure> {
    if opened.row.app == app {
        return Ok(());
    }
    Err(unusable(format!("\"{}\" is no connection to this app", opened.row.name)))
}

impl Connections {
    /// Performs what a step asks of an app, within `timeout`.
    ///
    /// # Errors
    /// The failure, as data for the step.
    pub async fn perform(
        &self,
        workspace: WorkspaceId,
        operation: &Operation,
        timeout: Duration,
    ) -> Result<Performed, Failure> {
        let asked = asked(operation)?;
        let manifest = self.apps.for_call(workspace, asked.app, asked.edition).await?;
        let opened = self.usable(workspace, asked.connection).await?;
        is_to(&opened, asked.app)?;
        let opened = Opened { manifest, ..opened };
        let name = opened.manifest.name.clone();
        let order = Order { input: asked.input, settings: opened.settings.clone(), key: asked.key };
        if let Some(outcome) = self.gathered(workspace, &opened, asked.action, &order, timeout).await {
            let why = Some(format!("{name} answered, asked together with others."));
            return Ok(Performed { output: outcome?, why, written: Vec::new() });
        }
        let work = Work::asked(&opened.manifest, asked.action, order, asked.page.as_deref())?;
        let Came::Output(output) = self.done(workspace, opened, work, timeout).await? else {
            unreachable!("an action puts out no page of a look")
        };
        Ok(Performed { output, why: Some(format!("{name} answered.")), written: Vec::new() })
    }

    /// Performs `action` with a token that is renewed once if the app does not take it.
    pub(super) async fn call(
        &self,
        workspace: WorkspaceId,
        opened: Opened,
        action: &str,
        input: Map<String, Value>,
        key: String,
        timeout: Duration,
    ) -> Result<Value, Failure> {
        let order = Order { input, settings: opened.settings.clone(), key };
        let work = Work::asked(&opened.manifest, action, order, None)?;
        match self.done(workspace, opened, work, timeout).await? {
            Came::Output(output) => Ok(output),
            Came::Page(_) => unreachable!("an action puts out no page of a look"),
        }
    }

    /// Asks for the next page of what a trigger looks at.
    ///
    /// # Errors
    /// What the app says against it.
    pub async fn look(
        &self,
        workspace: WorkspaceId,
        rule: &AppRule,
        position: Position,
        timeout: Duration,
    ) -> Result<Page, Failure> {
        let id = rule.connection.parse().map_err(|_| unusable("the trigger names no connection".into()))?;
        let opened = self.usable(workspace, id).await?;
        is_to(&opened, &rule.app)?;
        let order =
            Order { input: rule.input.clone(), settings: opened.settings.clone(), key: String::new() };
        let work = Work::Look(Box::new(Look::new(&opened.manifest, &rule.trigger, order, position)?));
        match self.done(workspace, opened, work, timeout).await? {
            Came::Page(page) => Ok(*page),
            Came::Output(_) => unreachable!("a look brings a page"),
        }
    }

    /// Does `work` with a token that is renewed once if the app does not take it.
    async fn done(
        &self,
        workspace: WorkspaceId,
        opened: Opened,
        mut work: Work,
        timeout: Duration,
    ) -> Result<Came, Failure> {
        let begun = Instant::now();
        let fault = match self.attempt(&opened, &mut work, timeout).await {
            Ok(output) => {
                self.note_trouble(workspace, &opened.row, None).await;
                return Ok(output);
            }
            Err(fault) => fault,
        };
        let may_be_old = fault.is_token || fault.failure.kind == FailureKind::Auth;
        if !may_be_old || opened.auth()?.grant.token().is_none() || !opened.row.renews {
            if fault.failure.kind == FailureKind::Auth {
                self.note_trouble(workspace, &opened.row, Some(&fault.failure)).await;
            }
            return Err(fault.failure);
        }
        // The app refused the request, so it did nothing: it may be sent again with another token. What was answered
        // before it stays answered.
        let opened = self.renewed(workspace, opened).await.map_err(|failure| work.weighed(failure))?;
        work.settle(&opened.settings);
        let left = timeout.saturating_sub(begun.elapsed());
        let outcome = self.attempt(&opened, &mut work, left).await.map_err(|fault| fault.failure);
        match &outcome {
            Err(failure) if failure.kind == FailureKind::Auth => {
                self.note_trouble(workspace, &opened.row, Some(failure)).await;
            }
            Ok(_) => self.note_trouble(workspace, &opened.row, None).await,
            Err(_) => {}
        }
        outcome
    }

    async fn attempt(&self, opened: &Opened, work: &mut Work, timeout: Duration) -> Result<Came, Fault> {
        let live = self.live(&opened.row, &opened.manifest);
        let begun = Instant::now();
        let deadline = begun + timeout.mul_f64(WAITING);
        let _place = live.place(deadline).await.map_err(|failure| work.weighed(failure))?;
        let identity =
            Identity { auth: opened.auth()?, settings: &opened.settings, secrets: &opened.secrets };
        let left = timeout.saturating_sub(begun.elapsed());
        let outcome = match work {
            Work::Action(call) => {
                perform(&self.client, &identity, call, left, || live.admit(deadline)).await.map(Came::Output)
            }
            Work::Deed(deed) => {
                live.admit(deadline).await?;
                deed.perform(&self.client, &identity, left).await.map(Came::Output).map_err(Fault::from)
            }
            Work::Look(page) => {
                live.admit(deadline).await?;
                look(&self.client, &identity, page, left).await.map(|page| Came::Page(Box::new(page)))
            }
        };
        self.called(opened, &live, outcome.as_ref().err().map(|fault| &fault.failure)).await;
        outcome
    }

    /// Notes what a call says about those that come after it.
    pub(super) async fn called(&self, opened: &Opened, live: &Live, failure: Option<&Failure>) {
        if let Some(failure) = failure
            && failure.kind == FailureKind::RateLimited
            && let Some(until) = failure.retry_at
        {
            // The app said so to one step; every other would hear the same.
            live.rest(until);
        }
        if live.forecast(Utc::now()).is_some()
            && let Some((day, calls)) = live.to_store(STORE_EVERY)
            && let Err(error) = self.store.connections.count_calls(opened.row.id, day, calls).await
        {
            tracing::warn!(connection = %opened.row.id, %error, "the calls of the day were not noted");
        }
    }

    /// What would be sent first, without sending it; what proves who we are is hidden.
    ///
    /// # Errors
    /// As [`Connections::perform`].
    pub async fn preview(&self, workspace: WorkspaceId, operation: &Operation) -> Result<Value, Failure> {
        let asked = asked(operation)?;
        let manifest = self.apps.for_call(workspace, asked.app, asked.edition).await?;
        let opened = self.find(workspace, asked.connection).await?;
        is_to(&opened, asked.app)?;
        let opened = Opened { manifest, ..opened };
        let order = Order { input: asked.input, settings: opened.settings.clone(), key: asked.key };
        let ask = match Work::asked(&opened.manifest, asked.action, order, None)? {
            Work::Action(call) => call.foretold()?,
            Work::Deed(deed) => {
                let (verb, what) = deed.in_words();
                return Ok(opened.secrets.hidden_within(json!({ "method": verb, "url": what })));
            }
            Work::Look(_) => unreachable!("an action is no look"),
        };
        let mut shown = ask.shown();
        // Sends nothing; refuses what would be refused.
        signed(&opened.manifest, opened.auth()?, &opened.settings, &opened.secrets, ask)?;
        shown["headers"] = json!({ "Authorization": HIDDEN });
        Ok(opened.secrets.hidden_within(shown))
    }

    /// What a connection proves itself with, lent to `manifest` for a trial: only if it goes nowhere it does not go already.
    ///
    /// # Errors
    /// When it is of another app, or would go to another host.
    pub async fn lent(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        manifest: &Manifest,
    ) -> Result<(String, Map<String, Value>, Secrets), Failure> {
        let opened = self.usable(workspace, id).await?;
        is_to(&opened, &manifest.id)?;
        let known = opened.manifest.hosts_of(&opened.settings);
        let asked = manifest.hosts_of(&opened.settings);
        if let Some(host) = asked.iter().find(|host| !known.contains(host)) {
            return Err(Failure::new(
                "CONN-0048",
                FailureKind::BadInput,
                format!("the credentials of \"{}\" do not go to {host}", opened.row.name),
                "Nothing was sent. Install the change with its new host first, or type credentials in for the trial.",
            ));
        }
        Ok((opened.row.auth, opened.settings, opened.secrets))
    }

    /// Tries a connection out and stores what came of it.
    ///
    /// # Errors
    /// What the app says against it; it is stored, too.
    pub async fn test(&self, workspace: WorkspaceId, id: Uuid) -> Result<(), Failure> {
        let opened = self.usable(workspace, id).await?;
        let manifest = std::sync::Arc::clone(&opened.manifest);
        let Some(test) = &manifest.test else { return Err(untestable(&manifest.name)) };
        let outcome = if test.action.is_empty() {
            let address =
                test.address.text(&Scope::of(Datum::new(json!({ "settings": opened.settings }))))?;
            self.read_address(workspace, opened, address.trim(), TEST_TIME).await
        } else {
            self.call(workspace, opened, &test.action, test.input.clone(), "test".into(), TEST_TIME).await
        };
        if let Err(failure) = &outcome
            && failure.kind != FailureKind::Auth
        {
            let row = self.find(workspace, id).await?.row;
            self.note_trouble(workspace, &row, Some(failure)).await;
        }
        let output = outcome?;
        let row = self.find(workspace, id).await?.row;
        let account = account(test, &output)?.or_else(|| row.account.clone());
        let now = Utc::now();
        let tested = Connection { account, tested_at: Some(now), updated_at: now, trouble: None, ..row };
        let changed = self.store.connections.change(workspace, tested.revision, tested.clone()).await;
        changed.map_err(|error| super::not_now(&error))
    }
}

/// The app has no read that needs nothing.
fn untestable(app: &str) -> Failure {
    Failure::new(
        "CONN-0040",
        FailureKind::BadInput,
        format!("{app} has no action that could show whether a connection works"),
        "Try a step with it instead; the connection is used as it is.",
    )
}

/// What the connected account is called, as the manifest finds it in what its test put out.
fn account(test: &TestCall, output: &Value) -> Result<Option<String>, Failure> {
    let scope = Scope::of(Datum::new(json!({ "answer": { "body": output } })));
    let account = test.account.text(&scope)?;
    let account = account.trim().chars().take(200).collect::<String>();
    Ok(Some(account).filter(|account| !account.is_empty()))
}
