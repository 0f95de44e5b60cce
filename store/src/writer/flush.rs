//! Writing what a batch changed, in sets: runs and their journals, then how many ended how.

use super::database::Database;
use super::pending::Pending;
use super::rows::{Ended, JournalRow, NewRun, RunChange};
use super::tables::PayloadTables;
use crate::error::Error;
use crate::payloads::Payloads;
use crate::ports::{RunState, RunStatus};
use std::collections::BTreeMap;
use uuid::Uuid;

const MICROS_PER_HOUR: i64 = 3_600_000_000;

/// Writes the runs of a batch, their journals, and how many ended how.
pub(super) async fn runs<D: Database>(
    database: &mut D,
    turns: &mut [Pending],
    payloads: &Payloads,
) -> Result<(), Error> {
    let (mut new, mut later, mut changed) = (Vec::new(), Vec::new(), Vec::new());
    let mut tally = Tally::default();
    for turn in turns.iter_mut().filter(|turn| turn.is_moving()) {
        let state = turn.state();
        tally.count(turn.header.workflow, &state);
        if turn.is_new() {
            let journal = turn.draft.take();
            new.push(NewRun { header: &turn.header, state, journal });
        } else {
            let run = turn.header.id;
            changed.push(RunChange { run, state });
            if !turn.draft.is_empty() {
                later.push(JournalRow { run, seq: turn.header.next_seq, body: turn.draft.take() });
            }
        }
    }
    let firsts = new.iter_mut().map(|run| (run.header.id, 0, &mut run.journal));
    let others = later.iter_mut().map(|row| (row.run, row.seq, &mut row.body));
    let spilled = payloads.spill(firsts.chain(others).collect()).await?;
    if !new.is_empty() {
        database.insert_runs(new).await.map_err(fenced)?;
    }
    if !later.is_empty() {
        database.insert_journal(later).await.map_err(fenced)?;
    }
    if !spilled.is_empty() {
        database.connection().add_payloads(spilled).await?;
    }
    if !changed.is_empty() {
        let expected = changed.len();
        // A run that was swept away cannot go on; the batch is taken apart and its turn refused.
        if usize::try_from(database.update_runs(changed).await?) != Ok(expected) {
            return Err(Error::NotFound("the run"));
        }
    }
    let ended = tally.rows();
    if ended.is_empty() { Ok(()) } else { database.add_ended(ended).await }
}

/// A turn that is there already was written by somebody else.
fn fenced(error: Error) -> Error {
    if matches!(error, Error::Conflict(_)) { Error::Fenced } else { error }
}

/// How many runs ended how, by workflow and hour.
#[derive(Default)]
struct Tally(BTreeMap<(Uuid, i64), [i64; 3]>);

impl Tally {
    fn count(&mut self, workflow: Uuid, state: &RunState) {
        let Some(at) = state.finished_at else { return };
        let hour = at.timestamp_micros().div_euclid(MICROS_PER_HOUR);
        let counts = self.0.entry((workflow, hour)).or_default();
        counts[match state.status {
            RunStatus::Failed => 1,
            RunStatus::Cancelled => 2,
            _ => 0,
        }] += 1;
    }

    fn rows(self) -> Vec<Ended> {
        let row = |((workflow, hour), [completed, failed, cancelled]): ((Uuid, i64), [i64; 3])| Ended {
            workflow,
            hour,
            completed,
            failed,
            cancelled,
        };
        self.0.into_iter().map(row).collect()
    }
}
