//! What plugins of Trunkline in Rust are written with.
//!
//! [`plugin!`] makes the two functions that Trunkline calls of what the plugin is and a function for each step. Clock,
//! chance, log, other systems and kept values are those of the run: [`now`], [`random`], [`log`], [`http`], [`state`].

/// The functions and types as the interface has them.
#[allow(missing_docs)]
pub mod bindings {
    wit_bindgen::generate!({
        path: "../../wit/1.0.0",
        world: "plugin",
        pub_export_macro: true,
        default_bindings_module: "trunkline_plugin::bindings",
    });
}

pub mod http;
pub mod log;
pub mod state;

use bindings::trunkline::plugin::{clock, random as drawn, types};
use serde::Serialize;
use serde::de::DeserializeOwned;
pub use serde_json::{Value, json};
use std::fmt;
pub use types::{Context, FailureKind};

/// Why a step did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Whether trying again can help.
    pub kind: FailureKind,
    /// What happened, in one sentence for people, without secrets.
    pub message: String,
    /// Not before so many seconds have passed, when the other side said so.
    pub retry_after_seconds: Option<u32>,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after_seconds: None }
    }

    /// The data that came in cannot be worked with.
    pub fn bad_input(message: impl Into<String>) -> Self {
        Self::new(FailureKind::BadInput, message)
    }

    /// Nothing anyone retries will mend this.
    pub fn fatal(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Fatal, message)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

impl From<types::Failure> for Failure {
    fn from(types::Failure { kind, message, retry_after_seconds }: types::Failure) -> Self {
        Self { kind, message, retry_after_seconds }
    }
}

impl From<Failure> for types::Failure {
    fn from(Failure { kind, message, retry_after_seconds }: Failure) -> Self {
        Self { kind, message, retry_after_seconds }
    }
}

/// What a step puts out.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    output: Value,
    port: Option<String>,
    why: Option<String>,
}

impl Answer {
    /// An answer that later steps see as `output`; it leaves by the first port.
    ///
    /// # Panics
    /// When `output` has keys that are no text, which JSON does not know.
    pub fn new(output: impl Serialize) -> Self {
        let output = serde_json::to_value(output).expect("an output is data with names as keys");
        Self { output, port: None, why: None }
    }

    /// The same by another port.
    #[must_use]
    pub fn by(self, port: impl Into<String>) -> Self {
        Self { port: Some(port.into()), ..self }
    }

    /// The same with the reason, in one plain sentence.
    #[must_use]
    pub fn because(self, why: impl Into<String>) -> Self {
        Self { why: Some(why.into()), ..self }
    }
}

/// The moment it is in the run, in milliseconds since 1970; it does not move during a call.
#[must_use]
pub fn now() -> u64 {
    clock::now()
}

/// So many bytes of the run's chance (at most 65536 a call); a call that is repeated draws the same.
#[must_use]
pub fn random(count: u32) -> Vec<u8> {
    drawn::bytes(count)
}

/// Reads the settings, does the work and writes the answer: what [`plugin!`] makes of a step.
///
/// # Errors
/// The step's own failure, or that its settings are not what it takes.
pub fn done<S: DeserializeOwned>(
    input: &str,
    work: impl FnOnce(S) -> Result<Answer, Failure>,
) -> Result<types::Answer, types::Failure> {
    let settings = serde_json::from_str(input)
        .map_err(|error| Failure::bad_input(format!("the settings do not fit the step: {error}")))?;
    let Answer { output, port, why } = work(settings)?;
    Ok(types::Answer { output: output.to_string(), port, why })
}

/// Makes a plugin of `about`, a function that gives what it says of itself, and of each step's name with its function:
///
/// ```ignore
/// trunkline_plugin::plugin!(about, { "score" => score });
/// ```
///
/// A step's function takes its settings, as anything that serde reads, and the [`Context`].
#[macro_export]
macro_rules! plugin {
    ($about:path, { $($step:literal => $work:path),+ $(,)? }) => {
        struct Plugin;

        impl $crate::bindings::Guest for Plugin {
            fn describe() -> String {
                let about: $crate::Value = $about();
                about.to_string()
            }

            fn run(
                step: String,
                input: String,
                context: $crate::Context,
            ) -> Result<$crate::bindings::Answer, $crate::bindings::Failure> {
                match step.as_str() {
                    $($step => $crate::done(&input, |settings| $work(settings, &context)),)+
                    other => Err($crate::Failure::fatal(format!("there is no step {other}")).into()),
                }
            }
        }

        $crate::bindings::export!(Plugin with_types_in $crate::bindings);
    };
}
