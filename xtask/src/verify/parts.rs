//! The parts of `cargo xtask test`, each a function from the setting to how it ended.

use super::count::{self, Count};
use super::{Done, Setting};
use crate::{components, machine, project, studio, task, tidy};
use anyhow::{Context as _, Result};
use std::process::Command;

/// Set for tests that have a longer form.
const LONG: &str = "TRUNKLINE_LONG";

fn cargo(name: &str, words: &[&str]) -> Result<task::Outcome> {
    task::run(name, project::cargo().args(words).env("CARGO_TERM_COLOR", "never"))
}

/// Rust is formatted as `rustfmt.toml` says.
pub(super) fn format(_: &Setting) -> Result<Done> {
    let outcome = cargo("format", &["fmt", "--all", "--check"])?;
    Ok(Done::single(outcome.success, || format!("run cargo fmt --all\n{}", outcome.tail())))
}

/// The rules of the repository, one count each.
pub(super) fn tidy(_: &Setting) -> Result<Done> {
    let mut count = Count::default();
    let mut detail = String::new();
    for verdict in tidy::check_all()? {
        count.add(Count::of(verdict.findings.is_empty()));
        if !verdict.findings.is_empty() {
            detail.push_str(&format!("{}:\n{}", verdict.name, verdict.report()));
        }
    }
    Ok(Done { count, detail })
}

/// No warning anywhere, tests included.
pub(super) fn clippy(setting: &Setting) -> Result<Done> {
    if setting.lint_while_building {
        components::build()?;
        let outcome = build(setting)?;
        let is_clean = outcome.success && !outcome.output.lines().any(sums_up_warnings);
        return Ok(Done::single(is_clean, || outcome.tail_without(is_progress)));
    }
    let outcome = cargo("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    Ok(Done::single(outcome.success, || outcome.tail()))
}

/// Whether Cargo says with `line` that a crate has warnings, which it repeats for what was built before.
fn sums_up_warnings(line: &str) -> bool {
    line.starts_with("warning: `") && line.contains("` (") && line.contains(") generated ")
}

/// Whether `line` only says how far Cargo is.
fn is_progress(line: &str) -> bool {
    ["Compiling ", "Downloaded ", "Downloading ", "Blocking "]
        .iter()
        .any(|word| line.trim_start().starts_with(word))
}

/// Packages and bundle.
pub(super) fn studio_build(_: &Setting) -> Result<Done> {
    studio::build()?;
    Ok(Done::single(true, String::new))
}

/// TypeScript and Biome.
pub(super) fn studio_check(_: &Setting) -> Result<Done> {
    studio::install()?;
    let outcome = task::run("studio check", &mut studio::npm(&["run", "--silent", "check"]))?;
    Ok(Done::single(outcome.success, || outcome.tail()))
}

/// The studio's unit tests.
pub(super) fn studio_tests(_: &Setting) -> Result<Done> {
    studio::install()?;
    let outcome = task::run("studio tests", &mut studio::npm(&["run", "--silent", "test"]))?;
    Ok(counted(count::vitest(&outcome.output), &outcome))
}

/// The first load stays under its limit.
pub(super) fn studio_size(_: &Setting) -> Result<Done> {
    let outcome = task::run("studio size", &mut studio::npm(&["run", "--silent", "size"]))?;
    Ok(Done::single(outcome.success, || outcome.tail()))
}

/// Every test of every crate, by nextest where it is installed.
pub(super) fn rust_tests(setting: &Setting) -> Result<Done> {
    components::build()?;
    build_server(setting)?;
    components::examples(&project::server_binary())?;
    let has_nextest = machine::find("cargo-nextest").is_some();
    let mut command = project::cargo();
    if has_nextest {
        command.args(["nextest", "run", "--workspace", "--no-fail-fast"]);
    } else {
        command.args(["test", "--workspace", "--no-fail-fast", "--lib", "--bins", "--tests"]);
    }
    command
        .args(lints(setting))
        .env("CARGO_TERM_COLOR", "never")
        .env("TRUNKLINE_BIN", project::server_binary());
    if setting.long {
        command.env(LONG, "1");
    }
    let outcome = task::run("rust tests", &mut command)?;
    let read = if has_nextest { count::nextest } else { count::cargo_test };
    let mut done = counted(read(&outcome.output), &outcome);
    if done.count.failed > 0 {
        done.detail = format!("{}\n{}", failures(&outcome.output), done.detail);
    }
    Ok(done)
}

/// Examples in documentation, which nextest does not run. A workspace without any passes.
pub(super) fn doc_examples(setting: &Setting) -> Result<Done> {
    let words = [&["test", "--workspace", "--doc"], lints(setting)].concat();
    let outcome = cargo("doc examples", &words)?;
    let count = count::cargo_test(&outcome.output);
    if outcome.success && count == Count::default() {
        return Ok(Done::single(true, String::new));
    }
    Ok(counted(count, &outcome))
}

/// Generated files are what the code generates now.
pub(super) fn generated(_: &Setting) -> Result<Done> {
    crate::reference::verify().map(|stale| {
        Done::single(stale.is_empty(), || format!("run cargo xtask reference\n{}", stale.join("\n")))
    })
}

/// The studio in Chromium against the binary that the Rust tests used.
pub(super) fn browser_tests(setting: &Setting) -> Result<Done> {
    let browser = machine::BROWSER.path().context("no Chromium; see the message at the start")?;
    studio::build()?;
    components::build()?;
    build_server(setting)?;
    components::examples(&project::server_binary())?;
    let mut files: Vec<String> = project::files()?
        .into_iter()
        .filter(|file| file.starts_with("tests/studio/") && file.ends_with(".test.mjs"))
        .collect();
    files.sort();
    let mut command = Command::new("node");
    command
        .args(["--test", "--test-reporter=spec", "--test-concurrency=2"])
        .args(files)
        .current_dir(project::root())
        .env("TRUNKLINE_BIN", project::server_binary())
        .env("CHROMIUM", browser);
    if setting.long {
        command.env(LONG, "1");
    }
    let outcome = task::run("browser tests", &mut command)?;
    Ok(counted(count::node(&outcome.output), &outcome))
}

/// Licences, bans and sources of dependencies, where cargo-deny is installed.
pub(super) fn licences(_: &Setting) -> Result<Done> {
    if machine::find("cargo-deny").is_none() {
        return Ok(Done::skipped("cargo-deny is not installed (cargo install cargo-deny)"));
    }
    let outcome = cargo("licences", &["deny", "check", "licenses", "bans", "sources"])?;
    Ok(Done::single(outcome.success, || outcome.tail()))
}

fn build_server(setting: &Setting) -> Result<()> {
    let outcome = build(setting)?;
    anyhow::ensure!(outcome.success, "the server did not build\n{}", outcome.tail());
    Ok(())
}

/// The server's binary, together with the tests: built apart, what both use would be compiled twice, because what
/// tests depend on turns on more of it.
fn build(setting: &Setting) -> Result<task::Outcome> {
    cargo("server build", &[&["build", "--workspace", "--bins", "--tests"], lints(setting)].concat())
}

/// What makes Cargo compile our own crates with the lints. It is said on the command line, where the programs that tests
/// start do not hear it: they compile plugins.
fn lints(setting: &Setting) -> &'static [&'static str] {
    if setting.lint_while_building {
        &["--config", "build.rustc-workspace-wrapper='clippy-driver'"]
    } else {
        &[]
    }
}

fn counted(count: Count, outcome: &task::Outcome) -> Done {
    let count = count.judged(outcome.success);
    Done { count, detail: if count.failed > 0 { outcome.tail() } else { String::new() } }
}

/// The lines that name failed tests: the tail alone may hold only the last one.
fn failures(output: &str) -> String {
    let mut named: Vec<&str> = output
        .lines()
        .map(str::trim)
        .filter(|line| {
            line.starts_with("FAIL [") || line.starts_with("TIMEOUT [") || line.ends_with("... FAILED")
        })
        .collect();
    named.sort_unstable();
    named.dedup();
    named.join("\n")
}
