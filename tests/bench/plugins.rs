//! What plugins cost a server while they do nothing, and while they do nothing but compute.

use anyhow::{Context as _, Result};
use chrono::DateTime;
use serde_json::json;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use trunkline_plugins::host::{Compiler, Host, Settings, Terms};
use trunkline_plugins::outside::Nothing;
use trunkline_plugins::{Call, Capabilities, Effect, Limits, Loaded};
use trunkline_tests::component::{ECHO, Text};

/// Guests that compute without an end.
const LOOPING: usize = 64;
/// How long timers are watched.
const WATCHED: Duration = Duration::from_secs(3);
/// How often a timer is due.
const DUE: Duration = Duration::from_millis(5);
/// Plugins that are installed to see what one takes.
const INSTALLED: u32 = 20;
/// Long enough for what is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// Prints one JSON line.
pub(super) async fn measure(server: PathBuf) -> Result<()> {
    let host = Arc::new(Host::new(Settings { compiler: Compiler::Child(server), ..Settings::default() }));
    let idle_mb = idle(&host).await?;
    let spinning = load(&host, &Text::pure("spins", "(loop $on (br $on)) (unreachable)")).await?;
    let alone_ms = latest_ms().await;
    let guests: Vec<_> = (0..LOOPING)
        .map(|_| {
            let (host, plugin) = (Arc::clone(&host), Arc::clone(&spinning));
            tokio::spawn(async move { host.call(&plugin, call(), Arc::new(Nothing), PATIENCE).await })
        })
        .collect();
    let crowded_ms = latest_ms().await;
    let still = guests.iter().filter(|guest| !guest.is_finished()).count();
    guests.iter().for_each(tokio::task::JoinHandle::abort);
    anyhow::ensure!(still > LOOPING / 2, "only {still} of {LOOPING} guests computed to the end");
    let measured = json!({
        "idle_mb": idle_mb, "looping": LOOPING, "timer_late_ms": crowded_ms, "timer_late_alone_ms": alone_ms,
    });
    println!("{measured}");
    Ok(())
}

/// Memory that an installed plugin takes once it was called, in megabytes: the first one, which brings the sandbox, is not
/// counted.
async fn idle(host: &Arc<Host>) -> Result<f64> {
    let mut kept = vec![called(host, "first").await?];
    let before = resident_mb()?;
    for number in 0..INSTALLED {
        kept.push(called(host, &format!("plugin-{number}")).await?);
    }
    let taken = (resident_mb()? - before) / f64::from(INSTALLED);
    drop(kept);
    Ok(taken)
}

async fn called(host: &Host, name: &str) -> Result<Arc<Loaded>> {
    let plugin = load(host, &Text::pure(name, ECHO)).await?;
    let (answer, _) = host.call(&plugin, call(), Arc::new(Nothing), PATIENCE).await;
    answer.map_err(|failure| anyhow::anyhow!("{failure}"))?;
    Ok(plugin)
}

async fn load(host: &Host, text: &Text) -> Result<Arc<Loaded>> {
    let limits = Limits { compute_ms: 60_000, whole_ms: 300_000, at_once: 32, ..Limits::default() };
    let terms = Terms { name: "measured".into(), capabilities: Capabilities::default(), limits };
    let loaded = host.load(&text.component(), terms).await;
    loaded.map(Arc::new).map_err(|failure| anyhow::anyhow!("{failure}"))
}

fn call() -> Call {
    Call {
        step: "step".into(),
        effect: Effect::Pure,
        input: json!({"text": "x"}),
        workflow: String::new(),
        key: "measured".into(),
        now: DateTime::UNIX_EPOCH,
    }
}

/// How late the latest timer of this program's own threads was, in milliseconds.
async fn latest_ms() -> f64 {
    let (began, mut latest) = (Instant::now(), Duration::ZERO);
    while began.elapsed() < WATCHED {
        let due = Instant::now() + DUE;
        tokio::time::sleep_until(due.into()).await;
        latest = latest.max(due.elapsed());
    }
    latest.as_secs_f64() * 1000.0
}

fn resident_mb() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("status has the field")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<f64>()? / 1024.0)
}
