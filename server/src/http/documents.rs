//! The workflow document in the API: its schema is the engine's own, so that the two cannot drift apart.

use crate::apps::Apps;
use serde::Serialize;
use serde_json::{Value, json};
use trunkline_engine::compile;
use trunkline_engine::document::{self, Document, Step, Steps};
use trunkline_engine::kind::{Category, Descriptor, Registry};
use trunkline_store::WorkspaceId;
use utoipa::ToSchema;
use utoipa::openapi::{Ref, RefOr, Schema};

/// Something wrong with a document, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Stable code.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// The step, if it is one step's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// JSON Pointer into the step's settings, if it is one field's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub action: String,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ProblemSeverity)]
pub enum Severity {
    /// The workflow cannot be published.
    Error,
    /// It can, but probably does not do what was meant.
    Warning,
}

impl From<compile::Problem> for Problem {
    fn from(problem: compile::Problem) -> Self {
        let severity = match problem.severity {
            compile::Severity::Error => Severity::Error,
            compile::Severity::Warning => Severity::Warning,
        };
        let compile::Problem { code, step, field, message, action, .. } = problem;
        Self { code, severity, step, field, message, action }
    }
}

/// Everything wrong with `document` of a workspace.
#[must_use]
pub fn problems(apps: &Apps, workspace: WorkspaceId, document: &Document) -> Vec<Problem> {
    let found = compile::check(document, &apps.registry(workspace));
    let mut problems: Vec<Problem> = found.into_iter().map(Problem::from).collect();
    switched_off(apps, workspace, &document.steps, &mut problems);
    problems
}

/// Steps of connectors that an administrator switched off.
fn switched_off(apps: &Apps, workspace: WorkspaceId, steps: &Steps, into: &mut Vec<Problem>) {
    for (id, step) in steps {
        if let Some(name) = apps.switched_off(workspace, &step.kind) {
            into.push(Problem {
                code: "CONN-0045".into(),
                severity: Severity::Error,
                step: Some(id.clone()),
                field: None,
                message: format!("the connector {name} is switched off"),
                action:
                    "Take another step, or let an administrator switch it on under Settings > Connectors."
                        .into(),
            });
        }
        step.body.iter().for_each(|body| switched_off(apps, workspace, &body.steps, into));
    }
}

/// Whether any of `problems` forbids publishing.
#[must_use]
pub fn has_errors(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}

/// The step called `id`, in the root or in a loop.
#[must_use]
pub fn find_step<'a>(steps: &'a Steps, id: &str) -> Option<&'a Step> {
    steps.get(id).or_else(|| {
        steps.values().filter_map(|step| step.body.as_ref()).find_map(|body| find_step(&body.steps, id))
    })
}

/// The root steps of `document` that are triggers: id, step.
pub fn triggers<'a>(
    document: &'a Document,
    registry: &'a Registry,
) -> impl Iterator<Item = (&'a String, &'a Step)> {
    document.steps.iter().filter(|(_, step)| is_trigger(registry, &step.kind))
}

/// Whether `kind` starts runs.
#[must_use]
pub fn is_trigger(registry: &Registry, kind: &str) -> bool {
    registry.get(kind).is_some_and(|kind| kind.descriptor.category == Category::Trigger)
}

/// A document's place in the API schema.
pub fn document_schema() -> RefOr<Schema> {
    Ref::from_schema_name("Document").into()
}

/// A document or nothing.
pub fn optional_document_schema() -> RefOr<Schema> {
    use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
    let nothing = ObjectBuilder::new().schema_type(Type::Null);
    Schema::OneOf(OneOfBuilder::new().item(document_schema()).item(nothing).build()).into()
}

/// A list of step kinds.
pub fn step_kinds_schema() -> RefOr<Schema> {
    let kind: RefOr<Schema> = Ref::from_schema_name("StepKind").into();
    utoipa::openapi::schema::ArrayBuilder::new().items(kind).build().into()
}

/// The engine's schemas under the names the API uses, ready for `components/schemas`.
#[must_use]
pub fn engine_schemas() -> serde_json::Map<String, Value> {
    let mut schemas = serde_json::Map::new();
    add(&mut schemas, "Document", document::json_schema());
    add(&mut schemas, "StepKind", schemars::schema_for!(Descriptor).to_value());
    schemas
}

fn add(schemas: &mut serde_json::Map<String, Value>, name: &str, mut schema: Value) {
    let definitions = schema.as_object_mut().and_then(|schema| {
        schema.remove("$schema");
        schema.remove("$defs")
    });
    if let Some(Value::Object(definitions)) = definitions {
        schemas.extend(definitions);
    }
    schemas.insert(name.to_owned(), schema);
    for schema in schemas.values_mut() {
        point_into_components(schema);
    }
}

fn point_into_components(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get_mut("$ref")
                && let Some(name) = reference.strip_prefix("#/$defs/")
            {
                *reference = format!("#/components/schemas/{name}");
            }
            fields.values_mut().for_each(point_into_components);
        }
        Value::Array(items) => items.iter_mut().for_each(point_into_components),
        _ => {}
    }
}

/// An empty document called `name`.
#[must_use]
pub fn empty(name: &str) -> Document {
    serde_json::from_value(json!({ "format": document::FORMAT, "name": name }))
        .expect("format and name are all a document needs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engine_schemas_point_at_each_other() {
        let schemas = engine_schemas();
        for name in ["Document", "Step", "Edge", "StepKind", "PortRule"] {
            assert!(schemas.contains_key(name), "{name} is missing");
        }
        let text = Value::Object(schemas).to_string();
        assert!(!text.contains("$defs"), "a reference points nowhere");
    }
}
