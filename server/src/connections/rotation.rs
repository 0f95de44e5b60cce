//! Sealing everything anew after the master key was changed.

use super::about;
use super::vault::Vault;
use trunkline_store::ports::Connection;
use trunkline_store::{Error, Store};

/// Connections sealed anew by one look at the store.
const PIECE: u32 = 100;

/// Seals every connection with the newest key of `vault`; answers how many. What another process changes meanwhile is
/// looked at again.
///
/// # Errors
/// The store's; `CONN-0011` when one cannot be opened. What was done stays done: it can be called again.
pub async fn seal_anew(store: &Store, vault: &Vault) -> anyhow::Result<usize> {
    let mut count = 0;
    loop {
        let left = store.connections.sealed_otherwise(vault.key_id(), PIECE).await?;
        if left.is_empty() {
            return Ok(count);
        }
        for (workspace, row) in left {
            let about = about(workspace, row.id);
            let plain = vault.unseal(&about, &row.sealed)?;
            let (sealed, revision) = (vault.seal(&about, &plain), row.revision);
            let anew = Connection { sealed, seal_key: vault.key_id(), ..row };
            match store.connections.change(workspace, revision, anew).await {
                Ok(()) => count += 1,
                Err(Error::Stale { .. } | Error::NotFound(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
