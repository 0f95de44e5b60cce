//! Reading what an app sends by itself: whether it is from the app, what is answered, which events it holds and which of
//! them a trigger hears.

use super::request::is_true;
use super::signature;
use crate::credentials::Secrets;
use crate::manifest::Manifest;
use crate::manifest::trigger::Trigger;
use crate::manifest::webhook::{BodyForm, Challenge, Check, GivenAnswer, Proof, Refusal, Webhook};
use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use trunkline_engine::expression::{Datum, Scope, into_text};
use trunkline_engine::failure::Failure;

/// Most events of one delivery; an app that sends more is told so.
pub const MOST_EVENTS: usize = 1_000;
/// Deepest nesting of JSON that is read.
const DEEPEST: usize = 100;

/// What came over the wire.
#[derive(Debug, Clone, Copy)]
pub struct Sent<'a> {
    /// The method.
    pub method: &'a str,
    /// The whole address as the app knows it.
    pub url: &'a str,
    /// Headers, their names in small letters.
    pub headers: &'a [(String, String)],
    /// The body as it came.
    pub body: &'a [u8],
    /// The body as data.
    data: Option<&'a Value>,
}

impl<'a> Sent<'a> {
    /// A delivery.
    #[must_use]
    pub fn new(method: &'a str, url: &'a str, headers: &'a [(String, String)], body: &'a [u8]) -> Self {
        Self { method, url, headers, body, data: None }
    }

    /// The first value of a header, by its name in small letters.
    pub(super) fn header(&self, name: &str) -> Option<&'a str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The address from the path on, without what follows `?`.
    pub(super) fn path(&self) -> &'a str {
        let after = self.url.split_once("://").map_or(self.url, |(_, rest)| rest);
        let path = after.find('/').map_or("/", |at| &after[at..]);
        path.split_once('?').map_or(path, |(path, _)| path)
    }

    /// What follows `?` in the address.
    pub(super) fn query(&self) -> &'a str {
        self.url.split_once('?').map_or("", |(_, query)| query)
    }

    /// A parameter of the address.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let mut pairs = url::form_urlencoded::parse(self.query().as_bytes());
        pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
    }

    /// A value of the body as text.
    pub(super) fn in_body(&self, pointer: &str) -> Option<String> {
        self.data?.pointer(pointer).filter(|value| !value.is_null()).cloned().map(into_text)
    }
}

/// What a delivery asks for.
#[derive(Debug, PartialEq)]
pub enum Reading {
    /// A challenge: this is the answer.
    Answer(Value),
    /// Something happened.
    Events(Events),
}

/// What happened.
#[derive(Debug, PartialEq)]
pub struct Events {
    /// Each event, and what makes it be the same as another one.
    pub events: Vec<(Option<String>, Value)>,
    /// What templates see as `request`.
    pub request: Value,
    /// What tells this delivery from every other, where it carries the moment it was sent.
    pub proof: Option<String>,
}

/// Reads a delivery to `webhook`, as of `now`.
///
/// # Errors
/// Why it is refused; it is not looked at any further then.
pub fn read(
    webhook: &Webhook,
    sent: Sent<'_>,
    settings: &Map<String, Value>,
    secrets: &Secrets,
    now: DateTime<Utc>,
) -> Result<Reading, Refusal> {
    let data = body(&webhook.body, sent.body);
    let sent = Sent { data: data.as_ref(), ..sent };
    // What proves it may stand anywhere in it, and must not come into a run.
    let request = secrets.hidden_within(seen(&sent, data.as_ref()));
    let scope = Scope::of(Datum::new(json!({ "request": request, "settings": settings })));
    for challenge in &webhook.challenges {
        if is_true(&challenge.when.value(&scope).unwrap_or_default()) {
            return answer(webhook, challenge, &sent, secrets, &scope, now).map(Reading::Answer);
        }
    }
    // A delivery is refused as forged before anybody is told whether it could be read.
    let proof = signature::check(&webhook.check, &sent, secrets, now)?;
    let data = data.clone().ok_or(Refusal::Unreadable)?;
    let mut found = Vec::new();
    at(&data, &webhook.events, &mut found)?;
    let mut events = Vec::with_capacity(found.len());
    for event in found {
        let event = secrets.hidden_within(event);
        let scope = json!({ "event": event, "request": request, "settings": settings });
        let id = webhook.id.value(&Scope::of(Datum::new(scope))).map_err(|_| Refusal::Unreadable)?;
        let id = Some(into_text(id)).filter(|id| !id.is_empty());
        events.push((id, event));
    }
    Ok(Reading::Events(Events { events, request, proof }))
}

/// The challenge that a delivery is, if it is one.
pub(crate) fn challenge<'a>(webhook: &'a Webhook, sent: Sent<'_>) -> Option<&'a Challenge> {
    let data = body(&webhook.body, sent.body);
    let seen = seen(&sent, data.as_ref());
    let scope = Scope::of(Datum::new(json!({ "request": seen, "settings": {} })));
    webhook.challenges.iter().find(|challenge| is_true(&challenge.when.value(&scope).unwrap_or_default()))
}

/// What `trigger` gives a run for `event`; `None` when it does not hear of it.
///
/// # Errors
/// The failure of a template.
pub fn heard(
    trigger: &Trigger,
    event: &Value,
    request: &Value,
    input: &Map<String, Value>,
    settings: &Map<String, Value>,
) -> Result<Option<Value>, Failure> {
    let seen = json!({ "event": event, "request": request, "input": input, "settings": settings });
    let scope = Scope::of(Datum::new(seen));
    let listens = trigger.webhook.as_ref().and_then(|listen| listen.when.as_ref());
    for when in listens.into_iter().chain(&trigger.when) {
        if !is_true(&when.value(&scope)?) {
            return Ok(None);
        }
    }
    trigger.output.as_ref().map_or_else(|| Ok(event.clone()), |output| output.value(&scope)).map(Some)
}

/// What `event` answers of what a run has asked people; `None` when it answers nothing.
///
/// # Errors
/// The failure of a template.
pub fn answer_of(webhook: &Webhook, event: &Value, request: &Value) -> Result<Option<GivenAnswer>, Failure> {
    let Some(answers) = &webhook.answers else { return Ok(None) };
    let scope = Scope::of(Datum::new(json!({ "event": event, "request": request })));
    if let Some(when) = &answers.when
        && !is_true(&when.value(&scope)?)
    {
        return Ok(None);
    }
    let link = answers.link.text(&scope)?;
    if link.trim().is_empty() {
        return Ok(None);
    }
    Ok(Some(GivenAnswer { link, answer: answers.answer.text(&scope)?, by: answers.by.text(&scope)? }))
}

/// What is said back where the question stands: the address and the body; `said` is what became of the answer.
///
/// # Errors
/// The failure of a template; `CONN-0008` when the address is none of the hosts.
pub fn told_back(
    manifest: &Manifest,
    webhook: &Webhook,
    event: &Value,
    request: &Value,
    said: &str,
) -> Result<Option<(String, Value)>, Failure> {
    let Some(tell) = webhook.answers.as_ref().and_then(|answers| answers.tell.as_ref()) else {
        return Ok(None);
    };
    let scope = Scope::of(Datum::new(json!({ "event": event, "request": request, "said": said })));
    let address = tell.url.text(&scope)?;
    if address.trim().is_empty() {
        return Ok(None);
    }
    let url = url::Url::parse(&address).map_err(|_| super::failures::bad_address())?;
    if !tell.hosts.iter().any(|pattern| crate::credentials::host_fits(pattern, &url)) {
        return Err(super::failures::foreign_host(&manifest.name, url.host_str().unwrap_or_default()));
    }
    Ok(Some((url.into(), tell.json.value(&scope)?)))
}

/// The inputs of a trigger in their types, with what they are when nothing is said.
///
/// # Errors
/// `CONN-0002` when one is missing or has another type.
pub fn inputs(
    manifest: &Manifest,
    trigger: &str,
    given: Map<String, Value>,
) -> Result<Map<String, Value>, Failure> {
    let described = manifest.triggers.get(trigger);
    let described = described.ok_or_else(|| super::failures::unknown_action(&manifest.name, trigger))?;
    super::input::settle(&described.input, given)
}

fn answer(
    webhook: &Webhook,
    challenge: &Challenge,
    sent: &Sent<'_>,
    secrets: &Secrets,
    scope: &Scope,
    now: DateTime<Utc>,
) -> Result<Value, Refusal> {
    match &challenge.proof {
        Proof::Check => drop(signature::check(&webhook.check, sent, secrets, now)?),
        Proof::Token { secret, at } => signature::token(secret, at, sent, secrets)?,
        Proof::Nothing => {}
    }
    let unreadable = |_: Failure| Refusal::Unreadable;
    let mut signed = Value::Null;
    if let (Some(signs), Check::Hmac(signature)) = (&challenge.signs, &webhook.check) {
        signed = signature::sign(signature, &signs.text(scope).map_err(unreadable)?, secrets)?.into();
    }
    let seen = json!({ "signed": signed, "request": seen(sent, sent.data) });
    let scope = Scope::of(Datum::new(seen));
    match (&challenge.json, &challenge.text) {
        (Some(json), _) => json.value(&scope).map_err(unreadable),
        (None, Some(text)) => text.text(&scope).map(Value::String).map_err(unreadable),
        (None, None) => Ok(Value::String(String::new())),
    }
}

/// What templates see of a delivery. What proves it is left out.
fn seen(sent: &Sent<'_>, data: Option<&Value>) -> Value {
    let query: Map<String, Value> = url::form_urlencoded::parse(sent.query().as_bytes())
        .map(|(name, value)| (name.into_owned(), value.into_owned().into()))
        .collect();
    let mut headers = Map::new();
    for (name, value) in sent.headers.iter().filter(|(name, _)| name != "authorization" && name != "cookie") {
        headers.insert(name.clone(), value.clone().into());
    }
    json!({
        "method": sent.method, "url": sent.url, "query": query, "headers": headers,
        "body": data.cloned().unwrap_or_default(),
    })
}

fn body(form: &BodyForm, bytes: &[u8]) -> Option<Value> {
    let fields = || url::form_urlencoded::parse(bytes);
    let value = match form {
        BodyForm::Json => serde_json::from_slice(bytes).ok()?,
        BodyForm::Form => {
            fields().map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
        }
        BodyForm::FormField(wanted) => {
            let (_, value) = fields().find(|(name, _)| name == wanted)?;
            serde_json::from_str(&value).ok()?
        }
    };
    is_shallow(&value, DEEPEST).then_some(value)
}

fn is_shallow(value: &Value, left: usize) -> bool {
    match value {
        Value::Array(items) => left > 0 && items.iter().all(|item| is_shallow(item, left - 1)),
        Value::Object(fields) => left > 0 && fields.values().all(|field| is_shallow(field, left - 1)),
        _ => true,
    }
}

/// The events at `pointer`, in which `*` stands for every item.
fn at(value: &Value, pointer: &str, into: &mut Vec<Value>) -> Result<(), Refusal> {
    if let Some((before, after)) = pointer.split_once("/*") {
        let items = value.pointer(before).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        return items.iter().try_for_each(|item| at(item, after, into));
    }
    match value.pointer(pointer) {
        Some(Value::Array(items)) => into.extend(items.iter().cloned()),
        None | Some(Value::Null) => {}
        Some(one) => into.push(one.clone()),
    }
    if into.len() > MOST_EVENTS { Err(Refusal::Unreadable) } else { Ok(()) }
}

#[cfg(test)]
mod tests;
