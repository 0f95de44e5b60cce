//! The reference page of a step kind, written from its descriptor and nothing else.
//!
//! The pages are committed and checked fresh, so what they say is what the code does. This file never touches a disk.

pub use crate::expression::filters::page as filters_page;

use crate::kind::{Category, Descriptor, PortRule};
use serde_json::{Map, Value};
use std::fmt::Write as _;

/// How deep fields inside fields are listed.
const DEEPEST: usize = 2;

/// The Markdown page about one kind.
#[must_use]
pub fn step_page(about: &Descriptor) -> String {
    let mut page = format!("# {}\n\n{}\n\n{}\n", about.title, about.summary, about.help);
    let _ = write!(page, "\n## Promise\n\n{}\n", about.promise_text);
    let mut rows = String::new();
    settings(&about.schema, "", 0, &mut rows);
    if !rows.is_empty() {
        let _ = write!(page, "\n## Settings\n\n| Field | What it is | Default |\n|---|---|---|\n{rows}");
    }
    let _ = write!(page, "\n## Ways out\n\n{}", ways_out(about));
    let _ = write!(page, "\n## Example\n\nWith these settings\n\n{}", block(&about.example.config));
    if about.example.context.as_object().is_some_and(|context| !context.is_empty()) {
        let _ = write!(page, "\nand this data\n\n{}", block(&about.example.context));
    }
    let _ = write!(page, "\nthe step leaves by `{}`", about.example.port);
    match &about.example.output {
        Some(output) => {
            let _ = write!(page, " with\n\n{}", block(output));
        }
        None => {
            let _ = write!(page, ". Its output looks like this:\n\n{}", block(&about.output_sample));
        }
    }
    let _ = write!(page, "\nIn a document its kind is `{}`.\n", about.kind);
    page
}

/// The page that lists all kinds by their shelf.
#[must_use]
pub fn step_index(kinds: &[&Descriptor]) -> String {
    let mut page = String::from("# Step kinds\n\nWritten from the code by `cargo xtask reference`.\n");
    for (category, title) in SHELVES {
        let mut shelf = kinds.iter().filter(|about| about.category == category).peekable();
        if shelf.peek().is_some() {
            let _ = write!(page, "\n## {title}\n\n");
        }
        for about in shelf {
            let _ = writeln!(page, "- [{}]({}.md): {}", about.title, about.kind, about.summary);
        }
    }
    page
}

const SHELVES: [(Category, &str); 6] = [
    (Category::Trigger, "Triggers"),
    (Category::Logic, "Logic"),
    (Category::Data, "Data"),
    (Category::Lead, "Leads"),
    (Category::Connect, "Other systems"),
    (Category::Code, "Code"),
];

/// One row per field, with the fields inside it after it.
fn settings(schema: &Value, prefix: &str, depth: usize, rows: &mut String) {
    let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
    let required = schema.get("required").and_then(Value::as_array);
    for (name, field) in properties {
        let path = format!("{prefix}{name}");
        let must = required.is_some_and(|names| names.iter().any(|required| required == name));
        let _ = writeln!(rows, "| `{path}` | {} | {} |", described(field), default(field, must));
        if depth < DEEPEST {
            settings(field, &format!("{path}."), depth + 1, rows);
            if let Some(items) = field.get("items") {
                settings(items, &format!("{path}[]."), depth + 1, rows);
            }
            variants(field, &path, rows);
        }
    }
}

/// The fields of each form a tagged choice can take, and when they apply.
fn variants(field: &Value, path: &str, rows: &mut String) {
    for variant in field.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
        let Some((tag, chosen)) = tag(variant) else { continue };
        let required = variant.get("required").and_then(Value::as_array);
        for (name, inner) in
            variant["properties"].as_object().into_iter().flatten().filter(|(name, _)| *name != tag)
        {
            let must = required.is_some_and(|names| names.iter().any(|required| required == name));
            let said = described(inner);
            let _ = writeln!(
                rows,
                "| `{path}.{name}` | With `{tag}` `{chosen}`: {said} | {} |",
                default(inner, must)
            );
        }
    }
}

/// The field that tells a variant apart, with its fixed value.
fn tag(variant: &Value) -> Option<(&String, &str)> {
    let properties = variant.get("properties")?.as_object()?;
    properties.iter().find_map(|(name, field)| Some((name, field.get("const")?.as_str()?)))
}

/// Title, description and choices in one table cell.
fn described(field: &Value) -> String {
    let text = |name: &str| field.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut said = match (text("title"), text("description")) {
        ("", description) => description.to_owned(),
        (title, "") => format!("**{title}**"),
        (title, description) => format!("**{title}.** {description}"),
    };
    if let Some(choices) = choices(field) {
        let _ = write!(said, " One of {choices}.");
    }
    said.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

fn choices(field: &Value) -> Option<String> {
    let variants = field.get("oneOf").and_then(Value::as_array);
    let values: Vec<&Value> = match (field.get("enum").and_then(Value::as_array), variants) {
        (Some(values), _) => values.iter().collect(),
        (None, Some(variants)) => variants.iter().filter_map(fixed).collect(),
        (None, None) => Vec::new(),
    };
    let labels = field.get("x-labels").and_then(Value::as_object);
    let said: Vec<String> = values.iter().map(|value| choice(value, labels)).collect();
    (!said.is_empty()).then(|| said.join(", "))
}

/// The one value a variant allows, be it the variant itself or the field that tells it apart.
fn fixed(variant: &Value) -> Option<&Value> {
    let by_field = || variant.get("properties")?.as_object()?.values().find_map(|field| field.get("const"));
    variant.get("const").or_else(by_field)
}

fn choice(value: &Value, labels: Option<&Map<String, Value>>) -> String {
    let name = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match labels.and_then(|labels| labels.get(&name)).and_then(Value::as_str) {
        Some(label) => format!("`{name}` ({label})"),
        None => format!("`{name}`"),
    }
}

fn default(field: &Value, must: bool) -> String {
    match field.get("default") {
        _ if must => "needed".to_owned(),
        None | Some(Value::Null) => String::new(),
        Some(value) => format!("`{value}`").replace('|', "\\|"),
    }
}

fn ways_out(about: &Descriptor) -> String {
    let mut said = match &about.ports {
        PortRule::Fixed { ports } if ports.is_empty() => "None: the path ends here.\n".to_owned(),
        PortRule::Fixed { ports } => ports.iter().map(|port| way_out(&port.id, &port.label)).collect(),
        PortRule::With { ports, field, more } => {
            let always = ports.iter().map(|port| way_out(&port.id, &port.label));
            let with =
                more.iter().map(|port| way_out(&port.id, &format!("{}, when `{field}` is set", port.label)));
            always.chain(with).collect()
        }
        PortRule::Cases { field, default_label, .. } => {
            format!("- one for each entry of `{field}`, by its `id`\n{}", way_out("default", default_label))
        }
    };
    if about.has_error_port {
        said.push_str("- `error`: Failed, when the step is set to leave that way\n");
    }
    said
}

fn way_out(id: &str, label: &str) -> String {
    if label.is_empty() { format!("- `{id}`\n") } else { format!("- `{id}`: {label}\n") }
}

fn block(value: &Value) -> String {
    format!("```json\n{value:#}\n```\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::{Example, Port, Promise};
    use serde_json::json;

    fn about() -> Descriptor {
        Descriptor {
            kind: "weigh".into(),
            title: "Weigh".into(),
            summary: "Weighs a lead.".into(),
            help: "More words.".into(),
            icon: "gauge".into(),
            category: Category::Lead,
            keywords: Vec::new(),
            schema: json!({ "required": ["rows"], "properties": {
                "rows": { "title": "Rows", "description": "What\ncounts | what not.", "items": {
                    "properties": { "points": { "description": "How much.", "default": 5 } } } },
                "mode": { "enum": ["a", "b"], "x-labels": { "a": "All" } },
                "check": { "oneOf": [
                    { "properties": { "by": { "const": "nothing" } } },
                    { "required": ["by", "key"], "properties": { "by": { "const": "hmac" }, "key": { "description": "It." } } },
                ] },
            } }),
            default_config: json!({}),
            ports: PortRule::Fixed { ports: vec![Port::new("yes", "Heavy")] },
            promise: Promise::None,
            promise_text: "Writes nothing.".into(),
            has_error_port: true,
            body: None,
            example: Example {
                config: json!({ "mode": "a" }),
                context: json!({}),
                output: Some(json!(7)),
                port: "yes".into(),
            },
            output_sample: json!(7),
            summary_template: "{mode}".into(),
        }
    }

    #[test]
    fn a_page_says_settings_ports_and_example() {
        let page = step_page(&about());
        for part in [
            "# Weigh\n\nWeighs a lead.\n\nMore words.",
            "| `rows` | **Rows.** What counts \\| what not. | needed |",
            "| `rows[].points` | How much. | `5` |",
            "One of `a` (All), `b`.",
            "One of `nothing`, `hmac`.",
            "| `check.key` | With `by` `hmac`: It. | needed |",
            "- `yes`: Heavy\n- `error`",
            "the step leaves by `yes` with\n\n```json\n7\n```",
        ] {
            assert!(page.contains(part), "{part}\nis missing in\n{page}");
        }
    }

    #[test]
    fn the_index_links_every_kind_under_its_shelf() {
        let index = step_index(&[&about()]);
        assert!(index.contains("## Leads\n\n- [Weigh](weigh.md): Weighs a lead.\n"), "{index}");
        assert!(!index.contains("## Triggers"));
    }
}
