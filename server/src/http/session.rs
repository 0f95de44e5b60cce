//! `/session` and `/setup`: who is signed in, signing in and out, and the first user.

use super::body::Json;
use super::problem::{self, Result};
use super::routes::{Routes, routes};
use crate::app::Shared;
use crate::auth::{COOKIE, Caller, SESSION_DAYS, password, secret};
use axum::extract::{ConnectInfo, State};
use axum::http::HeaderMap;
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use chrono::{TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use trunkline_store::ports::{NewSession, NewUser, User};
use utoipa::ToSchema;
use uuid::Uuid;

/// The routes of this resource.
pub fn router() -> Routes {
    Routes::new().routes(routes!(show, sign_in, sign_out)).routes(routes!(set_up))
}

/// Who is signed in, and what the studio needs to know first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Whether the server waits for its first user, for a sign-in, or for work.
    pub state: SessionState,
    /// Value of the header `x-trunkline-csrf` for calls that change something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub csrf: Option<String>,
    /// Who is signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<SessionUser>,
    /// Where they work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<SessionWorkspace>,
    /// Version of the server.
    pub version: &'static str,
}

/// How far the visitor has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Nobody has set the server up yet.
    Setup,
    /// Nobody is signed in.
    SignedOut,
    /// Someone is.
    SignedIn,
}

/// The user of a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionUser {
    /// Id.
    pub id: Uuid,
    /// E-mail address.
    pub email: String,
    /// Role.
    pub role: String,
}

/// The workspace of a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionWorkspace {
    /// Id.
    pub id: i64,
    /// Name.
    pub name: String,
}

/// The first user of a server.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetUp {
    /// The secret of the set-up link.
    pub token: String,
    /// E-mail address.
    pub email: String,
    /// Password of 10 to 200 characters.
    pub password: String,
    /// Name of the workspace.
    #[serde(default)]
    pub workspace_name: Option<String>,
}

/// Signing in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
}

fn visitor(state: SessionState) -> Session {
    Session { state, csrf: None, user: None, workspace: None, version: env!("CARGO_PKG_VERSION") }
}

async fn signed_in(app: &Shared, user: User, csrf: String) -> Result<Session> {
    let workspace = app.store.accounts.workspace(user.workspace).await?;
    Ok(Session {
        state: SessionState::SignedIn,
        csrf: Some(csrf),
        user: Some(SessionUser { id: user.id, email: user.email, role: user.role.as_str().into() }),
        workspace: Some(SessionWorkspace { id: workspace.id.0, name: workspace.name }),
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// Who is signed in
#[utoipa::path(get, path = "/session", tag = "session", operation_id = "getSession",
    responses((status = 200, body = Session)))]
async fn show(State(app): State<Shared>, headers: HeaderMap) -> Result<axum::Json<Session>> {
    if let Some(cookie) = CookieJar::from_headers(&headers).get(COOKIE) {
        let hash = secret::fingerprint(cookie.value());
        if let Some(session) = app.store.accounts.session(hash, Utc::now()).await? {
            return signed_in(&app, session.user, session.csrf).await.map(axum::Json);
        }
    }
    let needs_setup = app.store.accounts.needs_setup().await?;
    Ok(axum::Json(visitor(if needs_setup { SessionState::Setup } else { SessionState::SignedOut })))
}

/// Set up the server with the printed link
#[utoipa::path(post, path = "/setup", tag = "session", operation_id = "setUp",
    request_body = SetUp, responses((status = 200, body = Session)))]
async fn set_up(
    State(app): State<Shared>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    jar: CookieJar,
    Json(form): Json<SetUp>,
) -> Result<(CookieJar, axum::Json<Session>)> {
    app.throttles.address.knock(&from.ip()).map_err(|wait| problem::SLOW_DOWN.plain().after(wait))?;
    if !app.store.accounts.needs_setup().await? {
        return Err(problem::ALREADY_SET_UP.plain());
    }
    let hash = secret::fingerprint(&form.token);
    if !app.store.accounts.setup_valid(hash, Utc::now()).await? {
        return Err(problem::WRONG_SETUP.plain());
    }
    let email = acceptable(&form.email, &form.password)?;
    let password_hash = password::hash(form.password).await;
    let user = NewUser { id: Uuid::now_v7(), email, password_hash };
    let name = form.workspace_name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let user = match app.store.accounts.complete_setup(hash, Utc::now(), user, name).await {
        Err(trunkline_store::Error::Expired) => return Err(problem::WRONG_SETUP.plain()),
        other => other?,
    };
    tracing::info!("the server is set up");
    open(&app, jar, user).await
}

fn acceptable(email: &str, password: &str) -> Result<String> {
    let email = email.trim().to_lowercase();
    let has_form = email.len() <= 254
        && !email.contains(char::is_whitespace)
        && email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.contains('@') && host.split('.').all(|label| !label.is_empty())
        });
    if !has_form {
        return Err(problem::WEAK_ACCOUNT.because("this is not an e-mail address"));
    }
    if !password::is_acceptable(password) {
        let (min, max) = (password::MIN_CHARACTERS, password::MAX_CHARACTERS);
        return Err(
            problem::WEAK_ACCOUNT.because(format!("the password must have {min} to {max} characters"))
        );
    }
    Ok(email)
}

/// Sign in
#[utoipa::path(post, path = "/session", tag = "session", operation_id = "signIn",
    request_body = SignIn, responses((status = 200, body = Session)))]
async fn sign_in(
    State(app): State<Shared>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    jar: CookieJar,
    Json(form): Json<SignIn>,
) -> Result<(CookieJar, axum::Json<Session>)> {
    let email = form.email.trim().to_lowercase();
    let throttled =
        app.throttles.address.knock(&from.ip()).and_then(|()| app.throttles.account.knock(&email));
    throttled.map_err(|wait| problem::SLOW_DOWN.plain().after(wait))?;
    let user = app.store.accounts.user_by_email(email).await?;
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let fits = password::fits(form.password, stored).await;
    match user {
        Some(user) if fits => open(&app, jar, user).await,
        _ => Err(problem::WRONG_PASSWORD.plain()),
    }
}

async fn open(app: &Shared, jar: CookieJar, user: User) -> Result<(CookieJar, axum::Json<Session>)> {
    let (token, csrf) = (secret::random(), secret::random());
    let session = NewSession {
        hash: secret::fingerprint(&token),
        user: user.id,
        csrf: csrf.clone(),
        expires_at: Utc::now() + TimeDelta::days(SESSION_DAYS),
    };
    app.store.accounts.open_session(session).await?;
    let mut cookie = cookie(token);
    cookie.set_secure(app.is_https());
    Ok((jar.add(cookie), axum::Json(signed_in(app, user, csrf).await?)))
}

fn cookie(value: String) -> Cookie<'static> {
    let mut cookie = Cookie::new(COOKIE, value);
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Lax);
    cookie.set_path("/");
    cookie.set_max_age(time::Duration::days(SESSION_DAYS));
    cookie
}

/// Sign out
#[utoipa::path(delete, path = "/session", tag = "session", operation_id = "signOut",
    responses((status = 200, body = Session)))]
async fn sign_out(
    State(app): State<Shared>,
    _: Caller,
    jar: CookieJar,
) -> Result<(CookieJar, axum::Json<Session>)> {
    if let Some(cookie) = jar.get(COOKIE) {
        app.store.accounts.close_session(secret::fingerprint(cookie.value())).await?;
    }
    let removal = Cookie::build(COOKIE).path("/").build();
    Ok((jar.remove(removal), axum::Json(visitor(SessionState::SignedOut))))
}
