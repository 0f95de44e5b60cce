//! Recorded examples as tests: every request the interpreter makes is the recorded one, and every recorded answer comes to
//! the recorded output. Nothing is sent.

mod triggers;

use crate::interpreter::{Answer, Ask, AskBody, Call, Order, Turn};
use crate::manifest::Manifest;
use crate::manifest::body::Reads;
use crate::manifest::example::{Example, GivenAnswer, SentRequest};
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::sync::Arc;

/// Plays every example of `manifest`; what differs, in words.
///
/// # Errors
/// One text per example that came out otherwise.
pub fn play_all(manifest: &Arc<Manifest>) -> Result<usize, Vec<String>> {
    let (mut played, mut wrong) = (0, Vec::new());
    for (name, action) in &manifest.actions {
        for example in &action.examples {
            played += 1;
            if let Err(what) = play(manifest, name, example) {
                wrong.push(format!("{}.{name}, \"{}\": {what}", manifest.id, example.title));
            }
        }
    }
    played += triggers::play(manifest, &mut wrong);
    if wrong.is_empty() { Ok(played) } else { Err(wrong) }
}

/// The key that examples are played with.
pub const KEY: &str = "example-key";

/// Of an app that is not called over HTTP, what can be looked at without a server: whether the deed can be composed.
fn compose(manifest: &Arc<Manifest>, action: &str, order: Order, example: &Example) -> Result<(), String> {
    match (crate::native::Deed::new(manifest, action, order), &example.failure) {
        (Ok(_), None) => Ok(()),
        (Ok(_), Some(_)) => Err("it can be composed instead of failing".into()),
        (Err(failure), Some(expected))
            if failure.kind == expected.kind && failure.message.contains(&expected.message) =>
        {
            Ok(())
        }
        (Err(failure), _) => Err(format!("it fails: {failure}")),
    }
}

fn play(manifest: &Arc<Manifest>, action: &str, example: &Example) -> Result<(), String> {
    let order =
        Order { input: example.input.clone(), settings: example.settings.clone(), key: KEY.to_owned() };
    if manifest.protocol.is_native() {
        return compose(manifest, action, order, example);
    }
    let now = DateTime::<Utc>::UNIX_EPOCH;
    let ended = (|| {
        let mut call =
            Call::new(manifest, action, order).map_err(|failure| Ended::Failed(Box::new(failure)))?;
        for (number, exchange) in example.exchange.iter().enumerate() {
            let ask = call.ask().map_err(|failure| Ended::Failed(Box::new(failure)))?;
            same(&ask, &exchange.request)
                .map_err(|what| Ended::Differs(format!("request {}: {what}", number + 1)))?;
            let answer = answered(call.reads(), &exchange.answer);
            match call.take(answer, now).map_err(|fault| Ended::Failed(Box::new(fault.failure)))? {
                Turn::More if number + 1 == example.exchange.len() => {
                    return Err(Ended::Differs("another request would follow".into()));
                }
                Turn::More => {}
                Turn::Done(_) if number + 1 < example.exchange.len() => {
                    return Err(Ended::Differs(format!("it is done after request {}", number + 1)));
                }
                Turn::Done(output) => return Ok(output),
            }
        }
        Err(Ended::Differs("it has no exchange".into()))
    })();
    match (ended, &example.output, &example.failure) {
        (Ok(output), Some(expected), _) if output == *expected => Ok(()),
        (Ok(output), Some(expected), _) => Err(format!("it puts out {output}, not {expected}")),
        (Ok(output), None, _) => Err(format!("it puts out {output} instead of failing")),
        (Err(Ended::Differs(what)), ..) => Err(what),
        (Err(Ended::Failed(failure)), _, Some(expected)) => {
            let is_same = failure.kind == expected.kind && failure.message.contains(&expected.message);
            if is_same { Ok(()) } else { Err(format!("it fails as {:?}: {}", failure.kind, failure.message)) }
        }
        (Err(Ended::Failed(failure)), ..) => Err(format!("it fails: {failure}")),
    }
}

/// A recorded answer as it would come.
fn answered(reads: Reads, answer: &GivenAnswer) -> Answer {
    Answer::read_as(reads, answer.status, answer.headers.clone().into_iter().collect(), &answer.bytes())
}

enum Ended {
    Differs(String),
    Failed(Box<trunkline_engine::failure::Failure>),
}

fn same(ask: &Ask, recorded: &SentRequest) -> Result<(), String> {
    if ask.method != recorded.method {
        return Err(format!("{} instead of {}", ask.method.as_str(), recorded.method.as_str()));
    }
    if ask.url.as_str() != recorded.url {
        return Err(format!("{} instead of {}", ask.url, recorded.url));
    }
    for (name, value) in &recorded.headers {
        let sent =
            ask.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        if sent != Some(value) {
            return Err(format!("the header {name} is {sent:?}, not {value:?}"));
        }
    }
    let json = match &ask.body {
        AskBody::Json(value) => Some(value),
        _ => None,
    };
    if json != recorded.json.as_ref() {
        return Err(format!(
            "the JSON body is {}, not {}",
            json.unwrap_or(&Value::Null),
            recorded.json.as_ref().unwrap_or(&Value::Null)
        ));
    }
    let form: Option<Vec<(String, String)>> = match &ask.body {
        AskBody::Form(fields) => Some(fields.clone()),
        AskBody::Upload { fields, .. } => Some(fields.clone()).filter(|fields| !fields.is_empty()),
        _ => None,
    };
    let expected = recorded.form.clone().map(|fields| fields.into_iter().collect::<Vec<_>>());
    if form != expected {
        return Err(format!("the form is {form:?}, not {expected:?}"));
    }
    let text = match &ask.body {
        AskBody::Text { text, .. } => Some(text),
        AskBody::Upload { file, .. } => Some(&file.text),
        _ => None,
    };
    if text != recorded.text.as_ref() {
        return Err(format!("the text is {text:?}, not {:?}", recorded.text));
    }
    Ok(())
}
