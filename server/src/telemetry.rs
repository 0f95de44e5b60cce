//! Logs and figures. No payload, secret or token is ever written to either.

use crate::config::{Config, LogFormat};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use std::sync::OnceLock;
use tracing_subscriber::EnvFilter;

/// Starts writing the log to standard error.
///
/// # Errors
/// When the filter cannot be understood.
pub fn start_log(config: &Config) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.log).map_err(|error| {
        anyhow::anyhow!("the log filter \"{}\" cannot be understood: {error}", config.log)
    })?;
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    match config.log_format {
        LogFormat::Text => log.with_target(false).init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
    Ok(())
}

/// Upper bounds of latency buckets, in seconds.
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

/// Starts collecting figures; the handle renders them for `/metrics`. Later calls get the same handle.
pub fn start_metrics() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &SECONDS)
                .expect("the list of buckets is not empty")
                .build_recorder();
            let handle = recorder.handle();
            if metrics::set_global_recorder(recorder).is_err() {
                tracing::warn!("another recorder collects the figures; /metrics stays empty");
            }
            describe();
            handle
        })
        .clone()
}

fn describe() {
    use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
    describe_counter!("trunkline_runs_started_total", "Runs started, by trigger kind");
    describe_counter!("trunkline_runs_finished_total", "Runs ended, by verdict");
    describe_counter!("trunkline_events_duplicate_total", "Events that had been accepted before");
    describe_counter!("trunkline_events_refused_total", "Events refused because the server was full");
    describe_histogram!("trunkline_turn_seconds", Unit::Seconds, "Time until a turn of a run is durable");
    describe_gauge!("trunkline_turns_in_flight", "Turns waiting to become durable");
    describe_gauge!("trunkline_runs_in_memory", "Runs held in memory between turns");
    describe_histogram!(
        "trunkline_http_seconds",
        Unit::Seconds,
        "Time to answer a request, by area and status class"
    );
}
