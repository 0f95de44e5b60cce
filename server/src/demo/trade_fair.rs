//! The list of the example company: visitors of a trade fair, as somebody typed them in. It is imported by the same steps
//! as any other, and its leads go through a workflow to their owners, so that a newcomer finds an import with results,
//! runs and decisions.

use crate::app::Shared;
use crate::auth::Caller;
use crate::http::{files, import_work};
use anyhow::{Context, bail};
use std::time::Duration;
use trunkline_engine::document::Document;
use trunkline_leads::importing::ImportSettings;
use trunkline_store::ports::{ImportStatus, Publish};
use uuid::Uuid;

const VISITORS: &str = include_str!("trade-fair.csv");
const WORKFLOW: &str = include_str!("list-to-owners.json");
const NAME: &str = "Trade fair visitors.csv";
/// The list that its leads are put on.
const LIST: &str = "Example: trade fair";
/// How long importing a handful of rows may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often the import is looked at meanwhile.
const LOOK: Duration = Duration::from_millis(50);

/// Imports the list and waits for its end.
///
/// # Errors
/// The store's, those of the disk, and those of the example's own data, which a test rules out.
pub(super) async fn import(app: &Shared, caller: &Caller) -> anyhow::Result<()> {
    let workflow = workflow(app, caller).await?;
    let file = files::put(app, caller, NAME, VISITORS.as_bytes()).await?;
    let import = import_work::create(app, caller, file.id, None).await?;
    let import = at(app, caller, import.id, ImportStatus::Ready).await?;
    let mut settings: ImportSettings =
        serde_json::from_value(import.settings).context("no choices were guessed")?;
    settings.afterwards.list = Some(LIST.into());
    settings.afterwards.source = Some("Trade fair".into());
    settings.afterwards.workflow = Some(workflow.to_string());
    import_work::choose(app, caller, import.id, settings).await?;
    import_work::start(app, caller, import.id).await?;
    at(app, caller, import.id, ImportStatus::Done).await.map(drop)
}

/// The import once it stands at `wanted`.
async fn at(
    app: &Shared,
    caller: &Caller,
    id: Uuid,
    wanted: ImportStatus,
) -> anyhow::Result<trunkline_store::ports::Import> {
    let look = async {
        loop {
            let import = import_work::find(app, caller, id).await?;
            let (import, _) = import_work::settled(app, caller, import).await?;
            match import.status {
                status if status == wanted => return Ok(import),
                ImportStatus::Failed | ImportStatus::Cancelled => {
                    bail!("the list of the example was not imported: {}", import.error.unwrap_or_default())
                }
                _ => tokio::time::sleep(LOOK).await,
            }
        }
    };
    tokio::time::timeout(PATIENCE, look).await.context("the list of the example takes too long")?
}

/// The workflow that the leads go through.
async fn workflow(app: &Shared, caller: &Caller) -> anyhow::Result<Uuid> {
    let workflow = app.store.workflows.create(caller.workspace, Uuid::now_v7(), document()?).await?;
    let publish = Publish {
        base_revision: workflow.draft_revision,
        note: Some("Comes with the example company".into()),
        ..Publish::default()
    };
    app.store.workflows.publish(caller.workspace, workflow.id, publish).await?;
    app.routes.rebuild(&app.store, app.runner.versions()).await?;
    Ok(workflow.id)
}

fn document() -> anyhow::Result<Document> {
    serde_json::from_str(WORKFLOW).context("the workflow of the example cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_engine::compile;

    #[test]
    fn the_workflow_has_no_problem_not_even_a_warning() {
        let problems = compile::check(&document().unwrap(), &crate::serve::registry());
        assert!(problems.is_empty(), "{problems:#?}");
    }

    #[test]
    fn the_list_is_as_messy_as_lists_are() {
        let rows: Vec<Vec<&str>> = VISITORS.lines().map(|line| line.split(';').collect()).collect();
        assert!(rows.iter().all(|row| row.len() == rows[0].len()));
        assert_eq!(rows.len(), 17);
    }
}
