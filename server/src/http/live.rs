//! Server-sent events: one run as it moves, and all runs of a workspace. Bounded: a listener that is too slow gets the
//! newest state instead of everything it missed.

use super::body::Path;
use super::problem::Result;
use super::routes::{Routes, routes};
use super::run_view;
use super::runs::{RunSummary, summary};
use crate::app::Shared;
use crate::auth::Caller;
use crate::live::Changed;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{self, Stream};
use indexmap::IndexSet;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::{
    self,
    error::{RecvError, TryRecvError},
};
use tokio_util::sync::CancellationToken;
use trunkline_store::WorkspaceId;
use uuid::Uuid;

/// Pause in which changes of one run are taken together.
const RUN_PAUSE: Duration = Duration::from_millis(60);
/// Pause in which changes of all runs are taken together.
const ALL_PAUSE: Duration = Duration::from_millis(250);
/// Most runs told of per pause; the newest.
const MOST: usize = 50;
/// Time between signs of life.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(one)).routes(routes!(all))
}

fn sse<S>(stream: S) -> Sse<axum::response::sse::KeepAliveStream<S>>
where
    S: Stream<Item = Sent> + Send + 'static,
{
    Sse::new(stream).keep_alive(KeepAlive::new().interval(HEARTBEAT).text("alive"))
}

type Sent = std::result::Result<Event, Infallible>;

fn event(name: &str, data: &impl serde::Serialize) -> Event {
    let event = Event::default().event(name);
    event.json_data(data).unwrap_or_else(|_| Event::default().comment("this could not be shown"))
}

/// Where a stream stands.
struct Listener {
    app: Shared,
    caller: Caller,
    changes: broadcast::Receiver<Changed>,
    stopping: CancellationToken,
}

impl Listener {
    fn new(app: &Shared, caller: Caller) -> Self {
        let (changes, stopping) = (app.live.listen(), app.stopping.clone());
        Self { app: app.clone(), caller, changes, stopping }
    }

    /// The next change of this workspace; `None` when the server stops. `Err` when some were missed.
    async fn next(&mut self) -> Option<std::result::Result<Changed, ()>> {
        loop {
            let change = tokio::select! {
                change = self.changes.recv() => change,
                () = self.stopping.cancelled() => return None,
            };
            match change {
                Ok(change) if change.workspace == self.caller.workspace => return Some(Ok(change)),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => return Some(Err(())),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Forgets what has been announced so far.
    fn skip_announced(&mut self) {
        while matches!(self.changes.try_recv(), Ok(_) | Err(TryRecvError::Lagged(_))) {}
    }
}

/// Watch one run
#[utoipa::path(get, path = "/runs/{id}/live", tag = "runs", operation_id = "watchRun", params(("id" = Uuid, Path)),
    responses((status = 200, content_type = "text/event-stream", body = String,
        description = "Events `run` with a RunView, until the run has ended")))]
async fn one(
    State(app): State<Shared>,
    caller: Caller,
    Path(id): Path<Uuid>,
) -> Result<Sse<impl Stream<Item = Sent>>> {
    summary(&app, &caller, id).await?;
    let listener = Listener::new(&app, caller);
    // The first view is sent at once; after it, one per change.
    let views = stream::unfold((listener, true, false), move |(mut listener, first, over)| async move {
        if over || (!first && !changed(&mut listener, id).await) {
            return None;
        }
        let view = run_view::load(&listener.app, listener.caller.workspace, id).await.ok()?;
        let over = view.summary.finished_at.is_some();
        Some((Ok(event("run", &view)), (listener, false, over)))
    });
    Ok(sse(views))
}

/// Waits until the run changed; false when the server stops.
async fn changed(listener: &mut Listener, id: Uuid) -> bool {
    loop {
        match listener.next().await {
            None => return false,
            Some(Ok(change)) if change.run != id => {}
            Some(_) => {
                tokio::time::sleep(RUN_PAUSE).await;
                listener.skip_announced();
                return true;
            }
        }
    }
}

/// Watch all runs
#[utoipa::path(get, path = "/live", tag = "runs", operation_id = "watchRuns",
    responses((status = 200, content_type = "text/event-stream", body = String,
        description = "Events `run` with a RunSummary, `inbox` with how much waits for people, and `hello` first")))]
async fn all(State(app): State<Shared>, caller: Caller) -> Sse<impl Stream<Item = Sent>> {
    let listener = Listener::new(&app, caller);
    let hello = stream::once(std::future::ready(Ok(Event::default().event("hello").data("{}"))));
    // How much waits for people is told at first, and whenever it is another number.
    let batches = stream::unfold((listener, None), |(mut listener, told)| async move {
        if told.is_none() {
            let count = waiting(&listener).await?;
            return Some((stream::iter(vec![Ok(event("inbox", &count))]), (listener, Some(count))));
        }
        let first = listener.next().await?;
        let mut ids: IndexSet<Uuid> = first.ok().map(|change| change.run).into_iter().collect();
        let until = tokio::time::Instant::now() + ALL_PAUSE;
        while let Ok(Some(change)) = tokio::time::timeout_at(until, listener.next()).await {
            // What was missed is not told of: the next change of those runs is, and lists are asked for anyway.
            ids.extend(change.ok().map(|change| change.run));
        }
        let mut events = Vec::new();
        for id in ids.into_iter().rev().take(MOST) {
            if let Some(run) = row(&listener.app, listener.caller.workspace, id).await {
                events.push(Ok(event("run", &run)));
            }
        }
        let count = waiting(&listener).await.or(told);
        if let Some(count) = count.filter(|_| count != told) {
            events.push(Ok(event("inbox", &count)));
        }
        Some((stream::iter(events), (listener, count)))
    });
    use futures_util::StreamExt;
    sse(hello.chain(batches.flatten()))
}

async fn row(app: &Shared, workspace: WorkspaceId, id: Uuid) -> Option<RunSummary> {
    app.store.runs.get(workspace, id).await.ok().flatten().map(RunSummary::from)
}

/// How much waits for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
struct InboxCount {
    count: u64,
}

async fn waiting(listener: &Listener) -> Option<InboxCount> {
    let count = listener.app.store.waits.count(listener.caller.workspace).await;
    count.ok().map(|count| InboxCount { count })
}
