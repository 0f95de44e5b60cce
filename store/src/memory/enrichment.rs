//! Enrichment in memory: there is none. No simulation asks a provider of data.

use super::absent::{Absent, absent};
use super::transaction::Transaction;
use crate::error::Error;
use crate::ports::{Answer, Enrichment, WorkspaceId};
use crate::writer::EnrichmentTables;
use std::collections::HashSet;
use trunkline_leads::book::Enriched;
use trunkline_leads::enrichment::{Meter, Provenance, Remembered};
use uuid::Uuid;

const ENRICHMENT: &str = "enrichment";

impl EnrichmentTables for Transaction {
    async fn provenance(
        &mut self,
        _: WorkspaceId,
        _: &HashSet<Uuid>,
    ) -> Result<Vec<(Uuid, Provenance)>, Error> {
        absent(ENRICHMENT).await
    }

    async fn spending(&mut self, _: WorkspaceId, _: &HashSet<Uuid>) -> Result<Vec<(Uuid, Meter)>, Error> {
        absent(ENRICHMENT).await
    }

    async fn remembered(&mut self, _: WorkspaceId, _: &HashSet<String>) -> Result<Vec<Remembered>, Error> {
        absent(ENRICHMENT).await
    }

    async fn write_enrichment(&mut self, _: WorkspaceId, _: Enriched) -> Result<(), Error> {
        absent(ENRICHMENT).await
    }
}

impl Enrichment for Absent {
    fn provenance(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Vec<Provenance>> {
        absent(ENRICHMENT)
    }

    fn spending(&self, _: WorkspaceId, _: Uuid) -> Answer<'_, Vec<Meter>> {
        absent(ENRICHMENT)
    }

    fn remembered(&self, _: WorkspaceId, _: String) -> Answer<'_, Option<Remembered>> {
        absent(ENRICHMENT)
    }
}
