//! From an action and its inputs to a request: templates are filled, what is nothing is left out, and whatever stands in
//! an address is encoded.

use super::failures;
use super::written::write;
use crate::manifest::Manifest;
use crate::manifest::action::{Action, Method, PathPiece};
use crate::manifest::written::Lists;
use serde_json::{Map, Value};
use trunkline_engine::expression::filters::percent_encoded;
use trunkline_engine::expression::{Dynamic, Scope};
use trunkline_engine::failure::Failure;
use url::Url;

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
}

impl AskBody {
    /// Its bytes and their type.
    #[must_use]
    pub fn encoded(&self) -> Option<(&'static str, String)> {
        match self {
            Self::None => None,
            Self::Json(value) => Some(("application/json", value.to_string())),
            Self::Form(fields) => {
                let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                Some(("application/x-www-form-urlencoded", body))
            }
        }
    }
}

pub(super) fn build(manifest: &Manifest, action: &Action, scope: &Scope) -> Result<Ask, Failure> {
    let template = &action.request;
    let mut address = manifest.base_url.text(scope)?.trim().trim_end_matches('/').to_owned();
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
    let query = texts(template.query.iter(), &template.lists, scope)?;
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    let headers = texts(manifest.headers.iter().chain(&template.headers), &Lists::new(), scope)?;
    let body = match (&template.json, template.form.is_empty()) {
        (Some(json), _) => AskBody::Json(filled(json, scope)?.unwrap_or_else(|| Value::Object(Map::new()))),
        (None, false) => AskBody::Form(texts(template.form.iter(), &template.lists, scope)?),
        (None, true) => AskBody::None,
    };
    Ok(Ask { method: template.method, url, headers, body })
}

/// Named values as texts; lists and records as `lists` says.
fn texts<'a>(
    values: impl Iterator<Item = (&'a String, &'a Dynamic)>,
    lists: &Lists,
    scope: &Scope,
) -> Result<Vec<(String, String)>, Failure> {
    let mut texts = Vec::new();
    for (name, value) in values {
        let Some(value) = filled(value, scope)? else { continue };
        let written = lists.get(name).copied().unwrap_or_default();
        write(name, value, written, &mut texts);
    }
    Ok(texts)
}

/// `value` in `scope`; `None` when it comes to nothing. Fields of a record that come to nothing are left out of it.
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
                if let Some(value) = filled(field, scope)? {
                    record.insert(name.clone(), value);
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
