//! The question as it leaves, and what it is remembered under.

use super::{HttpSource, Method, Provider, Source};
use crate::lead::Lead;
use crate::place::Place;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use trunkline_engine::expression::filters::percent_encoded;
use trunkline_engine::expression::{Scope, Template};
use trunkline_engine::failure::Failure;
use uuid::Uuid;

/// Longest line of a header, in bytes.
const MAX_LINE: usize = 8 * 1024;

/// An HTTP request without what signs it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: String,
    /// The whole address.
    pub url: String,
    /// Pairs of name and value.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
    /// Statuses beside those of success that are an answer.
    pub accept: Vec<u16>,
}

/// Why no request can be made for a lead, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unasked {
    /// The lead lacks a field that the provider needs.
    Lacks(String),
    /// An expression, or what it yields, cannot be used.
    Unfit(String),
}

impl Request {
    /// The request for `lead`.
    pub(crate) fn of(provider: &Provider, lead: &Lead) -> Result<Self, Unasked> {
        for need in &provider.needs {
            let held = match super::place(need) {
                Place::Core(field) => field.get(lead),
                place => place.get(lead),
            };
            if crate::field::is_blank(&held) {
                return Err(Unasked::Lacks(super::label(need)));
            }
        }
        let Source::Http(source) = &provider.source;
        let scope = Scope::sample(&json!({ "lead": lead.record() }));
        let unfit = |failure: Failure| Unasked::Unfit(failure.message);
        let mut request = source.compose(&scope).map_err(unfit)?;
        request.accept.clone_from(&provider.not_found_statuses);
        if request.url.is_empty() {
            return Err(Unasked::Unfit("the address is empty".into()));
        }
        let is_line = |text: &str| text.len() <= MAX_LINE && !text.chars().any(char::is_control);
        if let Some((name, _)) = request.headers.iter().find(|(_, value)| !is_line(value)) {
            return Err(Unasked::Unfit(format!("the header {name} would hold what no header may")));
        }
        Ok(request)
    }
}

impl HttpSource {
    fn compose(&self, scope: &Scope) -> Result<Request, Failure> {
        let text = |template: &Template| template.text(scope).map(|text| text.trim().to_owned());
        let mut url = text(&self.url)?;
        for line in &self.query {
            let value = text(&line.value)?;
            if !value.is_empty() {
                let mark = if url.contains('?') { '&' } else { '?' };
                let (name, value) = (percent_encoded(line.name.trim()), percent_encoded(&value));
                write!(url, "{mark}{name}={value}").expect("writing to a text never fails");
            }
        }
        let mut headers = Vec::with_capacity(self.headers.len() + 2);
        headers.push(("Accept".to_owned(), "application/json".to_owned()));
        for line in &self.headers {
            let value = text(&line.value)?;
            if !value.is_empty() {
                headers.push((line.name.trim().to_owned(), value));
            }
        }
        let body = match (&self.body, self.method) {
            (Some(body), Method::Post) => {
                headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
                Some(body.value(scope)?.to_string())
            }
            _ => None,
        };
        Ok(Request { method: self.method.as_str().into(), url, headers, body, accept: Vec::new() })
    }
}

/// What a question is remembered under. The same question about two leads is one question, so that two people of one
/// company ask about the company once. Another address, body or mapping is another question; trust and prices are not.
pub(crate) fn key_of(waterfall: Uuid, provider: &Provider, request: &Request) -> String {
    let mapped: Vec<[&str; 2]> = provider.fills.iter().map(|fill| [&*fill.field, &*fill.path]).collect();
    let question = json!([
        waterfall,
        provider.id,
        request.method,
        request.url,
        request.body,
        mapped,
        provider.found_at,
        Value::from(provider.not_found_statuses.clone()),
    ]);
    let digest = Sha256::digest(question.to_string());
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a text never fails");
        text
    })
}
