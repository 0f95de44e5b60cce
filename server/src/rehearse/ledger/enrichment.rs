//! What a rehearsal knows of enrichment: what the store has today, read and never written.

use super::{Leads, Ledger, Unperformed, failures};
use crate::runner::providers;
use trunkline_engine::failure::Failure;
use trunkline_engine::kind;
use trunkline_leads::{Answer, Need};

impl Ledger {
    /// `operation` as it leaves: see [`providers::signed`].
    ///
    /// # Errors
    /// As there.
    pub async fn signed(&self, operation: &kind::Operation) -> Result<kind::Operation, Failure> {
        providers::signed(&self.store, self.workspace, operation.clone()).await
    }

    /// Answers a need about enrichment. Of an old run's leads nobody noted where values had come from by then.
    pub(super) async fn answer_on_enrichment(&self, need: Need) -> Result<Answer, Unperformed> {
        let tables = &self.store.enrichment;
        let answer = match need {
            Need::Provenance(_) | Need::Remembered(_) if self.source == Leads::OfThePast => {
                return Err(Unperformed::NotKnown("what providers had said of the lead by then".into()));
            }
            Need::Provenance(lead) => {
                tables.provenance(self.workspace, lead).await.map(|known| Answer::Provenance(lead, known))
            }
            Need::Spending(waterfall) => tables
                .spending(self.workspace, waterfall)
                .await
                .map(|spent| Answer::Spending(waterfall, spent)),
            Need::Remembered(question) => {
                let known = tables.remembered(self.workspace, question.clone()).await;
                known.map(|known| Answer::Remembered(question, known.map(Box::new)))
            }
            other => return Err(Unperformed::NotKnown(format!("what is asked as {other:?}"))),
        };
        Ok(answer.map_err(|error| failures::unreadable(&error))?)
    }
}
