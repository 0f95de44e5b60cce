//! From an action and its inputs to a request: templates are filled, what is nothing is left out, and whatever stands in
//! an address is encoded.

use super::{failures, rows};
use crate::manifest::Manifest;
use crate::manifest::action::{Method, PathPiece, RequestTemplate};
use crate::manifest::body::Reads;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use trunkline_engine::expression::filters::percent_encoded;
use trunkline_engine::expression::{Dynamic, Scope, into_text};
use trunkline_engine::failure::Failure;
use url::Url;

/// The type of rows.
const CSV: &str = "text/csv; charset=utf-8";
/// The type of text.
const PLAIN: &str = "text/plain; charset=utf-8";

/// A request, without what proves who we are.
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The method.
    pub method: Method,
    /// The whole address.
    pub url: Url,
    /// Headers in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: AskBody,
    /// How the answer is read.
    pub reads: Reads,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq)]
pub enum AskBody {
    /// None.
    None,
    /// JSON.
    Json(Value),
    /// Fields of a form.
    Form(Vec<(String, String)>),
    /// As it is.
    Text {
        /// Its type.
        kind: String,
        /// The text.
        text: String,
    },
    /// Fields of a form and a file.
    Upload {
        /// The fields.
        fields: Vec<(String, String)>,
        /// The file.
        file: File,
    },
}

/// A file that is sent.
#[derive(Debug, Clone, PartialEq)]
pub struct File {
    /// The name of its field.
    pub field: String,
    /// Its own name.
    pub name: String,
    /// Its type.
    pub kind: String,
    /// What is in it.
    pub text: String,
}

impl AskBody {
    /// Its bytes and their type.
    #[must_use]
    pub fn encoded(&self) -> Option<(String, String)> {
        match self {
            Self::None => None,
            Self::Json(value) => Some(("application/json".into(), value.to_string())),
            Self::Form(fields) => {
                let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                Some(("application/x-www-form-urlencoded".into(), body))
            }
            Self::Text { kind, text } => Some((kind.clone(), text.clone())),
            Self::Upload { fields, file } => Some(multipart(fields, file)),
        }
    }
}

/// Fields and a file as `multipart/form-data` (RFC 7578).
fn multipart(fields: &[(String, String)], file: &File) -> (String, String) {
    // A line that stands nowhere in what it separates; the same for the same content, so that repeats are the same.
    let mut boundary = "trunkline-part".to_owned();
    while file.text.contains(&boundary) || fields.iter().any(|(_, value)| value.contains(&boundary)) {
        boundary.push('-');
    }
    let mut body = String::with_capacity(file.text.len() + 512);
    for (name, value) in fields {
        let name = quoted(name);
        let _ = write!(
            body,
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
    }
    let _ = write!(
        body,
        "--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n{}\r\n--{boundary}--\r\n",
        quoted(&file.field),
        quoted(&file.name),
        file.kind,
        file.text,
    );
    (format!("multipart/form-data; boundary={boundary}"), body)
}

/// A name between quotes, as browsers write it: it cannot end the line or the quotes.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

pub(super) fn build(manifest: &Manifest, template: &RequestTemplate, scope: &Scope) -> Result<Ask, Failure> {
    let base = template.base_url.as_ref().unwrap_or(&manifest.base_url);
    let mut address = base.text(scope)?.trim().trim_end_matches('/').to_owned();
    for piece in &template.path.pieces {
        match piece {
            PathPiece::Text(text) => address.push_str(text),
            PathPiece::Value(expression) => {
                let value = expression.text(scope)?;
                // Dots alone would climb out of the path.
                if value.is_empty() || value.bytes().all(|byte| byte == b'.') {
                    return Err(failures::unusable_path(expression.source()));
                }
                address.push_str(&percent_encoded(&value));
            }
        }
    }
    let mut url = Url::parse(&address).map_err(|_| failures::bad_address())?;
    let query = texts(template.query.iter(), scope)?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let headers = texts(manifest.headers.iter().chain(&template.headers), scope)?;
    let (method, reads) = (template.method, template.answer);
    Ok(Ask { method, url, headers, body: body(template, scope)?, reads })
}

fn body(template: &RequestTemplate, scope: &Scope) -> Result<AskBody, Failure> {
    if let Some(json) = &template.json {
        return Ok(AskBody::Json(filled(json, scope)?.unwrap_or_else(|| Value::Object(Map::new()))));
    }
    if let Some(rows) = &template.csv {
        return Ok(AskBody::Text { kind: CSV.into(), text: csv(rows, scope)? });
    }
    if let Some(text) = &template.text {
        return Ok(AskBody::Text { kind: PLAIN.into(), text: plain(text, scope)? });
    }
    let fields = texts(template.form.iter(), scope)?;
    if let Some(upload) = &template.upload {
        let (kind, text) = match (&upload.csv, &upload.text) {
            (Some(rows), _) => (CSV, csv(rows, scope)?),
            (None, Some(text)) => (PLAIN, plain(text, scope)?),
            (None, None) => (PLAIN, String::new()),
        };
        let file = File {
            field: upload.field.clone(),
            name: plain(&upload.name, scope)?,
            kind: upload.kind.clone().unwrap_or_else(|| kind.into()),
            text,
        };
        return Ok(AskBody::Upload { fields, file });
    }
    Ok(if template.form.is_empty() { AskBody::None } else { AskBody::Form(fields) })
}

fn csv(rows: &Dynamic, scope: &Scope) -> Result<String, Failure> {
    rows::written(&rows.value(scope)?).ok_or_else(failures::no_rows)
}

fn plain(text: &Dynamic, scope: &Scope) -> Result<String, Failure> {
    Ok(filled(text, scope)?.map(into_text).unwrap_or_default())
}

/// Named values as texts; lists with commas between their items.
fn texts<'a>(
    values: impl Iterator<Item = (&'a String, &'a Dynamic)>,
    scope: &Scope,
) -> Result<Vec<(String, String)>, Failure> {
    let mut texts = Vec::new();
    for (name, value) in values {
        let text = match filled(value, scope)? {
            None => continue,
            Some(Value::Array(items)) => items.into_iter().map(into_text).collect::<Vec<_>>().join(","),
            Some(value) => into_text(value),
        };
        texts.push((name.clone(), text));
    }
    Ok(texts)
}

/// The name of a field whose own fields belong into the record around it.
const SPREAD: &str = "...";

/// `value` in `scope`; `None` when it comes to nothing. Fields of a record that come to nothing are left out of it;
/// the fields of one called `...` are taken into it.
///
/// # Errors
/// The failure of an expression.
pub fn filled(value: &Dynamic, scope: &Scope) -> Result<Option<Value>, Failure> {
    match value {
        Dynamic::Literal(value) => Ok(Some(value.clone())),
        Dynamic::Computed(expression) => Ok(Some(expression.value(scope)?).filter(|value| !value.is_null())),
        Dynamic::List(items) => {
            let mut list = Vec::with_capacity(items.len());
            for item in items {
                list.extend(filled(item, scope)?);
            }
            Ok(Some(Value::Array(list)))
        }
        Dynamic::Record(fields) => {
            let mut record = Map::with_capacity(fields.len());
            for (name, field) in fields {
                match filled(field, scope)? {
                    None => {}
                    Some(Value::Object(more)) if name == SPREAD => record.extend(more),
                    Some(value) => {
                        record.insert(name.clone(), value);
                    }
                }
            }
            Ok(Some(Value::Object(record)))
        }
    }
}

/// Whether a condition's value means yes.
#[must_use]
pub fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(yes) => *yes,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty() && text != "false",
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}
