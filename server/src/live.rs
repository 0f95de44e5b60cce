//! Who watches runs: committed changes are announced here, and whoever is too slow asks again instead of being served
//! from memory. Nothing is announced before it is durable.

use tokio::sync::broadcast;
use trunkline_engine::run::RunId;
use trunkline_store::WorkspaceId;

/// Announcements kept for a slow listener before it must ask again.
const KEPT: usize = 1024;

/// A run changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// Whose.
    pub workspace: WorkspaceId,
    /// Which.
    pub run: RunId,
}

/// The announcer.
#[derive(Debug, Clone)]
pub struct Live {
    changes: broadcast::Sender<Changed>,
}

impl Default for Live {
    fn default() -> Self {
        Self { changes: broadcast::Sender::new(KEPT) }
    }
}

impl Live {
    /// Announces that `run` changed; costs nothing when nobody listens.
    pub fn announce(&self, workspace: WorkspaceId, run: RunId) {
        if self.changes.receiver_count() > 0 {
            // An error means that the last listener left meanwhile.
            let _ = self.changes.send(Changed { workspace, run });
        }
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Changed> {
        self.changes.subscribe()
    }
}
