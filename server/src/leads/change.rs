//! What can be done with many leads at once.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use trunkline_leads::field::{self, Field};
use trunkline_leads::operation::{AddToList, Assess, Edit, RemoveFromList, Route, SetStage};
use trunkline_leads::own_field::OwnFields;
use trunkline_leads::{Operation, stage};
use trunkline_store::{Error, Store, WorkspaceId};
use utoipa::ToSchema;
use uuid::Uuid;

/// A change of many leads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum LeadChange {
    /// Set a field, core or own; `null` empties it.
    SetField {
        /// Technical name.
        field: String,
        /// The value.
        #[schema(value_type = Object)]
        value: Value,
    },
    /// Move them to a stage, forward or back.
    SetStage {
        /// Which.
        stage: String,
    },
    /// Give them to an owner.
    Assign {
        /// Name, e-mail address or id; empty text for nobody.
        owner: String,
    },
    /// Give each to whose turn it is in a pool.
    Route {
        /// Name or id of the pool.
        pool: String,
    },
    /// Put them on a list; a new name makes a new list.
    AddToList {
        /// Name or id.
        list: String,
    },
    /// Take them off a list.
    RemoveFromList {
        /// Name or id.
        list: String,
    },
    /// Bring score, stage and segments to where the rules in force put them.
    Rescore,
    /// Start a workflow for each of them.
    StartWorkflow {
        /// Which.
        workflow: Uuid,
    },
    /// Erase them with all that is known of them. Only for administrators.
    Delete,
}

/// Why a change cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum UnusableChange {
    /// In words.
    #[error("{0}")]
    Unfit(String),
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] Error),
}

impl LeadChange {
    /// What is asked of one lead; nothing when a change is no operation.
    #[must_use]
    pub fn operation(&self, lead_id: Uuid) -> Option<Operation> {
        let edit = |fields: Map<String, Value>, owner: Option<String>| {
            Operation::Edit(Edit { lead_id, fields, owner, why: None })
        };
        Some(match self {
            Self::SetField { field, value } => edit(Map::from_iter([(field.clone(), value.clone())]), None),
            Self::Assign { owner } => edit(Map::new(), Some(owner.clone())),
            Self::SetStage { stage } => Operation::SetStage(SetStage {
                lead_id,
                stage: stage.clone(),
                allow_backwards: true,
                reason: "Changed together with many others.".into(),
            }),
            Self::Route { pool } => Operation::Route(Route::by_pool(lead_id, pool)),
            Self::AddToList { list } => Operation::AddToList(AddToList { lead_id, list: list.clone() }),
            Self::RemoveFromList { list } => {
                Operation::RemoveFromList(RemoveFromList { lead_id, list: list.clone() })
            }
            Self::Rescore => Operation::Assess(Assess { lead_id }),
            Self::StartWorkflow { .. } | Self::Delete => return None,
        })
    }

    /// What it does, in words: `Stage becomes MQL`.
    #[must_use]
    pub fn in_words(&self, own: &OwnFields) -> String {
        match self {
            Self::SetField { field, value } => {
                let label: &str = match Field::find(field) {
                    Some(core) => core.label(),
                    None => own.label(field),
                };
                match crate::sheets::text(value) {
                    text if text.is_empty() => format!("{label} is emptied"),
                    text => format!("{label} becomes {text}"),
                }
            }
            Self::SetStage { stage } => format!("Stage becomes {stage}"),
            Self::Assign { owner } if owner.trim().is_empty() => "Taken from their owners".into(),
            Self::Assign { .. } => "Given to an owner".into(),
            Self::Route { .. } => "Dealt out by a pool".into(),
            Self::AddToList { .. } => "Put on a list".into(),
            Self::RemoveFromList { .. } => "Taken off a list".into(),
            Self::Rescore => "Scored again".into(),
            Self::StartWorkflow { .. } => "A workflow started for each".into(),
            Self::Delete => "Erased".into(),
        }
    }

    /// Whether it can be done at all, before the first lead is touched.
    ///
    /// # Errors
    /// What is wrong with it.
    pub async fn check(
        &self,
        store: &Store,
        workspace: WorkspaceId,
        own: &OwnFields,
    ) -> Result<(), UnusableChange> {
        let unfit = |why: String| Err(UnusableChange::Unfit(why));
        match self {
            Self::SetField { field, value } => match Field::find(field) {
                Some(core) if core.key_kind().is_some() => unfit(format!(
                    "{} tells leads apart, so it cannot be the same for many of them",
                    core.label()
                )),
                None if field::is_reserved(field) || field.trim().is_empty() => {
                    unfit(format!("\"{field}\" is no field that can be set"))
                }
                Some(_) => Ok(()),
                None => own.check(field, value).or_else(|failure| unfit(failure.message)),
            },
            Self::SetStage { stage } => {
                let known = store.leads.stages(workspace).await?;
                match stage::find(&known, stage) {
                    Some(_) => Ok(()),
                    None => unfit(format!("there is no stage called {stage}")),
                }
            }
            Self::Assign { owner } => {
                let owner = owner.trim();
                let owners = store.leads.owners(workspace).await?;
                let is_it = |known: &trunkline_leads::Owner| {
                    known.name == owner
                        || known.email.eq_ignore_ascii_case(owner)
                        || known.id.to_string() == owner
                };
                match owner.is_empty() || owners.iter().any(is_it) {
                    true => Ok(()),
                    false => unfit(format!("there is no owner called {owner}")),
                }
            }
            Self::Route { pool } => {
                let pools = store.leads.pools(workspace).await?;
                match pools.iter().any(|known| known.name == *pool || known.id.to_string() == *pool) {
                    true => Ok(()),
                    false => unfit(format!("there is no pool called {pool}")),
                }
            }
            Self::AddToList { list } | Self::RemoveFromList { list } if list.trim().is_empty() => {
                unfit("a list needs a name".into())
            }
            Self::StartWorkflow { workflow } => {
                let workflow = store.workflows.get(workspace, *workflow).await?;
                match workflow {
                    Some(workflow) if workflow.published.is_some() && workflow.active => Ok(()),
                    Some(workflow) => {
                        unfit(format!("{} is not published, or is switched off", workflow.name))
                    }
                    None => unfit("there is no such workflow".into()),
                }
            }
            Self::AddToList { .. } | Self::RemoveFromList { .. } | Self::Rescore | Self::Delete => Ok(()),
        }
    }
}
