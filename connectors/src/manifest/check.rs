//! What types alone cannot say of a manifest: names that refer to something, hosts that are hosts, promises that fit.

mod triggers;

use super::action::{Action, Input, PathPiece, Repeat, RequestTemplate};
use super::auth::Grant;
use super::{Manifest, VOCABULARY};
use serde_json::Value;
use std::collections::BTreeSet;
use trunkline_engine::expression::{Dynamic, Template};

/// The types an input may have.
const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "array", "object", "any"];
/// Names of inputs that mean something else in a step's settings.
const RESERVED: [&str; 1] = ["connection"];
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
    let is_native = manifest.protocol.is_native();
    if manifest.hosts.is_empty() && manifest.host_setting.is_none() && !is_native {
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
    if let Some(url) = manifest.base_url.literal().filter(|url| !url.is_empty() && !is_native) {
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
        if is_entered && auth.send.is_empty() && !is_native {
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
    if manifest.actions.is_empty() && manifest.host_setting.is_none() {
        say("actions", "the app can do nothing; say at least one action".into());
    }
    if !manifest.actions.is_empty() && manifest.base_url.is_blank() && !is_native {
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
    triggers::check(manifest, &mut say);
    found
}

fn of_action(manifest: &Manifest, name: &str, action: &Action, say: &mut impl FnMut(&str, String)) {
    let at = format!("actions/{name}");
    if !is_name(name) {
        say(&at, "a name has small letters, digits and _, and begins with a letter".into());
    }
    if name.starts_with("each_") {
        say(&at, "names that begin with each_ are those of loops over lists".into());
    }
    match manifest.protocol.is_native() {
        false => of_requests(manifest, action, &at, say),
        true => of_native(manifest, name, action, &at, say),
    }
    if action.patience.is_some_and(|seconds| !(1..=3600).contains(&seconds)) {
        say(&format!("{at}/patience"), "a step has 1 to 3600 seconds".into());
    }
    of_input(manifest, &at, &action.input, say);
    if let Some(bulk) = &action.bulk {
        let is_list = action.input.properties.get(&bulk.over).is_some_and(|schema| schema["type"] == "array");
        if !is_list {
            say(&format!("{at}/bulk/over"), format!("{} is no input that is a list", bulk.over));
        }
        if bulk.most == 0 {
            say(&format!("{at}/bulk/most"), "a piece has at least one item".into());
        }
        if bulk.gather.is_some() && !matches!(action.write, Some(Repeat::Harmless {})) {
            let message =
                "only what is harmless to repeat is gathered: after a crash each run repeats its own";
            say(&format!("{at}/bulk/gather"), message.into());
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

/// What is given must have a type, a title and a name of its own.
fn of_input(manifest: &Manifest, at: &str, input: &Input, say: &mut impl FnMut(&str, String)) {
    for (name, schema) in &input.properties {
        let place = format!("{at}/input/properties/{name}");
        if RESERVED.contains(&name.as_str()) {
            say(&place, format!("{name} is the name of a setting that every step of an app has"));
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
            && !matches!(
                schema.get("type").and_then(Value::as_str),
                Some("object" | "array" | "string" | "integer")
            )
        {
            let message = "fields of the app fill an object (by their names) or an array (of their names), or are chosen";
            say(&format!("{place}/x-fields"), message.into());
        }
    }
    for name in input.required.iter().filter(|name| !input.properties.contains_key(*name)) {
        say(&format!("{at}/input/required"), format!("{name} is none of the properties"));
    }
}

/// What a request of a trigger says: inputs that there are, and one body.
fn of_request(at: &str, input: &Input, request: &RequestTemplate, say: &mut impl FnMut(&str, String)) {
    of_sent(at, input, request, &sources(request, &[]), say);
}

/// What is sent may mention what is given and nothing else, and has one body.
fn of_sent(
    place: &str,
    input: &Input,
    request: &RequestTemplate,
    sources: &[&str],
    say: &mut impl FnMut(&str, String),
) {
    for name in
        names_within(sources, "input.").into_iter().filter(|name| !input.properties.contains_key(name))
    {
        say(&format!("{place}/request"), format!("no input is called {name}"));
    }
    let form = usize::from(!request.form.is_empty() && request.upload.is_none());
    let bodies =
        [request.json.is_some(), request.csv.is_some(), request.text.is_some(), request.upload.is_some()];
    if bodies.into_iter().map(usize::from).sum::<usize>() + form > 1 {
        say(&format!("{place}/request"), "a request has one body: json, form, csv, text or upload".into());
    }
    for name in request.lists.keys() {
        if !request.query.contains_key(name) && !request.form.contains_key(name) {
            let message = format!("{name} is no parameter and no field of the form");
            say(&format!("{place}/request/lists/{name}"), message);
        }
    }
}

/// The names behind `prefix` in any of `sources`.
fn names_within(sources: &[&str], prefix: &str) -> BTreeSet<String> {
    sources.iter().flat_map(|source| names_in(source, prefix)).collect()
}

/// What an action says that code of this build does: nothing of requests, for there are none.
fn of_native(manifest: &Manifest, name: &str, action: &Action, at: &str, say: &mut impl FnMut(&str, String)) {
    if !crate::native::knows(manifest.protocol, name) {
        say(at, "this protocol has no such action".into());
    }
    let is_silent = action.request.path.pieces.is_empty() && action.before.is_empty();
    if !is_silent || action.output.is_some() || action.paging.is_some() || action.bulk.is_some() {
        say(at, "this protocol has no requests and no answers; the action's name says all".into());
    }
}

/// What the requests of an action say: inputs and answers that there are, and one body each.
fn of_requests(manifest: &Manifest, action: &Action, at: &str, say: &mut impl FnMut(&str, String)) {
    let earlier = action.before.iter().map(|(name, earlier)| {
        let conditions = earlier.when.iter().collect::<Vec<_>>();
        (format!("{at}/before/{name}"), &earlier.request, conditions)
    });
    let own = (at.to_owned(), &action.request, action.when.iter().chain(&action.output).collect());
    for (number, (place, request, conditions)) in earlier.chain([own]).enumerate() {
        let sources = sources(request, &conditions);
        of_sent(&place, &action.input, request, &sources, say);
        // An earlier request sees its own answer as `answer`, and those before it by name.
        let known: Vec<&String> = action.before.keys().take(number).collect();
        for name in names_within(&sources, "before.").into_iter().filter(|name| !known.contains(&name)) {
            say(&format!("{place}/request"), format!("no request before it is called {name}"));
        }
        if request.path.pieces.is_empty() {
            say(&format!("{place}/request"), "say what is sent: a request has a path".into());
        }
        if let Some(url) = request.base_url.as_ref().and_then(Template::literal) {
            address(url, &manifest.hosts, &format!("{place}/request/base_url"), say);
        }
        if !(1..=300).contains(&request.every) {
            say(&format!("{place}/request/every"), "it is asked every 1 to 300 seconds".into());
        }
    }
    if let Some((name, first)) = action.before.first()
        && first.when.is_some()
    {
        say(&format!("{at}/before/{name}/when"), "the first request is always sent".into());
    }
    for (name, earlier) in &action.before {
        if !is_name(name) {
            say(&format!("{at}/before/{name}"), "a name has small letters, digits and _".into());
        }
        if earlier.request.until.is_some() && earlier.writes() {
            say(
                &format!("{at}/before/{name}/request/until"),
                "only a request that only reads is asked again".into(),
            );
        }
        if action.only_reads() && earlier.writes() && !earlier.request.method.only_asks() {
            let message =
                "an action that only reads has no request that writes; say only_reads if this is none";
            say(&format!("{at}/before/{name}"), message.into());
        }
    }
    let request = &action.request;
    if request.until.is_some()
        && (action.paging.is_some() || !(action.only_reads() || request.method.only_asks()))
    {
        let message = "only a request that only reads, and without pages, is asked again";
        say(&format!("{at}/request/until"), message.into());
    }
    if action.when.is_some() && (action.before.is_empty() || action.paging.is_some()) {
        let message = "only a request with others before it, and without pages, may be left out";
        say(&format!("{at}/when"), message.into());
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

/// The texts of all expressions of a request and its conditions.
fn sources<'a>(request: &'a RequestTemplate, conditions: &[&'a Dynamic]) -> Vec<&'a str> {
    let mut sources = Vec::new();
    for piece in &request.path.pieces {
        if let PathPiece::Value(expression) = piece {
            sources.push(expression.source());
        }
    }
    let upload = request.upload.iter().flat_map(|upload| {
        [Some(&upload.name), upload.csv.as_ref(), upload.text.as_ref()].into_iter().flatten()
    });
    let bodies = request.json.iter().chain(&request.csv).chain(&request.text).chain(upload);
    let parts = request.query.values().chain(request.headers.values()).chain(request.form.values());
    parts
        .chain(bodies)
        .chain(conditions.iter().copied())
        .chain(&request.until)
        .for_each(|part| collect(part, &mut sources));
    sources
}

/// The inputs that `value` mentions.
pub(super) fn inputs_of(value: &Dynamic) -> Vec<String> {
    let mut sources = Vec::new();
    collect(value, &mut sources);
    sources.iter().flat_map(|source| names_in(source, "input.")).collect()
}

fn collect<'a>(value: &'a Dynamic, into: &mut Vec<&'a str>) {
    match value {
        Dynamic::Literal(_) => {}
        Dynamic::Computed(expression) => into.push(expression.source()),
        Dynamic::List(items) => items.iter().for_each(|item| collect(item, into)),
        Dynamic::Record(fields) => fields.iter().for_each(|(_, field)| collect(field, into)),
    }
}

/// The names behind `prefix`, such as `input.`, in the text of an expression.
fn names_in(source: &str, prefix: &str) -> Vec<String> {
    let mut names = Vec::new();
    for (at, _) in source.match_indices(prefix) {
        let before = source[..at].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == '.') {
            continue;
        }
        let name: String = source[at + prefix.len()..]
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
