//! Who is calling: passwords, sessions, API tokens and how often one may try.
//!
//! A secret never leaves this module in a form that could be used again: the store sees fingerprints only, and nothing
//! here is logged.

pub mod password;
pub mod secret;
pub mod throttle;

use trunkline_store::WorkspaceId;
use uuid::Uuid;

/// The cookie that carries a session.
pub const COOKIE: &str = "trunkline_session";
/// The header that proves that a request with the cookie comes from the studio.
pub const CSRF_HEADER: &str = "x-trunkline-csrf";
/// Days a session lasts.
pub const SESSION_DAYS: i64 = 30;
/// Hours a set-up link lasts.
pub const SETUP_HOURS: i64 = 24;

/// Who sent a request that passed the guard.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Where they may work. Every object is looked up within it.
    pub workspace: WorkspaceId,
    /// The user, unless a token of the machine itself is used.
    pub user: Option<Uuid>,
    /// What histories call them: an e-mail address or the name of a token.
    pub name: String,
}
