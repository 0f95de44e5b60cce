//! `run` and `dev`: build what changed, then serve.

use crate::{components, project, studio};
use anyhow::{Context as _, Result};
use std::process::{Child, Command};
use std::time::Instant;

/// Builds server and studio side by side and becomes the server.
pub(crate) fn run(flags: &[String]) -> Result<()> {
    let started = Instant::now();
    println!("Building the server and the studio. The first time takes minutes, later seconds.");
    let bundle = std::thread::spawn(|| studio::build().and_then(|()| components::build()));
    let server = project::build_server();
    // Both are awaited before either failure is told, so that no half-built bundle is left behind.
    let bundle = bundle.join().expect("the studio's build does not panic");
    server?;
    bundle?;
    println!("Ready after {:.0} s.", started.elapsed().as_secs_f32());
    become_server(flags)
}

/// The server and Vite's development server together; ends with either.
pub(crate) fn dev() -> Result<()> {
    let packages = std::thread::spawn(|| studio::install().and_then(|()| components::build()));
    let server = project::build_server();
    packages.join().expect("the studio's installation does not panic")?;
    server?;
    let mut serve = Ended(serve_command(&[]).spawn().context("cannot start the server")?);
    let mut vite = Ended(studio::npm(&["run", "dev"]).env_remove("CI").spawn().context("cannot start Vite")?);
    println!("Studio with live reload: http://127.0.0.1:5173");
    loop {
        if serve.0.try_wait()?.is_some() || vite.0.try_wait()?.is_some() {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
}

fn serve_command(flags: &[String]) -> Command {
    let mut command = Command::new(project::server_binary());
    command.current_dir(project::root()).args(["serve"]);
    // Flags of the caller win: clap takes each flag once.
    for (flag, value) in [("--data", "data"), ("--listen", "127.0.0.1:7878")] {
        if !flags.iter().any(|given| given == flag || given.starts_with(&format!("{flag}="))) {
            command.args([flag, value]);
        }
    }
    // Whoever starts it from the sources wants to see it at work; later starts change nothing.
    let is_chosen = |given: &String| given == "--example" || given == "--empty";
    if !flags.iter().any(is_chosen) {
        command.arg("--example");
    }
    command.args(flags);
    command
}

/// Replaces this process, so that Ctrl-C and signals reach the server itself.
#[cfg(unix)]
fn become_server(flags: &[String]) -> Result<()> {
    use std::os::unix::process::CommandExt as _;
    Err(serve_command(flags).exec()).context("cannot start the server")
}

#[cfg(not(unix))]
fn become_server(flags: &[String]) -> Result<()> {
    let status = serve_command(flags).status().context("cannot start the server")?;
    anyhow::ensure!(status.success(), "the server ended with {status}");
    Ok(())
}

/// A child that does not outlive us.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        // It may have ended already, which is what we want.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
