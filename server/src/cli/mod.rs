//! The command line. Exit codes: 0 done, 1 it failed, 2 it was asked wrongly, 3 a document or a file has problems,
//! 4 a run failed, 5 the server cannot be reached or refuses.

pub mod accounts;
mod connector;
pub mod doctor;
pub mod documents;
pub mod import;
mod import_list;
mod key;
pub mod local_token;
pub mod plugin;
mod reference;
pub mod remote;
pub mod run_file;

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

const EXIT_CODES: &str = "Exit codes: 0 done, 1 it failed, 2 it was asked wrongly, 3 a document or file has \
     problems, 4 a run failed, 5 the server cannot be reached or refuses";

/// Draw workflows, run them durably, follow every lead.
#[derive(Debug, Parser)]
#[command(name = "trunkline", version, max_term_width = 100, after_help = EXIT_CODES)]
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
    /// Run one document once, without a server, and print what every step did
    Run(run_file::RunFile),
    /// Check documents
    Validate(documents::Validate),
    /// Create or change workflows from documents, and publish them
    Apply(documents::Apply),
    /// Write every workflow into a file
    Export(documents::Export),
    /// Bring data in
    #[command(subcommand)]
    Import(import::Import),
    /// Connectors made of OpenAPI documents, and those on a server
    #[command(subcommand)]
    Connector(connector::Connector),
    /// Keys for programs
    #[command(subcommand)]
    Token(accounts::Token),
    /// People who sign in
    #[command(subcommand)]
    User(accounts::User),
    /// Plugins: steps that others wrote, in a sandbox
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// The master key that seals what connections hold
    #[command(subcommand)]
    Key(key::Key),
    /// Look for what is wrong
    Doctor(remote::Target),
    /// Print the description of the API
    #[command(hide = true)]
    Openapi,
    /// Compile a plugin, for the server that starts this
    #[command(hide = true, name = trunkline_plugins::host::compile::COMMAND)]
    PluginCompile,
    /// Write the generated documentation into a folder
    #[command(hide = true)]
    Reference(reference::Arguments),
}

/// Reads the command line and does what it says.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(exit) => exit.into(),
        Err(error) => {
            complain(&error);
            let of_server = error.chain().any(|cause| cause.is::<remote::RemoteError>());
            if of_server { Exit::Server.into() } else { Exit::Failed.into() }
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
        Command::Reference(arguments) => reference::run(&arguments),
        Command::Run(wanted) => on_threads(run_file::run(wanted, Given::default().over(file))),
        Command::Validate(wanted) => documents::validate(&wanted),
        Command::Apply(wanted) => on_threads(documents::apply(&wanted)),
        Command::Export(wanted) => on_threads(documents::export(&wanted)),
        Command::Import(wanted) => on_threads(import::run(wanted)),
        Command::Connector(wanted) => on_threads(connector::run(wanted, Given::default().over(file))),
        Command::Token(wanted) => on_threads(accounts::token(&wanted)),
        Command::User(wanted) => {
            let accounts::User::Password { data, .. } = &wanted;
            let given = Given { data: data.clone(), ..Given::default() };
            on_threads(accounts::user(wanted, given.over(file)))
        }
        Command::Plugin(wanted) => on_threads(plugin::run(wanted)),
        Command::PluginCompile => Ok(compile_plugin()),
        Command::Key(key::Key::Rotate { data }) => {
            let given = Given { data, ..Given::default() }.with_keys_of_environment();
            on_threads(key::rotate(given.over(file)))
        }
        Command::Doctor(target) => {
            let given = Given { data: Some(target.data.clone()), ..Given::default() };
            on_threads(doctor::run(&given.over(file), &target))
        }
        Command::Openapi => {
            print(crate::http::openapi::text())?;
            Ok(Exit::Done)
        }
    }
}

#[expect(clippy::print_stderr, reason = "the server that started this reads it")]
fn compile_plugin() -> Exit {
    let compiled = trunkline_plugins::host::compile::run(std::io::stdin().lock(), std::io::stdout().lock());
    match compiled {
        Ok(()) => Exit::Done,
        Err(why) => {
            eprintln!("{why}");
            Exit::Failed
        }
    }
}

fn on_threads<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(work)
}
