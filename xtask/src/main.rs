//! `cargo xtask`: the one door for people and for CI.
//!
//! Everything a contributor runs is a command here, so that what runs on a laptop is what runs in CI.
//! This crate starts other programs and reads files; it never links the product.

#![allow(clippy::print_stdout, reason = "a command-line tool speaks on standard output")]

mod bench;
mod check;
mod components;
mod guests;
mod machine;
mod project;
mod reference;
mod scaffold;
mod serve;
mod studio;
mod task;
mod tidy;
mod verify;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use verify::Setting;

/// Build, run, check and measure Trunkline.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build server and studio, then serve on 127.0.0.1:7878 with the data in ./data
    Run {
        /// Flags handed on to `trunkline serve`
        #[arg(last = true)]
        flags: Vec<String>,
    },
    /// Install what is missing and run every check and test there is
    Test {
        /// Also the forms that take minutes: many crashes, large imports
        #[arg(long)]
        long: bool,
        /// Lint in the same pass that builds: much less to compile where nothing is built yet, more where something is
        #[arg(long)]
        lint_while_building: bool,
        /// Only parts whose name contains one of these words (see the summary for names)
        parts: Vec<String>,
    },
    /// Serve with the studio on Vite's development server, which reloads on every change
    Dev,
    /// The quick checks while working: format, types, tidy
    Check,
    /// Write the generated files: step reference, JSON Schemas, API description, typed client
    Reference,
    /// Measure throughput, latency and memory of a release build, with the baseline in the same run
    Bench(bench::Options),
    /// Write down which functions run while a server starts, for the linker to lay together in a release
    StartupOrder,
    /// Write a new file from the pattern of its kind
    New {
        #[command(subcommand)]
        what: New,
    },
}

#[derive(Subcommand)]
enum New {
    /// An app: one manifest with its recorded examples
    Connector {
        /// Its id: small letters, digits and _
        name: String,
    },
    /// A step kind: one file with descriptor, code and tests
    Step {
        /// The kind in snake_case, such as `wait_until`
        name: String,
    },
}

fn main() -> ExitCode {
    match perform(Cli::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(command: Command) -> Result<ExitCode> {
    match command {
        Command::Run { flags } => serve::run(&flags).map(|()| ExitCode::SUCCESS),
        Command::Dev => serve::dev().map(|()| ExitCode::SUCCESS),
        Command::Test { long, lint_while_building, parts } => {
            verify::everything(&Setting { long, lint_while_building }, &parts)
        }
        Command::Check => check::quick(),
        Command::Bench(options) => bench::measure(&options),
        Command::StartupOrder => bench::write_startup_order().map(|()| ExitCode::SUCCESS),
        Command::Reference => reference::write().map(|()| ExitCode::SUCCESS),
        Command::New { what: New::Connector { name } } => {
            scaffold::connector(&name).map(|()| ExitCode::SUCCESS)
        }
        Command::New { what: New::Step { name } } => scaffold::step(&name).map(|()| ExitCode::SUCCESS),
    }
}
