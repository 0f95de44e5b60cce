//! Big lists: the next stretch of a stream is read and becomes a run of its own, so that it is durable, bounded in
//! memory, and never repeated once it has ended.

use super::start::{Await, Origin};
use super::{Runner, pages};
use crate::intake::stretch::{self, Layout, Piece};
use serde_json::{Value, json};
use std::sync::Arc;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_engine::kind::StreamFrom;
use trunkline_engine::run::{EffectKey, Event, Slice, Stretch};
use trunkline_leads::table::{self, Table};
use trunkline_store::WorkspaceId;
use trunkline_store::ports::{LeadPlace, LeadQuery, RowQuery, RunHeader};
use uuid::Uuid;

/// Most leads asked of the store at once.
const LEADS_AT_ONCE: u32 = 200;
/// Most rows of a table asked of the store at once.
const ROWS_AT_ONCE: u32 = 1_000;

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
        let parent = Some((parent.id, key.clone()));
        let origin = Origin { kind: "slice", parent, ..Origin::default() };
        let started = Box::pin(self.begin(&version, first, origin, Await::Nothing)).await;
        started.map(drop).map_err(|error| not_now(&error))
    }

    /// Reads a stretch from where it comes from.
    pub(crate) async fn read_stretch(&self, workspace: WorkspaceId, slice: &Slice) -> Result<Piece, Failure> {
        match &slice.from {
            StreamFrom::File { file } => self.read_file(workspace, file, slice).await,
            StreamFrom::Import { import } => self.read_import(workspace, import, slice).await,
            StreamFrom::Leads { list, stage, segment, import } => {
                let mut query = LeadQuery { stage: stage.clone(), ..LeadQuery::default() };
                query.list = self.find_list(workspace, list.as_deref()).await?;
                query.segment = self.find_segment(workspace, segment.as_deref()).await?;
                query.import = import.as_deref().map(find_import).transpose()?;
                self.read_leads(workspace, query, slice).await
            }
            StreamFrom::Table { table } => self.read_table(workspace, table, slice).await,
            StreamFrom::Pages { operation, items, next } => {
                let page = pages::Page { operation, items, next };
                self.read_page(workspace, page, slice.cursor.as_deref()).await
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

    /// The rows of an import; a stretch of them is one item.
    async fn read_import(
        &self,
        workspace: WorkspaceId,
        import: &str,
        slice: &Slice,
    ) -> Result<Piece, Failure> {
        let gone = || {
            unreadable(format!("there is no import \"{import}\""), "Start it again from the list of imports.")
        };
        let id = import.trim().parse::<Uuid>().map_err(|_| gone())?;
        let import = self.inner.store.imports.get(workspace, id).await.map_err(|error| broken(&error))?;
        let import = import.ok_or_else(gone)?;
        let piece = self.inner.blocks.piece(&import, slice.cursor.as_deref(), slice.size).await;
        piece.map_err(|error| {
            unreadable(
                format!("\"{}\": {error}", import.name),
                "Upload the file again and start a new import.",
            )
        })
    }

    /// Leads, the newest first: those that are made meanwhile come before the beginning and are not met.
    async fn read_leads(
        &self,
        workspace: WorkspaceId,
        wanted: LeadQuery,
        slice: &Slice,
    ) -> Result<Piece, Failure> {
        let leads = &self.inner.store.leads;
        let (mut before, mut total) = match slice.cursor.as_deref().and_then(|cursor| cursor.split_once(':'))
        {
            Some((before, total)) => (before.parse::<Uuid>().ok().map(LeadPlace::from), total.parse().ok()),
            None => (None, None),
        };
        let mut items = Vec::new();
        loop {
            let room = slice.size.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
            let limit = room.min(LEADS_AT_ONCE);
            let query = LeadQuery { before, limit, ..wanted.clone() };
            let page = leads.list(workspace, query).await.map_err(|error| broken(&error))?;
            total = total.or(Some(page.total));
            for row in page.items {
                items.push(serde_json::to_value(&row.lead).map_err(|error| broken(&error))?);
            }
            before = page.next;
            if before.is_none() || room <= limit {
                let next = before.map(|before| format!("{}:{}", before.id, total.unwrap_or_default()));
                return Ok(Piece { items, next, total });
            }
        }
    }
}

impl Runner {
    async fn find_list(&self, workspace: WorkspaceId, list: Option<&str>) -> Result<Option<Uuid>, Failure> {
        let Some(wanted) = list.map(str::trim).filter(|list| !list.is_empty()) else { return Ok(None) };
        let lists = self.inner.store.leads.lists(workspace).await.map_err(|error| broken(&error))?;
        let found = lists
            .into_iter()
            .map(|row| row.list)
            .find(|list| list.name.eq_ignore_ascii_case(wanted) || wanted.parse() == Ok(list.id));
        let gone = || unreadable(format!("there is no list \"{wanted}\""), "Choose a list that is there.");
        Ok(Some(found.ok_or_else(gone)?.id))
    }

    /// The segment of this name, which has to be in force: one that is not there would look like one without leads.
    async fn find_segment(
        &self,
        workspace: WorkspaceId,
        segment: Option<&str>,
    ) -> Result<Option<String>, Failure> {
        let Some(wanted) = segment.map(str::trim).filter(|name| !name.is_empty()) else { return Ok(None) };
        let kind = trunkline_leads::definition::SEGMENT.to_owned();
        let all = self.inner.store.definitions.published(workspace, kind).await;
        let is_there = all.map_err(|error| broken(&error))?.iter().any(|segment| segment.name == wanted);
        let gone = || {
            unreadable(format!("no segment \"{wanted}\" is in force"), "Choose a segment that is in force.")
        };
        if is_there { Ok(Some(wanted.to_owned())) } else { Err(gone()) }
    }

    /// Rows of a table in the order in which they were made, up to the one that was the last when the loop began: those
    /// that the loop itself adds are not met.
    async fn read_table(&self, workspace: WorkspaceId, asked: &str, slice: &Slice) -> Result<Piece, Failure> {
        let tables = &self.inner.store.tables;
        let (table, total) = self.find_table(workspace, asked).await?;
        let cursor = slice.cursor.as_deref().map(|cursor| TableCursor::parse(cursor).ok_or_else(lost));
        let cursor = cursor.transpose()?;
        let (mut after, mut until) =
            cursor.map_or((None, None), |cursor| (Some(cursor.after), Some(cursor.until)));
        let total = cursor.map_or(total, |cursor| cursor.total);
        let mut items = Vec::new();
        loop {
            let room = slice.size.saturating_sub(u32::try_from(items.len()).unwrap_or(u32::MAX));
            let limit = room.min(ROWS_AT_ONCE);
            let query = RowQuery { search: None, after, until, limit };
            let page = tables.rows(workspace, table.id, query).await.map_err(|error| broken(&error))?;
            until = until.or(page.last);
            items.extend(page.items.iter().map(|row| row.record(&table)));
            after = page.next.filter(|next| until.is_none_or(|until| *next < until));
            let (Some(next), Some(until)) = (after, until) else {
                return Ok(Piece { items, next: None, total: Some(total) });
            };
            if room <= limit {
                let cursor = TableCursor { after: next, until, total };
                return Ok(Piece { items, next: Some(cursor.text()), total: Some(total) });
            }
        }
    }

    async fn find_table(&self, workspace: WorkspaceId, asked: &str) -> Result<(Arc<Table>, u64), Failure> {
        let need = table::Need::Table(asked.trim().to_owned());
        let found = self.inner.store.tables.look_up(workspace, vec![need]).await;
        let found = found.map_err(|error| broken(&error))?.into_iter().find_map(|answer| match answer {
            table::Answer::Table(_, table) => table,
            _ => None,
        });
        found.ok_or_else(|| table::no_such_table(asked))
    }
}

/// Where the next stretch of a table begins and the last one ends, and how many rows the table had at first.
#[derive(Debug, Clone, Copy, PartialEq)]
struct TableCursor {
    after: Uuid,
    until: Uuid,
    total: u64,
}

impl TableCursor {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split(':');
        let mut next = || parts.next();
        Some(Self {
            after: next()?.parse().ok()?,
            until: next()?.parse().ok()?,
            total: next()?.parse().ok()?,
        })
    }

    fn text(self) -> String {
        format!("{}:{}:{}", self.after, self.until, self.total)
    }
}

fn lost() -> Failure {
    unreadable(
        "the place to go on from cannot be understood".into(),
        "Run the workflow again from this step.",
    )
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

/// The id of an import.
fn find_import(import: &str) -> Result<Uuid, Failure> {
    let gone = || unreadable(format!("\"{import}\" is no import"), "Use the id of an import.");
    import.trim().parse().map_err(|_| gone())
}
