//! Rules about the repository that no compiler knows, each held by one small check.
//!
//! A check reads files and says what is wrong and where; it never changes anything.

mod codes;
mod crates;
mod documents;
mod source;

use crate::project;
use anyhow::Result;
use std::fs;

/// A text file of the project.
pub(crate) struct SourceFile {
    /// Relative to the root, with `/` between folders.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    fn extension(&self) -> &str {
        self.path.rsplit_once('.').map_or("", |(_, extension)| extension)
    }
}

/// One thing that is wrong.
pub(crate) struct Finding {
    path: String,
    line: Option<usize>,
    what: String,
}

impl Finding {
    fn at(file: &SourceFile, line: usize, what: impl Into<String>) -> Self {
        Self { path: file.path.clone(), line: Some(line), what: what.into() }
    }

    fn of(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self { path: path.into(), line: None, what: what.into() }
    }
}

/// A rule by name, with what it found.
pub(crate) struct Verdict {
    pub(crate) name: &'static str,
    pub(crate) findings: Vec<Finding>,
}

impl Verdict {
    /// The findings, one a line.
    pub(crate) fn report(&self) -> String {
        let lines = self.findings.iter().map(|finding| {
            let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
            format!("{}{line}: {}\n", finding.path, finding.what)
        });
        lines.collect()
    }
}

type Check = fn(&[SourceFile]) -> Result<Vec<Finding>>;

const CHECKS: [(&str, Check); 12] = [
    ("file length", source::length),
    ("leftovers", source::leftovers),
    ("file names", source::names),
    ("traces of a machine or tracker", source::traces),
    ("module headers", source::headers),
    ("arrows between crates", crates::arrows),
    ("purity of the engine", crates::purity),
    ("an error page for every code", codes::pages),
    ("form of error pages", codes::form),
    ("a reference page for every step kind", documents::step_pages),
    ("form of decision records", documents::decisions),
    ("links between pages", documents::links),
];

/// Runs every check over the files git knows or would take.
pub(crate) fn check_all() -> Result<Vec<Verdict>> {
    let files = read_files()?;
    CHECKS.iter().map(|(name, check)| Ok(Verdict { name, findings: check(&files)? })).collect()
}

fn read_files() -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    for path in project::files()? {
        // What is not UTF-8 is a picture or a font and has no text to look at.
        if let Ok(text) = String::from_utf8(fs::read(project::root().join(&path))?) {
            files.push(SourceFile { path, text });
        }
    }
    Ok(files)
}

#[cfg(test)]
pub(crate) fn file(path: &str, text: &str) -> SourceFile {
    SourceFile { path: path.to_owned(), text: text.to_owned() }
}
