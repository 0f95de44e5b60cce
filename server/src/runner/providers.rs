//! Questions to providers of data: what proves who we are is put in right before they leave, so that it is in no journal.
//!
//! A question names its waterfall and its provider; the credentials are read from what is in force at that moment. A
//! provider that is asked through a connection gets the name of the connection here, and the gate lets that sign.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::{CONNECTION, Operation, Performer};
use trunkline_engine::run::Performed;
use trunkline_leads::definition::WATERFALL;
use trunkline_leads::enrichment::{Provider, SignIn, Source, Waterfall};
use trunkline_store::{Store, WorkspaceId};

/// The provider that `operation` asks, if it asks one.
fn asked(operation: &Operation) -> Option<&str> {
    if operation.performer != Performer::Http {
        return None;
    }
    operation.input.get("provider")?.as_str()
}

/// What a rehearsal answers a question that costs money with; `None` for every other operation, which it makes.
#[must_use]
pub fn unasked(operation: &Operation) -> Option<Performed> {
    asked(operation)?;
    let price = operation.input.get("price").and_then(Value::as_f64).unwrap_or_default();
    (price > 0.0).then(|| Performed {
        output: json!({ "would_ask": true }),
        why: Some("It would be asked; a rehearsal spends nothing.".into()),
        written: Vec::new(),
    })
}

/// `operation` as it leaves: signed, when it is a question to a provider.
///
/// # Errors
/// `ENR-0003` when the provider is no longer there or cannot be read.
pub async fn signed(
    store: &Store,
    workspace: WorkspaceId,
    operation: Operation,
) -> Result<Operation, Failure> {
    let Some(id) = asked(&operation).map(str::to_owned) else { return Ok(operation) };
    let all = store.definitions.published(workspace, WATERFALL.to_owned()).await;
    let all = all.map_err(|error| unsigned(FailureKind::Temporary, &error.to_string()))?;
    let named = operation.input.get("waterfall").and_then(Value::as_str).unwrap_or_default();
    let found = all.iter().find(|definition| definition.is_called(named));
    let found = found.ok_or_else(|| unsigned(FailureKind::Fatal, "its enrichment is no longer published"))?;
    let waterfall =
        found.read::<Waterfall>().map_err(|error| unsigned(FailureKind::Fatal, &error.to_string()))?;
    let provider = waterfall.provider(&id);
    let gone = || unsigned(FailureKind::Fatal, "it is no longer part of the enrichment");
    Ok(signed_by(provider.ok_or_else(gone)?, operation))
}

/// `operation` with what proves who we are to `provider`.
#[must_use]
pub fn signed_by(provider: &Provider, mut operation: Operation) -> Operation {
    let Source::Http(source) = &provider.source;
    let (name, value) = match &source.sign_in {
        SignIn::None => return operation,
        SignIn::Connection { connection } => {
            operation.input[CONNECTION] = connection.trim().into();
            return operation;
        }
        SignIn::Bearer { token } => ("Authorization", format!("Bearer {}", token.trim())),
        SignIn::Basic { username, password } => {
            ("Authorization", format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
        }
        SignIn::Header { name, value } => (name.trim(), value.trim().to_owned()),
    };
    if let Some(Value::Array(headers)) = operation.input.get_mut("headers") {
        headers.retain(|header| !header[0].as_str().is_some_and(|known| known.eq_ignore_ascii_case(name)));
        headers.push(json!([name, value]));
    }
    operation
}

fn unsigned(kind: FailureKind, why: &str) -> Failure {
    Failure::new(
        "ENR-0003",
        kind,
        format!("the provider cannot be asked: {why}"),
        "Open the enrichment under Rules, Enrichment, and look at the provider; then publish it.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_leads::steps::enrich::question;

    fn ask(price: f64) -> Operation {
        question(&json!({
            "waterfall": "w", "provider": "one", "price": price,
            "request": { "method": "GET", "url": "https://one.example", "headers": [["x-api-key", "old"]] },
        }))
    }

    #[test]
    fn a_question_is_signed_where_it_leaves() {
        let provider: Provider = serde_json::from_value(json!({
            "id": "one", "name": "One", "fills": [],
            "source": { "kind": "http", "url": "https://one.example",
                "sign_in": { "by": "header", "name": "X-Api-Key", "value": "s3cret" } },
        }))
        .unwrap();
        let signed = signed_by(&provider, ask(0.0));
        assert_eq!(signed.input["headers"], json!([["X-Api-Key", "s3cret"]]));
        assert!(!crate::runner::gate::shown(&signed).to_string().contains("s3cret"));
    }

    #[test]
    fn a_connection_signs_later_and_is_only_named_here() {
        let id = "01890000-0000-7000-8000-000000000007";
        let provider: Provider = serde_json::from_value(json!({
            "id": "one", "name": "One", "fills": [],
            "source": { "kind": "http", "url": "https://one.example",
                "sign_in": { "by": "connection", "connection": id } },
        }))
        .unwrap();
        let signed = signed_by(&provider, ask(0.0));
        assert_eq!(signed.connection(), Some(id));
        assert_eq!(signed.input["headers"], json!([["x-api-key", "old"]]));
    }

    #[test]
    fn a_rehearsal_asks_only_what_is_free() {
        assert_eq!(unasked(&ask(0.0)), None);
        assert_eq!(unasked(&ask(0.01)).unwrap().output["would_ask"], true);
    }
}
