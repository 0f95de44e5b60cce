//! Big lists: the next stretch of a stream is read and becomes a run of its own, so that it is durable, bounded in
//! memory, and never repeated once it has ended.

use super::start::{Await, Origin};
use super::{Runner, pages};
use crate::intake::stretch::{self, Layout, Piece};
use serde_json::{Value, json};
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::StreamFrom;
use trunkline_engine::run::{EffectKey, Event, Slice, Stretch};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::{LeadQuery, RunHeader};
use uuid::Uuid;

/// Most leads asked of the store at once.
const LEADS_AT_ONCE: u32 = 200;

impl Runner {
    /// Runs the stretch that `key` of the run `parent` asks for; gives the event that answers it at once, if there is
    /// one. The end of the stretch's run comes as an event of its own.
    pub(super) async fn slice(&self, parent: RunHeader, key: EffectKey, slice: Slice) -> Option<Event> {
        let returned = |result| Event::Returned { key: key.clone(), result, at: self.now() };
        // Read again after a crash, the source might give other rows than those that were worked through.
        if let Ok(Some(child)) = self.inner.store.runs.child(parent.id, key.clone()).await {
            return self.ended_child(child.id).await.map(returned);
        }
        let piece = match self.read_stretch(parent.workspace, &slice).await {
            Ok(piece) => piece,
            Err(failure) => return Some(returned(Err(failure))),
        };
        if piece.items.is_empty() {
            let report =
                json!({ "count": 0, "failed": 0, "errors": [], "next": piece.next, "total": piece.total });
            return Some(returned(Ok(report)));
        }
        match self.start_stretch(&parent, &key, slice, piece).await {
            // Its end comes as a letter.
            Ok(()) => None,
            Err(failure) => Some(returned(Err(failure))),
        }
    }

    async fn start_stretch(
        &self,
        parent: &RunHeader,
        key: &EffectKey,
        slice: Slice,
        piece: Piece,
    ) -> Result<(), Failure> {
        let not_now = |error: &dyn std::fmt::Display| {
            Failure::new(
                "RUN-0018",
                FailureKind::Temporary,
                format!("the next stretch of the list could not be started: {error}"),
                "Give this step retries, or run the workflow again from this step.",
            )
        };
        let version = self.inner.versions.get(parent.version).await.map_err(|error| not_now(&error))?;
        let stretch = Stretch {
            step: key.step.clone(),
            first: slice.first,
            items: piece.items,
            trigger: slice.trigger.json().clone(),
            outputs: slice
                .outputs
                .iter()
                .map(|(step, output)| (step.to_owned(), output.json().clone()))
                .collect(),
            next: piece.next,
            total: piece.total,
        };
        let first = Event::Sliced { stretch: Box::new(stretch), at: self.now() };
        let origin = Origin { kind: "slice", key: None, parent: Some((parent.id, key.clone())) };
        let started = Box::pin(self.begin(&version, first, origin, Await::Nothing)).await;
        started.map(drop).map_err(|error| not_now(&error))
    }

    /// Reads a stretch from where it comes from.
    pub(crate) async fn read_stretch(&self, workspace: WorkspaceId, slice: &Slice) -> Result<Piece, Failure> {
        match &slice.from {
            StreamFrom::File { file } => self.read_file(workspace, file, slice).await,
            StreamFrom::Leads { list, stage } => {
                self.read_leads(workspace, list.as_deref(), stage.clone(), slice).await
            }
            StreamFrom::Pages { operation, items, next } => {
                let page = pages::Page { operation, items, next };
                self.read_page(page, slice.cursor.as_deref()).await
            }
        }
    }

    async fn read_file(&self, workspace: WorkspaceId, file: &str, slice: &Slice) -> Result<Piece, Failure> {
        let gone = || {
            unreadable(
                format!("there is no uploaded file \"{file}\""),
                "Choose a file that is there, or upload it again.",
            )
        };
        let id = file.trim().parse::<Uuid>().map_err(|_| gone())?;
        let stored = self.inner.store.files.get(workspace, id).await.map_err(|error| broken(&error))?;
        let stored = stored.ok_or_else(gone)?;
        let path = self.inner.files.join(hex::encode(stored.sha256));
        let (layout, cursor, size) = (Layout::of(&stored.name), slice.cursor.clone(), slice.size);
        let read = move || stretch::read(&path, layout, cursor.as_deref(), size);
        let piece = tokio::task::spawn_blocking(read).await.map_err(|error| broken(&error))?;
        piece.map_err(|error| {
            unreadable(
                format!("\"{}\": {error}", stored.name),
                "Correct the file and upload it again; UTF-8 is read best.",
            )
        })
    }

    /// Leads, the newest first: those that are made meanwhile come before the beginning and are not met.
    async fn read_leads(
        &self,
        workspace: WorkspaceId,
        list: Option<&str>,
        stage: Option<String>,
        slice: &Slice,
    ) -> Result<Piece, Failure> {
        let leads = &self.inner.store.leads;
        let list = match list.map(str::trim).filter(|list| !list.is_empty()) {
            None => None,
            Some(wanted) => {
                let lists = leads.lists(workspace).await.map_err(|error| broken(&error))?;
                let found = lists
                    .into_iter()
                    .map(|row| row.list)
                    .find(|list| list.name.eq_ignore_ascii_case(wanted) || wanted.parse() == Ok(list.id));
                let gone =
                    || unreadable(format!("there is no list \"{wanted}\""), "Choose a list that is there.");
                Some(found.ok_or_else(gone)?.id)
            }
        };
        let (mut before, mut total) = match slice.cursor.as_deref().and_then(|cursor| cursor.split_once(':'))
        {
            Some((before, total)) => (before.parse().ok(), total.parse().ok()),
            None => (None, None),
        };
        let mut items = Vec::new();
        loop {
            let room = slice.size.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
            let limit = room.min(LEADS_AT_ONCE);
            let query = LeadQuery { list, stage: stage.clone(), before, limit, ..LeadQuery::default() };
            let page = leads.list(workspace, query).await.map_err(|error| broken(&error))?;
            total = total.or(Some(page.total));
            for row in page.items {
                items.push(serde_json::to_value(&row.lead).map_err(|error| broken(&error))?);
            }
            before = page.next;
            if before.is_none() || room <= limit {
                let next = before.map(|before| format!("{before}:{}", total.unwrap_or_default()));
                return Ok(Piece { items, next, total });
            }
        }
    }
}

/// The items at `pointer` of a page, if it holds a list there.
pub(super) fn items_at(body: &Value, pointer: &str) -> Option<Vec<Value>> {
    match body.pointer(pointer)? {
        Value::Array(items) => Some(items.clone()),
        Value::Null => Some(Vec::new()),
        _ => None,
    }
}

pub(super) fn unreadable(message: String, action: &'static str) -> Failure {
    Failure::bad_input("RUN-0019", message, action)
}

fn broken(error: &dyn std::fmt::Display) -> Failure {
    Failure::new(
        "RUN-0019",
        FailureKind::Temporary,
        format!("the list cannot be read: {error}"),
        "Give this step retries, or run the workflow again from this step.",
    )
}
