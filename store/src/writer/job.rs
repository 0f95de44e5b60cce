//! Writes that are not turns, each a closure over the backend's own connection.

use crate::error::Error;
use futures_util::future::BoxFuture;
use tokio::sync::oneshot;

/// A write that is not a turn: it runs in a part of the transaction that can be given up alone, so its failure is its
/// own.
pub(super) trait Job<C>: Send {
    fn run<'c>(&'c mut self, connection: &'c mut C) -> BoxFuture<'c, Result<(), Error>>;
    fn settle(self: Box<Self>, outcome: Result<(), Error>);
}

/// A job made of a closure and the caller who waits for its value.
pub(super) struct Once<T, F> {
    task: Option<F>,
    value: Option<T>,
    answer: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Once<T, F> {
    pub(super) fn new(task: F, answer: oneshot::Sender<Result<T, Error>>) -> Self {
        Self { task: Some(task), value: None, answer }
    }
}

impl<C, T, F> Job<C> for Once<T, F>
where
    C: Send,
    T: Send,
    F: for<'c> FnOnce(&'c mut C) -> BoxFuture<'c, Result<T, Error>> + Send,
{
    fn run<'c>(&'c mut self, connection: &'c mut C) -> BoxFuture<'c, Result<(), Error>> {
        Box::pin(async move {
            let task = self.task.take().expect("a job runs once");
            self.value = Some(task(connection).await?);
            Ok(())
        })
    }

    fn settle(self: Box<Self>, outcome: Result<(), Error>) {
        let Self { value, answer, .. } = *self;
        let value = outcome.and_then(|()| value.ok_or(Error::Closed));
        // A caller who went away is not waiting for the answer.
        let _ = answer.send(value);
    }
}
