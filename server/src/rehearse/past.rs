//! An old run as its journal tells it: what it asked, what it was told, and what it changed.

use super::{Act, How, Matter};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use trunkline_engine::kind::{Awaited, Call, Operation};
use trunkline_engine::run::{Effect, EffectKey, Event, Machine, Performed};
use trunkline_leads::{Key, KeyKind, Lead, Place};
use uuid::Uuid;

/// Something the old run asked, and the event that answered it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    /// Whose.
    pub key: EffectKey,
    /// What was asked.
    pub asked: Question,
    /// The answer, as journaled.
    pub event: Event,
}

/// What a run asks of the world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Question {
    /// An operation.
    Operation {
        /// Which.
        operation: Operation,
    },
    /// Another workflow.
    Call {
        /// Which.
        call: Call,
    },
    /// A moment.
    Wake,
    /// A word from outside.
    Word {
        /// What was waited for.
        what: Awaited,
    },
    /// A stretch of a stream.
    Stretch,
}

impl Question {
    fn of(effect: &Effect) -> Option<Self> {
        Some(match effect {
            Effect::Perform { operation, .. } => Self::Operation { operation: Operation::clone(operation) },
            Effect::Call { call, .. } => Self::Call { call: call.clone() },
            Effect::Wake { .. } => Self::Wake,
            Effect::Await { what, .. } => Self::Word { what: what.clone() },
            Effect::Slice { .. } => Self::Stretch,
            Effect::Abandon { .. } | Effect::Respond(_) | Effect::Finish(_) => return None,
        })
    }
}

/// The journal's answers, to be looked up. Each is given once as long as there are others like it.
#[derive(Debug, Default)]
pub struct Past {
    answers: Vec<Answered>,
    by_key: HashMap<EffectKey, Vec<usize>>,
    by_action: HashMap<String, Vec<usize>>,
    used: HashSet<usize>,
}

/// Replays `events` on `machine`, which has not begun: gives every question with its answer, in order.
pub fn replay(machine: &mut Machine, events: &[Event]) -> Vec<Answered> {
    let mut open: HashMap<EffectKey, Question> = HashMap::new();
    let mut answers = Vec::new();
    for event in events {
        if let Some(key) = event.key()
            && let Some(asked) = open.get(key)
        {
            answers.push(Answered { key: key.clone(), asked: asked.clone(), event: event.clone() });
        }
        for effect in machine.apply(event) {
            if let (Some(key), Some(question)) = (effect.key(), Question::of(&effect)) {
                open.insert(key.clone(), question);
            }
        }
    }
    answers
}

/// What an old run did, as a rehearsal tells it.
pub fn acts(answers: &[Answered], title: impl Fn(&str) -> String) -> Vec<Act> {
    let act = |answered: &Answered| {
        let matter = match (&answered.asked, &answered.event) {
            (Question::Operation { operation }, Event::Performed { result, .. }) => {
                Matter::Operation { operation: operation.clone(), result: result.clone() }
            }
            (Question::Call { call }, Event::Returned { result, .. }) => {
                Matter::Call { call: call.clone(), result: result.clone(), name: None }
            }
            _ => return None,
        };
        let (key, title) = (answered.key.clone(), title(&answered.key.step));
        Some(Act { key, title, matter, how: How::Journal, lead: None, sends: None })
    };
    answers.iter().filter_map(act).collect()
}

impl Past {
    /// `answers`, ready to be looked up.
    #[must_use]
    pub fn new(answers: Vec<Answered>) -> Self {
        let mut past = Self::default();
        for (place, answered) in answers.iter().enumerate() {
            past.by_key.entry(answered.key.clone()).or_default().push(place);
            if let Question::Operation { operation } = &answered.asked {
                past.by_action.entry(operation.action.to_string()).or_default().push(place);
            }
        }
        past.answers = answers;
        past
    }

    /// How `operation` went in the old run: asked by the same step for the same item, else by any.
    pub fn performed(&mut self, key: &EffectKey, operation: &Operation) -> Option<Answered> {
        let same = |answered: &Answered| match &answered.asked {
            Question::Operation { operation: old } => is_same(old, operation),
            _ => false,
        };
        let here = self.by_key.get(key).map_or(&[][..], Vec::as_slice);
        let anywhere = self.by_action.get(&*operation.action).map_or(&[][..], Vec::as_slice);
        let found = self.choose(here, same).or_else(|| self.choose(anywhere, same))?;
        self.used.insert(found);
        Some(self.answers[found].clone())
    }

    /// What the old run was answered at `key` to a question that `fits`.
    pub fn word(&mut self, key: &EffectKey, fits: impl Fn(&Question) -> bool) -> Option<Event> {
        let here = self.by_key.get(key).map_or(&[][..], Vec::as_slice);
        let found = self.choose(here, |answered| fits(&answered.asked))?;
        self.used.insert(found);
        Some(self.answers[found].event.clone())
    }

    /// What the same step was told in the old run when it asked something else.
    #[must_use]
    pub fn alike(&self, key: &EffectKey, operation: &Operation) -> Option<Performed> {
        self.by_key.get(key)?.iter().find_map(|&place| match &self.answers[place] {
            Answered {
                asked: Question::Operation { operation: old },
                event: Event::Performed { result: Ok(done), .. },
                ..
            } if old.performer == operation.performer && old.action == operation.action => Some(done.clone()),
            _ => None,
        })
    }

    /// The lead that the step at `key` made in the old run.
    #[must_use]
    pub fn made(&self, key: &EffectKey) -> Option<Uuid> {
        let made = |&place: &usize| match &self.answers[place].event {
            Event::Performed { result: Ok(done), .. } if done.output["created"] == true => {
                Some(shown_lead(&done.output)?.id)
            }
            _ => None,
        };
        self.by_key.get(key)?.iter().find_map(made)
    }

    fn choose(&self, places: &[usize], same: impl Fn(&Answered) -> bool) -> Option<usize> {
        let mut last = None;
        for &place in places {
            if same(&self.answers[place]) {
                last = Some(place);
                if !self.used.contains(&place) {
                    break;
                }
            }
        }
        last
    }

    /// How the leads of the old run stood before it touched them.
    #[must_use]
    pub fn seeds(&self) -> Vec<Seed> {
        let mut seeds: Vec<Seed> = Vec::new();
        let mut met = HashSet::new();
        for answered in &self.answers {
            let (Question::Operation { operation }, Event::Performed { result: Ok(done), .. }) =
                (&answered.asked, &answered.event)
            else {
                continue;
            };
            if !operation.performer.is_internal() {
                continue;
            }
            let Some(after) = shown_lead(&done.output) else { continue };
            if met.insert(after.id) {
                seeds.push(Seed::before(after, done));
            }
        }
        seeds
    }
}

/// A lead as it was before a run.
#[derive(Debug)]
pub struct Seed {
    /// Which.
    pub id: Uuid,
    /// How it stood; `None` when there was none.
    pub lead: Option<Lead>,
    /// The keys that are known of it, and whether they were its own then.
    pub keys: Vec<Key>,
}

impl Seed {
    /// `after`, with what `done` wrote turned back.
    fn before(after: Lead, done: &Performed) -> Self {
        let id = after.id;
        let keys_of = |lead: &Lead| {
            let parts = [
                (KeyKind::Email, &lead.email),
                (KeyKind::Phone, &lead.phone),
                (KeyKind::ExternalId, &lead.external_id),
            ];
            parts.into_iter().filter_map(|(kind, text)| Key::read(kind, text.as_deref()?)).collect::<Vec<_>>()
        };
        let mut keys = keys_of(&after);
        if done.output["created"] == true {
            return Self { id, lead: None, keys };
        }
        let mut lead = after;
        for change in &done.written {
            if let Some((_, place)) = change.target.as_ref().and_then(Place::read) {
                place.set(&mut lead, &change.old);
                if place == Place::Score {
                    lead.score_reasons = serde_json::from_value(done.output["previous"]["reasons"].clone())
                        .unwrap_or_default();
                }
            }
        }
        keys.extend(keys_of(&lead));
        Self { id, lead: Some(lead), keys }
    }
}

/// The lead that an output shows in full.
#[must_use]
pub fn shown_lead(output: &Value) -> Option<Lead> {
    let record = output.get("lead")?;
    record.get("stage")?;
    serde_json::from_value(record.clone()).ok()
}

/// Whether two operations ask the same. The key against repeats names the run and the step, and says nothing of what is
/// asked.
fn is_same(old: &Operation, new: &Operation) -> bool {
    if old.performer != new.performer || old.action != new.action {
        return false;
    }
    old.input == new.input || without_key(&old.input) == without_key(&new.input)
}

fn without_key(input: &Value) -> Value {
    let mut input = input.clone();
    if let Value::Object(fields) = &mut input
        && fields.contains_key("plugin")
    {
        fields.shift_remove("key");
        fields.shift_remove("now");
    }
    if let Some(Value::Array(headers)) = input.get_mut("headers") {
        headers.retain(|header| {
            !header
                .get(0)
                .and_then(Value::as_str)
                .is_some_and(|name| name.eq_ignore_ascii_case("idempotency-key"))
        });
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use serde_json::json;
    use trunkline_engine::kind::{Access, Performer, Promise};
    use trunkline_engine::run::Change;

    fn asked(performer: Performer, action: &'static str, input: Value) -> Operation {
        Operation {
            performer,
            action: action.into(),
            input,
            access: Access::Write,
            promise: Promise::Once,
            sends_to: None,
        }
    }

    fn answered(
        step: &str,
        item: u32,
        operation: Operation,
        output: Value,
        written: Vec<Change>,
    ) -> Answered {
        let key = EffectKey { step: step.into(), items: vec![item] };
        let result = Ok(Performed { output, why: None, written });
        let event = Event::Performed { key: key.clone(), result, at: DateTime::UNIX_EPOCH };
        Answered { key, asked: Question::Operation { operation }, event }
    }

    fn output(found: Option<Answered>) -> Option<Value> {
        match found?.event {
            Event::Performed { result: Ok(done), .. } => Some(done.output),
            _ => None,
        }
    }

    #[test]
    fn a_question_is_answered_by_its_own_step_first_and_repeats_come_in_order() {
        let ask = |what: &str| asked(Performer::Http, "request", json!({ "url": what }));
        let mut past = Past::new(vec![
            answered("other", 0, ask("a"), json!("elsewhere"), Vec::new()),
            answered("step", 0, ask("a"), json!("first"), Vec::new()),
            answered("step", 0, ask("a"), json!("second"), Vec::new()),
        ]);
        let here = EffectKey { step: "step".into(), items: vec![0] };
        let moved = EffectKey { step: "renamed".into(), items: Vec::new() };
        assert_eq!(output(past.performed(&here, &ask("a"))), Some(json!("first")));
        assert_eq!(output(past.performed(&here, &ask("a"))), Some(json!("second")));
        assert_eq!(output(past.performed(&here, &ask("a"))), Some(json!("second")), "the last one stays");
        assert_eq!(output(past.performed(&moved, &ask("a"))), Some(json!("elsewhere")));
        assert!(past.performed(&here, &ask("b")).is_none(), "nobody asked that");
    }

    #[test]
    fn the_key_against_repeats_is_no_part_of_a_question() {
        let ask = |key: &str| {
            asked(
                Performer::Http,
                "request",
                json!({ "url": "u", "headers": [["Idempotency-Key", key], ["A", "b"]] }),
            )
        };
        let mut past = Past::new(vec![answered("step", 0, ask("run:step"), json!(1), Vec::new())]);
        let moved = EffectKey { step: "renamed".into(), items: Vec::new() };
        assert_eq!(output(past.performed(&moved, &ask("run:renamed"))), Some(json!(1)));
    }

    #[test]
    fn leads_stand_as_they_did_before_the_run() {
        let mut lead = Lead::new(Uuid::from_u128(1), "Known", DateTime::UNIX_EPOCH);
        lead.email = Some("ada@example.com".into());
        lead.city = Some("London".into());
        let change = Change {
            label: "City".into(),
            old: json!("Paris"),
            new: json!("London"),
            target: "city".parse::<Place>().unwrap().of(lead.id),
        };
        let find = asked(Performer::Leads, "find_or_create", json!({}));
        let found = json!({ "lead": lead.record(), "created": false });
        let made = json!({ "lead": lead.record(), "created": true });
        let past = Past::new(vec![answered("find", 0, find.clone(), found, vec![change])]);
        let seeds = past.seeds();
        let before = seeds[0].lead.as_ref().unwrap();
        assert_eq!((seeds.len(), before.city.as_deref()), (1, Some("Paris")));
        let past = Past::new(vec![answered("find", 0, find, made, Vec::new())]);
        assert!(past.seeds()[0].lead.is_none(), "there was no such lead");
        assert_eq!(past.made(&EffectKey { step: "find".into(), items: vec![0] }), Some(lead.id));
    }
}
