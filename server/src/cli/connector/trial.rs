//! `trunkline connector try`: one real call of one action, made by the server, which keeps nothing of it.

use super::super::remote::{Remote, Target};
use super::super::{Exit, print};
use anyhow::{Context, bail};
use serde_json::{Map, Value, json};
use std::io::Read;
use std::path::{Path, PathBuf};
use trunkline_connectors::Method;

/// Largest file of secrets, in bytes.
const MOST_SECRETS: u64 = 64 * 1024;

/// `trunkline connector try`.
#[derive(Debug, clap::Args)]
pub(in super::super) struct TryAction {
    /// The manifest
    file: PathBuf,
    /// The action
    action: String,
    /// What it is given, several times; a value that is JSON is taken as such
    #[arg(long = "input", value_name = "NAME=VALUE")]
    inputs: Vec<String>,
    /// A connected account, by its name or id
    #[arg(long, value_name = "NAME", conflicts_with_all = ["auth", "settings", "secrets"])]
    connection: Option<String>,
    /// How to sign in without one [default: the first way of the manifest]
    #[arg(long, value_name = "ID")]
    auth: Option<String>,
    /// What the manifest asks and is no secret; several times
    #[arg(long = "setting", value_name = "NAME=VALUE")]
    settings: Vec<String>,
    /// A JSON or YAML file of secrets by name, such as `key: ...`; - reads them from standard input
    #[arg(long, value_name = "FILE")]
    secrets: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

pub(super) async fn run(wanted: TryAction) -> anyhow::Result<Exit> {
    let manifest = super::read(&wanted.file)?;
    let mut server = Remote::open(&wanted.target)?;
    let preview = server.send(Method::POST, "/connectors/check", &json!({ "manifest": manifest })).await?;
    let app = &preview["app"];
    let mut body = json!({
        "manifest": manifest, "action": wanted.action, "input": pairs(&wanted.inputs, json_or_text)?,
    });
    match &wanted.connection {
        Some(name) => {
            let app = app["id"].as_str().unwrap_or_default();
            body["connection"] = connection(&mut server, app, name).await?;
        }
        None => {
            let first = app["auth"][0]["id"].as_str().unwrap_or_default();
            body["auth"] = wanted.auth.as_deref().unwrap_or(first).into();
            body["settings"] = pairs(&wanted.settings, |text| text.into())?.into();
            if let Some(file) = &wanted.secrets {
                body["secrets"] = secrets(file)?;
            }
        }
    }
    let tried = server.send(Method::POST, "/connectors/try", &body).await?;
    print(&format!("sent      {}", tried["request"]))?;
    if tried["ok"] == true {
        print(&format!("puts out  {}", serde_json::to_string_pretty(&tried["output"])?))?;
        return Ok(Exit::Done);
    }
    let text = |field: &str| tried["error"][field].as_str().unwrap_or_default().to_owned();
    print(&format!("{}: {}. {}", text("code"), text("message"), text("action")))?;
    Ok(Exit::RunFailed)
}

async fn connection(server: &mut Remote, app: &str, name: &str) -> anyhow::Result<Value> {
    let all = server.get("/connections").await?;
    let fits = |one: &&Value| one["app"] == app && (one["name"] == name || one["id"] == name);
    let mut found = all["items"].as_array().into_iter().flatten().filter(fits);
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one["id"].clone()),
        (Some(_), Some(_)) => bail!("several connections to {app} are called {name}; give its id"),
        (None, _) => bail!("no connection to {app} is called {name}"),
    }
}

fn pairs(given: &[String], value: impl Fn(&str) -> Value) -> anyhow::Result<Map<String, Value>> {
    given
        .iter()
        .map(|pair| {
            let (name, text) = pair.split_once('=').with_context(|| format!("{pair} is not NAME=VALUE"))?;
            Ok((name.trim().to_owned(), value(text)))
        })
        .collect()
}

/// Lists and records as JSON; anything else as the text that it is, which the input's type makes of it what it should be.
fn json_or_text(text: &str) -> Value {
    match serde_json::from_str(text) {
        Ok(value @ (Value::Array(_) | Value::Object(_))) => value,
        _ => text.into(),
    }
}

/// Secrets from a file or from standard input: what stands on a command line, every program on the machine can read.
fn secrets(file: &Path) -> anyhow::Result<Value> {
    let mut text = String::new();
    let about = || format!("CLI-0003: {} cannot be read", file.display());
    if file == Path::new("-") {
        std::io::stdin().take(MOST_SECRETS).read_to_string(&mut text).with_context(about)?;
    } else {
        std::fs::File::open(file)
            .and_then(|opened| opened.take(MOST_SECRETS).read_to_string(&mut text))
            .with_context(about)?;
    }
    let read: Map<String, Value> = serde_saphyr::from_str(&text)
        // What the parser quotes of the text would be a secret.
        .map_err(|_| anyhow::anyhow!("CLI-0004: {} is no record of names and texts", file.display()))?;
    let texts = read.into_iter().map(|(name, value)| match value {
        Value::String(text) => (name, Value::String(text)),
        other => (name, Value::String(other.to_string())),
    });
    Ok(Value::Object(texts.collect()))
}
