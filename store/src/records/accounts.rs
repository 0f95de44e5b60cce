//! People, sessions and keys for programs.

use crate::columns::Columns;
use crate::error::Error;
use crate::ports::{ApiToken, Role, Session, User, WorkspaceId};

/// A person.
pub(crate) fn user(row: &impl Columns) -> Result<User, Error> {
    let role = row.text("role")?;
    Ok(User {
        id: row.id("id")?,
        workspace: WorkspaceId(row.number("workspace")?),
        email: row.string("email")?,
        password_hash: row.string("password_hash")?,
        role: Role::parse(role).ok_or_else(|| Error::Corrupt(format!("role {role}").into()))?,
        created_at: row.moment("created_at")?,
    })
}

/// A session with its person.
pub(crate) fn session(row: &impl Columns) -> Result<Session, Error> {
    Ok(Session { user: user(row)?, csrf: row.string("csrf")?, expires_at: row.moment("expires_at")? })
}

/// A key for programs.
pub(crate) fn api_token(row: &impl Columns) -> Result<ApiToken, Error> {
    Ok(ApiToken {
        id: row.id("id")?,
        workspace: WorkspaceId(row.number("workspace")?),
        name: row.string("name")?,
        created_by: row.maybe_id("created_by")?,
        created_at: row.moment("created_at")?,
        expires_at: row.maybe_moment("expires_at")?,
        last_used_at: row.maybe_moment("last_used_at")?,
    })
}
