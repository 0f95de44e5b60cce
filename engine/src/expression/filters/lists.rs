//! Filters for lists. They are MiniJinja's own, made to answer "no list" with an empty answer.

use super::FilterDoc;
use minijinja::value::{Kwargs, StringInput, ValueKind};
use minijinja::{Environment, Error, State, Value as View, filters};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn register(environment: &mut Environment<'_>) {
    environment.add_filter("length", length);
    environment.add_filter("count", length);
    environment.add_filter("first", |list: View| {
        if is_nothing(&list) { Ok(View::from(())) } else { filters::first(&list) }
    });
    environment.add_filter("last", last);
    environment.add_filter("join", join);
    environment.add_filter("compact", compact);
    environment.add_filter("wrap", wrap);
}

pub(super) fn catalog() -> Vec<FilterDoc> {
    let doc = |name, summary, example, result: Value| FilterDoc::new("list", name, summary, example, result);
    vec![
        doc("length", "How many items a list has, or characters a text.", "{{ [1, 2, 3]|length }}", 3.into()),
        doc("first", "The first item.", "{{ ['a', 'b']|first }}", "a".into()),
        doc("last", "The last item.", "{{ ['a', 'b']|last }}", "b".into()),
        doc(
            "join",
            "The items as one text with a separator between them.",
            "{{ ['Berlin', 'DE']|join(', ') }}",
            "Berlin, DE".into(),
        ),
        doc(
            "compact",
            "The list without its empty items.",
            "{{ ['a', '', none, 'b']|compact }}",
            json!(["a", "b"]),
        ),
        doc(
            "unique",
            "Every item once; capital and small letters count as the same.",
            "{{ ['a', 'b', 'A']|unique }}",
            json!(["a", "b"]),
        ),
        doc(
            "sort",
            "The items in order; `attribute='name'` says by what, `reverse=true` turns it round.",
            "{{ [3, 1, 2]|sort }}",
            json!([1, 2, 3]),
        ),
        doc(
            "sum",
            "The sum of numbers; `attribute='amount'` says of what.",
            "{{ [{'n': 2}, {'n': 3}]|sum(attribute='n') }}",
            5.into(),
        ),
        doc("min", "The smallest item.", "{{ [3, 1, 2]|min }}", 1.into()),
        doc("max", "The largest item.", "{{ [3, 1, 2]|max }}", 3.into()),
        doc(
            "map",
            "One field of every item.",
            "{{ [{'n': 'a'}, {'n': 'b'}]|map(attribute='n') }}",
            json!(["a", "b"]),
        ),
        doc(
            "selectattr",
            "The items of which a field holds a value.",
            "{{ [{'a': 1}, {'a': 0}]|selectattr('a') }}",
            json!([{"a": 1}]),
        ),
        doc(
            "wrap",
            "A record for every item, which holds it in the field named; more fields are the same in all.",
            "{{ ['new', 'vip']|wrap('name', status='active') }}",
            json!([{ "name": "new", "status": "active" }, { "name": "vip", "status": "active" }]),
        ),
    ]
}

fn is_nothing(value: &View) -> bool {
    matches!(value.kind(), ValueKind::Undefined | ValueKind::None)
}

fn length(value: &View) -> Result<usize, Error> {
    if is_nothing(value) { Ok(0) } else { filters::length(value) }
}

/// The last item; through `list`, which pays fuel for every item and so ends on endless lists.
fn last(state: &State<'_, '_>, list: View) -> Result<View, Error> {
    match list.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(View::from(())),
        ValueKind::String => filters::last(list),
        _ => {
            let items = filters::list(state, list)?;
            let last = items.len().and_then(|length| length.checked_sub(1));
            last.map_or(Ok(View::from(())), |at| items.get_item_by_index(at))
        }
    }
}

fn join(
    state: &mut State<'_, '_>,
    value: &View,
    joiner: Option<StringInput<'_>>,
    attribute: Option<&str>,
    options: Kwargs,
) -> Result<View, Error> {
    if is_nothing(value) {
        Ok(View::from(""))
    } else {
        filters::join(state, value, joiner, attribute, options)
    }
}

fn compact(state: &State<'_, '_>, value: View) -> Result<View, Error> {
    if is_nothing(&value) {
        return Ok(View::from_iter(Vec::<View>::new()));
    }
    // Through `list` as well, for the sake of its fuel.
    let items = filters::list(state, value)?;
    let filled = items
        .try_iter()?
        .filter(|item| !is_nothing(item) && item.as_str().is_none_or(|text| !text.trim().is_empty()));
    Ok(View::from_iter(filled.collect::<Vec<_>>()))
}

fn wrap(state: &State<'_, '_>, value: View, name: &str, fixed: Kwargs) -> Result<View, Error> {
    if is_nothing(&value) {
        return Ok(View::from_iter(Vec::<View>::new()));
    }
    let mut others = BTreeMap::new();
    for known in fixed.args() {
        others.insert(known.to_owned(), fixed.get::<View>(known)?);
    }
    drop(fixed);
    let items = filters::list(state, value)?;
    let record = |item| {
        let mut record = others.clone();
        record.insert(name.to_owned(), item);
        View::from(record)
    };
    Ok(View::from_iter(items.try_iter()?.map(record).collect::<Vec<_>>()))
}
