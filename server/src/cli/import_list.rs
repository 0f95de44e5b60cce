//! `trunkline import leads FILE`: the import of a list from the command line, by the same steps as in the studio: upload,
//! read, choose, preview, run.

use super::import::Leads;
use super::remote::{Remote, RemoteError};
use super::{Exit, print};
use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::io::Read;
use std::time::Duration;
use trunkline_connectors::Method;

/// Bytes sent at once.
const PIECE: u64 = 4 * 1024 * 1024;
/// Times a piece is sent before giving up.
const TRIES: u32 = 60;
/// How often the import is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// Runs the command.
///
/// # Errors
/// When the file cannot be read, the choices do not fit it, or the server refuses or stays away.
pub(super) async fn run(leads: &Leads) -> anyhow::Result<Exit> {
    let mut remote = Remote::open(&leads.target)?;
    let file = upload(&mut remote, leads).await?;
    let import = remote.send(Method::POST, "/imports", &json!({ "file": file })).await?;
    let id = import["id"].as_str().context("the server gave no import")?.to_owned();
    let import = wait(&mut remote, &id, &["ready"], "reading", leads.json).await?;
    let mut settings = choose(&import, leads)?;
    if let Some(then) = &leads.list.then {
        settings["afterwards"]["workflow"] = remote.workflow(then).await?.0.into();
    }
    remote.send(Method::PUT, &format!("/imports/{id}/settings"), &settings).await?;
    if !leads.json {
        show_columns(&import, &settings)?;
    }
    if leads.list.preview {
        remote.send(Method::POST, &format!("/imports/{id}/preview"), &json!({})).await?;
        let import = wait(&mut remote, &id, &["previewed"], "looking at every row", leads.json).await?;
        if leads.json {
            print(&json!({ "id": id, "preview": import["preview"], "settings": settings }).to_string())?;
        } else {
            show_counts("would be", &import["preview"]["counts"])?;
            show_reasons(&import["preview"])?;
        }
        return Ok(Exit::Done);
    }
    remote.send(Method::POST, &format!("/imports/{id}/start"), &json!({})).await?;
    let import = wait(&mut remote, &id, &["done"], "importing", leads.json).await?;
    let counts = &import["counts"];
    if leads.json {
        print(&json!({ "id": id, "counts": counts, "rows": import["total"] }).to_string())?;
    } else {
        show_counts("were", counts)?;
    }
    if let Some(path) = &leads.list.result {
        let bytes = remote.get_bytes(&format!("/imports/{id}/result")).await?;
        std::fs::write(path, bytes)
            .with_context(|| format!("IMP-0002: {} cannot be written", path.display()))?;
    }
    Ok(if counts["failed"].as_u64().unwrap_or(0) == 0 { Exit::Done } else { Exit::Problems })
}

/// Sends the file in pieces; a piece that is lost is sent again.
async fn upload(remote: &mut Remote, leads: &Leads) -> anyhow::Result<Value> {
    let path = &leads.file;
    let read = || format!("IMP-0002: {} cannot be read", path.display());
    let mut file = std::fs::File::open(path).with_context(read)?;
    let bar = bar(file.metadata().with_context(read)?.len(), leads.json);
    bar.set_message("uploading");
    let upload = remote.send(Method::POST, "/uploads", &json!({})).await?;
    let id = upload["id"].as_str().context("the server began no upload")?.to_owned();
    let mut at = 0;
    loop {
        let mut piece = Vec::new();
        file.by_ref().take(PIECE).read_to_end(&mut piece).with_context(read)?;
        if piece.is_empty() {
            break;
        }
        at += piece.len() as u64;
        let begins = at - piece.len() as u64;
        let mut tries = 0;
        loop {
            match remote.send_bytes(&format!("/uploads/{id}?at={begins}"), piece.clone()).await {
                // Where the server stands says whether this piece, sent before, had arrived after all.
                Ok(state) if state["at"].as_u64() == Some(at) => break,
                Ok(state) => {
                    bail!("the upload stands at {} instead of {at}; start the command again", state["at"])
                }
                Err(error @ RemoteError::Refused { .. }) => return Err(error.into()),
                Err(error) => {
                    tries += 1;
                    if tries == TRIES {
                        return Err(error.into());
                    }
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        bar.set_position(at);
    }
    bar.finish_and_clear();
    let name = path.file_name().map_or_else(|| "list".into(), |name| name.to_string_lossy().into_owned());
    let file = remote.send(Method::POST, &format!("/uploads/{id}/finish"), &json!({ "name": name })).await?;
    Ok(file["id"].clone())
}

/// Waits until the import stands at one of `wanted`.
async fn wait(
    remote: &mut Remote,
    id: &str,
    wanted: &[&str],
    doing: &'static str,
    quiet: bool,
) -> anyhow::Result<Value> {
    let bar = bar(0, quiet);
    bar.set_message(doing);
    loop {
        let import = match remote.get(&format!("/imports/{id}")).await {
            Ok(import) => import,
            // It goes on without us; whoever is away comes back.
            Err(RemoteError::Away { .. }) => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let status = import["status"].as_str().unwrap_or_default();
        if wanted.contains(&status) {
            bar.finish_and_clear();
            return Ok(import);
        }
        if matches!(status, "failed" | "cancelled") || (status == "ready" && !wanted.contains(&"ready")) {
            bar.finish_and_clear();
            bail!("{}", import["error"].as_str().unwrap_or("the import was ended"));
        }
        let (done, total) = match status {
            "running" | "paused" => {
                let counts = import["counts"].as_object().into_iter().flat_map(|counts| counts.values());
                (counts.filter_map(Value::as_u64).sum(), import["total"].as_u64())
            }
            _ => (import["job"]["done"].as_u64().unwrap_or(0), import["job"]["total"].as_u64()),
        };
        bar.set_length(total.unwrap_or(0));
        bar.set_position(done);
        tokio::time::sleep(LOOK).await;
    }
}

/// The settings: those of a file, or those guessed, with what the flags say.
fn choose(import: &Value, leads: &Leads) -> anyhow::Result<Value> {
    let choices = &leads.list;
    let mut settings = match &choices.settings {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .with_context(|| format!("IMP-0002: {} cannot be read", path.display()))?;
            serde_json::from_str(&text).with_context(|| format!("IMP-0003: {} is no JSON", path.display()))?
        }
        None => import["settings"].clone(),
    };
    for choice in &leads.map {
        let (column, field) = choice
            .split_once('=')
            .with_context(|| format!("IMP-0003: \"{choice}\" is not of the form \"Column=field\""))?;
        let columns = settings["columns"].as_array_mut().map(Vec::as_mut_slice).unwrap_or_default();
        let is_meant = |used: &&mut Value| {
            used["column"].as_str().is_some_and(|name| name.trim().eq_ignore_ascii_case(column.trim()))
        };
        match columns.iter_mut().find(is_meant) {
            Some(used) => used["field"] = field.trim().into(),
            None => bail!("IMP-0003: the file has no column \"{}\"", column.trim()),
        }
    }
    for (name, value) in [
        ("list", &choices.list),
        ("stage", &choices.stage),
        ("pool", &choices.pool),
        ("owner", &choices.owner),
    ] {
        if let Some(value) = value {
            settings["afterwards"][name] = value.as_str().into();
        }
    }
    if let Some(country) = &choices.country {
        settings["cleaning"]["default_country"] = country.as_str().into();
    }
    Ok(settings)
}

fn show_columns(import: &Value, settings: &Value) -> anyhow::Result<()> {
    print(&format!("{}: {} rows", import["name"].as_str().unwrap_or_default(), import["total"]))?;
    for used in settings["columns"].as_array().into_iter().flatten() {
        let text = |name: &str| used[name].as_str().unwrap_or_default();
        let field = if text("field").is_empty() { "(left out)" } else { text("field") };
        print(&format!("  {:30}  ->  {field}", text("column")))?;
    }
    Ok(())
}

fn show_counts(verb: &str, counts: &Value) -> anyhow::Result<()> {
    let said: Vec<String> = counts
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, count)| count.as_u64().unwrap_or(0) > 0)
        .map(|(fate, count)| format!("{count} {fate}"))
        .collect();
    print(&format!("Rows that {verb}: {}", if said.is_empty() { "none".into() } else { said.join(", ") }))
}

fn show_reasons(preview: &Value) -> anyhow::Result<()> {
    for reason in preview["reasons"].as_array().into_iter().flatten() {
        let text = reason["reason"].as_str().unwrap_or_default();
        print(&format!("  {} rows: {text} (such as line {})", reason["count"], reason["lines"][0]))?;
    }
    Ok(())
}

fn bar(length: u64, quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {percent:>3}%  {msg}  {elapsed_precise}")
        .expect("the template is valid");
    ProgressBar::new(length).with_style(style)
}
