//! `/approvals/<token>`: the page behind an approval's link, for people without an account.
//!
//! Looking changes nothing: mail programs and chats fetch links before anyone has read them. Only the button answers.

use super::form_page::escaped;
use super::problem::{self, Result};
use super::{error_pages::STYLE, forms, hooks, inbox};
use crate::app::Shared;
use crate::intake::payload;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::fmt::Write;
use trunkline_engine::kind::{Awaited, Port};
use trunkline_engine::run::{EffectKey, RunId};
use trunkline_store::ports::WaitRow;

/// Longest name of the person who answers, in characters.
const LONGEST_NAME: usize = 100;

/// The question.
pub async fn show(State(app): State<Shared>, Path(token): Path<String>) -> Result<Response> {
    let (run, key) = read(&app, &token)?;
    Ok(match open(&app, run, key).await? {
        Some((_, title, text, options)) => {
            forms::page(StatusCode::OK, question(&title, &text, &options, None))
        }
        None => forms::page(StatusCode::GONE, over()),
    })
}

/// The answer: a form, or JSON `{port, note?, name?}`.
pub async fn send(
    State(app): State<Shared>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response> {
    let (run, key) = read(&app, &token)?;
    let (parts, content) = request.into_parts();
    let (bytes, _room) = hooks::read(&app, &parts.headers, content).await?;
    let given = payload::read(&parts.headers, bytes).await?;
    let text =
        |name: &str| given.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let json = wants_json(&parts.headers);
    let Some((_, title, said, options)) = open(&app, run, key.clone()).await? else {
        return if json { Err(problem::ANSWERED.plain()) } else { Ok(forms::page(StatusCode::GONE, over())) };
    };
    let Some(chosen) = text("port").and_then(|port| options.iter().find(|option| option.id == port)) else {
        let wrong = "Please choose one of the answers.";
        return match json {
            true => Err(problem::NO_OPTION.because("the answer is not one of those to choose from")),
            false => Ok(forms::page(
                StatusCode::UNPROCESSABLE_ENTITY,
                question(&title, &said, &options, Some(wrong)),
            )),
        };
    };
    let note = inbox::note(text("note"))?;
    let name = text("name").map(|name| name.chars().take(LONGEST_NAME).collect::<String>());
    // Whoever has the link may answer; the name is what they say it is.
    let by = name.map_or_else(|| "someone with the link".to_owned(), |name| format!("{name} (by link)"));
    match inbox::give(&app, run, key, chosen.id.to_string(), note, Some(by)).await {
        Ok(()) if json => Ok((StatusCode::OK, Json(json!({ "accepted": true }))).into_response()),
        Ok(()) => Ok(forms::page(StatusCode::OK, thanks(chosen))),
        Err(error) if !json && error.code() == problem::ANSWERED.code => {
            Ok(forms::page(StatusCode::GONE, over()))
        }
        Err(error) => Err(error),
    }
}

fn read(app: &Shared, token: &str) -> Result<(RunId, EffectKey)> {
    app.runner.links().read_approval(token).ok_or_else(|| problem::NO_QUESTION.plain())
}

/// The question that is still open, with its title, text and options.
async fn open(
    app: &Shared,
    run: RunId,
    key: EffectKey,
) -> Result<Option<(WaitRow, String, String, Vec<Port>)>> {
    let found = app.store.waits.find(run, key).await?;
    Ok(found.and_then(|row| match row.what.clone() {
        Awaited::Approval { title, text, options, .. } => Some((row, title, text, options)),
        _ => None,
    }))
}

fn wants_json(headers: &HeaderMap) -> bool {
    let has = |name| {
        headers.get(name).and_then(|value| value.to_str().ok()).is_some_and(|text| text.contains("json"))
    };
    has(header::ACCEPT) || has(header::CONTENT_TYPE)
}

fn label(option: &Port) -> &str {
    if option.label.is_empty() { &option.id } else { &option.label }
}

fn question(title: &str, text: &str, options: &[Port], wrong: Option<&str>) -> String {
    let mut html = head(title);
    for paragraph in text.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
        let _ = write!(html, "<p>{}</p>", escaped(paragraph).replace('\n', "<br>"));
    }
    if let Some(wrong) = wrong {
        let _ = write!(html, "<p class=\"wrong\" role=\"alert\">{}</p>", escaped(wrong));
    }
    html.push_str(
        "<form method=\"post\"><label for=\"name\">Your name (optional)</label>\
         <input id=\"name\" name=\"name\" maxlength=\"100\" autocomplete=\"name\">\
         <label for=\"note\">A note (optional)</label><textarea id=\"note\" name=\"note\" rows=\"3\" maxlength=\"2000\">\
         </textarea><p>",
    );
    for option in options {
        let _ = write!(
            html,
            "<button type=\"submit\" name=\"port\" value=\"{}\">{}</button> ",
            escaped(&option.id),
            escaped(label(option))
        );
    }
    html.push_str("</p></form></main></body></html>");
    html
}

fn thanks(chosen: &Port) -> String {
    format!(
        "{}<p role=\"status\">Your answer is \"{}\". You can close this page.</p></main></body></html>",
        head("Thank you"),
        escaped(label(chosen))
    )
}

fn over() -> String {
    format!(
        "{}<p role=\"status\">Someone has answered already, or the time for an answer is over. There is nothing left to \
         do.</p></main></body></html>",
        head("This question is closed")
    )
}

fn head(title: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"robots\" content=\"noindex\">\
         <meta name=\"referrer\" content=\"no-referrer\"><title>{0}</title>\
         <meta name=\"viewport\" content=\"width=device-width\"><style>{STYLE}</style></head><body><main><h1>{0}</h1>",
        escaped(title)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_workflow_says_stays_text() {
        let options = [Port { id: "yes".into(), label: "<b>Yes</b>".into() }];
        let page = question("<script>1</script>", "One\n\nTwo \"x\"", &options, None);
        assert!(!page.contains("<script>") && !page.contains("<b>"));
        assert!(page.contains("<p>One</p><p>Two") && page.contains("value=\"yes\""));
    }
}
