//! Text: a chain of operations on one text.

mod work;

use super::{blank, problem};
use crate::expression::Template;
use crate::expression::filters::compile_pattern;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::borrow::Cow;
use work::Work;

/// Most operations in one step.
const MAX_OPERATIONS: usize = 50;
/// Longest text that is padded to, in characters.
const MAX_PAD: u32 = 10_000;

/// Settings of `text`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Text {
    /// The text to work on.
    #[schemars(title = "Text", extend("x-ui" = "template_long", "x-placeholder" = "{{ trigger.body.message }}"))]
    text: Template,
    /// What is done to it, from top to bottom. Each operation works on what the one before has made.
    #[schemars(title = "Operations")]
    operations: Vec<Operation>,
}

/// One operation.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Operation {
    /// What is done.
    #[schemars(
        title = "Do this",
        extend("x-labels" = {
            "trim": "Remove spaces at both ends",
            "collapse_spaces": "Make one space of several",
            "case": "Change capital letters",
            "slug": "Make a slug for web addresses",
            "remove_accents": "Remove accents",
            "replace": "Replace text",
            "replace_pattern": "Replace by a search pattern",
            "extract": "Take out by a search pattern",
            "split": "Split into a list",
            "join": "Join a list into text",
            "substring": "Take a part, by position",
            "truncate": "Shorten to a number of words",
            "pad": "Fill up to a length",
            "find": "Find the position of a text",
            "count": "Count"
        })
    )]
    operation: Kind,
    /// How letters are written.
    #[serde(default)]
    #[schemars(
        title = "Letters",
        extend(
            "x-when" = {"operation": "case"},
            "x-labels" = {"lower": "all small", "upper": "ALL CAPITALS", "title": "Every Word", "sentence": "First word only"}
        )
    )]
    case: Case,
    /// What is looked for, exactly as written.
    #[serde(default)]
    #[schemars(title = "Look for", extend("x-when" = {"operation": ["replace", "find"]}))]
    find: Template,
    /// A search pattern (regular expression), such as `#([0-9]+)`. Begin it with `(?i)` to ignore capital letters.
    #[serde(default)]
    #[schemars(
        title = "Pattern",
        extend("x-when" = {"operation": ["replace_pattern", "extract"]}, "x-placeholder" = "#([0-9]+)")
    )]
    pattern: Pattern,
    /// What stands there afterwards; nothing when left empty. With a pattern, `$1` is what its first group found, and a
    /// dollar sign is written `$$`.
    #[serde(default)]
    #[schemars(title = "Replace with", extend("x-when" = {"operation": ["replace", "replace_pattern"]}))]
    with: Template,
    /// Take every place the pattern finds, as a list, and not the first alone.
    #[serde(default)]
    #[schemars(title = "Take all", extend("x-when" = {"operation": "extract"}))]
    all: bool,
    /// What stands between the parts, such as a comma. When splitting without a separator, each word is a part.
    #[serde(default)]
    #[schemars(title = "Separator", extend("x-when" = {"operation": ["split", "join"]}))]
    separator: Template,
    /// The first character to take, counted from 1. A negative number counts from the end.
    #[serde(default = "one")]
    #[schemars(title = "From", extend("x-when" = {"operation": "substring"}))]
    from: i64,
    /// How many characters to take or to fill up to, or how many words to keep. When taking a part, 0 takes all the rest.
    #[serde(default)]
    #[schemars(title = "How many", range(min = 0), extend("x-when" = {"operation": ["substring", "truncate", "pad"]}))]
    length: u32,
    /// What is filled up with, such as 0.
    #[serde(default)]
    #[schemars(title = "Fill with", extend("x-when" = {"operation": "pad"}))]
    fill: Template,
    /// Where it is filled up.
    #[serde(default)]
    #[schemars(
        title = "Where",
        extend("x-when" = {"operation": "pad"}, "x-labels" = {"start": "In front", "end": "Behind"})
    )]
    side: Side,
    /// What is counted.
    #[serde(default)]
    #[schemars(
        title = "Count",
        extend(
            "x-when" = {"operation": "count"},
            "x-labels" = {"characters": "Characters", "words": "Words", "lines": "Lines"}
        )
    )]
    what: What,
}

/// What is done to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// No spaces at the ends.
    Trim,
    /// One space where there are several, or line breaks.
    CollapseSpaces,
    /// Capital and small letters.
    Case,
    /// Small letters, digits and hyphens.
    Slug,
    /// Plain letters.
    RemoveAccents,
    /// One text for another.
    Replace,
    /// One text for whatever a pattern finds.
    ReplacePattern,
    /// What a pattern finds.
    Extract,
    /// A list of parts.
    Split,
    /// One text of a list.
    Join,
    /// Some characters.
    Substring,
    /// Some words, with an ellipsis.
    Truncate,
    /// At least so long.
    Pad,
    /// Where a text stands.
    Find,
    /// How much there is.
    Count,
}

/// How letters are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Case {
    /// All small.
    #[default]
    Lower,
    /// All capitals.
    Upper,
    /// A capital at the beginning of every word.
    Title,
    /// A capital at the very beginning.
    Sentence,
}

/// An end of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Side {
    /// The beginning.
    #[default]
    Start,
    /// The end.
    End,
}

/// What is counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum What {
    /// Letters, digits, spaces and signs.
    #[default]
    Characters,
    /// Whatever spaces divide.
    Words,
    /// Lines, also empty ones.
    Lines,
}

/// A search pattern, compiled once. It searches in linear time, so no pattern can hang a run.
#[derive(Debug, Default)]
struct Pattern(Option<Regex>);

impl<'de> Deserialize<'de> for Pattern {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?.unwrap_or_default();
        if text.is_empty() {
            return Ok(Self(None));
        }
        let why =
            |why: String| D::Error::custom(format_args!("the pattern \"{text}\" cannot be used: {why}"));
        compile_pattern(&text).map(|regex| Self(Some(regex))).map_err(why)
    }
}

impl JsonSchema for Pattern {
    fn schema_name() -> Cow<'static, str> {
        "Pattern".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}

fn one() -> i64 {
    1
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Text>(About {
        kind: "text",
        title: "Text",
        summary: "Cleans, cuts, searches and changes a text, one operation after another.",
        help: HELP,
        icon: "pencil",
        category: Category::Data,
        keywords: &[
            "formatter",
            "string",
            "trim",
            "replace",
            "split",
            "regex",
            "extract",
            "uppercase",
            "lowercase",
            "slug",
            "truncate",
            "text parser",
        ],
        default_config: json!({ "text": "", "operations": [{ "operation": "trim" }] }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({
                "text": "{{ trigger.body.subject }}",
                "operations": [
                    { "operation": "collapse_spaces" },
                    { "operation": "extract", "pattern": "(?i)order #([0-9]+)" },
                    { "operation": "pad", "length": 8, "fill": "0", "side": "start" },
                ],
            }),
            context: json!({ "trigger": { "body": { "subject": "  Your  order   #4711 is on its way" } } }),
            output: Some(json!({ "result": "00004711" })),
            port: "out".into(),
        },
        output_sample: json!({ "result": "00004711" }),
        summary_template: "{operations}",
    })
}

const HELP: &str = r"
The output holds the `result` of the last operation.

Worked example: of the subject `Your order #4711 is on its way`, the pattern `(?i)order #([0-9]+)` takes out `4711`, and
filling up to 8 characters with `0` makes `00004711` of it.

- **Split** makes a list. Operations behind it work on every part, until **Join** makes one text again. So *split by comma,
  trim, join with a semicolon* turns `a , b` into `a;b`.
- **Take out by a search pattern** gives what the first group (the part in round brackets) found, or all that was found when
  there is no group. When nothing is found, the result is empty.
- **Find** gives the position of the first place, counted from 1, and nothing when the text is not there. **Find** and
  **Count** give numbers, so they come last.
- Positions and lengths count characters, so an accented letter or an emoji counts as one where it is one character.

A text may have 1 MB, a list 10,000 parts. For one small change, a filter in the field does as well: `{{ item.name|trim }}`.
";

impl Step for Text {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let mut work = Work::on(self.text.text(context.scope)?)?;
        for operation in &self.operations {
            work = operation.applied(context.scope, work)?;
        }
        Ok(Done::out(json!({ "result": work.into_value() })).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        if self.text.is_blank() {
            problems.push(blank("/text", "there is no text to work on", "Pick a field in the Input tab."));
        }
        if self.operations.is_empty() {
            problems.push(blank("/operations", "there is nothing to do", "Add an operation."));
        }
        if self.operations.len() > MAX_OPERATIONS {
            let message =
                format!("there are {} operations, and {MAX_OPERATIONS} is the limit", self.operations.len());
            problems.push(problem("DOC-0030", "/operations", message, "Use a second step for the others."));
        }
        for (at, operation) in self.operations.iter().enumerate() {
            let field = |name: &str| format!("/operations/{at}/{name}");
            let counted =
                at.checked_sub(1).is_some_and(|before| self.operations[before].operation.gives_number());
            if counted {
                let message = "the operation before gives a number, and this one works on text";
                let action = "Put Find or Count last.";
                problems.push(problem("DOC-0031", field("operation"), message, action));
            }
            problems.extend(operation.check(field));
        }
        problems
    }
}

impl Kind {
    fn gives_number(self) -> bool {
        matches!(self, Self::Find | Self::Count)
    }
}

impl Operation {
    fn check(&self, field: impl Fn(&str) -> String) -> Vec<ConfigProblem> {
        let looks = matches!(self.operation, Kind::Replace | Kind::Find);
        let has_pattern = matches!(self.operation, Kind::ReplacePattern | Kind::Extract);
        let mut problems = Vec::new();
        // A space is something to look for, so only an empty field is blank.
        if looks && self.find.literal().map_or(self.find.is_blank(), str::is_empty) {
            problems.push(blank(&field("find"), "there is nothing to look for", "Write what to look for."));
        }
        if has_pattern && self.pattern.0.is_none() {
            let action = "Write a search pattern, such as [0-9]+ for digits.";
            problems.push(blank(&field("pattern"), "there is no pattern", action));
        }
        if self.operation == Kind::Truncate && self.length == 0 {
            let action = "Say how many words to keep.";
            problems.push(problem("DOC-0025", field("length"), "no word would be left", action));
        }
        if self.operation == Kind::Pad && !(1..=MAX_PAD).contains(&self.length) {
            let message = format!("a text cannot be filled up to {} characters", self.length);
            problems.push(problem("DOC-0025", field("length"), message, "Choose a number from 1 to 10,000."));
        }
        if self.operation == Kind::Substring && self.from == 0 {
            let action = "Begin with 1 for the first character, or with -1 for the last.";
            problems.push(problem("DOC-0025", field("from"), "characters are counted from 1", action));
        }
        problems
    }
}

#[cfg(test)]
mod tests;
