//! A database server that goes away: in the middle of batches, and in the middle of a commit.

use crate::world::{Backend as _, Flow, HOME, Postgres, chain, demo, find, person, pool};
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::Mutex;
use trunkline_store::ports::{LeadQuery, RunQuery, RunStatus, Settled};
use trunkline_store::{Error, Settings, Store};
use trunkline_tests::postgres::Postgres as Server;
use uuid::Uuid;

const SENDERS: usize = 12;

/// Every run there is, all of them completed.
async fn runs(store: &Store) -> HashSet<Uuid> {
    let (mut all, mut before) = (HashSet::new(), None);
    loop {
        let query = RunQuery { before, limit: 500, ..RunQuery::default() };
        let page = store.runs.list(HOME, query).await.unwrap();
        for run in page.items {
            assert_eq!(run.state.status, RunStatus::Completed);
            assert!(all.insert(run.id), "listed once");
        }
        before = page.next;
        if before.is_none() {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_while_the_server_restarts() {
    let server = Server::alone().unwrap();
    let settings = Settings::url(server.database("outage").unwrap(), std::env::temp_dir());
    let store = Store::open(settings.clone()).await.unwrap();
    pool(&store).await;
    let flow = Flow::publish(&store, demo("Demo")).await;
    let (next, stop) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
    let done = Arc::new(AtomicUsize::new(0));
    let senders: Vec<_> = (0..SENDERS)
        .map(|_| {
            let (flow, next, stop, done) = (flow.clone(), next.clone(), stop.clone(), done.clone());
            tokio::spawn(async move {
                let (mut acknowledged, mut refused) = (Vec::new(), Vec::new());
                while !stop.load(Ordering::Relaxed) {
                    let turn = flow.first_turn(flow.header(), person(next.fetch_add(1, Ordering::Relaxed)));
                    let id = turn.header.id;
                    match flow.store.runs.turn(turn).await {
                        Ok(Settled::Done(_)) => acknowledged.push(id),
                        Ok(Settled::Duplicate(of)) => panic!("a duplicate of {of}"),
                        Err(error) => {
                            assert!(matches!(error, Error::Away(_) | Error::Busy), "{error:?}");
                            refused.push(id);
                        }
                    }
                    done.fetch_add(1, Ordering::Relaxed);
                }
                (acknowledged, refused)
            })
        })
        .collect();
    let some_more = async || {
        let target = done.load(Ordering::Relaxed) + 200;
        while done.load(Ordering::Relaxed) < target {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    for round in 0..4 {
        some_more().await;
        if round % 2 == 0 {
            server.crash().unwrap();
        } else {
            server.stop().unwrap();
        }
        server.start().unwrap();
    }
    some_more().await;
    stop.store(true, Ordering::Relaxed);
    let (mut acknowledged, mut refused) = (HashSet::new(), Vec::new());
    for sender in senders {
        let (mine, not) = sender.await.unwrap();
        acknowledged.extend(mine);
        refused.extend(not);
    }
    assert!(store.upkeep.load().failures > 0, "the server went away in the middle of something");
    store.close().await.unwrap();

    let store = Store::open(settings).await.unwrap();
    let there = runs(&store).await;
    assert_eq!(there, acknowledged, "what was acknowledged is there, and of what was refused, nothing");
    assert!(refused.iter().all(|run| !there.contains(run)));
    let leads = store.leads.list(HOME, LeadQuery { limit: 1, ..LeadQuery::default() }).await.unwrap();
    assert_eq!(leads.total, acknowledged.len() as u64, "one lead each");
    let dealt: u64 = store.leads.pools(HOME).await.unwrap()[0].members.iter().map(|m| m.assigned).sum();
    assert_eq!(dealt, acknowledged.len() as u64, "each was dealt once");
    assert!(store.upkeep.check().await.unwrap().problems.is_empty());
}

/// Where a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Cut {
    /// The server never hears of the commit.
    BeforeCommit,
    /// The server commits, and we never hear of it.
    AfterCommit,
}

/// A way to the server that breaks at the next commit once it is told to.
struct Proxy {
    url: String,
    cut: Arc<Mutex<Option<Cut>>>,
}

impl Proxy {
    /// A way to the database of `backend`.
    async fn before(backend: &Postgres) -> Self {
        let (path, socket) = backend.url.split_once("?host=").unwrap();
        let name = path.rsplit('/').next().unwrap();
        let socket = format!("{}/.s.PGSQL.5432", socket.replace("%2F", "/"));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = Arc::new(Mutex::new(None));
        let asked = Arc::clone(&cut);
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = UnixStream::connect(&socket).await.unwrap();
                tokio::spawn(carry(client, server, Arc::clone(&asked)));
            }
        });
        Self { url: format!("postgres://trunkline@127.0.0.1:{port}/{name}?sslmode=disable"), cut }
    }
}

async fn carry(mut client: TcpStream, mut server: UnixStream, cut: Arc<Mutex<Option<Cut>>>) {
    let (mut up, mut down) = ([0; 65536], [0; 65536]);
    let mut is_committing = false;
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(length @ 1..) = read else { return };
                if up[..length].windows(7).any(|word| word == b"COMMIT\0") {
                    match cut.lock().await.take() {
                        Some(Cut::BeforeCommit) => return,
                        Some(Cut::AfterCommit) => is_committing = true,
                        None => {}
                    }
                }
                if server.write_all(&up[..length]).await.is_err() { return }
            }
            read = server.read(&mut down) => {
                let Ok(length @ 1..) = read else { return };
                // The answer to the commit: the server is done with it, and nobody will hear.
                if is_committing || client.write_all(&down[..length]).await.is_err() { return }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_at_a_commit_neither_loses_nor_doubles() {
    for cut in [Cut::BeforeCommit, Cut::AfterCommit] {
        let backend = Postgres::new();
        let proxy = Proxy::before(&backend).await;
        let store = Store::open(Settings::url(&proxy.url, std::env::temp_dir())).await.unwrap();
        let flow = Flow::publish(&store, chain("Find", &[find()])).await;
        let batches = store.upkeep.load();
        *proxy.cut.lock().await = Some(cut);
        let turn = flow.send(person(1)).await;
        assert_eq!(*proxy.cut.lock().await, None, "the connection was cut");
        let load = store.upkeep.load();
        // A batch that did become durable is known as such; one that did not is made again.
        let failures = u64::from(cut == Cut::BeforeCommit);
        assert_eq!(
            (load.batches - batches.batches, load.failures - batches.failures),
            (1, failures),
            "{cut:?}"
        );
        let again = flow.send(person(1)).await;
        assert_eq!(again.state.lead, turn.state.lead);
        assert_eq!(runs(&store).await, HashSet::from([turn.header.id, again.header.id]), "{cut:?}");
        assert_eq!(store.leads.summary(HOME).await.unwrap().total, 1);
        store.close().await.unwrap();
        // The direct way sees the same, and the lock was given back.
        backend.open().await.close().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_named_without_the_password() {
    let refused =
        Store::open(Settings::url("postgres://ada:secret@127.0.0.1:1/trunkline", "")).await.unwrap_err();
    assert_eq!(refused.code(), "STORE-0013");
    let wrong = Store::open(Settings::url("postgres://ada:secret@[::1/x", "")).await.unwrap_err();
    assert_eq!(wrong.code(), "STORE-0013");
    for error in [refused, wrong] {
        assert!(!format!("{error} {error:?} {}", error.action()).contains("secret"), "{error}");
    }
    assert!(!format!("{:?}", Settings::url("postgres://ada:secret@db/x", "")).contains("secret"));
}
