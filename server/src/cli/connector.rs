//! `trunkline connector`: connectors made of OpenAPI documents, and connectors installed on a server.

mod trial;

use super::plugin::signature_of;
use super::remote::{Remote, Target};
use super::{Exit, print};
use crate::apps::reading::load;
use crate::config::Config;
use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use trunkline_connectors::Method;
use trunkline_connectors::openapi::{
    self, Choice, ChosenOperation, FoundOperation, MOST_BYTES, Survey, next_version,
};

/// `trunkline connector`.
#[derive(Debug, clap::Subcommand)]
pub(super) enum Connector {
    /// Make a manifest of an OpenAPI or Swagger document
    Import(ImportDocument),
    /// Install a manifest on a server, or upgrade the connector it is of
    Install {
        /// The manifest
        file: PathBuf,
        /// A new host that may get the credentials of connections there are; several times
        #[arg(long, value_name = "HOST")]
        confirm_host: Vec<String>,
        /// Only say what it would change
        #[arg(long)]
        check: bool,
        /// What its SHA-256 has to be
        #[arg(long, value_name = "HEX")]
        sha256: Option<String>,
        /// Its signature [default: the file beside it that ends with .sig, if there is one]
        #[arg(long, value_name = "FILE")]
        signature: Option<PathBuf>,
        /// Take a version that is older than one that was installed before
        #[arg(long)]
        allow_older: bool,
        #[command(flatten)]
        target: Target,
    },
    /// Try an action of a manifest with one real call, before it is installed
    Try(trial::TryAction),
    /// List installed connectors
    List {
        #[command(flatten)]
        target: Target,
    },
    /// Remove a connector that nothing uses
    Remove {
        /// Its id
        name: String,
        #[command(flatten)]
        target: Target,
    },
}

/// `trunkline connector import`.
#[derive(Debug, clap::Args)]
pub(super) struct ImportDocument {
    /// The document, or its address
    document: String,
    /// Operations to take, such as "GET /contacts,POST /contacts"; without any choice they are listed
    #[arg(long, value_delimiter = ',', value_name = "METHOD PATH")]
    operations: Vec<String>,
    /// Take all operations of this tag; several times
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,
    /// Take all operations
    #[arg(long)]
    all: bool,
    /// Take what was chosen for this manifest, made of an earlier document
    #[arg(long, value_name = "FILE", conflicts_with_all = ["id", "name"])]
    like: Option<PathBuf>,
    /// Where the API lives [default: the first address in the document]
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The connector's name in documents
    #[arg(long)]
    id: Option<String>,
    /// What people call it
    #[arg(long)]
    name: Option<String>,
    /// Host an address may lead to although it is not public; several times
    #[arg(long, value_name = "HOST")]
    allow_host: Vec<String>,
    /// Where the manifest goes [default: printed]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) async fn run(wanted: Connector, config: Config) -> anyhow::Result<Exit> {
    match wanted {
        Connector::Import(wanted) => import(wanted, &config).await,
        Connector::Install { file, confirm_host, check, sha256, signature, allow_older, target } => {
            let (key, signature) = signature_of(&file.to_string_lossy(), signature.as_deref())?.unzip();
            let vouched =
                json!({ "sha256": sha256, "key": key, "signature": signature, "allow_older": allow_older });
            install(&file, confirm_host, check, vouched, &target).await
        }
        Connector::Try(wanted) => trial::run(wanted).await,
        Connector::List { target } => list(&target).await,
        Connector::Remove { name, target } => {
            let mut server = Remote::open(&target)?;
            server.send(Method::DELETE, &format!("/connectors/{name}"), &Value::Null).await?;
            print(&format!("{name} is removed."))?;
            Ok(Exit::Done)
        }
    }
}

async fn import(wanted: ImportDocument, config: &Config) -> anyhow::Result<Exit> {
    let is_address = wanted.document.starts_with("http://") || wanted.document.starts_with("https://");
    let text = if is_address {
        let allow: Vec<String> = config.allow_hosts.iter().chain(&wanted.allow_host).cloned().collect();
        let client = crate::serve::client(&allow)?;
        load(&client, &wanted.document)
            .await
            .map_err(|error| anyhow::anyhow!("CONN-0049: the document could not be loaded: {error}"))?
    } else {
        read(Path::new(&wanted.document))?
    };
    let document = match openapi::read(&text, is_address.then_some(wanted.document.as_str())) {
        Ok(document) => document,
        Err(error) => {
            complain(&format!("CONN-0041: {}: {error}", wanted.document));
            return Ok(Exit::Problems);
        }
    };
    let survey = document.survey();
    for problem in &survey.problems {
        complain(&problem.to_string());
    }
    let keys = chosen(&wanted, &survey)?;
    if keys.is_empty() && wanted.like.is_none() {
        print(&overview(&survey))?;
        return Ok(Exit::Done);
    }
    let mut choice = match &wanted.like {
        None => Choice::usual(&survey, Some(&keys)),
        Some(file) => like(file, &keys, &survey)?,
    };
    if let Some(base_url) = wanted.base_url {
        (choice.base_url, choice.hosts) = (base_url, Vec::new());
    }
    choice.id = match wanted.id {
        Some(id) => id,
        // A connector never takes the name of what is built in.
        None if crate::serve::registry().knows(&choice.id) => format!("{}_api", choice.id),
        None => choice.id,
    };
    choice.name = wanted.name.unwrap_or(choice.name);
    let draft = match document.draft(&choice) {
        Ok(draft) => draft,
        Err(error) => {
            complain(&format!("CONN-0042: {error}"));
            return Ok(Exit::Problems);
        }
    };
    for problem in &draft.problems {
        complain(&problem.to_string());
    }
    match wanted.output {
        None => print(draft.yaml.trim_end())?,
        Some(path) => {
            std::fs::write(&path, &draft.yaml).with_context(|| path.display().to_string())?;
            let count = draft.manifest.actions.len();
            complain(&format!("{count} actions of {} are in {}.", draft.manifest.name, path.display()));
            complain(&format!(
                "Check base_url ({}), hosts and auth in it: they decide where credentials go.",
                choice.base_url
            ));
        }
    }
    Ok(Exit::Done)
}

/// What was chosen for the manifest in `file`, and the operations `keys`.
fn like(file: &Path, keys: &[String], survey: &Survey) -> anyhow::Result<Choice> {
    let manifest = read(file)?;
    let earlier = Choice::like(&manifest, survey)
        .with_context(|| format!("CONN-0001: {} is no manifest", file.display()))?;
    let new = keys.iter().filter(|key| !earlier.operations.iter().any(|chosen| chosen.key == **key));
    let new: Vec<_> =
        new.map(|key| ChosenOperation { key: key.clone(), ..ChosenOperation::default() }).collect();
    let operations = earlier.operations.into_iter().chain(new).collect();
    Ok(Choice { version: next_version(&earlier.version), operations, ..earlier })
}

/// Keys of the operations that were asked for.
fn chosen(wanted: &ImportDocument, survey: &Survey) -> anyhow::Result<Vec<String>> {
    let mut keys = Vec::new();
    for asked in wanted.operations.iter().map(|asked| asked.trim()).filter(|asked| !asked.is_empty()) {
        let fits = |operation: &&FoundOperation| {
            operation.key.eq_ignore_ascii_case(asked) || operation.name == asked
        };
        match survey.operations.iter().find(fits) {
            Some(operation) => keys.push(operation.key.clone()),
            None => bail!(
                "CONN-0042: the document has no operation {asked}; without --operations they are listed"
            ),
        }
    }
    for tag in &wanted.tag {
        let of_tag = survey.operations.iter().filter(|operation| operation.tags.contains(tag));
        let before = keys.len();
        keys.extend(
            of_tag.filter(|operation| operation.unsupported.is_none()).map(|operation| operation.key.clone()),
        );
        if keys.len() == before {
            bail!("CONN-0042: no operation of the document has the tag {tag}");
        }
    }
    if wanted.all {
        let usable = survey.operations.iter().filter(|operation| operation.unsupported.is_none());
        keys = usable.map(|operation| operation.key.clone()).collect();
    }
    let mut seen = std::collections::HashSet::new();
    keys.retain(|key| seen.insert(key.clone()));
    Ok(keys)
}

fn overview(survey: &Survey) -> String {
    let mut lines = vec![format!("{} {} ({})", survey.title, survey.api_version, survey.version)];
    lines.extend(survey.servers.iter().map(|server| format!("address  {}", server.url)));
    lines.extend(
        survey
            .auth
            .iter()
            .filter_map(|way| way.auth["title"].as_str())
            .map(|title| format!("sign in  {title}")),
    );
    for operation in &survey.operations {
        let note = match (&operation.unsupported, operation.paging.is_null()) {
            (Some(why), _) => format!("  [not supported: {why}]"),
            (None, false) => "  [pages]".to_owned(),
            (None, true) => String::new(),
        };
        lines.push(format!("{}  {}{note}", operation.key, operation.title));
    }
    lines.join("\n")
}

async fn install(
    file: &Path,
    confirm_host: Vec<String>,
    check: bool,
    vouched: Value,
    target: &Target,
) -> anyhow::Result<Exit> {
    let manifest = read(file)?;
    let mut server = Remote::open(target)?;
    let preview = server.send(Method::POST, "/connectors/check", &json!({ "manifest": manifest })).await?;
    let name = preview["app"]["id"].as_str().unwrap_or_default().to_owned();
    for line in changes(&preview["difference"]) {
        print(&line)?;
    }
    if check {
        return Ok(Exit::Done);
    }
    let mut body = vouched;
    body["manifest"] = manifest.into();
    body["base_edition"] = preview["base_edition"].clone();
    body["confirm_hosts"] = confirm_host.into();
    let source = file.file_name().map(|name| name.to_string_lossy().into_owned());
    body["origin"] = json!({ "kind": "manifest", "source": source });
    let installed = server.send(Method::POST, "/connectors", &body).await?;
    print(&format!("{name} {} is installed.", installed["version"].as_str().unwrap_or_default()))?;
    Ok(Exit::Done)
}

/// A difference, one line each.
fn changes(difference: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    for (word, sign) in [("added", '+'), ("removed", '-'), ("changed", '~')] {
        for action in difference[word].as_array().into_iter().flatten() {
            let what: Vec<&str> =
                action["changes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let what = if what.is_empty() { String::new() } else { format!(": {}", what.join(", ")) };
            let look = if action["breaks"] == true && word == "changed" {
                " (look at steps that use it)"
            } else {
                ""
            };
            lines.push(format!("{sign} {}{what}{look}", action["name"].as_str().unwrap_or_default()));
        }
    }
    let texts = |word: &str| {
        difference[word]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    lines.extend(
        texts("new_hosts")
            .into_iter()
            .map(|host| format!("! credentials would go to {host}; confirm with --confirm-host {host}")),
    );
    lines.extend(texts("other"));
    lines
}

async fn list(target: &Target) -> anyhow::Result<Exit> {
    let mut server = Remote::open(target)?;
    let found = server.get("/connectors").await?;
    let items = found["items"].as_array().cloned().unwrap_or_default();
    if items.is_empty() {
        print("No connectors are installed.")?;
    }
    for item in items {
        let text = |field: &str| item[field].as_str().unwrap_or_default().to_owned();
        let state = match (item["trouble"].is_string(), item["enabled"] == true) {
            (true, _) => "broken",
            (_, true) => "on",
            _ => "off",
        };
        print(&format!(
            "{}\t{}\t{}\t{} actions\t{state}",
            text("name"),
            text("version"),
            text("title"),
            item["actions"]
        ))?;
    }
    Ok(Exit::Done)
}

fn read(path: &Path) -> anyhow::Result<String> {
    let about = || path.display().to_string();
    let size = std::fs::metadata(path).with_context(about)?.len();
    if size > MOST_BYTES as u64 {
        bail!("CONN-0041: {} is larger than {} MiB", path.display(), MOST_BYTES / 1024 / 1024);
    }
    let bytes = std::fs::read(path).with_context(about)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[expect(clippy::print_stderr, reason = "the command line speaks to people")]
fn complain(text: &str) {
    eprintln!("{text}");
}
