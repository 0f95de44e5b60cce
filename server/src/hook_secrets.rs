//! What the senders of webhooks have to know: taken out of a document when it is saved, sealed, and opened for one call.
//!
//! A document names a secret (`{"kept": "<id>"}`). One that was saved before secrets were taken out holds it still and
//! listens as it did; whoever reads it through the API sees a name in its place (`{"kept": "document"}`), and the secret is
//! taken out when the draft is saved or published.
//!
//! What this must never do: give a secret back, write one into a log or an error, or lose one that a published version
//! names.

use crate::connections::vault::Vault;
use crate::http::documents::{Problem, Severity};
use crate::http::problem::{self, Error};
use chrono::Utc;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use trunkline_engine::document::{Document, StepId};
use trunkline_engine::trigger::Secret;
use trunkline_store::ports::{HookSecret, Workflow};
use trunkline_store::{Store, WorkspaceId};
use uuid::Uuid;

/// Longest secret, in bytes.
const LONGEST: usize = 4 * 1024;
/// Sealed secrets kept in memory; beyond that they are read again.
const MANY: usize = 10_000;
/// The kind of steps that have one.
const WEBHOOK: &str = "webhook";

/// See the [module](self).
pub struct HookSecrets {
    store: Store,
    vault: Arc<Vault>,
    /// As they are stored: what is in memory opens nothing either.
    sealed: Mutex<HashMap<Uuid, Sealed>>,
}

/// Whose secret it is, and the sealed secret.
type Sealed = (WorkspaceId, Arc<[u8]>);

impl std::fmt::Debug for HookSecrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HookSecrets").finish_non_exhaustive()
    }
}

impl HookSecrets {
    /// The secrets in `store`, sealed by `vault`.
    #[must_use]
    pub fn new(store: Store, vault: Arc<Vault>) -> Self {
        Self { store, vault, sealed: Mutex::default() }
    }

    /// Opens the secret that a document calls `name`, for one call.
    ///
    /// # Errors
    /// `HOOK-0007` when it is not here or cannot be opened.
    pub async fn open(&self, workspace: WorkspaceId, name: &str) -> Result<Vec<u8>, Error> {
        let id: Uuid = name.parse().map_err(|_| problem::HOOK_SECRET.plain())?;
        let known = self.sealed.lock().get(&id).cloned();
        let (of, sealed) = match known {
            Some(known) => known,
            None => {
                let found = self.store.hook_secrets.get(workspace, id).await?;
                let found = found.ok_or_else(|| problem::HOOK_SECRET.plain())?;
                let entry = (workspace, Arc::from(found.sealed));
                let mut sealed = self.sealed.lock();
                if sealed.len() >= MANY {
                    sealed.clear();
                }
                sealed.insert(id, entry.clone());
                entry
            }
        };
        if of != workspace {
            return Err(problem::HOOK_SECRET.plain());
        }
        self.unseal(workspace, id, &sealed)
    }

    fn unseal(&self, workspace: WorkspaceId, id: Uuid, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        self.vault.unseal(&about(workspace, id), sealed).map_err(|error| {
            tracing::error!(secret = %id, %error, "the secret of a webhook cannot be opened");
            problem::HOOK_SECRET.plain()
        })
    }

    /// Takes the secrets out of `document`, which becomes the draft of `workflow` or a part of it. `before` is what is
    /// stored of it now: a secret that was shown as a name is found there.
    ///
    /// # Errors
    /// `API-0014` when a secret is too long; the store's.
    pub async fn take_out(
        &self,
        workspace: WorkspaceId,
        workflow: Uuid,
        before: Option<&Workflow>,
        document: &mut Document,
    ) -> Result<(), Error> {
        if secrets_of(document).next().is_none() {
            return Ok(());
        }
        let known = self.store.hook_secrets.of_workflow(workspace, workflow).await?;
        let mut new = Vec::new();
        for (step, secret) in secrets_in(document) {
            let typed = match &*secret {
                Value::String(text) if text.is_empty() => continue,
                Value::String(text) => Some(text.clone().into_bytes()),
                other if other["kept"] == Secret::IN_DOCUMENT => {
                    before.and_then(|before| typed_in(before, step)).map(String::into_bytes)
                }
                other => {
                    let id: Option<Uuid> = other["kept"].as_str().and_then(|id| id.parse().ok());
                    let Some(id) = id else { continue };
                    if known.iter().any(|known| known.id == id) {
                        continue;
                    }
                    // A copy, or what came from another workflow: it gets one of its own.
                    match self.store.hook_secrets.get(workspace, id).await? {
                        Some(other) => Some(self.unseal(workspace, id, &other.sealed)?),
                        None => None,
                    }
                }
            };
            // What nobody knows stays a name; publishing says so.
            let Some(typed) = typed else { continue };
            if typed.len() > LONGEST {
                return Err(problem::INVALID
                    .because(format!("the secret of the webhook {step} is longer than {LONGEST} bytes")));
            }
            let same = |known: &&HookSecret| {
                known.step == *step
                    && self
                        .unseal(workspace, known.id, &known.sealed)
                        .is_ok_and(|plain| crate::auth::secret::equal(&plain, &typed))
            };
            let id = known.iter().find(same).map_or_else(
                || {
                    let id = Uuid::now_v7();
                    new.push(HookSecret {
                        id,
                        workflow,
                        step: step.clone(),
                        sealed: self.vault.seal(&about(workspace, id), &typed),
                        seal_key: self.vault.key_id(),
                        created_at: Utc::now(),
                    });
                    id
                },
                |known| known.id,
            );
            *secret = json!({ "kept": id });
        }
        if !new.is_empty() {
            self.store.hook_secrets.keep(workspace, new).await?;
        }
        Ok(())
    }

    /// Removes the secrets of `workflow` that neither a published version nor `draft`, which is stored now, names: such as
    /// those that were saved while they were being typed.
    ///
    /// # Errors
    /// The store's.
    pub async fn tidy(&self, workspace: WorkspaceId, workflow: Uuid, draft: &Document) -> Result<(), Error> {
        if secrets_of(draft).next().is_none() {
            return Ok(());
        }
        Ok(self.store.hook_secrets.tidy(workspace, workflow, named_in(draft)).await?)
    }

    /// Notes that `document` is about to be published, so that its secrets stay.
    ///
    /// # Errors
    /// The store's.
    pub async fn publish(&self, workspace: WorkspaceId, document: &Document) -> Result<(), Error> {
        let named = named_in(document);
        if !named.is_empty() {
            self.store.hook_secrets.publish(workspace, named).await?;
        }
        Ok(())
    }

    /// Forgets the secrets of a workflow that is gone.
    ///
    /// # Errors
    /// The store's.
    pub async fn forget(&self, workspace: WorkspaceId, workflow: Uuid) -> Result<(), Error> {
        let known = self.store.hook_secrets.of_workflow(workspace, workflow).await?;
        self.store.hook_secrets.forget(workspace, workflow).await?;
        self.sealed.lock().retain(|id, _| known.iter().all(|known| known.id != *id));
        Ok(())
    }

    /// What is wrong with the secrets that `document` names: those that are not here.
    ///
    /// # Errors
    /// The store's.
    pub async fn problems(&self, workspace: WorkspaceId, document: &Document) -> Result<Vec<Problem>, Error> {
        let mut problems = Vec::new();
        for (step, secret) in secrets_of(document) {
            let Some(name) = name_of(secret) else { continue };
            let is_here = match name.parse() {
                Ok(id) => self.store.hook_secrets.get(workspace, id).await?.is_some(),
                Err(_) => false,
            };
            if !is_here {
                problems.push(Problem {
                    code: "DOC-0033".into(),
                    severity: Severity::Error,
                    step: Some(step.clone()),
                    field: Some("/check/secret".into()),
                    message: "the secret of this webhook is not kept on this server".into(),
                    action: "Enter it again; exports carry no secrets.".into(),
                });
            }
        }
        Ok(problems)
    }

    /// Seals every secret with the newest key; answers how many.
    ///
    /// # Errors
    /// The store's; `CONN-0011` when one cannot be opened.
    pub async fn seal_anew(store: &Store, vault: &Vault) -> anyhow::Result<usize> {
        const PIECE: u32 = 100;
        let mut count = 0;
        loop {
            let left = store.hook_secrets.sealed_otherwise(vault.key_id(), PIECE).await?;
            if left.is_empty() {
                return Ok(count);
            }
            for (workspace, row) in left {
                let about = about(workspace, row.id);
                let plain = vault.unseal(&about, &row.sealed)?;
                store.hook_secrets.reseal(row.id, vault.seal(&about, &plain), vault.key_id()).await?;
                count += 1;
            }
        }
    }
}

/// Puts a name in the place of every secret that `document` still holds.
#[must_use]
pub fn without_secrets(mut document: Document) -> Document {
    for (_, secret) in secrets_in(&mut document) {
        if secret.as_str().is_some_and(|text| !text.is_empty()) {
            *secret = json!({ "kept": Secret::IN_DOCUMENT });
        }
    }
    document
}

/// Whether `document` holds a secret.
#[must_use]
pub fn holds_secrets(document: &Document) -> bool {
    secrets_of(document).any(|(_, secret)| secret.as_str().is_some_and(|text| !text.is_empty()))
}

/// What a sealed value is bound to.
fn about(workspace: WorkspaceId, id: Uuid) -> String {
    format!("hook/{}/{id}", workspace.0)
}

fn named_in(document: &Document) -> Vec<Uuid> {
    secrets_of(document).filter_map(|(_, secret)| name_of(secret)?.parse().ok()).collect()
}

fn name_of(secret: &Value) -> Option<&str> {
    secret.get("kept")?.as_str()
}

fn secrets_in(document: &mut Document) -> impl Iterator<Item = (&StepId, &mut Value)> {
    let hooks = document.steps.iter_mut().filter(|(_, step)| step.kind == WEBHOOK);
    hooks.filter_map(|(id, step)| Some((id, step.config.pointer_mut("/check/secret")?)))
}

fn secrets_of(document: &Document) -> impl Iterator<Item = (&StepId, &Value)> {
    let hooks = document.steps.iter().filter(|(_, step)| step.kind == WEBHOOK);
    hooks.filter_map(|(id, step)| Some((id, step.config.pointer("/check/secret")?)))
}

/// The secret that an older document of `workflow` holds for `step`.
fn typed_in(workflow: &Workflow, step: &str) -> Option<String> {
    let published = workflow.published.as_ref().map(|published| &published.document);
    let mut documents = [Some(&workflow.draft), published].into_iter().flatten();
    documents.find_map(|document| {
        let (_, secret) = secrets_of(document).find(|(id, _)| *id == step)?;
        secret.as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_of_an_older_document_names_its_secret() {
        let document: Document = serde_json::from_value(json!({
            "format": 1, "name": "Old", "edges": [], "steps": {
                "hook": { "kind": "webhook", "config": {
                    "path": "old", "check": { "by": "hmac", "header": "X-Sig", "secret": "canary" },
                } },
                "open": { "kind": "webhook", "config": { "path": "open", "check": { "by": "nothing" } } },
                "call": { "kind": "http_request", "config": { "check": { "secret": "not ours" } } },
            },
        }))
        .unwrap();
        assert!(holds_secrets(&document));
        let shown = without_secrets(document);
        assert!(!holds_secrets(&shown));
        assert_eq!(shown.steps["hook"].config["check"]["secret"], json!({ "kept": "document" }));
        assert_eq!(shown.steps["call"].config["check"]["secret"], "not ours");
        assert!(!serde_json::to_string(&shown).unwrap().contains("canary"));
    }
}
