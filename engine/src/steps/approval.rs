//! Ask a person: the run waits until somebody chooses one of the answers.

use super::duration::Patience;
use super::{blank, problem};
use crate::document::{ERROR, is_step_id};
use crate::expression::Template;
use crate::failure::Failure;
use crate::kind::{
    About, Await, Awaited, Category, ConfigProblem, Context, Example, Notify, Outcome, Port, PortRule,
    Promise, Step, StepKind, TIMEOUT,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use std::collections::HashSet;

/// Most answers to choose from.
const MAX_OPTIONS: usize = 10;
/// Most reminders.
const MAX_REMINDERS: u32 = 20;
const NO_ANSWER: &str = "No answer in time";

/// Settings of `approval`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Approval {
    /// What is to be decided, in a few words.
    #[schemars(title = "Question", extend("x-placeholder" = "Give {{ steps.find.lead.name }} to the enterprise team?"))]
    title: Template,
    /// What the person should know before choosing.
    #[serde(default)]
    #[schemars(title = "What they should know", extend("x-ui" = "template_long"))]
    text: Template,
    /// The answers to choose from; each is a way out.
    #[serde(default = "yes_or_no")]
    #[schemars(title = "Answers", extend("x-ui" = "options"))]
    options: Vec<Answer>,
    /// How long the run waits for an answer. Without one it waits as long as it takes.
    #[serde(default)]
    #[schemars(title = "Deadline")]
    patience: Option<Patience>,
    /// A workflow that tells people, by e-mail or chat. It gets the `link`, the `title`, the `text` and when it is due.
    #[serde(default)]
    #[schemars(title = "Tell people with", extend("x-ui" = "workflow"))]
    notify: String,
    /// Hours between reminders by the same workflow; 0 sends none.
    #[serde(default)]
    #[schemars(title = "Remind every (hours)", range(min = 0.0, max = 720.0), extend("x-advanced" = true))]
    remind_hours: f64,
    /// Most reminders (1 to 20).
    #[serde(default = "three")]
    #[schemars(title = "Most reminders", range(min = 1, max = 20), extend("x-advanced" = true))]
    reminders: u32,
}

/// One answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    /// Name of the way out in arrows: small letters, digits and underscores.
    id: String,
    /// What people read on the button.
    #[serde(default)]
    label: String,
}

fn yes_or_no() -> Vec<Answer> {
    [("approved", "Approve"), ("rejected", "Reject")]
        .map(|(id, label)| Answer { id: id.into(), label: label.into() })
        .into()
}

fn three() -> u32 {
    3
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Approval>(About {
        kind: "approval",
        title: "Ask a person",
        summary: "Waits until somebody chooses one of the answers, in the inbox or by a link.",
        help: HELP,
        icon: "person",
        category: Category::Logic,
        keywords: &[
            "approval", "approve", "human", "review", "decision", "inbox", "manual", "sign-off", "ask",
        ],
        default_config: json!({
            "title": "",
            "text": "",
            "options": [{ "id": "approved", "label": "Approve" }, { "id": "rejected", "label": "Reject" }],
            "patience": { "amount": 2, "unit": "days" },
            "notify": "",
        }),
        ports: PortRule::Cases {
            field: "options".into(),
            default_label: NO_ANSWER.into(),
            default_port: TIMEOUT.into(),
        },
        promise: Promise::None,
        promise_text: "The question stands in the inbox until it is answered, also after a restart. The first answer \
                       counts; a second one is told so.",
        has_error_port: true,
        example: Example {
            config: json!({
                "title": "Give {{ trigger.body.company }} to the enterprise team?",
                "text": "{{ trigger.body.employees }} employees, score {{ trigger.body.score }}.",
                "options": [{ "id": "yes", "label": "Yes" }, { "id": "no", "label": "No, leave it in the pool" }],
                "patience": { "amount": 4, "unit": "hours" },
            }),
            context: json!({ "trigger": { "body": { "company": "Analytical", "employees": 900, "score": 74 } } }),
            output: None,
            port: "yes".into(),
        },
        output_sample: json!({ "answer": "approved", "by": "ana@example.com", "note": "" }),
        summary_template: "{title}",
    })
}

const HELP: &str = r"
The question stands in the inbox for everybody who may edit, and the run waits; it costs nothing while it does. Whoever
answers first decides, and the run goes on by the way out of that answer.

- With a **deadline** the run leaves by **No answer in time** when nobody answered: draw an arrow for it.
- **Tell people with** starts a workflow of yours with a `link` that anyone who has it can answer by, without signing in.
  Give that link only to those who may decide.
- The output holds the `answer`, who gave it (`by`) and the `note` they left.
";

impl Step for Approval {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let scope = context.scope;
        let notify = (!self.notify.trim().is_empty()).then(|| Notify {
            workflow: self.notify.trim().to_owned(),
            every_seconds: seconds(self.remind_hours),
            reminders: self.reminders.min(MAX_REMINDERS),
        });
        Ok(Outcome::Await(Await {
            what: Awaited::Approval {
                title: self.title.text(scope)?,
                text: self.text.text(scope)?,
                options: self.options.iter().map(Answer::port).collect(),
                notify,
            },
            until: Patience::until(self.patience.as_ref(), context.now, scope)?,
        }))
    }

    fn ports(&self) -> Option<Vec<Port>> {
        let answers = self.options.iter().map(Answer::port);
        Some(answers.chain([Port::new(TIMEOUT, NO_ANSWER)]).collect())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Patience::problems(self.patience.as_ref(), "/patience");
        if self.title.is_blank() {
            problems.push(blank("/title", "there is no question", "Write what is to be decided."));
        }
        if !(1..=MAX_OPTIONS).contains(&self.options.len()) {
            let message = format!("there are {} answers to choose from", self.options.len());
            problems.push(problem("DOC-0025", "/options", message, "Give 1 to 10 answers."));
        }
        let mut seen = HashSet::new();
        for (at, answer) in self.options.iter().enumerate() {
            if !is_step_id(&answer.id)
                || [TIMEOUT, ERROR].contains(&answer.id.as_str())
                || !seen.insert(&answer.id)
            {
                let message = format!("\"{}\" cannot be the name of this answer", answer.id);
                let action = "Use small letters, digits and underscores, and each name once.";
                problems.push(problem("DOC-0025", format!("/options/{at}/id"), message, action));
            }
        }
        if !(0.0..=720.0).contains(&self.remind_hours) {
            let message = "the time between reminders is not 0 to 720 hours";
            problems.push(problem("DOC-0025", "/remind_hours", message, "Choose a number in that range."));
        }
        if !(1..=MAX_REMINDERS).contains(&self.reminders) {
            let message = format!("{} reminders are not possible", self.reminders);
            problems.push(problem("DOC-0025", "/reminders", message, "Choose a number from 1 to 20."));
        }
        problems
    }
}

impl Answer {
    fn port(&self) -> Port {
        Port::new(&self.id, if self.label.trim().is_empty() { &self.id } else { self.label.trim() })
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range before")]
fn seconds(hours: f64) -> u32 {
    (hours.clamp(0.0, 720.0) * 3_600.0) as u32
}

#[cfg(test)]
mod tests {
    use super::super::tests::{NOW, compiled, start};
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn it_asks_with_its_answers_until_its_deadline() {
        let config = json!({
            "title": "Take {{ trigger }}?", "patience": {"amount": 1, "unit": "hours"},
            "notify": "w", "remind_hours": 0.5,
        });
        let Ok(Outcome::Await(wait)) =
            start(compiled("approval", &config).as_ref(), &json!({"trigger": "Ada"}))
        else {
            panic!("a wait")
        };
        assert_eq!(wait.until, Some(NOW + TimeDelta::hours(1)));
        let Awaited::Approval { title, options, notify, .. } = wait.what else { panic!("an approval") };
        assert_eq!(title, "Take Ada?");
        assert_eq!(
            options.iter().map(|option| option.id.as_str()).collect::<Vec<_>>(),
            ["approved", "rejected"]
        );
        assert_eq!(notify, Some(Notify { workflow: "w".into(), every_seconds: 1_800, reminders: 3 }));
    }

    #[test]
    fn answers_need_names_of_their_own() {
        for (options, field) in [
            (json!([]), "/options"),
            (json!([{"id": "Yes"}]), "/options/0/id"),
            (json!([{"id": "yes"}, {"id": "yes"}]), "/options/1/id"),
            (json!([{"id": "timeout"}]), "/options/0/id"),
        ] {
            let step = compiled("approval", &json!({"title": "?", "options": options}));
            assert_eq!(step.check()[0].field, field);
        }
        assert_eq!(compiled("approval", &json!({"title": ""})).check()[0].code, "DOC-0027");
    }
}
