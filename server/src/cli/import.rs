//! `trunkline import leads`: sends the rows of a CSV file as events, each exactly once, however often it is interrupted.
//!
//! Every row has a key made of the file's content and its number (or of a column), so that a row that was accepted
//! before counts as a duplicate and starts nothing. The command waits while the server is away.

use super::remote::{Remote, RemoteError, Target};
use super::{Exit, print};
use crate::intake::columns::Mapping;
use crate::intake::csv::{self, Row};
use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use trunkline_connectors::Method;

/// Rows per request.
const BATCH: usize = 500;
/// Most bytes of cells per request.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Longest wait for a server that is away.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// Longest pause between attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// Refused rows that are listed.
const LISTED: usize = 20;

/// What is to be imported.
#[derive(Debug, clap::Subcommand)]
pub enum Import {
    /// Import a list: read, clean, preview and write it, or send every row through a workflow
    Leads(Leads),
}

/// Arguments of `import leads`.
#[derive(Debug, clap::Args)]
pub struct Leads {
    /// The file: CSV, TSV or an Excel workbook; with --workflow CSV
    pub(super) file: PathBuf,
    /// Send every row through this workflow (name or id) instead of importing the list
    #[arg(long)]
    workflow: Option<String>,
    /// Which field a column becomes, such as "Lead Source=source"; "Column=" leaves it out
    #[arg(long, value_name = "COLUMN=FIELD")]
    pub(super) map: Vec<String>,
    /// Column that tells rows apart, so that the same row of another file is not taken twice
    #[arg(long, value_name = "COLUMN", requires = "workflow")]
    key: Option<String>,
    /// Trigger step that gets the rows [default: the first that takes events]
    #[arg(long, value_name = "STEP", requires = "workflow")]
    trigger: Option<String>,
    /// Print the result as JSON
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) list: ListChoices,
    #[command(flatten)]
    pub(super) target: Target,
}

/// Choices of an import of a list; they do not go with `--workflow`.
#[derive(Debug, Default, clap::Args)]
pub(super) struct ListChoices {
    /// Only tell what the import would do
    #[arg(long, conflicts_with = "workflow")]
    pub(super) preview: bool,
    /// JSON file with the whole settings, as `--preview --json` prints them
    #[arg(long, value_name = "FILE", conflicts_with = "workflow")]
    pub(super) settings: Option<PathBuf>,
    /// Put every lead on this list
    #[arg(long, value_name = "NAME", conflicts_with = "workflow")]
    pub(super) list: Option<String>,
    /// Move every lead to this stage, never back
    #[arg(long, value_name = "NAME", conflicts_with = "workflow")]
    pub(super) stage: Option<String>,
    /// Give leads without an owner to the next in this pool
    #[arg(long, value_name = "NAME", conflicts_with = "workflow")]
    pub(super) pool: Option<String>,
    /// Give leads without an owner to this one (name, e-mail address or id)
    #[arg(long, value_name = "OWNER", conflicts_with_all = ["workflow", "pool"])]
    pub(super) owner: Option<String>,
    /// Start this workflow (name or id) for every lead when all rows are in
    #[arg(long, value_name = "WORKFLOW", conflicts_with = "workflow")]
    pub(super) then: Option<String>,
    /// Write what became of every row to this file, as CSV
    #[arg(long, value_name = "FILE", conflicts_with_all = ["workflow", "preview"])]
    pub(super) result: Option<PathBuf>,
    /// Two letters of the country whose phone numbers are meant
    #[arg(long, value_name = "CODE", conflicts_with = "workflow")]
    pub(super) country: Option<String>,
}

/// What became of the rows.
#[derive(Debug, Default)]
struct Tally {
    sent: u64,
    accepted: u64,
    duplicates: u64,
    rejected: u64,
    reasons: Vec<(u64, String)>,
}

impl Tally {
    fn reject(&mut self, row: u64, reason: String) {
        self.rejected += 1;
        if self.reasons.len() < LISTED {
            self.reasons.push((row, reason));
        }
    }
}

/// Runs the command.
///
/// # Errors
/// When the file or the mapping cannot be used, or the server refuses or stays away.
pub async fn run(import: Import) -> anyhow::Result<Exit> {
    let Import::Leads(leads) = import;
    let Some(workflow) = leads.workflow.clone() else { return super::import_list::run(&leads).await };
    let fingerprint = fingerprint(&leads.file)?;
    let length = std::fs::metadata(&leads.file)?.len();
    let file = open(&leads.file)?;
    let rows =
        csv::open(file).map_err(|error| anyhow::anyhow!("IMP-0001: {}: {error}", leads.file.display()))?;
    let (mapping, key) = mapping(rows.header(), &leads)?;
    let mut remote = Remote::open(&leads.target)?;
    let (workflow, name) = remote.workflow(&workflow).await?;
    if !leads.json {
        print(&format!("{} -> workflow \"{name}\"", leads.file.display()))?;
        show(&mapping)?;
    }
    let progress = progress(length, leads.json);
    let mut sender = Sender {
        path: format!("/workflows/{workflow}/events"),
        trigger: leads.trigger.clone(),
        remote,
        progress: progress.clone(),
        tally: Tally::default(),
        batch: Vec::with_capacity(BATCH),
        bytes: 0,
    };
    let mut rows = rows;
    while let Some(row) = rows.next() {
        match row {
            Err(broken) => {
                sender.tally.sent += 1;
                sender.tally.reject(broken.number, format!("line {}: {}", broken.line, broken.reason));
            }
            Ok(row) => {
                let event = event(&mapping, key.as_ref(), &fingerprint, &row);
                sender.add(row, event).await?;
            }
        }
        progress.set_position(rows.position().min(length));
    }
    sender.flush().await?;
    progress.finish_and_clear();
    let leads_now = sender.remote.get("/leads/summary").await.unwrap_or_default();
    report(&sender.tally, &leads_now, leads.json)?;
    Ok(if sender.tally.rejected == 0 { Exit::Done } else { Exit::Problems })
}

fn open(path: &Path) -> anyhow::Result<File> {
    File::open(path).with_context(|| format!("IMP-0002: {} cannot be read", path.display()))
}

/// Names the content of the file.
fn fingerprint(path: &Path) -> anyhow::Result<String> {
    use std::io::Read;
    let mut file = open(path)?;
    let mut digest = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let count =
            file.read(&mut buffer).with_context(|| format!("IMP-0002: {} cannot be read", path.display()))?;
        if count == 0 {
            return Ok(hex::encode(&digest.finalize()[..8]));
        }
        digest.update(&buffer[..count]);
    }
}

fn mapping(header: &[String], leads: &Leads) -> anyhow::Result<(Mapping, Option<(usize, String)>)> {
    let mut mapping = Mapping::guess(header);
    for choice in &leads.map {
        mapping
            .choose(choice)
            .map_err(|error| anyhow::anyhow!("IMP-0003: {error}. The columns are: {}", header.join(", ")))?;
    }
    let key = match &leads.key {
        None => None,
        Some(column) => match mapping.position(column) {
            Ok(place) => Some((place, column.clone())),
            Err(error) => bail!("IMP-0004: {error}. The columns are: {}", header.join(", ")),
        },
    };
    Ok((mapping, key))
}

fn show(mapping: &Mapping) -> anyhow::Result<()> {
    let width = mapping.columns().map(|(column, _)| column.chars().count()).max().unwrap_or(0).min(50);
    for (column, field) in mapping.columns() {
        let field = if field.is_empty() { "(left out)" } else { field };
        print(&format!("  {column:width$}  ->  {field}"))?;
    }
    Ok(())
}

fn progress(length: u64, quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let style =
        ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}  {elapsed_precise} (about {eta} left)")
            .expect("the template is valid");
    ProgressBar::new(length).with_style(style)
}

fn event(mapping: &Mapping, key: Option<&(usize, String)>, fingerprint: &str, row: &Row) -> Value {
    let chosen = key.and_then(|(place, column)| {
        let cell = row.cells.get(*place).filter(|cell| !cell.is_empty())?;
        Some(format!("import:{column}:{cell}"))
    });
    // Keys have a length limit; a long one is told apart by its fingerprint.
    let chosen = chosen.map(|key| match key.chars().count() {
        ..=200 => key,
        _ => format!("import:{}", hex::encode(Sha256::digest(key.as_bytes()))),
    });
    let key = chosen.unwrap_or_else(|| format!("import:{fingerprint}:{}", row.number));
    json!({ "key": key, "body": mapping.event(row.cells.iter().map(String::as_str)) })
}

/// Sends rows in batches.
struct Sender {
    remote: Remote,
    path: String,
    trigger: Option<String>,
    progress: ProgressBar,
    tally: Tally,
    batch: Vec<(u64, Value)>,
    bytes: usize,
}

impl Sender {
    async fn add(&mut self, row: Row, event: Value) -> anyhow::Result<()> {
        self.bytes += row.cells.iter().map(String::len).sum::<usize>();
        self.batch.push((row.number, event));
        if self.batch.len() >= BATCH || self.bytes >= BATCH_BYTES { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        self.bytes = 0;
        let numbers: Vec<u64> = batch.iter().map(|(number, _)| *number).collect();
        let events: Vec<Value> = batch.into_iter().map(|(_, event)| event).collect();
        let mut body = json!({ "events": events });
        if let Some(trigger) = &self.trigger {
            body["trigger"] = trigger.clone().into();
        }
        let answer = self.deliver(&body).await?;
        let count = |name: &str| answer[name].as_u64().unwrap_or(0);
        self.tally.sent += numbers.len() as u64;
        self.tally.accepted += count("accepted");
        self.tally.duplicates += count("duplicates");
        for rejected in answer["rejected"].as_array().into_iter().flatten() {
            let place = rejected["row"].as_u64().and_then(|place| usize::try_from(place).ok()).unwrap_or(1);
            let row = numbers.get(place.saturating_sub(1)).copied().unwrap_or_default();
            self.tally.reject(row, rejected["reason"].as_str().unwrap_or_default().to_owned());
        }
        self.progress.set_message(format!("{} rows", self.tally.sent));
        Ok(())
    }

    /// Sends until the server has taken it. Keys make sending again harmless.
    async fn deliver(&mut self, body: &Value) -> anyhow::Result<Value> {
        let begun = Instant::now();
        let mut pause = Duration::from_millis(200);
        loop {
            match self.remote.send(Method::POST, &self.path, body).await {
                Ok(answer) => return Ok(answer),
                Err(error @ RemoteError::Refused { .. }) => return Err(error.into()),
                Err(error) if begun.elapsed() > PATIENCE => {
                    return Err(anyhow::Error::from(error)
                        .context("gave up waiting; start the command again to go on"));
                }
                Err(RemoteError::Away { reason, retry_after, .. }) => {
                    self.progress
                        .set_message(format!("{} rows, waiting for the server: {reason}", self.tally.sent));
                    tokio::time::sleep(retry_after.unwrap_or(pause)).await;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
            }
        }
    }
}

fn report(tally: &Tally, leads: &Value, as_json: bool) -> anyhow::Result<()> {
    if as_json {
        let reasons = tally.reasons.iter().map(|(row, reason)| json!({ "row": row, "reason": reason }));
        return print(
            &json!({
                "sent": tally.sent, "accepted": tally.accepted, "duplicates": tally.duplicates,
                "rejected": tally.rejected, "reasons": reasons.collect::<Vec<_>>(), "leads": leads,
            })
            .to_string(),
        );
    }
    let Tally { sent, accepted, duplicates, rejected, reasons } = tally;
    print(&format!("{sent} rows: {accepted} accepted, {duplicates} taken before, {rejected} refused"))?;
    for (row, reason) in reasons {
        print(&format!("  row {row}: {reason}"))?;
    }
    let more = *rejected - reasons.len() as u64;
    if more > 0 {
        print(&format!("  and {more} more"))?;
    }
    print(&format!("Leads in the workspace now: {}", leads["total"]))?;
    let owner = |item: &Value| item["owner"]["name"].as_str().unwrap_or("nobody").to_owned();
    counts("by owner", &leads["by_owner"], owner)?;
    counts("by stage", &leads["by_stage"], |item| item["stage"].as_str().unwrap_or_default().to_owned())?;
    counts("by list", &leads["by_list"], |item| item["list"]["name"].as_str().unwrap_or_default().to_owned())
}

fn counts(heading: &str, items: &Value, name: impl Fn(&Value) -> String) -> anyhow::Result<()> {
    let items = items.as_array().map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() {
        return Ok(());
    }
    let said: Vec<String> = items.iter().map(|item| format!("{} {}", name(item), item["count"])).collect();
    print(&format!("  {heading}: {}", said.join(", ")))
}
