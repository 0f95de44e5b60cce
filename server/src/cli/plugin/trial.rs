//! `trunkline plugin test FILE`: a plugin on its own, in the sandbox of a server: what it says of itself, and whether its
//! examples come out as it says.

use crate::cli::{Exit, print};
use anyhow::Context;
use chrono::DateTime;
use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use trunkline_engine::failure::Failure;
use trunkline_plugins::description::{Effect, ExampleAbout, Recorded, StepAbout};
use trunkline_plugins::host::{Answer, Host, PLACES, Settings, Terms};
use trunkline_plugins::outside::{Outside, Request, Response};
use trunkline_plugins::{Call, Capabilities, Limits, Loaded, failures};

/// Longest time an example may take.
const LONGEST: Duration = Duration::from_secs(60);
/// Most calls of a measurement.
const MOST_CALLS: u32 = 1_000_000;
/// Calls under way at once in a measurement.
const AT_ONCE: usize = 32;
/// The moment it is in examples: 2027-01-01.
const NOW: i64 = 1_798_761_600;

/// Other systems, as an example recorded them.
#[derive(Debug)]
struct Recording(Mutex<VecDeque<Recorded>>);

impl Outside for Recording {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, Failure>> {
        let answer = self.0.lock().pop_front();
        Box::pin(std::future::ready(match answer {
            Some(Recorded { status, body }) => {
                let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
                let body = match body {
                    Value::String(text) => text.into_bytes(),
                    other => other.to_string().into_bytes(),
                };
                Ok(Response { status, headers, body })
            }
            None => {
                let what = format!("the example recorded no answer to {} {}", request.method, request.url);
                Err(failures::out_of_reach("the example", &what))
            }
        }))
    }

    fn kept(&self, _: String) -> BoxFuture<'_, Result<Option<String>, Failure>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// Runs the command.
///
/// # Errors
/// When the file cannot be read, or is no plugin.
pub(super) async fn run(path: &Path, measure: Option<u32>, json: bool) -> anyhow::Result<Exit> {
    let file = std::fs::read(path).with_context(|| path.display().to_string())?;
    let host = Host::new(Settings::default());
    let terms = |capabilities| Terms {
        name: "tried".into(),
        capabilities,
        limits: Limits { at_once: PLACES, ..Limits::default() },
    };
    let said = async {
        let loaded = host.load(&file, terms(Capabilities::default())).await?;
        let about = host.describe(&loaded).await?;
        let loaded = host.load(&file, terms(about.capabilities.clone())).await?;
        Ok::<_, Failure>((about, loaded))
    };
    let (about, loaded) = match said.await {
        Ok(said) => said,
        Err(failure) => {
            print(&format!("FAILED {}: {} {}", failure.code, failure.message, failure.action))?;
            return Ok(Exit::Problems);
        }
    };
    print(&format!("{} {} ({})", about.title, about.version, about.name))?;
    for line in about.in_words() {
        print(&format!("  - {line}"))?;
    }
    let mut failed = 0;
    for step in &about.steps {
        for (number, example) in step.examples.iter().enumerate() {
            let name = format!("{} example {}", step.name, number + 1);
            // Without recorded answers it would have to call the other system for real.
            if step.effect != Effect::Pure && example.answers.is_empty() {
                print(&format!("skipped {name}: it records no answers"))?;
                continue;
            }
            match wrong(&host, &loaded, step, example).await {
                None => print(&format!("ok {name}"))?,
                Some(why) => {
                    failed += 1;
                    print(&format!("FAILED {name}: {why}"))?;
                }
            }
        }
    }
    if let Some(calls) = measure.filter(|_| failed == 0) {
        for step in &about.steps {
            let taken = measured(&host, &loaded, step, calls.clamp(1, MOST_CALLS)).await?;
            print(&taken.told(&about.name, &step.name, json))?;
        }
    }
    Ok(if failed == 0 { Exit::Done } else { Exit::Problems })
}

/// What calls of a step took.
struct Took {
    calls: u32,
    /// Of one call after the other, in microseconds, the shortest first.
    each_us: Vec<u128>,
    /// Calls a second, many at once.
    per_second: f64,
    /// Most memory of a call, in KiB.
    memory_kib: usize,
}

impl Took {
    fn told(&self, plugin: &str, step: &str, json: bool) -> String {
        let at = |share: usize| self.each_us[(self.each_us.len() - 1) * share / 100];
        if json {
            return json!({
                "plugin": plugin, "step": step, "calls": self.calls, "p50_us": at(50), "p99_us": at(99),
                "per_second": self.per_second.round(), "memory_kib": self.memory_kib,
            })
            .to_string();
        }
        format!(
            "{plugin}.{step}: {} us a call (p99 {} us), {:.0} calls/s with {AT_ONCE} at once, {} KiB of memory",
            at(50),
            at(99),
            self.per_second,
            self.memory_kib
        )
    }
}

async fn measured(host: &Host, loaded: &Loaded, step: &StepAbout, calls: u32) -> anyhow::Result<Took> {
    let example = &step.examples[0];
    let once = || host.call(loaded, called(step, example), recorded(example), LONGEST);
    let (mut each_us, mut memory_kib) = (Vec::new(), 0);
    for _ in 0..calls {
        let begun = Instant::now();
        let (answer, taken) = once().await;
        answer.map_err(|failure| anyhow::anyhow!("{failure}"))?;
        each_us.push(begun.elapsed().as_micros());
        memory_kib = memory_kib.max(taken.memory / 1024);
    }
    each_us.sort_unstable();
    let begun = Instant::now();
    let mut all = futures_util::stream::iter((0..calls).map(|_| once())).buffer_unordered(AT_ONCE);
    while let Some((answer, _)) = all.next().await {
        answer.map_err(|failure| anyhow::anyhow!("{failure}"))?;
    }
    let per_second = f64::from(calls) / begun.elapsed().as_secs_f64();
    Ok(Took { calls, each_us, per_second, memory_kib })
}

fn called(step: &StepAbout, example: &ExampleAbout) -> Call {
    Call {
        step: step.name.clone(),
        effect: step.effect,
        input: Value::Object(example.settings.clone()),
        workflow: String::new(),
        key: format!("example:{}", step.name),
        now: DateTime::from_timestamp(NOW, 0).unwrap_or_default(),
    }
}

fn recorded(example: &ExampleAbout) -> Arc<Recording> {
    Arc::new(Recording(Mutex::new(example.answers.iter().cloned().collect())))
}

/// In what an example did not come out as it says.
async fn wrong(host: &Host, loaded: &Loaded, step: &StepAbout, example: &ExampleAbout) -> Option<String> {
    match host.call(loaded, called(step, example), recorded(example), LONGEST).await.0 {
        Err(failure) => Some(failure.to_string()),
        Ok(Answer { output, .. }) if output != example.output => {
            Some(format!("it put out {output} and not {}", example.output))
        }
        Ok(Answer { port, .. }) if port != example.port => {
            Some(format!("it leaves by {port:?} and not by {:?}", example.port))
        }
        Ok(_) => None,
    }
}
