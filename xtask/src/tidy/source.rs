//! Checks that look at one file at a time.

use super::{Finding, SourceFile};
use anyhow::Result;

/// Lines after which a file holds more than one idea.
const MOST_LINES: usize = 600;

const CODE: [&str; 8] = ["rs", "ts", "tsx", "mjs", "js", "css", "sql", "sh"];

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 8] = ["util", "utils", "common", "helper", "helpers", "manager", "misc", "stuff"];

fn is_generated(file: &SourceFile) -> bool {
    file.path.ends_with("Cargo.lock")
        || file.path.ends_with("package-lock.json")
        || file.path.starts_with("docs/reference/")
        || file.path == "studio/src/api/schema.d.ts"
}

fn is_code(file: &SourceFile) -> bool {
    CODE.contains(&file.extension()) && !is_generated(file)
}

/// No file of code is longer than [`MOST_LINES`].
pub(super) fn length(files: &[SourceFile]) -> Result<Vec<Finding>> {
    let long = files.iter().filter(|file| is_code(file)).filter_map(|file| {
        let lines = file.text.lines().count();
        let what = format!("{lines} lines; split it by what it is about (at most {MOST_LINES})");
        (lines > MOST_LINES).then(|| Finding::of(&file.path, what))
    });
    Ok(long.collect())
}

/// Nothing is left for later and nothing prints for debugging.
pub(super) fn leftovers(files: &[SourceFile]) -> Result<Vec<Finding>> {
    // Written in halves, so that this file does not find itself.
    let words = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("XX", "X:"),
        concat!("db", "g!("),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!("debug", "ger;"),
        concat!("test.", "only("),
    ];
    Ok(lines_with(files, is_code, &words, "is a leftover: finish it or take it out"))
}

/// Every file and folder has a name that says what is inside.
pub(super) fn names(files: &[SourceFile]) -> Result<Vec<Finding>> {
    let vague = files.iter().filter_map(|file| {
        let name = file.path.split('/').find(|part| {
            let stem = part.split('.').next().unwrap_or(part);
            EMPTY_NAMES.contains(&stem)
        })?;
        Some(Finding::of(&file.path, format!("\"{name}\" says nothing; name it after what it does")))
    });
    Ok(vague.collect())
}

/// No path of somebody's machine and no number of a tracker stands in the repository.
pub(super) fn traces(files: &[SourceFile]) -> Result<Vec<Finding>> {
    let words = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/home", "/"),
        concat!("iss", "ue #"),
        concat!("Iss", "ue #"),
    ];
    let readable = |file: &SourceFile| !is_generated(file) && file.extension() != "svg";
    Ok(lines_with(files, readable, &words, "belongs to one machine or tracker"))
}

/// Every Rust file begins by saying what it is.
pub(super) fn headers(files: &[SourceFile]) -> Result<Vec<Finding>> {
    let silent = files.iter().filter(|file| {
        let begins = file.text.trim_start();
        file.extension() == "rs" && !begins.starts_with("//!") && !begins.starts_with("#![doc")
    });
    Ok(silent.map(|file| Finding::of(&file.path, "begin with //! and say what this file is")).collect())
}

fn lines_with(
    files: &[SourceFile],
    wanted: impl Fn(&SourceFile) -> bool,
    words: &[&str],
    what: &str,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| wanted(file)) {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(word) = words.iter().find(|word| line.contains(*word)) {
                findings.push(Finding::at(file, number + 1, format!("\"{word}\" {what}")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn finds_what_it_should_and_leaves_the_rest() {
        let long = file("a/long.rs", &"x\n".repeat(MOST_LINES + 1));
        let files = [
            long,
            file("a/fine.rs", "//! Fine.\nlet x = 1;\n"),
            file("a/later.rs", concat!("//! Later.\n// TO", "DO: more\n")),
            file("b/utils.ts", "export {};\n"),
            file("b/path.md", concat!("see /wo", "rk/x\n")),
        ];
        let paths = |findings: Vec<Finding>| findings.into_iter().map(|found| found.path).collect::<Vec<_>>();
        assert_eq!(paths(length(&files).unwrap()), ["a/long.rs"]);
        assert_eq!(paths(leftovers(&files).unwrap()), ["a/later.rs"]);
        assert_eq!(paths(names(&files).unwrap()), ["b/utils.ts"]);
        assert_eq!(paths(traces(&files).unwrap()), ["b/path.md"]);
        assert_eq!(paths(headers(&files).unwrap()), ["a/long.rs"]);
    }
}
