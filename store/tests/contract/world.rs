//! A store in a folder of its own, and small workflows to move in it.

use chrono::{DateTime, SubsecRound, Utc};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use trunkline_engine::compile::Compiled;
use trunkline_engine::document::Document;
use trunkline_engine::expression::{Datum, Dynamic, RunFacts};
use trunkline_engine::failure::Failure;
use trunkline_engine::kind::{
    About, Access, Await, Awaited, Call, Category, Context, Done as StepDone, Example, LeadEvent, LoopPlan,
    Operation, Outcome, Performer, Port, PortRule, Promise, Registry, Source, Step, StepKind,
};
use trunkline_engine::run::{Event, Machine};
use trunkline_engine::trigger::Trigger;
use trunkline_store::ports::{
    Begin, Done, MemberRule, Named, Owner, Publish, Rules, RunHeader, Settled, Stored, Turn,
};
use trunkline_store::{Error, Settings, Store, VersionId, WorkspaceId};
use trunkline_tests::postgres::Postgres as Server;
use uuid::Uuid;

/// The workspace every case works in.
pub(crate) const HOME: WorkspaceId = WorkspaceId::FIRST;

/// A database that can be opened, closed and opened again.
pub(crate) trait Backend {
    /// Opens the store, with settings changed by `tune`.
    async fn open_tuned(&self, tune: impl FnOnce(&mut Settings)) -> Result<Store, Error>;

    /// Opens the store.
    async fn open(&self) -> Store {
        self.open_tuned(|_| {}).await.unwrap()
    }

    /// A path for a backup.
    fn beside(&self) -> std::path::PathBuf;

    /// The folder that holds the files.
    fn data(&self) -> std::path::PathBuf;

    /// What the files of the database hold, those that can be read.
    fn raw(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }
}

/// SQLite in a temporary folder.
pub(crate) struct Sqlite {
    folder: TempDir,
}

impl Sqlite {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }
}

impl Backend for Sqlite {
    async fn open_tuned(&self, tune: impl FnOnce(&mut Settings)) -> Result<Store, Error> {
        let mut settings = Settings::at(self.folder.path().join("data").join("trunkline.db"));
        settings.busy_timeout = Duration::from_secs(30);
        tune(&mut settings);
        Store::open(settings).await
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn beside(&self) -> std::path::PathBuf {
        self.folder.path().join("backup").join("trunkline.db")
    }

    fn raw(&self) -> Vec<Vec<u8>> {
        let files = std::fs::read_dir(self.folder.path().join("data")).unwrap();
        let files = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
        files.map(|path| std::fs::read(path).unwrap()).collect()
    }
}

/// PostgreSQL in a database of its own, on a server that all cases share.
pub(crate) struct Postgres {
    folder: TempDir,
    pub(crate) url: String,
}

impl Postgres {
    pub(crate) fn new() -> Self {
        let server = Server::shared().unwrap_or_else(|error| panic!("{error:#}"));
        Self::on(&server, &format!("case_{}", Uuid::now_v7().simple()))
    }

    /// In a new database of `server`.
    pub(crate) fn on(server: &Server, name: &str) -> Self {
        let url = server.database(name).unwrap_or_else(|error| panic!("{error:#}"));
        Self { folder: TempDir::new().unwrap(), url }
    }
}

impl Backend for Postgres {
    async fn open_tuned(&self, tune: impl FnOnce(&mut Settings)) -> Result<Store, Error> {
        let mut settings = Settings::url(&self.url, self.folder.path().join("data"));
        settings.busy_timeout = Duration::from_secs(30);
        tune(&mut settings);
        Store::open(settings).await
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn beside(&self) -> std::path::PathBuf {
        self.folder.path().join("backup").join("trunkline.db")
    }
}

/// A disk in memory.
#[cfg(feature = "memory")]
pub(crate) struct Memory {
    disk: trunkline_store::memory::Disk,
}

#[cfg(feature = "memory")]
impl Memory {
    pub(crate) fn new() -> Self {
        let medium = Arc::new(trunkline_store::memory::Sound);
        Self { disk: trunkline_store::memory::Disk::new(medium) }
    }
}

#[cfg(feature = "memory")]
impl Backend for Memory {
    async fn open_tuned(&self, tune: impl FnOnce(&mut Settings)) -> Result<Store, Error> {
        let mut settings = Settings::at("");
        tune(&mut settings);
        trunkline_store::memory::open(&self.disk, &settings)
    }

    fn data(&self) -> std::path::PathBuf {
        std::path::PathBuf::new()
    }

    fn beside(&self) -> std::path::PathBuf {
        std::path::PathBuf::new()
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Go {}
impl Step for Go {
    fn start(&self, _: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(StepDone::out(Value::Null).into())
    }
    fn trigger(&self) -> Option<Trigger> {
        Some(Trigger::Manual)
    }
}

/// Asks the leads, with `of_tables` the tables, or with `outside` the world.
#[derive(Debug, Deserialize, JsonSchema)]
struct Ask {
    action: String,
    #[serde(default)]
    input: Dynamic,
    #[serde(default)]
    outside: bool,
    #[serde(default)]
    of_tables: bool,
    #[serde(default)]
    of_suppression: bool,
}
impl Step for Ask {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(Outcome::Perform(Operation {
            performer: match (self.outside, self.of_tables) {
                (true, _) => Performer::Http,
                (false, true) => Performer::Tables,
                (false, false) if self.of_suppression => Performer::Suppressions,
                (false, false) => Performer::Leads,
            },
            action: self.action.clone().into(),
            input: self.input.value(context.scope)?,
            access: Access::Write,
            promise: Promise::Once,
            sends_to: None,
        }))
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Sleep {
    seconds: i64,
}
impl Step for Sleep {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(Outcome::WaitUntil(context.now + chrono::TimeDelta::seconds(self.seconds)))
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct CallOther {}
impl Step for CallOther {
    fn start(&self, _: &Context<'_>) -> Result<Outcome, Failure> {
        Ok(Outcome::Call(Call { workflow: "other".into(), input: Value::Null, wait: true }))
    }
}

/// Waits for a person, or with `lead` for something that happens to a lead.
#[derive(Debug, Deserialize, JsonSchema)]
struct Listen {
    #[serde(default)]
    lead: Option<Dynamic>,
    #[serde(default)]
    seconds: Option<i64>,
}
impl Step for Listen {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let what = match &self.lead {
            Some(lead) => {
                let lead = lead.value(context.scope)?.as_str().unwrap_or_default().to_owned();
                Awaited::LeadEvent { lead, event: LeadEvent::StageChanged }
            }
            None => Awaited::Approval {
                title: "May it go on?".into(),
                text: "It is about a lead.".into(),
                options: Port::out(),
                notify: None,
            },
        };
        let until = self.seconds.map(|seconds| context.now + chrono::TimeDelta::seconds(seconds));
        Ok(Outcome::Await(Await { what, until }))
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Boom {}
impl Step for Boom {
    fn start(&self, _: &Context<'_>) -> Result<Outcome, Failure> {
        panic!("a bug of ours, on purpose")
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Each {
    items: Dynamic,
}
impl Step for Each {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let Value::Array(items) = self.items.value(context.scope)? else { panic!("a list") };
        Ok(Outcome::Loop(LoopPlan {
            source: Source::Items(items),
            parallel: 4,
            stop_on_error: true,
            keep_order: true,
        }))
    }
}

fn about(kind: &'static str, category: Category) -> About {
    About {
        kind,
        title: kind,
        summary: "",
        help: "",
        icon: "",
        category,
        keywords: &[],
        default_config: json!({}),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: "",
        has_error_port: true,
        example: Example { config: json!({}), context: json!({}), output: None, port: "out".into() },
        output_sample: Value::Null,
        summary_template: "",
    }
}

fn registry() -> Registry {
    let of_engine = trunkline_engine::steps::all();
    let heard = of_engine.into_iter().filter(|kind| kind.descriptor.kind == "lead_event").collect();
    Registry::default().with(heard).with(vec![
        StepKind::new::<Go>(about("begin", Category::Trigger)),
        StepKind::new::<Ask>(about("ask", Category::Lead)),
        StepKind::new::<Sleep>(about("sleep", Category::Logic)),
        StepKind::new::<CallOther>(about("call", Category::Logic)),
        StepKind::new::<Listen>(about("listen", Category::Logic)),
        StepKind::new::<Boom>(about("boom", Category::Code)),
        StepKind::new::<Each>(about("loop", Category::Logic)),
    ])
}

/// A document of `steps` one after another; `go`, which begins it, is added.
pub(crate) fn chain(name: &str, steps: &[(&str, Value)]) -> Document {
    let mut all = serde_json::Map::from_iter([("go".to_owned(), json!({"kind": "begin", "config": {}}))]);
    let mut edges = Vec::new();
    let mut last = "go";
    for (id, step) in steps {
        all.insert((*id).to_owned(), step.clone());
        edges.push(json!({"from": last, "to": id}));
        last = id;
    }
    serde_json::from_value(json!({"format": 1, "name": name, "steps": all, "edges": edges})).unwrap()
}

/// A step that asks the leads for `action`.
pub(crate) fn ask(action: &str, input: Value) -> Value {
    json!({"kind": "ask", "config": {"action": action, "input": input}})
}

/// The step that finds or creates the lead of the event.
pub(crate) fn find() -> (&'static str, Value) {
    ("find", ask("find_or_create", json!({"match_on": ["email"], "fields": "{{ trigger.body }}"})))
}

/// The whole demo: find or create, score, route, set the stage.
pub(crate) fn demo(name: &str) -> Document {
    let lead = "{{ steps.find.lead.id }}";
    chain(
        name,
        &[
            find(),
            (
                "score",
                ask(
                    "set_score",
                    json!({"lead_id": lead, "score": 85, "reasons": [{"label": "Big company", "points": 85}]}),
                ),
            ),
            ("route", ask("route", json!({"lead_id": lead, "pool": "AE"}))),
            ("stage", ask("set_stage", json!({"lead_id": lead, "stage": "SQL"}))),
        ],
    )
}

/// A published workflow.
#[derive(Clone)]
pub(crate) struct Flow {
    pub(crate) store: Store,
    pub(crate) id: Uuid,
    pub(crate) version: VersionId,
    pub(crate) compiled: Arc<Compiled>,
}

impl Flow {
    /// Publishes `document`.
    pub(crate) async fn publish(store: &Store, document: Document) -> Self {
        let id = Uuid::now_v7();
        let made = store.workflows.create(HOME, id, document.clone()).await.unwrap();
        let publish = Publish { base_revision: made.draft_revision, ..Publish::default() };
        let version = store.workflows.publish(HOME, id, publish).await.unwrap().version;
        let compiled = Compiled::new(document, &registry()).unwrap();
        Self { store: store.clone(), id, version, compiled }
    }

    /// The same workflow in a store that was opened again.
    pub(crate) fn in_store(&self, store: &Store) -> Self {
        Self { store: store.clone(), ..self.clone() }
    }

    /// A machine of this workflow.
    pub(crate) fn machine(&self, header: &RunHeader) -> Machine {
        let facts = RunFacts {
            id: header.id.to_string(),
            workflow: "test".into(),
            version: Some(1),
            started_at: header.started_at,
            callback_url: String::new(),
        };
        Machine::new(Arc::clone(&self.compiled), facts)
    }

    /// The header of a new run.
    pub(crate) fn header(&self) -> RunHeader {
        RunHeader {
            id: Uuid::now_v7(),
            workspace: HOME,
            workflow: self.id,
            version: self.version,
            subject: Some("An event".into()),
            trigger_kind: "manual".into(),
            started_at: Utc::now().trunc_subsecs(6),
            event_key: None,
            parent: None,
            next_seq: 0,
            rules: Rules::default(),
            waits: 0,
        }
    }

    /// The first turn of a run of `header` with an event that carries `body`.
    pub(crate) fn first_turn(&self, header: RunHeader, body: Value) -> Turn {
        let mut machine = self.machine(&header);
        let event = Event::Started {
            trigger: "go".into(),
            output: Datum::new(json!({"body": body})),
            at: header.started_at,
        };
        let effects = machine.apply(&event);
        Turn { header, machine, events: vec![event], effects, begin: Begin::Now, letters: vec![], tick: None }
    }

    /// Runs an event that carries `body` as far as it goes.
    pub(crate) async fn send(&self, body: Value) -> Box<Done> {
        done(self.store.runs.turn(self.first_turn(self.header(), body)).await)
    }

    /// The machine of a run that was read back, all its events applied.
    pub(crate) fn replay(&self, stored: &Stored) -> Machine {
        let mut machine = self.machine(&stored.header);
        stored.events.iter().for_each(|event| drop(machine.apply(event)));
        machine
    }

    /// Hands `event` to a run that was read back.
    pub(crate) fn next_turn(&self, stored: Stored, event: Event) -> Turn {
        let mut machine = self.replay(&stored);
        let effects = machine.apply(&event);
        Turn {
            header: stored.header,
            machine,
            events: vec![event],
            effects,
            begin: Begin::Now,
            letters: vec![],
            tick: None,
        }
    }
}

/// The turn, which must be done.
pub(crate) fn done(settled: Result<Settled, Error>) -> Box<Done> {
    match settled.unwrap() {
        Settled::Done(done) => done,
        Settled::Duplicate(first) => panic!("a duplicate of {first}"),
    }
}

/// A pool "AE" of two owners, the first with twice the weight.
pub(crate) async fn pool(store: &Store) -> [Uuid; 2] {
    let owners = [("Ana Moreau", "ana@example.com"), ("Ben Okafor", "ben@example.com")];
    let ids = [Uuid::now_v7(), Uuid::now_v7()];
    for (id, (name, email)) in ids.into_iter().zip(owners) {
        let owner = Owner { id, name: name.into(), email: email.into(), work: None };
        store.leads.add_owner(HOME, owner).await.unwrap();
    }
    let pool = Named { id: Uuid::now_v7(), name: "AE".into() };
    store.leads.add_pool(HOME, pool.clone()).await.unwrap();
    let members =
        [2, 1].into_iter().zip(ids).map(|(weight, owner)| MemberRule { owner, weight, active: true });
    store.leads.change_pool(HOME, pool, members.collect()).await.unwrap();
    ids
}

/// The fields of person number `n`.
pub(crate) fn person(n: usize) -> Value {
    json!({"email": format!("person{n}@example.com"), "first_name": "Person", "last_name": format!("No {n}"),
        "company": "Example Ltd", "external_id": format!("X-{n}")})
}

/// A moment that does not move with the clock.
pub(crate) fn moment(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_900_000_000 + seconds, 0).unwrap()
}
