//! Reading the file of an import: what it is, its columns, its rows in one form.

use super::{Halt, Work};
use crate::http::files::path_of;
use crate::imports::{guess, prepare, rows_of};
use crate::intake::list::{ListError, Reading};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use trunkline_store::ports::{ImportChange, ImportStatus};
use uuid::Uuid;

/// What reading a list does.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ImportReadPlan {
    /// Which import.
    pub import: Uuid,
    /// How a person says the file is to be read.
    #[serde(default)]
    pub reading: Reading,
}

pub(super) async fn work(work: &mut Work, plan: ImportReadPlan) -> Result<(), Halt> {
    let read = read(work, &plan).await;
    if let Err(Halt::Failed(why)) = &read {
        let failed = ImportChange {
            status: Some(ImportStatus::Failed),
            error: Some(why.clone()),
            ..ImportChange::default()
        };
        let from = vec![ImportStatus::Reading];
        work.app.store.imports.change(work.job.workspace, plan.import, from, failed).await?;
    }
    read
}

async fn read(work: &mut Work, plan: &ImportReadPlan) -> Result<(), Halt> {
    let (app, workspace) = (Arc::clone(&work.app), work.job.workspace);
    let gone = || Halt::Failed("IMP-0002: the file is gone; upload it again".into());
    let import = app.store.imports.get(workspace, plan.import).await?.ok_or_else(gone)?;
    let file = app.store.files.get(workspace, import.file).await?.ok_or_else(gone)?;
    let (source, target) = (path_of(&app, &file.sha256), rows_of(&app.config.data, import.id));
    if let Some(folder) = target.parent() {
        tokio::fs::create_dir_all(folder)
            .await
            .map_err(|error| Halt::Failed(format!("IMP-0002: {error}")))?;
    }
    work.expect(file.bytes);
    let (at, stop) = (Arc::new(AtomicU64::new(0)), work.stop.clone());
    let (told, reading) = (Arc::clone(&at), plan.reading.clone());
    let mut task = tokio::task::spawn_blocking(move || {
        prepare::prepare(&source, &target, &reading, &stop, &|bytes| told.store(bytes, Ordering::Relaxed))
    });
    let prepared = loop {
        tokio::select! {
            done = &mut task => break done.map_err(|error| Halt::Failed(error.to_string()))?,
            () = tokio::time::sleep(Duration::from_millis(300)) => {
                work.reached(at.load(Ordering::Relaxed).min(file.bytes)).await?;
            }
        }
    };
    let mut prepared = prepared.map_err(|error| match error {
        ListError::Stopped => Halt::Stopped,
        error => Halt::Failed(format!("{}: {error}", error.code())),
    })?;
    let source = prepare::source_of(&prepared.found.columns);
    let rules = app.store.rules(workspace).await?;
    let guessed = guess::settings(&prepared.profile, rules.own_fields());
    let mut settings = serde_json::to_value(guessed).unwrap_or_default();
    if let Some(before) = app.store.imports.latest_of(workspace, source.clone()).await?
        && before.id != import.id
    {
        settings = before.settings;
        prepared.remembered_from = Some(before.name);
    }
    let change = ImportChange {
        status: Some(ImportStatus::Ready),
        source: Some(source),
        total: Some(prepared.rows),
        found: Some(serde_json::to_value(&prepared).unwrap_or_default()),
        settings: Some(settings),
        preview: Some(Value::Null),
        ..ImportChange::default()
    };
    app.store.imports.change(workspace, import.id, vec![ImportStatus::Reading], change).await?;
    work.reached(file.bytes).await
}
