//! `cargo xtask check`: what can be known in seconds while working.

use crate::{project, studio, tidy};
use anyhow::Result;
use std::process::{Command, ExitCode};
use std::time::Instant;

/// Format, types and tidy, in the order in which they are quick.
pub(crate) fn quick() -> Result<ExitCode> {
    let mut good = true;
    let mut say = |name: &str, started: Instant, passed: bool| {
        println!(
            "{} {name} ({:.1} s)",
            if passed { "ok    " } else { "FAILED" },
            started.elapsed().as_secs_f32()
        );
        good &= passed;
    };
    let mut commands: Vec<(&str, Command)> = Vec::new();
    let mut cargo = |name, words: &[&str]| {
        let mut command = project::cargo();
        command.args(words);
        commands.push((name, command));
    };
    cargo("cargo fmt", &["fmt", "--all", "--check"]);
    cargo("cargo check", &["check", "--workspace", "--all-targets"]);
    commands.push(("studio check", studio::npm(&["run", "--silent", "check"])));
    for (name, mut command) in commands {
        let started = Instant::now();
        if name.starts_with("studio") {
            studio::install()?;
        }
        say(name, started, command.status()?.success());
    }
    let started = Instant::now();
    for verdict in tidy::check_all()? {
        if !verdict.findings.is_empty() {
            print!("{}", verdict.report());
        }
        say(verdict.name, started, verdict.findings.is_empty());
    }
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
