//! A release of a plugin: what it says of itself, and how its file is known.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use trunkline_engine::failure::Failure;
use trunkline_plugins::description::{Description, Effect};
use trunkline_plugins::host::fingerprint;
use trunkline_plugins::index::Kind;
use trunkline_plugins::signature::{Signature, Trust};
use trunkline_plugins::{Capabilities, failures};

/// See the [module](self).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Release {
    /// The SHA-256 of its file.
    #[serde(with = "hex_digest")]
    pub sha256: [u8; 32],
    /// What it says of itself.
    pub description: Description,
    /// Who vouches for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Signature>,
    /// Where it came from, in words.
    pub source: String,
    /// Who brought it.
    pub by: String,
    /// When.
    pub at: DateTime<Utc>,
}

impl Release {
    /// Whether `file` is this release, and still may be used.
    ///
    /// # Errors
    /// `PLUG-0007` when it is another file, `PLUG-0005` when its signature does not hold any more.
    pub fn check(&self, file: &[u8], trust: &Trust) -> Result<(), Failure> {
        let found = fingerprint(file);
        if found != self.sha256 {
            return Err(failures::changed(Kind::Plugin, &self.description.name, &self.sha256, &found));
        }
        trust.check(Kind::Plugin, &self.description.name, &found, self.signature.as_ref())
    }

    /// What it wants beyond what was approved and what `before` did, in words; empty when nothing.
    #[must_use]
    pub fn asks_for(&self, approved: &Capabilities, before: Option<&Self>) -> Vec<String> {
        let beyond = self.description.capabilities.beyond(approved);
        let mut words = if beyond.is_empty() { Vec::new() } else { beyond.in_words() };
        for step in &self.description.steps {
            let known = before.and_then(|before| before.description.step(&step.name));
            if step.effect == Effect::Write && known.is_none_or(|known| known.effect != Effect::Write) {
                words.push(format!("Its step \"{}\" changes something elsewhere", step.title));
            }
        }
        words
    }
}

mod hex_digest {
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(digest: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(digest))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = hex::decode(&text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.ok_or_else(|| de::Error::custom("a digest has 32 bytes"))
    }
}
