//! Where a guest computes: on threads of their own, which stand behind the server's. A call of a plugin that was quick
//! the last time begins where its caller is, because going to another thread and back takes longer than such a call; what
//! is not done after its first slice goes on with the others. So no guest holds a thread of the server for longer than
//! that slice.

use futures_util::FutureExt as _;
use std::future::{Future, poll_fn};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

/// Ticks until a call makes way for the first time. One may come at once, so only two hold a whole one.
pub(super) const FIRST_SLICE: u64 = 2;

/// Whether a plugin is quick, as far as is known.
#[derive(Debug, Default)]
pub(super) struct Pace(AtomicBool);

impl Pace {
    /// What the last call took of its first slice.
    pub(super) fn note(&self, is_quick: bool) {
        self.0.store(is_quick, Ordering::Relaxed);
    }

    fn is_quick(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The host itself failed during a call.
#[derive(Debug)]
pub(super) struct HostFailed;

/// Carries `work` out on `threads`, or the first slice of it here. It ends when this is dropped.
pub(super) async fn take<T: Send + 'static>(
    work: impl Future<Output = T> + Send + 'static,
    pace: &Pace,
    threads: &Handle,
) -> Result<T, HostFailed> {
    let mut work = Box::pin(AssertUnwindSafe(work).catch_unwind());
    if pace.is_quick()
        && let Poll::Ready(done) = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await
    {
        return done.map_err(|_| HostFailed);
    }
    match AbortOnDropHandle::new(threads.spawn(work)).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(_)) | Err(_) => Err(HostFailed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    async fn name_then_yield(yields: bool) -> (Option<String>, Option<String>) {
        let name = || thread::current().name().map(str::to_owned);
        let first = name();
        if yields {
            tokio::task::yield_now().await;
        }
        (first, name())
    }

    fn threads() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).thread_name("guests").build().unwrap()
    }

    #[tokio::test]
    async fn only_the_first_slice_of_a_quick_plugin_is_taken_here() {
        let threads = threads();
        let here = thread::current().name().map(str::to_owned);
        let there = Some("guests".to_owned());
        let pace = Pace::default();
        let taken = |yields| take(name_then_yield(yields), &pace, threads.handle());
        assert_eq!(taken(false).await.unwrap(), (there.clone(), there.clone()));
        pace.note(true);
        assert_eq!(taken(false).await.unwrap(), (here.clone(), here.clone()));
        assert_eq!(taken(true).await.unwrap(), (here, there.clone()));
        pace.note(false);
        assert_eq!(taken(true).await.unwrap(), (there.clone(), there));
        threads.shutdown_background();
    }

    #[tokio::test]
    async fn what_fails_in_the_host_fails_the_call_alone() {
        let threads = threads();
        let pace = Pace::default();
        for is_quick in [false, true] {
            pace.note(is_quick);
            let failing = async { panic!("a fault of ours") };
            assert!(take::<()>(failing, &pace, threads.handle()).await.is_err());
        }
        threads.shutdown_background();
    }
}
