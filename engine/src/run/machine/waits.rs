//! Waiting for a word from outside: a person's choice, a callback, something that happens to a lead, or what a person
//! found out about a write whose answer was lost.

use super::{Machine, Purpose};
use crate::failure::{Failure, FailureKind};
use crate::kind::{
    Access, Await, Awaited, Call, Context, DID_NOT, Done, HAPPENED, Notify, Operation, Promise, TIMEOUT,
};
use crate::run::effect::{Effect, Verdict};
use crate::run::event::EffectKey;
use crate::run::frame::Place;
use crate::run::record::StepStatus;
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::sync::Arc;

/// How often the answer to a write may be lost, with looks that find nothing, before a person is asked.
const MAX_LOST: u32 = 5;
/// Pause before the second time it is sent again; each further one is twice as long.
const FIRST_PAUSE: TimeDelta = TimeDelta::seconds(5);
/// Callbacks kept before their step is reached; more are dropped.
const MAX_EARLY: usize = 64;

impl Machine {
    pub(super) fn open_wait(&mut self, place: Place, wait: Await) {
        let Await { what, until } = wait;
        self.note(place, |record| {
            record.status = StepStatus::Waiting;
            record.waits_until = until;
        });
        let word = match &what {
            Awaited::Approval { notify: Some(notify), .. } => Some(notify.clone()),
            _ => None,
        };
        let key = self.key(place);
        if what == Awaited::Callback
            && let Some((port, output)) = self.early.remove(&key)
        {
            return self.done(place, Done::by(port, output).because("The callback had come already."));
        }
        self.ask(place, Purpose::Step, Effect::Await { key, what, until });
        if let Some(notify) = word {
            self.tell(place, &notify, 0);
        }
    }

    /// Starts the workflow that tells people that their word is awaited.
    fn tell(&mut self, place: Place, notify: &Notify, number: u32) {
        let Some(Effect::Await { what: Awaited::Approval { title, text, options, .. }, until, .. }) =
            self.asked.get(&self.key(place)).map(|asked| &asked.effect)
        else {
            return;
        };
        let input = json!({
            "title": title, "text": text, "options": options, "due_at": until, "reminder": number,
            "step": self.compiled.nodes[place.slot].id,
        });
        let call = Call { workflow: notify.workflow.clone(), input, wait: false };
        let key = self.word_key(place, number);
        let purpose = Purpose::Word { number };
        self.ask_as(key.clone(), place, purpose, Effect::Call { key, call });
    }

    /// A word was sent, or its time has come: plans the next reminder, or sends it.
    pub(super) fn word_over(&mut self, place: Place, number: u32) {
        let Some(notify) = self.notify_of(place) else { return };
        if number >= notify.reminders || notify.every_seconds == 0 {
            return;
        }
        let at = self.now + TimeDelta::seconds(notify.every_seconds.into());
        let key = self.word_key(place, number + 1);
        let purpose = Purpose::Reminder { number: number + 1 };
        self.ask_as(key.clone(), place, purpose, Effect::Wake { key, at });
    }

    pub(super) fn remind(&mut self, place: Place, number: u32) {
        if let Some(notify) = self.notify_of(place) {
            self.tell(place, &notify, number);
        }
    }

    fn notify_of(&self, place: Place) -> Option<Notify> {
        match &self.asked.get(&self.key(place))?.effect {
            Effect::Await { what: Awaited::Approval { notify, .. }, .. } => notify.clone(),
            _ => None,
        }
    }

    /// Not the key of any step: no step's id holds an exclamation mark.
    fn word_key(&self, place: Place, number: u32) -> EffectKey {
        let mut key = self.key(place);
        key.step = format!("{}!{number}", key.step);
        key
    }

    pub(super) fn signalled(&mut self, key: &EffectKey, port: &str, output: Value, by: Option<&str>) {
        let Some(asked) = self.asked.get(key) else { return self.came_early(key, port, output) };
        let Effect::Await { what, .. } = &asked.effect else { return };
        let place = asked.place;
        let who = by.unwrap_or("someone");
        let why = match what {
            Awaited::Approval { options, .. } => {
                let Some(option) = options.iter().find(|option| option.id == port) else { return };
                format!("{who} chose \"{}\".", if option.label.is_empty() { port } else { &option.label })
            }
            Awaited::Callback => "The callback came.".to_owned(),
            Awaited::LeadEvent { event, .. } => {
                format!("The lead was {}.", event.as_str().replace('_', " "))
            }
            Awaited::Decision { .. } => return self.decided(place, key, port, output, who),
        };
        self.asked.remove(key);
        self.abandon_words(place);
        self.done(place, Done::by(port, output).because(why));
    }

    /// Keeps a callback that came before the run got to the step that waits for it.
    fn came_early(&mut self, key: &EffectKey, port: &str, output: Value) {
        if self.early.len() < MAX_EARLY && self.compiled.is_callback(&key.step) {
            self.early.insert(key.clone(), (port.to_owned(), output));
        }
    }

    /// A person found out whether a write happened.
    fn decided(&mut self, place: Place, key: &EffectKey, answer: &str, output: Value, who: &str) {
        if ![HAPPENED, DID_NOT, crate::kind::SKIP].contains(&answer) {
            return;
        }
        self.asked.remove(key);
        match answer {
            HAPPENED => {
                let why = format!("{who} found that it had happened.");
                self.done(place, Done::out(output).because(why));
            }
            DID_NOT => self.ready.push_back(place),
            _ => {
                let why = format!("{who} left it and let the run go on.");
                self.done(place, Done::out(json!({ "skipped": true })).because(why));
            }
        }
    }

    /// The moment until which it waited has come.
    pub(super) fn timed_out(&mut self, place: Place) {
        self.abandon_words(place);
        let output = json!({ "timed_out": true, "waited_until": self.now });
        self.done(place, Done::by(TIMEOUT, output).because("Nobody answered in time."));
    }

    fn abandon_words(&mut self, place: Place) {
        self.withdraw(|asked| {
            asked.place == place && matches!(asked.purpose, Purpose::Word { .. } | Purpose::Reminder { .. })
        });
    }

    /// What to do about a write whose answer was lost; `false` when `failure` is an ordinary one.
    pub(super) fn unknown(&mut self, place: Place, operation: &Operation, failure: &Failure) -> bool {
        if failure.kind != FailureKind::UnknownOutcome || operation.access == Access::Read {
            return false;
        }
        match operation.promise {
            // The other side knows the key, so a repeat is the same write.
            Promise::Once | Promise::None => self.ready.push_back(place),
            Promise::Checked => self.look(place, operation.clone(), failure.clone()),
            Promise::Uncertain => self.let_a_person_decide(place, operation.clone(), failure.clone()),
        }
        true
    }

    /// Reads whether the write happened, if its step knows how.
    fn look(&mut self, place: Place, sent: Operation, failure: Failure) {
        let compiled = Arc::clone(&self.compiled);
        let node = &compiled.nodes[place.slot];
        let read = {
            let scope = self.scope(place.frame);
            let idempotency_key = self.idempotency_key(&self.key(place));
            node.step.verify(&Context { scope: &scope, now: self.now, idempotency_key })
        };
        match read {
            Ok(Some(operation)) if operation.access == Access::Read => {
                let (key, operation) = (self.key(place), Arc::new(operation));
                let effect = Effect::Perform { key, operation, timeout: node.timeout };
                self.ask(place, Purpose::Look { sent: Box::new(sent), failure }, effect);
            }
            _ => self.let_a_person_decide(place, sent, failure),
        }
    }

    /// Takes the answer of the read that looked whether a write happened.
    pub(super) fn looked(
        &mut self,
        place: Place,
        sent: Operation,
        failure: Failure,
        result: Result<crate::run::Performed, Failure>,
    ) {
        let compiled = Arc::clone(&self.compiled);
        let verdict = result.and_then(|performed| {
            let scope = self.scope(place.frame);
            let idempotency_key = self.idempotency_key(&self.key(place));
            let context = Context { scope: &scope, now: self.now, idempotency_key };
            compiled.nodes[place.slot].step.verified(&context, performed)
        });
        match verdict {
            Ok(Some(done)) => self.done(place, done),
            Ok(None) => self.send_again(place, sent, failure),
            Err(_) => self.let_a_person_decide(place, sent, failure),
        }
    }

    /// A look found that the write had not happened: it is sent again, a few times and ever more patiently.
    fn send_again(&mut self, place: Place, sent: Operation, failure: Failure) {
        let at = self.compiled.nodes[place.slot].place;
        match self.frame(place.frame).fail(at) {
            1 => self.ready.push_back(place),
            lost if lost <= MAX_LOST => {
                let at = self.now + FIRST_PAUSE * (1 << (lost - 2));
                self.note(place, |record| {
                    record.status = StepStatus::Waiting;
                    record.waits_until = Some(at);
                });
                let effect = Effect::Wake { key: self.key(place), at };
                self.ask(place, Purpose::Retry, effect);
            }
            _ => self.let_a_person_decide(place, sent, failure),
        }
    }

    fn let_a_person_decide(&mut self, place: Place, operation: Operation, failure: Failure) {
        self.note(place, |record| {
            record.status = StepStatus::Uncertain;
            record.failure = Some(failure.clone());
        });
        let what = Awaited::Decision { operation: Box::new(operation), failure };
        let effect = Effect::Await { key: self.key(place), what, until: None };
        self.ask(place, Purpose::Step, effect);
    }

    /// The run took longer than it may.
    pub(super) fn deadline(&mut self) {
        let minutes = self.compiled.document().settings.timeout_minutes.unwrap_or_default();
        let failure = Failure::new(
            "RUN-0016",
            FailureKind::Timeout,
            format!("the run took longer than the {minutes} minutes it may take"),
            "Look which step it waited for, or allow more time in the settings of the workflow.",
        );
        self.finish(Verdict::Failed { step: "run".into(), failure });
    }
}
