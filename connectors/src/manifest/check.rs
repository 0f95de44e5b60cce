//! What types alone cannot say of a manifest: names that refer to something, hosts that are hosts, promises that fit.

use super::action::{Action, PathPiece, Repeat};
use super::auth::Grant;
use super::{Manifest, VOCABULARY};
use serde_json::Value;
use trunkline_engine::expression::{Dynamic, Template};

/// The types an input may have.
const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "array", "object", "any"];
/// Names of inputs that mean something else in a step's settings.
const RESERVED: [&str; 1] = ["connection"];
/// Names that ways to sign in give their own secrets.
const SECRETS: [&str; 8] = [
    "key",
    "username",
    "password",
    "client_id",
    "client_secret",
    "private_key",
    "access_token",
    "refresh_token",
];

/// What tokens are kept as.
const TOKENS: [&str; 2] = ["access_token", "refresh_token"];

/// The limits that a setting can set.
const LIMITS: [&str; 4] = ["calls", "seconds", "at_once", "daily"];

type Found = Vec<(String, String)>;

/// Problems as path and message.
pub(super) fn check(manifest: &Manifest) -> Found {
    let mut found = Vec::new();
    let mut say = |path: &str, message: String| found.push((path.to_owned(), message));
    if manifest.manifest != VOCABULARY {
        say("manifest", format!("this version of Trunkline reads vocabulary {VOCABULARY}"));
    }
    if !is_name(&manifest.id) {
        say("id", "a name has small letters, digits and _, and begins with a letter".into());
    }
    if manifest.auth.is_empty() {
        say("auth", "there is no way to sign in; say at least one".into());
    }
    if manifest.hosts.is_empty() && manifest.host_setting.is_none() {
        say("hosts", "name the hosts that may get the credentials".into());
    }
    if let Some(name) = &manifest.host_setting
        && !manifest.settings.contains_key(name)
    {
        say("host_setting", format!("no setting is called {name}"));
    }
    for (name, schema) in &manifest.settings {
        if let Some(limit) = schema.get("x-limit")
            && !LIMITS.iter().any(|known| limit == known)
        {
            say(&format!("settings/{name}/x-limit"), format!("a limit is one of {}", LIMITS.join(", ")));
        }
        for way in schema.get("x-auth").and_then(Value::as_array).into_iter().flatten() {
            if !manifest.auth.iter().any(|auth| way == &auth.id) {
                say(&format!("settings/{name}/x-auth"), format!("no way to sign in is called {way}"));
            }
        }
    }
    for (at, host) in manifest.hosts.iter().enumerate() {
        if !is_host_pattern(host) {
            say(&format!("hosts/{at}"), "a host is a name such as api.example.com, or *.example.com".into());
        }
    }
    if let Some(url) = manifest.base_url.literal().filter(|url| !url.is_empty()) {
        address(url, &manifest.hosts, "base_url", &mut say);
    }
    for (at, auth) in manifest.auth.iter().enumerate() {
        if !is_name(&auth.id) {
            say(&format!("auth/{at}/id"), "a name has small letters, digits and _".into());
        }
        for sent in auth.send.headers.keys().chain(auth.send.query.keys()) {
            if let Err(error) = Template::compile(sent) {
                say(&format!("auth/{at}/send"), error.message);
            }
        }
        if manifest.auth.iter().filter(|other| other.id == auth.id).count() > 1 {
            say(&format!("auth/{at}/id"), format!("two ways to sign in are called {}", auth.id));
        }
        let is_entered = matches!(auth.grant, Grant::ApiKey {} | Grant::Entered {});
        if is_entered && auth.send.is_empty() {
            say(&format!("auth/{at}/send"), "say where the key goes".into());
        }
        let known = auth.grant.entries();
        for name in auth.asks.keys() {
            if !is_name(name) {
                say(&format!("auth/{at}/asks/{name}"), "a name has small letters, digits and _".into());
            }
            if TOKENS.contains(&name.as_str()) || known.iter().any(|entry| entry.name == *name) {
                let message = "this way to sign in has a secret of this name; call it otherwise";
                say(&format!("auth/{at}/asks/{name}"), message.into());
            }
        }
        if let Some(token) = auth.grant.token()
            && let Some(url) = token.url.literal()
        {
            let hosts: Vec<String> = manifest.hosts.iter().chain(token.hosts).cloned().collect();
            address(url, &hosts, &format!("auth/{at}/grant/token_url"), &mut say);
        }
    }
    for name in manifest.secret_settings() {
        if SECRETS.contains(&name) {
            let message =
                format!("{name} is the name of a secret that ways to sign in have; call it otherwise");
            say(&format!("settings/{name}"), message);
        }
    }
    if manifest.actions.is_empty() && manifest.host_setting.is_none() {
        say("actions", "the app can do nothing; say at least one action".into());
    }
    if !manifest.actions.is_empty() && manifest.base_url.is_blank() {
        say("base_url", "say where the API begins".into());
    }
    if let Some(test) = &manifest.test {
        match (test.action.is_empty(), test.address.is_blank()) {
            (false, true) => reads(manifest, &test.action, "test/action", &mut say),
            (true, false) => {}
            _ => say("test", "a connection is tested by an action or by an address".into()),
        }
    }
    for (name, source) in &manifest.fields {
        reads(manifest, &source.action, &format!("fields/{name}/action"), &mut say);
    }
    for (name, action) in &manifest.actions {
        of_action(manifest, name, action, &mut say);
    }
    found
}

fn of_action(manifest: &Manifest, name: &str, action: &Action, say: &mut impl FnMut(&str, String)) {
    let at = format!("actions/{name}");
    if !is_name(name) {
        say(&at, "a name has small letters, digits and _, and begins with a letter".into());
    }
    for (input, schema) in &action.input.properties {
        let place = format!("{at}/input/properties/{input}");
        if RESERVED.contains(&input.as_str()) {
            say(&place, format!("{input} is the name of a setting that every step of an app has"));
        }
        match schema.get("type").and_then(Value::as_str) {
            Some(kind) if TYPES.contains(&kind) => {}
            _ => say(&place, format!("say its type: one of {}", TYPES.join(", "))),
        }
        if !schema.get("title").is_some_and(Value::is_string) {
            say(&place, "give it a title".into());
        }
        if let Some(source) = schema.get("x-fields").and_then(Value::as_str)
            && !manifest.fields.contains_key(source)
        {
            say(&format!("{place}/x-fields"), format!("no fields are called {source}"));
        }
        if schema.get("x-fields").is_some()
            && !matches!(schema.get("type").and_then(Value::as_str), Some("object" | "array"))
        {
            let message = "fields of the app fill an object (by their names) or an array (of their names)";
            say(&format!("{place}/x-fields"), message.into());
        }
    }
    for name in action.input.required.iter().filter(|name| !action.input.properties.contains_key(*name)) {
        say(&format!("{at}/input/required"), format!("{name} is none of the properties"));
    }
    for name in mentioned(action) {
        if !action.input.properties.contains_key(&name) {
            say(&format!("{at}/request"), format!("no input is called {name}"));
        }
    }
    for name in action.request.lists.keys() {
        if !action.request.query.contains_key(name) && !action.request.form.contains_key(name) {
            say(
                &format!("{at}/request/lists/{name}"),
                format!("{name} is no parameter and no field of the form"),
            );
        }
    }
    if action.request.json.is_some() && !action.request.form.is_empty() {
        say(&format!("{at}/request"), "a request has a JSON body or a form, not both".into());
    }
    if let Some(bulk) = &action.bulk {
        let is_list = action.input.properties.get(&bulk.over).is_some_and(|schema| schema["type"] == "array");
        if !is_list {
            say(&format!("{at}/bulk/over"), format!("{} is no input that is a list", bulk.over));
        }
        if bulk.most == 0 {
            say(&format!("{at}/bulk/most"), "a piece has at least one item".into());
        }
        if action.paging.is_some() {
            say(&format!("{at}/bulk"), "an action has pages or pieces, not both".into());
        }
        if matches!(action.write, Some(Repeat::Uncertain {} | Repeat::Checked(_))) {
            let message = "what is sent in pieces must be harmless to repeat, or recognised by the app";
            say(&format!("{at}/bulk"), message.into());
        }
    }
    if action.paging.is_some() && action.write.is_some() {
        say(&format!("{at}/paging"), "only reads have pages".into());
    }
    if let Some(Repeat::Checked(check)) = &action.write {
        reads(manifest, &check.action, &format!("{at}/write/action"), say);
    }
    if action.examples.is_empty() {
        say(&format!("{at}/examples"), "record at least one example".into());
    }
    for (number, example) in action.examples.iter().enumerate() {
        let place = format!("{at}/examples/{number}");
        if example.output.is_some() == example.failure.is_some() {
            say(&place, "an example has either an output or a failure".into());
        }
    }
}

fn reads(manifest: &Manifest, action: &str, place: &str, say: &mut impl FnMut(&str, String)) {
    match manifest.actions.get(action) {
        None => say(place, format!("no action is called {action}")),
        Some(found) if !found.only_reads() => {
            say(place, format!("{action} writes; name one that only reads"));
        }
        Some(_) => {}
    }
}

/// An address that credentials are sent to: encrypted, and at one of `hosts`.
fn address(url: &str, hosts: &[String], place: &str, say: &mut impl FnMut(&str, String)) {
    let Ok(url) = url::Url::parse(url) else {
        return say(place, "this is no address".into());
    };
    let host = url.host_str().unwrap_or_default();
    let is_here = host == "localhost" || host == "127.0.0.1" || host == "[::1]";
    if url.scheme() != "https" && !is_here {
        say(place, "credentials are sent to addresses that begin with https:// only".into());
    }
    if !hosts.iter().any(|pattern| crate::credentials::host_fits(pattern, &url)) {
        say(place, format!("{host} is none of the hosts"));
    }
}

/// The inputs that the templates of an action's request mention.
fn mentioned(action: &Action) -> Vec<String> {
    let request = &action.request;
    let mut names = Vec::new();
    for piece in &request.path.pieces {
        if let PathPiece::Value(expression) = piece {
            names.extend(inputs_of(expression.source()));
        }
    }
    let parts = request.query.values().chain(request.headers.values()).chain(request.form.values());
    parts.chain(request.json.as_ref()).for_each(|part| collect(part, &mut names));
    names.sort();
    names.dedup();
    names
}

fn collect(value: &Dynamic, into: &mut Vec<String>) {
    match value {
        Dynamic::Literal(_) => {}
        Dynamic::Computed(expression) => into.extend(inputs_of(expression.source())),
        Dynamic::List(items) => items.iter().for_each(|item| collect(item, into)),
        Dynamic::Record(fields) => fields.iter().for_each(|(_, field)| collect(field, into)),
    }
}

/// The names behind `input.` in the text of an expression.
fn inputs_of(source: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in source.match_indices("input.") {
        let before = source[..at].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == '.') {
            continue;
        }
        let name: String = source[at + "input.".len()..]
            .chars()
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
            .collect();
        if !name.is_empty() {
            names.push(name);
        }
    }
    names
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= 60
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// A host name, with a port if need be, or `*.` before a name of at least two parts.
pub(super) fn is_host_pattern(pattern: &str) -> bool {
    let (name, must_have_dot) = match pattern.strip_prefix("*.") {
        Some(rest) => (rest, true),
        None => (pattern, false),
    };
    let (host, port) = name.split_once(':').map_or((name, None), |(host, port)| (host, Some(port)));
    !host.is_empty()
        && (!must_have_dot || (host.contains('.') && !is_everybodys(host)))
        && port.is_none_or(|port| port.parse::<u16>().is_ok())
        && host
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte))
}

/// Whether anybody can have a name below `domain`, as below `co.uk`.
pub(crate) fn is_everybodys(domain: &str) -> bool {
    let suffix = psl::suffix(domain.as_bytes());
    suffix.is_some_and(|suffix| suffix == domain && suffix.typ() == Some(psl::Type::Icann))
}
