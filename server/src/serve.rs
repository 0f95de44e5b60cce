//! `trunkline serve`: opens the store, takes up what was under way, listens, and stops without losing anything.

use crate::app::{App, INTAKE_KIB, Shared, Throttles};
use crate::apps::Apps;
use crate::auth::{SETUP_HOURS, secret};
use crate::config::Config;
use crate::connections::Connections;
use crate::connections::vault::Vault;
use crate::hook_secrets::HookSecrets;
use crate::jobs::Jobs;
use crate::kinds::Kinds;
use crate::live::Live;
use crate::plugins::{self, Plugins};
use crate::runner::gate::{Gate, Outside};
use crate::runner::links::Links;
use crate::runner::routes::Routes;
use crate::runner::sources::System;
use crate::runner::versions::Versions;
use crate::runner::{Parts, Runner};
use crate::{demo, http, telemetry};
use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use trunkline_connectors::{Catalog, Client, Policy};
use trunkline_engine::kind::Registry;
use trunkline_leads::table;
use trunkline_plugins::signature::{PublicKey, Trust};
use trunkline_store::{Settings, Store};

/// Folder of uploaded files, below the data folder.
pub const FILES: &str = "files";
/// How long open connections may take to end when the server stops.
const STOP_WAIT: Duration = Duration::from_secs(10);
/// Pause between slices of upkeep.
const SWEEP_PAUSE: Duration = Duration::from_secs(30);
/// Pause between looks for uploads that nobody finished.
const UPLOADS_PAUSE: Duration = Duration::from_hours(1);

/// Every step kind this build knows.
#[must_use]
pub fn registry() -> Registry {
    registry_with(&Catalog::built_in())
}

/// Every step kind of this build and of the apps in `catalog`.
#[must_use]
pub fn registry_with(catalog: &Catalog) -> Registry {
    let own = Registry::core()
        .with(trunkline_leads::steps::all())
        .with(trunkline_leads::suppression::steps::all())
        .with(table::steps::all())
        .with(vec![trunkline_plugins::code::kind()])
        .with(trunkline_leads::steps::internal())
        .with(table::steps::internal());
    catalog.beside(own)
}

/// The apps of this build and those in the folder of the configuration.
///
/// # Errors
/// When a manifest in the folder has problems.
pub fn catalog(config: &Config) -> anyhow::Result<Catalog> {
    match &config.apps {
        None => Ok(Catalog::built_in()),
        Some(folder) => Ok(Catalog::built_in().with_folder(folder)?),
    }
}

/// Whose signatures of plugins count.
///
/// # Errors
/// When a key cannot be understood.
pub fn trust(config: &Config) -> anyhow::Result<Trust> {
    let keys = config.plugin_keys.iter().map(|key| key.parse::<PublicKey>());
    let keys =
        keys.collect::<Result<_, _>>().map_err(|wrong| anyhow::anyhow!("PLUG-0005: plugin_keys: {wrong}"))?;
    Ok(Trust::new(keys))
}

/// The guarded client of all outbound calls.
///
/// # Errors
/// When an allowed host cannot be understood or TLS is missing.
pub fn client(allow: &[String]) -> anyhow::Result<Client> {
    let allow = allow.iter().map(|rule| rule.parse()).collect::<Result<_, _>>().context("in allow_hosts")?;
    Ok(Client::new(Policy { allow, ..Policy::default() })?)
}

/// Opens the store: the database of the configuration, or the file in the data folder.
///
/// # Errors
/// The store's, with what to do about it.
pub async fn open_store(config: &Config) -> anyhow::Result<Store> {
    open_with(config, settings(config)).await
}

/// Opens the store beside a server that may be running on it, for short work of the command line.
///
/// # Errors
/// The store's, with what to do about it.
pub async fn open_beside(config: &Config) -> anyhow::Result<Store> {
    open_with(config, Settings { exclusive: false, ..settings(config) }).await
}

fn settings(config: &Config) -> Settings {
    let settings = match &config.database {
        Some(url) => Settings::url(url.as_str(), &config.data),
        None => Settings::at(config.data.join("trunkline.db")),
    };
    Settings { spill_above: config.spill_bytes, ..settings }
}

async fn open_with(config: &Config, settings: Settings) -> anyhow::Result<Store> {
    // Beside a database the folder still holds uploaded files and the key of the command line.
    std::fs::create_dir_all(&config.data).with_context(|| config.data.display().to_string())?;
    Store::open(settings).await.map_err(|error| {
        let place =
            config.database.as_ref().map_or_else(|| config.data.display().to_string(), |_| "database".into());
        anyhow::anyhow!("{}: {error} ({place}). {}", error.code(), error.action())
    })
}

/// Serves until the process is asked to stop.
///
/// # Errors
/// When the store, the address or the configuration cannot be used.
pub async fn run(config: Config) -> anyhow::Result<()> {
    let boot = Utc::now();
    let figures = telemetry::start_metrics();
    let client = client(&config.allow_hosts)?;
    let store = open_store(&config).await?;
    let listener = TcpListener::bind(config.listen).await.map_err(|error| {
        anyhow::anyhow!(
            "CLI-0008: cannot listen on {}: {error}. Choose another address with --listen.",
            config.listen
        )
    })?;
    let config = Config { listen: listener.local_addr()?, ..config };
    let catalog = catalog(&config)?;
    let vault = Arc::new(Vault::open(&config.master_key)?);
    let seal = vault.derived("plugin code");
    let kinds = Kinds::new(registry_with(&catalog));
    let trust = trust(&config)?;
    let apps = Arc::new(Apps::load(catalog, kinds.clone(), store.clone(), trust.clone()).await?);
    let hook_secrets = HookSecrets::new(store.clone(), Arc::clone(&vault));
    let connections = Arc::new(Connections::new(Arc::clone(&apps), client.clone(), store.clone(), vault));
    let plugins = Plugins::open(plugins::Parts {
        store: store.clone(),
        client: client.clone(),
        connections: Arc::clone(&connections),
        kinds: kinds.clone(),
        trust,
        index: config.plugin_index.as_deref().map(plugins::Place::of),
        data: config.data.clone(),
        seal,
    });
    let plugins = Arc::new(plugins.await?);
    let (routes, live, stopping) = (Arc::new(Routes::default()), Live::default(), CancellationToken::new());
    let versions = Versions::new(store.clone(), kinds.clone()).with(Arc::clone(&apps));
    let gate = Gate::Live(Outside {
        client,
        connections: Some(Arc::clone(&connections)),
        plugins: Some(Arc::clone(&plugins)),
    });
    let links = Links::new(&config.public_url(), store.keys.link_key(secret::key()).await?);
    let runner = Runner::new(Parts {
        store: store.clone(),
        versions,
        routes: Arc::clone(&routes),
        gate,
        live: live.clone(),
        sources: Arc::new(System),
        links,
        host_limits: config.host_limits,
        files: config.data.join(FILES),
        stopping: stopping.clone(),
    });
    let throttles = Throttles::new(&config);
    let intake = Arc::new(Semaphore::new(INTAKE_KIB));
    let app = Arc::new(App {
        config,
        store,
        apps,
        connections,
        hook_secrets,
        plugins,
        runner,
        routes,
        live,
        jobs: Jobs::default(),
        intake,
        throttles,
        figures,
        stopping,
    });
    if !app.config.empty {
        demo::plant(&app.store, &kinds.now()).await.context("the demo workspace could not be made")?;
    }
    app.routes.rebuild(&app.store, app.runner.versions()).await?;
    let background = start_background(&app, boot);
    let ready = serve_http(&app, listener, boot).await;
    app.stopping.cancel();
    app.jobs.drain(STOP_WAIT).await;
    app.runner.drain(STOP_WAIT).await;
    background.close();
    background.wait().await;
    app.store.close().await?;
    tracing::info!("stopped; everything accepted is on disk");
    ready
}

fn start_background(app: &Shared, boot: DateTime<Utc>) -> tokio_util::task::TaskTracker {
    let tasks = tokio_util::task::TaskTracker::new();
    let runner = app.runner.clone();
    tasks.spawn(async move { runner.recover(boot).await });
    let again = Arc::clone(app);
    tasks.spawn(async move { again.jobs.resume(&again).await });
    tasks.spawn(app.runner.clone().keep_time());
    tasks.spawn(app.runner.clone().keep_schedules());
    tasks.spawn(app.runner.clone().keep_standing());
    tasks.spawn(app.runner.clone().follow_accounts());
    tasks.spawn(app.runner.clone().keep_lead_events());
    tasks.spawn(app.runner.clone().keep_app_events());
    tasks.spawn(app.runner.clone().keep_looks());
    tasks.spawn(app.runner.clone().keep_service_levels());
    tasks.spawn(app.runner.clone().keep_connections());
    tasks.spawn(sweep(Arc::clone(app)));
    tasks.spawn(forget_uploads(Arc::clone(app)));
    if app.config.example && !app.config.empty {
        tasks.spawn(demo::company::make_at_first_start(Arc::clone(app)));
    }
    tasks
}

/// Deletes old runs slice by slice, so that storage stays bounded.
async fn sweep(app: Shared) {
    let mut pause = SWEEP_PAUSE;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = app.stopping.cancelled() => return,
        }
        pause = match app.store.upkeep.sweep(Utc::now()).await {
            Ok(swept) if swept.more => Duration::from_millis(200),
            Ok(_) => SWEEP_PAUSE,
            Err(error) => {
                tracing::warn!(%error, "old runs could not be deleted; trying again later");
                SWEEP_PAUSE
            }
        };
    }
}

/// Deletes uploads that were begun and never finished.
async fn forget_uploads(app: Shared) {
    let files = app.config.data.join(FILES);
    loop {
        match http::uploads::forget_abandoned(&files, SystemTime::now()).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "uploads that nobody finished were deleted"),
            Err(error) => tracing::warn!(%error, "abandoned uploads could not be looked for"),
        }
        tokio::select! {
            () = tokio::time::sleep(UPLOADS_PAUSE) => {}
            () = app.stopping.cancelled() => return,
        }
    }
}

async fn serve_http(app: &Shared, listener: TcpListener, boot: DateTime<Utc>) -> anyhow::Result<()> {
    let service = http::router(Arc::clone(app)).into_make_service_with_connect_info::<SocketAddr>();
    announce(app, boot).await?;
    crate::cli::local_token::write(app).await?;
    let stop = app.stopping.clone();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        asked_to_stop().await;
        tracing::info!("stopping: taking nothing new, finishing what is under way");
        stop.cancel();
    });
    let server = std::future::IntoFuture::into_future(server);
    let late = async {
        app.stopping.cancelled().await;
        tokio::time::sleep(STOP_WAIT).await;
    };
    tokio::select! {
        ended = server => ended.context("the listener failed"),
        () = late => {
            tracing::warn!("some connections did not end in time and were cut");
            Ok(())
        }
    }
}

/// Prints the address and, until someone has used it, the set-up link.
#[expect(clippy::print_stdout, reason = "the link is for the person who started the server, not for the log")]
async fn announce(app: &Shared, boot: DateTime<Utc>) -> anyhow::Result<()> {
    let took = (Utc::now() - boot).num_milliseconds();
    tracing::info!(address = %app.config.listen, data = %app.config.data.display(), took_ms = took, "listening");
    println!("Trunkline listens at {}", app.url());
    if app.store.accounts.needs_setup().await? {
        let token = secret::random();
        let until = Utc::now() + TimeDelta::hours(SETUP_HOURS);
        app.store.accounts.issue_setup(secret::fingerprint(&token), until).await?;
        println!("Set it up with this link (works once, for {SETUP_HOURS} hours):");
        println!("  {}/setup?token={token}", app.url());
    }
    Ok(())
}

async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            // Without the signal there is still the keyboard.
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}
