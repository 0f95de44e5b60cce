//! `/tokens`: keys for programs. A token is shown once, when it is made.

use super::body::{Json, Path};
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::{Caller, secret};
use axum::extract::State;
use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use trunkline_store::ports::{ApiToken, NewToken};
use utoipa::ToSchema;
use uuid::Uuid;

/// Longest life of a token that has an end, in days.
const LONGEST_DAYS: u32 = 3650;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(list, create)).routes(routes!(remove))
}

/// A key for programs, without the key.
#[derive(Debug, Serialize, ToSchema)]
pub struct Token {
    /// Id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ends; `null` for never.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

/// All tokens of the workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct TokenList {
    /// The newest first.
    pub items: Vec<Token>,
}

/// A token to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// What people call it.
    pub name: String,
    /// Days it lasts; for ever when absent.
    #[serde(default)]
    pub days: Option<u32>,
}

/// A token that was made; the only time its secret is shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct CreatedToken {
    /// The secret.
    pub token: String,
    /// Id.
    pub id: Uuid,
    /// What people call it.
    pub name: String,
    /// When it ends; `null` for never.
    pub expires_at: Option<DateTime<Utc>>,
}

impl From<ApiToken> for Token {
    fn from(token: ApiToken) -> Self {
        let ApiToken { id, name, created_at, expires_at, last_used_at, .. } = token;
        Self { id, name, created_at, expires_at, last_used_at }
    }
}

/// List API tokens
#[utoipa::path(get, path = "/tokens", tag = "tokens", operation_id = "listTokens",
    responses((status = 200, body = TokenList)))]
async fn list(State(app): State<Shared>, caller: Caller) -> Result<axum::Json<TokenList>> {
    let tokens = app.store.accounts.tokens(caller.workspace).await?;
    Ok(axum::Json(TokenList { items: tokens.into_iter().map(Token::from).collect() }))
}

/// Create an API token
#[utoipa::path(post, path = "/tokens", tag = "tokens", operation_id = "createToken",
    request_body = CreateToken, responses((status = 201, body = CreatedToken)))]
async fn create(
    State(app): State<Shared>,
    caller: Caller,
    Json(wanted): Json<CreateToken>,
) -> Result<(StatusCode, axum::Json<CreatedToken>)> {
    let name = wanted.name.trim();
    if name.is_empty() || name.chars().count() > 100 {
        return Err(problem::INVALID.because("`name` must have 1 to 100 characters"));
    }
    if wanted.days.is_some_and(|days| days == 0 || days > LONGEST_DAYS) {
        return Err(problem::INVALID.because(format!("`days` must be 1 to {LONGEST_DAYS}")));
    }
    let token = secret::api_token();
    let new = NewToken {
        id: Uuid::now_v7(),
        workspace: caller.workspace,
        name: name.to_owned(),
        hash: secret::fingerprint(&token),
        created_by: caller.user,
        expires_at: wanted.days.map(|days| Utc::now() + TimeDelta::days(days.into())),
    };
    let made = app.store.accounts.add_token(new).await?;
    let made = CreatedToken { token, id: made.id, name: made.name, expires_at: made.expires_at };
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// Delete an API token
#[utoipa::path(delete, path = "/tokens/{id}", tag = "tokens", operation_id = "deleteToken",
    params(("id" = Uuid, Path)), responses((status = 204)))]
async fn remove(State(app): State<Shared>, caller: Caller, Path(id): Path<Uuid>) -> Result<StatusCode> {
    app.store.accounts.remove_token(caller.workspace, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
