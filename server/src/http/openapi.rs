//! The description of the API, generated from the handlers and the engine's own schemas.

use super::documents;
use super::problem::ProblemDetails;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::sync::LazyLock;
use utoipa::openapi::{InfoBuilder, OpenApiBuilder};
use utoipa::{PartialSchema, ToSchema};

static TEXT: LazyLock<String> = LazyLock::new(|| {
    serde_json::to_string_pretty(&describe()).expect("the description holds nothing that JSON cannot")
});

/// The description as it is served and committed.
#[must_use]
pub fn text() -> &'static str {
    &TEXT
}

/// `/api/openapi.json`.
pub async fn show() -> impl IntoResponse {
    ([(axum::http::header::CONTENT_TYPE, "application/json")], text())
}

fn describe() -> Value {
    let paths = super::api().described();
    let info = InfoBuilder::new()
        .title("Trunkline")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Workflows, runs and leads. Errors are problem+json with a stable code."))
        .build();
    let mut api = serde_json::to_value(OpenApiBuilder::new().info(info).build()).expect("plain data");
    let mut described = serde_json::to_value(paths).expect("plain data");
    api["openapi"] = json!("3.1.0");
    api["servers"] = json!([{ "url": "/api/v1" }]);
    api["paths"] = described["paths"].take();
    api["components"] = described["components"].take();
    let components = api["components"].as_object_mut().expect("handlers have bodies");
    let schemas = components.entry("schemas").or_insert_with(|| json!({}));
    let schemas = schemas.as_object_mut().expect("schemas are an object");
    schemas.extend(problem_schemas());
    schemas.extend(documents::engine_schemas());
    schemas.sort_keys();
    components.insert(
        "securitySchemes".into(),
        json!({
            "session": { "type": "apiKey", "in": "cookie", "name": crate::auth::COOKIE },
            "token": { "type": "http", "scheme": "bearer" },
        }),
    );
    api["security"] = json!([{ "session": [] }, { "token": [] }]);
    add_errors(&mut api["paths"]);
    api
}

/// No handler names the shape of its errors, because all have the same one.
fn problem_schemas() -> impl Iterator<Item = (String, Value)> {
    let mut schemas = vec![(ProblemDetails::name().into_owned(), ProblemDetails::schema())];
    ProblemDetails::schemas(&mut schemas);
    schemas.into_iter().map(|(name, schema)| (name, serde_json::to_value(schema).expect("plain data")))
}

/// Every call may answer with a problem; public ones say that they need no proof.
fn add_errors(paths: &mut Value) {
    let problem = json!({
        "description": "What went wrong, with a stable code and what to do",
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/ProblemDetails" } } }
    });
    for (path, methods) in paths.as_object_mut().expect("paths are an object") {
        for (method, operation) in methods.as_object_mut().into_iter().flatten() {
            let public = super::guard::PUBLIC.iter().any(|(public, public_path)| {
                public.as_str().eq_ignore_ascii_case(method)
                    && public_path.trim_start_matches("/api/v1") == path
            });
            if public {
                operation["security"] = json!([]);
            }
            operation["responses"]["default"] = problem.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_somewhere() {
        let api = describe();
        let text = api.to_string();
        for reference in text.split("\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(api["components"]["schemas"].get(name).is_some(), "{name} is referred to and not there");
        }
    }
}
