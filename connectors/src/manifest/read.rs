//! From the text of a manifest to a [`Manifest`]: whatever is wrong is said with its line and column.

use super::place::{Node, Place};
use super::{Manifest, check};
use serde::Serialize;
use std::fmt;

/// Largest text of a manifest, in bytes.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Something wrong in a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Line, from 1; 0 when it has no place.
    pub line: u64,
    /// Column, from 1.
    pub column: u64,
    /// The value it is about, such as `actions/find_contact/request/path`.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, path, message } = self;
        match path.is_empty() {
            true => write!(f, "{line}:{column}: {message}"),
            false => write!(f, "{line}:{column}: {path}: {message}"),
        }
    }
}

/// A manifest that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("CONN-0001: the manifest has problems:\n{}", lines(.0))]
pub struct Refused(pub Vec<Problem>);

fn lines(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}

pub(super) fn read(text: &str) -> Result<Manifest, Refused> {
    if text.len() > MOST_BYTES {
        let message = format!("it is larger than {MOST_BYTES} bytes");
        return Err(Refused(vec![Problem { line: 0, column: 0, path: String::new(), message }]));
    }
    // Only true and false are booleans: a parameter may well be called n, or a country NO.
    let options = serde_saphyr::options! { strict_booleans: true };
    let root: Node = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error
            .location()
            .map_or(Place { line: 0, column: 0 }, |at| Place { line: at.line(), column: at.column() });
        // The library draws the place below its first line; the place is said already.
        let said = error.without_snippet().to_string();
        let message = said.lines().next().unwrap_or_default().to_owned();
        Refused(vec![Problem { line: place.line, column: place.column, path: String::new(), message }])
    })?;
    let manifest: Manifest = serde_path_to_error::deserialize(root.value()).map_err(|error| {
        let message = error.inner().to_string();
        let path = path_of(error.path());
        // A field that is not known is itself the place, not the record around it.
        let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
        let path = unknown
            .map(|name| joined(&path, name))
            .filter(|inner| root.place(inner).is_some())
            .unwrap_or(path);
        Refused(vec![placed(&root, path, message)])
    })?;
    let found = check::check(&manifest);
    match found.is_empty() {
        true => Ok(manifest),
        false => {
            Err(Refused(found.into_iter().map(|(path, message)| placed(&root, path, message)).collect()))
        }
    }
}

/// The value of a text, without a look at what it means.
pub(crate) fn value_of(text: &str) -> Option<serde_json::Value> {
    let options = serde_saphyr::options! { strict_booleans: true };
    let root: Node = serde_saphyr::from_str_with_options(text, options).ok()?;
    Some(root.value())
}

fn placed(root: &Node, path: String, message: String) -> Problem {
    let place = root.place(&path).unwrap_or(Place { line: 1, column: 1 });
    Problem { line: place.line, column: place.column, path, message }
}

fn joined(path: &str, name: &str) -> String {
    if path.is_empty() || path.ends_with(&format!("/{name}")) || path == name {
        if path.is_empty() { name.to_owned() } else { path.to_owned() }
    } else {
        format!("{path}/{name}")
    }
}

fn path_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let parts = path.iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    parts.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = r#"manifest: 1
id: tiny
name: Tiny
version: 1.0.0
summary: A tiny app.
shelf: other
base_url: https://api.tiny.example
hosts: [api.tiny.example]
auth:
  - id: key
    title: Key
    grant: { kind: api_key }
    send: { headers: { X-Key: "{{ secret.key }}" } }
test: { action: find }
actions:
  find:
    title: Find
    summary: Finds.
    input: { properties: { id: { type: string, title: Id } }, required: [id] }
    request: { path: "/things/{{ input.id }}" }
    examples:
      - title: It is there
        input: { id: a b }
        exchange:
          - request: { url: "https://api.tiny.example/things/a%20b" }
            answer: { json: { id: a b } }
        output: { id: a b }
"#;

    fn problems(from: &str, to: &str) -> Vec<Problem> {
        assert!(SMALL.contains(from), "{from}");
        read(&SMALL.replacen(from, to, 1)).unwrap_err().0
    }

    #[test]
    fn the_smallest_manifest_is_read() {
        let manifest = read(SMALL).unwrap();
        assert_eq!(manifest.kind_of("find"), "tiny.find");
    }

    #[test]
    fn every_problem_has_its_place() {
        for (from, to, line, said) in [
            ("shelf: other", "shelf: cupboard", 6, "unknown variant `cupboard`"),
            ("    summary: Finds.", "    sumary: Finds.", 18, "unknown field `sumary`"),
            ("path: \"/things/{{ input.id }}\"", "path: \"things\"", 20, "a path begins with /"),
            ("path: \"/things/{{ input.id }}\"", "path: \"/things/{{ input. }}\"", 20, "unexpected"),
            (
                "path: \"/things/{{ input.id }}\"",
                "path: \"/things/{{ input.name }}\"",
                20,
                "no input is called name",
            ),
            ("test: { action: find }", "test: { action: fined }", 14, "no action is called fined"),
            ("hosts: [api.tiny.example]", "hosts: [\"*\"]", 8, "a host"),
            ("base_url: https://api", "base_url: http://api", 7, "https://"),
            ("required: [id]", "required: [idd]", 19, "idd"),
            ("grant: { kind: api_key }", "grant: { kind: magic }", 12, "magic"),
            ("id: tiny", "id: Tiny!", 2, "small letters"),
            ("name: Tiny", "name: [", 3, ""),
        ] {
            let found = problems(from, to);
            assert!(
                found
                    .iter()
                    .any(|problem| (problem.line == line || to.ends_with('['))
                        && problem.message.contains(said)),
                "{from} -> {to}: {found:?}"
            );
        }
    }
}
