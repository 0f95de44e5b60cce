//! Webhook trigger: an HTTP request to an address of its own starts the run.

use super::{blank, path};
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use crate::trigger::{Check, Method, ReplyRule, Trigger, Webhook as Hook};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Settings of `webhook`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Webhook {
    /// The end of the address other systems send to: small letters, digits and hyphens.
    #[schemars(title = "Path", extend("x-placeholder" = "new-leads"))]
    path: String,
    /// How the other system sends. Nearly all use POST.
    #[serde(default = "post")]
    #[schemars(
        title = "Method",
        extend("x-labels" = {"GET": "GET", "POST": "POST", "PUT": "PUT", "PATCH": "PATCH", "DELETE": "DELETE"}, "x-advanced" = true)
    )]
    method: Method,
    /// When the sender gets its answer.
    #[serde(default = "at_once")]
    #[schemars(
        title = "Answer",
        extend("x-labels" = {
            "at_once": "At once, when the event is safe",
            "when_finished": "When the run has finished, with its result",
            "by_step": "From a Respond step"
        })
    )]
    reply: ReplyRule,
    /// How the sender proves that it may send. Without a proof, whoever knows the address can start runs.
    #[serde(default = "nothing")]
    #[schemars(
        title = "Proof of the sender",
        extend("x-labels" = {
            "nothing": "None",
            "shared_secret": "A secret in a header",
            "hmac": "A signature of the body (HMAC-SHA256)"
        })
    )]
    check: Check,
}

fn post() -> Method {
    Method::Post
}

fn at_once() -> ReplyRule {
    ReplyRule::AtOnce
}

fn nothing() -> Check {
    Check::Nothing
}

pub(super) fn kind() -> StepKind {
    let event = json!({
        "body": {
            "email": "ada@analytical.example",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "company": "Analytical Engines",
            "employees": 250,
            "country": "United Kingdom",
        },
        "headers": { "content-type": "application/json" },
        "query": { "campaign": "spring" },
        "method": "POST",
        "path": "new-leads",
        "received_at": "2026-03-05T09:00:00.000Z",
    });
    StepKind::new::<Webhook>(About {
        kind: "webhook",
        title: "Webhook",
        summary: "Starts whenever another system sends data to this workflow's own address.",
        help: HELP,
        icon: "webhook",
        category: Category::Trigger,
        keywords: &["http", "post", "api", "incoming", "receive", "url", "hook", "event", "endpoint"],
        default_config: json!({ "path": "new-leads", "method": "POST", "reply": "at_once", "check": { "by": "nothing" } }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "An event is answered only once it is safe on disk; every accepted event becomes exactly one run.",
        has_error_port: false,
        example: Example {
            config: json!({
                "path": "new-leads",
                "method": "POST",
                "reply": "at_once",
                "check": { "by": "shared_secret", "header": "X-Secret", "secret": "correct horse battery staple" },
            }),
            context: json!({ "trigger": event }),
            output: Some(event.clone()),
            port: "out".into(),
        },
        output_sample: event,
        summary_template: "{method} /hooks/{path}",
    })
}

const HELP: &str = r#"
Copy the address that is shown and give it to the system that should send: a form tool, an ad platform, a shop, a script.

- **Data.** JSON, forms, text and files are understood. What was sent is in `trigger.body`, parameters of the address in
  `trigger.query`, headers in `trigger.headers` (their names in small letters).
- **Answer.** At once is right for most: the sender hears as soon as the event is safe, and the run goes on by itself. Choose
  *when the run has finished* or *from a Respond step* when the sender waits for a result.
- **Proof.** With a secret in a header, only those who know it can send. It is sealed when the workflow is saved, and is never
  shown or exported again. With a signature, the sender signs every body
  with HMAC-SHA256 and puts the hexadecimal result into the header; `sha256=` before it is accepted.
- **Twice.** A sender that repeats an event can name it in the header `Idempotency-Key`; the repetition then starts
  nothing.
"#;

impl Step for Webhook {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        super::pass_through(context.scope)
    }

    fn trigger(&self) -> Option<Trigger> {
        Some(Trigger::Webhook(Hook {
            path: self.path.clone(),
            method: self.method,
            reply: self.reply,
            check: self.check.clone(),
        }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = path::check(&self.path).into_iter().collect();
        if let Check::SharedSecret { header, secret } | Check::Hmac { header, secret } = &self.check {
            if header.trim().is_empty() {
                let action = "Write the name of the header, for example X-Secret.";
                problems.push(blank(
                    "/check/header",
                    "the header that carries the proof has no name",
                    action,
                ));
            }
            if secret.is_empty() {
                let action = "Make up a long secret and give it to the sender as well.";
                problems.push(blank("/check/secret", "the secret is empty, so anybody could send", action));
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compiled(config: &serde_json::Value) -> Box<dyn Step> {
        kind().compile(config).unwrap()
    }

    #[test]
    fn the_usual_settings_need_not_be_written() {
        let Some(Trigger::Webhook(hook)) = compiled(&json!({"path": "leads"})).trigger() else {
            panic!("a webhook")
        };
        assert_eq!((hook.method, hook.reply, hook.check), (Method::Post, ReplyRule::AtOnce, Check::Nothing));
    }

    #[test]
    fn an_empty_secret_protects_nothing() {
        let step = compiled(&json!({"path": "Leads", "check": {"by": "hmac", "header": " ", "secret": ""}}));
        let fields: Vec<String> = step.check().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["/path", "/check/header", "/check/secret"]);
    }
}
