//! The text of a document: JSON or YAML, which of the specifications, and the line of a place in it.

use super::Version;
use super::walk::{Problem, unescaped};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::{DuplicateKeyPolicy, Options, Spanned};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// Largest document, in bytes.
pub const MOST_BYTES: usize = 16 * 1024 * 1024;
/// Most values of a document, the aliases of YAML counted as often as they are used.
const MOST_VALUES: usize = 1_500_000;
/// Deepest nesting.
const DEEPEST: usize = 100;

/// A text that is no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}{}", place_in_words(*line, *column))]
pub struct Unreadable {
    /// Why.
    pub message: String,
    /// Line, from 1.
    pub line: Option<u64>,
    /// Column, from 1.
    pub column: Option<u64>,
}

fn place_in_words(line: Option<u64>, column: Option<u64>) -> String {
    match (line, column) {
        (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
        _ => String::new(),
    }
}

impl Unreadable {
    fn because(message: impl Into<String>) -> Self {
        Self { message: message.into(), line: None, column: None }
    }
}

/// The value of a text.
pub(super) fn parse(text: &str) -> Result<Value, Unreadable> {
    if text.len() > MOST_BYTES {
        let most = MOST_BYTES / 1024 / 1024;
        return Err(Unreadable::because(format!("the document is larger than {most} MiB")));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let begins = text.trim_start();
    if begins.is_empty() {
        return Err(Unreadable::because("the document is empty"));
    }
    if begins.starts_with('<') {
        return Err(Unreadable::because(
            "this is a web page or XML, not an OpenAPI document; look for the link to the JSON or YAML file itself",
        ));
    }
    if !begins.starts_with('{') {
        return yaml(text);
    }
    // What people call JSON may have comments or a comma too many, which YAML forgives.
    serde_json::from_str(text).or_else(|error| {
        yaml(text).map_err(|_| Unreadable {
            message: format!("this is not JSON: {}", said(&error.to_string())),
            line: Some(error.line() as u64),
            column: Some(error.column() as u64),
        })
    })
}

/// What serde says, without the place it appends.
fn said(error: &str) -> &str {
    error.split(" at line ").next().unwrap_or(error)
}

fn options() -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        budget: serde_saphyr::budget! {
            max_events: 2 * MOST_VALUES,
            max_nodes: MOST_VALUES,
            max_depth: DEEPEST,
            max_documents: 1,
            max_total_scalar_bytes: 2 * MOST_BYTES,
        },
    }
}

fn yaml(text: &str) -> Result<Value, Unreadable> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
        let (line, column) = error.location().map_or((None, None), |at| (Some(at.line()), Some(at.column())));
        let said = error.without_snippet().to_string();
        let message = format!("this is not YAML: {}", said.lines().next().unwrap_or_default());
        Unreadable { message, line, column }
    })
}

/// Which specification `root` follows.
pub(super) fn version(root: &Value) -> Result<Version, Unreadable> {
    if !root.is_object() {
        return Err(Unreadable::because("this is not an OpenAPI document: it is no record of fields"));
    }
    let word = |name: &str| match root.get(name) {
        Some(Value::String(text)) => Some(text.trim().to_owned()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    match (word("openapi"), word("swagger")) {
        (Some(version), _) if version.starts_with("3.0") || version == "3" => Ok(Version::OpenApi30),
        (Some(version), _) if version.starts_with("3.") => Ok(Version::OpenApi31),
        (_, Some(version)) if version.starts_with('2') => Ok(Version::Swagger2),
        (Some(version), _) | (_, Some(version)) => Err(Unreadable::because(format!(
            "version {} of OpenAPI cannot be read; 2.0, 3.0 and 3.1 can",
            version.chars().take(20).collect::<String>()
        ))),
        // Some tools forget to say it.
        (None, None) if root.get("paths").is_some_and(Value::is_object) => {
            let is_old = ["definitions", "host", "basePath", "securityDefinitions"]
                .iter()
                .any(|name| root.get(name).is_some());
            Ok(if is_old { Version::Swagger2 } else { Version::OpenApi30 })
        }
        (None, None) => Err(Unreadable::because(match root {
            _ if root.get("asyncapi").is_some() => "this is an AsyncAPI document, not an OpenAPI document",
            _ if root.pointer("/info/_postman_id").is_some() => {
                "this is a Postman collection; export it as OpenAPI first"
            }
            _ if root.get("manifest").is_some() => "this is the manifest of a connector; upload it as such",
            _ => "this is not an OpenAPI document: it says neither `openapi` nor `swagger`",
        })),
    }
}

/// Fills in the lines of `problems`, read in one pass over `text`.
pub(super) fn place(text: &str, problems: &mut [Problem]) {
    let mut wanted = Wanted::default();
    for problem in problems.iter() {
        wanted.add(&problem.at);
    }
    if wanted.inside.is_empty() {
        return;
    }
    let mut found = HashMap::new();
    // A text that was read once is read again; were it not, there would be no lines, and nothing else.
    let _ = serde_saphyr::with_deserializer_from_str_with_options(text, options(), |deserializer| {
        Seek { wanted: &wanted, at: String::new(), found: &mut found }.deserialize(deserializer)
    });
    for problem in problems {
        problem.line = found.get(&problem.at).copied();
    }
}

/// Places that are looked for.
#[derive(Default)]
struct Wanted {
    inside: BTreeMap<String, Wanted>,
}

impl Wanted {
    fn add(&mut self, pointer: &str) {
        let mut here = self;
        for part in pointer.split('/').skip(1) {
            here = here.inside.entry(unescaped(part)).or_default();
        }
    }
}

/// Goes to the wanted places; what lies beside them is passed over. Yields the first line within.
struct Seek<'w> {
    wanted: &'w Wanted,
    at: String,
    found: &'w mut HashMap<String, u64>,
}

impl<'de> DeserializeSeed<'de> for Seek<'_> {
    type Value = Option<u64>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u64>, D::Error> {
        if !self.wanted.inside.is_empty() {
            return deserializer.deserialize_any(self);
        }
        let here: Spanned<IgnoredAny> = serde::Deserialize::deserialize(deserializer)?;
        let line = here.referenced.line();
        self.found.insert(self.at, line);
        Ok(Some(line))
    }
}

impl<'de> Visitor<'de> for Seek<'_> {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Option<u64>, A::Error> {
        let mut first = None;
        while let Some(name) = map.next_key::<String>()? {
            let Some(wanted) = self.wanted.inside.get(&name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let at = super::walk::joined(&self.at, &name);
            let line = map.next_value_seed(Seek { wanted, at, found: &mut *self.found })?;
            first = first.or(line);
        }
        first.map(|line| self.found.insert(self.at, line));
        Ok(first)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Option<u64>, A::Error> {
        let (mut first, mut number) = (None, 0_usize);
        loop {
            let name = number.to_string();
            number += 1;
            match self.wanted.inside.get(&name) {
                None => {
                    if seq.next_element::<IgnoredAny>()?.is_none() {
                        break;
                    }
                }
                Some(wanted) => {
                    let at = super::walk::joined(&self.at, &name);
                    match seq.next_element_seed(Seek { wanted, at, found: &mut *self.found })? {
                        Some(line) => first = first.or(line),
                        None => break,
                    }
                }
            }
        }
        first.map(|line| self.found.insert(self.at, line));
        Ok(first)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_none<E>(self) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<u64>, D::Error> {
        deserializer.deserialize_any(self)
    }
}
