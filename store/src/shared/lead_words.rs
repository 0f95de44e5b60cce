//! The words by which the leads list and the search for duplicates find leads.

use crate::columns::Columns;
use crate::error::Error;
use crate::ports::WorkspaceId;
use crate::records::search::lead_words;
use sqlx::QueryBuilder;
use uuid::Uuid;

/// Words noted by one statement.
const WORDS: usize = 500;

macro_rules! words_of_leads {
    ($database:ty, $connection:ty, $add_words:ident, $index:ident) => {
        /// Notes the words of `leads`, each with its workspace and its text; what is noted already stays.
        pub(crate) async fn $add_words(
            connection: &mut $connection,
            leads: &[(WorkspaceId, Uuid, String)],
        ) -> Result<(), Error> {
            let mut rows = Vec::new();
            for (workspace, lead, text) in leads {
                rows.extend(lead_words(text).into_iter().map(|word| (*workspace, word, *lead)));
            }
            // Neighbours in the index are written one after another.
            rows.sort_unstable();
            for piece in rows.chunks(WORDS) {
                let mut sql =
                    QueryBuilder::<$database>::new("INSERT INTO lead_word (workspace, word, lead) ");
                sql.push_values(piece, |mut row, (workspace, word, lead)| {
                    row.push_bind(workspace.0).push_bind(word.clone()).push_bind(*lead);
                });
                sql.push(" ON CONFLICT DO NOTHING");
                sql.build().execute(&mut *connection).await?;
            }
            Ok(())
        }

        /// Notes the words of leads that were there before words were noted.
        pub(crate) async fn $index(connection: &mut $connection) -> Result<(), Error> {
            let sql = "SELECT 1 AS n WHERE EXISTS (SELECT 1 FROM lead) \
                AND NOT EXISTS (SELECT 1 FROM lead_word)";
            if sqlx::query(sql).fetch_optional(&mut *connection).await?.is_none() {
                return Ok(());
            }
            let mut after = Uuid::nil();
            loop {
                let sql = "SELECT id, workspace, search FROM lead WHERE id > $1 ORDER BY id LIMIT 2000";
                let rows = sqlx::query(sql).bind(after).fetch_all(&mut *connection).await?;
                let Some(last) = rows.last() else { return Ok(()) };
                after = last.id("id")?;
                let mut leads = Vec::with_capacity(rows.len());
                for row in &rows {
                    leads.push((WorkspaceId(row.number("workspace")?), row.id("id")?, row.string("search")?));
                }
                $add_words(connection, &leads).await?;
            }
        }
    };
}

words_of_leads!(sqlx::Sqlite, sqlx::sqlite::SqliteConnection, add_words_in_sqlite, index_in_sqlite);
words_of_leads!(sqlx::Postgres, sqlx::postgres::PgConnection, add_words_in_postgres, index_in_postgres);
