//! Telling what importing a list would do, row by row, without writing anything.

use super::{Halt, Work};
use crate::imports::preview::Preview;
use crate::imports::rows_of;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use trunkline_leads::importing::Plan;
use trunkline_store::ports::{ImportChange, ImportStatus};
use uuid::Uuid;

/// What previewing an import does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportPreviewPlan {
    /// Which import.
    pub import: Uuid,
}

pub(super) async fn work(work: &mut Work, plan: ImportPreviewPlan) -> Result<(), Halt> {
    let looked = look(work, plan.import).await;
    if let Err(halt) = &looked
        && !work.app.stopping.is_cancelled()
    {
        // The settings stay; whoever stopped it goes on from them.
        let error = if let Halt::Failed(why) = halt { Some(why.clone()) } else { None };
        let back = ImportChange { status: Some(ImportStatus::Ready), error, ..ImportChange::default() };
        let from = vec![ImportStatus::Previewing];
        work.app.store.imports.change(work.job.workspace, plan.import, from, back).await?;
    }
    looked
}

async fn look(work: &mut Work, id: Uuid) -> Result<(), Halt> {
    let (app, workspace) = (Arc::clone(&work.app), work.job.workspace);
    let gone = || Halt::Failed("API-0007: the import is gone".into());
    let import = app.store.imports.get(workspace, id).await?.ok_or_else(gone)?;
    let settings =
        serde_json::from_value(import.settings).map_err(|error| Halt::Failed(error.to_string()))?;
    let plan = Plan::of(settings).map_err(|error| Halt::Failed(format!("IMP-0011: {error}")))?;
    work.expect(import.total.unwrap_or_default());
    let path = rows_of(&app.config.data, id);
    let rules = Arc::new(app.store.rules(workspace).await?.fields_alone());
    let mut preview = Preview::new(id, import.name, plan, rules);
    loop {
        work.may_go_on().await?;
        let (further, has_more) = preview
            .go_on(&path, &app.store, workspace)
            .await
            .map_err(|error| Halt::Failed(format!("IMP-0002: {error}")))?;
        preview = further;
        work.reached(preview.rows()).await?;
        if !has_more {
            break;
        }
    }
    let change = ImportChange {
        status: Some(ImportStatus::Previewed),
        preview: Some(preview.into_value()),
        ..ImportChange::default()
    };
    app.store.imports.change(workspace, id, vec![ImportStatus::Previewing], change).await?;
    Ok(())
}
