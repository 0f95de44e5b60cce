//! From a page of a list to the next.

use super::answer::{Answer, Fault};
use super::failures;
use super::request::{Ask, AskBody};
use crate::manifest::paging::{Next, Paging, Spot};
use serde_json::Value;
use trunkline_engine::failure::Failure;

/// Where a list has been read to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing has been read.
    First,
    /// A word of the app.
    Cursor(String),
    /// A number of pages or items.
    Number(u64),
    /// An address.
    Address(String),
}

impl Place {
    /// As a word that can be kept.
    pub(super) fn word(&self) -> String {
        match self {
            Self::First => String::new(),
            Self::Cursor(cursor) => format!("c:{cursor}"),
            Self::Number(number) => format!("n:{number}"),
            Self::Address(address) => format!("a:{address}"),
        }
    }

    /// From a word that was kept.
    pub(super) fn read(word: &str) -> Self {
        match word.split_once(':') {
            Some(("c", cursor)) => Self::Cursor(cursor.to_owned()),
            Some(("n", number)) => number.parse().map_or(Self::First, Self::Number),
            Some(("a", address)) => Self::Address(address.to_owned()),
            _ => Self::First,
        }
    }
}

/// A page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) items: Vec<Value>,
    pub(super) next: Option<Place>,
}

/// Makes `ask` ask for the page at `place`, and for at most `wanted` items where the app can be told.
pub(super) fn turn_to(ask: &mut Ask, paging: &Paging, place: &Place, wanted: usize) -> Result<(), Failure> {
    if let Some(size) = &paging.size {
        let most = u64::from(size.most).min(wanted as u64).max(1);
        // A page that is not full ends a counted list, so its pages must all have the same size.
        let most = if matches!(paging.next, Next::Page { .. } | Next::Offset { .. }) {
            u64::from(size.most)
        } else {
            most
        };
        put(ask, &size.into, most.into());
    }
    match (&paging.next, place) {
        (Next::Cursor { into, .. } | Next::Header { into, .. }, Place::Cursor(cursor)) => {
            put(ask, into, cursor.clone().into());
        }
        (Next::Page { into, .. } | Next::Offset { into }, Place::Number(number)) => {
            put(ask, into, (*number).into());
        }
        (Next::Page { into, first }, Place::First) => put(ask, into, (*first).into()),
        (Next::Url { .. } | Next::LinkHeader {}, Place::Address(address)) => {
            // Some apps leave out what the address begins with.
            ask.url = ask.url.join(address).map_err(|_| failures::bad_address())?;
        }
        _ => {}
    }
    Ok(())
}

fn put(ask: &mut Ask, spot: &Spot, value: Value) {
    let text = |value: Value| trunkline_engine::expression::into_text(value);
    match spot {
        Spot::Query(name) => {
            let value = text(value);
            // The others stay as they are written: what a manifest's path says may not bear being encoded again.
            let is_other = |pair: &&str| {
                url::form_urlencoded::parse(pair.as_bytes()).next().is_none_or(|(known, _)| known != *name)
            };
            let others = ask.url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
            let others = others.filter(is_other).collect::<Vec<_>>().join("&");
            ask.url.set_query(Some(&others).filter(|others| !others.is_empty()).map(String::as_str));
            ask.url.query_pairs_mut().append_pair(name, &value);
        }
        Spot::Json(name) => {
            if let AskBody::Json(Value::Object(fields)) = &mut ask.body {
                // What stands there already says which type the app takes.
                let is_text = fields.get(name).is_some_and(Value::is_string);
                let value = if is_text { Value::String(text(value)) } else { value };
                fields.insert(name.clone(), value);
            }
        }
        Spot::Form(name) => {
            if let AskBody::Form(fields) = &mut ask.body {
                fields.retain(|(known, _)| known != name);
                fields.push((name.clone(), text(value)));
            }
        }
    }
}

/// The items of `answer`, and where the next ones are.
pub(super) fn read(answer: &mut Answer, paging: &Paging, place: &Place) -> Result<Page, Fault> {
    let next_header = match &paging.next {
        Next::LinkHeader {} => answer.header("link").and_then(next_link).map(str::to_owned),
        Next::Header { name, .. } => {
            let word = answer.header(name).map(str::trim);
            word.filter(|word| !word.is_empty() && *word != "null").map(str::to_owned)
        }
        _ => None,
    };
    let body = &mut answer.body;
    let word = |at: &str, body: &Value| match body.pointer(at) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        Some(Value::Number(number)) => Some(number.to_string()),
        _ => None,
    };
    let told = match &paging.next {
        Next::Cursor { at, more, .. } => {
            let goes_on = more.as_ref().is_none_or(|more| body.pointer(more).is_some_and(super::is_true));
            word(at, body).filter(|_| goes_on).map(Place::Cursor)
        }
        Next::Url { at } => word(at, body).map(Place::Address),
        Next::LinkHeader {} => next_header.map(Place::Address),
        Next::Header { .. } => next_header.map(Place::Cursor),
        Next::Page { .. } | Next::Offset { .. } => None,
    };
    let items = match body.pointer_mut(&paging.items).map(Value::take) {
        Some(Value::Array(items)) => items,
        // An empty list is often left out.
        None | Some(Value::Null) => Vec::new(),
        Some(_) => return Err(failures::unreadable("the app", "its list of items is none").into()),
    };
    let is_full = paging.size.as_ref().is_none_or(|size| items.len() >= size.most as usize);
    let goes_on = !items.is_empty() && is_full;
    let next = match (&paging.next, place) {
        (Next::Page { first, .. }, Place::First) => goes_on.then(|| Place::Number(first + 1)),
        (Next::Page { .. }, Place::Number(number)) => goes_on.then(|| Place::Number(number + 1)),
        (Next::Offset { .. }, Place::First) => goes_on.then_some(Place::Number(items.len() as u64)),
        (Next::Offset { .. }, Place::Number(number)) => {
            goes_on.then(|| Place::Number(number + items.len() as u64))
        }
        // A page that names itself is the last.
        _ => told.filter(|next| next != place),
    };
    Ok(Page { items, next })
}

/// The address behind `rel="next"` in a `Link` header.
fn next_link(header: &str) -> Option<&str> {
    header.split(',').find_map(|link| {
        let (address, rest) = link.trim().strip_prefix('<')?.split_once('>')?;
        let is_next = rest.split(';').any(|part| {
            let part = part.trim();
            part == "rel=next" || part == "rel=\"next\""
        });
        is_next.then_some(address)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_link_is_found_among_others() {
        let header =
            "<https://a.example/?page=1>; rel=\"prev\", <https://a.example/?page=3&x=1>; rel=\"next\"";
        assert_eq!(next_link(header), Some("https://a.example/?page=3&x=1"));
        assert_eq!(next_link("<https://a.example/>; rel=\"last\""), None);
    }

    #[test]
    fn a_place_is_kept_as_a_word() {
        for place in [
            Place::Cursor("a:b".into()),
            Place::Number(7),
            Place::Address("https://a.example/?x=1".into()),
            Place::First,
        ] {
            assert_eq!(Place::read(&place.word()), place);
        }
    }
}
