//! `connectors`: what a call through a manifest costs beyond a bare client, from one workflow of the real server that has 64
//! calls under way at a time, each answered after 20 ms; how connections are used again; how limits are kept.

use super::TAKES;
use anyhow::{Context as _, Result, ensure};
use axum::serve::Listener;
use axum::{Json, Router, extract::State, http::StatusCode, routing::get};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use trunkline_tests::{Client, Server, text_of, until};

/// Calls under way at the same time.
const PARALLEL: usize = 64;
/// Calls of one measurement.
const CALLS: usize = 6_400;
/// Repeats; the median is reported.
const REPEATS: usize = 5;
/// Limits of the second app, and calls of the run that is held to them.
const AT_ONCE: usize = 8;
const BUCKET: usize = 150;
const LIMITED_CALLS: usize = 500;

/// An API that answers after exactly [`TAKES`], and remembers.
#[derive(Clone)]
struct Mock {
    at: SocketAddr,
    queue: std::sync::mpsc::SyncSender<(Instant, oneshot::Sender<()>)>,
    accepted: Arc<AtomicUsize>,
    under_way: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    /// When each call came, and when each was answered.
    times: Arc<Mutex<Vec<(Instant, Instant)>>>,
}

/// Counts connections as they are opened.
struct Counting(TcpListener, Arc<AtomicUsize>);

impl Listener for Counting {
    type Io = TcpStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        let (stream, from) = Listener::accept(&mut self.0).await;
        self.1.fetch_add(1, Ordering::SeqCst);
        let _ = stream.set_nodelay(true);
        (stream, from)
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Mock {
    async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        // As in `mock`: one thread sleeps until whoever came first is due, because the runtime's timer is too coarse.
        let (queue, waiting) = std::sync::mpsc::sync_channel::<(Instant, oneshot::Sender<()>)>(4_096);
        std::thread::spawn(move || {
            for (due, wake) in waiting {
                std::thread::sleep(due.saturating_duration_since(Instant::now()));
                // A caller that hung up does not mind.
                let _ = wake.send(());
            }
        });
        let mock = Self {
            at: listener.local_addr()?,
            queue,
            accepted: Arc::default(),
            under_way: Arc::default(),
            most: Arc::default(),
            times: Arc::default(),
        };
        let router = Router::new().route("/score", get(answer)).with_state(mock.clone());
        let counting = Counting(listener, Arc::clone(&mock.accepted));
        tokio::spawn(async move { axum::serve(counting, router).await });
        Ok(mock)
    }

    fn answered(&self) -> usize {
        self.times.lock().expect("no answer panics").len()
    }

    /// Forgets the calls, and gives those that there were.
    fn take(&self) -> Vec<(Instant, Instant)> {
        self.most.store(0, Ordering::SeqCst);
        std::mem::take(&mut *self.times.lock().expect("no answer panics"))
    }
}

async fn answer(State(mock): State<Mock>) -> std::result::Result<Json<Value>, StatusCode> {
    let came = Instant::now();
    let now = mock.under_way.fetch_add(1, Ordering::SeqCst) + 1;
    mock.most.fetch_max(now, Ordering::SeqCst);
    let (wake, woken) = oneshot::channel();
    let asked = mock.queue.try_send((came + TAKES, wake));
    let told = woken.await;
    mock.times.lock().expect("no answer panics").push((came, Instant::now()));
    mock.under_way.fetch_sub(1, Ordering::SeqCst);
    match (asked, told) {
        (Ok(()), Ok(())) => Ok(Json(json!({ "score": 85, "name": "Ada", "company": "Analytical Engines" }))),
        _ => Err(StatusCode::SERVICE_UNAVAILABLE),
    }
}

fn manifest(id: &str, at: SocketAddr, limits: &str) -> String {
    format!(
        "manifest: 1\nid: {id}\nname: Mock\nversion: 1.0.0\nsummary: Answers after 20 ms.\nshelf: other\n\
         base_url: http://{at}\nhosts: [\"{at}\"]\n\
         auth:\n  - {{ id: key, title: Key, grant: {{ kind: api_key }}, send: {{ headers: {{ X-Key: \"{{{{ secret.key }}}}\" }} }} }}\n\
         test: {{ action: score }}\nlimits: {{ {limits} }}\n\
         actions:\n  score:\n    title: Score\n    summary: Reads.\n    input: {{ properties: {{ n: {{ type: string, title: N }} }} }}\n    \
         request: {{ path: /score, query: {{ n: \"{{{{ input.n }}}}\" }} }}\n    \
         output: {{ score: \"{{{{ answer.body.score }}}}\" }}\n    \
         examples: [{{ title: One, exchange: [], output: {{ score: 85 }} }}]\n"
    )
}

/// A workflow that calls the app once for each item, so many at a time.
async fn publish(api: &Client, app: &str) -> Result<String> {
    let wanted =
        json!({ "app": app, "name": app, "auth": "key", "secrets": { "key": "a-key-for-the-bench" } });
    let connection = api.post("/connections", &wanted).await?["id"].clone();
    let call = json!({ "connection": connection, "n": "{{ item }}" });
    let each = json!({ "items": "{{ trigger.body.items }}", "parallel": PARALLEL });
    let document = json!({
        "format": 1, "name": app,
        "steps": {
            "start": { "kind": "manual", "title": "Start", "config": {} },
            "each": { "kind": "loop", "title": "Each", "config": each, "body": {
                "steps": { "call": { "kind": format!("{app}.score"), "title": "Call", "config": call, "timeout_seconds": 600 } },
                "edges": [],
            } },
        },
        "edges": [{ "from": "start", "to": "each" }],
    });
    let made = api.post("/workflows", &json!({ "document": document })).await?;
    let id = made["id"].as_str().context("the workflow's id")?.to_owned();
    api.post(&format!("/workflows/{id}/publish"), &json!({ "base_revision": made["draft_revision"] }))
        .await?;
    Ok(id)
}

/// Runs `workflow` until it has made that many calls of `mock` and has ended.
async fn run(api: &Client, workflow: &str, mock: &Mock, calls: usize) -> Result<()> {
    let items: Vec<usize> = (0..calls).collect();
    let payload = json!({ "payload": { "items": items } });
    let run = api.post(&format!("/workflows/{workflow}/runs"), &payload).await?;
    let id = run["run_id"].as_str().context("the run's id")?.to_owned();
    // Whoever looks at a run again and again has the server read all of it each time, which is no part of a call.
    until("the calls", || async { (mock.answered() >= calls).then_some(()) }).await?;
    let view = until("the run to end", || async {
        let view = api.get(&format!("/runs/{id}")).await.ok()?;
        (!view["finished_at"].is_null()).then_some(view)
    })
    .await?;
    ensure!(view["status"] == "completed", "the run {}: {}", view["status"], view["error"]);
    Ok(())
}

/// What one call took altogether, in milliseconds, when so many were always under way.
fn turn(times: &[(Instant, Instant)]) -> Result<f64> {
    let first = times.iter().map(|(came, _)| *came).min().context("calls were made")?;
    let last = times.iter().map(|(_, answered)| *answered).max().context("calls were answered")?;
    ensure!(times.len() == CALLS, "{} calls instead of {CALLS}", times.len());
    Ok((last - first).as_secs_f64() * 1_000.0 * PARALLEL as f64 / CALLS as f64)
}

/// The same calls by a client alone.
async fn bare(mock: &Mock) -> Result<f64> {
    let client = trunkline_tests::client()?;
    mock.take();
    let callers = (0..PARALLEL).map(|_| {
        let (client, url) = (client.clone(), format!("http://{}/score?n=1", mock.at));
        tokio::spawn(async move {
            for _ in 0..CALLS / PARALLEL {
                let answer = client.get(&url).header("x-key", "a-key-for-the-bench").send().await?;
                text_of(answer.error_for_status()?).await?;
            }
            anyhow::Ok(())
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await??;
    }
    turn(&mock.take())
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn say(measure: &str, value: f64) {
    println!("{}", json!({ "measure": measure, "value": (value * 1_000.0).round() / 1_000.0 }));
}

/// Most calls that came within a stretch of `span`.
fn densest(times: &[(Instant, Instant)], span: Duration) -> usize {
    let mut came: Vec<Instant> = times.iter().map(|(came, _)| *came).collect();
    came.sort();
    let within = |(at, begin): (usize, &Instant)| {
        came[at..].iter().take_while(|moment| **moment < *begin + span).count()
    };
    came.iter().enumerate().map(within).max().unwrap_or(0)
}

/// Measures and prints a line for each measure.
pub(super) async fn measure() -> Result<()> {
    let (free, limited) = (Mock::start().await?, Mock::start().await?);
    let apps = tempfile::tempdir()?;
    std::fs::write(
        apps.path().join("free.yaml"),
        manifest("free", free.at, &format!("at_once: {PARALLEL}")),
    )?;
    let limits = format!("at_once: {AT_ONCE}, bucket: {{ calls: {BUCKET}, seconds: 1 }}");
    std::fs::write(apps.path().join("limited.yaml"), manifest("limited", limited.at, &limits))?;
    let apps = apps.path().to_str().context("the folder's name is text")?;
    let server =
        Server::start(&["--empty", "--allow-hosts", "127.0.0.1", "--apps", apps, "--log", "warn"]).await?;
    let api = server.set_up().await?;
    let workflow = publish(&api, "free").await?;
    // Connections are opened, programs are warm.
    bare(&free).await?;
    free.take();
    run(&api, &workflow, &free, CALLS).await?;
    let opened = free.accepted.load(Ordering::SeqCst);
    let (mut alone, mut through) = (Vec::new(), Vec::new());
    for _ in 0..REPEATS {
        alone.push(bare(&free).await?);
        free.take();
        run(&api, &workflow, &free, CALLS).await?;
        through.push(turn(&free.take())?);
    }
    let more = free.accepted.load(Ordering::SeqCst) - opened;
    let bare_clients = PARALLEL * REPEATS;
    let (alone, through) = (median(alone), median(through));
    say("a call by a bare client (ms)", alone);
    say("a call from a workflow (ms)", through);
    say("overhead of a call (ms)", through - alone);
    say("calls from the workflow", (CALLS * REPEATS) as f64);
    say("connections opened for them", more.saturating_sub(bare_clients) as f64);

    let workflow = publish(&api, "limited").await?;
    run(&api, &workflow, &limited, LIMITED_CALLS).await?;
    let most = limited.most.load(Ordering::SeqCst);
    let times = limited.take();
    // Calls come as the network brings them: a tenth of the second is left for that.
    let dense = densest(&times, Duration::from_millis(900));
    say("calls at once, where 8 are allowed", most as f64);
    say("calls in nine tenths of a second, where 150 in a second are allowed", dense as f64);
    ensure!(most <= AT_ONCE && dense <= BUCKET, "a limit was not kept");
    ensure!(times.len() == LIMITED_CALLS, "every call came once");
    Ok(())
}
