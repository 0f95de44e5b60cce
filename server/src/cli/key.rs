//! `trunkline key`: the master key that seals what connections hold.

use super::{Exit, print};
use crate::config::Config;
use crate::connections::rotation::seal_anew;
use crate::connections::vault::{KeySource, Vault, add_key, drop_old_keys};
use crate::hook_secrets::HookSecrets;
use crate::serve::open_store;
use std::path::PathBuf;

/// `trunkline key`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Key {
    /// Seal every connection and secret of a webhook with a new master key; the server must not be running
    Rotate {
        /// Folder that holds everything the server keeps [default: ./data]
        #[arg(long, env = "TRUNKLINE_DATA", value_name = "DIR")]
        data: Option<PathBuf>,
    },
}

/// A key from a file is made here and replaces the old one once nothing is sealed with that any more. Keys from the
/// environment are changed there: the new one first, then this, then without the old one. Stopping half-way loses nothing,
/// because both keys open until the end.
pub(super) async fn rotate(config: Config) -> anyhow::Result<Exit> {
    // First the store: a running server holds it, and would go on with the old key.
    let store = open_store(&config).await?;
    if let KeySource::File(path) = &config.master_key {
        add_key(path)?;
    }
    let vault = Vault::open(&config.master_key)?;
    let count = async {
        let connections = seal_anew(&store, &vault).await?;
        anyhow::Ok((connections, HookSecrets::seal_anew(&store, &vault).await?))
    };
    let count = count.await;
    store.close().await?;
    let (connections, hooks) = count?;
    let count = format!("{connections} connections and {hooks} secrets of webhooks");
    match &config.master_key {
        KeySource::File(path) => {
            drop_old_keys(path)?;
            print(&format!("{count} are sealed with the new key in {}.", path.display()))?;
        }
        KeySource::Given(_) => {
            print(&format!("{count} are sealed with the first key given; the others can be taken out."))?;
        }
    }
    Ok(Exit::Done)
}
