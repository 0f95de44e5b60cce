//! What types alone cannot say of triggers and webhooks.

use super::{is_name, of_input, of_request};
use crate::interpreter::signature::Over;
use crate::manifest::Manifest;
use crate::manifest::action::Repeat;
use crate::manifest::records::Records;
use crate::manifest::trigger::{Cursor, Order, Poll, Trigger};
use crate::manifest::webhook::{Check, Proof, Webhook};

/// Names of inputs that mean something else in a trigger's settings.
const RESERVED: [&str; 3] = ["every", "begin", "since"];
/// Seconds below which no app is asked again.
const SHORTEST: u32 = 10;

pub(super) fn check(manifest: &Manifest, say: &mut impl FnMut(&str, String)) {
    for (name, webhook) in &manifest.webhooks {
        of_webhook(name, webhook, say);
    }
    for (name, trigger) in &manifest.triggers {
        of_trigger(manifest, name, trigger, say);
    }
    for (name, records) in &manifest.records {
        of_records(manifest, name, records, say);
    }
}

fn of_records(manifest: &Manifest, name: &str, records: &Records, say: &mut impl FnMut(&str, String)) {
    let at = format!("records/{name}");
    if !is_name(name) {
        say(&at, "a name has small letters, digits and _, and begins with a letter".into());
    }
    if manifest.triggers.get(&records.trigger).is_none_or(|trigger| trigger.poll.is_none()) {
        say(&format!("{at}/trigger"), format!("no trigger that polls is called {}", records.trigger));
    }
    if records.fields.as_ref().is_some_and(|fields| !manifest.fields.contains_key(fields)) {
        say(&format!("{at}/fields"), "no fields are called so".into());
    }
    let calls = [
        ("read", &records.read),
        ("find", &records.find),
        ("create", &records.create),
        ("update", &records.update),
    ];
    for (part, call) in calls {
        let place = format!("{at}/{part}");
        let Some(action) = manifest.actions.get(&call.action) else {
            say(&place, format!("no action is called {}", call.action));
            continue;
        };
        for name in call.input.keys().filter(|name| !action.input.properties.contains_key(*name)) {
            say(&place, format!("{} is given no {name}", call.action));
        }
        let is_reading = matches!(part, "read" | "find");
        if action.only_reads() != is_reading {
            say(&place, format!("{} {}", call.action, if is_reading { "writes" } else { "only reads" }));
        }
        if part == "update" && !matches!(action.write, Some(Repeat::Harmless {})) {
            say(&place, "an update must be harmless to repeat".into());
        }
    }
}

fn of_trigger(manifest: &Manifest, name: &str, trigger: &Trigger, say: &mut impl FnMut(&str, String)) {
    let at = format!("triggers/{name}");
    if !is_name(name) {
        say(&at, "a name has small letters, digits and _, and begins with a letter".into());
    }
    if manifest.actions.contains_key(name) {
        say(&at, "an action has this name; a step kind is one or the other".into());
    }
    of_input(manifest, &at, &trigger.input, say);
    for name in trigger.input.properties.keys().filter(|name| RESERVED.contains(&name.as_str())) {
        let place = format!("{at}/input/properties/{name}");
        say(&place, format!("{name} is the name of a setting that triggers have"));
    }
    match (&trigger.poll, &trigger.webhook) {
        (Some(poll), None) => of_poll(&format!("{at}/poll"), trigger, poll, say),
        (None, Some(listen)) => {
            if !manifest.webhooks.contains_key(&listen.at) {
                say(&format!("{at}/webhook/at"), format!("no webhook is called {}", listen.at));
            }
        }
        _ => say(&at, "a trigger has either poll or webhook".into()),
    }
    if trigger.examples.is_empty() {
        say(&format!("{at}/examples"), "record at least one example".into());
    }
    for (number, example) in trigger.examples.iter().enumerate() {
        let place = format!("{at}/examples/{number}");
        if example.starts.is_some() == example.failure.is_some() {
            say(&place, "an example has either what starts or a failure".into());
        }
        if example.delivery.is_some() != trigger.webhook.is_some() {
            say(&place, "of a webhook it has a delivery, of a trigger that polls an exchange".into());
        }
    }
}

fn of_poll(at: &str, trigger: &Trigger, poll: &Poll, say: &mut impl FnMut(&str, String)) {
    of_request(at, &trigger.input, &poll.request, say);
    if poll.every < SHORTEST {
        say(&format!("{at}/every"), format!("nobody is asked more often than every {SHORTEST} seconds"));
    }
    if matches!(poll.cursor, Cursor::Number { .. }) && poll.order == Order::Any {
        say(
            &format!("{at}/order"),
            "numbers go on from the greatest: say whether the oldest or the newest come first".into(),
        );
    }
    if let Cursor::Token { first: Some(first), .. } = &poll.cursor {
        of_request(&format!("{at}/cursor/first"), &trigger.input, &first.request, say);
    }
}

fn of_webhook(name: &str, webhook: &Webhook, say: &mut impl FnMut(&str, String)) {
    let at = format!("webhooks/{name}");
    if !is_name(name) {
        say(&at, "a name has small letters, digits and _, and begins with a letter".into());
    }
    for name in webhook.secrets.keys().filter(|name| !is_name(name)) {
        say(&format!("{at}/secrets/{name}"), "a name has small letters, digits and _".into());
    }
    let mut known = |secret: &str, place: &str| {
        if !webhook.secrets.contains_key(secret) {
            say(place, format!("no secret of this webhook is called {secret}"));
        }
    };
    for secret in webhook.check.secrets() {
        known(secret, &format!("{at}/check"));
    }
    for (number, challenge) in webhook.challenges.iter().enumerate() {
        if let Proof::Token { secret, .. } = &challenge.proof {
            known(secret, &format!("{at}/challenges/{number}/proof"));
        }
    }
    if let Check::Hmac(signature) = &webhook.check {
        let has_stamp = signature.timestamp.is_some()
            || signature.parts.as_ref().is_some_and(|parts| parts.timestamp.is_some());
        if signature.max_age.is_some() && !has_stamp {
            say(&format!("{at}/check/max_age"), "say where the moment of sending stands".into());
        }
        match Over::read(&signature.over) {
            Err(message) => say(&format!("{at}/check/over"), message),
            Ok(over) if over.has_stamp() && !has_stamp => {
                say(&format!("{at}/check/over"), "say where the moment of sending stands".into());
            }
            Ok(over) if !over.covers_body() => {
                say(
                    &format!("{at}/check/over"),
                    "what is signed must hold the body, or anybody could change it".into(),
                );
            }
            Ok(_) => {}
        }
    }
    let signs = webhook.challenges.iter().any(|challenge| challenge.signs.is_some());
    if signs && !matches!(webhook.check, Check::Hmac(_)) {
        say(&format!("{at}/challenges"), "only a check by hmac has a key to sign with".into());
    }
    for (number, challenge) in webhook.challenges.iter().enumerate() {
        if challenge.text.is_some() == challenge.json.is_some() {
            say(&format!("{at}/challenges/{number}"), "it is answered with either text or json".into());
        }
    }
    for (number, example) in webhook.examples.iter().enumerate() {
        let outcomes = [example.answer.is_some(), example.answers.is_some(), example.refused.is_some()];
        if outcomes.into_iter().filter(|is_there| *is_there).count() != 1 {
            say(&format!("{at}/examples/{number}"), "it has one of answer, answers and refused".into());
        }
    }
    if !webhook.events.is_empty() && !webhook.events.starts_with('/') {
        say(&format!("{at}/events"), "a JSON Pointer begins with /".into());
    }
}
