//! Requests that may change something are carried out to their end, also when whoever sent them hangs up half-way. What
//! was made durable has still to be told to the rest of the server: a run that nobody drives would wait for the next
//! start, and a workflow that nobody announces would not listen.
//!
//! Nothing here may outlive the server: a request that is still under way when it stops is dropped, and the start after
//! it takes up what was stored.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::runtime::Handle;

/// `work`, which goes on in a task of its own when it is not waited for any more.
#[must_use = "nothing is done before it is waited for"]
pub(super) fn to_the_end<F>(work: F) -> ToTheEnd<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    ToTheEnd { work: Some(Box::pin(work)), is_begun: false }
}

/// See [`to_the_end`].
pub(super) struct ToTheEnd<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    /// Gone when it is over, and while it is looked at: what panicked is not looked at again.
    work: Option<Pin<Box<F>>>,
    is_begun: bool,
}

impl<F> Future for ToTheEnd<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let mut work = self.work.take().expect("a future is not looked at after its end");
        self.is_begun = true;
        let outcome = work.as_mut().poll(context);
        if outcome.is_pending() {
            self.work = Some(work);
        }
        outcome
    }
}

impl<F> Drop for ToTheEnd<F>
where
    F: Future + Send + 'static,
    F::Output: Send,
{
    fn drop(&mut self) {
        if let Some(work) = self.work.take().filter(|_| self.is_begun)
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(work);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::to_the_end;
    use tokio::sync::oneshot;

    #[tokio::test]
    async fn what_was_begun_ends_though_nobody_waits() {
        let (go, gone) = oneshot::channel::<()>();
        let (tell, told) = oneshot::channel();
        let mut work = Box::pin(to_the_end(async move {
            gone.await.expect("the test sends it");
            tell.send("done").expect("the test listens");
        }));
        tokio::select! {
            biased;
            () = &mut work => unreachable!("it waits"),
            () = std::future::ready(()) => {}
        }
        drop(work);
        go.send(()).expect("the work goes on");
        assert_eq!(told.await, Ok("done"));
    }

    #[tokio::test]
    async fn what_was_not_begun_never_begins() {
        let (tell, told) = oneshot::channel();
        drop(to_the_end(async move { tell.send(()) }));
        assert!(told.await.is_err());
    }

    #[tokio::test]
    async fn what_is_waited_for_answers() {
        assert_eq!(to_the_end(async { 7 }).await, 7);
    }
}
