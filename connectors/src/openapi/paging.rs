//! Guessing how a list comes in pages, from the names of parameters and the shape of the answer.

use super::answer::Answer;
use super::parameter::{Parameter, Place};
use super::schema::{Kind, Meaning, meaning};
use super::walk::{Spot, Walk, joined};
use serde_json::{Value, json};

/// Names of the list within an answer, the likeliest first.
const LISTS: [&str; 12] = [
    "data",
    "items",
    "results",
    "records",
    "values",
    "elements",
    "entries",
    "list",
    "objects",
    "resources",
    "rows",
    "result",
];
const CURSORS_SENT: [&str; 15] = [
    "cursor",
    "page_token",
    "pagetoken",
    "next_token",
    "nexttoken",
    "next_page_token",
    "nextpagetoken",
    "after",
    "starting_after",
    "page_cursor",
    "start_cursor",
    "continuation_token",
    "bookmark",
    "page[after]",
    "page[cursor]",
];
const CURSORS_SAID: [&str; 16] = [
    "next_cursor",
    "nextcursor",
    "next_page_token",
    "nextpagetoken",
    "next_token",
    "nexttoken",
    "cursor",
    "after",
    "next",
    "end_cursor",
    "endcursor",
    "continuation_token",
    "next_start",
    "bookmark",
    "page_token",
    "starting_after",
];
const ADDRESSES: [&str; 13] = [
    "next",
    "next_url",
    "nexturl",
    "next_link",
    "nextlink",
    "@odata.nextlink",
    "next_page_uri",
    "next_page_url",
    "nextpageurl",
    "next_page",
    "next_uri",
    "next_href",
    "uri",
];
const PAGES: [&str; 6] = ["page", "page_number", "pagenumber", "page[number]", "pageindex", "page_no"];
const OFFSETS: [&str; 8] =
    ["offset", "skip", "start", "startat", "start_at", "from", "page[offset]", "start_index"];
const SIZES: [&str; 16] = [
    "limit",
    "per_page",
    "perpage",
    "page_size",
    "pagesize",
    "max_results",
    "maxresults",
    "maxreturn",
    "page[size]",
    "page[limit]",
    "count",
    "top",
    "$top",
    "items_per_page",
    "batchsize",
    "size",
];
/// Pages of an API that does not say how many fit.
const USUAL_SIZE: u64 = 50;

/// How the list comes in pages, as a manifest says it, and the parameters that this takes over.
pub(super) fn guess<'a>(
    walk: &Walk<'a>,
    parameters: &[Parameter<'a>],
    answer: &Answer<'a>,
) -> Option<(Value, Vec<&'a str>)> {
    let schema = answer.schema.clone()?;
    let said = shape(walk, schema)?;
    let sent = |names: &[&str], kinds: &[Kind]| {
        names.iter().find_map(|wanted| {
            parameters.iter().find(|parameter| {
                parameter.place == Place::Query
                    && parameter.name.eq_ignore_ascii_case(wanted)
                    && kinds.contains(&parameter.meaning.kind())
            })
        })
    };
    let size = sent(&SIZES, &[Kind::Integer, Kind::Number, Kind::Text, Kind::Any]);
    let word = [Kind::Text, Kind::Any, Kind::Integer];
    let cursor = sent(&CURSORS_SENT, &word);
    let number = [Kind::Integer, Kind::Number, Kind::Any, Kind::Text];
    let (page, offset) = (sent(&PAGES, &number), sent(&OFFSETS, &number));
    let mut taken: Vec<&'a str> = size.iter().map(|parameter| parameter.name).collect();
    // Asana's offset is a word that the answer holds, and others do alike.
    let word_offset = offset.filter(|offset| offset.meaning.kind() == Kind::Text);
    let next = if let (Some(cursor), Some(at)) = (cursor.or(word_offset), said.cursor(cursor.or(word_offset)))
    {
        taken.push(cursor.name);
        let mut next = json!({ "by": "cursor", "at": at, "into": { "query": cursor.name } });
        if let Some(more) = &said.more {
            next["more"] = more.as_str().into();
        }
        next
    } else if let Some(at) = &said.address {
        taken.extend(page.iter().chain(&offset).map(|parameter| parameter.name));
        json!({ "by": "url", "at": at })
    } else if answer.headers.iter().any(|name| name == "link") {
        taken.extend(page.iter().map(|parameter| parameter.name));
        json!({ "by": "link_header" })
    } else if let Some(page) = page {
        taken.push(page.name);
        let first =
            page.meaning.default.or(page.meaning.minimum).and_then(Value::as_u64).filter(|first| *first < 2);
        json!({ "by": "page", "into": { "query": page.name }, "first": first.unwrap_or(1) })
    } else if let Some(offset) = offset.filter(|_| size.is_some()) {
        taken.push(offset.name);
        json!({ "by": "offset", "into": { "query": offset.name } })
    } else {
        return None;
    };
    let mut paging = json!({ "items": said.items, "next": next });
    if let Some(size) = size {
        let limit = size.meaning.maximum.or(size.meaning.default).and_then(Value::as_u64);
        let most = limit.filter(|limit| (1..=1000).contains(limit)).unwrap_or(USUAL_SIZE);
        paging["size"] = json!({ "into": { "query": size.name }, "most": most });
    }
    Some((paging, taken))
}

/// What an answer with a list looks like.
#[derive(Debug)]
struct Shape {
    /// The list (JSON Pointer).
    items: String,
    /// Words for the next page, as pointer and name.
    cursors: Vec<(String, String)>,
    /// The address of the next page.
    address: Option<String>,
    /// Whether there is more.
    more: Option<String>,
}

impl Shape {
    /// Where the word for `parameter` stands.
    fn cursor(&self, parameter: Option<&Parameter<'_>>) -> Option<String> {
        let name = parameter?.name.to_ascii_lowercase();
        let same = self.cursors.iter().find(|(_, said)| *said == name || said.ends_with(&format!("_{name}")));
        let known = CURSORS_SAID.iter().find_map(|known| self.cursors.iter().find(|(_, said)| said == known));
        same.or(known).map(|(at, _)| at.clone())
    }
}

fn shape<'a>(walk: &Walk<'a>, schema: Spot<'a>) -> Option<Shape> {
    let top = meaning(walk, schema);
    let mut shape = Shape { items: String::new(), cursors: Vec::new(), address: None, more: None };
    if top.kind() == Kind::List {
        return Some(shape);
    }
    shape.items = list_in(walk, &top, "", 0)?;
    hints(walk, &top, "", 0, &mut shape);
    Some(shape)
}

/// The pointer of the list among the fields of `record`.
fn list_in<'a>(walk: &Walk<'a>, record: &Meaning<'a>, at: &str, depth: usize) -> Option<String> {
    let (mut lists, mut records) = (Vec::new(), Vec::new());
    for (name, property) in record.properties.iter().take(60) {
        let inner = meaning(walk, property.clone());
        match inner.kind() {
            Kind::List => {
                let of_records =
                    inner.items.clone().is_some_and(|items| meaning(walk, items).kind() == Kind::Record);
                lists.push((*name, of_records));
            }
            Kind::Record => records.push((*name, inner)),
            _ => {}
        }
    }
    let known =
        LISTS.iter().find_map(|known| lists.iter().find(|(name, _)| name.eq_ignore_ascii_case(known)));
    let of_records: Vec<_> = lists.iter().filter(|(_, of_records)| *of_records).collect();
    let only = match (of_records.as_slice(), lists.as_slice()) {
        // Lists of problems or links are not what is asked for.
        ([one], _) if !matches!(one.0, "errors" | "warnings" | "links") => Some(*one),
        ([], [one]) if !matches!(one.0, "errors" | "warnings" | "links") => Some(one),
        _ => None,
    };
    if let Some((name, _)) = known.or(only) {
        return Some(joined(at, name));
    }
    if depth > 0 {
        return None;
    }
    let likely = ["_embedded", "data", "result", "results", "response", "payload", "body"];
    let inner = likely.iter().find_map(|likely| records.iter().find(|(name, _)| name == likely));
    let (name, inner) = inner?;
    list_in(walk, inner, &joined(at, name), depth + 1)
}

/// Words, addresses and flags about the next page among the fields of `record`.
fn hints<'a>(walk: &Walk<'a>, record: &Meaning<'a>, at: &str, depth: usize, into: &mut Shape) {
    for (name, property) in record.properties.iter().take(60) {
        let inner = meaning(walk, property.clone());
        let here = joined(at, name);
        let said = name.to_ascii_lowercase();
        match inner.kind() {
            Kind::Text | Kind::Any | Kind::Integer => {
                let is_address = matches!(inner.format, Some("uri" | "url"))
                    || inner
                        .example
                        .and_then(Value::as_str)
                        .is_some_and(|text| text.starts_with("http") || text.starts_with('/'))
                    || said.contains("url")
                    || said.contains("uri")
                    || said.contains("link")
                    || at.ends_with("links");
                if is_address && ADDRESSES.contains(&said.as_str()) && (said != "uri" || at.contains("next"))
                {
                    into.address.get_or_insert(here);
                } else if CURSORS_SAID.contains(&said.as_str()) || (depth > 0 && at.contains("next")) {
                    into.cursors.push((here, said));
                }
            }
            Kind::YesNo
                if matches!(
                    said.as_str(),
                    "has_more" | "hasmore" | "has_next_page" | "hasnextpage" | "more"
                ) =>
            {
                into.more.get_or_insert(here);
            }
            Kind::Record if depth < 2 && about_pages(&said) => hints(walk, &inner, &here, depth + 1, into),
            _ => {}
        }
    }
}

fn about_pages(name: &str) -> bool {
    [
        "paging",
        "pagination",
        "meta",
        "metadata",
        "response_metadata",
        "links",
        "_links",
        "next",
        "next_page",
        "page_info",
        "pageinfo",
        "page",
        "cursors",
        "additional_data",
    ]
    .contains(&name)
}
