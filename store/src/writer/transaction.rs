//! Writes that are no turns, and the end of every transaction.

use super::database::Database;
use super::job::Job;
use crate::error::Error;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;

/// Runs `jobs`, each in a part of its own, and commits what succeeded.
pub(super) async fn jobs<D: Database>(
    database: &mut D,
    jobs: &mut [Box<dyn Job<D::Connection>>],
    outcomes: &mut Vec<Result<(), Error>>,
) -> Result<(), Error> {
    database.begin().await?;
    let mut outcome = Ok(());
    for job in jobs {
        outcome = in_part(database, job.as_mut(), outcomes).await;
        if outcome.is_err() {
            break;
        }
    }
    end(database, outcome).await
}

/// Runs `job` between two transactions.
pub(super) async fn alone<D: Database>(database: &mut D, mut job: Box<dyn Job<D::Connection>>) {
    let run = AssertUnwindSafe(job.run(database.connection())).catch_unwind().await;
    let outcome = run.unwrap_or_else(|_| Err(Error::Database("a write panicked".into())));
    job.settle(outcome);
}

/// The error of the result is the transaction's; the job's own goes to `outcomes`.
async fn in_part<D: Database>(
    database: &mut D,
    job: &mut dyn Job<D::Connection>,
    outcomes: &mut Vec<Result<(), Error>>,
) -> Result<(), Error> {
    database.begin_part().await?;
    let run = AssertUnwindSafe(job.run(database.connection())).catch_unwind().await;
    let outcome = run.unwrap_or_else(|_| Err(Error::Database("a write panicked".into())));
    if let Err(error) = &outcome
        && error.is_of_store()
    {
        // The database has given up the whole transaction, this part and all.
        return outcome;
    }
    database.end_part(outcome.is_ok()).await?;
    outcomes.push(outcome);
    Ok(())
}

/// Makes what was done durable, or gives it up.
pub(super) async fn end<D: Database, T>(database: &mut D, outcome: Result<T, Error>) -> Result<T, Error> {
    let outcome = match outcome {
        Ok(done) => database.commit().await.map(|()| done),
        Err(error) => Err(error),
    };
    if outcome.is_err() {
        database.roll_back().await;
    }
    outcome
}
