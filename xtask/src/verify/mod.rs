//! `cargo xtask test`: everything there is to check, from a bare machine, with one line at the end.
//!
//! The parts run in two lanes, because compiling Rust and installing the studio's packages wait for
//! different things. A part that cannot run is a failure, never a silence.

mod count;
mod needs;
mod parts;

use anyhow::Result;
use count::Count;
use std::process::ExitCode;
use std::time::Instant;

/// One part of the whole: what it is called and how it is done.
struct Part {
    name: &'static str,
    work: fn(&Setting) -> Result<Done>,
}

/// What the caller asked for.
pub(crate) struct Setting {
    /// Also the forms that take minutes.
    pub(crate) long: bool,
    /// The build is the lint, and is not done twice.
    pub(crate) lint_while_building: bool,
}

/// How a part ended.
struct Done {
    count: Count,
    /// What the reader of a failure needs to see.
    detail: String,
}

impl Done {
    /// A part that is one check, passed or failed.
    fn single(passed: bool, detail: impl FnOnce() -> String) -> Self {
        let detail = if passed { String::new() } else { detail() };
        Self { count: Count::of(passed), detail }
    }

    fn skipped(why: &str) -> Self {
        Self { count: Count { skipped: 1, ..Count::default() }, detail: why.to_owned() }
    }
}

/// A line of the summary.
struct Line {
    name: &'static str,
    count: Count,
    seconds: f32,
    detail: String,
}

/// Compiles and lints while the other lane looks after the studio.
const RUST_LANE: [Part; 3] = [
    Part { name: "format", work: parts::format },
    Part { name: "tidy", work: parts::tidy },
    Part { name: "clippy", work: parts::clippy },
];
const STUDIO_LANE: [Part; 4] = [
    Part { name: "studio build", work: parts::studio_build },
    Part { name: "studio check", work: parts::studio_check },
    Part { name: "studio tests", work: parts::studio_tests },
    Part { name: "studio size", work: parts::studio_size },
];
/// What needs both: the tests of the server serve the studio.
const TOGETHER: [Part; 5] = [
    Part { name: "rust tests", work: parts::rust_tests },
    Part { name: "doc examples", work: parts::doc_examples },
    Part { name: "generated files", work: parts::generated },
    Part { name: "browser tests", work: parts::browser_tests },
    Part { name: "licences", work: parts::licences },
];

/// Runs every part whose name contains one of `words` (all, without words).
pub(crate) fn everything(setting: &Setting, words: &[String]) -> Result<ExitCode> {
    let started = Instant::now();
    let wanted = |part: &Part| words.is_empty() || words.iter().any(|word| part.name.contains(word.as_str()));
    let later: Vec<&str> = TOGETHER.iter().filter(|part| wanted(part)).map(|part| part.name).collect();
    let lane = |lane: &[Part]| -> Vec<Line> {
        lane.iter().filter(|part| wanted(part)).map(|part| perform(part, setting)).collect()
    };
    let mut lines = std::thread::scope(|scope| {
        scope.spawn(|| needs::install(&later));
        let studio = scope.spawn(|| lane(&STUDIO_LANE));
        let mut lines = lane(&RUST_LANE);
        lines.extend(studio.join().expect("a part does not panic"));
        lines
    });
    lines.extend(lane(&TOGETHER));
    Ok(summarise(&lines, started.elapsed().as_secs_f32()))
}

fn perform(part: &Part, setting: &Setting) -> Line {
    println!("  {} ...", part.name);
    let started = Instant::now();
    let done = (part.work)(setting)
        .unwrap_or_else(|error| Done { count: Count::of(false), detail: format!("{error:#}") });
    let line = Line {
        name: part.name,
        count: done.count,
        seconds: started.elapsed().as_secs_f32(),
        detail: done.detail,
    };
    println!("  {} {} ({:.0} s)", part.name, verdict(&line), line.seconds);
    line
}

fn verdict(line: &Line) -> &'static str {
    match line.count {
        Count { failed: 1.., .. } => "FAILED",
        Count { passed: 0, .. } => "skipped",
        _ => "ok",
    }
}

/// Prints failures, the table and the last line; the exit code follows it.
fn summarise(lines: &[Line], seconds: f32) -> ExitCode {
    for line in lines.iter().filter(|line| !line.detail.is_empty()) {
        println!("\n== {}: {}\n{}", line.name, verdict(line), line.detail.trim_end());
    }
    println!("\n{:<18} {:>7} {:>7} {:>8} {:>8}", "part", "passed", "failed", "skipped", "seconds");
    let mut total = Count::default();
    for Line { name, count, seconds, .. } in lines {
        println!("{name:<18} {:>7} {:>7} {:>8} {seconds:>8.0}", count.passed, count.failed, count.skipped);
        total.add(*count);
    }
    println!("{:<18} {:>33.0}\n", "wall clock", seconds);
    println!("{} passed, {} failed, {} skipped", total.passed, total.failed, total.skipped);
    // Nothing run is nothing proven.
    if total.failed > 0 || total.passed == 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
