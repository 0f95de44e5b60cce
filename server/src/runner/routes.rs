//! Which published workflow listens where. One table, replaced whole when something is published or switched, so that
//! a call never sees half of a change.

use super::versions::{Version, Versions};
use arc_swap::ArcSwap;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use trunkline_engine::document::StepId;
use trunkline_engine::trigger::{AppRule, HostedForm, Method, ScheduleRule, Trigger, Webhook};
use trunkline_store::{Store, WorkspaceId};
use uuid::Uuid;

/// The table. Reading it never waits.
#[derive(Debug, Default)]
pub struct Routes {
    table: ArcSwap<Table>,
    /// Only one rebuild at a time, so that an older state cannot replace a newer one.
    rebuilding: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Table {
    hooks: HashMap<String, Vec<Arc<Bound<Webhook>>>>,
    forms: HashMap<String, Arc<Bound<HostedForm>>>,
    schedules: Vec<Arc<Bound<ScheduleRule>>>,
    apps: Vec<Arc<Bound<AppRule>>>,
    published: HashMap<Uuid, Arc<Version>>,
    active: HashSet<Uuid>,
}

/// A trigger of a published version that is switched on.
#[derive(Debug)]
pub struct Bound<T> {
    /// The version it starts.
    pub version: Arc<Version>,
    /// The trigger step.
    pub step: StepId,
    /// What it listens to.
    pub rule: T,
}

/// An address that two workflows want.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// The address, such as `/hooks/demo-request`.
    pub address: String,
    /// The workflow that has it.
    pub by: String,
}

/// The form in which paths are compared: no slashes around them.
#[must_use]
pub fn plain_path(path: &str) -> &str {
    path.trim().trim_matches('/')
}

impl Routes {
    /// Reads every published workflow and replaces the table.
    ///
    /// # Errors
    /// The store's. Workflows that cannot run with this build are left out and logged.
    pub async fn rebuild(&self, store: &Store, versions: &Versions) -> Result<(), trunkline_store::Error> {
        let _alone = self.rebuilding.lock().await;
        let mut table = Table::default();
        for pinned in store.workflows.live().await? {
            let (active, name) = (pinned.active, pinned.name.clone());
            match versions.compile(pinned).await {
                Ok(version) => table.add(&version, active),
                Err(error) => tracing::error!(%error, workflow = name, "a published workflow cannot run"),
            }
        }
        self.table.store(Arc::new(table));
        Ok(())
    }

    /// The webhook at `path` that takes `method`.
    ///
    /// # Errors
    /// The methods that `path` does take; none when nothing listens there.
    pub fn hook(&self, path: &str, method: Option<Method>) -> Result<Arc<Bound<Webhook>>, Vec<Method>> {
        let table = self.table.load();
        let bound = table.hooks.get(plain_path(path)).map_or(&[][..], Vec::as_slice);
        let fitting = bound.iter().find(|bound| Some(bound.rule.method) == method);
        fitting.cloned().ok_or_else(|| bound.iter().map(|bound| bound.rule.method).collect())
    }

    /// The form at `path`.
    #[must_use]
    pub fn form(&self, path: &str) -> Option<Arc<Bound<HostedForm>>> {
        self.table.load().forms.get(plain_path(path)).cloned()
    }

    /// Every schedule.
    #[must_use]
    pub fn schedules(&self) -> Vec<Arc<Bound<ScheduleRule>>> {
        self.table.load().schedules.clone()
    }

    /// Every trigger of an app.
    #[must_use]
    pub fn apps(&self) -> Vec<Arc<Bound<AppRule>>> {
        self.table.load().apps.clone()
    }

    /// Triggers of a workspace that hear what is sent to a connection.
    #[must_use]
    pub fn listening_at(&self, workspace: WorkspaceId, connection: Uuid) -> Vec<Arc<Bound<AppRule>>> {
        let listens = |bound: &&Arc<Bound<AppRule>>| {
            bound.version.workspace == workspace
                && bound.rule.poll.is_none()
                && bound.rule.connection.parse() == Ok(connection)
        };
        self.table.load().apps.iter().filter(listens).cloned().collect()
    }

    /// The published version of a workflow, switched on or not.
    #[must_use]
    pub fn published(&self, workspace: WorkspaceId, workflow: Uuid) -> Option<Arc<Version>> {
        self.table.load().published.get(&workflow).filter(|version| version.workspace == workspace).cloned()
    }

    /// The versions of a workspace that are switched on and listen to leads.
    #[must_use]
    pub fn listening(&self, workspace: WorkspaceId) -> Vec<Arc<Version>> {
        let table = self.table.load();
        let live = table.published.values().filter(|version| table.active.contains(&version.workflow));
        let of = live.filter(|version| version.workspace == workspace);
        let listens = |version: &&Arc<Version>| {
            version.compiled.triggers().iter().any(|(_, trigger)| matches!(trigger, Trigger::LeadEvent(_)))
        };
        of.filter(listens).cloned().collect()
    }

    /// Whether a workflow is published and switched on.
    #[must_use]
    pub fn is_active(&self, workflow: Uuid) -> bool {
        self.table.load().active.contains(&workflow)
    }

    /// The first address among `triggers` that another workflow than `workflow` has.
    #[must_use]
    pub fn taken(&self, workflow: Uuid, triggers: &[(StepId, Trigger)]) -> Option<Taken> {
        let table = self.table.load();
        triggers.iter().find_map(|(_, trigger)| match trigger {
            Trigger::Webhook(hook) => {
                let path = plain_path(&hook.path);
                let others = table.hooks.get(path)?;
                let other = others
                    .iter()
                    .find(|other| other.version.workflow != workflow && other.rule.method == hook.method)?;
                Some(Taken { address: format!("/hooks/{path}"), by: other.version.name.clone() })
            }
            Trigger::Form(form) => {
                let path = plain_path(&form.path);
                let other = table.forms.get(path).filter(|other| other.version.workflow != workflow)?;
                Some(Taken { address: format!("/forms/{path}"), by: other.version.name.clone() })
            }
            Trigger::Manual | Trigger::Schedule(_) | Trigger::LeadEvent(_) | Trigger::App(_) => None,
        })
    }

    /// Whether this step of this workflow listens now.
    #[must_use]
    pub fn is_live(&self, workflow: Uuid, step: &str, trigger: &Trigger) -> bool {
        let table = self.table.load();
        match trigger {
            Trigger::Webhook(hook) => table.hooks.get(plain_path(&hook.path)).is_some_and(|bound| {
                bound.iter().any(|bound| {
                    bound.version.workflow == workflow
                        && bound.step == step
                        && bound.rule.method == hook.method
                })
            }),
            Trigger::Form(form) => table
                .forms
                .get(plain_path(&form.path))
                .is_some_and(|bound| bound.version.workflow == workflow && bound.step == step),
            Trigger::App(_) => {
                table.apps.iter().any(|bound| bound.version.workflow == workflow && bound.step == step)
            }
            Trigger::Manual | Trigger::Schedule(_) | Trigger::LeadEvent(_) => false,
        }
    }
}

impl Table {
    fn add(&mut self, version: &Arc<Version>, active: bool) {
        self.published.insert(version.workflow, Arc::clone(version));
        if !active {
            return;
        }
        self.active.insert(version.workflow);
        for (step, trigger) in version.compiled.triggers() {
            let version = Arc::clone(version);
            match trigger {
                // The writer listens for leads: it sees them first.
                Trigger::Manual | Trigger::LeadEvent(_) => {}
                Trigger::Webhook(rule) => {
                    let path = plain_path(&rule.path).to_owned();
                    self.hooks.entry(path).or_default().push(Arc::new(Bound { version, step, rule }));
                }
                Trigger::Form(rule) => {
                    let path = plain_path(&rule.path).to_owned();
                    self.forms.insert(path, Arc::new(Bound { version, step, rule }));
                }
                Trigger::App(rule) => self.apps.push(Arc::new(Bound { version, step, rule })),
                Trigger::Schedule(rule) => {
                    self.schedules.push(Arc::new(Bound { version, step, rule }));
                }
            }
        }
    }
}
