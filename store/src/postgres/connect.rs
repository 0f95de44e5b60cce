//! Reaching the server: what every connection is told, the lock on the database, and the migrations.

use crate::error::Error;
use crate::settings::{Place, Settings};
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// The oldest server Trunkline works with, as `server_version_num` counts.
const OLDEST_SERVER: i32 = 150_000;
/// How long one attempt to connect may take.
const CONNECT_WAIT: Duration = Duration::from_secs(5);
/// How long a server that has just lost its Trunkline may take to notice, before the database counts as taken.
const LOCK_WAIT: Duration = Duration::from_secs(2);
/// The advisory lock of the one Trunkline server that works on a database.
const SERVER_LOCK: &str = "SELECT pg_try_advisory_lock(1953656683, 1)";
/// What connections that read are told.
///
/// A plan is made for every question: one that was kept from when a table was empty would read all of it later.
const READER: &str =
    "SET jit = off; SET default_transaction_read_only = on; SET plan_cache_mode = force_custom_plan";

pub(super) static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("../migrations/postgres");

/// How to connect to the server of `settings`.
pub(super) fn options(settings: &Settings) -> Result<PgConnectOptions, Error> {
    let Place::Server(url) = &settings.place else {
        return Err(Error::Away("a file is no database server".into()));
    };
    // The library's message does not repeat the URL, which holds a password.
    let options: PgConnectOptions =
        url.parse().map_err(|error: sqlx::Error| Error::Away(format!("its URL is not valid: {error}")))?;
    Ok(options.application_name("trunkline").statement_cache_capacity(256).disable_statement_logging())
}

/// Connects to the one connection that writes.
///
/// A server that drops commits on a crash is told not to; one that loses us without a word notices within half a
/// minute, so that its locks do not outlive us; and a look-up for a batch goes through indexes, with a plan of its own,
/// whatever the statistics say: every batch is small against the tables, and a plan from when they were empty reads all
/// of them.
pub(super) async fn writer(options: &PgConnectOptions, settings: &Settings) -> Result<PgConnection, Error> {
    let mut connection = reach(options).await?;
    let wait = settings.busy_timeout.as_millis();
    let sql = format!(
        "SET jit = off; SET lock_timeout = {wait}; SET plan_cache_mode = force_custom_plan; SET enable_seqscan = off; \
         SET enable_hashjoin = off; SET enable_mergejoin = off; \
         SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 4; \
         SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    );
    // Made of constants and a number.
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
    Ok(connection)
}

/// Connects, once.
async fn reach(options: &PgConnectOptions) -> Result<PgConnection, Error> {
    match timeout(CONNECT_WAIT, options.connect()).await {
        Ok(connected) => Ok(connected?),
        Err(_) => Err(Error::Away(format!("no answer within {} s", CONNECT_WAIT.as_secs()))),
    }
}

/// A pool of connections that only read.
pub(super) async fn readers(options: &PgConnectOptions, settings: &Settings) -> Result<PgPool, Error> {
    let pool = PgPoolOptions::new()
        .max_connections(settings.readers)
        .min_connections(0)
        .acquire_timeout(settings.busy_timeout)
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute(sqlx::raw_sql(READER)).await.map(drop) })
        })
        .connect_with(options.clone())
        .await?;
    Ok(pool)
}

/// A reading connection of its own for long work, so that it does not take a reader away from people.
pub(super) async fn alone(options: &PgConnectOptions) -> Result<PgConnection, Error> {
    let mut connection = reach(options).await?;
    connection.execute(sqlx::raw_sql(READER)).await?;
    Ok(connection)
}

/// Takes the lock that one Trunkline server holds on a database as long as it is connected.
pub(super) async fn lock(connection: &mut PgConnection) -> Result<(), Error> {
    let until = Instant::now() + LOCK_WAIT;
    while !sqlx::query_scalar::<_, bool>(SERVER_LOCK).fetch_one(&mut *connection).await? {
        if Instant::now() >= until {
            return Err(Error::Busy);
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

/// Refuses a server that is too old, and brings the tables up to date.
pub(super) async fn migrate(connection: &mut PgConnection) -> Result<(), Error> {
    let sql = "SELECT current_setting('server_version_num')::int4, current_setting('server_version')";
    let (number, name): (i32, String) = sqlx::query_as(sql).fetch_one(&mut *connection).await?;
    if number < OLDEST_SERVER {
        return Err(Error::Migration(format!("PostgreSQL {name} is too old, 15 or newer is needed")));
    }
    Ok(MIGRATIONS.run(connection).await?)
}
