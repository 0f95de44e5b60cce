//! Plugins at work: the one place where what an administrator approved, the sandbox, and the world outside meet.
//!
//! Nothing runs that was not approved with this very SHA-256. The host is made when the first plugin is called, so a
//! server without plugins pays nothing for them. What a plugin may reach is what was approved, never what it says of
//! itself at the moment.

mod admin;
mod figures;
mod index;
mod reach;
mod release;

pub use admin::{Incoming, Refused};
pub use figures::{Figures, Seen};
pub use index::Place;
pub use release::Release;

use crate::assets::Components;
use crate::connections::Connections;
use crate::kinds::Kinds;
use chrono::{DateTime, Utc};
use parking_lot::RwLock;
use reach::Reach;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OnceCell};
use trunkline_connectors::Client;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::{Access, Operation, StepKind};
use trunkline_engine::run::Performed;
use trunkline_plugins::description::Effect;
use trunkline_plugins::host::{Compiler, Host, Settings, Terms};
use trunkline_plugins::outside::Nothing;
use trunkline_plugins::signature::Trust;
use trunkline_plugins::{Call, Capabilities, Limits, Loaded, code, failures, step};
use trunkline_store::ports::{Keeping, Plugin as Row};
use trunkline_store::{Store, WorkspaceId};
use uuid::Uuid;

/// Most values that a plugin keeps for one workflow.
const MOST_KEPT: u64 = 10_000;
/// Folder of compiled code, below the data folder.
const CODE: &str = "plugin-code";
/// The component that runs the step Code.
const CODE_COMPONENT: &str = "code.wasm";
/// Where the workflow of an operation is named, right before it is performed.
const WORKFLOW: &str = "workflow";

/// See the [module](self).
pub struct Plugins {
    store: Store,
    client: Client,
    connections: Arc<Connections>,
    kinds: Kinds,
    trust: Trust,
    /// Where plugins are offered, if anywhere.
    index: Option<Place>,
    host: Host,
    /// Threads that may wait; guests have others.
    threads: Handle,
    installed: RwLock<HashMap<(WorkspaceId, String), Arc<Installed>>>,
    /// What runs the step Code.
    code: OnceCell<Loaded>,
    /// One change at a time.
    changing: Mutex<()>,
}

impl fmt::Debug for Plugins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plugins").finish_non_exhaustive()
    }
}

/// An installed plugin.
#[derive(Debug)]
pub struct Installed {
    /// Whose it is.
    pub workspace: WorkspaceId,
    /// Its row.
    pub row: Row,
    /// The release that runs.
    pub live: Option<Release>,
    /// The release that waits for an approval.
    pub pending: Option<Release>,
    /// What it may reach.
    pub approved: Capabilities,
    /// How much a call may take.
    pub limits: Limits,
    /// What it did since the server started.
    pub figures: Arc<Figures>,
    loaded: OnceCell<Arc<Loaded>>,
}

/// What plugins work with.
#[derive(Debug)]
pub struct Parts {
    /// Everything durable.
    pub store: Store,
    /// The guarded client.
    pub client: Client,
    /// Accounts in other systems.
    pub connections: Arc<Connections>,
    /// Where their steps are made known.
    pub kinds: Kinds,
    /// Whose signatures count.
    pub trust: Trust,
    /// Where plugins are offered, if anywhere.
    pub index: Option<Place>,
    /// The data folder.
    pub data: PathBuf,
    /// What seals compiled code.
    pub seal: [u8; 32],
}

impl Plugins {
    /// Plugins as they are installed; their steps are known from now on. Must be called on threads that may wait.
    ///
    /// # Errors
    /// The store's.
    pub async fn open(parts: Parts) -> Result<Self, trunkline_store::Error> {
        let Parts { store, client, connections, kinds, trust, index, data, seal } = parts;
        let (cache, compiler) = (Some(data.join(CODE)), Compiler::of_this_program());
        let host = Host::new(Settings { cache, seal, compiler, ..Settings::default() });
        let plugins = Self {
            store,
            client,
            connections,
            kinds,
            trust,
            index,
            host,
            threads: Handle::current(),
            installed: RwLock::default(),
            code: OnceCell::new(),
            changing: Mutex::default(),
        };
        plugins.read_again().await?;
        Ok(plugins)
    }

    /// The guarded client.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// All plugins of `workspace` by name.
    #[must_use]
    pub fn list(&self, workspace: WorkspaceId) -> Vec<Arc<Installed>> {
        let installed = self.installed.read();
        let mut all: Vec<_> =
            installed.values().filter(|one| one.workspace == workspace).map(Arc::clone).collect();
        all.sort_by(|one, other| one.row.name.cmp(&other.row.name));
        all
    }

    /// The kinds in documents of the steps that `workspace` has plugins for.
    #[must_use]
    pub fn kinds(&self, workspace: WorkspaceId) -> HashSet<String> {
        self.list(workspace).iter().flat_map(|one| one.kinds()).collect()
    }

    /// The plugin with this id.
    #[must_use]
    pub fn get(&self, workspace: WorkspaceId, id: Uuid) -> Option<Arc<Installed>> {
        self.list(workspace).into_iter().find(|one| one.row.id == id)
    }

    /// Reads what is installed, and makes their steps known in place of those before.
    async fn read_again(&self) -> Result<(), trunkline_store::Error> {
        let rows = self.store.plugins.all().await?;
        let before = self.installed.read().clone();
        let mut installed = HashMap::with_capacity(rows.len());
        for (workspace, row) in rows {
            let key = (workspace, row.name.clone());
            let one = Installed::of(workspace, row, before.get(&key));
            installed.insert(key, Arc::new(one));
        }
        let kinds = kinds_of(installed.values());
        *self.installed.write() = installed;
        self.kinds.add(kinds);
        Ok(())
    }

    /// Performs what a step asks of a plugin, within `timeout`.
    ///
    /// # Errors
    /// The failure, as data for the step.
    pub async fn perform(
        &self,
        workspace: WorkspaceId,
        operation: &Operation,
        timeout: Duration,
    ) -> Result<Performed, Failure> {
        let text = |name: &str| operation.input[name].as_str().unwrap_or_default();
        let name = text("plugin");
        if name == code::PLUGIN {
            return self.compute(operation, timeout).await;
        }
        let key = (workspace, name.to_owned());
        let installed = self.installed.read().get(&key).cloned();
        let installed = installed.ok_or_else(|| failures::not_ready(name, "is not installed"))?;
        let begun = Instant::now();
        let (result, memory) = self.call(&installed, operation, timeout).await;
        installed.figures.note(begun.elapsed(), memory, result.as_ref().err());
        result
    }

    /// Runs what people wrote into the step Code.
    async fn compute(&self, operation: &Operation, timeout: Duration) -> Result<Performed, Failure> {
        let begun = Instant::now();
        let load = async {
            let file = Components::get(CODE_COMPONENT).ok_or_else(|| {
                failures::not_ready("Code", "is not part of this build; build it with cargo xtask")
            })?;
            self.host.load(&file.data, code::terms()).await
        };
        let loaded = self.code.get_or_try_init(|| load).await?;
        let call = Call {
            step: code::STEP.into(),
            effect: Effect::Pure,
            input: operation.input["input"].clone(),
            workflow: String::new(),
            key: operation.input["key"].as_str().unwrap_or_default().to_owned(),
            now: moment(operation),
        };
        let left = timeout.saturating_sub(begun.elapsed());
        let (answer, _) = self.host.call(loaded, call, Arc::new(Nothing), left).await;
        metrics::histogram!("trunkline_plugin_seconds").record(begun.elapsed());
        Ok(Performed { output: answer?.output, why: None, written: Vec::new() })
    }

    async fn call(
        &self,
        installed: &Installed,
        operation: &Operation,
        timeout: Duration,
    ) -> (Result<Performed, Failure>, usize) {
        let begun = Instant::now();
        let (call, repeatable) = match installed.call(operation) {
            Ok(call) => call,
            Err(failure) => return (Err(failure), 0),
        };
        let loaded = match self.ready(installed).await {
            Ok(loaded) => loaded,
            Err(failure) => return (Err(failure), 0),
        };
        let keeps = call.effect == Effect::Write && installed.approved.state;
        let digest: [u8; 32] = Sha256::digest(&call.key).into();
        if keeps {
            match self.store.plugins.result_of(installed.row.id, digest).await {
                Ok(None) => {}
                Ok(Some(kept)) => return (performed_before(kept), 0),
                Err(error) => return (Err(not_now(&error)), 0),
            }
        }
        // What was changed elsewhere by then cannot be taken back: whether it may be made again decides.
        let unkept = if repeatable { FailureKind::Temporary } else { FailureKind::UnknownOutcome };
        let (workflow, now) = (call.workflow.clone(), call.now);
        let reach = Reach {
            store: self.store.clone(),
            client: self.client.clone(),
            connections: Arc::clone(&self.connections),
            threads: self.threads.clone(),
            workspace: installed.workspace,
            plugin: installed.row.id,
            workflow: workflow.clone(),
            hosts: installed.approved.hosts.clone(),
            apps: installed.approved.connections.clone(),
            deadline: begun + timeout,
            repeatable,
        };
        let left = timeout.saturating_sub(begun.elapsed());
        let (answer, taken) = self.host.call(&loaded, call, Arc::new(reach), left).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return (Err(failure), taken.memory),
        };
        let output = step::journaled(answer.output, answer.port);
        let performed = Performed { output, why: answer.why, written: Vec::new() };
        let result = match keeps && !answer.kept.is_empty() {
            false => Ok(performed),
            true => {
                let values = answer.kept.into_iter().collect();
                let result = serde_json::to_value(&performed).unwrap_or_default();
                let plugin = installed.row.id;
                let keeping = Keeping { plugin, workflow, call: digest, result, values, at: now };
                self.keep(installed, keeping, unkept).await.map(|()| performed)
            }
        };
        (result, taken.memory)
    }

    async fn keep(
        &self,
        installed: &Installed,
        keeping: Keeping,
        unkept: FailureKind,
    ) -> Result<(), Failure> {
        match self.store.plugins.keep(installed.workspace, keeping, MOST_KEPT).await {
            Ok(true) => Ok(()),
            Ok(false) => {
                let what = format!("more than {MOST_KEPT} values for one workflow");
                Err(failures::keeps_too_much(&installed.row.name, &what))
            }
            Err(error) => Err(Failure { kind: unkept, ..not_now(&error) }),
        }
    }

    /// The code of `installed`, loaded by the first who needs it: the very bytes that were approved.
    async fn ready(&self, installed: &Installed) -> Result<Arc<Loaded>, Failure> {
        let load = async {
            let release = installed.live.as_ref();
            let release =
                release.ok_or_else(|| failures::not_ready(&installed.row.name, "waits for an approval"))?;
            let file = self.store.plugins.file(installed.row.id, release.sha256).await;
            let file = file.map_err(|error| not_now(&error))?;
            let file =
                file.ok_or_else(|| failures::not_ready(&installed.row.name, "has no file any more"))?;
            release.check(&file, &self.trust)?;
            let loaded = Arc::new(self.host.load(&file, installed.terms()).await?);
            let says = self.host.describe(&loaded).await?;
            if says != release.description {
                return Err(failures::lying("it says another thing of itself than when it was approved"));
            }
            Ok(loaded)
        };
        installed.loaded.get_or_try_init(|| load).await.map(Arc::clone)
    }
}

impl Installed {
    fn of(workspace: WorkspaceId, row: Row, before: Option<&Arc<Self>>) -> Self {
        let release = |value: &Option<Value>| -> Option<Release> {
            value.clone().and_then(|value| match serde_json::from_value(value) {
                Ok(release) => Some(release),
                Err(error) => {
                    tracing::error!(plugin = row.name, %error, "a release of a plugin cannot be read");
                    None
                }
            })
        };
        let (live, pending) = (release(&row.live), release(&row.pending));
        let approved = serde_json::from_value(row.approved.clone()).unwrap_or_default();
        let limits = serde_json::from_value(row.limits.clone()).unwrap_or_default();
        let mut one = Self {
            workspace,
            row,
            live,
            pending,
            approved,
            limits,
            figures: Arc::default(),
            loaded: OnceCell::new(),
        };
        if let Some(before) = before.filter(|before| before.row.id == one.row.id) {
            one.figures = Arc::clone(&before.figures);
            let is_same =
                before.live == one.live && before.approved == one.approved && before.limits == one.limits;
            if let Some(loaded) = before.loaded.get().filter(|_| is_same) {
                one.loaded = OnceCell::new_with(Some(Arc::clone(loaded)));
            }
        }
        one
    }

    fn terms(&self) -> Terms {
        Terms { name: self.row.name.clone(), capabilities: self.approved.clone(), limits: self.limits }
    }

    /// The call that `operation` asks for, and whether it may be repeated.
    fn call(&self, operation: &Operation) -> Result<(Call, bool), Failure> {
        let name = &self.row.name;
        let not_ready = |why: &str| failures::not_ready(name, why);
        if !self.row.enabled {
            return Err(not_ready("is disabled"));
        }
        let release = self.live.as_ref().ok_or_else(|| not_ready("waits for an approval"))?;
        let text = |field: &str| operation.input[field].as_str().unwrap_or_default().to_owned();
        let asked = text("step");
        let about = release.description.step(&asked);
        let about =
            about.ok_or_else(|| not_ready(&format!("has no step {} any more", failures::said(&asked))))?;
        // What was promised when the workflow was published holds; a step that now does more waits for a new publishing.
        if about.effect == Effect::Write && operation.access == Access::Read {
            return Err(not_ready(
                "was upgraded and its step changes something now; publish the workflow again",
            ));
        }
        let call = Call {
            step: asked,
            effect: about.effect,
            input: operation.input["input"].clone(),
            workflow: text(WORKFLOW),
            key: text("key"),
            now: moment(operation),
        };
        Ok((call, about.effect != Effect::Write || about.repeatable))
    }
}

/// The moment that `operation` carries.
fn moment(operation: &Operation) -> DateTime<Utc> {
    let moment = operation.input["now"].as_i64().and_then(DateTime::<Utc>::from_timestamp_millis);
    moment.unwrap_or(DateTime::UNIX_EPOCH)
}

/// The steps of all plugins. Two workspaces may have a plugin of one name; forms are drawn by the first.
fn kinds_of<'a>(installed: impl Iterator<Item = &'a Arc<Installed>>) -> Vec<StepKind> {
    let mut all: Vec<_> = installed.filter_map(|one| Some((&one.row.name, one.live.as_ref()?))).collect();
    all.sort_by_key(|(name, _)| name.as_str());
    all.dedup_by_key(|(name, _)| name.as_str());
    all.into_iter().flat_map(|(_, release)| step::kinds(&Arc::new(release.description.clone()))).collect()
}

/// `operation` as it leaves: with the workflow it is part of, so that what a plugin keeps is its own.
#[must_use]
pub fn of_workflow(workflow: Uuid, mut operation: Operation) -> Operation {
    if operation.performer == trunkline_engine::kind::Performer::Plugin {
        operation.input[WORKFLOW] = workflow.to_string().into();
    }
    operation
}

/// Whether `operation` only computes, so that it can be done for real in any rehearsal.
#[must_use]
pub fn is_pure(operation: &Operation) -> bool {
    operation.performer == trunkline_engine::kind::Performer::Plugin && operation.input["effect"] == "pure"
}

fn performed_before(kept: Value) -> Result<Performed, Failure> {
    serde_json::from_value(kept)
        .map_err(|error| failures::unusable("", &format!("what it put out before: {error}"), false))
}

/// The store did not answer: nothing was kept.
fn not_now(error: &trunkline_store::Error) -> Failure {
    Failure::new(error.code(), FailureKind::Temporary, error.to_string(), error.action())
}
