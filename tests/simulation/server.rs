//! The server in the simulated world: opened on the disk that is there, run until it dies or everything is quiet.

use crate::chance::Chance;
use crate::clock::{BEGINNING, Shared};
use crate::flaws::Flaw;
use crate::people::People;
use crate::universe::{Leads, Outside, Universe};
use crate::workflows;
use chrono::TimeDelta;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use trunkline_engine::kind::Registry;
use trunkline_engine::run::RunId;
use trunkline_leads::table::Table;
use trunkline_server::kinds::Kinds;
use trunkline_server::live::Live;
use trunkline_server::runner::gate::Gate;
use trunkline_server::runner::hosts::HostLimits;
use trunkline_server::runner::links::Links;
use trunkline_server::runner::routes::Routes;
use trunkline_server::runner::versions::{Version, Versions};
use trunkline_server::runner::{Await, NewRun, Parts, Runner};
use trunkline_store::memory::{self, Disk};
use trunkline_store::ports::{CounterQuery, LeadQuery, MemberRule, Named, Owner, Publish, RowQuery};
use trunkline_store::{Settings, Sources, Store, WorkspaceId};
use uuid::Uuid;

/// How long after the last event everything must be quiet, in simulated time.
const PATIENCE: Duration = Duration::from_secs(6 * 3_600);
/// How long schedules are followed, and leads moved by hand.
pub(crate) const SCHEDULED: TimeDelta = TimeDelta::minutes(14);
/// How often it is looked whether everything is.
const LOOK: Duration = Duration::from_secs(20);

/// Every kind there is; made once, since it does not change.
pub(crate) static REGISTRY: LazyLock<Arc<Registry>> = LazyLock::new(|| {
    let core = Registry::core().with(trunkline_leads::steps::all());
    Arc::new(core.with(trunkline_leads::table::steps::all()))
});

/// The links every life makes.
pub(crate) fn links() -> Links {
    Links::new("https://flow.example.com", [0; 32])
}

/// An event that someone sends.
#[derive(Debug, Clone)]
pub(crate) struct Delivery {
    pub(crate) workflow: Uuid,
    /// The sender's key; one without it is sent once, come what may.
    pub(crate) key: Option<String>,
    pub(crate) body: Value,
    /// Milliseconds after the beginning at which it is sent, and sent again.
    pub(crate) sent_at: Vec<u64>,
    pub(crate) attempts: usize,
    /// What it was answered with, each time it was.
    pub(crate) answers: Vec<RunId>,
}

/// What is sent to the workflows of `seed`.
pub(crate) fn deliveries(seed: u64) -> Vec<Delivery> {
    let mut chance = Chance::of(seed, "deliveries");
    let workflows = workflows::by_event(workflows::of(seed));
    let count = chance.between(3, 9);
    let delivery = |n: u64| {
        let (workflow, _) = chance.pick(&workflows);
        let mut sent_at = vec![chance.between(0, 60_000)];
        while chance.percent(25) {
            sent_at.push(chance.between(0, 240_000));
        }
        let keyed = chance.percent(80);
        if !keyed {
            sent_at.truncate(1);
        }
        let about = format!("thing{}", chance.below(2));
        let body = json!({"n": n, "email": format!("person{n}@example.com"), "about": about});
        let key = keyed.then(|| format!("event-{n}"));
        Delivery { workflow: *workflow, key, body, sent_at, attempts: 0, answers: Vec::new() }
    };
    (0..count).map(delivery).collect()
}

/// How a life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The server died.
    Died,
    /// Every event is accepted and every run has ended.
    Quiet,
    /// Something waits for ever.
    Stuck,
}

/// What a life needs.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    pub(crate) universe: Arc<Universe>,
    pub(crate) disk: Disk,
    pub(crate) flaw: Option<Flaw>,
    pub(crate) deliveries: Arc<Mutex<Vec<Delivery>>>,
    /// When a second server starts on the same disk, as when the first was thought dead.
    pub(crate) second_after: Option<Duration>,
}

impl Stage {
    fn store(&self, alone: bool) -> Store {
        let universe = Arc::clone(&self.universe);
        let mut settings = Settings::at("");
        settings.exclusive = alone;
        let ids = Arc::clone(&universe);
        settings.sources = Sources::new(move || universe.clock.now(), move || ids.clock.id());
        let store = memory::open(&self.disk, &settings).expect("the process before it is gone");
        match self.flaw {
            Some(flaw) => flaw.store(store, Arc::new(Outside(Arc::clone(&self.universe)))),
            None => store,
        }
    }

    /// Publishes the workflows, before any trouble begins.
    pub(crate) async fn set_up(&self) {
        let store = self.store(true);
        for (id, document) in workflows::of(self.universe.seed) {
            let home = WorkspaceId::FIRST;
            let made = store.workflows.create(home, id, document).await.expect("there is no trouble yet");
            let publish = Publish { base_revision: made.draft_revision, ..Publish::default() };
            store.workflows.publish(home, id, publish).await.expect("there is no trouble yet");
        }
        self.add_owners(&store).await;
        for (at, (name, columns)) in workflows::tables().into_iter().enumerate() {
            let table = Table { id: Uuid::from_u128(0x10 + at as u128), name: name.into(), columns };
            store.tables.create(WorkspaceId::FIRST, table).await.expect("there is no trouble yet");
        }
    }

    /// Two owners who take turns.
    async fn add_owners(&self, store: &Store) {
        let home = WorkspaceId::FIRST;
        let mut members = Vec::new();
        for (id, name) in [(1, "Ana"), (2, "Ben")] {
            let (id, email) = (Uuid::from_u128(id), format!("{name}@example.com"));
            let owner = Owner { id, name: name.into(), email, work: None };
            store.leads.add_owner(home, owner).await.expect("there is no trouble yet");
            members.push(MemberRule { owner: id, weight: 1, active: true });
        }
        let pool = Named { id: Uuid::from_u128(3), name: workflows::POOL.into() };
        store.leads.add_pool(home, pool.clone()).await.expect("there is no trouble yet");
        store.leads.change_pool(home, pool, members).await.expect("there is no trouble yet");
    }

    /// Switches the schedules off once they have run for long enough, or nothing would ever be quiet.
    async fn end_schedules(self, runner: Runner, store: Store, routes: Arc<Routes>) {
        let scheduled: Vec<Uuid> = routes.schedules().iter().map(|bound| bound.version.workflow).collect();
        if scheduled.is_empty() {
            return self.universe.note_schedules_off();
        }
        let wait = (BEGINNING + SCHEDULED - self.universe.clock.now()).to_std().unwrap_or_default();
        tokio::time::sleep(wait).await;
        for workflow in scheduled {
            while store.workflows.set_active(WorkspaceId::FIRST, workflow, false).await.is_err() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        while routes.rebuild(&store, runner.versions()).await.is_err() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        self.universe.note_schedules_off();
    }

    /// Looks at the leads and the schedules once all is quiet.
    async fn look_at_leads(&self, store: &Store) {
        loop {
            match look(store, self.universe.seed).await {
                Ok(leads) => return self.universe.note_leads(leads),
                Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
            }
        }
    }

    /// Runs the server until it dies, or until everything is quiet.
    pub(crate) async fn live(&self) -> End {
        tokio::select! {
            biased;
            () = self.universe.fallen() => End::Died,
            end = self.serve() => end,
        }
    }

    async fn serve(&self) -> End {
        let (runner, store, routes) = self.start(true).await;
        self.send_all(&runner, &routes);
        tokio::spawn(self.clone().end_schedules(runner.clone(), store.clone(), Arc::clone(&routes)));
        let kept = store.clone();
        let people = People { stage: self.clone(), runner, store, routes };
        tokio::spawn(people.answer());
        if let Some(after) = self.second_after {
            let stage = self.clone();
            tokio::spawn(async move {
                tokio::time::sleep(after).await;
                stage.universe.tell("a second server starts");
                let _second = stage.start(false).await;
                std::future::pending::<()>().await;
            });
        }
        let began = tokio::time::Instant::now();
        while began.elapsed() < PATIENCE {
            tokio::time::sleep(LOOK).await;
            // What is looked at must not change meanwhile.
            let _nobody_else = self.universe.hands.lock().await;
            let is_over = self.all_sent() && self.universe.schedules_are_off();
            if is_over && self.disk.unfinished().is_empty() && self.disk.unheard() == 0 {
                self.look_at_leads(&kept).await;
                return End::Quiet;
            }
        }
        End::Stuck
    }

    /// Starts a server that takes up what is there.
    async fn start(&self, alone: bool) -> (Runner, Store, Arc<Routes>) {
        let store = self.store(alone);
        let boot = self.universe.clock.now();
        let routes = Arc::new(Routes::default());
        let outside = Arc::new(Outside(Arc::clone(&self.universe)));
        let gate = match self.flaw {
            Some(flaw) => flaw.gate(outside),
            None => outside,
        };
        let runner = Runner::new(Parts {
            store: store.clone(),
            versions: Versions::new(store.clone(), Kinds::new(Registry::clone(&REGISTRY))),
            routes: Arc::clone(&routes),
            gate: Gate::World(gate),
            live: Live::default(),
            sources: Arc::new(Shared(Arc::clone(&self.universe))),
            links: links(),
            host_limits: HostLimits::default(),
            files: std::path::PathBuf::new(),
            stopping: CancellationToken::new(),
        });
        while routes.rebuild(&store, runner.versions()).await.is_err() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        let recovering = runner.clone();
        tokio::spawn(async move { recovering.recover(boot).await });
        tokio::spawn(runner.clone().keep_time());
        tokio::spawn(runner.clone().keep_lead_events());
        if !routes.schedules().is_empty() {
            tokio::spawn(runner.clone().keep_schedules());
        }
        (runner, store, routes)
    }

    /// Every event with a key was answered as often as it was sent, and the others were sent.
    fn all_sent(&self) -> bool {
        let deliveries = self.deliveries.lock().unwrap();
        deliveries.iter().all(|delivery| match delivery.key {
            Some(_) => delivery.answers.len() >= delivery.sent_at.len(),
            None => delivery.attempts > 0,
        })
    }

    fn send_all(&self, runner: &Runner, routes: &Routes) {
        let begin = BEGINNING;
        let deliveries = self.deliveries.lock().unwrap().clone();
        for (at, delivery) in deliveries.into_iter().enumerate() {
            let version = routes.published(WorkspaceId::FIRST, delivery.workflow).expect("it was published");
            let open = match delivery.key {
                Some(_) => delivery.sent_at.len() - delivery.answers.len().min(delivery.sent_at.len()),
                None => usize::from(delivery.attempts == 0),
            };
            for millis in delivery.sent_at.iter().rev().take(open) {
                let due = begin + TimeDelta::milliseconds(i64::try_from(*millis).expect("minutes"));
                let wait = (due - self.universe.clock.now()).to_std().unwrap_or_default();
                let (stage, runner, version) = (self.clone(), runner.clone(), Arc::clone(&version));
                tokio::spawn(async move {
                    tokio::time::sleep(wait).await;
                    stage.send(at, &runner, &version).await;
                });
            }
        }
    }

    /// Sends an event until it is accepted; without a key it is sent once.
    async fn send(&self, at: usize, runner: &Runner, version: &Version) {
        let mut pause = Duration::from_secs(1);
        loop {
            let delivery = {
                let mut deliveries = self.deliveries.lock().unwrap();
                deliveries[at].attempts += 1;
                deliveries[at].clone()
            };
            let now = self.universe.clock.now();
            let output = json!({"body": delivery.body, "received_at": now});
            let key = delivery.key.clone();
            let new = NewRun { trigger: "go".into(), kind: "manual", output, key, parent: None, at: now };
            match runner.start(version, new, Await::Nothing).await {
                Ok(started) => {
                    self.universe.tell(&format!("accepted event {at}: {}", started.id));
                    self.deliveries.lock().unwrap()[at].answers.push(started.id);
                    return;
                }
                Err(error) => {
                    self.universe.tell(&format!("refused event {at}: {error}"));
                    if delivery.key.is_none() {
                        return;
                    }
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_secs(60));
        }
    }
}

async fn look(store: &Store, seed: u64) -> Result<Leads, trunkline_store::Error> {
    let home = WorkspaceId::FIRST;
    let mut leads = Leads::default();
    for row in store.leads.list(home, LeadQuery { limit: 100, ..LeadQuery::default() }).await?.items {
        leads.all.extend(store.leads.get(home, row.lead.id).await?);
    }
    let pools = store.leads.pools(home).await?;
    leads.dealt = pools.iter().flat_map(|pool| &pool.members).map(|member| member.assigned).sum();
    for (workflow, document) in workflows::of(seed) {
        if document.steps["go"].kind == "schedule" {
            let ticks = store.ticks.between(workflow, BEGINNING, BEGINNING + TimeDelta::days(1)).await?;
            leads.ticks.extend(ticks.into_iter().map(|(_, tick)| (workflow, tick)));
        }
    }
    for row in store.tables.list(home).await? {
        let query = RowQuery { limit: 1_000, ..RowQuery::default() };
        let rows = store.tables.rows(home, row.table.id, query).await?;
        leads.tables.push((row.table, rows.items));
    }
    let query = CounterQuery { limit: 500, ..CounterQuery::default() };
    leads.counters = store.tables.counters(home, query).await?.items;
    Ok(leads)
}
