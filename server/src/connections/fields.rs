//! Fields that the customer made in an app, read from it for forms.

use super::{Connections, unusable};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::time::Duration;
use trunkline_connectors::interpreter::{filled, is_true};
use trunkline_engine::expression::{Datum, Scope};
use trunkline_engine::failure::Failure;
use trunkline_store::WorkspaceId;
use utoipa::ToSchema;
use uuid::Uuid;

/// Longest time the app may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Most fields of a form.
const MOST: usize = 5_000;

/// A field of an app.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AppField {
    /// What it is called in requests.
    pub name: String,
    /// What people read.
    pub label: String,
    /// `string`, `number`, `boolean`, `date` or `choice`.
    pub kind: String,
    /// What may be chosen, as records of `value` and `label`.
    pub options: Value,
    /// Whether it may be written.
    pub writable: bool,
}

impl Connections {
    /// The fields that the manifest calls `source`, by their labels; `given` is what the form holds so far.
    ///
    /// # Errors
    /// What the app says against it.
    pub async fn fields(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        source: &str,
        given: &Map<String, Value>,
    ) -> Result<Vec<AppField>, Failure> {
        let opened = self.usable(workspace, id).await?;
        let manifest = std::sync::Arc::clone(&opened.manifest);
        let described = manifest
            .fields
            .get(source)
            .ok_or_else(|| unusable(format!("{} has no fields called {source}", manifest.name)))?;
        let (action, scope) = (&described.action, Scope::of(Datum::new(json!({ "input": given }))));
        let mut input = Map::new();
        for (name, value) in &described.input {
            if let Some(value) = filled(value, &scope)? {
                input.insert(name.clone(), value);
            }
        }
        let output = self.call(workspace, opened, action, input, String::new(), PATIENCE).await?;
        let items = output.pointer(&described.items).and_then(Value::as_array).cloned().unwrap_or_default();
        let mut fields = Vec::new();
        for item in items.into_iter().take(MOST) {
            let scope = Scope::of(Datum::new(json!({ "item": item })));
            let kind = described.kind.text(&scope)?;
            let writable = match &described.writable {
                Some(writable) => is_true(&writable.value(&scope)?),
                None => true,
            };
            fields.push(AppField {
                name: described.name.text(&scope)?,
                label: described.label.text(&scope)?,
                kind: if kind.is_empty() { "string".into() } else { kind },
                options: described.options.value(&scope)?,
                writable,
            });
        }
        fields.sort_by_key(|field| field.label.to_lowercase());
        Ok(fields)
    }
}
