//! Getting and renewing tokens.

use super::{Connections, Opened, Trouble, not_now, unusable};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::time::Duration;
use trunkline_connectors::credentials::{
    AuthorizeUrl, Granted, TokenGoal, Veil, authorize_url, granted, token_call,
};
use trunkline_connectors::manifest::auth::Grant;
use trunkline_connectors::manifest::body::Reads;
use trunkline_connectors::perform::answered;
use trunkline_engine::failure::{Failure, FailureKind};
use trunkline_store::ports::{Connection, Handshake};
use trunkline_store::{Error, WorkspaceId};
use uuid::Uuid;

/// A token that ends within this time, or within a tenth of its life if that is less, is renewed before it is used.
const SOON: TimeDelta = TimeDelta::seconds(60);
/// Longest time the app may take to give a token.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long an administrator may take to allow access.
const AWAY: TimeDelta = TimeDelta::minutes(15);

/// What is needed once an administrator is back.
#[derive(Serialize, Deserialize)]
struct Attempt {
    verifier: String,
    redirect: String,
}

impl Connections {
    /// The connection with a token that is good for now.
    pub(super) async fn usable(&self, workspace: WorkspaceId, id: Uuid) -> Result<Opened, Failure> {
        let opened = self.find(workspace, id).await?;
        if opened.row.pending {
            return Err(unusable(format!("nobody has allowed access to \"{}\" yet", opened.row.name)));
        }
        let has_token =
            opened.auth()?.grant.token().is_none() || opened.secrets.get("access_token").is_some();
        let ends_soon = opened.row.expires_at.is_some_and(|end| {
            let life = end - opened.row.updated_at;
            end <= Utc::now() + SOON.min(life / 10)
        });
        if has_token && !(ends_soon && opened.row.renews) {
            return Ok(opened);
        }
        self.renewed(workspace, opened).await
    }

    /// The connection with another token than `opened` has. Of many who ask at once one gets it from the app; the others
    /// find it stored.
    pub(super) async fn renewed(&self, workspace: WorkspaceId, opened: Opened) -> Result<Opened, Failure> {
        let live = self.live(&opened.row, &opened.manifest);
        let _alone = live.renewing.lock().await;
        let mut now = self.find(workspace, opened.row.id).await?;
        if now.secrets.get("access_token") != opened.secrets.get("access_token") {
            return Ok(now);
        }
        match self.ask(&mut now, TokenGoal::Held).await {
            Ok(granted) => self.keep(workspace, now, granted).await,
            Err(failure) => {
                if failure.kind == FailureKind::Auth {
                    self.note_trouble(workspace, &now.row, Some(&failure)).await;
                }
                Err(failure)
            }
        }
    }

    async fn ask(&self, opened: &mut Opened, goal: TokenGoal<'_>) -> Result<Granted, Failure> {
        let now = Utc::now();
        let auth = opened.auth()?;
        let call = token_call(&opened.manifest, auth, &opened.settings, &opened.secrets, goal, now)?;
        let mut request = call.request;
        request.timeout = PATIENCE;
        let veil = Veil::over_token_call(&opened.secrets, &request);
        // This answer alone is read without a veil, if it brings the token.
        let answer = answered(&self.client, request, Reads::Json, &Veil::default()).await;
        let mut answer = answer.map_err(|error| error.into_failure(now, true))?;
        if answer.body.get("access_token").is_none() {
            veil.value(&mut answer.body);
        }
        metrics::counter!("trunkline_tokens_asked_total").increment(1);
        let manifest = std::sync::Arc::clone(&opened.manifest);
        let auth = manifest.auth(&opened.row.auth).expect("it was there a moment ago");
        granted(&manifest, auth, &mut opened.secrets, &answer, now)
    }

    /// Stores what was granted; only then is it used.
    async fn keep(
        &self,
        workspace: WorkspaceId,
        mut opened: Opened,
        granted: Granted,
    ) -> Result<Opened, Failure> {
        opened.settings.extend(granted.settings);
        let revision = opened.row.revision;
        let renews = match &opened.auth()?.grant {
            Grant::AuthorizationCode { .. } => opened.secrets.get("refresh_token").is_some(),
            grant => grant.token().is_some(),
        };
        let row = &mut opened.row;
        row.settings = Value::Object(opened.settings.clone());
        (row.pending, row.expires_at, row.renews) = (false, granted.expires_at, renews);
        (row.trouble, row.updated_at) = (None, Utc::now());
        self.seal(workspace, &mut opened.row, &opened.secrets);
        match self.store.connections.change(workspace, revision, opened.row.clone()).await {
            Ok(()) => {
                opened.row.revision += 1;
                Ok(opened)
            }
            // A person changed the connection meanwhile; what they entered holds.
            Err(Error::Stale { .. }) => self.find(workspace, opened.row.id).await,
            Err(error) => Err(not_now(&error)),
        }
    }

    /// Notes why a connection did not work, or that it does again.
    pub(super) async fn note_trouble(
        &self,
        workspace: WorkspaceId,
        row: &Connection,
        failure: Option<&Failure>,
    ) {
        if failure.is_none() && row.trouble.is_none() {
            return;
        }
        let trouble = failure.map(|failure| Trouble::of(failure.clone(), Utc::now()));
        let trouble = trouble.and_then(|trouble| serde_json::to_value(trouble).ok());
        let changed = Connection { trouble, ..row.clone() };
        // It is a note for people; whoever changed the connection meanwhile has looked at it.
        if let Err(error) = self.store.connections.change(workspace, row.revision, changed).await
            && !matches!(error, Error::Stale { .. } | Error::NotFound(_))
        {
            tracing::warn!(connection = %row.id, %error, "the state of a connection was not noted");
        }
    }

    /// Sends an administrator away to allow access: the address they go to.
    ///
    /// # Errors
    /// `CONN-0012` when this way to sign in asks nobody.
    pub async fn send_away(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        user: Option<Uuid>,
        redirect: &str,
    ) -> Result<String, Failure> {
        use crate::auth::secret;
        let opened = self.find(workspace, id).await?;
        let (state, verifier) = (secret::random(), secret::random());
        let attempt = AuthorizeUrl { redirect, state: &state, verifier: &verifier };
        let url = authorize_url(opened.auth()?, &opened.settings, &opened.secrets, attempt)?;
        let kept = Attempt { verifier, redirect: redirect.to_owned() };
        let plain = serde_json::to_vec(&kept).expect("two texts are JSON");
        let now = Utc::now();
        let state = secret::fingerprint(&state);
        let handshake = Handshake {
            state,
            connection: id,
            user,
            sealed: self.vault.seal(&about_attempt(state), &plain),
            expires_at: now + AWAY,
        };
        self.store.connections.begin_handshake(handshake, now).await.map_err(|error| not_now(&error))?;
        Ok(url.into())
    }

    /// Takes in who comes back with `state` and a `code`. Answers with the connection.
    ///
    /// # Errors
    /// `CONN-0012` when nobody was awaited, someone else left, or the app gives no token.
    pub async fn take_back(
        &self,
        user: Option<Uuid>,
        state: &str,
        code: std::result::Result<&str, &str>,
    ) -> Result<Uuid, Failure> {
        let state = crate::auth::secret::fingerprint(state);
        let taken = self.store.connections.take_handshake(state, Utc::now()).await;
        let (workspace, attempt) = taken
            .map_err(|error| not_now(&error))?
            .ok_or_else(|| refused("the attempt is over: it was used, or more than 15 minutes passed"))?;
        if attempt.user.is_some() && attempt.user != user {
            return Err(refused("another person than the one who left came back"));
        }
        let plain = self.vault.unseal(&about_attempt(state), &attempt.sealed);
        let kept: Option<Attempt> = plain.ok().and_then(|plain| serde_json::from_slice(&plain).ok());
        let kept = kept.ok_or_else(|| refused("the attempt cannot be opened"))?;
        let code = code.map_err(|error| refused(&format!("access was not allowed: {error}")))?;
        let mut opened = self.find(workspace, attempt.connection).await?;
        // What an earlier access left must not stand in for what this one does not give.
        opened.secrets.remove("refresh_token");
        let goal = TokenGoal::Code { code, redirect: &kept.redirect, verifier: &kept.verifier };
        let granted = self.ask(&mut opened, goal).await?;
        let id = opened.row.id;
        self.keep(workspace, opened, granted).await?;
        Ok(id)
    }

    /// When a person has to act before the connection stops working: the end of a token that nobody renews, or the end
    /// that somebody entered, whichever comes first.
    #[must_use]
    pub fn ends_at(row: &Connection) -> Option<DateTime<Utc>> {
        row.expires_at.filter(|_| !row.renews).into_iter().chain(row.ends_at).min()
    }
}

fn about_attempt(state: [u8; 32]) -> String {
    format!("handshake/{}", hex::encode(state))
}

fn refused(why: &str) -> Failure {
    Failure::new(
        "CONN-0012",
        FailureKind::Auth,
        format!("the connection could not sign in: {why}"),
        "Open Settings > Connections and connect it again.",
    )
}
