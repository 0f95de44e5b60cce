//! Leads on their way out as a file: page by page from the store to the reader, in the memory of a page.

use super::{LeadColumn, LeadSelection};
use crate::app::Shared;
use crate::sheets::{self, Csv, Pipe, Sheet, Xlsx};
use axum::body::Body;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io;
use tokio::runtime::Handle;
use trunkline_leads::own_field::OwnFields;
use trunkline_store::WorkspaceId;
use trunkline_store::ports::LeadQuery;
use utoipa::ToSchema;

/// Leads read together.
const PAGE: u32 = 500;

/// What sort of file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Comma-separated values.
    #[default]
    Csv,
    /// An Excel workbook.
    Xlsx,
}

impl Format {
    /// What the answer says it is.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// What names of such files end with.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

/// What goes out.
#[derive(Debug)]
pub struct Export {
    /// Whose leads.
    pub workspace: WorkspaceId,
    /// Which leads.
    pub query: LeadQuery,
    /// In which columns.
    pub columns: Vec<LeadColumn>,
    /// What the own fields among them are called.
    pub own: OwnFields,
    /// As what.
    pub format: Format,
}

impl Export {
    /// The file as a body. It is made while it is read, and breaks off when the store does.
    pub fn body(self, app: Shared) -> Body {
        let (pipe, body) = sheets::pipe();
        let breaker = pipe.breaker();
        let runtime = Handle::current();
        tokio::task::spawn_blocking(move || {
            if let Err(error) = self.write(&app, &runtime, pipe) {
                // Whoever has gone does not hear it; whoever reads must not take the file for whole.
                let _ = breaker.blocking_send(Err(error));
            }
        });
        body
    }

    fn write(self, app: &Shared, runtime: &Handle, pipe: Pipe) -> io::Result<()> {
        let mut sheet: Box<dyn Sheet> = match self.format {
            Format::Csv => Box::new(Csv::new(pipe)),
            Format::Xlsx => Box::new(Xlsx::new(pipe)?),
        };
        let header: Vec<Value> = self.columns.iter().map(|column| column.label(&self.own).into()).collect();
        sheet.row(&header)?;
        let mut place = None;
        loop {
            let page = LeadSelection::page(&app.store, self.workspace, &self.query, place, PAGE);
            let page = runtime.block_on(page).map_err(io::Error::other)?;
            for lead in &page.items {
                let cells: Vec<Value> = self.columns.iter().map(|column| column.value(lead)).collect();
                sheet.row(&cells)?;
            }
            place = page.next;
            if place.is_none() {
                return sheet.finish();
            }
        }
    }
}
