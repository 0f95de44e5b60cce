//! What can be set: flags, `TRUNKLINE_*` variables, then one TOML file, then defaults. All of it may be absent.

use crate::connections::vault::{FILE as MASTER_KEY_FILE, KeySource, MasterKeys};
use crate::runner::hosts::HostLimits;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// Settings as they may be given: on the command line, in the environment, or in the file.
#[derive(Debug, Clone, Default, Deserialize, clap::Args)]
#[serde(deny_unknown_fields, default)]
pub struct Given {
    /// Folder that holds everything this server keeps [default: ./data]
    #[arg(long, env = "TRUNKLINE_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// PostgreSQL database for workflows, runs and leads, such as postgres://user:password@host/trunkline [default: a
    /// SQLite file in the data folder]
    #[arg(long, env = "TRUNKLINE_DATABASE", value_name = "URL", hide_env_values = true)]
    pub database: Option<DatabaseUrl>,
    /// Address to listen on [default: 127.0.0.1:7878]
    #[arg(long, env = "TRUNKLINE_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Address under which people reach the server, for links it prints and cookies
    #[arg(long, env = "TRUNKLINE_URL", value_name = "URL")]
    pub url: Option<String>,
    /// How the log is written [default: text]
    #[arg(long, env = "TRUNKLINE_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// What is logged, such as `info` or `trunkline_server=debug` [default: info]
    #[arg(long, env = "TRUNKLINE_LOG", value_name = "FILTER")]
    pub log: Option<String>,
    /// Largest body of a webhook, form or batch of events, in bytes [default: 10485760]
    #[arg(long, env = "TRUNKLINE_MAX_EVENT_BYTES", value_name = "BYTES")]
    pub max_event_bytes: Option<usize>,
    /// Size in bytes, compressed, above which what a run holds lies in a file beside the database [default: 65536]
    #[arg(long, env = "TRUNKLINE_SPILL_BYTES", value_name = "BYTES")]
    pub spill_bytes: Option<usize>,
    /// Most events a second one webhook takes [default: no limit]
    #[arg(long, env = "TRUNKLINE_HOOK_RATE", value_name = "PER_SECOND")]
    pub hook_rate: Option<u32>,
    /// Hosts, addresses or networks inside the own network that steps may call, separated by commas
    #[arg(long, env = "TRUNKLINE_ALLOW_HOSTS", value_name = "HOSTS", value_delimiter = ',')]
    pub allow_hosts: Option<Vec<String>>,
    /// Most calls under way to one other system at the same time [default: 128]
    #[arg(long, env = "TRUNKLINE_HOST_AT_ONCE", value_name = "CALLS")]
    pub host_at_once: Option<u32>,
    /// Most calls a second to one other system [default: no limit]
    #[arg(long, env = "TRUNKLINE_HOST_RATE", value_name = "PER_SECOND")]
    pub host_rate: Option<u32>,
    /// Folder with manifests of more apps (*.yaml)
    #[arg(long, env = "TRUNKLINE_APPS", value_name = "DIR")]
    pub apps: Option<PathBuf>,
    /// Keys whose signatures of plugins count: 32 bytes in base64 each, with commas between them; with one, every plugin
    /// has to be signed [default: none, plugins need no signature]
    #[arg(long, env = "TRUNKLINE_PLUGIN_KEYS", value_name = "KEYS", value_delimiter = ',')]
    pub plugin_keys: Option<Vec<String>>,
    /// Index of plugins to browse and install: a folder with an index.json, or its https:// address [default: none]
    #[arg(long, env = "TRUNKLINE_PLUGIN_INDEX", value_name = "FOLDER OR URL")]
    pub plugin_index: Option<String>,
    /// Master key that seals what connections hold: 32 bytes in base64; several, the newest first, with commas between
    /// them [default: a file in the data folder, made at the first start]
    #[arg(long, env = "TRUNKLINE_MASTER_KEY", value_name = "KEY", hide_env_values = true)]
    pub master_key: Option<MasterKeys>,
    /// File with the master key, if it is not to lie in the data folder
    #[arg(long, env = "TRUNKLINE_MASTER_KEY_FILE", value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
    /// Start with an empty workspace, without the demo
    #[arg(long, env = "TRUNKLINE_EMPTY")]
    pub empty: bool,
    /// Begin with an example company to look around in: leads, owners, an imported list, decisions
    #[arg(long, env = "TRUNKLINE_EXAMPLE")]
    pub example: bool,
}

/// The URL of a database. It holds a password, so it is never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for DatabaseUrl {
    fn from(url: String) -> Self {
        Self(url)
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DatabaseUrl")
    }
}

/// Settings with every gap filled.
#[derive(Debug, Clone)]
pub struct Config {
    /// Folder that holds everything, or everything but the database.
    pub data: PathBuf,
    /// PostgreSQL database; `None` for a file in the folder.
    pub database: Option<DatabaseUrl>,
    /// Address to listen on.
    pub listen: SocketAddr,
    /// Address for links, without a slash at the end; `None` follows the listening address.
    pub url: Option<String>,
    /// How the log is written.
    pub log_format: LogFormat,
    /// What is logged.
    pub log: String,
    /// Largest event body in bytes.
    pub max_event_bytes: usize,
    /// Size in bytes above which what a run holds lies in a file beside the database.
    pub spill_bytes: usize,
    /// Most events a second per webhook.
    pub hook_rate: Option<u32>,
    /// What steps may call inside the own network.
    pub allow_hosts: Vec<String>,
    /// How hard other systems are called.
    pub host_limits: HostLimits,
    /// Folder with manifests of more apps.
    pub apps: Option<PathBuf>,
    /// Keys whose signatures of plugins count.
    pub plugin_keys: Vec<String>,
    /// Where plugins are offered, if anywhere.
    pub plugin_index: Option<String>,
    /// Where the master key comes from.
    pub master_key: KeySource,
    /// Whether to leave the demo out.
    pub empty: bool,
    /// Whether to begin with the example company.
    pub example: bool,
}

impl Config {
    /// The address for links, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> String {
        self.url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("CLI-0009: the configuration file {path} cannot be read: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not what it should be.
    #[error("CLI-0009: the configuration file {path} is not valid: {message}")]
    Invalid {
        /// Which file.
        path: PathBuf,
        /// What is wrong, with its line.
        message: String,
    },
}

impl Given {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// When it cannot be read or has unknown or wrong settings.
    pub fn from_file(path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Unreadable { path: path.into(), source })?;
        toml::from_str(&text)
            .map_err(|error| ConfigError::Invalid { path: path.into(), message: error.to_string() })
    }

    /// These settings with the database and the master key that the environment names, for commands that take no flags
    /// of their own for them.
    #[must_use]
    pub fn with_keys_of_environment(self) -> Self {
        let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            database: self.database.or_else(|| named("TRUNKLINE_DATABASE").map(DatabaseUrl::from)),
            master_key: self.master_key.or_else(|| named("TRUNKLINE_MASTER_KEY").map(MasterKeys::from)),
            master_key_file: self
                .master_key_file
                .or_else(|| named("TRUNKLINE_MASTER_KEY_FILE").map(PathBuf::from)),
            ..self
        }
    }

    /// These settings; gaps are filled from `file`, then with defaults.
    #[must_use]
    pub fn over(self, file: Self) -> Config {
        let data = self.data.or(file.data).unwrap_or_else(|| "data".into());
        let key_file = self.master_key_file.or(file.master_key_file);
        let master_key = match self.master_key.or(file.master_key) {
            Some(keys) => KeySource::Given(keys),
            None => KeySource::File(key_file.unwrap_or_else(|| data.join(MASTER_KEY_FILE))),
        };
        Config {
            apps: self.apps.or(file.apps),
            plugin_keys: self.plugin_keys.or(file.plugin_keys).unwrap_or_default(),
            plugin_index: self.plugin_index.or(file.plugin_index),
            master_key,
            data,
            database: self.database.or(file.database),
            listen: self.listen.or(file.listen).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 7878))),
            url: self.url.or(file.url).map(|url| url.trim_end_matches('/').to_owned()),
            log_format: self.log_format.or(file.log_format).unwrap_or_default(),
            log: self.log.or(file.log).unwrap_or_else(|| "info".into()),
            max_event_bytes: self.max_event_bytes.or(file.max_event_bytes).unwrap_or(10 * 1024 * 1024),
            spill_bytes: self.spill_bytes.or(file.spill_bytes).unwrap_or(64 * 1024),
            hook_rate: self.hook_rate.or(file.hook_rate),
            allow_hosts: self.allow_hosts.or(file.allow_hosts).unwrap_or_default(),
            host_limits: HostLimits {
                at_once: self
                    .host_at_once
                    .or(file.host_at_once)
                    .unwrap_or(HostLimits::default().at_once)
                    .max(1),
                per_second: self.host_rate.or(file.host_rate).map(|rate| rate.max(1)),
            },
            empty: self.empty || file.empty,
            example: self.example || file.example,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_the_file_and_the_file_over_defaults() {
        let file: Given = toml::from_str("listen = '0.0.0.0:80'\nlog = 'debug'\n").unwrap();
        let given = Given { log: Some("warn".into()), ..Given::default() };
        let config = given.over(file);
        assert_eq!((config.listen.port(), config.log.as_str()), (80, "warn"));
        assert_eq!(config.data, PathBuf::from("data"));
    }

    #[test]
    fn the_password_in_the_url_of_a_database_is_not_printed() {
        let file: Given = toml::from_str("database = 'postgres://ada:secret@db/trunkline'").unwrap();
        let config = Given::default().over(file);
        assert_eq!(config.database.as_ref().unwrap().as_str(), "postgres://ada:secret@db/trunkline");
        assert!(!format!("{config:?}").contains("secret"));
    }

    #[test]
    fn a_misspelt_setting_is_refused_with_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trunkline.toml");
        std::fs::write(&path, "lissten = '127.0.0.1:1'").unwrap();
        let error = Given::from_file(&path).unwrap_err().to_string();
        assert!(error.contains("lissten"), "{error}");
    }
}
