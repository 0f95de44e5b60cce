//! How an API is signed in to, guessed from its security schemes, or from its parameters when it names none.

use super::names;
use super::operation::Operation;
use super::parameter::{self, Place};
use super::prose;
use super::survey::WayIn;
use super::walk::{Spot, Walk, joined};
use super::{Document, Version};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use std::collections::{BTreeSet, HashSet};
use url::Url;

/// Names of parameters that carry a proof of who one is, in small letters.
const PROOFS: [&str; 14] = [
    "authorization",
    "x-api-key",
    "x-auth-token",
    "x-access-token",
    "api-key",
    "apikey",
    "api_key",
    "x-token",
    "auth_token",
    "access_token",
    "x-apikey",
    "access-token",
    "hapikey",
    "token",
];
/// Names that ways to sign in give their own secrets.
const SECRETS: [&str; 7] =
    ["key", "username", "password", "client_id", "client_secret", "access_token", "refresh_token"];
/// Operations that are looked at for parameters that are proofs.
const LOOKED_AT: usize = 400;
/// Most ways to sign in.
const MOST: usize = 8;

/// What is known of signing in.
#[derive(Debug, Default)]
pub(super) struct Signing {
    /// The ways, the one that most operations take first.
    pub(super) ways: Vec<WayIn>,
    /// Parameters that carry the proof and are no inputs, by place and name in small letters.
    pub(super) carried: HashSet<(Place, String)>,
    /// Whether the document said it, or it is a guess.
    pub(super) is_guess: bool,
}

type Requirement<'a> = Vec<(&'a str, BTreeSet<&'a str>)>;

pub(super) fn guess(document: &Document, walk: &Walk<'_>, operations: &[Operation<'_>]) -> Signing {
    let shelf = match document.version {
        Version::Swagger2 => walk.at_top("securityDefinitions"),
        _ => walk.at_top("components").and_then(|components| components.get("securitySchemes")),
    };
    let schemes: IndexMap<&str, Spot<'_>> = shelf
        .map(|shelf| {
            shelf.fields().take(40).filter_map(|(name, spot)| Some((name, walk.follow(spot)?))).collect()
        })
        .unwrap_or_default();
    let mut signing = Signing::default();
    for (kind, name) in schemes.values().filter_map(|scheme| Some((scheme.text("in")?, scheme.text("name")?)))
    {
        let place = match kind {
            "query" => Place::Query,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            _ => continue,
        };
        signing.carried.insert((place, name.to_ascii_lowercase()));
    }
    let mut wanted = requirements(walk, operations);
    if wanted.is_empty() {
        wanted = schemes.keys().map(|name| (vec![(*name, BTreeSet::new())], 1)).collect();
    }
    if let Some(requirement) = pair(&wanted, &schemes) {
        wanted.insert(0, (requirement, 1));
    }
    for (requirement, _) in &wanted {
        if signing.ways.len() >= MOST {
            break;
        }
        let way =
            if requirement.is_empty() { Some(nothing()) } else { way(document, walk, &schemes, requirement) };
        if let Some(way) = way
            && !signing.ways.iter().any(|known| known.auth == way.auth)
        {
            signing.ways.push(way);
        }
    }
    let of_parameters = of_parameters(walk, document, operations, &mut signing);
    if signing.ways.is_empty() {
        signing.is_guess = true;
        signing.ways.extend(of_parameters);
    }
    if signing.ways.is_empty() {
        signing.ways.push(key(
            "api_key",
            "API key",
            "",
            &json!({ "headers": { "Authorization": "Bearer {{ secret.key }}" } }),
        ));
        signing.ways.push(nothing());
    }
    let mut taken = HashSet::new();
    for way in &mut signing.ways {
        let id = way.auth["id"].as_str().unwrap_or_default().to_owned();
        way.auth["id"] = names::free(&id, &mut taken).into();
    }
    signing
}

/// What operations require, the commonest first.
fn requirements<'a>(walk: &Walk<'a>, operations: &[Operation<'a>]) -> Vec<(Requirement<'a>, usize)> {
    let general = walk.at_top("security");
    let mut found: Vec<(Requirement<'a>, usize)> = Vec::new();
    for operation in operations {
        let Some(security) = operation.node.get("security").or_else(|| general.clone()) else { continue };
        for one in security.items().take(10) {
            let mut requirement: Requirement<'a> = one
                .fields()
                .take(10)
                .map(|(name, scopes)| {
                    (name, scopes.items().filter_map(|scope| scope.value.as_str()).take(60).collect())
                })
                .collect();
            requirement.sort_by_key(|(name, _)| *name);
            let same = |known: &Requirement<'_>| {
                known.len() == requirement.len()
                    && known.iter().zip(&requirement).all(|(one, other)| one.0 == other.0)
            };
            let has_room = found.len() < 40;
            match found.iter_mut().find(|(known, _)| same(known)) {
                Some((known, count)) => {
                    *count += 1;
                    for (known, new) in known.iter_mut().zip(requirement) {
                        known.1.extend(new.1);
                    }
                }
                None if has_room => found.push((requirement, 1)),
                None => {}
            }
        }
    }
    // Sorted stably: of those that are taken as often, the first in the document is the usual one.
    found.sort_by_key(|(requirement, count)| (requirement.is_empty(), std::cmp::Reverse(*count)));
    found
}

/// Two keys in the address that a document gives as alternatives, and nothing else. They nearly always belong together, such
/// as the key of an app and the token of a person; each alone is offered after it.
fn pair<'a>(
    wanted: &[(Requirement<'a>, usize)],
    schemes: &IndexMap<&str, Spot<'_>>,
) -> Option<Requirement<'a>> {
    let [(one, _), (other, _)] = wanted else { return None };
    let in_address = |requirement: &Requirement<'_>| match requirement.as_slice() {
        [(name, _)] => schemes.get(name).is_some_and(|scheme| {
            scheme.text("type") == Some("apiKey") && scheme.text("in") == Some("query")
        }),
        _ => false,
    };
    (in_address(one) && in_address(other)).then(|| [one.clone(), other.clone()].concat())
}

fn nothing() -> WayIn {
    let auth = json!({ "id": "none", "title": "Nothing", "help": "The API is open to everybody.", "grant": { "kind": "none" } });
    WayIn { auth, notes: Vec::new() }
}

fn key(id: &str, title: &str, help: &str, send: &Value) -> WayIn {
    let mut auth = json!({ "id": id, "title": title, "grant": { "kind": "api_key" }, "send": send });
    if !help.is_empty() {
        auth["help"] = help.into();
    }
    WayIn { auth, notes: Vec::new() }
}

fn way(
    document: &Document,
    walk: &Walk<'_>,
    schemes: &IndexMap<&str, Spot<'_>>,
    requirement: &Requirement<'_>,
) -> Option<WayIn> {
    let mut known = Vec::new();
    for (name, scopes) in requirement {
        match schemes.get(name) {
            Some(scheme) => known.push((*name, scheme, scopes)),
            None => walk.note(
                "",
                format!(
                    "a way to sign in called {} is required and nowhere described",
                    prose::short(name, 60)
                ),
            ),
        }
    }
    let is_key = |scheme: &Spot<'_>| match scheme.text("type") {
        Some("apiKey") => true,
        Some("http") => scheme.text("scheme").is_some_and(|word| word.eq_ignore_ascii_case("bearer")),
        _ => false,
    };
    if known.len() > 1
        && known.iter().all(|(_, scheme, _)| is_key(scheme))
        && let Some(way) = keys(&known.iter().map(|(name, scheme, _)| (*name, *scheme)).collect::<Vec<_>>())
    {
        return Some(way);
    }
    // A token that is got by OAuth, and keys beside it.
    if known.len() > 1
        && let Some(at) = known.iter().position(|(_, scheme, _)| !is_key(scheme))
        && known[at].1.text("type") == Some("oauth2")
    {
        let (name, scheme, scopes) = known[at];
        let others: Vec<_> = known
            .iter()
            .enumerate()
            .filter(|(number, _)| *number != at)
            .map(|(_, (name, scheme, _))| (*name, *scheme))
            .collect();
        let way = one(document, walk, name, scheme, scopes)?;
        let secret = if way.auth["grant"]["kind"] == "api_key" { "key" } else { "access_token" };
        let token = format!("Bearer {{{{ secret.{secret} }}}}");
        let headers = Map::from_iter([("Authorization".to_owned(), token.into())]);
        if let Some(way) = with_keys(way, headers, &others) {
            return Some(way);
        }
    }
    if known.len() > 1 {
        let at = &known[0].1.at;
        walk.note(at, "several proofs are required at once; only the first is sent, so check how the API is signed in to");
    }
    let (name, scheme, scopes) = known.into_iter().next()?;
    one(document, walk, name, scheme, scopes)
}

fn one(
    document: &Document,
    walk: &Walk<'_>,
    name: &str,
    scheme: &Spot<'_>,
    scopes: &BTreeSet<&str>,
) -> Option<WayIn> {
    let id = Some(names::snake(name)).filter(|id| !id.is_empty()).unwrap_or_else(|| "key".into());
    let help = prose::markdown(scheme.text("description").unwrap_or_default(), 600);
    let bearer = || json!({ "headers": { "Authorization": "Bearer {{ secret.key }}" } });
    match scheme.text("type").unwrap_or_default() {
        "apiKey" => Some(key(&id, &names::words(name), &help, &Value::Object(carrier(scheme, "key")?))),
        "basic" => Some(basic(&id, &help)),
        "http" => match scheme.text("scheme").unwrap_or_default().to_ascii_lowercase().as_str() {
            "basic" => Some(basic(&id, &help)),
            "bearer" | "" => Some(key(&id, "Access token", &help, &bearer())),
            other
                if other.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                    && !matches!(other, "digest" | "hoba" | "mutual" | "negotiate" | "oauth" | "vapid") =>
            {
                let value = format!("{} {{{{ secret.key }}}}", names::capital(other));
                Some(key(&id, &names::words(name), &help, &json!({ "headers": { "Authorization": value } })))
            }
            other => {
                walk.note(&scheme.at, format!("signing in by {} is not supported", prose::short(other, 40)));
                None
            }
        },
        "oauth2" => oauth(document, walk, &id, &help, scheme, scopes),
        "openIdConnect" => {
            let mut way = key(&id, "Access token", &help, &bearer());
            way.notes.push("The document names OpenID Connect; an access token is entered by hand.".into());
            Some(way)
        }
        other => {
            walk.note(
                &joined(&scheme.at, "type"),
                format!("signing in by {} is not supported", prose::short(other, 40)),
            );
            None
        }
    }
}

fn basic(id: &str, help: &str) -> WayIn {
    let mut auth = json!({ "id": id, "title": "User name and password", "grant": { "kind": "basic" } });
    if !help.is_empty() {
        auth["help"] = help.into();
    }
    WayIn { auth, notes: Vec::new() }
}

/// Where a key or a token goes.
fn carrier(scheme: &Spot<'_>, entry: &str) -> Option<Map<String, Value>> {
    let secret = format!("{{{{ secret.{entry} }}}}");
    if scheme.text("type") != Some("apiKey") {
        return json!({ "headers": { "Authorization": format!("Bearer {secret}") } }).as_object().cloned();
    }
    let place = scheme.text("in").unwrap_or("header");
    // Names of manifests may hold expressions; those of a document never do.
    let fits = |name: &&str| match place {
        "query" => !name.contains(|letter: char| letter.is_whitespace() || "{}%".contains(letter)),
        _ => parameter::is_header_name(name),
    };
    let name = scheme.text("name").map(str::trim).filter(|name| !name.is_empty()).filter(fits)?;
    let send = match place {
        "query" => json!({ "query": { name: secret } }),
        "cookie" => json!({ "headers": { "Cookie": format!("{name}={secret}") } }),
        _ => {
            // What is called Authorization nearly always wants its word before the key.
            let about = scheme.text("description").unwrap_or_default().to_ascii_lowercase();
            let words =
                name.eq_ignore_ascii_case("authorization") && (about.is_empty() || about.contains("bearer"));
            json!({ "headers": { name: if words { format!("Bearer {secret}") } else { secret } } })
        }
    };
    send.as_object().cloned()
}

/// Several keys and tokens that are entered and sent together.
fn keys(schemes: &[(&str, &Spot<'_>)]) -> Option<WayIn> {
    let titles: Vec<String> = schemes.iter().map(|(name, _)| names::words(name)).collect();
    let auth = json!({ "id": "keys", "title": titles.join(" and "), "grant": { "kind": "entered" } });
    with_keys(WayIn { auth, notes: Vec::new() }, Map::new(), schemes)
}

/// `way`, which sends `headers` by itself, with keys beside it; nothing when two would be the same header.
fn with_keys(
    mut way: WayIn,
    mut headers: Map<String, Value>,
    schemes: &[(&str, &Spot<'_>)],
) -> Option<WayIn> {
    let (mut asks, mut query) = (Map::new(), Map::new());
    let mut taken: HashSet<String> = SECRETS.iter().map(|name| (*name).to_owned()).collect();
    for (name, scheme) in schemes {
        let entry = names::free(&names::snake(name), &mut taken);
        let send = carrier(scheme, &entry)?;
        asks.insert(entry, json!({ "title": names::words(name) }));
        for (word, into) in [("headers", &mut headers), ("query", &mut query)] {
            let Some(Value::Object(more)) = send.get(word) else { continue };
            for (name, value) in more {
                match into.get_mut(name) {
                    None => {
                        into.insert(name.clone(), value.clone());
                    }
                    Some(Value::String(known)) if name == "Cookie" => {
                        known.push_str("; ");
                        known.push_str(value.as_str().unwrap_or_default());
                    }
                    Some(_) => return None,
                }
            }
        }
    }
    way.auth["asks"] = Value::Object(asks);
    way.auth["send"] = json!({ "headers": headers, "query": query });
    Some(way)
}

fn oauth(
    document: &Document,
    walk: &Walk<'_>,
    id: &str,
    help: &str,
    scheme: &Spot<'_>,
    scopes: &BTreeSet<&str>,
) -> Option<WayIn> {
    let flows: Vec<(&str, Spot<'_>)> = match document.version {
        Version::Swagger2 => scheme.text("flow").map(|flow| vec![(flow, scheme.clone())]).unwrap_or_default(),
        _ => scheme.get("flows").map(|flows| flows.fields().take(8).collect()).unwrap_or_default(),
    };
    let find = |names: [&str; 2]| flows.iter().find(|(name, _)| names.contains(name)).map(|(_, flow)| flow);
    let address = |flow: &Spot<'_>, name: &str| -> Option<String> {
        let text = flow.text(name)?.trim();
        let url = Url::parse(text).ok().or_else(|| {
            let base = super::servers::proposals(document, walk).into_iter().next()?;
            Url::parse(&base.url).ok()?.join(text).ok()
        })?;
        (url.scheme() == "https").then(|| url.to_string())
    };
    // Scopes of manifests may hold expressions; those of a document never do.
    let scopes: Vec<&str> = scopes.iter().copied().filter(|scope| !scope.contains('{')).collect();
    let mut grant = Map::new();
    let made = if let Some((authorize, token)) = find(["authorizationCode", "accessCode"])
        .and_then(|flow| Some((address(flow, "authorizationUrl")?, address(flow, "tokenUrl")?)))
    {
        grant.insert("kind".into(), "authorization_code".into());
        grant.insert("authorize_url".into(), authorize.into());
        Some(token)
    } else {
        grant.insert("kind".into(), "client_credentials".into());
        find(["clientCredentials", "application"]).and_then(|flow| address(flow, "tokenUrl"))
    };
    let Some(token) = made else {
        // Those who have a token can use it, however it was got.
        let mut way = key(
            id,
            "Access token",
            help,
            &json!({ "headers": { "Authorization": "Bearer {{ secret.key }}" } }),
        );
        way.notes.push(
            "The document describes an OAuth flow that cannot be used; an access token is entered by hand."
                .into(),
        );
        return Some(way);
    };
    let host = Url::parse(&token).ok().and_then(|url| {
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        url.host_str().map(|host| format!("{host}{port}"))
    })?;
    grant.insert("token_url".into(), token.into());
    grant.insert("token_hosts".into(), json!([host]));
    if !scopes.is_empty() {
        grant.insert("scopes".into(), json!(scopes));
    }
    let title =
        if grant["kind"] == "authorization_code" { "Sign in with OAuth" } else { "Client ID and secret" };
    let mut auth = json!({ "id": id, "title": title, "grant": grant });
    if !help.is_empty() {
        auth["help"] = help.into();
    }
    let notes = vec![format!(
        "Tokens are asked from {host}, as the document says; check that this is the app's own."
    )];
    Some(WayIn { auth, notes })
}

/// Parameters that most operations have and whose names say that they are the proof.
fn of_parameters(
    walk: &Walk<'_>,
    document: &Document,
    operations: &[Operation<'_>],
    signing: &mut Signing,
) -> Option<WayIn> {
    let mut counts: IndexMap<(Place, String), (usize, String)> = IndexMap::new();
    let looked_at = operations.len().min(LOOKED_AT);
    for operation in &operations[..looked_at] {
        if !walk.may_go_on() {
            break;
        }
        let quiet = Walk::new(&document.root, 500);
        for parameter in parameter::all(&quiet, operation, document.version).0 {
            let name = parameter.name.to_ascii_lowercase();
            if matches!(parameter.place, Place::Query | Place::Header | Place::Form)
                && PROOFS.contains(&name.as_str())
            {
                counts.entry((parameter.place, name)).or_insert((0, parameter.name.to_owned())).0 += 1;
            }
        }
    }
    let mut total: IndexMap<String, usize> = IndexMap::new();
    for ((_, name), (count, _)) in &counts {
        *total.entry(name.clone()).or_default() += count;
    }
    let common: Vec<String> =
        total.into_iter().filter(|(_, count)| count * 2 > looked_at).map(|(name, _)| name).collect();
    counts.retain(|(_, name), _| common.contains(name) || name == "authorization");
    signing.carried.extend(counts.keys().cloned());
    let best =
        counts.iter().filter(|((place, _), _)| *place != Place::Form).max_by_key(|(_, (count, _))| *count);
    let ((place, name), (_, written)) = best?;
    let secret = if name == "authorization" { "Bearer {{ secret.key }}" } else { "{{ secret.key }}" };
    let send = match place {
        Place::Query => json!({ "query": { written: secret } }),
        _ => json!({ "headers": { written: secret } }),
    };
    let mut way = key("api_key", "API key", "", &send);
    way.notes.push(format!("Guessed from the parameter {written} that operations have."));
    Some(way)
}
