//! The one door of `/api/v1`: denies every request unless its route is listed as public or it proves who sends it.
//!
//! The guard stands before routing decides anything, so a new route is closed until it is listed here on purpose.

use super::problem::{self, Error, Result};
use crate::app::Shared;
use crate::auth::{COOKIE, CSRF_HEADER, Caller, secret};
use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::CookieJar;
use chrono::Utc;

/// What anyone may call: asking who they are, setting up with the link's secret, signing in.
pub const PUBLIC: &[(Method, &str)] =
    &[(Method::GET, "/api/v1/session"), (Method::POST, "/api/v1/session"), (Method::POST, "/api/v1/setup")];

/// Lets a request through with its [`Caller`], or refuses it.
pub async fn check(State(app): State<Shared>, mut request: Request, next: Next) -> Response {
    // Behind `nest` the path is cut; the original is what the list names.
    let path = request
        .extensions()
        .get::<axum::extract::OriginalUri>()
        .map_or_else(|| request.uri().path().to_owned(), |uri| uri.path().to_owned());
    let is_public = PUBLIC.iter().any(|(method, public)| method == request.method() && *public == path);
    match identify(&app, request.method(), request.headers(), is_public).await {
        Ok(Some(caller)) => {
            request.extensions_mut().insert(caller);
        }
        Ok(None) => {}
        Err(error) if !is_public => return error.into_response(),
        Err(_) => {}
    }
    next.run(request).await
}

async fn identify(
    app: &Shared,
    method: &Method,
    headers: &HeaderMap,
    is_public: bool,
) -> Result<Option<Caller>> {
    if let Some(token) = bearer(headers) {
        return by_token(app, token).await.map(Some);
    }
    let Some(cookie) = CookieJar::from_headers(headers).get(COOKIE).map(|cookie| cookie.value().to_owned())
    else {
        return if is_public { Ok(None) } else { Err(problem::SIGNED_OUT.plain()) };
    };
    by_session(app, &cookie, method, headers).await.map(Some)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn by_token(app: &Shared, token: &str) -> Result<Caller> {
    let hash = secret::fingerprint(token);
    let token =
        app.store.accounts.token(hash, Utc::now()).await?.ok_or_else(|| problem::WRONG_TOKEN.plain())?;
    knock(app, &hash)?;
    Ok(Caller { workspace: token.workspace, user: token.created_by, name: token.name })
}

async fn by_session(app: &Shared, cookie: &str, method: &Method, headers: &HeaderMap) -> Result<Caller> {
    let hash = secret::fingerprint(cookie);
    let session =
        app.store.accounts.session(hash, Utc::now()).await?.ok_or_else(|| problem::SIGNED_OUT.plain())?;
    if !method.is_safe() {
        let proof = headers.get(CSRF_HEADER).map(axum::http::HeaderValue::as_bytes).unwrap_or_default();
        if !secret::equal(proof, session.csrf.as_bytes()) {
            return Err(problem::WRONG_CSRF.because(format!("the header {CSRF_HEADER} is missing or wrong")));
        }
    }
    knock(app, &hash)?;
    Ok(Caller { workspace: session.user.workspace, user: Some(session.user.id), name: session.user.email })
}

fn knock(app: &Shared, caller: &[u8; 32]) -> Result<()> {
    app.throttles.api.knock(caller).map_err(|wait| problem::TOO_MANY.plain().after(wait))
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    /// The caller that the guard found; without one there is no way in.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| problem::SIGNED_OUT.plain())
    }
}
