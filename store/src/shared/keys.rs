//! The server's own keys.

use crate::error::Error;
use crate::ports::{Answer, Keys};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;

macro_rules! keys {
    ($backend:ty) => {
        impl Keys for $backend {
            fn link_key(&self, candidate: [u8; 32]) -> Answer<'_, [u8; 32]> {
                Box::pin(self.writer.write(move |connection| {
                    Box::pin(async move {
                        let sql =
                            "INSERT INTO server_key (name, key) VALUES ('links', $1) ON CONFLICT DO NOTHING";
                        sqlx::query(sql).bind(&candidate[..]).execute(&mut *connection).await?;
                        let sql = "SELECT key FROM server_key WHERE name = 'links'";
                        let kept: Vec<u8> = sqlx::query_scalar(sql).fetch_one(connection).await?;
                        kept.try_into()
                            .map_err(|_| Error::Corrupt("the key of links has another length".into()))
                    })
                }))
            }
        }
    };
}

keys!(Sqlite);
keys!(Postgres);
