//! A preview: every row goes through what the run will do, in a book that is thrown away, and is counted.
//!
//! Memory holds a stretch of rows and the identity of the leads met so far. What happens to leads besides (list, stage,
//! pool) changes no count and is left out.

use super::blocks::{self, Place, Row};
use super::known::Known;
use super::tally::Tally;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_leads::cleaning::Report;
use trunkline_leads::importing::{Afterwards, Counts, ImportRow, ImportRows, Plan};
use trunkline_leads::standing::Rules;
use trunkline_leads::{Answer, Book, Key, Lead, Need, Occasion, Operation, stage};
use trunkline_store::{Error, Store, WorkspaceId};
use uuid::Uuid;

/// Rows of a stretch.
const ROWS: u32 = 5_000;

/// Why a preview did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum PreviewError {
    /// The disk refuses.
    #[error("the rows cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] Error),
    /// The rows cannot be looked at.
    #[error("{0}")]
    Failed(String),
}

impl From<Failure> for PreviewError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure.to_string())
    }
}

/// A preview under way.
#[derive(Debug)]
pub struct Preview {
    import: Uuid,
    name: String,
    plan: Plan,
    /// The own fields that values have to fit.
    rules: Arc<Rules>,
    place: Option<Place>,
    known: Known,
    counts: Counts,
    tally: Tally,
}

impl Preview {
    /// A preview of an import with these settings; of `rules` the own fields count.
    #[must_use]
    pub fn new(import: Uuid, name: String, plan: Plan, rules: Arc<Rules>) -> Self {
        let (known, counts, tally) = (Known::default(), Counts::default(), Tally::default());
        Self { import, name, plan, rules, place: Some(Place::START), known, counts, tally }
    }

    /// Goes through the next stretch of the rows at `path`; false when there is none.
    ///
    /// # Errors
    /// When rows or leads cannot be read.
    pub async fn go_on(
        mut self,
        path: &Path,
        store: &Store,
        workspace: WorkspaceId,
    ) -> Result<(Self, bool), PreviewError> {
        let Some(place) = self.place else { return Ok((self, false)) };
        let (path, plan) = (path.to_owned(), self.plan.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let (rows, next) = blocks::read(&path, place, ROWS)?;
            let prepared: Vec<(ImportRow, Report)> = rows.iter().map(|row| row.prepared(&plan)).collect();
            Ok::<_, std::io::Error>((rows, prepared, next))
        });
        let (rows, prepared, next) =
            reading.await.map_err(|error| PreviewError::Failed(error.to_string()))??;
        self.place = next;
        let asked: HashSet<Key> = prepared
            .iter()
            .flat_map(|(row, _)| row.keys.iter())
            .filter(|key| !self.known.has_key(key))
            .cloned()
            .collect();
        let found = store.imports.known(workspace, asked).await?;
        let work = move || self.look_at(&rows, prepared, found).map(|()| self);
        let preview = tokio::task::spawn_blocking(work).await;
        let preview = preview.map_err(|error| PreviewError::Failed(error.to_string()))??;
        Ok((preview, true))
    }

    /// Rows that were looked at.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.counts.rows()
    }

    /// What was found.
    #[must_use]
    pub fn into_value(self) -> Value {
        let mut value = self.tally.into_value();
        value["counts"] = json!(self.counts);
        value["rows"] = self.counts.rows().into();
        value
    }

    fn look_at(
        &mut self,
        rows: &[Row],
        prepared: Vec<(ImportRow, Report)>,
        found: Vec<(Key, Box<Lead>)>,
    ) -> Result<(), PreviewError> {
        let at = Utc::now();
        let of_store: HashMap<Key, Box<Lead>> = found.into_iter().collect();
        let (import_rows, reports): (Vec<ImportRow>, Vec<Report>) = prepared.into_iter().unzip();
        let asked = ImportRows {
            afterwards: Afterwards::default(),
            ..blocks::operation(self.import, &self.name, &self.plan, import_rows)
        };
        let mut book = Book::with_rules(stage::default_ladder(), Arc::clone(&self.rules));
        let operation = Operation::ImportRows(asked);
        loop {
            let needs = book.needs(&operation);
            if needs.is_empty() {
                break;
            }
            let answers: Vec<Answer> =
                needs.into_iter().flat_map(|need| self.answer(need, &of_store, at)).collect();
            if answers.is_empty() {
                return Err(PreviewError::Failed("a row needs something that no preview knows".into()));
            }
            book.supply(answers);
        }
        let mut new_id = Uuid::now_v7;
        book.perform(&operation, Occasion { at, run_id: None, step: None, by: None, new_id: &mut new_id })?;
        let changes = book.take_changes();
        let Operation::ImportRows(asked) = &operation else { return Ok(()) };
        let changed: HashSet<Uuid> = changes.leads.iter().map(|lead| lead.id).collect();
        for lead in &changes.leads {
            self.known.remember(lead);
        }
        for stretch in changes.imports {
            self.counts = self.counts.plus(stretch.counts);
            for (((row, prepared), report), outcome) in
                rows.iter().zip(&asked.rows).zip(&reports).zip(&stretch.rows)
            {
                // Leads that stayed as they were are known by now as well.
                for lead in prepared.keys.iter().filter_map(|key| of_store.get(key)) {
                    if outcome.lead == Some(lead.id) && !changed.contains(&lead.id) {
                        self.known.remember(lead);
                    }
                }
                self.tally.add(row, prepared, report, outcome);
            }
        }
        for (key, lead) in &changes.keys {
            self.known.remember_key(key, *lead);
        }
        Ok(())
    }

    fn answer(&self, need: Need, of_store: &HashMap<Key, Box<Lead>>, at: DateTime<Utc>) -> Vec<Answer> {
        match need {
            Need::Key(key) => {
                let met = self.known.of_key(self.import, &key, at);
                if let Some(answers) = met {
                    return answers.into();
                }
                match of_store.get(&key) {
                    None => vec![Answer::Key(key, None)],
                    Some(lead) => match self.known.of_lead(self.import, &key, lead.id, at) {
                        Some(answers) => answers.into(),
                        None => vec![
                            Answer::Key(key.clone(), Some(lead.id)),
                            Answer::Lead(lead.id, Some(lead.clone())),
                            Answer::Imported { import: self.import, lead: lead.id, at: None },
                        ],
                    },
                }
            }
            Need::Lead(id) => vec![Answer::Lead(id, None)],
            Need::Imported { import, lead } => vec![Answer::Imported { import, lead, at: None }],
            Need::Pool(asked) => vec![Answer::Pool(asked, None)],
            Need::Team(name) => vec![Answer::Team(name, Vec::new())],
            Need::Owner(asked) => vec![Answer::Owner(asked, None)],
            // A preview starts and stops no clocks.
            Need::Clocks(lead) => vec![Answer::Clocks(lead, Vec::new())],
            Need::LatestOwner(account) => vec![Answer::LatestOwner(account, None)],
            Need::Load(owner) => vec![Answer::Load(owner, std::collections::BTreeMap::new())],
            Need::AccountKey(key) => vec![Answer::AccountKey(key, Default::default())],
            Need::Account(id) => vec![Answer::Account(id, None)],
            Need::AccountMatch(lead) => vec![Answer::AccountMatch(lead, None)],
            Need::History(lead) => vec![Answer::History(lead, Vec::new())],
            Need::HistoryApart { lead, without } => {
                vec![Answer::HistoryApart { lead, without, traces: Vec::new() }]
            }
            Need::Belongings(lead) => vec![Answer::Belongings { lead, keys: Vec::new(), lists: Vec::new() }],
            Need::Merge(id) => vec![Answer::Merge(id, None)],
            Need::Provenance(lead) => vec![Answer::Provenance(lead, Vec::new())],
            Need::Spending(waterfall) => vec![Answer::Spending(waterfall, Vec::new())],
            Need::Remembered(question) => vec![Answer::Remembered(question, None)],
            Need::ActivityKey(key) => vec![Answer::ActivityKey(key, false)],
            Need::Alike { of, .. } => vec![Answer::Alike(of, Box::default())],
            Need::Definitions(kind) => vec![Answer::Definitions(kind, [].into())],
            Need::List(asked) => vec![Answer::List(asked, None)],
            Need::Membership { list, lead } => vec![Answer::Membership { list, lead, is_member: false }],
        }
    }
}
