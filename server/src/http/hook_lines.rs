//! Where a workflow listens, with a line ready to paste into a terminal.

use crate::app::App;
use crate::runner::routes::plain_path;
use serde::Serialize;
use serde_json::Value;
use trunkline_engine::document::{Document, Step};
use trunkline_engine::trigger::{Check, Method, Trigger};
use utoipa::ToSchema;
use uuid::Uuid;

/// An address at which a workflow can be reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct Hook {
    /// The trigger step.
    pub step: String,
    /// What it is.
    pub kind: HookKind,
    /// HTTP method.
    pub method: String,
    /// Full address.
    pub url: String,
    /// A command that sends the sample, ready to paste.
    pub curl: String,
    /// Whether the published version listens there now.
    pub live: bool,
}

/// What answers at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum HookKind {
    /// A webhook.
    Webhook,
    /// A hosted form.
    Form,
}

/// The addresses of `document`'s triggers. Steps whose settings cannot be understood yet have none.
#[must_use]
pub fn of(app: &App, workflow: Uuid, document: &Document) -> Vec<Hook> {
    let steps = document.steps.iter().filter(|(_, step)| !step.disabled);
    steps.filter_map(|(id, step)| hook(app, workflow, document, id, step)).collect()
}

fn hook(app: &App, workflow: Uuid, document: &Document, id: &str, step: &Step) -> Option<Hook> {
    let trigger = app.kinds.now().get(&step.kind)?.compile(&step.config).ok()?.trigger()?;
    let live = app.routes.is_live(workflow, id, &trigger);
    match trigger {
        Trigger::Webhook(rule) => {
            let url = format!("{}/hooks/{}", app.url(), plain_path(&rule.path));
            let method = method_word(rule.method);
            let sample = document.samples.get(id).map(sample_body);
            let curl = curl(&url, method, &rule.check, sample);
            Some(Hook { step: id.into(), kind: HookKind::Webhook, method: method.into(), url, curl, live })
        }
        Trigger::Form(rule) => {
            let url = format!("{}/forms/{}", app.url(), plain_path(&rule.path));
            let curl = format!("curl {}", quoted(&url));
            Some(Hook { step: id.into(), kind: HookKind::Form, method: "POST".into(), url, curl, live })
        }
        Trigger::Manual | Trigger::Schedule(_) | Trigger::LeadEvent(_) => None,
    }
}

/// What a caller would send so that the trigger puts out `sample`.
#[must_use]
pub fn sample_body(sample: &Value) -> &Value {
    sample.get("body").unwrap_or(sample)
}

/// A method's word.
#[must_use]
pub fn method_word(method: Method) -> &'static str {
    match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Patch => "PATCH",
        Method::Delete => "DELETE",
    }
}

fn curl(url: &str, method: &str, check: &Check, sample: Option<&Value>) -> String {
    let example = serde_json::json!({ "email": "ada@example.com" });
    let body = sample.unwrap_or(&example).to_string();
    let mut line = format!("curl -X {method} {}", quoted(url));
    if method != "GET" {
        line.push_str(" -H 'content-type: application/json'");
    }
    match check {
        Check::Nothing => {}
        Check::SharedSecret { header, .. } => {
            line.push_str(&format!(" -H {}", quoted(&format!("{header}: YOUR_SECRET"))));
        }
        // The shell computes the signature of exactly what is sent.
        Check::Hmac { header, .. } => {
            let digest = format!(
                "printf %s {} | openssl dgst -sha256 -hmac YOUR_SECRET -r | cut -d' ' -f1",
                quoted(&body)
            );
            line.push_str(&format!(" -H \"{header}: sha256=$({digest})\""));
        }
    }
    if method != "GET" {
        line.push_str(&format!(" -d {}", quoted(&body)));
    }
    line
}

/// `text` as one word of a POSIX shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_line_can_be_pasted_whatever_the_sample_holds() {
        let line =
            curl("http://x/hooks/a", "POST", &Check::Nothing, Some(&json!({"name": "O'Neil; rm -rf $HOME"})));
        assert_eq!(
            line,
            r#"curl -X POST 'http://x/hooks/a' -H 'content-type: application/json' -d '{"name":"O'\''Neil; rm -rf $HOME"}'"#
        );
    }

    #[test]
    fn secrets_are_never_shown() {
        let check = Check::SharedSecret { header: "x-key".into(), secret: "hunter2".into() };
        assert!(!curl("http://x", "POST", &check, None).contains("hunter2"));
    }
}
