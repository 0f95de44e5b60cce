//! People, sessions, keys for programs, and the set-up token.

use super::Postgres;
use crate::columns::micros;
use crate::error::Error;
use crate::ports::{
    Accounts, Answer, ApiToken, NewSession, NewToken, NewUser, Role, Session, TokenHash, User, Workspace,
    WorkspaceId,
};
use crate::records::{api_token, session, user};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::postgres::PgConnection;
use uuid::Uuid;

/// The use of an API token is noted at most this often.
const NOTE_USE_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Accounts for Postgres {
    fn needs_setup(&self) -> Answer<'_, bool> {
        Box::pin(async move {
            let sql = "SELECT NOT EXISTS (SELECT 1 FROM \"user\")";
            Ok(sqlx::query_scalar(sql).fetch_one(&self.readers).await?)
        })
    }

    fn issue_setup(&self, hash: TokenHash, expires_at: DateTime<Utc>) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                sqlx::query("DELETE FROM setup_token").execute(&mut *connection).await?;
                let sql = "INSERT INTO setup_token (hash, expires_at) VALUES ($1, $2)";
                sqlx::query(sql).bind(&hash[..]).bind(micros(expires_at)).execute(connection).await?;
                Ok(())
            })
        }))
    }

    fn setup_valid(&self, hash: TokenHash, now: DateTime<Utc>) -> Answer<'_, bool> {
        Box::pin(async move {
            let sql = "SELECT EXISTS (SELECT 1 FROM setup_token WHERE hash = $1 AND expires_at > $2)";
            Ok(sqlx::query_scalar(sql).bind(&hash[..]).bind(micros(now)).fetch_one(&self.readers).await?)
        })
    }

    fn complete_setup(
        &self,
        hash: TokenHash,
        now: DateTime<Utc>,
        user: NewUser,
        workspace_name: Option<String>,
    ) -> Answer<'_, User> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let sql = "DELETE FROM setup_token WHERE hash = $1 AND expires_at > $2 \
                    AND NOT EXISTS (SELECT 1 FROM \"user\")";
                let used =
                    sqlx::query(sql).bind(&hash[..]).bind(micros(now)).execute(&mut *connection).await?;
                if used.rows_affected() == 0 {
                    return Err(Error::Expired);
                }
                if let Some(name) = workspace_name {
                    sqlx::query("UPDATE workspace SET name = $2 WHERE id = $1")
                        .bind(WorkspaceId::FIRST.0)
                        .bind(name)
                        .execute(&mut *connection)
                        .await?;
                }
                add_user(connection, WorkspaceId::FIRST, Role::Owner, user, now).await
            })
        }))
    }

    fn user_by_email(&self, email: String) -> Answer<'_, Option<User>> {
        Box::pin(async move {
            let sql = "SELECT * FROM \"user\" WHERE lower(email) = lower($1)";
            sqlx::query(sql).bind(email).fetch_optional(&self.readers).await?.as_ref().map(user).transpose()
        })
    }

    fn user(&self, id: Uuid) -> Answer<'_, Option<User>> {
        Box::pin(async move {
            let sql = "SELECT * FROM \"user\" WHERE id = $1";
            sqlx::query(sql).bind(id).fetch_optional(&self.readers).await?.as_ref().map(user).transpose()
        })
    }

    fn add_user(&self, workspace: WorkspaceId, role: Role, user: NewUser) -> Answer<'_, User> {
        Box::pin(
            self.writer
                .write(move |connection| Box::pin(add_user(connection, workspace, role, user, Utc::now()))),
        )
    }

    fn set_password(&self, id: Uuid, password_hash: String) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let sql = "UPDATE \"user\" SET password_hash = $2 WHERE id = $1";
                let done = sqlx::query(sql).bind(id).bind(password_hash).execute(&mut *connection).await?;
                if done.rows_affected() == 0 {
                    return Err(Error::NotFound("a user"));
                }
                sqlx::query("DELETE FROM session WHERE \"user\" = $1").bind(id).execute(connection).await?;
                Ok(())
            })
        }))
    }

    fn workspace(&self, id: WorkspaceId) -> Answer<'_, Workspace> {
        Box::pin(async move {
            let sql = "SELECT name FROM workspace WHERE id = $1";
            let name = sqlx::query_scalar(sql).bind(id.0).fetch_optional(&self.readers).await?;
            Ok(Workspace { id, name: name.ok_or(Error::NotFound("a workspace"))? })
        })
    }

    fn open_session(&self, session: NewSession) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let sql = "INSERT INTO session (hash, \"user\", csrf, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
                sqlx::query(sql)
                    .bind(&session.hash[..])
                    .bind(session.user)
                    .bind(&session.csrf)
                    .bind(micros(Utc::now()))
                    .bind(micros(session.expires_at))
                    .execute(connection)
                    .await?;
                Ok(())
            })
        }))
    }

    fn session(&self, hash: TokenHash, now: DateTime<Utc>) -> Answer<'_, Option<Session>> {
        Box::pin(async move {
            let sql = "SELECT u.*, s.csrf, s.expires_at FROM session s JOIN \"user\" u ON u.id = s.\"user\" \
                WHERE s.hash = $1 AND s.expires_at > $2";
            let found =
                sqlx::query(sql).bind(&hash[..]).bind(micros(now)).fetch_optional(&self.readers).await?;
            found.as_ref().map(session).transpose()
        })
    }

    fn close_session(&self, hash: TokenHash) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                sqlx::query("DELETE FROM session WHERE hash = $1")
                    .bind(&hash[..])
                    .execute(connection)
                    .await?;
                Ok(())
            })
        }))
    }

    fn add_token(&self, token: NewToken) -> Answer<'_, ApiToken> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let sql = "INSERT INTO api_token (id, workspace, name, hash, created_by, created_at, expires_at) \
                    VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING *";
                let made = sqlx::query(sql)
                    .bind(token.id)
                    .bind(token.workspace.0)
                    .bind(&token.name)
                    .bind(&token.hash[..])
                    .bind(token.created_by)
                    .bind(micros(Utc::now()))
                    .bind(token.expires_at.map(micros))
                    .fetch_one(connection)
                    .await?;
                api_token(&made)
            })
        }))
    }

    fn tokens(&self, workspace: WorkspaceId) -> Answer<'_, Vec<ApiToken>> {
        Box::pin(async move {
            let sql = "SELECT * FROM api_token WHERE workspace = $1 ORDER BY id DESC";
            sqlx::query(sql).bind(workspace.0).fetch_all(&self.readers).await?.iter().map(api_token).collect()
        })
    }

    fn token(&self, hash: TokenHash, now: DateTime<Utc>) -> Answer<'_, Option<ApiToken>> {
        Box::pin(async move {
            let sql = "SELECT * FROM api_token WHERE hash = $1 AND (expires_at IS NULL OR expires_at > $2)";
            let found =
                sqlx::query(sql).bind(&hash[..]).bind(micros(now)).fetch_optional(&self.readers).await?;
            let Some(token) = found.as_ref().map(api_token).transpose()? else { return Ok(None) };
            if token.last_used_at.is_none_or(|last| now - last >= NOTE_USE_EVERY) {
                self.note_use(token.id, now).await?;
            }
            Ok(Some(token))
        })
    }

    fn remove_token(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |connection| {
            Box::pin(async move {
                let sql = "DELETE FROM api_token WHERE workspace = $1 AND id = $2";
                let done = sqlx::query(sql).bind(workspace.0).bind(id).execute(connection).await?;
                if done.rows_affected() == 0 { Err(Error::NotFound("an API token")) } else { Ok(()) }
            })
        }))
    }
}

impl Postgres {
    async fn note_use(&self, token: Uuid, now: DateTime<Utc>) -> Result<(), Error> {
        self.writer
            .write(move |connection| {
                Box::pin(async move {
                    let sql = "UPDATE api_token SET last_used_at = $2 WHERE id = $1";
                    sqlx::query(sql).bind(token).bind(micros(now)).execute(connection).await?;
                    Ok(())
                })
            })
            .await
    }
}

async fn add_user(
    connection: &mut PgConnection,
    workspace: WorkspaceId,
    role: Role,
    new: NewUser,
    now: DateTime<Utc>,
) -> Result<User, Error> {
    let sql = "INSERT INTO \"user\" (id, workspace, email, password_hash, role, created_at) \
        VALUES ($1, $2, $3, $4, $5, $6) RETURNING *";
    let made = sqlx::query(sql)
        .bind(new.id)
        .bind(workspace.0)
        .bind(&new.email)
        .bind(&new.password_hash)
        .bind(role.as_str())
        .bind(micros(now))
        .fetch_one(connection)
        .await
        .map_err(|error| Error::from(error).naming("a user with this e-mail address"))?;
    user(&made)
}
