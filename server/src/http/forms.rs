//! `/forms/<path>`: hosted pages made from a field list. Answers become events like any other.

use super::form_page::{self, Page};
use super::hooks;
use super::problem::{self, Result};
use crate::app::Shared;
use crate::intake::payload;
use crate::runner::{Await, NewRun};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::Utc;
use serde_json::{Map, Value};
use std::collections::HashMap;
use trunkline_engine::trigger::{FormField, FormFieldKind, HostedForm};

/// The field that people never see and machines fill in.
pub(super) const HONEYPOT: &str = "company_website_2";
/// Longest answer, in characters.
const LONGEST_ANSWER: usize = 10_000;

/// Forms may be framed by nobody and load nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

pub(super) fn page(status: StatusCode, html: String) -> Response {
    let policy: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, policy, Html(html)).into_response()
}

fn missing(path: &str) -> problem::Error {
    problem::NO_HOOK.because(format!("no published workflow has a form at /forms/{path}"))
}

/// The empty form.
pub async fn show(State(app): State<Shared>, Path(path): Path<String>) -> Result<Response> {
    let bound = app.routes.form(&path).ok_or_else(|| missing(&path))?;
    Ok(page(StatusCode::OK, form_page::render(&bound.rule, &Page::default())))
}

/// A form that was sent.
pub async fn send(State(app): State<Shared>, Path(path): Path<String>, request: Request) -> Result<Response> {
    let bound = app.routes.form(&path).ok_or_else(|| missing(&path))?;
    if let Some(throttle) = &app.throttles.hook {
        throttle.knock(&bound.rule.path).map_err(|wait| problem::TOO_MANY.plain().after(wait))?;
    }
    let (parts, content) = request.into_parts();
    let (bytes, _room) = hooks::read(&app, &parts.headers, content).await?;
    let key = hooks::event_key(&parts.headers)?;
    let Value::Object(given) = payload::read(&parts.headers, bytes).await? else {
        return Err(problem::FORM_ANSWERS.because("the form was sent without any answer"));
    };
    // Whoever fills in what nobody sees is thanked like everyone else and learns nothing.
    if given.get(HONEYPOT).and_then(Value::as_str).is_some_and(|text| !text.is_empty()) {
        return Ok(thanks(&bound.rule));
    }
    let answers = match read(&bound.rule, &given) {
        Ok(answers) => answers,
        Err(wrong) if wants_json(&parts.headers) => {
            let mut said: Vec<String> =
                wrong.iter().map(|(field, reason)| format!("{field}: {reason}")).collect();
            said.sort();
            return Err(problem::FORM_ANSWERS.because(said.join("; ")));
        }
        Err(wrong) => {
            let shown = Page { given, wrong };
            return Ok(page(StatusCode::UNPROCESSABLE_ENTITY, form_page::render(&bound.rule, &shown)));
        }
    };
    let at = Utc::now();
    let output = payload::body_output(Value::Object(answers), at);
    let new = NewRun { trigger: bound.step.clone(), kind: "form", output, key, parent: None, at };
    app.runner.start(&bound.version, new, Await::Nothing).await?;
    Ok(thanks(&bound.rule))
}

fn wants_json(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("json"))
}

fn thanks(form: &HostedForm) -> Response {
    page(StatusCode::OK, form_page::thanks(form))
}

/// The answers to the form's own questions, typed; or what is wrong with each. Other fields are dropped.
fn read(
    form: &HostedForm,
    given: &Map<String, Value>,
) -> std::result::Result<Map<String, Value>, HashMap<String, String>> {
    let (mut answers, mut wrong) = (Map::new(), HashMap::new());
    for field in &form.fields {
        match answer(field, given.get(&field.name)) {
            Ok(value) => {
                answers.insert(field.name.clone(), value);
            }
            Err(reason) => {
                wrong.insert(field.name.clone(), reason);
            }
        }
    }
    if wrong.is_empty() { Ok(answers) } else { Err(wrong) }
}

fn answer(field: &FormField, given: Option<&Value>) -> std::result::Result<Value, String> {
    let text = match given {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(other) => other.to_string(),
    };
    if field.kind == FormFieldKind::Checkbox {
        let ticked = !matches!(text.as_str(), "" | "false" | "off" | "0");
        return if field.required && !ticked {
            Err("Please tick this box.".into())
        } else {
            Ok(ticked.into())
        };
    }
    if text.is_empty() {
        return if field.required { Err("Please fill this in.".into()) } else { Ok(Value::Null) };
    }
    if text.chars().count() > LONGEST_ANSWER {
        return Err(format!("Please use at most {LONGEST_ANSWER} characters."));
    }
    match field.kind {
        FormFieldKind::Number => {
            let number = text.replace(',', ".").parse::<f64>().ok().filter(|number| number.is_finite());
            let number = number.ok_or("Please write a number.")?;
            #[expect(clippy::cast_possible_truncation, reason = "whole numbers in this range fit exactly")]
            let whole = (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64);
            Ok(whole.map_or_else(|| Value::from(number), Value::from))
        }
        FormFieldKind::Email if !is_email(&text) => Err("Please write a full e-mail address.".into()),
        FormFieldKind::Choice if !field.options.contains(&text) => {
            Err("Please choose one of the answers.".into())
        }
        _ => Ok(Value::from(text)),
    }
}

fn is_email(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && text
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !host.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn field(kind: FormFieldKind, required: bool) -> FormField {
        FormField {
            name: "f".into(),
            label: "F".into(),
            kind,
            required,
            options: vec!["A".into(), "B".into()],
        }
    }

    #[test]
    fn answers_are_typed_and_checked() {
        use FormFieldKind as Kind;
        for (kind, given, expected) in [
            (Kind::Number, json!("12"), Ok(json!(12))),
            (Kind::Number, json!("1,5"), Ok(json!(1.5))),
            (Kind::Number, json!("many"), Err("Please write a number.")),
            (Kind::Email, json!("ada@example.com"), Ok(json!("ada@example.com"))),
            (Kind::Email, json!("ada@"), Err("Please write a full e-mail address.")),
            (Kind::Choice, json!("B"), Ok(json!("B"))),
            (Kind::Choice, json!("C"), Err("Please choose one of the answers.")),
            (Kind::Checkbox, json!("on"), Ok(json!(true))),
            (Kind::Text, json!("  "), Err("Please fill this in.")),
        ] {
            assert_eq!(
                answer(&field(kind, true), Some(&given)),
                expected.map_err(str::to_owned),
                "{kind:?} {given}"
            );
        }
        assert_eq!(answer(&field(Kind::Text, false), None), Ok(Value::Null));
        assert_eq!(answer(&field(Kind::Checkbox, false), None), Ok(json!(false)));
    }
}
