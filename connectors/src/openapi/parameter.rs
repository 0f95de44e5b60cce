//! Parameters of an operation, wherever they go.

use super::Version;
use super::operation::Operation;
use super::schema::{Kind, Meaning, meaning};
use super::walk::{Spot, Walk, joined};
use serde_json::Value;

/// Most parameters of an operation.
const MOST: usize = 150;

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Path,
    Query,
    Header,
    Cookie,
    Form,
}

/// One parameter.
#[derive(Debug, Clone)]
pub(super) struct Parameter<'a> {
    pub(super) name: &'a str,
    pub(super) place: Place,
    pub(super) spot: Spot<'a>,
    pub(super) required: bool,
    pub(super) meaning: Meaning<'a>,
    /// How a list or a record is written, in the words of manifests; `None` for commas.
    pub(super) written: Option<&'static str>,
    /// What stands before the value in a path.
    pub(super) lead: String,
}

/// The parameters of `operation`, and its body when they hold one, as Swagger 2.0 has it.
pub(super) fn all<'a>(
    walk: &Walk<'a>,
    operation: &Operation<'a>,
    version: Version,
) -> (Vec<Parameter<'a>>, Option<Spot<'a>>) {
    let (mut found, mut body): (Vec<Parameter<'a>>, _) = (Vec::new(), None);
    // Those of the operation take the place of those of the path.
    let sources = [&operation.node, &operation.item];
    for spot in sources
        .into_iter()
        .filter_map(|source| source.get("parameters"))
        .flat_map(|list| list.items().collect::<Vec<_>>())
    {
        let Some(spot) = walk.follow(spot) else { continue };
        let (Some(name), Some(place)) = (spot.text("name"), spot.text("in")) else {
            walk.note(&spot.at, "this parameter says no `name` or no `in`; it was left out");
            continue;
        };
        let place = match place {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            "formData" => Place::Form,
            "body" => {
                body.get_or_insert(spot);
                continue;
            }
            other => {
                let other: String = other.chars().take(40).collect();
                walk.note(
                    &joined(&spot.at, "in"),
                    format!("there is no such place as {other}; it was left out"),
                );
                continue;
            }
        };
        if found.iter().any(|known| known.name == name && known.place == place) {
            continue;
        }
        if found.len() >= MOST {
            walk.note(&spot.at, format!("only the first {MOST} parameters are used"));
            break;
        }
        found.push(parameter(walk, name, place, spot, version));
    }
    (found, body)
}

fn parameter<'a>(
    walk: &Walk<'a>,
    name: &'a str,
    place: Place,
    spot: Spot<'a>,
    version: Version,
) -> Parameter<'a> {
    let content = spot.get("content").and_then(|content| content.fields().next());
    let schema = match (version, &content) {
        (Version::Swagger2, _) => Some(spot.clone()),
        (_, Some((_, media))) => media.get("schema"),
        // Some documents mix the two specifications.
        _ => spot.get("schema").or_else(|| spot.value.get("type").is_some().then(|| spot.clone())),
    };
    let mut known = schema.map(|schema| meaning(walk, schema)).unwrap_or_default();
    known.description = spot.text("description").or(known.description);
    known.deprecated |= spot.is("deprecated");
    let examples = spot.get("examples").and_then(|all| all.fields().next()?.1.value.get("value"));
    known.example = spot.value.get("example").or(examples).or(known.example);
    let kind = known.kind();
    let is_json = content.as_ref().is_some_and(|(media, _)| media.contains("json"));
    let style = spot.text("style").unwrap_or_default();
    let explode = spot.value.get("explode").and_then(Value::as_bool);
    let written = match (kind, place) {
        _ if is_json => Some("json"),
        (Kind::List | Kind::Any, Place::Query | Place::Form) if version == Version::Swagger2 => {
            match spot.text("collectionFormat").unwrap_or_default() {
                "multi" => Some("repeat"),
                "ssv" | "tsv" => Some("space"),
                "pipes" => Some("pipe"),
                _ => None,
            }
        }
        (Kind::List | Kind::Any, Place::Query | Place::Form) => match style {
            "spaceDelimited" => Some("space"),
            "pipeDelimited" => Some("pipe"),
            "deepObject" => Some("deep"),
            _ if explode != Some(false) => Some("repeat"),
            _ => None,
        },
        (Kind::Record, Place::Query) => match style {
            "deepObject" => Some("deep"),
            "form" if explode != Some(false) => Some("fields"),
            "" if explode.is_none() => Some("fields"),
            _ => Some("json"),
        },
        (Kind::Record, Place::Form) => Some("deep"),
        (Kind::Record, _) => Some("json"),
        _ => None,
    };
    let lead = match (place, style) {
        (Place::Path, "label") => ".".to_owned(),
        (Place::Path, "matrix") => format!(";{name}="),
        _ => String::new(),
    };
    Parameter {
        name,
        place,
        required: spot.is("required") || place == Place::Path,
        spot,
        meaning: known,
        written,
        lead,
    }
}

/// Whether `name` can be that of a header or a cookie, and is no expression.
pub(super) fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_graphic() && !b"(),/:;<=>?@[\\]{}\"".contains(&byte))
}
