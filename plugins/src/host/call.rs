//! One call: a fresh instance, its meter, and what came of it.

use super::bindings::trunkline::plugin::types;
use super::bindings::{Plugin, PluginPre};
use super::engine::Ticking;
use super::imports::{Chance, Guest};
use super::meter::{Meter, Stop};
use super::turn::FIRST_SLICE;
use crate::description::{Capabilities, Effect};
use crate::failures;
use crate::limits::Limits;
use crate::outside::Outside;
use chrono::{DateTime, Utc};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use trunkline_engine::failure::{Failure, FailureKind};
use wasmtime::{Engine, Store, Trap, UpdateDeadline};

/// What the host copies out of a guest in one go, in bytes: many names may point to one text.
const MOST_COPIED: usize = 48 * 1024 * 1024;

/// What is asked of a plugin.
#[derive(Debug, Clone)]
pub struct Call {
    /// The step.
    pub step: String,
    /// What the step does to the world.
    pub effect: Effect,
    /// Its settings, everything computed.
    pub input: Value,
    /// Names the workflow.
    pub workflow: String,
    /// Stable over retries and restarts.
    pub key: String,
    /// The moment it is.
    pub now: DateTime<Utc>,
}

/// What came of a call that ended well.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// What it put out.
    pub output: Value,
    /// The port it leaves by; the first of the step without it.
    pub port: Option<String>,
    /// Why it came out so.
    pub why: Option<String>,
    /// What it wants to keep.
    pub kept: BTreeMap<String, Option<String>>,
}

/// What a call took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Most memory it had, in bytes.
    pub memory: usize,
    /// Milliseconds that passed while it computed; none for a call that was done within its first slice.
    pub ticks: u32,
}

/// What a call works in.
pub(super) struct Surroundings {
    pub(super) plugin: Arc<str>,
    pub(super) pre: PluginPre<Guest>,
    pub(super) engine: Engine,
    pub(super) limits: Limits,
    pub(super) capabilities: Arc<Capabilities>,
    pub(super) outside: Arc<dyn Outside>,
    pub(super) ticking: Ticking,
}

impl Surroundings {
    fn store(&self, effect: Effect, key: &str, now: DateTime<Utc>) -> Store<Guest> {
        let guest = Guest {
            plugin: Arc::clone(&self.plugin),
            meter: Meter::new(self.limits),
            effect,
            capabilities: Arc::clone(&self.capabilities),
            outside: Arc::clone(&self.outside),
            now: u64::try_from(now.timestamp_millis()).unwrap_or(0),
            chance: Chance::of(key),
            kept: BTreeMap::new(),
            requests: 0,
            may_have_written: false,
        };
        let mut store = Store::new(&self.engine, guest);
        store.limiter(|guest| &mut guest.meter);
        store.set_hostcall_fuel(MOST_COPIED);
        store.set_epoch_deadline(FIRST_SLICE);
        // A tick is counted when the guest meets it while it computes; what it waits for costs it nothing.
        store.epoch_deadline_callback(|mut context| {
            Ok(match context.data_mut().meter.tick() {
                true => UpdateDeadline::Yield(1),
                false => UpdateDeadline::Interrupt,
            })
        });
        store
    }

    /// What the plugin says it is.
    pub(super) async fn describe(self) -> Result<String, Failure> {
        let mut store = self.store(Effect::Pure, "describe", DateTime::UNIX_EPOCH);
        let said = async {
            let instance = self.pre.instantiate_async(&mut store).await?;
            instance.call_describe(&mut store).await
        };
        let said: wasmtime::Result<String> = said.await;
        let _ticking = &self.ticking;
        said.map_err(|error| self.explain(&error, store.data()))
    }

    /// Does a step.
    pub(super) async fn run(self, call: Call) -> (Result<Answer, Failure>, Taken) {
        let mut store = self.store(call.effect, &call.key, call.now);
        let result = self.step(&mut store, &call).await;
        let meter = &store.data().meter;
        let taken = Taken { memory: meter.peak, ticks: meter.ticks };
        (result, taken)
    }

    async fn step(&self, store: &mut Store<Guest>, call: &Call) -> Result<Answer, Failure> {
        let input = call.input.to_string();
        let context =
            types::Context { workflow: call.workflow.clone(), key: call.key.clone(), now: store.data().now };
        let answered = async {
            let instance: Plugin = self.pre.instantiate_async(&mut *store).await?;
            instance.call_run(&mut *store, &call.step, &input, &context).await
        };
        let answered: wasmtime::Result<Result<types::Answer, types::Failure>> = answered.await;
        match answered {
            Err(error) => Err(self.explain(&error, store.data())),
            Ok(Err(failure)) => Err(self.failed(&failure)),
            Ok(Ok(answer)) => self.read(answer, store.data_mut()),
        }
    }

    fn read(&self, answer: types::Answer, guest: &mut Guest) -> Result<Answer, Failure> {
        let may_have_written = guest.may_have_written;
        let unusable = |why: &str| failures::unusable(&self.plugin, why, may_have_written);
        let most = self.limits.output_kib as usize * 1024;
        if answer.output.len() > most {
            return Err(unusable(&format!(
                "it is {} bytes long, and {most} are allowed",
                answer.output.len()
            )));
        }
        let output = serde_json::from_str(&answer.output).map_err(|error| unusable(&error.to_string()))?;
        Ok(Answer {
            output,
            port: answer.port.map(|port| failures::said(&port)),
            why: answer.why.map(|why| failures::said(&why)),
            kept: std::mem::take(&mut guest.kept),
        })
    }

    fn failed(&self, failure: &types::Failure) -> Failure {
        let kind = match failure.kind {
            types::FailureKind::BadInput => FailureKind::BadInput,
            types::FailureKind::Auth => FailureKind::Auth,
            types::FailureKind::RateLimited => FailureKind::RateLimited,
            types::FailureKind::Temporary => FailureKind::Temporary,
            types::FailureKind::Fatal => FailureKind::Fatal,
            types::FailureKind::UnknownOutcome => FailureKind::UnknownOutcome,
        };
        let wait = failure.retry_after_seconds;
        failures::of_the_plugin(&self.plugin, kind, &failure.message, wait, Utc::now())
    }

    /// Why a call did not come to its end.
    fn explain(&self, error: &wasmtime::Error, guest: &Guest) -> Failure {
        let plugin = &*self.plugin;
        let failure = match guest.meter.stop {
            Some(Stop::Work) => failures::too_much_work(plugin, self.limits.compute_ms.into()),
            Some(Stop::Memory) => {
                failures::too_big(plugin, &format!("{} MiB of memory", self.limits.memory_mib))
            }
            Some(Stop::Tables) => failures::too_big(plugin, "tables may hold"),
            Some(Stop::Words) => failures::too_talkative(plugin, self.limits.log_lines),
            None => failures::crashed(plugin, &reason(error), guest.may_have_written),
        };
        // Stopped after a change was sent, nobody knows what became of it.
        match guest.may_have_written {
            true => Failure { kind: FailureKind::UnknownOutcome, ..failure },
            false => failure,
        }
    }
}

/// What made it stop, in words.
fn reason(error: &wasmtime::Error) -> String {
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => "it called itself too deeply".into(),
        Some(Trap::UnreachableCodeReached) => "it gave up (a panic or an error that nobody caught)".into(),
        Some(trap) => trap.to_string().trim_start_matches("wasm trap: ").to_owned(),
        None => format!("{error:#}"),
    }
}
