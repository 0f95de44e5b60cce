//! Workflow documents in files, JSON or YAML: `validate`, `apply` and `export`.

use super::remote::{Remote, RemoteError, Target, problem_lines};
use super::{Exit, print};
use crate::http::documents::find_step;
use anyhow::Context;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use trunkline_connectors::Method;
use trunkline_engine::compile::{self, Problem, Severity};
use trunkline_engine::document::{Document, MAX_DOCUMENT_BYTES};
use trunkline_engine::kind::Registry;

/// Arguments of `validate`.
#[derive(Debug, clap::Args)]
pub struct Validate {
    /// Documents, JSON or YAML
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print the problems as JSON
    #[arg(long)]
    json: bool,
}

/// Arguments of `apply`.
#[derive(Debug, clap::Args)]
pub struct Apply {
    /// Folder of documents, or one document
    dir: PathBuf,
    /// Save drafts only
    #[arg(long)]
    draft: bool,
    #[command(flatten)]
    target: Target,
}

/// Arguments of `export`.
#[derive(Debug, clap::Args)]
pub struct Export {
    /// Folder to write to; made when it is missing
    dir: PathBuf,
    /// Write drafts instead of published versions
    #[arg(long)]
    draft: bool,
    #[command(flatten)]
    target: Target,
}

/// Reads a document, whatever of the two it is written in.
///
/// # Errors
/// `CLI-0003` when the file cannot be read, `CLI-0004` when it is not a document, with the place named.
pub fn read(path: &Path) -> anyhow::Result<Document> {
    serde_path_to_error::deserialize(value(path)?).map_err(|error| {
        let place = error.path().to_string();
        anyhow::anyhow!("CLI-0004: {}: `{place}`: {}", path.display(), error.into_inner())
    })
}

/// Reads JSON or YAML.
///
/// # Errors
/// `CLI-0003` when the file cannot be read, `CLI-0004` when it is neither.
pub fn value(path: &Path) -> anyhow::Result<Value> {
    let length = std::fs::metadata(path).map(|about| about.len());
    let length = length.with_context(|| format!("CLI-0003: {} cannot be read", path.display()))?;
    if length > 16 * MAX_DOCUMENT_BYTES as u64 {
        anyhow::bail!("CLI-0003: {} is too big", path.display());
    }
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("CLI-0003: {} cannot be read", path.display()))?;
    let is_yaml = path.extension().is_some_and(|end| end == "yaml" || end == "yml");
    let read = if is_yaml {
        serde_saphyr::from_str(&text).map_err(anyhow::Error::from)
    } else {
        crate::http::body::parse(text.as_bytes())
            .map_err(|error| anyhow::anyhow!("{}", error.details().detail))
    };
    read.with_context(|| format!("CLI-0004: {} is not valid", path.display()))
}

/// What is wrong with a document as far as this program knows: steps of connectors and plugins that were installed on a
/// server are known there alone, and it checks them.
fn check(document: &Document, registry: &Registry) -> Vec<Problem> {
    let mut problems = compile::check(document, registry);
    for problem in problems.iter_mut().filter(|problem| problem.code == "DOC-0005") {
        let step = problem.step.as_deref().and_then(|id| find_step(&document.steps, id));
        let Some((app, _)) = step.and_then(|step| step.kind.split_once('.')) else { continue };
        if !registry.knows(app) {
            problem.severity = Severity::Warning;
            problem.message = format!("{app} is no app of Trunkline itself, so this step was not looked at");
            problem.action = "The server checks it, if it is installed there.".into();
        }
    }
    problems
}

/// `trunkline validate`.
///
/// # Errors
/// When the answer cannot be printed.
pub fn validate(wanted: &Validate) -> anyhow::Result<Exit> {
    let registry = crate::serve::registry();
    let mut bad = false;
    let mut results = Vec::new();
    for file in &wanted.files {
        let problems = match read(file) {
            Ok(document) => check(&document, &registry),
            Err(error) => {
                bad = true;
                if !wanted.json {
                    print(&format!("{}: {error:#}", file.display()))?;
                }
                results.push(json!({ "file": file, "error": format!("{error:#}") }));
                continue;
            }
        };
        let errors = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        bad |= errors > 0;
        let problems = serde_json::to_value(&problems)?;
        if !wanted.json {
            let state = if errors > 0 { "cannot be published" } else { "fine" };
            print(&format!("{}: {state}", file.display()))?;
            problem_lines(Some(&problems)).iter().try_for_each(|line| print(&format!("  {line}")))?;
        }
        results.push(json!({ "file": file, "problems": problems }));
    }
    if wanted.json {
        print(&serde_json::to_string_pretty(&results)?)?;
    }
    Ok(if bad { Exit::Problems } else { Exit::Done })
}

fn files(dir: &Path) -> anyhow::Result<Vec<PathBuf>> {
    if dir.is_file() {
        return Ok(vec![dir.to_owned()]);
    }
    let entries =
        std::fs::read_dir(dir).with_context(|| format!("CLI-0003: {} cannot be read", dir.display()))?;
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "json" || end == "yaml" || end == "yml"));
    files.sort();
    Ok(files)
}

/// `trunkline apply`: makes or changes the workflow of each document, by its name, and publishes it.
///
/// # Errors
/// When a document cannot be read or the server cannot be asked.
pub async fn apply(wanted: &Apply) -> anyhow::Result<Exit> {
    let registry = crate::serve::registry();
    let mut documents = Vec::new();
    for file in files(&wanted.dir)? {
        let document = read(&file)?;
        let problems = serde_json::to_value(check(&document, &registry))?;
        documents.push((file, document, problems));
    }
    let wrong = |problems: &Value| {
        problems.as_array().is_some_and(|all| all.iter().any(|one| one["severity"] == "error"))
    };
    let broken: Vec<_> = documents.iter().filter(|(_, _, problems)| wrong(problems)).collect();
    if !broken.is_empty() && !wanted.draft {
        for (file, _, problems) in broken {
            print(&format!("{}: cannot be published, so nothing was applied", file.display()))?;
            problem_lines(Some(problems)).iter().try_for_each(|line| print(&format!("  {line}")))?;
        }
        return Ok(Exit::Problems);
    }
    let mut remote = Remote::open(&wanted.target)?;
    let mut exit = Exit::Done;
    for (file, document, _) in documents {
        match apply_one(&mut remote, &document, wanted.draft).await {
            Ok(said) => print(&format!("{}: \"{}\" {said}", file.display(), document.name))?,
            Err(error) => {
                exit = Exit::Server;
                print(&format!("{}: \"{}\": {error}", file.display(), document.name))?;
                if let RemoteError::Refused { problems, .. } = &error {
                    problems.iter().try_for_each(|line| print(&format!("  {line}")))?;
                }
            }
        }
    }
    Ok(exit)
}

async fn apply_one(
    remote: &mut Remote,
    document: &Document,
    draft_only: bool,
) -> Result<String, RemoteError> {
    let list = remote.get("/workflows").await?;
    let same =
        |item: &&Value| item["name"].as_str().is_some_and(|name| name.eq_ignore_ascii_case(&document.name));
    let found = list["items"].as_array().and_then(|all| all.iter().find(same).cloned());
    let (id, revision, done) = match found {
        None => {
            let made = remote.send(Method::POST, "/workflows", &json!({ "document": document })).await?;
            (made["id"].clone(), made["draft_revision"].clone(), "created")
        }
        Some(item) => {
            let id = item["id"].as_str().unwrap_or_default();
            let known = remote.get(&format!("/workflows/{id}")).await?;
            let body = json!({ "document": document, "base_revision": known["draft_revision"] });
            let saved = remote.send(Method::PUT, &format!("/workflows/{id}/draft"), &body).await?;
            (known["id"].clone(), saved["revision"].clone(), "changed")
        }
    };
    if draft_only {
        return Ok(format!("{done}, draft only"));
    }
    let id = id.as_str().unwrap_or_default();
    let published = remote
        .send(Method::POST, &format!("/workflows/{id}/publish"), &json!({ "base_revision": revision }))
        .await?;
    Ok(format!("{done}, version {} is live", published["version"]))
}

/// `trunkline export`: one JSON file per workflow.
///
/// # Errors
/// When the folder cannot be written or the server cannot be asked.
pub async fn export(wanted: &Export) -> anyhow::Result<Exit> {
    let mut remote = Remote::open(&wanted.target)?;
    std::fs::create_dir_all(&wanted.dir)
        .with_context(|| format!("CLI-0003: {} cannot be written", wanted.dir.display()))?;
    let list = remote.get("/workflows").await?;
    for item in list["items"].as_array().into_iter().flatten() {
        let workflow = remote.get(&format!("/workflows/{}", item["id"].as_str().unwrap_or_default())).await?;
        let name = workflow["name"].as_str().unwrap_or_default();
        let document = if wanted.draft { &workflow["draft"] } else { &workflow["published"] };
        if document.is_null() {
            print(&format!("\"{name}\" has never been published; use --draft to write its draft"))?;
            continue;
        }
        let path = free_path(&wanted.dir, name, workflow["id"].as_str().unwrap_or_default());
        std::fs::write(&path, serde_json::to_string_pretty(document)? + "\n")
            .with_context(|| format!("CLI-0003: {} cannot be written", path.display()))?;
        print(&format!("{}", path.display()))?;
    }
    Ok(Exit::Done)
}

/// A file named after the workflow; by its id too when another workflow of that name has the file.
fn free_path(dir: &Path, name: &str, id: &str) -> PathBuf {
    let slug: String =
        name.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let slug = slug.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-");
    let plain = dir.join(format!("{slug}.json"));
    let other = |path: &Path| read(path).is_ok_and(|document| !document.name.eq_ignore_ascii_case(name));
    if slug.is_empty() || other(&plain) { dir.join(format!("{slug}-{id}.json")) } else { plain }
}
