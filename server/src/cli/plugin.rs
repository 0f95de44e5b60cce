//! `trunkline plugin`: install, approve, upgrade and remove plugins on a server, and try one without a server.

mod author;
mod offer;
mod trial;

use super::remote::{Remote, Target};
use super::{Exit, print};
use anyhow::{Context, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use trunkline_connectors::Method;
use trunkline_plugins::host::fingerprint;
use trunkline_plugins::signature::Signature;

/// What to do with plugins.
#[derive(Debug, clap::Subcommand)]
pub enum Plugin {
    /// Install a plugin: show what it wants to reach, and let it run once you approve
    Install(Bring),
    /// Bring another release of an installed plugin
    Upgrade {
        /// The plugin
        name: String,
        /// The release
        #[command(flatten)]
        bring: Bring,
    },
    /// Let the release that waits run
    Approve(Named),
    /// List plugins
    List {
        /// The server
        #[command(flatten)]
        target: Target,
    },
    /// Stop the steps of a plugin; workflows that use it fail at these steps
    Disable(Named),
    /// Let the steps of a plugin run again
    Enable(Named),
    /// Remove a plugin that no workflow uses, with everything it kept
    Remove(Named),
    /// Show what the index of the server offers
    Browse {
        /// The server
        #[command(flatten)]
        target: Target,
    },
    /// Write an index of the plugins in a folder, so that servers can offer them
    Index {
        /// The folder
        folder: PathBuf,
    },
    /// Try a plugin without a server: what it says of itself, and its examples
    Test {
        /// The component
        file: PathBuf,
        /// Then call the first example of each step so often, and say how long it takes
        #[arg(long, value_name = "CALLS")]
        measure: Option<u32>,
        /// Print the measurements as JSON
        #[arg(long, requires = "measure")]
        json: bool,
    },
    /// Make a folder with a plugin of your own
    New {
        /// Its name: small letters, digits and dashes
        name: String,
        /// The language it is written in
        #[arg(long, value_enum, default_value_t)]
        lang: author::Language,
    },
    /// Make the component of the plugin in a folder
    Build {
        /// The folder
        #[arg(default_value = ".")]
        folder: PathBuf,
    },
    /// Make a key that signs plugins
    Keygen {
        /// Where the secret key is written
        #[arg(value_name = "FILE")]
        secret: PathBuf,
    },
    /// Sign a plugin; the signature is written beside it
    Sign {
        /// The component
        file: PathBuf,
        /// The secret key
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
}

/// A file to be brought.
#[derive(Debug, clap::Args)]
pub struct Bring {
    /// The component: a file, an https:// address that the server fetches, or a name in the server's index
    source: String,
    /// What its SHA-256 has to be
    #[arg(long, value_name = "HEX")]
    sha256: Option<String>,
    /// Its signature [default: the file beside it that ends with .sig, if there is one]
    #[arg(long, value_name = "FILE")]
    signature: Option<PathBuf>,
    /// Approve without asking
    #[arg(long)]
    yes: bool,
    /// Take a version that is older than one that was approved before
    #[arg(long)]
    allow_older: bool,
    /// The server
    #[command(flatten)]
    target: Target,
}

/// A plugin on a server.
#[derive(Debug, clap::Args)]
pub struct Named {
    /// The plugin
    name: String,
    /// The server
    #[command(flatten)]
    target: Target,
}

/// `trunkline plugin`.
///
/// # Errors
/// When a file cannot be read, or the server cannot be asked or refuses.
pub async fn run(wanted: Plugin) -> anyhow::Result<Exit> {
    match wanted {
        Plugin::Install(bring) => install(&bring).await,
        Plugin::Upgrade { name, bring } => upgrade(&name, &bring).await,
        Plugin::Approve(named) => {
            let mut remote = Remote::open(&named.target)?;
            let plugin = find(&mut remote, &named.name).await?;
            decide(&mut remote, &plugin, true).await
        }
        Plugin::List { target } => list(&target).await,
        Plugin::Disable(named) => switch(&named, false).await,
        Plugin::Enable(named) => switch(&named, true).await,
        Plugin::Remove(named) => {
            let mut remote = Remote::open(&named.target)?;
            let plugin = find(&mut remote, &named.name).await?;
            remote.send(Method::DELETE, &path_of(&plugin), &json!({})).await?;
            print(&format!("{} is removed", named.name))?;
            Ok(Exit::Done)
        }
        Plugin::Browse { target } => browse(&target).await,
        Plugin::Index { folder } => offer::run(&folder).await,
        Plugin::Test { file, measure, json } => trial::run(&file, measure, json).await,
        Plugin::New { name, lang } => author::new(&name, lang),
        Plugin::Build { folder } => author::build(&folder),
        Plugin::Keygen { secret } => keygen(&secret),
        Plugin::Sign { file, key } => sign(&file, &key),
    }
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn path_of(plugin: &Value) -> String {
    format!("/plugins/{}", text(plugin, "id"))
}

fn is_address(source: &str) -> bool {
    source.starts_with("https://") || source.starts_with("http://")
}

async fn find(remote: &mut Remote, name: &str) -> anyhow::Result<Value> {
    let list = remote.get("/plugins").await?;
    let all = list["items"].as_array().cloned().unwrap_or_default();
    let found = all.iter().find(|plugin| text(plugin, "name") == name || text(plugin, "id") == name);
    found.cloned().ok_or_else(|| {
        let names: Vec<&str> = all.iter().map(|plugin| text(plugin, "name")).collect();
        anyhow::anyhow!("PLUG-0010: there is no plugin called {name}. There are: {}", names.join(", "))
    })
}

async fn install(bring: &Bring) -> anyhow::Result<Exit> {
    let mut remote = Remote::open(&bring.target)?;
    let plugin = brought(&mut remote, bring, "/plugins", None).await?;
    decide(&mut remote, &plugin, bring.yes).await
}

async fn upgrade(name: &str, bring: &Bring) -> anyhow::Result<Exit> {
    let mut remote = Remote::open(&bring.target)?;
    let plugin = find(&mut remote, name).await?;
    let path = format!("{}/releases", path_of(&plugin));
    let plugin = brought(&mut remote, bring, &path, Some(text(&plugin, "id"))).await?;
    if plugin["pending"].is_null() {
        print(&format!(
            "{name} runs version {} now; it wants nothing new",
            text(&plugin["live"], "version")
        ))?;
        return Ok(Exit::Done);
    }
    decide(&mut remote, &plugin, bring.yes).await
}

async fn brought(remote: &mut Remote, bring: &Bring, path: &str, id: Option<&str>) -> anyhow::Result<Value> {
    let (key, signature) = signature_of(&bring.source, bring.signature.as_deref())?.unzip();
    if is_address(&bring.source) {
        let mut wanted = json!({ "url": bring.source, "allow_older": bring.allow_older });
        let given = [("sha256", bring.sha256.as_deref()), ("key", key.as_deref()), ("plugin", id)];
        for (name, value) in given.into_iter().chain([("signature", signature.as_deref())]) {
            if let Some(value) = value {
                wanted[name] = value.into();
            }
        }
        return Ok(remote.send(Method::POST, "/plugins/fetch", &wanted).await?);
    }
    if !Path::new(&bring.source).exists() && !bring.source.contains(['/', '.']) {
        let wanted = json!({ "name": bring.source, "allow_older": bring.allow_older });
        return Ok(remote.send(Method::POST, "/plugins/index", &wanted).await?);
    }
    let file = std::fs::read(&bring.source).with_context(|| bring.source.clone())?;
    let name = Path::new(&bring.source).file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("name", &name).append_pair("allow_older", &bring.allow_older.to_string());
    for (name, value) in [("sha256", &bring.sha256), ("key", &key), ("signature", &signature)] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    Ok(remote.post_bytes(&format!("{path}?{}", query.finish()), file).await?)
}

/// Key and signature of `source`, as the API takes them: in `given`, or beside it.
pub(super) fn signature_of(source: &str, given: Option<&Path>) -> anyhow::Result<Option<(String, String)>> {
    let beside = PathBuf::from(format!("{source}.sig"));
    let path = match given {
        Some(path) => path.to_owned(),
        None if !is_address(source) && beside.exists() => beside,
        None => return Ok(None),
    };
    let read = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let Signature { key, signature } =
        serde_json::from_str(&read).with_context(|| format!("{} holds no signature", path.display()))?;
    Ok(Some((key.to_string(), signature)))
}

/// Shows what a release wants, and approves it when somebody says so.
async fn decide(remote: &mut Remote, plugin: &Value, is_sure: bool) -> anyhow::Result<Exit> {
    let pending = &plugin["pending"];
    if pending.is_null() {
        bail!("PLUG-0008: nothing of {} waits for an approval", text(plugin, "name"));
    }
    print(&format!(
        "{} {} - {}",
        text(pending, "title"),
        text(pending, "version"),
        text(pending, "summary")
    ))?;
    print(&format!("  SHA-256 {}", text(pending, "sha256")))?;
    match pending["signed_by"].as_str() {
        Some(key) => print(&format!("  signed by {key}"))?,
        None => print("  not signed")?,
    }
    let words = |field: &str| pending[field].as_array().cloned().unwrap_or_default();
    let (title, lines) = match plugin["live"].is_null() {
        true => ("It wants this:", words("reaches")),
        false => ("New in it, and to be approved:", words("asks_for")),
    };
    print(title)?;
    for line in &lines {
        print(&format!("  - {}", line.as_str().unwrap_or_default()))?;
    }
    if !is_sure && !is_approved()? {
        print(&format!(
            "Not approved. It waits; approve it later with: trunkline plugin approve {}",
            text(plugin, "name")
        ))?;
        return Ok(Exit::Failed);
    }
    let approval = json!({ "sha256": pending["sha256"] });
    let plugin = remote.send(Method::POST, &format!("{}/approval", path_of(plugin)), &approval).await?;
    print(&format!("{} {} is approved and runs", text(&plugin, "name"), text(&plugin["live"], "version")))?;
    Ok(Exit::Done)
}

fn is_approved() -> anyhow::Result<bool> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    let mut out = std::io::stdout().lock();
    out.write_all(b"Approve? [y/N] ")?;
    out.flush()?;
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}

async fn list(target: &Target) -> anyhow::Result<Exit> {
    let list = Remote::open(target)?.get("/plugins").await?;
    for plugin in list["items"].as_array().into_iter().flatten() {
        let release = if plugin["live"].is_null() { &plugin["pending"] } else { &plugin["live"] };
        let waits = match (&plugin["live"], &plugin["pending"]) {
            (Value::Object(_), Value::Object(pending)) => {
                format!(
                    "  (version {} waits for an approval)",
                    pending["version"].as_str().unwrap_or_default()
                )
            }
            _ => String::new(),
        };
        print(&format!(
            "{}  {}  {}  {} calls, {} failed{waits}",
            text(plugin, "name"),
            text(release, "version"),
            text(plugin, "status"),
            plugin["figures"]["calls"],
            plugin["figures"]["failures"],
        ))?;
    }
    Ok(Exit::Done)
}

async fn browse(target: &Target) -> anyhow::Result<Exit> {
    let index = Remote::open(target)?.get("/plugins/index").await?;
    if index["chosen"] != true {
        bail!("PLUG-0023: the server has no index; start it with --plugin-index");
    }
    for offered in index["items"].as_array().into_iter().flatten() {
        let here = match (offered["installed"].as_str(), offered["is_newer"].as_bool()) {
            (None, _) => String::new(),
            (Some(version), Some(true)) => format!("  (version {version} is installed)"),
            (Some(_), _) => "  (installed)".into(),
        };
        print(&format!(
            "{}  {}  {}{here}",
            text(offered, "name"),
            text(offered, "version"),
            text(offered, "summary")
        ))?;
    }
    Ok(Exit::Done)
}

async fn switch(named: &Named, enabled: bool) -> anyhow::Result<Exit> {
    let mut remote = Remote::open(&named.target)?;
    let plugin = find(&mut remote, &named.name).await?;
    let change = json!({ "revision": plugin["revision"], "enabled": enabled });
    remote.send(Method::PATCH, &path_of(&plugin), &change).await?;
    print(&format!("{} is {}", named.name, if enabled { "enabled" } else { "disabled" }))?;
    Ok(Exit::Done)
}

fn keygen(path: &Path) -> anyhow::Result<Exit> {
    let (secret, public) = trunkline_plugins::signature::new_key();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| path.display().to_string())?;
    file.write_all(format!("{}\n", STANDARD.encode(secret)).as_bytes())?;
    print(&format!("The secret key is in {}. Servers trust it with:", path.display()))?;
    print(&format!("  TRUNKLINE_PLUGIN_KEYS={public}"))?;
    Ok(Exit::Done)
}

fn sign(file: &Path, key: &Path) -> anyhow::Result<Exit> {
    let secret = std::fs::read_to_string(key).with_context(|| key.display().to_string())?;
    let secret = STANDARD.decode(secret.trim()).ok();
    let component = std::fs::read(file).with_context(|| file.display().to_string())?;
    let signature = secret.and_then(|secret| Signature::make(&secret, &fingerprint(&component)));
    let Some(signature) = signature else { bail!("PLUG-0005: {} holds no key of plugins", key.display()) };
    let beside = PathBuf::from(format!("{}.sig", file.display()));
    std::fs::write(&beside, format!("{}\n", serde_json::to_string(&signature)?))
        .with_context(|| beside.display().to_string())?;
    print(&format!("signed by {}; the signature is in {}", signature.key, beside.display()))?;
    Ok(Exit::Done)
}
