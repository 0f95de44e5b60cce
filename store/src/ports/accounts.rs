//! People, their sessions, and keys for programs. Only hashes of secrets come this far, never a secret.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, Utc};
use std::fmt::Debug;
use uuid::Uuid;

/// SHA-256 of a random token.
pub type TokenHash = [u8; 32];

/// Accounts as the server needs them.
pub trait Accounts: Debug + Send + Sync {
    /// Whether nobody can sign in yet.
    fn needs_setup(&self) -> Answer<'_, bool>;

    /// Makes `hash` the only valid set-up token.
    fn issue_setup(&self, hash: TokenHash, expires_at: DateTime<Utc>) -> Answer<'_, ()>;

    /// Whether a set-up token may still be used.
    fn setup_valid(&self, hash: TokenHash, now: DateTime<Utc>) -> Answer<'_, bool>;

    /// Uses the set-up token and makes the first user, who owns the first workspace.
    ///
    /// # Errors
    /// [`Error::Expired`](crate::Error::Expired) when the token is unknown, was used, or is too old.
    fn complete_setup(
        &self,
        hash: TokenHash,
        now: DateTime<Utc>,
        user: NewUser,
        workspace_name: Option<String>,
    ) -> Answer<'_, User>;

    /// The user with an e-mail address, upper and lower case being the same.
    fn user_by_email(&self, email: String) -> Answer<'_, Option<User>>;

    /// One user.
    fn user(&self, id: Uuid) -> Answer<'_, Option<User>>;

    /// Adds a user to a workspace.
    ///
    /// # Errors
    /// [`Error::Conflict`](crate::Error::Conflict) when the address is taken.
    fn add_user(&self, workspace: WorkspaceId, role: Role, user: NewUser) -> Answer<'_, User>;

    /// Changes a password and ends the user's sessions.
    fn set_password(&self, id: Uuid, password_hash: String) -> Answer<'_, ()>;

    /// One workspace.
    fn workspace(&self, id: WorkspaceId) -> Answer<'_, Workspace>;

    /// Signs a browser in.
    fn open_session(&self, session: NewSession) -> Answer<'_, ()>;

    /// The session with this token, unless it is over.
    fn session(&self, hash: TokenHash, now: DateTime<Utc>) -> Answer<'_, Option<Session>>;

    /// Signs a browser out.
    fn close_session(&self, hash: TokenHash) -> Answer<'_, ()>;

    /// Adds an API token.
    fn add_token(&self, token: NewToken) -> Answer<'_, ApiToken>;

    /// The API tokens of a workspace, the newest first.
    fn tokens(&self, workspace: WorkspaceId) -> Answer<'_, Vec<ApiToken>>;

    /// The API token with this hash, unless it is over. Notes its use, at most once a minute.
    fn token(&self, hash: TokenHash, now: DateTime<Utc>) -> Answer<'_, Option<ApiToken>>;

    /// Ends an API token.
    fn remove_token(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, ()>;
}

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything, and it cannot be taken away.
    Owner,
    /// Everything.
    Admin,
    /// Edits and runs workflows.
    Editor,
    /// Looks.
    Viewer,
}

impl Role {
    /// Its word in the API and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Editor => "editor",
            Self::Viewer => "viewer",
        }
    }

    /// The role called `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Owner, Self::Admin, Self::Editor, Self::Viewer].into_iter().find(|role| role.as_str() == word)
    }
}

/// A workspace.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its id.
    pub id: WorkspaceId,
    /// What people call it.
    pub name: String,
}

/// A person to be.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Id.
    pub id: Uuid,
    /// E-mail address.
    pub email: String,
    /// Argon2 hash.
    pub password_hash: String,
}

/// A person who may sign in.
#[derive(Debug, Clone)]
pub struct User {
    /// Id.
    pub id: Uuid,
    /// Where they belong.
    pub workspace: WorkspaceId,
    /// E-mail address.
    pub email: String,
    /// Argon2 hash.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// A browser to be signed in.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Hash of the cookie's token.
    pub hash: TokenHash,
    /// Who.
    pub user: Uuid,
    /// What unsafe requests must repeat in a header.
    pub csrf: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// A signed-in browser.
#[derive(Debug, Clone)]
pub struct Session {
    /// Who.
    pub user: User,
    /// What unsafe requests must repeat in a header.
    pub csrf: String,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

/// A key for programs, to be.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Id.
    pub id: Uuid,
    /// Where it works.
    pub workspace: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// Hash of the key.
    pub hash: TokenHash,
    /// Who made it.
    pub created_by: Option<Uuid>,
    /// Until when; `None` for ever.
    pub expires_at: Option<DateTime<Utc>>,
}

/// A key for programs.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// Id.
    pub id: Uuid,
    /// Where it works.
    pub workspace: WorkspaceId,
    /// What people call it.
    pub name: String,
    /// Who made it.
    pub created_by: Option<Uuid>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Until when; `None` for ever.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}
