//! An index: which plugins somebody offers, as one static JSON file beside them. It is the word of a stranger until the
//! file that it names has the SHA-256 that it gives, and an administrator approved what is in it.

use crate::description::{Version, is_name, is_shown};
use crate::signature::Signature;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the file is called in a folder.
pub const FILE: &str = "index.json";
/// The format that this build reads and writes.
pub const FORMAT: u32 = 1;
/// Longest index, in bytes.
pub const LONGEST: usize = 4 * 1024 * 1024;
/// Most plugins that one names.
const MOST: usize = 1_000;

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Version of this format; 1.
    pub format: u32,
    /// What is offered; of one name there may be several versions.
    pub plugins: Vec<Entry>,
}

/// What is offered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A plugin: a component.
    #[default]
    Plugin,
    /// A connector: a manifest.
    Connector,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plugin => "plugin",
            Self::Connector => "connector",
        })
    }
}

impl Kind {
    fn is_plugin(&self) -> bool {
        *self == Self::Plugin
    }
}

/// A release that is offered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What it is.
    #[serde(default, skip_serializing_if = "Kind::is_plugin")]
    pub kind: Kind,
    /// Its name in documents.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its version.
    pub version: String,
    /// What it is for, in one sentence.
    pub summary: String,
    /// Its file: a name beside the index, or an https address.
    pub file: String,
    /// The SHA-256 of the file, in hex.
    pub sha256: String,
    /// Who vouches for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Value>")]
    pub signature: Option<Signature>,
}

impl Index {
    /// Reads an index.
    ///
    /// # Errors
    /// What is wrong with it, in one sentence.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let read: Self = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
        if read.format != FORMAT {
            return Err(format!("it is written in format {}, and this server reads {FORMAT}", read.format));
        }
        if read.plugins.len() > MOST {
            return Err(format!("it names more than {MOST} plugins"));
        }
        read.plugins.iter().try_for_each(Entry::check)?;
        Ok(read)
    }

    /// The newest version of each name, by title.
    #[must_use]
    pub fn newest(&self) -> Vec<&Entry> {
        let mut newest: Vec<&Entry> = Vec::new();
        for entry in &self.plugins {
            match newest.iter_mut().find(|known| (known.kind, &known.name) == (entry.kind, &entry.name)) {
                Some(known) if is_older(&known.version, &entry.version) => *known = entry,
                Some(_) => {}
                None => newest.push(entry),
            }
        }
        newest.sort_by(|one, other| (&one.title, &one.name).cmp(&(&other.title, &other.name)));
        newest
    }

    /// The release of `name` that is offered: `version`, or the newest without one.
    #[must_use]
    pub fn find(&self, kind: Kind, name: &str, version: Option<&str>) -> Option<&Entry> {
        let fits = |entry: &&Entry| entry.kind == kind && entry.name == name;
        match version {
            Some(version) => self.plugins.iter().filter(fits).find(|entry| entry.version == version),
            None => self.newest().into_iter().find(fits),
        }
    }
}

/// Whether version `one` came before `other`; what is no version came before nothing.
#[must_use]
pub fn is_older(one: &str, other: &str) -> bool {
    match (one.parse::<Version>(), other.parse()) {
        (Ok(one), Ok(other)) => one.is_older_than(&other),
        _ => false,
    }
}

impl Entry {
    /// The SHA-256 of its file.
    ///
    /// # Panics
    /// Never of an entry of an index that was read: it was checked.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.decoded().expect("it was checked when the index was read")
    }

    fn decoded(&self) -> Option<[u8; 32]> {
        hex::decode(&self.sha256).ok().and_then(|bytes| bytes.try_into().ok())
    }

    fn check(&self) -> Result<(), String> {
        let is_named = match self.kind {
            Kind::Plugin => is_name(&self.name, b'-'),
            Kind::Connector => is_connector(&self.name),
        };
        if !is_named {
            return Err(match self.kind {
                Kind::Plugin => {
                    "a plugin in it has no name of 1 to 40 small letters, digits and dashes".into()
                }
                Kind::Connector => {
                    "a connector in it has no name of 1 to 60 small letters, digits and underscores".into()
                }
            });
        }
        let wrong = |what: &str| Err(format!("the plugin {} in it has {what}", self.name));
        if self.version.parse::<Version>().is_err() {
            return wrong("no version such as 1.4.0");
        }
        if !is_shown(&self.title, 60) || !is_shown(&self.summary, 300) {
            return wrong("a title or a summary that cannot be shown");
        }
        if self.decoded().is_none() {
            return wrong("no SHA-256 of 64 hexadecimal digits");
        }
        // Nothing but a name: what lies elsewhere in a folder is not offered.
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
        let is_beside =
            self.file.chars().all(is_plain) && !self.file.starts_with('.') && !self.file.is_empty();
        if !is_beside && !self.file.starts_with("https://") {
            return wrong("a file that is neither a name beside the index nor an https address");
        }
        Ok(())
    }
}

/// Whether `name` can be that of a connector; it may be longer than a plugin's.
fn is_connector(name: &str) -> bool {
    let is_letter = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'_';
    (1..=60).contains(&name.len()) && name.as_bytes()[0].is_ascii_lowercase() && name.bytes().all(is_letter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(name: &str, version: &str, file: &str) -> serde_json::Value {
        json!({"name": name, "title": name, "version": version, "summary": "Does it.", "file": file,
            "sha256": "ab".repeat(32)})
    }

    fn read(plugins: &[serde_json::Value]) -> Result<Index, String> {
        Index::read(json!({"format": 1, "plugins": plugins}).to_string().as_bytes())
    }

    #[test]
    fn the_newest_of_each_name_is_offered() {
        let index = read(&[
            entry("b", "1.9.0", "b.wasm"),
            entry("a", "1.0.0", "a.wasm"),
            entry("b", "1.10.0", "https://example.com/b.wasm"),
        ])
        .unwrap();
        let offered: Vec<_> =
            index.newest().iter().map(|entry| (entry.name.as_str(), entry.version.as_str())).collect();
        assert_eq!(offered, [("a", "1.0.0"), ("b", "1.10.0")]);
        let older = index.find(Kind::Plugin, "b", Some("1.9.0")).unwrap();
        assert_eq!((older.file.as_str(), older.digest()), ("b.wasm", [0xab; 32]));
        assert_eq!(index.find(Kind::Plugin, "b", None).unwrap().version, "1.10.0");
        assert_eq!(index.find(Kind::Connector, "b", None), None);
    }

    #[test]
    fn what_an_index_says_is_checked() {
        for file in
            ["../secret", "/etc/passwd", "a/b.wasm", "http://example.com/a.wasm", "", ".hidden", "file://x"]
        {
            assert!(read(&[entry("a", "1.0.0", file)]).is_err(), "{file}");
        }
        assert!(read(&[entry("A b", "1.0.0", "a.wasm")]).is_err());
        assert!(read(&[entry("a", "one", "a.wasm")]).is_err());
        let mut escapes = entry("a", "1.0.0", "a.wasm");
        let mut connector = entry("acme_crm", "1.0.0", "acme_crm.yaml");
        assert!(read(&[connector.clone()]).is_err(), "no plugin is called so");
        let long = |length: usize| {
            let mut entry = connector.clone();
            (entry["kind"], entry["name"]) = ("connector".into(), "a".repeat(length).into());
            read(&[entry])
        };
        assert!(long(60).is_ok() && long(61).is_err());
        connector["kind"] = "connector".into();
        assert_eq!(read(&[connector]).unwrap().plugins[0].kind, Kind::Connector);
        escapes["title"] = "\u{1b}[31m".into();
        assert!(read(&[escapes]).is_err());
        let mut short = entry("a", "1.0.0", "a.wasm");
        short["sha256"] = "abcd".into();
        assert!(read(&[short]).is_err());
        assert!(Index::read(br#"{"format": 2, "plugins": []}"#).is_err());
    }
}
