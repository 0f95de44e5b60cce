//! What the writer needs to enrich leads: rare, so that a batch without it asks nothing.

use crate::error::Error;
use crate::ports::WorkspaceId;
use std::collections::HashSet;
use trunkline_leads::Answer;
use trunkline_leads::book::Enriched;
use trunkline_leads::enrichment::{Meter, Provenance, Remembered};
use uuid::Uuid;

/// The tables of enrichment.
pub(crate) trait EnrichmentTables: Send {
    /// Where the values of these leads came from, each with its lead.
    fn provenance(
        &mut self,
        workspace: WorkspaceId,
        leads: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<Vec<(Uuid, Provenance)>, Error>> + Send;

    /// What these waterfalls have spent, each with its waterfall.
    fn spending(
        &mut self,
        workspace: WorkspaceId,
        waterfalls: &HashSet<Uuid>,
    ) -> impl Future<Output = Result<Vec<(Uuid, Meter)>, Error>> + Send;

    /// What is remembered of these questions.
    fn remembered(
        &mut self,
        workspace: WorkspaceId,
        questions: &HashSet<String>,
    ) -> impl Future<Output = Result<Vec<Remembered>, Error>> + Send;

    /// Writes what enrichment changed.
    fn write_enrichment(
        &mut self,
        workspace: WorkspaceId,
        changed: Enriched,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

/// The needs about enrichment, one sort each.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) origins: HashSet<Uuid>,
    pub(super) spending: HashSet<Uuid>,
    pub(super) questions: HashSet<String>,
}

/// Answers what operations ask about enrichment.
pub(super) async fn answer<T: EnrichmentTables>(
    tables: &mut T,
    workspace: WorkspaceId,
    asked: Asked,
    answers: &mut Vec<Answer>,
) -> Result<(), Error> {
    if !asked.origins.is_empty() {
        let found = tables.provenance(workspace, &asked.origins).await?;
        answers.extend(asked.origins.into_iter().map(|lead| {
            let of = found.iter().filter(|(of, _)| *of == lead);
            Answer::Provenance(lead, of.map(|(_, origin)| origin.clone()).collect())
        }));
    }
    if !asked.spending.is_empty() {
        let found = tables.spending(workspace, &asked.spending).await?;
        answers.extend(asked.spending.into_iter().map(|waterfall| {
            let of = found.iter().filter(|(of, _)| *of == waterfall);
            Answer::Spending(waterfall, of.map(|(_, meter)| meter.clone()).collect())
        }));
    }
    let mut questions = asked.questions;
    if !questions.is_empty() {
        for remembered in tables.remembered(workspace, &questions).await? {
            questions.remove(&remembered.key);
            answers.push(Answer::Remembered(remembered.key.clone(), Some(Box::new(remembered))));
        }
        answers.extend(questions.into_iter().map(|question| Answer::Remembered(question, None)));
    }
    Ok(())
}
