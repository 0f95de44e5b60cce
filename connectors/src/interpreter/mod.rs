//! The interpreter: what a manifest says, done. It is pure: it says what to ask and reads what was answered, and never
//! opens a connection, reads a clock or sees a credential.
//!
//! A [`Call`] is one action with its inputs. [`Call::ask`] gives the request that is due, [`Call::take`] reads its answer
//! and says whether another one is due (a further page, a further piece of a bulk) or what came of it all. The same
//! machine runs recorded examples, dry runs and the real thing.

mod answer;
pub mod failures;
mod input;
mod paging;
mod request;
mod written;

pub use answer::{Answer, Fault};
pub use request::{Ask, AskBody, filled, is_true};

use crate::manifest::Manifest;
use crate::manifest::action::{Action, Bulk, Repeat};
use chrono::{DateTime, Utc};
use paging::Place;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use trunkline_engine::expression::{Datum, Scope};
use trunkline_engine::failure::Failure;

/// Most items a call gathers from pages.
pub const MOST_ITEMS: usize = 10_000;
/// Items a call gathers from pages unless it is told otherwise.
pub const USUAL_ITEMS: usize = 100;
/// Most requests of one call: pages that lead in a circle end here.
const MOST_REQUESTS: usize = 1_000;
/// The input by which a step says how many items it wants, of actions with pages.
pub const LIMIT: &str = "limit";

/// What a call is made with.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// What the step gives, by input.
    pub input: Map<String, Value>,
    /// What is known of the connection and is no secret.
    pub settings: Map<String, Value>,
    /// The same at every attempt of the same step.
    pub key: String,
}

/// One action on its way.
#[derive(Debug)]
pub struct Call {
    manifest: Arc<Manifest>,
    action: usize,
    order: Order,
    /// Pieces of a bulk that are still to be sent; the first is under way.
    pieces: VecDeque<Value>,
    place: Place,
    gathered: Vec<Value>,
    most: usize,
    only_page: bool,
    requests: usize,
}

/// What came of an answer.
#[derive(Debug)]
pub enum Turn {
    /// Another request is due.
    More,
    /// This is what the step puts out.
    Done(Value),
}

impl Call {
    /// `action` of `manifest` with what `order` gives.
    ///
    /// # Errors
    /// `CONN-0002` when an input is missing or has another type.
    pub fn new(manifest: &Arc<Manifest>, action: &str, order: Order) -> Result<Self, Failure> {
        let Some((at, _, described)) = manifest.actions.get_full(action) else {
            return Err(failures::unknown_action(&manifest.name, action));
        };
        let mut order = order;
        let most = match (&described.paging, order.input.get(LIMIT)) {
            (Some(_), Some(limit)) if !described.input.properties.contains_key(LIMIT) => {
                let limit = input::whole(limit).filter(|limit| (1..=MOST_ITEMS as i64).contains(limit));
                let limit = limit.ok_or_else(|| failures::wrong_limit(MOST_ITEMS))?;
                order.input.shift_remove(LIMIT);
                usize::try_from(limit).unwrap_or(USUAL_ITEMS)
            }
            _ => USUAL_ITEMS,
        };
        order.input = input::settle(&described.input, order.input)?;
        let pieces = pieces(described.bulk.as_ref(), &mut order.input)?;
        Ok(Self {
            manifest: Arc::clone(manifest),
            action: at,
            order,
            pieces,
            place: Place::First,
            gathered: Vec::new(),
            most,
            only_page: false,
            requests: 0,
        })
    }

    /// Only the page at `place` (what an earlier page gave as `next`), for lists that are read page by page.
    #[must_use]
    pub fn one_page(mut self, place: Option<&str>) -> Self {
        self.only_page = true;
        self.most = MOST_ITEMS;
        if let Some(place) = place {
            self.place = Place::read(place);
        }
        self
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// The action.
    #[must_use]
    pub fn action(&self) -> &Action {
        let (_, action) = self.manifest.actions.get_index(self.action).expect("taken from this manifest");
        action
    }

    /// The request that is due.
    ///
    /// # Errors
    /// The failure of a template, `CONN-0002` when something in the path is empty.
    pub fn ask(&self) -> Result<Ask, Failure> {
        let action = self.action();
        let mut ask = request::build(&self.manifest, action, &self.scope(None, None))?;
        if let Some(paging) = &action.paging {
            let wanted = self.most - self.gathered.len();
            paging::turn_to(&mut ask, paging, &self.place, if self.only_page { usize::MAX } else { wanted })?;
        }
        Ok(ask)
    }

    /// Reads the answer to [`Call::ask`], as of `now`.
    ///
    /// # Errors
    /// What the answer means by the manifest's rules, or that it cannot be read.
    pub fn take(&mut self, answer: Answer, now: DateTime<Utc>) -> Result<Turn, Fault> {
        self.requests += 1;
        let mut answer = answer::judge(&self.manifest, self.action(), &self.order, answer, now)?;
        let (is_bulk, is_paged) = (self.action().bulk.is_some(), self.action().paging.is_some());
        if is_paged {
            return self.take_page(&mut answer);
        }
        let output = match &self.action().output {
            Some(output) => output.value(&self.scope(Some(answer), None))?,
            None => answer.body,
        };
        if !is_bulk {
            return Ok(Turn::Done(output));
        }
        self.pieces.pop_front();
        match output {
            Value::Array(items) => self.gathered.extend(items),
            other => self.gathered.push(other),
        }
        if self.pieces.is_empty() {
            let items = std::mem::take(&mut self.gathered);
            return Ok(Turn::Done(json!({ "count": items.len(), "items": items })));
        }
        Ok(Turn::More)
    }

    fn take_page(&mut self, answer: &mut Answer) -> Result<Turn, Fault> {
        let action = Arc::clone(&self.manifest);
        let (_, action) = action.actions.get_index(self.action).expect("taken from this manifest");
        let paging = action.paging.as_ref().expect("asked of actions with pages");
        let page = paging::read(answer, paging, &self.place)?;
        for item in page.items {
            self.gathered.push(match &action.output {
                Some(output) => output.value(&self.scope(None, Some(item)))?,
                None => item,
            });
        }
        let is_enough = self.only_page || self.gathered.len() >= self.most;
        match page.next {
            Some(next) if !is_enough => {
                if self.requests >= MOST_REQUESTS {
                    return Err(failures::endless(MOST_REQUESTS).into());
                }
                self.place = next;
                Ok(Turn::More)
            }
            next => {
                let mut items = std::mem::take(&mut self.gathered);
                let more = next.is_some() || items.len() > self.most;
                items.truncate(self.most);
                let mut output = json!({ "count": items.len(), "more": more, "items": items });
                if self.only_page {
                    output["next"] = next.map_or(Value::Null, |next| next.word().into());
                }
                Ok(Turn::Done(output))
            }
        }
    }

    /// What templates see.
    fn scope(&self, answer: Option<Answer>, item: Option<Value>) -> Scope {
        let mut input = self.order.input.clone();
        if let (Some(bulk), Some(piece)) = (&self.action().bulk, self.pieces.front()) {
            input.insert(bulk.over.clone(), piece.clone());
        }
        scope(&self.order, input, answer, item)
    }
}

/// What templates of a manifest see.
fn scope(order: &Order, input: Map<String, Value>, answer: Option<Answer>, item: Option<Value>) -> Scope {
    let mut seen = Map::with_capacity(5);
    seen.insert("input".into(), Value::Object(input));
    seen.insert("settings".into(), Value::Object(order.settings.clone()));
    seen.insert("key".into(), order.key.clone().into());
    if let Some(answer) = answer {
        seen.insert("answer".into(), answer.seen());
    }
    if let Some(item) = item {
        seen.insert("item".into(), item);
    }
    Scope::of(Datum::new(Value::Object(seen)))
}

/// The list of a bulk in pieces of at most so many; one piece that is nothing for everything else.
fn pieces(bulk: Option<&Bulk>, input: &mut Map<String, Value>) -> Result<VecDeque<Value>, Failure> {
    let Some(bulk) = bulk else { return Ok(VecDeque::new()) };
    let Some(Value::Array(items)) = input.shift_remove(&bulk.over) else {
        return Err(failures::nothing_to_send(&bulk.over));
    };
    if items.is_empty() {
        return Err(failures::nothing_to_send(&bulk.over));
    }
    if items.len() > MOST_ITEMS {
        return Err(failures::too_many(&bulk.over, MOST_ITEMS));
    }
    Ok(items.chunks(bulk.most.max(1)).map(|piece| Value::Array(piece.to_vec())).collect())
}

/// What an action is given, by the names of its inputs.
pub type Inputs = Map<String, Value>;

/// The read that finds out whether a write arrived, as a call; `None` when the manifest names none.
///
/// # Errors
/// The failure of a template.
pub fn check_of(
    manifest: &Arc<Manifest>,
    action: &str,
    order: &Order,
) -> Result<Option<(String, Inputs)>, Failure> {
    let Some(Repeat::Checked(check)) = manifest.actions.get(action).and_then(|action| action.write.as_ref())
    else {
        return Ok(None);
    };
    let scope = scope(order, order.input.clone(), None, None);
    let mut given = Map::new();
    for (name, value) in &check.input {
        if let Some(value) = filled(value, &scope)? {
            given.insert(name.clone(), value);
        }
    }
    Ok(Some((check.action.clone(), given)))
}

/// What a write is finished with, when `output` of its check shows that it had arrived.
///
/// # Errors
/// The failure of a template.
pub fn checked(
    manifest: &Manifest,
    action: &str,
    order: &Order,
    output: &Value,
) -> Result<Option<Value>, Failure> {
    let Some(Repeat::Checked(check)) = manifest.actions.get(action).and_then(|action| action.write.as_ref())
    else {
        return Ok(None);
    };
    let seen =
        json!({ "input": order.input, "settings": order.settings, "key": order.key, "output": output });
    let scope = Scope::of(Datum::new(seen));
    match is_true(&check.found.value(&scope)?) {
        true => Ok(Some(check.output.value(&scope)?)),
        false => Ok(None),
    }
}

#[cfg(test)]
mod tests;
