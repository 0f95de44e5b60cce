//! The operations of a document, in its order.

use super::MOST_OPERATIONS;
use super::names;
use super::prose;
use super::walk::{Spot, Walk};
use serde_json::Value;

const METHODS: [&str; 8] = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];
/// Longest title.
const LONGEST_TITLE: usize = 90;

/// One operation.
#[derive(Debug, Clone)]
pub(super) struct Operation<'a> {
    /// Method and path, which name it in a document: `GET /contacts/{id}`.
    pub(super) key: String,
    pub(super) method: &'static str,
    pub(super) path: &'a str,
    /// What all operations of the path share.
    pub(super) item: Spot<'a>,
    pub(super) node: Spot<'a>,
    pub(super) tags: Vec<String>,
    pub(super) name: String,
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) help: String,
    pub(super) deprecated: bool,
}

/// All operations, and how many more there are than are looked at.
pub(super) fn all<'a>(walk: &Walk<'a>) -> (Vec<Operation<'a>>, usize) {
    let (mut operations, mut left_out) = (Vec::new(), 0);
    let Some(paths) = walk.at_top("paths") else { return (operations, 0) };
    for (path, item) in paths.fields() {
        if path.starts_with("x-") {
            continue;
        }
        let Some(item) = walk.follow(item) else { continue };
        for (word, node) in item.fields() {
            let Some(method) = METHODS.iter().find(|method| word.eq_ignore_ascii_case(method)) else {
                continue;
            };
            if !node.value.is_object() {
                walk.note(&node.at, "this is no description of an operation; it was left out");
                continue;
            }
            if operations.len() >= MOST_OPERATIONS {
                left_out += 1;
                continue;
            }
            operations.push(operation(path, method, item.clone(), node));
        }
    }
    (operations, left_out)
}

fn operation<'a>(path: &'a str, method: &'static str, item: Spot<'a>, node: Spot<'a>) -> Operation<'a> {
    let tags = node.value.get("tags").and_then(Value::as_array).into_iter().flatten();
    let tags: Vec<String> = tags.filter_map(Value::as_str).map(|tag| prose::plain(tag, 60)).take(5).collect();
    let id = node.text("operationId").map(str::trim).filter(|id| !id.is_empty());
    let name = id.map(names::snake).filter(|name| !name.is_empty());
    let name = name.unwrap_or_else(|| names::snake(&format!("{method} {path}")));
    let summary = prose::plain(node.text("summary").unwrap_or_default(), LONGEST_TITLE);
    let title = match summary.trim_end_matches('.') {
        "" if id.is_some() => names::words(&name),
        "" => names::words(&format!("{method} {}", path.replace(['{', '}'], ""))),
        title => names::capital(title),
    };
    let description = node.text("description").or(item.text("description")).unwrap_or_default();
    let sentence = prose::first_sentence(description, 200);
    let sentence = if sentence.is_empty() {
        prose::plain(node.text("summary").unwrap_or_default(), 200)
    } else {
        sentence
    };
    let about = if sentence.is_empty() { format!("{title}.") } else { sentence };
    let help = prose::markdown(description, prose::HELP);
    Operation {
        key: format!("{} {path}", method.to_uppercase()),
        method,
        path,
        tags,
        name,
        title: prose::short(&title, LONGEST_TITLE),
        // What is the summary already is no help.
        help: if help.trim() == about.trim() { String::new() } else { help },
        summary: about,
        deprecated: node.is("deprecated"),
        item,
        node,
    }
}
