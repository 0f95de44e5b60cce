//! A system outside that counts and remembers who calls.

use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long `/slow` takes.
const SLOW: Duration = Duration::from_millis(150);

/// Items on a page.
pub(crate) const PAGE: usize = 7;
/// Pages there are.
pub(crate) const PAGES: usize = 5;
/// Seconds for which `/patient` asks to be left alone, once.
pub(crate) const REST: u64 = 2;

/// A system outside. `/silent` answers nothing until [`World::speak`], `/slow` takes its time, `/patient` asks its first
/// caller for patience, `/pages` gives a list page by page, `/elsewhere` sends to the address in `to`, everything else
/// answers at once.
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
    /// When `/patient` was called.
    times: Arc<Mutex<Vec<Instant>>>,
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
            times: Arc::default(),
        };
        let router = axum::Router::new().fallback(answer).with_state(world.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        world
    }

    /// `/silent` answers from now on.
    pub(crate) fn speak(&self) {
        self.speaks.store(true, Ordering::SeqCst);
    }

    /// When `/patient` was called, in order.
    pub(crate) fn times(&self) -> Vec<Instant> {
        self.times.lock().unwrap().clone()
    }

    /// The `key` and `n` of every call, in order.
    pub(crate) fn seen(&self) -> Vec<(String, u64)> {
        self.seen.lock().unwrap().clone()
    }
}

async fn answer(State(world): State<World>, uri: Uri, query: Query<HashMap<String, String>>) -> Response {
    world.calls.fetch_add(1, Ordering::SeqCst);
    let under_way = world.now.fetch_add(1, Ordering::SeqCst) + 1;
    world.most.fetch_max(under_way, Ordering::SeqCst);
    if let (Some(key), Some(n)) = (query.get("key"), query.get("n").and_then(|n| n.parse().ok())) {
        world.seen.lock().unwrap().push((key.clone(), n));
    }
    match uri.path() {
        "/silent" if !world.speaks.load(Ordering::SeqCst) => std::future::pending::<()>().await,
        "/slow" => tokio::time::sleep(SLOW).await,
        "/patient" => {
            let mut times = world.times.lock().unwrap();
            times.push(Instant::now());
            if times.len() == 1 {
                world.now.fetch_sub(1, Ordering::SeqCst);
                return (StatusCode::TOO_MANY_REQUESTS, [("retry-after", REST.to_string())]).into_response();
            }
        }
        "/elsewhere" => {
            world.now.fetch_sub(1, Ordering::SeqCst);
            let to = query.get("to").cloned().unwrap_or_default();
            return (StatusCode::FOUND, [("location", to)]).into_response();
        }
        "/pages" => {
            world.now.fetch_sub(1, Ordering::SeqCst);
            return page(&world.url, &query).into_response();
        }
        _ => {}
    }
    world.now.fetch_sub(1, Ordering::SeqCst);
    axum::Json(json!({ "rating": 7 })).into_response()
}

/// A page of people; the first one unless `page` says which, by number or as the token that the page before gave.
fn page(base: &str, query: &HashMap<String, String>) -> axum::Json<Value> {
    let asked = query.get("page").map_or("1", |page| page.trim_start_matches("token-"));
    let number: usize = asked.parse().unwrap_or(1);
    let first = (number - 1) * PAGE;
    let items: Vec<Value> = (first..first + PAGE)
        .filter(|_| number <= PAGES)
        .map(|n| json!({"email": format!("paged{n}@example.com")}))
        .collect();
    let next = (number < PAGES).then_some(number + 1);
    axum::Json(json!({
        "results": items,
        "token": next.map(|next| format!("token-{next}")),
        "address": next.map(|next| format!("{base}/pages?page={next}")),
    }))
}
