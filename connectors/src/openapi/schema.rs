//! Schemas: what one says in the end, references, `allOf` and alternatives taken together, and the form field of it.

use super::names;
use super::prose;
use super::walk::{Spot, Walk};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// Deepest record within a form.
const DEEPEST_FORM: usize = 4;
/// Deepest `allOf` within `allOf`.
const DEEPEST_MERGE: usize = 12;
/// Most fields of a record in a form.
pub(super) const MOST_FIELDS: usize = 80;
/// Most choices of a field.
const MOST_CHOICES: usize = 120;
/// Most alternatives that are looked at.
const MOST_ALTERNATIVES: usize = 40;

/// The type of a value in a form; `any` where the document allows several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Integer,
    Number,
    YesNo,
    List,
    Record,
    Any,
}

impl Kind {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::YesNo => "boolean",
            Self::List => "array",
            Self::Record => "object",
            Self::Any => "any",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "string" | "file" => Self::Text,
            "integer" | "int" | "long" => Self::Integer,
            "number" | "float" | "double" => Self::Number,
            "boolean" | "bool" => Self::YesNo,
            "array" => Self::List,
            "object" => Self::Record,
            _ => return None,
        })
    }

    /// Of a value.
    pub(super) fn of_value(value: &Value) -> Self {
        match value {
            Value::String(_) => Self::Text,
            Value::Number(number) if number.is_f64() => Self::Number,
            Value::Number(_) => Self::Integer,
            Value::Bool(_) => Self::YesNo,
            Value::Array(_) => Self::List,
            Value::Object(_) => Self::Record,
            Value::Null => Self::Any,
        }
    }

    /// Whether `value` is of it.
    pub(super) fn fits(self, value: &Value) -> bool {
        match self {
            Self::Any => !value.is_null(),
            Self::Number => value.is_number(),
            Self::Integer => value.is_i64() || value.is_u64(),
            kind => Self::of_value(value) == kind,
        }
    }
}

/// What a schema says in the end.
#[derive(Debug, Clone, Default)]
pub(super) struct Meaning<'a> {
    kinds: Vec<Kind>,
    pub(super) description: Option<&'a str>,
    pub(super) format: Option<&'a str>,
    pub(super) default: Option<&'a Value>,
    pub(super) example: Option<&'a Value>,
    pub(super) choices: Option<Vec<&'a Value>>,
    pub(super) properties: IndexMap<&'a str, Spot<'a>>,
    pub(super) required: BTreeSet<&'a str>,
    pub(super) items: Option<Spot<'a>>,
    pub(super) minimum: Option<&'a Value>,
    pub(super) maximum: Option<&'a Value>,
    pub(super) read_only: bool,
    pub(super) write_only: bool,
    pub(super) deprecated: bool,
    /// Names of what it may be, when it may be one of several records.
    variants: Vec<String>,
    /// Where the schema itself stands, references followed.
    places: Vec<*const Value>,
    is_any: bool,
}

impl<'a> Meaning<'a> {
    pub(super) fn kind(&self) -> Kind {
        if self.is_any {
            return Kind::Any;
        }
        match self.kinds.as_slice() {
            [one] => *one,
            [Kind::Integer, Kind::Number] | [Kind::Number, Kind::Integer] => Kind::Number,
            [] if !self.properties.is_empty() => Kind::Record,
            [] if self.items.is_some() => Kind::List,
            [] => match self.choices.as_deref().and_then(<[_]>::first) {
                Some(first) => Kind::of_value(first),
                None => Kind::Any,
            },
            _ => Kind::Any,
        }
    }

    /// Its one allowed value.
    pub(super) fn only(&self) -> Option<&'a Value> {
        match self.choices.as_deref() {
            Some([only]) if !only.is_object() && !only.is_array() => Some(only),
            _ => None,
        }
    }

    fn take_kind(&mut self, kind: Kind) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }
}

/// What `schema` says in the end.
pub(super) fn meaning<'a>(walk: &Walk<'a>, schema: Spot<'a>) -> Meaning<'a> {
    let mut meaning = Meaning::default();
    merge(walk, schema, 0, &mut meaning);
    meaning
}

fn merge<'a>(walk: &Walk<'a>, schema: Spot<'a>, depth: usize, into: &mut Meaning<'a>) {
    if depth > DEEPEST_MERGE || !walk.may_go_on() {
        return;
    }
    // Words beside a reference are about this use of what is referred to.
    if schema.value.get("$ref").is_some() {
        into.description = into.description.or(schema.text("description"));
        into.default = into.default.or(schema.value.get("default"));
    }
    let Some(schema) = walk.follow(schema) else { return };
    let Some(fields) = schema.value.as_object() else {
        // `true` allows anything.
        into.is_any |= schema.value.as_bool() == Some(true);
        return;
    };
    into.places.push(std::ptr::from_ref(schema.value));
    match fields.get("type") {
        Some(Value::String(word)) => Kind::of(word).into_iter().for_each(|kind| into.take_kind(kind)),
        Some(Value::Array(words)) => {
            words.iter().filter_map(Value::as_str).filter_map(Kind::of).for_each(|kind| into.take_kind(kind));
        }
        _ => {}
    }
    into.description = into.description.or(schema.text("description")).or(schema.text("title"));
    into.format = into.format.or(schema.text("format"));
    into.default = into.default.or(fields.get("default"));
    let first_example = fields.get("examples").and_then(Value::as_array).and_then(|all| all.first());
    let example = fields.get("example").or(first_example).or(fields.get("x-example"));
    into.example = into.example.or(example);
    into.minimum = into.minimum.or(fields.get("minimum"));
    into.maximum = into.maximum.or(fields.get("maximum"));
    into.read_only |= schema.is("readOnly");
    into.write_only |= schema.is("writeOnly");
    into.deprecated |= schema.is("deprecated");
    if let Some(choices) = fields.get("enum").and_then(Value::as_array)
        && into.choices.is_none()
    {
        into.choices = Some(choices.iter().filter(|choice| !choice.is_null()).collect());
    }
    if let Some(only) = fields.get("const") {
        into.choices = Some(vec![only]);
    }
    if let Some(properties) = schema.get("properties") {
        for (name, property) in properties.fields() {
            if !walk.may_go_on() {
                break;
            }
            into.properties.entry(name).or_insert(property);
        }
    }
    let required = fields.get("required").and_then(Value::as_array);
    into.required.extend(required.into_iter().flatten().filter_map(Value::as_str));
    if into.items.is_none() {
        into.items = schema.get("items").filter(|items| items.value.is_object());
    }
    if let Some(all) = schema.get("allOf") {
        all.items().for_each(|part| merge(walk, part, depth + 1, into));
    }
    for word in ["oneOf", "anyOf"] {
        if let Some(any) = schema.get(word) {
            alternatives(walk, &any, depth, into);
        }
    }
}

fn alternatives<'a>(walk: &Walk<'a>, any: &Spot<'a>, depth: usize, into: &mut Meaning<'a>) {
    let mut parts: Vec<(Option<String>, Meaning<'a>)> = Vec::new();
    for part in any.items().take(MOST_ALTERNATIVES) {
        if part.text("type") == Some("null") {
            continue;
        }
        let name = part.text("title").or_else(|| part.text("$ref")?.rsplit('/').next()).map(names::words);
        let mut meaning = Meaning::default();
        merge(walk, part, depth + 1, &mut meaning);
        // A part that only says which fields must be there is no alternative of its own.
        if meaning.kinds.is_empty() && meaning.properties.is_empty() && meaning.choices.is_none() {
            continue;
        }
        parts.push((name, meaning));
    }
    if parts.is_empty() {
        return;
    }
    let is_one_of_many = parts.len() > 1;
    let all_choices = parts.iter().all(|(_, part)| part.choices.is_some());
    let mut required: Option<BTreeSet<&'a str>> = None;
    for (name, part) in parts {
        part.kinds.into_iter().for_each(|kind| into.take_kind(kind));
        into.is_any |= part.is_any;
        if is_one_of_many && !part.properties.is_empty() {
            into.variants.extend(name);
        }
        required = Some(match required {
            None => part.required,
            Some(so_far) => so_far.intersection(&part.required).copied().collect(),
        });
        into.format = into.format.or(part.format);
        into.example = into.example.or(part.example);
        into.description = into.description.or(part.description);
        for (name, property) in part.properties {
            into.properties.entry(name).or_insert(property);
        }
        into.items = into.items.take().or(part.items);
        if all_choices {
            into.choices.get_or_insert_default().extend(part.choices.unwrap_or_default());
        }
        into.places.extend(part.places);
    }
    into.required.extend(required.unwrap_or_default());
}

/// The form field of a schema whose name is `name`: a JSON Schema of the few words that forms know.
pub(super) fn field(walk: &Walk<'_>, name: &str, meaning: &Meaning<'_>) -> Value {
    Value::Object(described(walk, name, meaning, 0, &mut Vec::new()))
}

fn described<'a>(
    walk: &Walk<'a>,
    name: &str,
    meaning: &Meaning<'a>,
    depth: usize,
    trail: &mut Vec<*const Value>,
) -> Map<String, Value> {
    let kind = meaning.kind();
    let mut field = Map::new();
    field.insert("type".into(), kind.word().into());
    field.insert("title".into(), names::words(name).into());
    let mut about = prose::plain(meaning.description.unwrap_or_default(), prose::BESIDE_FIELD);
    match choices(kind, meaning) {
        Choices::None => {}
        Choices::Few(choices) => {
            field.insert("enum".into(), choices.into());
        }
        Choices::Many(words) => about = sentences(&about, &format!("One of {words}.")),
    }
    if !meaning.variants.is_empty() {
        let variants = meaning.variants.iter().take(8).cloned().collect::<Vec<_>>().join(", ");
        about = sentences(&about, &format!("One of: {variants}."));
    }
    if let Some(default) = meaning.default.and_then(shown) {
        about = sentences(&about, &format!("{default} if nothing is said."));
    }
    if let Some(format) = meaning.format.and_then(format_in_words)
        && kind == Kind::Text
        && !field.contains_key("enum")
    {
        field.insert("format".into(), meaning.format.into());
        if about.is_empty() {
            about = format.to_owned();
        }
    }
    if !about.is_empty() {
        field.insert("description".into(), about.into());
    }
    for (word, limit) in [("minimum", meaning.minimum), ("maximum", meaning.maximum)] {
        if let Some(limit) = limit.filter(|limit| limit.is_number())
            && matches!(kind, Kind::Integer | Kind::Number)
        {
            field.insert(word.into(), limit.clone());
        }
    }
    let example =
        meaning.example.and_then(shown).filter(|_| !matches!(kind, Kind::Record | Kind::List | Kind::YesNo));
    if let Some(example) = example.filter(|example| !example.contains("{{")) {
        field.insert("x-placeholder".into(), example.into());
    }
    // A schema within itself is asked for as JSON from its second time on.
    let is_circle = meaning.places.iter().any(|place| trail.contains(place));
    if is_circle || depth >= DEEPEST_FORM {
        return field;
    }
    trail.extend(&meaning.places);
    match kind {
        Kind::Record if !meaning.properties.is_empty() => {
            let (properties, required) = inside(walk, meaning, depth, trail);
            if !properties.is_empty() {
                field.insert("properties".into(), Value::Object(properties));
                field.insert("required".into(), required);
            }
        }
        Kind::List => {
            let items = meaning.items.clone().map(|items| self::meaning(walk, items));
            if let Some(items) = items.filter(|items| items.kind() != Kind::Any) {
                let mut items = described(walk, name, &items, depth + 1, trail);
                items.shift_remove("title");
                field.insert("items".into(), Value::Object(items));
            }
        }
        _ => {}
    }
    trail.truncate(trail.len() - meaning.places.len());
    field
}

fn inside<'a>(
    walk: &Walk<'a>,
    meaning: &Meaning<'a>,
    depth: usize,
    trail: &mut Vec<*const Value>,
) -> (Map<String, Value>, Value) {
    let (mut properties, mut required) = (Map::new(), Vec::new());
    for (name, property) in &meaning.properties {
        if properties.len() >= MOST_FIELDS {
            walk.note(
                &property.at,
                format!("only the first {MOST_FIELDS} fields of this record are asked for"),
            );
            break;
        }
        let inner = self::meaning(walk, property.clone());
        if inner.read_only || inner.deprecated {
            continue;
        }
        let mut field = described(walk, name, &inner, depth + 1, trail);
        let must = meaning.required.contains(name);
        if must {
            required.push(Value::from(*name));
            // The one value it may have need not be asked.
            if let Some(only) = inner.only() {
                field.insert("default".into(), only.clone());
            }
        }
        properties.insert((*name).to_owned(), Value::Object(field));
    }
    let many = properties.len() > 8;
    for (name, field) in &mut properties {
        if many && !meaning.required.contains(name.as_str()) {
            field["x-advanced"] = true.into();
        }
    }
    (properties, required.into())
}

enum Choices {
    None,
    Few(Vec<Value>),
    Many(String),
}

fn choices(kind: Kind, meaning: &Meaning<'_>) -> Choices {
    let Some(choices) = meaning.choices.as_deref().filter(|choices| !choices.is_empty()) else {
        return Choices::None;
    };
    if !matches!(kind, Kind::Text | Kind::Integer | Kind::Number)
        || !choices.iter().all(|choice| kind.fits(choice))
    {
        return Choices::None;
    }
    if choices.len() > MOST_CHOICES {
        let words: Vec<String> = choices.iter().take(8).filter_map(|choice| shown(choice)).collect();
        return Choices::Many(format!("{} and {} more", words.join(", "), choices.len() - words.len()));
    }
    let mut distinct: Vec<Value> = Vec::with_capacity(choices.len());
    for choice in choices {
        // An empty choice is the same as none.
        if choice.as_str() != Some("") && !distinct.contains(choice) {
            distinct.push((*choice).clone());
        }
    }
    if distinct.is_empty() { Choices::None } else { Choices::Few(distinct) }
}

fn sentences(one: &str, two: &str) -> String {
    match one {
        "" => two.to_owned(),
        one if one.ends_with(['.', '!', '?', '\u{2026}', ':']) => format!("{one} {two}"),
        one => format!("{one}. {two}"),
    }
}

/// A plain value in words.
fn shown(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(_) => value.to_string(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        _ => return None,
    };
    (!text.is_empty() && text.len() <= 60 && !text.contains('\n')).then_some(text)
}

fn format_in_words(format: &str) -> Option<&'static str> {
    Some(match format {
        "date" => "A date such as 2026-01-31.",
        "date-time" => "A moment such as 2026-01-31T09:30:00Z.",
        "email" => "An e-mail address.",
        "uri" | "url" => "A web address.",
        "uuid" => "An id.",
        "password" => "A secret.",
        _ => return None,
    })
}

/// A field without a schema.
pub(super) fn plain_field(name: &str, kind: Kind, description: &str) -> Value {
    let mut field = json!({ "type": kind.word(), "title": names::words(name) });
    if !description.is_empty() {
        field["description"] = prose::plain(description, prose::BESIDE_FIELD).into();
    }
    field
}
