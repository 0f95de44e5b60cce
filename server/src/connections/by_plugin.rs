//! Requests that a plugin composes and a connection signs: the plugin names the connection, and what proves who we are is
//! put in here, outside of it.

use super::requests::Exchanged;
use super::{Connections, unusable};
use trunkline_connectors::{Request, Response};
use trunkline_engine::failure::Failure;
use trunkline_store::WorkspaceId;
use uuid::Uuid;

impl Connections {
    /// Sends `asked` with the credentials of the connection `id`, which has to be to one of `apps`, within the time that it
    /// says. Whatever the app repeats of them is hidden from the answer, and no redirect leads to another host.
    ///
    /// # Errors
    /// `CONN-0010` when the connection is to another app or does not work, `CONN-0008` when the address is none of the
    /// app's, and what the client says.
    pub async fn send_for_plugin(
        &self,
        workspace: WorkspaceId,
        id: Uuid,
        apps: &[String],
        asked: Request,
        repeatable: bool,
    ) -> Result<Response, Failure> {
        let opened = self.usable(workspace, id).await?;
        if !apps.contains(&opened.row.app) {
            let name = &opened.row.name;
            return Err(unusable(format!(
                "\"{name}\" is a connection to an app that was not approved for the plugin"
            )));
        }
        let timeout = asked.timeout;
        let asked = Request { only_hosts: Some(opened.manifest.hosts_of(&opened.settings)), ..asked };
        let Exchanged { response, .. } = self.exchange(workspace, opened, asked, repeatable, timeout).await?;
        Ok(response)
    }
}
