//! `trunkline run`: one document, once, without a server. Leads live in memory; calls to other systems are made.
//!
//! The same machine, the same book and the same gate as in the server; only durability is left out.

use super::{Exit, documents, print};
use crate::config::Config;
use crate::intake::payload;
use crate::runner::gate::{Gate, Outside};
use anyhow::{Context, bail};
use chrono::Utc;
use futures_util::stream::{FuturesUnordered, StreamExt};
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;
use trunkline_engine::compile::Compiled;
use trunkline_engine::document::StepId;
use trunkline_engine::expression::{Datum, RunFacts};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::{Operation, Performer};
use trunkline_engine::run::{Effect, EffectKey, Event, Machine, Performed, Reply, StepStatus, Verdict};
use trunkline_engine::trigger::Trigger;
use trunkline_leads::book::OfKey;
use trunkline_leads::table::{self, Shelf, TableOperation};
use trunkline_leads::{Answer, Book, Need, Occasion, Owner, Pool};
use uuid::Uuid;

/// Arguments of `run`.
#[derive(Debug, clap::Args)]
pub struct RunFile {
    /// The document, JSON or YAML
    file: PathBuf,
    /// What the trigger puts out as `body`, JSON or YAML [default: the document's sample]
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Trigger step [default: the first]
    #[arg(long, value_name = "STEP")]
    trigger: Option<String>,
    /// Do not sleep in wait steps and pauses
    #[arg(long)]
    skip_waits: bool,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

/// `trunkline run`.
///
/// # Errors
/// When a file cannot be read or the document has no such trigger.
pub async fn run(wanted: RunFile, config: Config) -> anyhow::Result<Exit> {
    let document = documents::read(&wanted.file)?;
    let compiled = match Compiled::new(document, &crate::serve::registry()) {
        Ok(compiled) => compiled,
        Err(problems) => {
            let problems = serde_json::to_value(&problems)?;
            if wanted.json {
                print(&json!({ "outcome": "invalid", "problems": problems }).to_string())?;
            } else {
                print(&format!("{} has problems:", wanted.file.display()))?;
                super::remote::problem_lines(Some(&problems))
                    .iter()
                    .try_for_each(|line| print(&format!("  {line}")))?;
            }
            return Ok(Exit::Problems);
        }
    };
    let (step, trigger) = choose(&compiled, wanted.trigger.as_deref())?;
    let output = input(&wanted, &compiled, &step, &trigger)?;
    let facts = RunFacts {
        id: Uuid::now_v7().to_string(),
        workflow: compiled.document().name.clone(),
        version: None,
        started_at: Utc::now(),
        callback_url: String::new(),
    };
    let mut local = Local {
        machine: Machine::new(Arc::clone(&compiled), facts).with_record(),
        book: Book::new(),
        shelf: Shelf::default(),
        pools: HashMap::new(),
        gate: Gate::Live(Outside {
            client: crate::serve::client(&config.allow_hosts)?,
            connections: None,
            plugins: None,
        }),
        skip_waits: wanted.skip_waits,
        replies: Vec::new(),
    };
    let verdict = local.drive(step, output).await?;
    report(&local, &verdict, wanted.json)?;
    Ok(if matches!(verdict, Verdict::Completed { .. }) { Exit::Done } else { Exit::RunFailed })
}

fn choose(compiled: &Compiled, step: Option<&str>) -> anyhow::Result<(StepId, Trigger)> {
    let mut triggers = compiled.triggers().into_iter();
    let found = match step {
        Some(step) => triggers.find(|(id, _)| id == step),
        None => triggers.next(),
    };
    found.context("WF-0003: the document has no such trigger")
}

fn input(wanted: &RunFile, compiled: &Compiled, step: &str, trigger: &Trigger) -> anyhow::Result<Value> {
    let body = match &wanted.input {
        Some(file) => documents::value(file)?,
        None => compiled
            .document()
            .samples
            .get(step)
            .map(|sample| crate::http::hook_lines::sample_body(sample).clone())
            .unwrap_or_default(),
    };
    Ok(payload::output_for(trigger, body, Utc::now()))
}

/// A run in this process.
struct Local {
    machine: Machine,
    book: Book,
    shelf: Shelf,
    /// Pools that the document names; each has one made-up owner.
    pools: HashMap<String, Pool>,
    gate: Gate,
    skip_waits: bool,
    replies: Vec<Reply>,
}

impl Local {
    async fn drive(&mut self, trigger: StepId, output: Value) -> anyhow::Result<Verdict> {
        let started = Event::Started { trigger, output: Datum::new(output), at: Utc::now() };
        let mut effects: VecDeque<Effect> = self.machine.apply(&started).into();
        let mut under_way = FuturesUnordered::new();
        loop {
            while let Some(effect) = effects.pop_front() {
                match effect {
                    Effect::Perform { key, operation, .. } if operation.performer.is_internal() => {
                        let result = self.perform(&key, &operation);
                        effects.extend(self.machine.apply(&Event::Performed { key, result, at: Utc::now() }));
                    }
                    Effect::Perform { key, operation, .. } if operation.sends_to.is_some() => {
                        let event = Event::Performed { key, result: Err(nobody_knows()), at: Utc::now() };
                        effects.extend(self.machine.apply(&event));
                    }
                    Effect::Perform { key, operation, timeout } => {
                        let gate = self.gate.clone();
                        under_way.push(futures_util::FutureExt::boxed(async move {
                            let result = gate.perform(None, &operation, timeout).await;
                            Event::Performed { key, result, at: Utc::now() }
                        }));
                    }
                    Effect::Wake { key, at } => {
                        let wait = (at - Utc::now()).to_std().unwrap_or_default();
                        let wait = if self.skip_waits { std::time::Duration::ZERO } else { wait };
                        under_way.push(futures_util::FutureExt::boxed(async move {
                            tokio::time::sleep(wait).await;
                            Event::Woke { key, at: Utc::now().max(at) }
                        }));
                    }
                    Effect::Call { key, .. } => {
                        let event = Event::Returned { key, result: Err(no_calls()), at: Utc::now() };
                        effects.extend(self.machine.apply(&event));
                    }
                    Effect::Await { key, .. } => {
                        anyhow::bail!(
                            "CLI-0010: the step {} waits for a word from outside, which only a server can take. \
                             Publish the workflow and start it there.",
                            key.step
                        )
                    }
                    Effect::Slice { key, .. } => {
                        anyhow::bail!(
                            "CLI-0011: the step {} reads a file, leads or pages slice by slice, which only a server \
                             does. Publish the workflow and start it there.",
                            key.step
                        )
                    }
                    Effect::Abandon { .. } => {}
                    Effect::Respond(reply) => self.replies.push(reply),
                    Effect::Finish(verdict) => return Ok(verdict),
                }
            }
            match under_way.next().await {
                Some(event) => effects.extend(self.machine.apply(&event)),
                None => bail!("CLI-0006: the run waits for something that never comes; please report this"),
            }
        }
    }

    fn perform(&mut self, key: &EffectKey, operation: &Operation) -> Result<Performed, Failure> {
        match operation.performer {
            Performer::Tables => return self.perform_on_tables(key, operation),
            Performer::Suppressions => return Err(nobody_knows()),
            Performer::Leads | Performer::Http | Performer::App | Performer::Plugin => {}
        }
        let operation = trunkline_leads::Operation::read(&operation.action, &operation.input)?;
        loop {
            let needs = self.book.needs(&operation);
            if needs.is_empty() {
                break;
            }
            let answers: Vec<Answer> = needs.into_iter().map(|need| self.answer(need)).collect();
            self.book.supply(answers);
        }
        let occasion = Occasion {
            at: Utc::now(),
            run_id: None,
            step: Some(&key.step),
            by: None,
            new_id: &mut Uuid::now_v7,
        };
        self.book.perform(&operation, occasion)
    }

    /// There is no store: no table is known, and counters begin at 0.
    fn perform_on_tables(&mut self, key: &EffectKey, operation: &Operation) -> Result<Performed, Failure> {
        let operation = TableOperation::read(&operation.action, &operation.input)?;
        loop {
            let needs = self.shelf.needs(&operation);
            if needs.is_empty() {
                break;
            }
            self.shelf.supply(needs.into_iter().map(|need| match need {
                table::Need::Table(name) => table::Answer::Table(name, None),
                table::Need::Rows { table, search } => {
                    table::Answer::Rows { table, search, rows: Vec::new() }
                }
                table::Need::Counter(counter) => table::Answer::Counter(counter, 0),
            }));
        }
        let occasion = Occasion {
            at: Utc::now(),
            run_id: None,
            step: Some(&key.step),
            by: None,
            new_id: &mut Uuid::now_v7,
        };
        self.shelf.perform(&operation, occasion)
    }

    /// There is no store: no lead is known, and every pool has one owner, so that routing can be seen.
    fn answer(&mut self, need: Need) -> Answer {
        match need {
            Need::Key(key) => Answer::Key(key, None),
            Need::Lead(id) => Answer::Lead(id, None),
            Need::Pool(name) => {
                let pool = self.pools.entry(name.clone()).or_insert_with(|| one_owner(&name)).clone();
                Answer::Pool(name, Some(pool))
            }
            Need::Team(name) => {
                let owners = one_owner(&name).members.into_iter().map(|member| member.owner);
                Answer::Team(name, owners.collect())
            }
            Need::Owner(name) => {
                let owner =
                    Owner { id: Uuid::now_v7(), name: name.clone(), email: String::new(), work: None };
                Answer::Owner(name, Some(Arc::new(owner)))
            }
            Need::Clocks(lead) => Answer::Clocks(lead, Vec::new()),
            Need::LatestOwner(account) => Answer::LatestOwner(account, None),
            Need::Load(owner) => Answer::Load(owner, std::collections::BTreeMap::new()),
            Need::List(name) => Answer::List(name, None),
            Need::History(lead) => Answer::History(lead, Vec::new()),
            Need::HistoryApart { lead, without } => {
                Answer::HistoryApart { lead, without, traces: Vec::new() }
            }
            Need::AccountKey(key) => Answer::AccountKey(key, OfKey::default()),
            Need::Account(id) => Answer::Account(id, None),
            Need::AccountMatch(lead) => Answer::AccountMatch(lead, None),
            Need::Membership { list, lead } => Answer::Membership { list, lead, is_member: false },
            Need::Definitions(kind) => Answer::Definitions(kind, [].into()),
            Need::Imported { import, lead } => Answer::Imported { import, lead, at: None },
            Need::Belongings(lead) => Answer::Belongings { lead, keys: Vec::new(), lists: Vec::new() },
            Need::Merge(id) => Answer::Merge(id, None),
            Need::Provenance(lead) => Answer::Provenance(lead, Vec::new()),
            Need::Spending(waterfall) => Answer::Spending(waterfall, Vec::new()),
            Need::Remembered(question) => Answer::Remembered(question, None),
            Need::ActivityKey(key) => Answer::ActivityKey(key, false),
            Need::Alike { of, .. } => Answer::Alike(of, Box::default()),
        }
    }
}

fn one_owner(name: &str) -> Pool {
    let owner =
        Owner { id: Uuid::now_v7(), name: format!("Someone of {name}"), email: String::new(), work: None };
    let member = trunkline_leads::Member::new(Arc::new(owner), 1, true);
    Pool {
        id: Uuid::now_v7(),
        name: name.into(),
        members: vec![member],
        rules: trunkline_leads::routing::PoolRules::default(),
    }
}

/// Without a server nobody knows who must not be written to, so nobody is.
fn nobody_knows() -> Failure {
    Failure::new(
        "SUP-0006",
        FailureKind::Fatal,
        "there is no server that knows who must not be written to",
        "Run this document on a server to send messages.",
    )
}

fn no_calls() -> Failure {
    Failure::new(
        "RUN-0013",
        FailureKind::Fatal,
        "there is no server, so no other workflow can be called",
        "Run this document on a server to call other workflows.",
    )
}

fn status_word(status: StepStatus) -> &'static str {
    match status {
        StepStatus::Running => "running",
        StepStatus::Waiting => "waiting",
        StepStatus::Uncertain => "uncertain",
        StepStatus::Done => "done",
        StepStatus::Failed => "failed",
        StepStatus::Skipped => "skipped",
        StepStatus::Cancelled => "cancelled",
    }
}

fn report(local: &Local, verdict: &Verdict, as_json: bool) -> anyhow::Result<()> {
    let record = local.machine.record().expect("the machine was made with one");
    if as_json {
        let steps = record.steps.iter().map(|(key, step)| {
            json!({
                "step": key.step, "items": key.items, "status": status_word(step.status), "port": step.port,
                "output": step.output, "error": step.failure, "why": step.why, "written": step.written,
                "attempts": step.attempts,
            })
        });
        let steps: Vec<Value> = steps.collect();
        let result = json!({ "outcome": verdict, "steps": steps, "replies": local.replies });
        return print(&serde_json::to_string_pretty(&result)?);
    }
    for (key, step) in &record.steps {
        let why = step.why.as_deref().unwrap_or_default();
        print(&format!("{:>9}  {key}  {why}", status_word(step.status)))?;
        if let Some(failure) = &step.failure {
            print(&format!("           {}: {} {}", failure.code, failure.message, failure.action))?;
        } else if !step.output.is_null() {
            print(&format!("           {}", step.output))?;
        }
    }
    print(&match verdict {
        Verdict::Completed { output } => format!("completed: {output}"),
        Verdict::Failed { step, failure } => {
            format!("failed at {step}: {}: {} {}", failure.code, failure.message, failure.action)
        }
        Verdict::Cancelled { by } => format!("cancelled by {by}"),
    })
}
