//! Tells workflows of connections that will stop working: a secret that ends, or a token that nobody renews.
//!
//! Two weeks before, three days before and when the end has come, the error workflows of all live workflows that use the
//! connection are started, each once: what was told is noted after it was told, and a run's key names connection, end and
//! step, so that a crash between the two tells nobody twice.

use super::error_workflow::KIND;
use super::start::{Await, NewRun};
use super::{Runner, versions::Version};
use crate::connections::Connections;
use crate::intake::payload::stamp;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use trunkline_store::ports::{Connection, ConnectionUse};
use trunkline_store::{Error, WorkspaceId};

/// From this long before the end on, people are warned.
pub const WARN: TimeDelta = TimeDelta::days(14);
/// From this long before the end on, they are warned again.
const WARN_AGAIN: TimeDelta = TimeDelta::days(3);
/// Pause between looks: an end is entered at any moment.
const PAUSE: Duration = Duration::from_secs(10);
/// Connections looked at together.
const SLICE: u32 = 200;

/// How near the end is: 1, 2 or 3; 0 while nobody has to know.
fn step(end: DateTime<Utc>, now: DateTime<Utc>) -> u8 {
    match end - now {
        left if left <= TimeDelta::zero() => 3,
        left if left <= WARN_AGAIN => 2,
        left if left <= WARN => 1,
        _ => 0,
    }
}

/// The step that people have to be told of, if they were not.
fn due(row: &Connection, now: DateTime<Utc>) -> Option<(DateTime<Utc>, u8)> {
    let end = Connections::ends_at(row)?;
    let step = step(end, now);
    let told = row.warned.filter(|(of, _)| *of == end).map_or(0, |(_, told)| told);
    (step > told).then_some((end, step))
}

impl Runner {
    /// Looks after connections until the server stops.
    pub async fn keep_connections(self) {
        loop {
            if let Err(error) = self.warn_of_ends().await {
                tracing::warn!(%error, "connections that end could not be told of; trying again");
            }
            tokio::select! {
                biased;
                () = self.inner.stopping.cancelled() => return,
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    async fn warn_of_ends(&self) -> Result<(), Error> {
        let now = self.now();
        let mut after = None;
        loop {
            let ending = self.inner.store.connections.ending(now + WARN, after, SLICE).await?;
            let Some((_, last)) = ending.last() else { return Ok(()) };
            after = Some(last.id);
            for (workspace, row) in &ending {
                if let Some((end, step)) = due(row, now) {
                    self.tell_of_end(*workspace, row, end, step).await?;
                    self.inner.store.connections.note_warning(row.id, end, step).await?;
                }
            }
        }
    }

    async fn tell_of_end(
        &self,
        workspace: WorkspaceId,
        row: &Connection,
        end: DateTime<Utc>,
        step: u8,
    ) -> Result<(), Error> {
        tracing::warn!(connection = %row.id, name = row.name, %end, "a connection stops working unless it is connected again");
        let uses = self.inner.store.connections.used_by(workspace, row.id).await?;
        let live: Vec<&ConnectionUse> =
            uses.iter().filter(|used| used.live && used.kind == "workflow").collect();
        let mut told: BTreeMap<_, (Arc<Version>, String)> = BTreeMap::new();
        for used in &live {
            let Some(version) = self.inner.routes.published(workspace, used.id) else { continue };
            if let Some((to, trigger)) = self.error_workflow(&version) {
                told.entry(to.workflow).or_insert((to, trigger));
            }
        }
        let at = self.now();
        for (to, trigger) in told.into_values() {
            let body = report(row, end, step, &live, &self.inner.links.connections(), at);
            let new = NewRun {
                trigger,
                kind: KIND,
                output: json!({ "body": body, "received_at": stamp(at) }),
                key: Some(format!("connection {} ends {} {step}", row.id, end.timestamp())),
                parent: None,
                at,
            };
            Box::pin(self.start(&to, new, Await::Nothing)).await?;
        }
        Ok(())
    }
}

/// What an error workflow is told. `error` and `link` stand where they stand for a failed run, so that the same message
/// serves both.
fn report(
    row: &Connection,
    end: DateTime<Utc>,
    step: u8,
    live: &[&ConnectionUse],
    link: &str,
    now: DateTime<Utc>,
) -> Value {
    let day = end.format("%Y-%m-%d");
    let message = match step {
        3 => format!("the connection \"{}\" has ended on {day}", row.name),
        _ => format!("the connection \"{}\" ends on {day}", row.name),
    };
    let workflows: Vec<Value> = live.iter().map(|used| json!({ "id": used.id, "name": used.name })).collect();
    json!({
        "connection": { "id": row.id, "name": row.name, "app": row.app, "account": row.account },
        "ends_at": stamp(end),
        "days_left": (end - now).num_days().max(0),
        "workflow": workflows.first(),
        "used_by": workflows,
        "link": link,
        "error": {
            "code": "CONN-0030",
            "kind": "auth",
            "message": message,
            "action": "Open Settings > Connections and connect the account again.",
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ends_at: Option<DateTime<Utc>>, warned: Option<(DateTime<Utc>, u8)>) -> Connection {
        let now = Utc::now();
        Connection {
            id: uuid::Uuid::now_v7(),
            app: "x".into(),
            name: "Ours".into(),
            auth: "key".into(),
            settings: Value::Null,
            sealed: Vec::new(),
            seal_key: Vec::new(),
            pending: false,
            revision: 1,
            expires_at: None,
            renews: false,
            ends_at,
            warned,
            account: None,
            tested_at: None,
            trouble: None,
            calls: None,
            created_at: now,
            updated_at: now,
        }
    }

    #[test]
    fn each_step_of_each_end_is_told_once() {
        let now = Utc::now();
        let end = now + TimeDelta::days(10);
        assert_eq!(due(&row(None, None), now), None);
        assert_eq!(due(&row(Some(now + TimeDelta::days(15)), None), now), None);
        assert_eq!(due(&row(Some(end), None), now), Some((end, 1)));
        assert_eq!(due(&row(Some(end), Some((end, 1))), now), None);
        assert_eq!(due(&row(Some(end), Some((end, 1))), now + TimeDelta::days(8)), Some((end, 2)));
        assert_eq!(due(&row(Some(end), Some((end, 2))), now + TimeDelta::days(11)), Some((end, 3)));
        assert_eq!(due(&row(Some(end), Some((end, 3))), now + TimeDelta::days(99)), None);
        let other = end + TimeDelta::hours(1);
        assert_eq!(
            due(&row(Some(other), Some((end, 3))), now),
            Some((other, 1)),
            "another end is another matter"
        );
    }
}
