//! Examples of actions, recorded by playing them: the interpreter itself says what goes over the wire and what comes of it.

use super::walk::Problem;
use crate::interpreter::{Answer, Ask, AskBody, Call, Order, Turn};
use crate::manifest::Manifest;
use crate::recorded::KEY;
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Plays the example of every action of `value`; actions that cannot be played are left out.
pub(super) fn record(value: &mut Value, problems: &mut Vec<Problem>) {
    let Ok(manifest) = serde_json::from_value::<Manifest>(value.clone()) else {
        // What is wrong with it, its own check says, and better.
        return;
    };
    let manifest = Arc::new(manifest);
    let settings = settings(&manifest);
    let Some(actions) = value["actions"].as_object_mut() else { return };
    let mut left_out = Vec::new();
    for (name, action) in actions.iter_mut() {
        let example = &mut action["examples"][0];
        match played(&manifest, name, example, &settings) {
            Ok(exchange) => {
                example["exchange"] = exchange.0;
                example["output"] = exchange.1;
                if !settings.is_empty() {
                    example["settings"] = Value::Object(settings.clone());
                }
            }
            Err(why) => left_out.push((name.clone(), why)),
        }
    }
    for (name, why) in left_out {
        actions.shift_remove(&name);
        problems.push(Problem {
            at: String::new(),
            line: None,
            message: format!("{name} was left out: {why}"),
        });
    }
}

/// Settings to play with.
fn settings(manifest: &Manifest) -> Map<String, Value> {
    let told = |schema: &Value| {
        schema.get("default").and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let first = |schema: &Value| schema.pointer("/enum/0").and_then(Value::as_str).map(str::to_owned);
    manifest
        .settings
        .iter()
        .map(|(name, schema)| {
            (name.clone(), told(schema).or_else(|| first(schema)).unwrap_or_else(|| "example".into()).into())
        })
        .collect()
}

fn played(
    manifest: &Arc<Manifest>,
    action: &str,
    example: &Value,
    settings: &Map<String, Value>,
) -> Result<(Value, Value), String> {
    let input = example["input"].as_object().cloned().unwrap_or_default();
    let order = Order { input, settings: settings.clone(), key: KEY.to_owned() };
    let mut call = Call::new(manifest, action, order).map_err(|failure| failure.message)?;
    let ask = call.ask().map_err(|failure| failure.message)?;
    let status = example["exchange"][0]["answer"]["status"].as_u64().unwrap_or(200);
    let mut json = example["exchange"][0]["answer"]["json"].clone();
    // A success says so.
    for flag in ["ok", "success"] {
        if json.get(flag) == Some(&Value::Bool(false)) {
            json[flag] = true.into();
        }
    }
    let body = if json.is_null() { Vec::new() } else { json.to_string().into_bytes() };
    let answer = Answer::read(u16::try_from(status).unwrap_or(200), Vec::new(), &body);
    let turn = call.take(answer, DateTime::<Utc>::UNIX_EPOCH).map_err(|fault| fault.failure.message)?;
    match turn {
        Turn::Done(Value::Null) => Err("nothing comes of it".into()),
        Turn::Done(output) => {
            let exchange = json!([{ "request": sent(&ask), "answer": { "status": status, "json": json } }]);
            Ok((exchange, output))
        }
        Turn::More => Err("its pages do not end".into()),
    }
}

fn sent(ask: &Ask) -> Value {
    let mut request = json!({ "method": ask.method, "url": ask.url.as_str() });
    match &ask.body {
        AskBody::Json(json) => request["json"] = json.clone(),
        AskBody::Form(fields) => {
            request["form"] = fields
                .iter()
                .map(|(name, value)| (name.clone(), Value::from(value.clone())))
                .collect::<Map<_, _>>()
                .into();
        }
        AskBody::None => {}
    }
    request
}
