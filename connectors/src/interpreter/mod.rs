//! The interpreter: what a manifest says, done. It is pure: it says what to ask and reads what was answered, and never
//! opens a connection, reads a clock or sees a credential.
//!
//! A [`Call`] is one action with its inputs. [`Call::ask`] gives the request that is due, [`Call::take`] reads its answer
//! and says whether another one is due (a further page, a further piece of a bulk, the next of several that depend on one
//! another) or what came of it all. The same machine runs recorded examples, dry runs and the real thing.
//!
//! A [`look::Look`] is the same for a trigger that asks an app again and again; [`delivery`] reads what an app sends by
//! itself.

mod answer;
mod chain;
pub mod delivery;
pub mod failures;
pub(crate) mod input;
pub mod look;
mod paging;
mod request;
mod rows;
pub mod signature;
mod written;

pub use answer::{Answer, Fault};
pub use request::{Ask, AskBody, filled, is_true};

use crate::manifest::Manifest;
use crate::manifest::action::{Action, Repeat};
use crate::manifest::body::Reads;
use answer::Judge;
use chain::Chain;
use chrono::{DateTime, Utc};
use paging::Place;
use serde_json::{Map, Value, json};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use trunkline_engine::expression::{Datum, Scope};
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::Promise;

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
    chain: Chain,
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
        let pieces = pieces(described, &mut order)?;
        Ok(Self {
            manifest: Arc::clone(manifest),
            action: at,
            order,
            pieces,
            chain: Chain::default(),
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

    /// What is known of the connection now: a new token may have brought other settings.
    pub fn settle(&mut self, settings: &Map<String, Value>) {
        self.order.settings.clone_from(settings);
    }

    /// How long to wait before [`Call::ask`]: a job of the app is still at work.
    #[must_use]
    pub fn pause(&self) -> Option<Duration> {
        self.chain.pause
    }

    /// How the answer to [`Call::ask`] is read.
    #[must_use]
    pub fn reads(&self) -> Reads {
        self.chain.due(self.action()).answer
    }

    /// Whether the request that is due may be sent again when its answer is lost.
    #[must_use]
    pub fn is_repeatable(&self) -> bool {
        !self.is_guarded() || !(self.chain.wrote || self.chain.writes(self.action()))
    }

    /// `failure` as it is for the whole action: when an earlier request changed something that must not be done twice,
    /// the action is not simply begun again.
    #[must_use]
    pub fn weighed(&self, failure: Failure) -> Failure {
        if self.is_guarded() && self.chain.wrote && failure.kind.may_pass() {
            return failures::half_done(&self.manifest.name, failure);
        }
        failure
    }

    /// Whether a person or a read decides about a repeat.
    fn is_guarded(&self) -> bool {
        matches!(self.action().promise(), Promise::Checked | Promise::Uncertain)
    }

    /// The request that is due.
    ///
    /// # Errors
    /// The failure of a template, `CONN-0002` when something in the path is empty.
    pub fn ask(&self) -> Result<Ask, Failure> {
        let action = self.action();
        let mut ask = request::build(&self.manifest, self.chain.due(action), &self.scope(None, None))?;
        if let (Some(paging), None) = (&action.paging, self.chain.earlier(action)) {
            let wanted = self.most - self.gathered.len();
            paging::turn_to(&mut ask, paging, &self.place, if self.only_page { usize::MAX } else { wanted })?;
        }
        Ok(ask)
    }

    /// The request that would change something, before anything is sent: what only an earlier answer tells is left out.
    /// The first request when it cannot be told.
    ///
    /// # Errors
    /// As [`Call::ask`].
    pub fn foretold(mut self) -> Result<Ask, Failure> {
        let chain = self.chain.clone();
        self.chain.skip_to_first_write(&Arc::clone(&self.manifest).actions[self.action]);
        self.ask().or_else(|_| {
            self.chain = chain;
            self.ask()
        })
    }

    /// Reads the answer to [`Call::ask`], as of `now`. After an error the same request is due still.
    ///
    /// # Errors
    /// What the answer means by the manifest's rules, or that it cannot be read.
    pub fn take(&mut self, answer: Answer, now: DateTime<Utc>) -> Result<Turn, Fault> {
        self.requests += 1;
        self.taken(answer, now).or_else(|fault| {
            let is_token = fault.is_token;
            self.stumbled(fault.failure, now).map_err(|failure| Fault { failure, is_token })
        })
    }

    /// What follows from a request that came to nothing: it is asked once more when it may pass and that loses nothing.
    ///
    /// # Errors
    /// The failure, as it is for the whole action.
    pub fn stumbled(&mut self, failure: Failure, now: DateTime<Utc>) -> Result<Turn, Failure> {
        let wait = failure.retry_at.and_then(|at| (at - now).to_std().ok());
        let manifest = Arc::clone(&self.manifest);
        if failure.kind.may_pass() && self.chain.stumbles(&manifest.actions[self.action], wait) {
            return Ok(Turn::More);
        }
        Err(self.weighed(failure))
    }

    fn taken(&mut self, answer: Answer, now: DateTime<Utc>) -> Result<Turn, Fault> {
        let manifest = Arc::clone(&self.manifest);
        let action = &manifest.actions[self.action];
        let earlier = self.chain.earlier(action);
        let judge = Judge {
            manifest: &manifest,
            own: earlier.map(|(_, earlier)| earlier.faults.as_slice()).unwrap_or_default(),
            faults: &action.faults,
            is_lost: !self.is_repeatable(),
        };
        let mut answer = judge.answer(answer, |answer| self.scope(Some(answer), None), now)?;
        let due = self.chain.due(action);
        if due.until.is_some() && !self.chain.is_done(due, &self.scope(Some(answer.clone()), None))? {
            return Ok(Turn::More);
        }
        if let Some((name, earlier)) = earlier {
            self.chain.keep(name, earlier, answer);
            while self.chain.skips(action, &self.scope(None, None))? {}
            if self.chain.earlier(action).is_none() && self.is_left_out(action)? {
                return self.answered(action, Answer::nothing());
            }
            return Ok(Turn::More);
        }
        match action.paging {
            Some(_) => self.take_page(&mut answer),
            None => self.answered(action, answer),
        }
    }

    /// Whether the action's own request is not sent.
    fn is_left_out(&self, action: &Action) -> Result<bool, Failure> {
        match &action.when {
            Some(when) => Ok(!is_true(&when.value(&self.scope(None, None))?)),
            None => Ok(false),
        }
    }

    /// The action's own request has been answered.
    fn answered(&mut self, action: &Action, answer: Answer) -> Result<Turn, Fault> {
        let output = match &action.output {
            Some(output) => output.value(&self.scope(Some(answer), None))?,
            None => answer.body,
        };
        if action.bulk.is_none() {
            return Ok(Turn::Done(output));
        }
        self.pieces.pop_front();
        self.chain.again();
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
        let manifest = Arc::clone(&self.manifest);
        let action = &manifest.actions[self.action];
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
        let mut seen = seen(&self.order, input, answer, item);
        if !self.action().before.is_empty() {
            seen.insert("before".into(), Value::Object(self.chain.known.clone()));
        }
        Scope::of(Datum::new(Value::Object(seen)))
    }
}

/// What templates of a manifest see.
fn seen(
    order: &Order,
    input: Map<String, Value>,
    answer: Option<Answer>,
    item: Option<Value>,
) -> Map<String, Value> {
    let mut seen = Map::with_capacity(6);
    seen.insert("input".into(), Value::Object(input));
    seen.insert("settings".into(), Value::Object(order.settings.clone()));
    seen.insert("key".into(), order.key.clone().into());
    if let Some(answer) = answer {
        seen.insert("answer".into(), answer.seen());
    }
    if let Some(item) = item {
        seen.insert("item".into(), item);
    }
    seen
}

fn scope(order: &Order, input: Map<String, Value>, item: Option<Value>) -> Scope {
    Scope::of(Datum::new(Value::Object(seen(order, input, None, item))))
}

/// The list of a bulk in pieces of at most so many; one piece that is nothing for everything else.
fn pieces(action: &Action, order: &mut Order) -> Result<VecDeque<Value>, Failure> {
    let Some(bulk) = &action.bulk else { return Ok(VecDeque::new()) };
    let title = || {
        let title = action.input.properties.get(&bulk.over).and_then(|schema| schema.get("title"));
        title.and_then(Value::as_str).unwrap_or(&bulk.over).to_owned()
    };
    let Some(Value::Array(mut items)) = order.input.shift_remove(&bulk.over) else {
        return Err(failures::nothing_to_send(&title()));
    };
    if items.is_empty() {
        return Err(failures::nothing_to_send(&title()));
    }
    if items.len() > MOST_ITEMS {
        return Err(failures::too_many(&title(), MOST_ITEMS));
    }
    if let Some(each) = &bulk.each {
        for item in &mut items {
            let scope = scope(order, order.input.clone(), Some(item.take()));
            *item = filled(each, &scope)?.unwrap_or_default();
        }
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
    let scope = scope(order, order.input.clone(), None);
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
