//! What every handler and background task shares.

use crate::apps::Apps;
use crate::auth::throttle::Throttle;
use crate::config::Config;
use crate::connections::Connections;
use crate::hook_secrets::HookSecrets;
use crate::http::problem;
use crate::jobs::Jobs;
use crate::live::Live;
use crate::plugins::Plugins;
use crate::runner::Runner;
use crate::runner::routes::Routes;
use metrics_exporter_prometheus::PrometheusHandle;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use trunkline_store::Store;

/// The running server, shared by reference.
pub type Shared = Arc<App>;

/// The running server.
#[derive(Debug)]
pub struct App {
    /// Settings.
    pub config: Config,
    /// Everything durable.
    pub store: Store,
    /// Apps of the build and of workspaces, and the step kinds that come of them.
    pub apps: Arc<Apps>,
    /// Accounts in other systems, at work.
    pub connections: Arc<Connections>,
    /// What the senders of webhooks have to know.
    pub hook_secrets: HookSecrets,
    /// Installed plugins, at work.
    pub plugins: Arc<Plugins>,
    /// Starts and drives runs.
    pub runner: Runner,
    /// Which workflow listens where.
    pub routes: Arc<Routes>,
    /// Who watches runs.
    pub live: Live,
    /// Long work that people watch.
    pub jobs: Jobs,
    /// Bytes of events that may be held while they become durable, in KiB.
    pub intake: Arc<Semaphore>,
    /// How often one may knock.
    pub throttles: Throttles,
    /// Renders the figures.
    pub figures: PrometheusHandle,
    /// Cancelled when the server begins to stop.
    pub stopping: CancellationToken,
}

/// How often one may knock.
#[derive(Debug)]
pub struct Throttles {
    /// Signing in, by account.
    pub account: Throttle<String>,
    /// Signing in and setting up, by address.
    pub address: Throttle<IpAddr>,
    /// API calls, by caller.
    pub api: Throttle<[u8; 32]>,
    /// Webhook calls, by path.
    pub hook: Option<Throttle<String>>,
}

impl Throttles {
    /// As the configuration says.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        Self {
            account: Throttle::one_per(Duration::from_secs(20), 10),
            address: Throttle::one_per(Duration::from_secs(3), 30),
            api: Throttle::per_second(300),
            hook: config.hook_rate.map(Throttle::per_second),
        }
    }
}

/// Events held at once while they become durable, in KiB. An event in memory is several times its bytes.
pub const INTAKE_KIB: usize = 24 * 1024;

impl App {
    /// Reserves room for an event of `bytes`, until the permit is dropped.
    ///
    /// # Errors
    /// `API-0009` when the server holds all it can, `API-0013` when it is stopping.
    pub fn reserve(&self, bytes: usize) -> problem::Result<OwnedSemaphorePermit> {
        if self.stopping.is_cancelled() {
            return Err(problem::STOPPING.plain().after(2));
        }
        let kib = u32::try_from(bytes.div_ceil(1024).clamp(1, INTAKE_KIB)).unwrap_or(u32::MAX);
        Arc::clone(&self.intake).try_acquire_many_owned(kib).map_err(|_| {
            metrics::counter!("trunkline_events_refused_total").increment(1);
            problem::BUSY.plain().after(1)
        })
    }

    /// The address for links, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        self.config.public_url()
    }

    /// Whether people reach the server over HTTPS, which decides how cookies are marked.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.config.url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }
}
