//! Recorded looks and deliveries as tests. Of every delivery that is accepted, forgeries are made as well: another body,
//! another signature, another secret, none at all, and one that is too old. All of them must be refused.

use super::{answered, same};
use crate::credentials::Secrets;
use crate::interpreter::Order;
use crate::interpreter::delivery::{self, Events, Reading, Sent};
use crate::interpreter::look::{Look, Position};
use crate::interpreter::signature::{fitting, secret_name};
use crate::manifest::Manifest;
use crate::manifest::trigger::{Poll, Trigger, TriggerExample};
use crate::manifest::webhook::{Check, GivenDelivery, Proof, Refusal, Spot, Webhook};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::trigger::Begin;

/// Plays the examples of all triggers and webhooks; how many there are.
pub(super) fn play(manifest: &Arc<Manifest>, wrong: &mut Vec<String>) -> usize {
    let mut played = 0;
    for (name, trigger) in &manifest.triggers {
        for example in &trigger.examples {
            played += 1;
            let outcome = match &trigger.poll {
                Some(poll) => a_look(manifest, name, poll, example),
                None => a_delivery(manifest, trigger, example),
            };
            if let Err(what) = outcome {
                wrong.push(format!("{}.{name}, \"{}\": {what}", manifest.id, example.title));
            }
        }
    }
    for (name, webhook) in &manifest.webhooks {
        for example in &webhook.examples {
            played += 1;
            let outcome = read(webhook, &example.delivery, example.at);
            let outcome = match (outcome, &example.answer, example.refused) {
                (Ok(Reading::Answer(given)), Some(wanted), _) if given == *wanted => {
                    forged(webhook, &example.delivery, example.at)
                }
                (Ok(Reading::Events(Events { events, request, .. })), None, None) => {
                    let given: Result<Vec<_>, _> = events
                        .iter()
                        .filter_map(|(_, event)| delivery::answer_of(webhook, event, &request).transpose())
                        .collect();
                    match given {
                        Ok(given) if Some(&given) == example.answers.as_ref() => {
                            forged(webhook, &example.delivery, example.at)
                        }
                        other => Err(format!("it answers {other:?}")),
                    }
                }
                (Err(why), _, Some(wanted)) if why == wanted => Ok(()),
                (outcome, ..) => Err(format!("it comes to {outcome:?}{}", hint(webhook, &example.delivery))),
            };
            if let Err(what) = outcome {
                wrong.push(format!("{} webhook {name}, \"{}\": {what}", manifest.id, example.title));
            }
        }
    }
    played
}

enum Ended {
    Differs(String),
    Failed(Failure),
}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

fn a_look(manifest: &Arc<Manifest>, name: &str, poll: &Poll, example: &TriggerExample) -> Result<(), String> {
    let begin = example.from.map_or(Begin::Now, Begin::Since);
    let position = match &example.since {
        Some(since) => Position::at(poll, since).ok_or("`since` is no moment")?,
        None => Position::new(poll, begin, example.at),
    };
    let ended = look(manifest, name, poll, example, position);
    match (ended, &example.starts, &example.failure) {
        (Ok((starts, _)), Some(expected), _) if starts != *expected => {
            Err(format!("it starts {}, not {}", Value::from(starts), Value::from(expected.clone())))
        }
        (Ok((_, position)), Some(_), _) => match &example.next {
            Some(next) if position.shown(poll) != *next => {
                Err(format!("it came to {}, not to {next}", position.shown(poll)))
            }
            _ => Ok(()),
        },
        (Ok((starts, _)), None, _) => Err(format!("it starts {} instead of failing", Value::from(starts))),
        (Err(Ended::Differs(what)), ..) => Err(what),
        (Err(Ended::Failed(failure)), _, Some(expected))
            if failure.kind == expected.kind && failure.message.contains(&expected.message) =>
        {
            Ok(())
        }
        (Err(Ended::Failed(failure)), ..) => {
            Err(format!("it fails as {:?}: {}", failure.kind, failure.message))
        }
    }
}

fn look(
    manifest: &Arc<Manifest>,
    name: &str,
    poll: &Poll,
    example: &TriggerExample,
    mut position: Position,
) -> Result<(Vec<Value>, Position), Ended> {
    let mut starts = Vec::new();
    for (number, exchange) in example.exchange.iter().enumerate() {
        let order =
            Order { input: example.input.clone(), settings: example.settings.clone(), key: String::new() };
        let look = Look::new(manifest, name, order, position)?;
        same(&look.ask()?, &exchange.request)
            .map_err(|what| Ended::Differs(format!("request {}: {what}", number + 1)))?;
        let page =
            look.take(answered(look.reads(), &exchange.answer), example.at).map_err(|fault| fault.failure)?;
        starts.extend(page.found.into_iter().map(|found| found.output));
        position = page.position;
        let is_last = number + 1 == example.exchange.len();
        match (page.more, is_last) {
            (true, true) => return Err(Ended::Differs("another request would follow".into())),
            (false, false) => return Err(Ended::Differs(format!("it is over after request {}", number + 1))),
            _ => {}
        }
    }
    // Kept and read again, it must be the same.
    let kept = serde_json::to_value(&position).expect("a position is JSON");
    if serde_json::from_value::<Position>(kept).ok() != Some(position.clone()) {
        return Err(Ended::Differs("the position is not the same when it was kept".into()));
    }
    let _ = poll;
    Ok((starts, position))
}

fn a_delivery(manifest: &Manifest, trigger: &Trigger, example: &TriggerExample) -> Result<(), String> {
    let listen = trigger.webhook.as_ref().ok_or("it has no webhook")?;
    let webhook = &manifest.webhooks[&listen.at];
    let delivery = example.delivery.as_ref().ok_or("it has no delivery")?;
    let events = match read(webhook, delivery, example.at) {
        Ok(Reading::Events(events)) => events,
        other => return Err(format!("it comes to {other:?}{}", hint(webhook, delivery))),
    };
    let mut starts = Vec::new();
    let Events { events, request, .. } = events;
    for (_, event) in &events {
        let heard = delivery::heard(trigger, event, &request, &example.input, &example.settings);
        starts.extend(heard.map_err(|failure| failure.to_string())?);
    }
    match &example.starts {
        Some(wanted) if *wanted == starts => forged(webhook, delivery, example.at),
        _ => Err(format!("it starts {}", Value::from(starts))),
    }
}

fn secrets(delivery: &GivenDelivery) -> Secrets {
    let mut secrets = Secrets::default();
    for (name, secret) in &delivery.secrets {
        secrets.set(&secret_name(name), secret.clone());
    }
    secrets
}

fn headers(delivery: &GivenDelivery) -> Vec<(String, String)> {
    delivery.headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect()
}

fn read(webhook: &Webhook, delivery: &GivenDelivery, at: DateTime<Utc>) -> Result<Reading, Refusal> {
    let headers = headers(delivery);
    let sent = Sent::new(&delivery.method, &delivery.url, &headers, delivery.body.as_bytes());
    delivery::read(webhook, sent, &Map::new(), &secrets(delivery), at)
}

/// For whoever records an example: what would have to stand where the signature stands.
fn hint(webhook: &Webhook, delivery: &GivenDelivery) -> String {
    let Check::Hmac(signature) = &webhook.check else { return String::new() };
    let headers = headers(delivery);
    let sent = Sent::new(&delivery.method, &delivery.url, &headers, delivery.body.as_bytes());
    let fitting = fitting(signature, &sent, &secrets(delivery));
    fitting.map_or_else(String::new, |fitting| format!("; with this secret the signature would be {fitting}"))
}

/// Changes an accepted delivery in every way a forger would, and expects each to be refused.
fn forged(webhook: &Webhook, delivery: &GivenDelivery, at: DateTime<Utc>) -> Result<(), String> {
    let refused = |what: &str, delivery: &GivenDelivery, at| match read(webhook, delivery, at) {
        Err(_) => Ok(()),
        Ok(_) => Err(format!("it is accepted {what}")),
    };
    let is_open = |delivery: &GivenDelivery| {
        // What a challenge answers without a proof is told to everybody.
        let headers = headers(delivery);
        let sent = Sent::new(&delivery.method, &delivery.url, &headers, delivery.body.as_bytes());
        delivery::challenge(webhook, sent).is_some_and(|challenge| challenge.proof == Proof::Nothing)
    };
    if is_open(delivery) {
        return Ok(());
    }
    let changed = |change: &dyn Fn(&mut GivenDelivery)| {
        let mut forged = GivenDelivery {
            method: delivery.method.clone(),
            url: delivery.url.clone(),
            headers: delivery.headers.clone(),
            body: delivery.body.clone(),
            secrets: delivery.secrets.clone(),
        };
        change(&mut forged);
        forged
    };
    let other_secret = changed(&|forged| {
        for secret in forged.secrets.values_mut() {
            secret.push('x');
        }
    });
    refused("with another secret", &other_secret, at)?;
    refused("without a secret", &changed(&|forged| forged.secrets.clear()), at)?;
    let bare = changed(&|forged| {
        forged.headers.clear();
        forged.url = forged.url.split('?').next().unwrap_or_default().to_owned();
    });
    let is_in_body = match &webhook.check {
        Check::Hmac(signature) => matches!(signature.at, Spot::Body(_)),
        Check::Token { at, .. } => matches!(at, Spot::Body(_)),
        Check::Basic { .. } => false,
    };
    if !is_in_body {
        refused("without what proves it", &bare, at)?;
    }
    if let Check::Hmac(signature) = &webhook.check
        && !is_by_token(webhook, delivery)
    {
        if signature.over.contains("{body}") && !delivery.body.is_empty() {
            refused("with another body", &changed(&|forged| forged.body.push(' ')), at)?;
        }
        if let Some(age) = signature.max_age {
            let late = at + TimeDelta::seconds(i64::from(age) * 2 + 1);
            match read(webhook, delivery, late) {
                Err(Refusal::TooOld) => {}
                other => return Err(format!("when it is too old it comes to {other:?}")),
            }
        }
    }
    Ok(())
}

fn is_by_token(webhook: &Webhook, delivery: &GivenDelivery) -> bool {
    let headers = headers(delivery);
    let sent = Sent::new(&delivery.method, &delivery.url, &headers, delivery.body.as_bytes());
    delivery::challenge(webhook, sent).is_some_and(|challenge| matches!(challenge.proof, Proof::Token { .. }))
}
