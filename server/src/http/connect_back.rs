//! `/connect/back`: where an app sends an administrator back to after they allowed access, or did not.
//!
//! It stands outside the API because a browser comes here from elsewhere. The secret in `state` was made for one
//! connection and one person and is taken once; whoever comes must still be signed in as that person.

use crate::app::Shared;
use crate::auth::{COOKIE, secret};
use axum::extract::{Query, State};
use axum::response::Redirect;
use axum_extra::extract::CookieJar;
use chrono::Utc;
use serde::Deserialize;
use trunkline_engine::expression::filters::percent_encoded;
use trunkline_engine::failure::{Failure, FailureKind};
use uuid::Uuid;

const PATH: &str = "/connect/back";

/// Where apps send people back to.
#[must_use]
pub fn address(app: &Shared) -> String {
    format!("{}{PATH}", app.url())
}

/// What an app says.
#[derive(Debug, Deserialize)]
pub struct Said {
    #[serde(default)]
    state: String,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// Takes one person back, and shows them what came of it.
pub async fn take(State(app): State<Shared>, jar: CookieJar, Query(said): Query<Said>) -> Redirect {
    let user = match jar.get(COOKIE) {
        Some(cookie) => signed_in(&app, cookie.value()).await,
        None => None,
    };
    let refusal =
        said.error_description.as_deref().or(said.error.as_deref()).unwrap_or("the app gave no code");
    let code = said.code.as_deref().filter(|code| !code.is_empty()).ok_or(refusal);
    let taken = match user {
        Some(user) => app.connections.take_back(Some(user), &said.state, code).await,
        None => Err(signed_out()),
    };
    let to = match taken {
        Ok(id) => format!("/settings/connections?connected={id}"),
        Err(failure) => {
            tracing::warn!(code = %failure.code, message = %failure.message, "an account was not connected");
            let message = percent_encoded(&failure.message);
            format!("/settings/connections?trouble={}&said={message}", failure.code)
        }
    };
    Redirect::to(&to)
}

async fn signed_in(app: &Shared, cookie: &str) -> Option<Uuid> {
    let session = app.store.accounts.session(secret::fingerprint(cookie), Utc::now()).await.ok()??;
    Some(session.user.id)
}

fn signed_out() -> Failure {
    Failure::new(
        "CONN-0012",
        FailureKind::Auth,
        "the connection could not sign in: nobody is signed in to Trunkline in this browser",
        "Sign in, then connect the account again.",
    )
}
