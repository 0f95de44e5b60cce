//! Form trigger: a page of our own that asks questions; sending it starts the run.

use super::{blank, path, problem};
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use crate::trigger::{FormField, FormFieldKind, HostedForm, Trigger};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashSet;

/// Most questions on one page.
const MAX_FIELDS: usize = 50;

/// Settings of `form`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Form {
    /// The end of the page's address: small letters, digits and hyphens.
    #[schemars(title = "Path", extend("x-placeholder" = "demo-request"))]
    path: String,
    /// The heading of the page.
    #[serde(default = "default_title")]
    #[schemars(title = "Heading")]
    title: String,
    /// A sentence below the heading.
    #[serde(default)]
    #[schemars(title = "Introduction", extend("x-placeholder" = "Tell us about you and we will be in touch."))]
    intro: String,
    /// What the page asks, from top to bottom.
    #[schemars(title = "Questions", extend("x-ui" = "field_list"))]
    fields: Vec<FormField>,
    /// What is written on the button.
    #[serde(default = "default_button")]
    #[schemars(title = "Button", extend("x-advanced" = true))]
    button: String,
    /// What people read after they have sent it.
    #[serde(default = "default_thanks")]
    #[schemars(title = "Thank-you message", extend("x-advanced" = true))]
    thanks: String,
}

fn default_title() -> String {
    "Get in touch".into()
}

fn default_button() -> String {
    "Send".into()
}

fn default_thanks() -> String {
    "Thank you. We will be in touch soon.".into()
}

pub(super) fn kind() -> StepKind {
    let fields = json!([
        { "name": "first_name", "label": "First name", "type": "text", "required": true },
        { "name": "email", "label": "Work e-mail", "type": "email", "required": true },
        { "name": "company", "label": "Company", "type": "text" },
    ]);
    let event = json!({
        "body": { "first_name": "Ada", "email": "ada@analytical.example", "company": "Analytical Engines" },
        "received_at": "2026-03-05T09:00:00.000Z",
    });
    StepKind::new::<Form>(About {
        kind: "form",
        title: "Form",
        summary: "Starts whenever somebody fills in a page that Trunkline hosts for you.",
        help: HELP,
        icon: "form",
        category: Category::Trigger,
        keywords: &["page", "survey", "contact", "landing", "questions", "lead form", "hosted"],
        default_config: json!({ "path": "get-in-touch", "title": "Get in touch", "fields": fields }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "People are thanked only once their answers are safe on disk; each page sent becomes exactly one run.",
        has_error_port: false,
        example: Example {
            config: json!({
                "path": "demo-request",
                "title": "Ask for a demo",
                "intro": "Tell us about you and we will be in touch within a day.",
                "fields": fields,
                "button": "Ask for a demo",
            }),
            context: json!({ "trigger": event }),
            output: Some(event.clone()),
            port: "out".into(),
        },
        output_sample: event,
        summary_template: "/forms/{path}",
    })
}

const HELP: &str = r"
Publish the workflow and share the address of the page. Answers are in `trigger.body` under the technical name of each
question. Required questions and the shape of e-mail addresses and numbers are checked before a run starts.
";

impl Step for Form {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        super::pass_through(context.scope)
    }

    fn trigger(&self) -> Option<Trigger> {
        Some(Trigger::Form(HostedForm {
            path: self.path.clone(),
            title: self.title.clone(),
            intro: self.intro.clone(),
            button: self.button.clone(),
            thanks: self.thanks.clone(),
            fields: self.fields.clone(),
        }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems: Vec<ConfigProblem> = path::check(&self.path).into_iter().collect();
        if self.fields.is_empty() {
            problems.push(blank("/fields", "the form asks nothing", "Add at least one question."));
        }
        if self.fields.len() > MAX_FIELDS {
            let message =
                format!("the form has {} questions, and {MAX_FIELDS} is the limit", self.fields.len());
            problems.push(problem(
                "DOC-0024",
                "/fields",
                message,
                "Ask less; fewer questions bring more answers.",
            ));
        }
        let mut names = HashSet::new();
        for (at, field) in self.fields.iter().enumerate() {
            let mut add = |part: &str, message: String, action: &str| {
                problems.push(problem("DOC-0024", format!("/fields/{at}/{part}"), message, action));
            };
            if !crate::document::is_step_id(&field.name) {
                let message = format!("\"{}\" cannot be the name of an answer", field.name);
                add("name", message, "Use small letters, digits and underscores, for example first_name.");
            } else if !names.insert(field.name.as_str()) {
                let message = format!("two questions have the name {}", field.name);
                add("name", message, "Give each question a name of its own.");
            }
            if field.kind == FormFieldKind::Choice
                && field.options.iter().all(|option| option.trim().is_empty())
            {
                add(
                    "options",
                    "there is nothing to choose from".into(),
                    "List the choices, separated by commas.",
                );
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_need_names_and_choices() {
        let config = json!({"path": "a", "fields": [
            {"name": "Email", "label": "E-mail", "type": "email"},
            {"name": "size", "label": "Size", "type": "choice"},
            {"name": "size", "label": "Again"},
        ]});
        let problems = kind().compile(&config).unwrap().check();
        let fields: Vec<&str> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["/fields/0/name", "/fields/1/options", "/fields/2/name"]);
        assert!(problems.iter().all(|problem| problem.code == "DOC-0024"));
    }

    #[test]
    fn a_form_without_questions_is_refused() {
        assert_eq!(kind().compile(&json!({"path": "a", "fields": []})).unwrap().check()[0].code, "DOC-0027");
    }
}
