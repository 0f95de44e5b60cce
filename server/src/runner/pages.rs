//! A stream of pages: asking another system for the next page of a list.

use super::Runner;
use super::law::Sender;
use super::slices::{items_at, unreadable};
use crate::intake::stretch::Piece;
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{NextPage, Operation};
use trunkline_engine::run::{EffectKey, Event};
use trunkline_store::WorkspaceId;
use uuid::Uuid;

/// Longest time one page may take.
const PAGE_TIME: Duration = Duration::from_secs(60);
/// Most pages of one stream: an address that leads in a circle ends here.
const MOST_PAGES: u64 = 100_000;

/// How a page is asked for.
#[derive(Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) operation: &'a Operation,
    /// JSON Pointer to the items.
    pub(super) items: &'a str,
    pub(super) next: &'a NextPage,
}

impl Runner {
    /// Reads the page that `cursor` names, the first one without, for `workspace`.
    pub(super) async fn read_page(
        &self,
        workspace: WorkspaceId,
        page: Page<'_>,
        cursor: Option<&str>,
    ) -> Result<Piece, Failure> {
        let (number, place) = match cursor.and_then(|cursor| cursor.split_once(':')) {
            Some((number, place)) => (number.parse::<u64>().unwrap_or(MOST_PAGES), Some(place)),
            None => (0, None),
        };
        if number >= MOST_PAGES {
            let message = format!("the list has more than {MOST_PAGES} pages, or its pages lead in a circle");
            return Err(unreadable(message, "Check how the step finds the next page."));
        }
        let mut operation = page.operation.clone();
        turn_to(&mut operation.input, page.next, place)?;
        let key = EffectKey { step: String::new(), items: Vec::new() };
        // A page is read and no message is sent, so it does not matter which run it is for.
        let sender = Sender { workspace, run: Uuid::nil(), workflow: Uuid::nil() };
        let Event::Performed { result, .. } =
            self.clone().perform(Some(sender), key, Arc::new(operation), PAGE_TIME).await
        else {
            unreachable!("an operation answers with how it went")
        };
        let output = result?.output;
        // What an app's list puts out is its page; another answer lies in its envelope.
        let body = if matches!(page.next, NextPage::Word { .. }) { &output } else { &output["body"] };
        let items = items_at(body, page.items).ok_or_else(|| {
            let message = format!("the answer has no list at \"{}\"", page.items);
            unreadable(
                message,
                "Correct where the items stand in the answer, or look at what the service answered.",
            )
        })?;
        let next = following(body, page.next, place, items.is_empty());
        Ok(Piece { items, next: next.map(|place| format!("{}:{place}", number + 1)), total: None })
    }
}

/// Puts the place of a page into the request.
fn turn_to(input: &mut Value, next: &NextPage, place: Option<&str>) -> Result<(), Failure> {
    let first;
    let (parameter, value) = match (next, place) {
        (NextPage::Number { parameter, .. }, Some(place)) => (parameter, place),
        (NextPage::Number { parameter, first: number }, None) => {
            first = number.to_string();
            (parameter, first.as_str())
        }
        (NextPage::Token { parameter, .. }, Some(place)) => (parameter, place),
        (NextPage::Address { .. }, Some(place)) => {
            input["url"] = place.into();
            return Ok(());
        }
        (NextPage::Word { .. }, place) => {
            input["page"] = place.unwrap_or_default().into();
            return Ok(());
        }
        (NextPage::Token { .. } | NextPage::Address { .. }, None) => return Ok(()),
    };
    let url = input.get("url").and_then(Value::as_str).unwrap_or_default();
    let mut url = reqwest::Url::parse(url).map_err(|error| {
        unreadable(
            format!("the address of the pages is not valid: {error}"),
            "Correct the address in the step.",
        )
    })?;
    let others: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != parameter)
        .map(|(name, value)| (name.into(), value.into()))
        .collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair(parameter, value);
    input["url"] = String::from(url).into();
    Ok(())
}

/// The place of the page after this one.
fn following(body: &Value, next: &NextPage, place: Option<&str>, empty: bool) -> Option<String> {
    match next {
        NextPage::Number { .. } if empty => None,
        NextPage::Number { first, .. } => {
            let number = place.map_or(Some(u64::from(*first)), |place| place.parse().ok())?;
            Some((number + 1).to_string())
        }
        NextPage::Address { pointer } | NextPage::Token { pointer, .. } | NextPage::Word { pointer } => {
            match body.pointer(pointer)? {
                Value::String(text) if !text.is_empty() && Some(text.as_str()) != place => Some(text.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_count_until_a_page_is_empty() {
        let next = NextPage::Number { parameter: "page".into(), first: 1 };
        let mut input = json!({"url": "https://api.example.com/leads?page=9&size=50"});
        turn_to(&mut input, &next, None).unwrap();
        assert_eq!(input["url"], "https://api.example.com/leads?size=50&page=1");
        assert_eq!(following(&json!([1]), &next, None, false).as_deref(), Some("2"));
        assert_eq!(following(&json!([1]), &next, Some("2"), false).as_deref(), Some("3"));
        assert_eq!(following(&json!([]), &next, Some("3"), true), None);
    }

    #[test]
    fn addresses_and_tokens_are_taken_from_the_answer() {
        let address = NextPage::Address { pointer: "/next".into() };
        let mut input = json!({"url": "https://api.example.com/leads"});
        let body = json!({"next": "https://api.example.com/leads?after=7", "after": "t 7"});
        let place = following(&body, &address, None, false).unwrap();
        turn_to(&mut input, &address, Some(&place)).unwrap();
        assert_eq!(input["url"], "https://api.example.com/leads?after=7");
        assert_eq!(
            following(&body, &address, Some(&place), false),
            None,
            "a page that names itself is the last"
        );
        assert_eq!(following(&json!({"next": null}), &address, None, false), None);
        let token = NextPage::Token { pointer: "/after".into(), parameter: "after".into() };
        turn_to(&mut input, &token, following(&body, &token, None, false).as_deref()).unwrap();
        assert_eq!(input["url"], "https://api.example.com/leads?after=t+7");
    }
}
