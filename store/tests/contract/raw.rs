//! A database as it lies: SQL by hand while no store has it open, and every text in it.

use crate::world::{Postgres, Sqlite};
use sqlx::{AssertSqlSafe, Connection, Row};
use uuid::Uuid;

/// A value of a column, named as `table.column`, as text: what is packed is unpacked.
pub(crate) type Held = (String, String);

/// Columns of packed JSON.
const PACKED: [&str; 2] = ["journal", "body"];

/// What only a test may do to a database.
pub(crate) trait Raw {
    /// `id` as this database writes it.
    fn id(&self, id: Uuid) -> String;

    /// `bytes` as this database writes them.
    fn bytes(&self, bytes: &[u8]) -> String;

    /// Runs statements one after another.
    async fn run(&self, statements: &[String]);

    /// The columns that hold text, some of them packed, as `table.column`.
    async fn columns(&self) -> Vec<String>;

    /// The columns that hold `id`.
    async fn holding(&self, id: Uuid) -> Vec<String>;

    /// Everything that stands in `columns`.
    async fn held(&self, columns: &[String]) -> Vec<Held>;
}

macro_rules! raw {
    ($backend:ty, $connection:ty, $url:expr, $columns:literal, $ids:literal, $id:expr, $bytes:expr) => {
        impl Raw for $backend {
            fn id(&self, id: Uuid) -> String {
                $id(id)
            }

            fn bytes(&self, bytes: &[u8]) -> String {
                $bytes(bytes)
            }

            async fn run(&self, statements: &[String]) {
                let mut connection = <$connection>::connect(&$url(self)).await.unwrap();
                for statement in statements {
                    let done = sqlx::query(AssertSqlSafe(statement.clone())).execute(&mut connection).await;
                    done.unwrap_or_else(|error| panic!("{statement}: {error}"));
                }
                connection.close().await.unwrap();
            }

            async fn columns(&self) -> Vec<String> {
                let mut connection = <$connection>::connect(&$url(self)).await.unwrap();
                let rows = sqlx::query($columns).fetch_all(&mut connection).await.unwrap();
                connection.close().await.unwrap();
                rows.iter().map(|row| row.get::<String, _>(0)).collect()
            }

            async fn holding(&self, id: Uuid) -> Vec<String> {
                let mut connection = <$connection>::connect(&$url(self)).await.unwrap();
                let mut holding = Vec::new();
                for row in sqlx::query($ids).fetch_all(&mut connection).await.unwrap() {
                    let name: String = row.get(0);
                    let (table, column) = name.split_once('.').unwrap();
                    let sql = format!("SELECT count(*) FROM \"{table}\" WHERE \"{column}\" = $1");
                    let found = sqlx::query_scalar::<_, i64>(AssertSqlSafe(sql)).bind(id);
                    if found.fetch_one(&mut connection).await.unwrap() > 0 {
                        holding.push(name);
                    }
                }
                connection.close().await.unwrap();
                holding
            }

            async fn held(&self, columns: &[String]) -> Vec<Held> {
                let mut connection = <$connection>::connect(&$url(self)).await.unwrap();
                let mut all = Vec::new();
                for name in columns {
                    let (table, column) = name.split_once('.').unwrap();
                    let sql = format!("SELECT \"{column}\" FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
                    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection).await.unwrap();
                    for row in &rows {
                        let text = match PACKED.contains(&column) {
                            true => unpacked(&row.get::<Vec<u8>, _>(0)),
                            false => row.get(0),
                        };
                        all.push((name.clone(), text));
                    }
                }
                connection.close().await.unwrap();
                all
            }
        }
    };
}

raw!(
    Sqlite,
    sqlx::SqliteConnection,
    |backend: &Sqlite| {
        use crate::world::Backend;
        format!("sqlite://{}", backend.data().join("trunkline.db").display())
    },
    "SELECT m.name || '.' || p.name FROM sqlite_schema m JOIN pragma_table_info(m.name) p \
        WHERE m.type = 'table' AND (p.type = 'TEXT' OR p.name IN ('journal', 'body')) \
        AND m.name NOT LIKE '%sqlite%' AND m.name NOT LIKE '%migration%' ORDER BY 1",
    "SELECT m.name || '.' || p.name FROM sqlite_schema m JOIN pragma_table_info(m.name) p \
        WHERE m.type = 'table' AND p.type = 'BLOB' AND m.name NOT LIKE '%migration%' ORDER BY 1",
    |id: Uuid| format!("x'{}'", id.simple()),
    |bytes: &[u8]| format!("x'{}'", hex(bytes))
);
raw!(
    Postgres,
    sqlx::PgConnection,
    |backend: &Postgres| backend.url.clone(),
    "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' \
        AND (data_type = 'text' OR column_name IN ('journal', 'body')) AND table_name NOT LIKE '%migration%' ORDER BY 1",
    "SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public' \
        AND data_type = 'uuid' AND table_name NOT LIKE '%migration%' ORDER BY 1",
    |id: Uuid| format!("'{id}'::uuid"),
    |bytes: &[u8]| format!("'\\x{}'::bytea", hex(bytes))
);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `bytes` as text, and what is packed in them.
fn unpacked(bytes: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    let magic = [0x28, 0xb5, 0x2f, 0xfd];
    for at in bytes.windows(magic.len()).enumerate().filter(|(_, window)| *window == magic).map(|(at, _)| at)
    {
        if let Ok(unpacked) = zstd::stream::decode_all(&bytes[at..]) {
            text.push_str(&String::from_utf8_lossy(&unpacked));
        }
    }
    text
}
