//! One program run with its output kept, and a sign of life while it works.

use crate::project;
use anyhow::{Context as _, Result};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

/// A program that says nothing new for this long is reported as still at work.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);
/// Lines a reader may lag behind before the program waits.
const LINES_AHEAD: usize = 1024;
/// Lines shown of a program that failed.
const TAIL: usize = 60;

/// What a program left behind.
pub(crate) struct Outcome {
    pub(crate) success: bool,
    /// Standard output and standard error, as they came, without colour codes.
    pub(crate) output: String,
    pub(crate) log: PathBuf,
}

impl Outcome {
    /// The end of the output, for the reader of a failure.
    pub(crate) fn tail(&self) -> String {
        self.tail_without(|_| false)
    }

    /// The end of the output without the lines that are `dull`.
    pub(crate) fn tail_without(&self, dull: impl Fn(&str) -> bool) -> String {
        let lines: Vec<&str> = self.output.lines().filter(|line| !dull(line)).collect();
        let shown = &lines[lines.len().saturating_sub(TAIL)..];
        format!("{}\n(all of it: {})", shown.join("\n"), self.log.display())
    }
}

/// Runs `command` to its end. Its output goes to `target/xtask/<name>.log`; every twenty seconds the
/// last line is shown, so that nobody watches a silent screen.
pub(crate) fn run(name: &str, command: &mut Command) -> Result<Outcome> {
    let log = log_path(name)?;
    let mut file = File::create(&log)?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
    let (send, lines) = mpsc::sync_channel::<String>(LINES_AHEAD);
    let pipes: [Box<dyn std::io::Read + Send>; 2] = [
        Box::new(child.stdout.take().expect("stdout is piped")),
        Box::new(child.stderr.take().expect("stderr is piped")),
    ];
    for pipe in pipes {
        let send = send.clone();
        std::thread::spawn(move || {
            let lines = BufReader::new(pipe).split(b'\n').map_while(Result::ok);
            // The receiver lives until both pipes are closed.
            lines.for_each(|line| drop(send.send(String::from_utf8_lossy(&line).into_owned())));
        });
    }
    drop(send);
    let started = Instant::now();
    let mut output = String::new();
    let mut last = String::new();
    let mut next_sign = started + SIGN_OF_LIFE;
    loop {
        match lines.recv_timeout(next_sign.saturating_duration_since(Instant::now())) {
            Ok(line) => {
                let line = without_colour(&line);
                writeln!(file, "{line}")?;
                output.push_str(&line);
                output.push('\n');
                if !line.trim().is_empty() {
                    last = line.trim().chars().take(90).collect();
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                println!("    {name}: {:.0} s, {last}", started.elapsed().as_secs_f32());
                next_sign = Instant::now() + SIGN_OF_LIFE;
            }
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let success = child.wait()?.success();
    Ok(Outcome { success, output, log })
}

fn log_path(name: &str) -> Result<PathBuf> {
    let folder = project::target().join("xtask");
    fs::create_dir_all(&folder)?;
    Ok(folder.join(format!("{}.log", name.replace([' ', '/'], "-"))))
}

/// Drops terminal colour sequences, so that logs and counts read plain text.
fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        if character == '\u{1b}' {
            // A sequence ends with its first letter.
            characters.by_ref().find(char::is_ascii_alphabetic);
        } else if character != '\r' {
            plain.push(character);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_path_is_still_one_file() {
        let log = log_path("npm ci in tests/oauth").unwrap();
        assert_eq!(log.file_name().unwrap(), "npm-ci-in-tests-oauth.log");
    }

    #[test]
    fn keeps_output_of_both_streams_and_the_verdict() {
        let outcome =
            run("self-test", Command::new("sh").args(["-c", "echo one; echo two >&2; exit 3"])).unwrap();
        assert!(!outcome.success);
        assert!(outcome.output.contains("one\n") && outcome.output.contains("two\n"));
    }

    #[test]
    fn colours_are_dropped() {
        assert_eq!(without_colour("\u{1b}[1;32mok\u{1b}[0m done\r"), "ok done");
    }
}
