//! How hard one host is called: so many calls at once, so many a second, and none before the moment it asked to be left
//! alone until. Shared by all runs of this process; what waits here has not been sent.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;
use trunkline_engine::kind::{Operation, Performer};

/// Hosts above which those that nobody calls are forgotten.
const MANY_HOSTS: usize = 1_000;
/// Longest time a host may ask for; a longer one is the step's own retry.
const LONGEST_REST: Duration = Duration::from_secs(15 * 60);

/// How hard a host may be called.
#[derive(Debug, Clone, Copy)]
pub struct HostLimits {
    /// Most calls under way.
    pub at_once: u32,
    /// Most calls begun a second; `None` sets no limit.
    pub per_second: Option<u32>,
}

impl Default for HostLimits {
    fn default() -> Self {
        Self { at_once: 128, per_second: None }
    }
}

/// The hosts that are called.
#[derive(Debug, Default)]
pub(super) struct Hosts {
    limits: HostLimits,
    hosts: Mutex<HashMap<String, Arc<Host>>>,
}

#[derive(Debug)]
struct Host {
    places: Arc<Semaphore>,
    /// When the next call may begin.
    next: Mutex<Instant>,
}

/// A place among the calls to a host; the next one begins when it is dropped.
pub(super) struct Admission {
    _place: Option<OwnedSemaphorePermit>,
}

impl Hosts {
    pub(super) fn new(limits: HostLimits) -> Self {
        Self { limits, hosts: Mutex::default() }
    }

    /// Waits until `operation` may begin; at once for what calls no host.
    pub(super) async fn admit(&self, operation: &Operation) -> Admission {
        let Some(host) = host_of(operation) else { return Admission { _place: None } };
        let host = self.host(host);
        let place = Arc::clone(&host.places).acquire_owned().await.ok();
        loop {
            let at = match self.turn(&host) {
                Ok(()) => return Admission { _place: place },
                Err(at) => at,
            };
            tokio::time::sleep_until(at).await;
        }
    }

    /// Notes that the host of `operation` wants no calls for `rest`.
    pub(super) fn rest(&self, operation: &Operation, rest: Duration) {
        if let Some(host) = host_of(operation) {
            let host = self.host(host);
            let mut next = host.next.lock();
            *next = (*next).max(Instant::now() + rest.min(LONGEST_REST));
        }
    }

    fn host(&self, name: &str) -> Arc<Host> {
        let mut hosts = self.hosts.lock();
        if let Some(host) = hosts.get(name) {
            return Arc::clone(host);
        }
        if hosts.len() >= MANY_HOSTS {
            let now = Instant::now();
            hosts.retain(|_, host| Arc::strong_count(host) > 1 || *host.next.lock() > now);
        }
        let places =
            usize::try_from(self.limits.at_once.max(1)).unwrap_or(usize::MAX).min(Semaphore::MAX_PERMITS);
        let host =
            Arc::new(Host { places: Arc::new(Semaphore::new(places)), next: Mutex::new(Instant::now()) });
        hosts.insert(name.to_owned(), Arc::clone(&host));
        host
    }

    /// Takes the next turn of `host`, or says when to ask again. Turns are spread evenly over the second.
    fn turn(&self, host: &Host) -> Result<(), Instant> {
        let now = Instant::now();
        let mut next = host.next.lock();
        if *next > now {
            return Err(*next);
        }
        if let Some(rate) = self.limits.per_second {
            *next = now + Duration::from_secs(1) / rate.max(1);
        }
        Ok(())
    }
}

/// The host and port that an operation calls.
fn host_of(operation: &Operation) -> Option<&str> {
    if operation.performer != Performer::Http {
        return None;
    }
    let (_, rest) = operation.input.get("url")?.as_str()?.split_once("://")?;
    let host = rest.split(['/', '?', '#']).next()?;
    Some(host.rsplit_once('@').map_or(host, |(_, host)| host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use trunkline_engine::kind::{Access, Promise};

    fn call(url: &str) -> Operation {
        Operation {
            performer: Performer::Http,
            action: "request".into(),
            input: json!({ "url": url }),
            access: Access::Read,
            promise: Promise::None,
            sends_to: None,
        }
    }

    #[test]
    fn a_host_is_named_without_user_and_path() {
        assert_eq!(host_of(&call("https://me:pw@api.example.com:8443/a?b#c")), Some("api.example.com:8443"));
        assert_eq!(host_of(&call("https://api.example.com?x=//y")), Some("api.example.com"));
        assert_eq!(host_of(&call("nonsense")), None);
    }

    #[tokio::test(start_paused = true)]
    async fn one_host_waits_and_another_does_not() {
        let hosts = Arc::new(Hosts::new(HostLimits { at_once: 2, per_second: None }));
        let (one, other) = (call("https://a.example/x"), call("https://b.example"));
        let first = hosts.admit(&one).await;
        let _second = hosts.admit(&one).await;
        let third = tokio::time::timeout(Duration::from_millis(10), hosts.admit(&one)).await;
        assert!(third.is_err(), "two are under way");
        let _else = hosts.admit(&other).await;
        drop(first);
        hosts.admit(&one).await;
    }

    #[tokio::test(start_paused = true)]
    async fn calls_are_spread_over_the_second_and_a_rest_is_kept_by_everyone() {
        let hosts = Hosts::new(HostLimits { at_once: 100, per_second: Some(10) });
        let one = call("https://a.example");
        let began = Instant::now();
        for _ in 0..11 {
            hosts.admit(&one).await;
        }
        assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
        hosts.rest(&one, Duration::from_secs(60));
        let began = Instant::now();
        hosts.admit(&one).await;
        assert!(began.elapsed() >= Duration::from_secs(59), "{:?}", began.elapsed());
    }
}
