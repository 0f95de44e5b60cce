//! `trunkline doctor`: looks at the data folder and the server on it, and says what is wrong and what to do.

use super::remote::{Remote, Target};
use super::{Exit, print};
use crate::config::Config;
use std::path::Path;

/// Looks and says.
///
/// # Errors
/// When the answer cannot be printed.
pub async fn run(config: &Config, target: &Target) -> anyhow::Result<Exit> {
    let mut wrong = 0;
    let mut say = |fine: bool, what: String| {
        wrong += u32::from(!fine);
        print(&format!("{} {what}", if fine { "ok   " } else { "WRONG" }))
    };
    say(true, format!("version {}", env!("CARGO_PKG_VERSION")))?;
    let folder = config.data.display();
    if config.database.is_none() && !config.data.join("trunkline.db").exists() {
        say(
            false,
            format!("{folder}: no data here yet; start the server once, or name its folder with --data"),
        )?;
        return Ok(Exit::Problems);
    }
    match writable(&config.data) {
        Ok(()) => say(true, format!("{folder} can be written"))?,
        Err(error) => say(false, format!("{folder} cannot be written: {error}. Correct its permissions"))?,
    }
    match crate::serve::open_beside(config).await {
        Err(error) => say(false, format!("{error:#}"))?,
        Ok(store) => {
            match store.upkeep.check().await {
                Err(error) => say(false, format!("{}: {error}. {}", error.code(), error.action()))?,
                Ok(found) => {
                    let megabytes = |bytes: u64| bytes / 1024 / 1024;
                    let (file, wal, free) = (
                        megabytes(found.file_bytes),
                        megabytes(found.wal_bytes),
                        megabytes(found.free_bytes),
                    );
                    say(
                        true,
                        format!("schema {}; {file} MB, of which {free} MB free; log {wal} MB", found.schema),
                    )?;
                    if found.spilled_files > 0 {
                        let (files, size) = (found.spilled_files, megabytes(found.spilled_bytes));
                        say(true, format!("{files} files beside the database hold {size} MB of large runs"))?;
                    }
                    let (workflows, runs, leads) = (found.workflows, found.runs, found.leads);
                    say(
                        true,
                        format!(
                            "{workflows} workflows, {runs} runs, {} unfinished, {leads} leads",
                            found.unfinished
                        ),
                    )?;
                    for problem in &found.problems {
                        say(false, format!("{problem}. Restore the last backup, and report this"))?;
                    }
                    if found.problems.is_empty() {
                        say(true, "every page of the database and every file beside it is sound".into())?;
                    }
                }
            }
            store.close().await?;
        }
    }
    match Remote::open(target) {
        Err(error) => say(true, format!("no server to ask: {error:#}"))?,
        Ok(mut remote) => match remote.get("/workflows").await {
            Ok(_) => say(true, "the server answers".into())?,
            Err(error) => {
                say(true, format!("the server is not running, or not reachable from here ({error})"))?;
            }
        },
    }
    Ok(if wrong == 0 { Exit::Done } else { Exit::Problems })
}

fn writable(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(".doctor");
    std::fs::write(&probe, b"ok")?;
    std::fs::remove_file(probe)
}
