//! Accounts in other systems. The store keeps what proves who we are as sealed bytes and cannot open them.

use super::{Answer, WorkspaceId};
use chrono::{DateTime, NaiveDate, Utc};
use serde_json::Value;
use std::fmt::Debug;
use uuid::Uuid;

/// Connections as the server needs them.
pub trait Connections: Debug + Send + Sync {
    /// Keeps a new connection.
    ///
    /// # Errors
    /// [`Error::Conflict`](crate::Error::Conflict) when another one has its name.
    fn add(&self, workspace: WorkspaceId, connection: Connection) -> Answer<'_, ()>;

    /// All of the workspace by name, at most 1000.
    fn list(&self, workspace: WorkspaceId) -> Answer<'_, Vec<Connection>>;

    /// One of them.
    fn get(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Option<Connection>>;

    /// One of any workspace, for what comes from outside with nothing but its id.
    fn locate(&self, id: Uuid) -> Answer<'_, Option<(WorkspaceId, Connection)>>;

    /// Writes `connection` over the one with its id, when that is still at `revision`; it is then one further.
    ///
    /// # Errors
    /// [`Error::Stale`](crate::Error::Stale) when it is not, [`Error::NotFound`](crate::Error::NotFound) when there is
    /// none, [`Error::Conflict`](crate::Error::Conflict) when another one has its name.
    fn change(&self, workspace: WorkspaceId, revision: i64, connection: Connection) -> Answer<'_, ()>;

    /// Removes one that nothing uses. Answers with those that do; it is removed when there are none.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when there is none.
    fn remove(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Vec<ConnectionUse>>;

    /// The workflows and definitions whose draft or live version names it, at most 500.
    fn used_by(&self, workspace: WorkspaceId, id: Uuid) -> Answer<'_, Vec<ConnectionUse>>;

    /// Notes the calls of `day`; a smaller number than the one noted changes nothing.
    fn count_calls(&self, id: Uuid, day: NaiveDate, calls: u64) -> Answer<'_, ()>;

    /// Connections of any workspace that another key than `seal_key` sealed, at most `limit`.
    fn sealed_otherwise(&self, seal_key: Vec<u8>, limit: u32) -> Answer<'_, Vec<(WorkspaceId, Connection)>>;

    /// Connections of any workspace that stop working before `before` unless a person acts: a secret that ends, or a token
    /// that nobody renews. At most `limit` after the id `after`, by their ids.
    fn ending(
        &self,
        before: DateTime<Utc>,
        after: Option<Uuid>,
        limit: u32,
    ) -> Answer<'_, Vec<(WorkspaceId, Connection)>>;

    /// Notes that people were warned of `end`, and how far. It is no change of the connection.
    fn note_warning(&self, id: Uuid, end: DateTime<Utc>, step: u8) -> Answer<'_, ()>;

    /// Keeps an attempt to get access; what is too old goes.
    fn begin_handshake(&self, handshake: Handshake, now: DateTime<Utc>) -> Answer<'_, ()>;

    /// Takes the attempt that `state` names out, if it is not too old: nobody takes it twice.
    fn take_handshake(
        &self,
        state: [u8; 32],
        now: DateTime<Utc>,
    ) -> Answer<'_, Option<(WorkspaceId, Handshake)>>;
}

/// An account in another system.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// Its id, a UUIDv7.
    pub id: Uuid,
    /// The app's manifest.
    pub app: String,
    /// What people call it.
    pub name: String,
    /// The way to sign in, by its id in the manifest.
    pub auth: String,
    /// What is known of the account and is no secret: a record.
    pub settings: Value,
    /// What proves who we are.
    pub sealed: Vec<u8>,
    /// Which master key sealed it.
    pub seal_key: Vec<u8>,
    /// Whether an administrator still has to allow access.
    pub pending: bool,
    /// How often it was changed, from 1.
    pub revision: i64,
    /// When its token ends.
    pub expires_at: Option<DateTime<Utc>>,
    /// Whether its token can be renewed without a person.
    pub renews: bool,
    /// When what a person entered ends, as they said.
    pub ends_at: Option<DateTime<Utc>>,
    /// Of which end people were warned, and how far. Written by [`Connections::note_warning`] alone.
    pub warned: Option<(DateTime<Utc>, u8)>,
    /// What the account is called at the app.
    pub account: Option<String>,
    /// When it was last tested.
    pub tested_at: Option<DateTime<Utc>>,
    /// Why it did not work when it was last used.
    pub trouble: Option<Value>,
    /// Calls of one day.
    pub calls: Option<(NaiveDate, u64)>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
}

/// What uses a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionUse {
    /// `workflow`, or the kind of a definition.
    pub kind: String,
    /// Its id.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Whether its live version uses it, and not only the draft.
    pub live: bool,
}

/// An administrator who is away at an app to allow access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handshake {
    /// SHA-256 of the secret that travels.
    pub state: [u8; 32],
    /// For which connection.
    pub connection: Uuid,
    /// Who left.
    pub user: Option<Uuid>,
    /// What is needed once they are back, sealed.
    pub sealed: Vec<u8>,
    /// Until when they may come back.
    pub expires_at: DateTime<Utc>,
}
