//! What a plugin says it is: name, version, steps with their forms, and what it wants to reach.
//!
//! It is the word of a stranger: everything is bounded and checked before it is shown, stored or believed.

mod check;
mod version;

pub use check::check;
pub(crate) use check::{is_name, is_shown};
pub use version::Version;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The format of descriptions that this build reads.
pub const FORMAT: u32 = 1;
/// Longest description, in bytes.
pub const LONGEST: usize = 1024 * 1024;

/// A plugin, described by itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// Version of this format; 1.
    pub format: u32,
    /// Its name in documents and on the command line: small letters, digits and dashes.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Its version, such as `1.4.0`.
    pub version: String,
    /// What it is for, in one sentence.
    pub summary: String,
    /// More, in Markdown.
    #[serde(default)]
    pub help: String,
    /// Name of its icon in the studio's set.
    #[serde(default = "usual_icon")]
    pub icon: String,
    /// What it wants to reach. Whatever is not named here is out of reach.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// Its steps.
    pub steps: Vec<StepAbout>,
}

/// What a plugin wants to reach.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// Hosts it calls: `api.example.com`, `api.example.com:8443`, or `*.example.com` for every host below it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// Apps whose connections its steps may use, by the id of the app. The host puts the credentials in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub connections: Vec<String>,
    /// Whether it keeps values for the workflow it is used in, from one run to the next.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub state: bool,
}

/// What a step does to the world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It only computes: no calls, nothing kept.
    Pure,
    /// It looks things up, with GET and HEAD, and changes nothing.
    Read,
    /// It changes something.
    Write,
}

/// A step of a plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct StepAbout {
    /// Its name in documents: small letters, digits and underscores.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// What it does, in one sentence.
    pub summary: String,
    /// More, in Markdown.
    #[serde(default)]
    pub help: String,
    /// Its shelf in the palette.
    #[serde(default)]
    pub shelf: Shelf,
    /// Name of its icon in the studio's set; without it, the plugin's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Other words people search by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// What it does to the world.
    pub effect: Effect,
    /// Whether a change may be made again under the same key without happening twice. Only for steps that write.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub repeatable: bool,
    /// JSON Schema of its settings: an object with `properties` and `required`, with `x-ui` hints for the form.
    pub settings: Value,
    /// Settings of a freshly added step.
    #[serde(default)]
    pub defaults: Map<String, Value>,
    /// Its ways out; without any, the usual one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<PortAbout>,
    /// Worked examples: tests, documentation and placeholders at once.
    pub examples: Vec<ExampleAbout>,
}

/// Where a step stands in the palette.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shelf {
    /// With what shapes data.
    Data,
    /// With what works on leads.
    Lead,
    /// With what reaches other systems.
    Connect,
    /// With the customer's own code.
    #[default]
    Code,
}

/// A way out of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PortAbout {
    /// Its name in documents.
    pub id: String,
    /// What people read on the arrow.
    pub label: String,
}

/// A worked example of a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExampleAbout {
    /// The settings, everything computed.
    pub settings: Map<String, Value>,
    /// What it puts out. For a step that only computes, `trunkline plugin test` compares.
    pub output: Value,
    /// The port it leaves by; without it, the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// What the other systems answer, in order: then the step is tried without them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Recorded>,
}

/// What another system answered once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Recorded {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    #[serde(default)]
    pub body: Value,
}

fn usual_icon() -> String {
    "puzzle".into()
}

impl Description {
    /// Reads what a plugin said of itself.
    ///
    /// # Errors
    /// What is wrong with it, in one sentence.
    pub fn read(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
        let read: Self = serde_json::from_str(text).map_err(|error| error.to_string())?;
        check(&read)?;
        Ok(read)
    }

    /// The step called `name`.
    #[must_use]
    pub fn step(&self, name: &str) -> Option<&StepAbout> {
        self.steps.iter().find(|step| step.name == name)
    }

    /// The name in documents of the step called `step`.
    #[must_use]
    pub fn kind_of(&self, step: &str) -> String {
        kind_of(&self.name, step)
    }

    /// What it does and wants to reach, in plain words.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let mut words = self.capabilities.in_words();
        let of = |effect| self.steps.iter().filter(move |step| step.effect == effect);
        for step in of(Effect::Write) {
            let again = if step.repeatable { "" } else { "; a person is asked when its outcome is unknown" };
            words.push(format!("Its step \"{}\" changes something elsewhere{again}", step.title));
        }
        for step in of(Effect::Read) {
            words.push(format!("Its step \"{}\" looks something up and changes nothing", step.title));
        }
        for step in of(Effect::Pure) {
            words.push(format!("Its step \"{}\" only computes", step.title));
        }
        words
    }
}

/// The name in documents of a plugin's step.
#[must_use]
pub fn kind_of(plugin: &str, step: &str) -> String {
    format!("{PREFIX}{plugin}.{step}")
}

/// What the kinds of plugins' steps begin with.
pub const PREFIX: &str = "plugin.";

impl Capabilities {
    /// What it wants to reach, in plain words.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for host in &self.hosts {
            words.push(match host.strip_prefix("*.") {
                Some(parent) => format!("Calls every host below {parent}"),
                None => format!("Calls {host}"),
            });
        }
        for app in &self.connections {
            words.push(format!("Uses connections to {app}; it never sees their credentials"));
        }
        if self.state {
            words.push("Keeps values of its own for each workflow, from one run to the next".into());
        }
        if words.is_empty() {
            words.push("Reaches nothing outside".into());
        }
        words
    }

    /// What stands here and not in `approved`.
    #[must_use]
    pub fn beyond(&self, approved: &Self) -> Self {
        let new = |all: &[String], old: &[String]| -> Vec<String> {
            all.iter().filter(|one| !old.contains(one)).cloned().collect()
        };
        Self {
            hosts: new(&self.hosts, &approved.hosts),
            connections: new(&self.connections, &approved.connections),
            state: self.state && !approved.state,
        }
    }

    /// Whether it names nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The JSON Schema of what plugins say of themselves.
#[must_use]
pub fn json_schema() -> Value {
    schemars::generate::SchemaSettings::draft2020_12()
        .into_generator()
        .into_root_schema_for::<Description>()
        .to_value()
}

#[cfg(test)]
mod tests;
