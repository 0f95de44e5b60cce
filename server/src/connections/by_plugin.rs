//! Requests that a plugin composes and a connection signs: the plugin names the connection, and what proves who we are is
//! put in here, outside of it.

use super::{Connections, Opened, unusable};
use chrono::Utc;
use std::time::Instant;
use trunkline_connectors::credentials::signed;
use trunkline_connectors::interpreter::{Ask, AskBody};
use trunkline_connectors::manifest::action::Method;
use trunkline_connectors::{Request, Response};
use trunkline_engine::failure::Failure;
use trunkline_store::WorkspaceId;
use url::Url;
use uuid::Uuid;

impl Connections {
    /// Sends `asked` with the credentials of the connection `id`, which has to be to one of `apps`. Whatever the app
    /// repeats of them is hidden from the answer.
    ///
    /// # Errors
    /// `CONN-0010` when the connection is to another app or does not work, `CONN-0008` when the address is none of the
    /// app's, and what the client says.
    pub async fn send(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        apps: &[String],
        asked: Request,
        repeatable: bool,
    ) -> Result<Response, Failure> {
        let begun = Instant::now();
        let opened = self.usable(workspace, id).await?;
        if !apps.contains(&opened.row.app) {
            let name = &opened.row.name;
            return Err(unusable(format!(
                "\"{name}\" is a connection to an app that was not approved for the plugin"
            )));
        }
        let response = self.sent(&opened, &asked, repeatable).await?;
        if response.status != 401 || opened.auth()?.grant.token().is_none() || !opened.row.renews {
            return Ok(response);
        }
        // The app refused the request, so nothing was done: it may be sent again with another token.
        let opened = self.renewed(workspace, opened).await?;
        let timeout = asked.timeout.saturating_sub(begun.elapsed());
        self.sent(&opened, &Request { timeout, ..asked }, repeatable).await
    }

    async fn sent(&self, opened: &Opened, asked: &Request, repeatable: bool) -> Result<Response, Failure> {
        let url = Url::parse(asked.url.trim())
            .map_err(|error| unusable(format!("the plugin calls no address: {error}")))?;
        let ask = Ask { method: Method::Get, url, headers: asked.headers.clone(), body: AskBody::None };
        let mut request = signed(&opened.manifest, opened.auth()?, &opened.settings, &opened.secrets, ask)?;
        request.method = asked.method.clone();
        request.body.clone_from(&asked.body);
        (request.timeout, request.max_response_bytes) = (asked.timeout, asked.max_response_bytes);
        request.only_hosts = Some(opened.manifest.hosts.clone());
        let live = self.live(&opened.row, &opened.manifest);
        let deadline = Instant::now() + asked.timeout;
        let _place = live.place(deadline).await?;
        live.admit(deadline).await?;
        let sent = self.client.send(request).await;
        let mut response = sent.map_err(|error| error.into_failure(Utc::now(), repeatable))?;
        for (_, value) in &mut response.headers {
            *value = opened.secrets.hidden_in(value);
        }
        response.body = opened.secrets.hidden_in_bytes(&response.body).into();
        Ok(response)
    }
}
