//! Where an API lives, as a document says. It is a proposal: where credentials go is what a person confirmed.

use super::names;
use super::operation::Operation;
use super::prose;
use super::survey::Proposal;
use super::walk::{Spot, Walk, joined};
use super::{Document, Version};
use serde_json::{Map, Value, json};
use url::Url;

/// Most proposals.
const MOST: usize = 20;

/// The addresses a document proposes, the likeliest first.
pub(super) fn proposals(document: &Document, walk: &Walk<'_>) -> Vec<Proposal> {
    let mut found: Vec<Proposal> = match document.version {
        Version::Swagger2 => swagger(document, walk),
        _ => walk
            .at_top("servers")
            .map(|servers| {
                servers.items().take(MOST).filter_map(|server| of_server(document, walk, &server)).collect()
            })
            .unwrap_or_default(),
    };
    let mut seen = Vec::new();
    found.retain(|proposal| {
        let is_new = !seen.contains(&proposal.url);
        seen.push(proposal.url.clone());
        is_new
    });
    // What is encrypted as it stands goes before what had to be changed.
    found.sort_by_key(|proposal| proposal.notes.len());
    found
}

/// The addresses of operations that live elsewhere than the document says of all.
pub(super) fn elsewhere(document: &Document, walk: &Walk<'_>, operations: &[Operation<'_>]) -> Vec<Proposal> {
    let mut found: Vec<Proposal> = Vec::new();
    for proposal in operations.iter().flat_map(|operation| of_operation(document, walk, operation)) {
        if found.len() < MOST && found.iter().all(|known| known.url != proposal.url) {
            found.push(proposal);
        }
    }
    found
}

/// The addresses that an operation, or its path, has of its own.
pub(super) fn of_operation(document: &Document, walk: &Walk<'_>, operation: &Operation<'_>) -> Vec<Proposal> {
    let own = [&operation.node, &operation.item].into_iter().find_map(|spot| {
        spot.get("servers").filter(|servers| servers.value.as_array().is_some_and(|list| !list.is_empty()))
    });
    own.into_iter()
        .flat_map(|servers| servers.items().take(MOST).collect::<Vec<_>>())
        .filter_map(|server| of_server(document, walk, &server))
        .collect()
}

fn swagger(document: &Document, walk: &Walk<'_>) -> Vec<Proposal> {
    let text = |name: &str| walk.at_top(name).and_then(|spot| spot.value.as_str()).unwrap_or_default().trim();
    let origin = document.origin.as_ref();
    let host = match text("host") {
        "" => origin.map(|origin| origin[url::Position::BeforeHost..url::Position::AfterPort].to_owned()),
        host => Some(host.to_owned()),
    };
    let Some(host) = host else { return Vec::new() };
    let base = text("basePath").trim_matches('/');
    let address = if base.is_empty() { format!("https://{host}") } else { format!("https://{host}/{base}") };
    let schemes =
        walk.at_top("schemes").map(|schemes| schemes.items().filter_map(|one| one.value.as_str()).collect());
    let schemes: Vec<&str> = schemes.unwrap_or_default();
    let mut notes = Vec::new();
    if !schemes.is_empty() && !schemes.contains(&"https") {
        notes
            .push("The document names http only; credentials travel encrypted, so this is https.".to_owned());
    }
    proposed(walk, "/host", &address, "", Map::new(), notes).into_iter().collect()
}

fn of_server(document: &Document, walk: &Walk<'_>, server: &Spot<'_>) -> Option<Proposal> {
    let address = server.text("url").unwrap_or_default().trim();
    let about = prose::plain(server.text("description").unwrap_or_default(), 200);
    let (mut address, mut notes) = (address.to_owned(), Vec::new());
    if let Some(rest) = address.strip_prefix("//") {
        address = format!("https://{rest}");
    } else if !address.contains("://") && !address.starts_with('{') {
        let origin = document.origin.as_ref();
        let Some(whole) = origin.and_then(|origin| origin.join(&address).ok()) else {
            walk.note(
                &joined(&server.at, "url"),
                "this address is relative, and to what it is the document does not say",
            );
            return None;
        };
        address = whole.to_string();
    }
    let is_here = ["http://localhost", "http://127.0.0.1"].iter().any(|here| address.starts_with(here));
    if let Some(rest) = address.strip_prefix("http://")
        && !is_here
    {
        notes
            .push("The document names http only; credentials travel encrypted, so this is https.".to_owned());
        address = format!("https://{rest}");
    }
    let mut settings = Map::new();
    let variables = server.get("variables");
    let mut text = String::new();
    let mut left = address.as_str();
    while let Some((before, rest)) = left.split_once('{') {
        let Some((name, after)) = rest.split_once('}') else { break };
        text.push_str(before);
        left = after;
        let described = variables.as_ref().and_then(|variables| variables.get(name));
        let default =
            described.as_ref().and_then(|spot| spot.value.get("default")).map(words).unwrap_or_default();
        let choices: Vec<Value> = described
            .as_ref()
            .and_then(|spot| spot.value.get("enum")?.as_array())
            .into_iter()
            .flatten()
            .filter(|choice| choice.is_string())
            .take(50)
            .cloned()
            .collect();
        // A variable that stands for the scheme or the whole host cannot be left open: it decides where credentials go.
        let opens = text.is_empty() || (text.ends_with("://") && !after.starts_with('.'));
        if choices.len() == 1 || opens {
            text.push_str(&default);
            continue;
        }
        let setting = names::snake(name);
        if setting.is_empty() {
            text.push_str(&default);
            continue;
        }
        text.push_str(&format!("{{{{ settings.{setting} }}}}"));
        let mut field = json!({ "type": "string", "title": names::words(name) });
        let description = described.as_ref().and_then(|spot| spot.text("description")).unwrap_or_default();
        if !description.is_empty() {
            field["description"] = prose::plain(description, prose::BESIDE_FIELD).into();
        }
        if !default.is_empty() {
            field["default"] = default.into();
        }
        if choices.len() > 1 {
            field["enum"] = choices.into();
        }
        let secret = ["token", "key", "secret", "password"].iter().any(|word| setting.contains(word));
        if secret {
            notes.push(format!(
                "\"{}\" stands in the address and looks like a secret; as a setting it is kept unsealed.",
                names::words(name)
            ));
        }
        settings.insert(setting, field);
    }
    text.push_str(left);
    proposed(walk, &joined(&server.at, "url"), &text, &about, settings, notes)
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    }
}

fn proposed(
    walk: &Walk<'_>,
    at: &str,
    address: &str,
    about: &str,
    settings: Map<String, Value>,
    notes: Vec<String>,
) -> Option<Proposal> {
    let address = address.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let Some(hosts) = hosts(address) else {
        walk.note(at, "this is no address that could be called");
        return None;
    };
    let url = address.to_owned();
    Some(Proposal { url, about: about.to_owned(), hosts, settings, notes })
}

/// The hosts that an address (whose first parts may be settings) leads to; `None` when it is none.
#[must_use]
pub(super) fn hosts(address: &str) -> Option<Vec<String>> {
    let (scheme, rest) = address.split_once("://")?;
    let authority = rest.split('/').next().unwrap_or_default();
    if !matches!(scheme, "http" | "https") || authority.is_empty() || authority.contains('@') {
        return None;
    }
    let Some(end) = authority.rfind("}}") else {
        let url = Url::parse(address).ok()?;
        let host = url.host_str()?;
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        return Some(vec![format!("{host}{port}")]);
    };
    // Only what follows the last setting is known, and it has to be a domain of its own.
    let known = authority[end + 2..].strip_prefix('.')?;
    let (known, port) = match known.split_once(':') {
        Some((known, port)) => (known, format!(":{}", port.parse::<u16>().ok()?)),
        None => (known, String::new()),
    };
    let parts: Vec<&str> = known.split('.').collect();
    let is_domain = parts.len() >= 2
        && known.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte))
        && parts.iter().all(|part| !part.is_empty());
    (is_domain && !crate::manifest::is_everybodys(known))
        .then(|| vec![format!("*.{}{port}", known.to_ascii_lowercase())])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_known_or_there_are_none() {
        let of = |address: &str| hosts(address).map(|hosts| hosts.join(" "));
        assert_eq!(of("https://API.acme.example/v1").as_deref(), Some("api.acme.example"));
        assert_eq!(of("https://localhost:8080").as_deref(), Some("localhost:8080"));
        assert_eq!(of("https://{{ settings.shop }}.acme.example/x").as_deref(), Some("*.acme.example"));
        assert_eq!(
            of("https://{{ settings.shop }}.a.io").as_deref(),
            Some("*.a.io"),
            "short is not everybody's"
        );
        for wrong in [
            "https://{{ settings.host }}/x",
            "https://{{ settings.a }}.com",
            "https://{{ settings.a }}.co.uk",
            "https://{{ settings.a }}.com.au",
            "ftp://a.example",
            "https://me@a.example",
            "nothing",
        ] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }
}
