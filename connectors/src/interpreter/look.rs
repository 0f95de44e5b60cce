//! A look at what an app has new or changed: page by page, each with where the next one goes on.
//!
//! What was accepted and how far the look has come are kept together, so that a look that is cut off anywhere goes on there
//! and reports nothing twice. Of records that come the oldest first, every page is a new question from the newest moment
//! seen: no record can slip from one page to the page before while others change. Where more records share one moment than fit
//! a page, those are read twice over, until nothing has moved among them (see [`block`]). Whatever changed after a look had
//! begun is looked at again by the next one. A record in the same state is known for as long as a look can reach back to it.

mod block;
mod edge;

use self::block::Block;
use super::answer::{Answer, Fault, Judge};
use super::paging::{self, Place};
use super::request::{self, Ask, is_true};
use super::{Order, failures};
use crate::manifest::Manifest;
use crate::manifest::body::Reads;
use crate::manifest::trigger::{Cursor, Moment, Order as Sorted, Poll, Trigger};
use crate::time::{moment_of, written};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_engine::expression::{Datum, Scope, into_text};
use trunkline_engine::failure::Failure;
use trunkline_engine::trigger::Begin;

/// Most records of a list that is compared as a whole.
pub const MOST_COMPARED: usize = 5_000;
/// Most records that are known from the time a look reaches back over. Those that were longest ago are forgotten first.
const MOST_KNOWN: usize = 20_000;
/// Pages after which a look leads in a circle.
const MOST_PAGES: u32 = 100_000;

/// How far a trigger has come. Kept by whoever looks.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// The newest that was seen: microseconds since 1970, a number, or a word of the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Value>,
    /// Records before it are not wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    floor: Option<i64>,
    /// A look is under way, and goes on there. `since` moves when it is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    within: Option<Within>,
    /// Records that a look may meet again, in which state.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    known: BTreeMap<String, Version>,
    /// What is there is only taken note of, until the first look is over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    notes_only: bool,
}

/// A look under way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Within {
    /// The page, when it is not the first of a question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    page: Option<String>,
    /// The newest of this look, where that is not the position yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reached: Option<i64>,
    /// Where the question begins: at the newest of the page before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    from: Option<i64>,
    /// Records that one question cannot tell apart, and that are more than a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    block: Option<Block>,
    /// Records of a list that is compared as a whole.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    present: BTreeMap<String, Version>,
    pages: u32,
    /// When it began, in microseconds.
    #[serde(default)]
    began: i64,
}

/// In which state a record is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Version {
    /// By a moment or a number.
    Mark(i64),
    /// By what tells that it has changed.
    Text(String),
}

/// A record that starts a run.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// What it is called in the app, and in which state it was found.
    pub key: String,
    /// What the run sees as `trigger`.
    pub output: Value,
}

/// What a page brought.
#[derive(Debug, PartialEq)]
pub struct Page {
    /// What starts, in order.
    pub found: Vec<Found>,
    /// How far it has come now.
    pub position: Position,
    /// Whether another page is due at once.
    pub more: bool,
    /// Records that were read.
    pub read: usize,
}

/// The next page of a look.
#[derive(Debug)]
pub struct Look {
    manifest: Arc<Manifest>,
    trigger: usize,
    order: Order,
    position: Position,
}

impl Position {
    /// That of a trigger that has never looked.
    #[must_use]
    pub fn new(poll: &Poll, begin: Begin, now: DateTime<Utc>) -> Self {
        let from = match begin {
            Begin::Now => Some(now),
            Begin::Since(moment) => Some(moment),
            Begin::All => None,
        };
        let is_now = begin == Begin::Now;
        match &poll.cursor {
            Cursor::Time { .. } => {
                let micros = from.map_or(0, |from| from.timestamp_micros());
                Self { since: Some(micros.into()), floor: Some(micros), ..Self::default() }
            }
            // The first word is asked for; until then it is the moment it is asked for with.
            Cursor::Token { first: Some(_), .. } => {
                Self { floor: Some(from.map_or(0, |from| from.timestamp_micros())), ..Self::default() }
            }
            Cursor::Token { first: None, .. } | Cursor::Number { .. } | Cursor::Nothing { .. } => {
                Self { notes_only: is_now, ..Self::default() }
            }
        }
    }

    /// That of an example: as far as `since`, written as people read it.
    pub(crate) fn at(poll: &Poll, since: &Value) -> Option<Self> {
        let since = match &poll.cursor {
            Cursor::Time { .. } => moment_of(since)?.timestamp_micros().into(),
            _ => since.clone(),
        };
        Some(Self { since: Some(since), ..Self::default() })
    }

    /// How far it has come, as people read it.
    #[must_use]
    pub fn shown(&self, poll: &Poll) -> Value {
        match &poll.cursor {
            Cursor::Time { .. } => {
                let from = self.within.as_ref().and_then(|within| within.from);
                let moment = from.or(self.mark()).and_then(DateTime::from_timestamp_micros);
                moment.map_or(Value::Null, |moment| written(moment, Moment::Rfc3339))
            }
            Cursor::Nothing { .. } => Value::Null,
            Cursor::Number { .. } | Cursor::Token { .. } => self.since.clone().unwrap_or_default(),
        }
    }

    /// Whether a look is under way.
    #[must_use]
    pub fn is_within(&self) -> bool {
        self.within.is_some()
    }

    fn mark(&self) -> Option<i64> {
        self.since.as_ref().and_then(Value::as_i64)
    }
}

impl Look {
    /// The next page of `trigger` from `position` on; `order` gives the inputs.
    ///
    /// # Errors
    /// `CONN-0002` when an input is missing or has another type, `CONN-0003` when there is no such trigger.
    pub fn new(
        manifest: &Arc<Manifest>,
        trigger: &str,
        order: Order,
        position: Position,
    ) -> Result<Self, Failure> {
        let found = manifest.triggers.get_full(trigger).filter(|(_, _, trigger)| trigger.poll.is_some());
        let Some((at, _, described)) = found else {
            return Err(failures::unknown_action(&manifest.name, trigger));
        };
        let mut order = order;
        order.input = super::input::settle(&described.input, order.input)?;
        Ok(Self { manifest: Arc::clone(manifest), trigger: at, order, position })
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &Arc<Manifest> {
        &self.manifest
    }

    /// What is known of the connection now: a new token may have brought other settings.
    pub fn settle(&mut self, settings: &Map<String, Value>) {
        self.order.settings.clone_from(settings);
    }

    /// How the answer to [`Look::ask`] is read.
    #[must_use]
    pub fn reads(&self) -> Reads {
        self.wants_first().map_or(self.poll().request.answer, |first| first.request.answer)
    }

    fn trigger(&self) -> &Trigger {
        let (_, trigger) = self.manifest.triggers.get_index(self.trigger).expect("taken from this manifest");
        trigger
    }

    fn poll(&self) -> &Poll {
        self.trigger().poll.as_ref().expect("only triggers that poll look")
    }

    /// The request that is due.
    ///
    /// # Errors
    /// The failure of a template.
    pub fn ask(&self) -> Result<Ask, Failure> {
        let poll = self.poll();
        if let Some(first) = self.wants_first() {
            let from = self.position.floor.and_then(DateTime::from_timestamp_micros).unwrap_or_default();
            return request::build(
                &self.manifest,
                &first.request,
                &self.scope("from", written(from, first.write)),
            );
        }
        let mut ask = request::build(&self.manifest, &poll.request, &self.scope("since", self.since()))?;
        let place = self.place();
        paging::turn_to(&mut ask, &poll.paging, &place, usize::MAX)?;
        Ok(ask)
    }

    fn wants_first(&self) -> Option<&crate::manifest::trigger::FirstToken> {
        match &self.poll().cursor {
            Cursor::Token { first: Some(first), .. } if self.position.since.is_none() => Some(first),
            _ => None,
        }
    }

    fn place(&self) -> Place {
        let page = self.position.within.as_ref().and_then(|within| within.page.as_deref());
        page.map_or(Place::First, Place::read)
    }

    fn scope(&self, name: &str, value: Value) -> Scope {
        let mut seen = Map::new();
        seen.insert("input".into(), Value::Object(self.order.input.clone()));
        seen.insert("settings".into(), Value::Object(self.order.settings.clone()));
        seen.insert(name.into(), value);
        Scope::of(Datum::new(Value::Object(seen)))
    }

    /// Reads the answer to [`Look::ask`], as of `now`.
    ///
    /// # Errors
    /// What the answer means by the manifest's rules, or that it cannot be read.
    pub fn take(&self, answer: Answer, now: DateTime<Utc>) -> Result<Page, Fault> {
        let poll = self.poll();
        let judge = Judge { manifest: &self.manifest, own: &[], faults: &poll.faults, is_lost: false };
        let see = |answer| {
            let seen = super::seen(&self.order, self.order.input.clone(), Some(answer), None);
            Scope::of(Datum::new(Value::Object(seen)))
        };
        let mut answer = judge.answer(answer, see, now)?;
        if let Some(first) = self.wants_first() {
            return Ok(self.take_first(&answer, &first.at)?);
        }
        let mut position = self.position.clone();
        let mut within = position.within.take().unwrap_or_default();
        if within.pages == 0 {
            within.began = now.timestamp_micros();
        }
        within.pages += 1;
        if within.pages > MOST_PAGES {
            return Err(failures::endless(MOST_PAGES as usize).into());
        }
        let word = match &poll.cursor {
            Cursor::Token { at, .. } => answer.body.pointer(at).filter(|word| !word.is_null()).cloned(),
            _ => None,
        };
        let page = paging::read(&mut answer, &poll.paging, &self.place())?;
        let read = page.items.len();
        let mut taken = Taken::default();
        for item in page.items {
            self.take_item(item, now, &mut position, &mut within, &mut taken)?;
        }
        if word.is_some() {
            position.since = word;
        }
        let more = self.go_on(&mut position, &mut within, &taken, page.next.as_ref());
        if more {
            position.within = Some(within);
        } else {
            self.end(&mut position, within);
        }
        if position.notes_only && !more {
            position.notes_only = false;
        }
        Ok(Page { found: taken.found, position, more, read })
    }

    fn take_first(&self, answer: &Answer, at: &str) -> Result<Page, Failure> {
        let word = answer.body.pointer(at).filter(|word| word.is_string() || word.is_number()).cloned();
        let word =
            word.ok_or_else(|| failures::unreadable(&self.manifest.name, "it gives no word to go on with"))?;
        let position = Position { since: Some(word), floor: None, ..self.position.clone() };
        Ok(Page { found: Vec::new(), position, more: true, read: 0 })
    }

    /// Reports `item` unless it is known as it is, or not wanted.
    fn take_item(
        &self,
        item: Value,
        now: DateTime<Utc>,
        position: &mut Position,
        within: &mut Within,
        taken: &mut Taken,
    ) -> Result<(), Failure> {
        let poll = self.poll();
        let seen = json!({
            "item": item, "input": self.order.input, "settings": self.order.settings, "since": self.since(),
        });
        let scope = Scope::of(Datum::new(seen));
        let id = into_text(poll.id.value(&scope)?);
        let lacks =
            |what: &str| failures::unreadable(&self.manifest.name, &format!("a record has no {what}"));
        if id.is_empty() {
            return Err(lacks("id"));
        }
        let version = match &poll.cursor {
            Cursor::Time { at, .. } => {
                let moment = moment_of(&at.value(&scope)?).ok_or_else(|| lacks("moment"))?;
                Some(Version::Mark(moment.timestamp_micros()))
            }
            Cursor::Number { at, .. } => {
                let number = super::input::whole(&at.value(&scope)?).ok_or_else(|| lacks("number"))?;
                Some(Version::Mark(number))
            }
            Cursor::Token { .. } => None,
            Cursor::Nothing { version } => Some(Version::Text(match version {
                Some(version) => into_text(version.value(&scope)?),
                None => String::new(),
            })),
        };
        if let Some(Version::Mark(mark)) = version {
            taken.oldest = Some(taken.oldest.map_or(mark, |oldest| oldest.min(mark)));
            // A clock of theirs that is ahead must not make us pass over what comes until then.
            let most =
                if matches!(poll.cursor, Cursor::Time { .. }) { now.timestamp_micros() } else { i64::MAX };
            taken.newest = taken.newest.max(Some(mark.min(most)));
            if poll.order == Sorted::OldestFirst && self.is_at_edge(mark) {
                taken.at_edge.push((id.clone(), mark));
            }
            let is_wanted = position.floor.is_none_or(|floor| mark >= floor);
            if !is_wanted || self.oldest_wanted(position).is_some_and(|oldest| mark < oldest) {
                return Ok(());
            }
        }
        if let Some(version) = &version {
            // Within a look first: a record may slip to a later page while others change.
            let known = within.present.get(&id).or_else(|| position.known.get(&id));
            let is_known = known == Some(version);
            match &poll.cursor {
                Cursor::Nothing { .. } => {
                    if within.present.len() >= MOST_COMPARED {
                        return Err(failures::too_long_to_compare(&self.manifest.name, MOST_COMPARED));
                    }
                    within.present.insert(id.clone(), version.clone());
                }
                _ => {
                    position.known.insert(id.clone(), version.clone());
                }
            }
            if is_known {
                return Ok(());
            }
        }
        let is_wanted =
            self.trigger().when.as_ref().map_or(Ok(true), |when| Ok(is_true(&when.value(&scope)?)))?;
        if position.notes_only || !is_wanted {
            return Ok::<(), Failure>(());
        }
        let output = match &self.trigger().output {
            Some(output) => output.value(&scope)?,
            None => item,
        };
        let state = match version {
            Some(Version::Mark(mark)) => mark.to_string(),
            Some(Version::Text(text)) => text,
            None => String::new(),
        };
        taken.found.push(Found { key: format!("{id}@{state}"), output });
        Ok(())
    }

    /// Moves on to the next page; says whether there is one.
    fn go_on(
        &self,
        position: &mut Position,
        within: &mut Within,
        taken: &Taken,
        next: Option<&Place>,
    ) -> bool {
        let poll = self.poll();
        let has_marks = matches!(poll.cursor, Cursor::Time { .. } | Cursor::Number { .. });
        if poll.order == Sorted::OldestFirst && has_marks {
            return self.go_on_from_the_oldest(position, within, taken, next);
        }
        // What changes while the look goes on may stand on pages that have been read. The next look must reach back to it.
        within.reached = match poll.order {
            Sorted::NewestFirst if within.pages > 1 => within.reached,
            Sorted::NewestFirst | Sorted::OldestFirst => taken.newest,
            Sorted::Any => within.reached.max(taken.newest.map(|newest| self.as_of(newest, within.began))),
        };
        let edge = self.oldest_wanted(position).max(position.floor);
        let is_old = poll.order == Sorted::NewestFirst
            && has_marks
            && taken.oldest.is_some_and(|oldest| edge.is_some_and(|edge| oldest < edge));
        // Of numbers from now on, the first page says which is the greatest.
        let is_noted = poll.order == Sorted::NewestFirst && position.notes_only && has_marks;
        within.page = next.map(Place::word);
        next.is_some() && !is_old && !is_noted
    }

    /// Moves on to the records after the newest of this page; says whether there are any.
    fn go_on_from_the_oldest(
        &self,
        position: &mut Position,
        within: &mut Within,
        taken: &Taken,
        next: Option<&Place>,
    ) -> bool {
        // The same question again would bring the same page: only then is it turned.
        let mut ahead = taken.newest.filter(|newest| !self.is_at_edge(*newest));
        let mut more = next.is_some();
        let is_turned = more && ahead.is_none();
        within.reached = within.reached.max(taken.newest.map(|newest| self.as_of(newest, within.began)));
        within.page = next.filter(|_| is_turned).map(Place::word);
        if let Some(mut block) = within.block.take().or_else(|| is_turned.then(Block::default)) {
            block.read(&taken.at_edge);
            let settled = if is_turned { None } else { block.settled(ahead, more) };
            if is_turned || (settled.is_none() && self.is_left_behind(within.began)) {
                within.block = Some(block);
                return true;
            }
            if let Some(pass) = settled {
                ahead = pass.ahead;
                more |= pass.more;
            }
        }
        within.from = ahead.or(within.from);
        self.forget(position, within);
        more
    }

    /// The look is over.
    fn end(&self, position: &mut Position, within: Within) {
        position.within = None;
        if let Some(reached) = within.reached {
            position.since = Some(position.mark().map_or(reached, |since| since.max(reached)).into());
        }
        if matches!(self.poll().cursor, Cursor::Nothing { .. }) {
            position.known = within.present;
        }
        self.forget(position, &Within::default());
    }

    /// Forgets records that neither this look nor a later one can meet again.
    fn forget(&self, position: &mut Position, within: &Within) {
        let since = within.reached.max(position.mark());
        let Some(oldest) = since.and_then(|since| self.reached_back(since)) else { return };
        let edge = within.from.and_then(|from| self.asked_from(self.edge_from(Some(from))));
        let oldest = edge.map_or(oldest, |edge| oldest.min(edge));
        position.known.retain(|_, version| !matches!(version, Version::Mark(mark) if *mark < oldest));
        if position.known.len() > MOST_KNOWN {
            let mut marks: Vec<i64> = position
                .known
                .values()
                .filter_map(|version| if let Version::Mark(mark) = version { Some(*mark) } else { None })
                .collect();
            marks.sort_unstable();
            let from = marks[marks.len() - MOST_KNOWN];
            position.known.retain(|_, version| !matches!(version, Version::Mark(mark) if *mark < from));
        }
    }
}

/// What a page held.
#[derive(Default)]
struct Taken {
    found: Vec<Found>,
    newest: Option<i64>,
    oldest: Option<i64>,
    /// Of those that come the oldest first: records from which on the same question would be asked, each with its mark.
    at_edge: Vec<(String, i64)>,
}

#[cfg(test)]
mod tests;
