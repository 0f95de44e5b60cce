//! The command line. Exit codes: 0 done, 1 it failed, 2 it was asked wrongly, 3 a document or a file has problems,
//! 4 a run failed, 5 the server cannot be reached or refuses.

pub mod local_token;

use crate::config::{Config, Given};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// How a command ended, for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what it was asked.
    Done,
    /// It could not.
    Failed,
    /// A document or a file has problems.
    Problems,
    /// A run ended as failed or cancelled.
    RunFailed,
    /// The server cannot be reached or refuses.
    Server,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Problems => 3,
            Exit::RunFailed => 4,
            Exit::Server => 5,
        })
    }
}

/// Draw workflows, run them durably, follow every lead.
#[derive(Debug, Parser)]
#[command(name = "trunkline", version, max_term_width = 100)]
struct Arguments {
    /// One TOML file with settings; flags and TRUNKLINE_* variables win over it
    #[arg(long, global = true, env = "TRUNKLINE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the server
    Serve(Given),
    /// Print the description of the API
    #[command(hide = true)]
    Openapi,
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            complain(&error);
            Exit::Failed.into()
        }
    }
}

#[expect(clippy::print_stderr, reason = "the command line speaks to people")]
fn complain(error: &anyhow::Error) {
    eprintln!("trunkline: {error:#}");
}

/// Prints what was asked for. A reader that went away, such as `head`, is no failure.
fn print(text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.write_all(b"\n")) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let file = arguments.config.as_deref().map(Given::from_file).transpose()?.unwrap_or_default();
    match arguments.command {
        Command::Serve(given) => {
            let config: Config = given.over(file);
            crate::telemetry::start_log(&config)?;
            on_threads(crate::serve::run(config))?;
            Ok(Exit::Done)
        }
        Command::Openapi => {
            print(crate::http::openapi::text())?;
            Ok(Exit::Done)
        }
    }
}

fn on_threads<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
