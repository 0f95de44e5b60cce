//! Loop: the steps inside run once per item of a list, a file, the leads, a table or the pages of a web service.

use super::header::{self, Header};
use super::{blank, items, problem};
use crate::expression::{Dynamic, Scope, Template};
use crate::failure::Failure;
use crate::kind::{
    About, Access, CONNECTION, Category, ConfigProblem, Context, Example, LoopPlan, NextPage, Operation,
    Outcome, Performer, Port, PortRule, Promise, Source, Step, StepKind, Stream, StreamFrom,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Most items at the same time.
const MAX_PARALLEL: usize = 100;

/// Items of a stretch unless set otherwise.
const SLICE: u32 = 500;
/// Most items of a stretch.
const MAX_SLICE: u32 = 10_000;

/// Settings of `loop`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Loop {
    /// Where the items come from. A list is held by the run; the others may have millions of items and are worked through
    /// in slices, each safe on disk when it ends.
    #[serde(default)]
    #[schemars(
        title = "Items from",
        extend("x-labels" = {"list": "A list", "file": "An uploaded file", "leads": "Leads", "table": "A table", "pages": "Pages of a web service"})
    )]
    from: From,
    /// The list to work through, up to 10,000 items. Inside the loop, `item` is the one at hand and `index` its number
    /// from 0.
    #[serde(default)]
    #[schemars(title = "List", extend("x-when" = {"from": "list"}))]
    items: Dynamic,
    /// The file: CSV or TSV with a header line, or one JSON record per line. Each row is an item.
    #[serde(default)]
    #[schemars(title = "File", extend("x-ui" = "file", "x-when" = {"from": "file"}))]
    file: Template,
    /// Only leads on this list.
    #[serde(default)]
    #[schemars(title = "On the list", extend("x-ui" = "list", "x-when" = {"from": "leads"}))]
    list: String,
    /// Only leads in this stage.
    #[serde(default)]
    #[schemars(title = "In the stage", extend("x-ui" = "stage", "x-when" = {"from": "leads"}))]
    stage: String,
    /// Only leads that are in this segment when it comes to them.
    #[serde(default)]
    #[schemars(title = "In the segment", extend("x-ui" = "segment", "x-when" = {"from": "leads"}))]
    segment: String,
    /// Only leads that an import was about, by its id.
    #[serde(default)]
    #[schemars(title = "From the import", extend("x-when" = {"from": "leads"}, "x-advanced" = true))]
    import: Template,
    /// The table whose rows are worked through. Rows that are added meanwhile are not met.
    #[serde(default)]
    #[schemars(title = "Table", extend("x-ui" = "table", "x-when" = {"from": "table"}))]
    table: String,
    /// The address that gives the first page.
    #[serde(default)]
    #[schemars(
        title = "Address",
        extend("x-placeholder" = "https://api.example.com/contacts", "x-when" = {"from": "pages"})
    )]
    url: Template,
    /// The account whose credentials are sent along; its limits hold for all workflows together.
    #[serde(default)]
    #[schemars(title = "Sign in with the connection", extend("x-ui" = "connection", "x-when" = {"from": "pages"}))]
    connection: String,
    /// Headers of the request.
    #[serde(default)]
    #[schemars(title = "Headers", extend("x-ui" = "headers", "x-when" = {"from": "pages"}, "x-advanced" = true))]
    headers: Vec<Header>,
    /// Where the items stand in the answer, such as `/results`; nothing when the answer is the list itself.
    #[serde(default)]
    #[schemars(title = "Items at", extend("x-placeholder" = "/results", "x-when" = {"from": "pages"}))]
    items_at: String,
    /// How one page leads to the next.
    #[serde(default)]
    #[schemars(
        title = "Next page",
        extend(
            "x-labels" = {"number": "By number", "address": "By an address in the answer", "token": "By a token in the answer"},
            "x-when" = {"from": "pages"}
        )
    )]
    next_by: NextBy,
    /// The parameter that carries the page's number or token.
    #[serde(default = "page")]
    #[schemars(
        title = "Parameter",
        extend("x-when" = {"from": "pages", "next_by": ["number", "token"]}, "x-placeholder" = "page")
    )]
    parameter: String,
    /// Where the next address or token stands in the answer, such as `/paging/next`.
    #[serde(default)]
    #[schemars(
        title = "Next at",
        extend("x-when" = {"from": "pages", "next_by": ["address", "token"]}, "x-placeholder" = "/paging/next")
    )]
    next_at: String,
    /// How many items are worked on at the same time, 1 to 100. With 1, they are done one after another.
    #[serde(default = "one")]
    #[schemars(title = "At the same time", range(min = 1, max = 100))]
    parallel: usize,
    /// The order of the results.
    #[serde(default)]
    #[schemars(
        title = "Results in the order",
        extend(
            "x-labels" = {"items": "of the items", "finish": "in which they were done"},
            "x-when" = {"from": "list"},
            "x-advanced" = true
        )
    )]
    order: Order,
    /// Items per slice, 1 to 10,000. A slice that has ended is never done again.
    #[serde(default = "slice")]
    #[schemars(
        title = "Items per slice",
        range(min = 1, max = 10_000),
        extend("x-when" = {"from": ["file", "leads", "table", "pages"]}, "x-advanced" = true)
    )]
    slice: u32,
    /// What happens to the others when a step fails for one item.
    #[serde(default)]
    #[schemars(
        title = "When an item fails",
        extend("x-labels" = {"stop": "Stop the loop", "collect": "Go on with the others"})
    )]
    on_item_error: OnItemError,
}

/// Where the items come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum From {
    /// A list of the run.
    #[default]
    List,
    /// An uploaded file.
    File,
    /// The leads of the workspace.
    Leads,
    /// The rows of a data table.
    Table,
    /// The pages of a web service.
    Pages,
}

/// How one page leads to the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum NextBy {
    /// Pages are numbered from 1; an empty one is the last.
    #[default]
    Number,
    /// The answer holds the address of the next page.
    Address,
    /// The answer holds a token for the next page.
    Token,
}

/// The order of the results.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Order {
    /// That of the items.
    #[default]
    Items,
    /// The one in which they ended.
    Finish,
}

fn page() -> String {
    "page".into()
}

fn slice() -> u32 {
    SLICE
}

/// What a failed item means for the loop.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OnItemError {
    /// The loop fails.
    #[default]
    Stop,
    /// The item's result is its error.
    Collect,
}

fn one() -> usize {
    1
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<Loop>(About {
        kind: "loop",
        title: "Loop",
        summary: "Does the steps inside once for every item of a list, a file, a table or a service.",
        help: HELP,
        icon: "loop",
        category: Category::Logic,
        keywords: &["for each", "repeat", "iterate", "list", "batch", "items", "rows"],
        default_config: json!({ "from": "list", "items": "", "parallel": 1, "on_item_error": "stop" }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "The loop itself writes nothing; each step inside keeps its own promise for every item.",
        has_error_port: true,
        example: Example {
            config: json!({ "items": "{{ trigger.body.leads }}", "parallel": 5, "on_item_error": "collect" }),
            context: json!({ "trigger": { "body": { "leads": [{ "email": "ada@analytical.example" }] } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({ "items": [{ "id": 1 }], "count": 1, "failed": 0 }),
        summary_template: "each of {items}",
    })
}

const HELP: &str = r#"
Open the loop and draw what to do with one item; use `item` in the fields there. The loop goes on when all items are done.

Its output holds `items` (what the last step inside put out, in the order of the list), how many there were (`count`) and
how many `failed`. A failed item's result is `{"error": ...}`.

**Large lists.** An uploaded file, the leads, a table or the pages of a web service are read slice by slice. Every slice is safe on disk
when it ends and is never done again, also after a crash; the run shows how far it has come and can be paused and ended. The
output then holds only the `count`, how many `failed`, and the first 100 `errors`.
"#;

impl Step for Loop {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(Outcome::Loop(LoopPlan {
            source: self.source(context.scope)?,
            keep_order: self.order == Order::Items,
            parallel: self.parallel.clamp(1, MAX_PARALLEL),
            stop_on_error: self.on_item_error == OnItemError::Stop,
        }))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = self.check_source();
        if !(1..=MAX_PARALLEL).contains(&self.parallel) {
            let message = format!("{} items at the same time are not possible", self.parallel);
            problems.push(problem("DOC-0025", "/parallel", message, "Choose a number from 1 to 100."));
        }
        if !(1..=MAX_SLICE).contains(&self.slice) {
            let message = format!("a slice of {} items is not possible", self.slice);
            problems.push(problem("DOC-0025", "/slice", message, "Choose a number from 1 to 10,000."));
        }
        problems
    }
}

impl Loop {
    fn source(&self, scope: &Scope) -> Result<Source, Failure> {
        let named = |name: &str| (!name.trim().is_empty()).then(|| name.trim().to_owned());
        let from = match self.from {
            From::List => return Ok(Source::Items(items::read(&self.items, scope)?)),
            From::File => StreamFrom::File { file: self.file.text(scope)?.trim().to_owned() },
            From::Leads => StreamFrom::Leads {
                list: named(&self.list),
                stage: named(&self.stage),
                segment: named(&self.segment),
                import: named(&self.import.text(scope)?),
            },
            From::Table => StreamFrom::Table { table: self.table.trim().to_owned() },
            From::Pages => self.pages(scope)?,
        };
        Ok(Source::Stream(Stream { from, slice: self.slice.clamp(1, MAX_SLICE) }))
    }

    fn pages(&self, scope: &Scope) -> Result<StreamFrom, Failure> {
        let headers = header::read(&self.headers, scope)?;
        let url = self.url.text(scope)?;
        let mut input = json!({ "method": "GET", "url": url.trim(), "headers": headers, "body": null });
        if !self.connection.trim().is_empty() {
            input[CONNECTION] = self.connection.trim().into();
        }
        let operation = Operation {
            performer: Performer::Http,
            action: "request".into(),
            input,
            access: Access::Read,
            promise: Promise::None,
            sends_to: None,
        };
        let (pointer, parameter) = (self.next_at.trim().to_owned(), self.parameter.trim().to_owned());
        let next = match self.next_by {
            NextBy::Number => NextPage::Number { parameter, first: 1 },
            NextBy::Address => NextPage::Address { pointer },
            NextBy::Token => NextPage::Token { pointer, parameter },
        };
        Ok(StreamFrom::Pages { operation: Box::new(operation), items: self.items_at.trim().to_owned(), next })
    }

    fn check_source(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        match self.from {
            From::List => problems.extend(items::check(&self.items)),
            From::File if self.file.is_blank() => {
                problems.push(blank("/file", "no file is chosen", "Upload one, or pick one from the list."));
            }
            From::Table if self.table.trim().is_empty() => {
                problems.push(blank("/table", "no table is chosen", "Choose a table."));
            }
            From::Pages => {
                problems.extend(header::check(&self.headers, "/headers"));
                if self.url.is_blank() {
                    problems.push(blank("/url", "there is no address", "Write the whole address."));
                }
                for (field, pointer, needed) in [
                    ("/items_at", &self.items_at, false),
                    ("/next_at", &self.next_at, self.next_by != NextBy::Number),
                ] {
                    let pointer = pointer.trim();
                    if (needed && pointer.is_empty()) || !(pointer.is_empty() || pointer.starts_with('/')) {
                        let message = format!("\"{pointer}\" does not say where to look in the answer");
                        problems.push(problem("DOC-0025", field, message, "Write it as /results."));
                    }
                }
                if self.next_by != NextBy::Address && self.parameter.trim().is_empty() {
                    let action = "Write the name of the parameter, such as page.";
                    problems.push(blank("/parameter", "the parameter has no name", action));
                }
            }
            From::File | From::Leads | From::Table => {}
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, start};
    use crate::kind::{LoopPlan, NextPage, Outcome, Source, Stream, StreamFrom};
    use serde_json::json;

    #[test]
    fn it_plans_one_round_per_item() {
        let step = compiled("loop", &json!({"items": "{{ trigger }}", "parallel": 3}));
        let Ok(Outcome::Loop(plan)) = start(step.as_ref(), &json!({"trigger": [1, 2]})) else {
            panic!("a loop")
        };
        let source = Source::Items(vec![json!(1), json!(2)]);
        assert_eq!(plan, LoopPlan { source, parallel: 3, stop_on_error: true, keep_order: true });
        assert_eq!(start(step.as_ref(), &json!({"trigger": "a"})).unwrap_err().code, "RUN-0100");
    }

    #[test]
    fn large_sources_are_streams() {
        let stream = |config: serde_json::Value| match start(
            compiled("loop", &config).as_ref(),
            &json!({"trigger": "f1"}),
        ) {
            Ok(Outcome::Loop(LoopPlan { source: Source::Stream(stream), .. })) => stream,
            other => panic!("not a stream: {other:?}"),
        };
        let file = stream(json!({"from": "file", "file": "{{ trigger }}", "slice": 10}));
        assert_eq!(file, Stream { from: StreamFrom::File { file: "f1".into() }, slice: 10 });
        let leads = stream(json!({"from": "leads", "stage": "MQL"}));
        assert_eq!(
            leads.from,
            StreamFrom::Leads { list: None, stage: Some("MQL".into()), segment: None, import: None }
        );
        let table = stream(json!({"from": "table", "table": " Prices "}));
        assert_eq!(table.from, StreamFrom::Table { table: "Prices".into() });
        let pages = stream(
            json!({"from": "pages", "url": "https://a.example", "next_by": "address", "next_at": "/next"}),
        );
        let StreamFrom::Pages { next, .. } = pages.from else { panic!("pages") };
        assert_eq!(next, NextPage::Address { pointer: "/next".into() });
    }

    #[test]
    fn what_a_source_lacks_is_pointed_at() {
        for (config, field) in [
            (json!({}), "/items"),
            (json!({"from": "file"}), "/file"),
            (json!({"from": "table"}), "/table"),
            (json!({"from": "pages"}), "/url"),
            (json!({"from": "pages", "url": "https://a.example", "items_at": "results"}), "/items_at"),
            (json!({"from": "pages", "url": "https://a.example", "next_by": "token"}), "/next_at"),
            (json!({"from": "leads", "slice": 0}), "/slice"),
        ] {
            assert_eq!(compiled("loop", &config).check()[0].field, field, "{config}");
        }
    }

    #[test]
    fn the_width_is_bounded() {
        for parallel in [0, 101] {
            let step = compiled("loop", &json!({"items": [1], "parallel": parallel}));
            assert_eq!(step.check()[0].field, "/parallel");
        }
    }
}
