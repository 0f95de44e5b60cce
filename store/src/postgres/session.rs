//! The one connection that writes, and what becomes of a batch when it breaks.
//!
//! Every transaction moves this process's row in `writer` on to its own number. When the connection is lost while a
//! batch is being committed, that row says afterwards whether the batch is durable; nobody has to guess, and nothing is
//! written twice or forgotten. Two writers, a server and a command beside it, take turns by a lock that each transaction
//! takes first: what one batch has read cannot be changed by another before it commits.

use super::connect;
use crate::error::Error;
use crate::settings::Settings;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, Connection, Executor};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

/// First pause between two attempts to reach the server, and the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(50), Duration::from_secs(2)];

/// See the [module](self).
pub(super) struct Session {
    connection: PgConnection,
    options: PgConnectOptions,
    settings: Settings,
    /// Names this process in `writer`.
    id: Uuid,
    /// The transaction that is open, or was last.
    batch: i64,
    /// Whether this connection holds the server's lock, if it needs it.
    is_locked: bool,
    /// How many connections there were: with each one that is lost the lock goes.
    connections: u64,
}

impl Session {
    /// Connects, takes the lock and brings the tables up to date.
    pub(super) async fn open(options: PgConnectOptions, settings: Settings) -> Result<Self, Error> {
        let connection = connect::writer(&options, &settings).await?;
        let id = settings.sources.new_id();
        let mut session =
            Self { connection, options, settings, id, batch: 0, is_locked: false, connections: 1 };
        session.lock().await?;
        connect::migrate(&mut session.connection).await?;
        // Rows of processes that are long gone; one that is still there would make its row anew.
        let sql = "DELETE FROM writer WHERE seen_at < extract(epoch FROM now()) - 86400";
        session.connection.execute(sql).await?;
        Ok(session)
    }

    /// Connects for looking things up beside the session that writes: without the lock, which that one holds.
    pub(super) async fn beside(options: PgConnectOptions, settings: Settings) -> Result<Self, Error> {
        let settings = Settings { exclusive: false, ..settings };
        let connection = connect::writer(&options, &settings).await?;
        let id = settings.sources.new_id();
        Ok(Self { connection, options, settings, id, batch: 0, is_locked: false, connections: 1 })
    }

    /// How many connections there were, this one included.
    pub(super) fn connections(&self) -> u64 {
        self.connections
    }

    /// The connection.
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        &mut self.connection
    }

    /// Begins a transaction, on a new connection if the old one is gone.
    pub(super) async fn begin(&mut self) -> Result<(), Error> {
        self.batch += 1;
        let Err(error) = self.start().await else { return Ok(()) };
        // What could not be rolled back may still be open.
        self.roll_back().await;
        if matches!(error, Error::Away(_)) {
            self.reconnect().await?;
        }
        self.start().await
    }

    async fn start(&mut self) -> Result<(), Error> {
        self.lock().await?;
        let sql = format!(
            "BEGIN; SELECT pg_advisory_xact_lock(1953656683, 2); \
             INSERT INTO writer (session, batch, seen_at) VALUES ('{}', {}, extract(epoch FROM now())) \
             ON CONFLICT (session) DO UPDATE SET batch = excluded.batch, seen_at = excluded.seen_at",
            self.id, self.batch,
        );
        // Made of constants, an id and a number; one trip to the server instead of three.
        self.connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
        Ok(())
    }

    /// Commits. When the connection is lost meanwhile, this waits for the server to come back and say what happened,
    /// however long that takes: either answer without knowing could be wrong.
    pub(super) async fn commit(&mut self) -> Result<(), Error> {
        match self.connection.execute("COMMIT").await.map_err(Error::from) {
            Ok(_) => Ok(()),
            Err(Error::Away(lost)) => {
                tracing::warn!(error = %lost, "the connection was lost during a commit; asking the database what became of it");
                if self.is_durable().await { Ok(()) } else { Err(Error::Away(lost)) }
            }
            Err(error) => Err(error),
        }
    }

    async fn is_durable(&mut self) -> bool {
        let mut pause = PAUSES[0];
        loop {
            match self.last_batch().await {
                Ok(batch) => return batch == Some(self.batch),
                Err(error) => {
                    tracing::warn!(%error, "it is not known yet whether a batch was committed; asking again");
                    sleep(pause).await;
                    pause = (pause * 2).min(PAUSES[1]);
                }
            }
        }
    }

    /// The last batch of this process that is durable. Waits for a transaction of ours that the server still works on.
    async fn last_batch(&mut self) -> Result<Option<i64>, Error> {
        self.replace_connection().await?;
        let sql = "SELECT batch FROM writer WHERE session = $1 FOR UPDATE";
        Ok(sqlx::query_scalar(sql).bind(self.id).fetch_optional(&mut self.connection).await?)
    }

    /// Gives up the transaction; there may be none.
    pub(super) async fn roll_back(&mut self) {
        // Refused only where there is no connection, and then no transaction either.
        let _ = self.connection.execute("ROLLBACK").await;
    }

    /// Reaches the server again, giving it as long to restart as callers may wait.
    pub(super) async fn reconnect(&mut self) -> Result<(), Error> {
        let until = Instant::now() + self.settings.busy_timeout;
        let mut pause = PAUSES[0];
        while let Err(error) = self.replace_connection().await {
            if Instant::now() + pause >= until {
                return Err(error);
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES[1]);
        }
        tracing::info!("connected to the database again");
        Ok(())
    }

    async fn replace_connection(&mut self) -> Result<(), Error> {
        self.connection = connect::writer(&self.options, &self.settings).await?;
        self.is_locked = false;
        self.connections += 1;
        Ok(())
    }

    async fn lock(&mut self) -> Result<(), Error> {
        if self.settings.exclusive && !self.is_locked {
            connect::lock(&mut self.connection).await?;
            self.is_locked = true;
        }
        Ok(())
    }

    /// Hangs up.
    pub(super) async fn close(mut self) {
        let sql = "DELETE FROM writer WHERE session = $1";
        let forgotten = sqlx::query(sql).bind(self.id).execute(&mut self.connection).await.map(drop);
        if let Err(error) = forgotten.and(self.connection.close().await) {
            tracing::warn!(%error, "the connection to the database did not end cleanly; nothing is lost by that");
        }
    }
}
