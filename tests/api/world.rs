//! A system outside that counts and remembers who calls.

use axum::extract::{Query, State};
use axum::http::Uri;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How long `/slow` takes.
const SLOW: Duration = Duration::from_millis(150);

/// A system outside. `/silent` answers nothing until [`World::speak`], `/slow` takes its time, everything else answers
/// at once.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub url: String,
    /// Calls so far.
    pub calls: Arc<AtomicUsize>,
    /// Most calls that were under way at once.
    pub most: Arc<AtomicUsize>,
    now: Arc<AtomicUsize>,
    speaks: Arc<AtomicBool>,
    seen: Arc<Mutex<Vec<(String, u64)>>>,
}

impl World {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let world = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            calls: Arc::default(),
            most: Arc::default(),
            now: Arc::default(),
            speaks: Arc::default(),
            seen: Arc::default(),
        };
        let router = axum::Router::new().fallback(answer).with_state(world.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        world
    }

    /// `/silent` answers from now on.
    pub(crate) fn speak(&self) {
        self.speaks.store(true, Ordering::SeqCst);
    }

    /// The `key` and `n` of every call, in order.
    pub(crate) fn seen(&self) -> Vec<(String, u64)> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer(
    State(world): State<World>,
    uri: Uri,
    query: Query<HashMap<String, String>>,
) -> axum::Json<Value> {
    world.calls.fetch_add(1, Ordering::SeqCst);
    let under_way = world.now.fetch_add(1, Ordering::SeqCst) + 1;
    world.most.fetch_max(under_way, Ordering::SeqCst);
    if let (Some(key), Some(n)) = (query.get("key"), query.get("n").and_then(|n| n.parse().ok())) {
        world.seen.lock().unwrap().push((key.clone(), n));
    }
    match uri.path() {
        "/silent" if !world.speaks.load(Ordering::SeqCst) => std::future::pending::<()>().await,
        "/slow" => tokio::time::sleep(SLOW).await,
        _ => {}
    }
    world.now.fetch_sub(1, Ordering::SeqCst);
    axum::Json(json!({ "rating": 7 }))
}
