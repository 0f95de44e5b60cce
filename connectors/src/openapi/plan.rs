//! One operation as an action: what the form asks, what is sent, what comes back, and what a write promises.

use super::answer::{Answer, success};
use super::auth::Signing;
use super::body::{self, Body};
use super::names;
use super::operation::Operation;
use super::parameter::{self, Parameter, Place};
use super::sample::{self, Use, sample};
use super::schema::{Kind, MOST_FIELDS, Meaning, field, meaning, plain_field};
use super::walk::{Problem, Spot, Walk};
use super::{Document, paging, servers};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// Optional inputs that a form shows at first; the others are below "More".
const SHOWN: usize = 6;
/// Names of inputs that are rarely what one came for, in small letters.
const RARE: [&str; 26] = [
    "fields",
    "expand",
    "include",
    "includes",
    "pretty",
    "prettyprint",
    "alt",
    "callback",
    "quotauser",
    "opt_fields",
    "opt_pretty",
    "locale",
    "lang",
    "format",
    "dry_run",
    "upload_protocol",
    "uploadtype",
    "xgafv",
    "key",
    "archived",
    "include_docs",
    "exclude_fields",
    "with_count",
    "sort",
    "order",
    "sort_by",
];
/// Ends of paths that are searches although they are posted.
const SEARCHES: [&str; 5] = ["/search", "/_search", "/query", "/lookup", "/batch/read"];

/// One operation as an action.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) inputs: Map<String, Value>,
    pub(super) required: Vec<String>,
    pub(super) path: String,
    pub(super) query: Map<String, Value>,
    pub(super) headers: Map<String, Value>,
    pub(super) lists: Map<String, Value>,
    pub(super) json: Option<Value>,
    pub(super) form: Map<String, Value>,
    pub(super) output: Option<Value>,
    pub(super) write: Value,
    pub(super) paging: Value,
    /// An example of what is given.
    pub(super) given: Map<String, Value>,
    /// An example of what comes back.
    pub(super) answered: Value,
    pub(super) status: u16,
    pub(super) unsupported: Option<String>,
    /// Addresses it has of its own; none when it lives where the document says of all.
    pub(super) lives: Vec<String>,
    pub(super) problems: Vec<Problem>,
    pub(super) spent: usize,
}

struct Maker<'w, 'a> {
    walk: &'w Walk<'a>,
    plan: Plan,
    taken: HashSet<String>,
    cookies: Vec<String>,
}

/// `operation` as an action, with a look at no more than `budget` values.
pub(super) fn plan(document: &Document, operation: &Operation<'_>, signing: &Signing, budget: usize) -> Plan {
    let walk = Walk::new(&document.root, budget);
    // What every step has is no name of an input.
    let taken = HashSet::from(["connection".to_owned(), "limit".to_owned()]);
    let mut maker = Maker { walk: &walk, plan: Plan::default(), taken, cookies: Vec::new() };
    maker.make(document, operation, signing);
    let mut plan = maker.plan;
    plan.lives =
        servers::of_operation(document, &walk, operation).into_iter().map(|server| server.url).collect();
    plan.spent = walk.spent(budget);
    plan.problems = walk.problems();
    plan
}

impl<'a> Maker<'_, 'a> {
    fn make(&mut self, document: &Document, operation: &Operation<'a>, signing: &Signing) {
        let (mut parameters, given) = parameter::all(self.walk, operation, document.version);
        parameters.retain(|parameter| {
            let name = parameter.name.to_ascii_lowercase();
            let is_said = parameter.place == Place::Header
                && matches!(name.as_str(), "accept" | "content-type" | "content-length" | "host");
            !is_said && !signing.carried.contains(&(parameter.place, name))
        });
        let answer = success(self.walk, operation, document.version);
        self.plan.status = answer.status;
        self.plan.write = write(operation, &parameters);
        if !matches!(operation.method, "get" | "post" | "put" | "patch" | "delete") {
            self.plan.unsupported =
                Some(format!("{} is no method of a step", operation.method.to_uppercase()));
        }
        if let Some(kind) = &answer.unreadable {
            self.plan.unsupported = Some(format!("it answers with {kind}, and steps read JSON"));
        }
        if self.plan.write.is_null()
            && let Some((paging, taken)) = paging::guess(self.walk, &parameters, &answer)
        {
            parameters
                .retain(|parameter| parameter.place != Place::Query || !taken.contains(&parameter.name));
            self.plan.paging = paging;
        }
        let has_form = parameters.iter().any(|parameter| parameter.place == Place::Form);
        let (in_path, others): (Vec<_>, Vec<_>) =
            parameters.into_iter().partition(|parameter| parameter.place == Place::Path);
        self.path(operation, &in_path);
        let body = body::of(self.walk, operation, document.version, given, has_form);
        // What must be given comes first, then the body, which is what one came for.
        let (needed, free): (Vec<_>, Vec<_>) = others.into_iter().partition(|parameter| parameter.required);
        needed.iter().for_each(|parameter| self.parameter(parameter));
        self.body(operation, body);
        free.iter().for_each(|parameter| self.parameter(parameter));
        if !self.cookies.is_empty() {
            let parts = self.cookies.join(", ");
            self.plan
                .headers
                .insert("Cookie".into(), format!("{{{{ ([{parts}]|select|join('; ')) or none }}}}").into());
        }
        self.answer(&answer);
        self.sort();
    }

    /// Adds an input and says by which name templates find it.
    fn input(&mut self, name: &str, known: &Meaning<'a>, required: bool) -> String {
        let field = field(self.walk, name, known);
        let name = names::free(&names::snake(name), &mut self.taken);
        if required {
            self.plan.required.push(name.clone());
            let example = sample::sample_of(self.walk, &name, known, Use::Sent);
            self.plan.given.insert(name.clone(), example);
        }
        self.plan.inputs.insert(name.clone(), field);
        name
    }

    fn path(&mut self, operation: &Operation<'a>, parameters: &[Parameter<'a>]) {
        let path = operation.path.split('#').next().unwrap_or_default();
        let (path, query) = path.split_once('?').map_or((path, ""), |(path, query)| (path, query));
        let mut left = path;
        let mut text = if path.starts_with('/') { String::new() } else { "/".to_owned() };
        while let Some((before, rest)) = left.split_once('{') {
            let Some((inside, after)) = rest.split_once('}') else { break };
            text.push_str(before);
            left = after;
            // `{?a,b}` stands for parameters of the address, which are described as such.
            if !inside.starts_with(['?', '&']) {
                text.push_str(&self.in_path(operation, inside, parameters));
            }
        }
        text.push_str(&left.replace(['{', '}'], ""));
        if text.split('/').any(|part| part == "." || part == "..") {
            self.plan.unsupported = Some("its path leads elsewhere".into());
        }
        self.plan.path = text;
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()).take(20) {
            let is_variable = value.starts_with('{') && value.ends_with('}');
            let value = literal(&value.into_owned().into());
            if let Some(value) = value.filter(|_| !is_variable && !name.is_empty()) {
                self.plan.query.insert(name.into_owned(), value);
            }
        }
    }

    fn in_path(&mut self, operation: &Operation<'a>, inside: &str, parameters: &[Parameter<'a>]) -> String {
        let name = inside.trim_start_matches(['+', '/', '.', ';', '#']).trim_end_matches('*').trim();
        let declared = parameters.iter().find(|parameter| parameter.name == name || parameter.name == inside);
        let (known, lead) = match declared {
            Some(parameter) => (parameter.meaning.clone(), parameter.lead.clone()),
            None => {
                self.walk.note(
                    &operation.node.at,
                    format!(
                        "{{{}}} of the path is nowhere described; it is asked for as a text",
                        super::prose::short(name, 40)
                    ),
                );
                (Meaning::default(), String::new())
            }
        };
        // The same value may stand twice.
        let again = format!("{lead}{{{{ input.{} }}}}", names::snake(name));
        if self.plan.path.contains(&again) {
            return again;
        }
        let is_list = known.kind() == Kind::List;
        let name = match declared {
            Some(_) => self.input(name, &known, true),
            None => {
                let free = names::free(&names::snake(name), &mut self.taken);
                self.plan.inputs.insert(free.clone(), plain_field(name, Kind::Text, ""));
                self.plan.required.push(free.clone());
                self.plan.given.insert(free.clone(), "123".into());
                free
            }
        };
        if let Some(given) = self.plan.given.get_mut(&name) {
            let text = match &*given {
                Value::String(text) => text.clone(),
                _ => "x".into(),
            };
            if text.bytes().all(|byte| byte == b'.') {
                *given = "123".into();
            }
        }
        match is_list {
            true => format!("{lead}{{{{ input.{name}|join(',') }}}}"),
            false => format!("{lead}{{{{ input.{name} }}}}"),
        }
    }

    fn parameter(&mut self, parameter: &Parameter<'a>) {
        if parameter.meaning.deprecated && !parameter.required {
            return;
        }
        if matches!(parameter.place, Place::Header | Place::Cookie)
            && !parameter::is_header_name(parameter.name)
        {
            self.walk.note(&parameter.spot.at, "this is no name of a header; it was left out");
            return;
        }
        if parameter.place == Place::Header && parameter.name.to_ascii_lowercase().contains("idempotency") {
            self.plan.headers.insert(parameter.name.to_owned(), "{{ key }}".into());
            return;
        }
        let literal = parameter.meaning.only().filter(|_| parameter.required).and_then(literal);
        let template = match literal {
            Some(literal) => literal,
            None => {
                let name = self.input(parameter.name, &parameter.meaning, parameter.required);
                if parameter.place == Place::Cookie {
                    let sent = parameter.name;
                    self.cookies.push(format!("('{sent}=' ~ input.{name}) if input.{name} else ''"));
                    return;
                }
                format!("{{{{ input.{name} }}}}").into()
            }
        };
        let parts = match parameter.place {
            Place::Query => &mut self.plan.query,
            Place::Header => &mut self.plan.headers,
            Place::Form => &mut self.plan.form,
            Place::Path | Place::Cookie => return,
        };
        parts.insert(parameter.name.to_owned(), template);
        if let Some(written) = parameter.written
            && matches!(parameter.place, Place::Query | Place::Form)
        {
            self.plan.lists.insert(parameter.name.to_owned(), written.into());
        }
    }

    fn body(&mut self, operation: &Operation<'a>, body: Body<'a>) {
        match body {
            Body::None => {}
            Body::Other(kind) => {
                let kind = super::prose::short(&kind, 80);
                self.plan.unsupported = Some(format!("it takes {kind}, which a step cannot send"));
            }
            Body::Form { schema, written } => {
                let known = meaning(self.walk, schema);
                for (name, inner, required) in self.properties(&known) {
                    let template = self.template(name, &inner, required);
                    self.plan.form.insert(name.to_owned(), template);
                    let of_records =
                        |items: &Spot<'a>| meaning(self.walk, items.clone()).kind() == Kind::Record;
                    let written = match inner.kind() {
                        Kind::List if inner.items.as_ref().is_some_and(of_records) => Some("json"),
                        Kind::List => written,
                        Kind::Record => Some("deep"),
                        _ => None,
                    };
                    written.map(|written| self.plan.lists.insert(name.to_owned(), written.into()));
                }
            }
            Body::Json { .. } if operation.method == "get" => {
                self.walk.note(&operation.node.at, "a GET with a body is sent without it");
            }
            Body::Json { schema, media, required, example } => {
                if let Some(media) = media.filter(|media| !media.contains('{')) {
                    self.plan.headers.insert("Content-Type".into(), media.clone().into());
                    self.plan.headers.insert("Accept".into(), media.into());
                }
                self.json(schema, required, example);
            }
        }
    }

    fn json(&mut self, schema: Option<Spot<'a>>, required: bool, example: Option<&'a Value>) {
        let mut known = schema.map(|schema| meaning(self.walk, schema)).unwrap_or_default();
        known.example = known.example.or(example);
        // `{ data: { ... } }`: the wrapping is ours to write.
        let mut wrapping = Vec::new();
        while wrapping.len() < 2
            && let Some((name, inner)) = self.wrapped(&known)
        {
            let inside = known.example.and_then(|example| example.get(name));
            wrapping.push(name);
            known = inner;
            known.example = inside.or(known.example);
        }
        let mut json = match known.kind() {
            Kind::Record if !known.properties.is_empty() => {
                let example = known.example;
                let mut record = Map::new();
                for (name, mut inner, required) in self.properties(&known) {
                    inner.example = inner.example.or(example.and_then(|example| example.get(name)));
                    let template = self.template(name, &inner, required);
                    record.insert(name.to_owned(), template);
                }
                Value::Object(record)
            }
            kind => {
                let name = if kind == Kind::List { "items" } else { "body" };
                known.description = known.description.or(Some("What is sent, as JSON."));
                format!("{{{{ input.{} }}}}", self.input(name, &known, required || kind == Kind::List)).into()
            }
        };
        for name in wrapping.into_iter().rev() {
            json = json!({ name: json });
        }
        self.plan.json = Some(json);
    }

    /// The one record that a record consists of.
    fn wrapped(&self, known: &Meaning<'a>) -> Option<(&'a str, Meaning<'a>)> {
        let (name, spot) = known.properties.first().filter(|_| known.properties.len() == 1)?;
        let inner = meaning(self.walk, spot.clone());
        (inner.kind() == Kind::Record && !inner.properties.is_empty()).then_some((*name, inner))
    }

    /// What of a record is sent.
    fn properties(&self, known: &Meaning<'a>) -> Vec<(&'a str, Meaning<'a>, bool)> {
        let mut found = Vec::new();
        for (name, spot) in &known.properties {
            let inner = meaning(self.walk, spot.clone());
            let required = known.required.contains(name);
            if inner.read_only || (inner.deprecated && !required) {
                continue;
            }
            if found.len() >= MOST_FIELDS {
                self.walk
                    .note(&spot.at, format!("only the first {MOST_FIELDS} fields of the body are asked for"));
                break;
            }
            found.push((*name, inner, required));
        }
        // What must be given stands first; within that, the order of the document.
        found.sort_by_key(|(_, _, required)| !required);
        found
    }

    fn template(&mut self, name: &'a str, known: &Meaning<'a>, required: bool) -> Value {
        match known.only().filter(|_| required).and_then(literal) {
            Some(literal) => literal,
            None => format!("{{{{ input.{} }}}}", self.input(name, known, required)).into(),
        }
    }

    fn answer(&mut self, answer: &Answer<'a>) {
        let made = || answer.schema.clone().map(|schema| sample(self.walk, schema, Use::Answered));
        let items = self.plan.paging.get("items").and_then(Value::as_str).map(str::to_owned);
        if let Some(items) = items {
            let has_items = |value: &Value| {
                value.pointer(&items).is_some_and(|list| list.as_array().is_some_and(|list| !list.is_empty()))
            };
            let told = answer.example.and_then(|example| sample::given(example, Kind::of_value(example)));
            let mut shown = told.filter(has_items).or_else(made).unwrap_or_default();
            match shown.pointer_mut(&items) {
                Some(list @ Value::Array(_)) => {
                    let first = list.as_array().and_then(|list| list.first()).cloned();
                    *list = json!([first.unwrap_or_else(|| json!({}))]);
                }
                _ => shown = at_pointer(&items, json!([{}])),
            }
            self.plan.answered = shown;
            self.plan.given.insert("limit".into(), 1.into());
            return;
        }
        let told = answer.example.filter(|example| example.is_object() || example.is_array());
        let told = told.and_then(|example| sample::given(example, Kind::of_value(example)));
        self.plan.answered = told.or_else(made).unwrap_or_default();
        if answer.schema.is_none() {
            // What answers nothing still says that it was done.
            self.plan.output = Some("{{ answer.body or {'done': true} }}".into());
        }
    }

    /// What must be given first, and what is rare out of the way.
    fn sort(&mut self) {
        let inputs = std::mem::take(&mut self.plan.inputs);
        let (needed, free): (Vec<_>, Vec<_>) =
            inputs.into_iter().partition(|(name, _)| self.plan.required.contains(name));
        let is_rare = |name: &str, field: &Value| {
            RARE.contains(&name)
                || self
                    .plan
                    .headers
                    .values()
                    .any(|header| header.as_str() == Some(&format!("{{{{ input.{name} }}}}")))
                || field["type"] == "any"
        };
        let few = free.len() <= SHOWN;
        let mut shown = 0;
        self.plan.inputs.extend(needed);
        for (name, mut field) in free {
            let is_shown = !is_rare(&name, &field) && (few || shown < SHOWN);
            if is_shown {
                shown += 1;
            } else {
                field["x-advanced"] = true.into();
            }
            self.plan.inputs.insert(name, field);
        }
    }
}

/// A value that is always the same; one that would be an expression is none.
fn literal(value: &Value) -> Option<Value> {
    let is_expression =
        value.as_str().is_some_and(|text| ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)));
    (!is_expression).then(|| value.clone())
}

/// `value` within records, so that `pointer` leads to it.
fn at_pointer(pointer: &str, value: Value) -> Value {
    pointer
        .rsplit('/')
        .filter(|part| !part.is_empty())
        .fold(value, |inner, part| json!({ super::walk::unescaped(part): inner }))
}

/// What a write promises; nothing for what only reads. Rather too careful: a person may know better.
fn write(operation: &Operation<'_>, parameters: &[Parameter<'_>]) -> Value {
    let is_recognised = parameters.iter().any(|parameter| {
        parameter.place == Place::Header && parameter.name.to_ascii_lowercase().contains("idempotency")
    });
    match operation.method {
        "get" | "head" | "options" | "trace" => Value::Null,
        _ if is_recognised => json!({ "repeat": "recognised" }),
        "put" | "delete" => json!({ "repeat": "harmless" }),
        "post" if SEARCHES.iter().any(|end| operation.path.ends_with(end)) => Value::Null,
        _ => json!({ "repeat": "uncertain" }),
    }
}
