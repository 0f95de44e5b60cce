//! Checks of pages: reference, decision records, links.

use super::{Finding, SourceFile};
use anyhow::Result;
use std::collections::HashSet;

const REFERENCE: &str = "docs/reference/steps/";

/// Folders in which one file is one step kind.
const STEP_FOLDERS: [&str; 4] =
    ["engine/src/steps/", "leads/src/steps/", "leads/src/suppression/steps/", "leads/src/table/steps/"];

/// Step kinds that stand in no such folder: what keeps two apps in step, and what people wrote themselves.
const ELSEWHERE: [&str; 2] = ["sync_records", "code"];

/// Every step kind has a page in the generated reference, and no page is left of one that went.
pub(super) fn step_pages(files: &[SourceFile]) -> Result<Vec<Finding>> {
    let mut pages: HashSet<&str> =
        files.iter().filter_map(|file| file.path.strip_prefix(REFERENCE)?.strip_suffix(".md")).collect();
    pages.remove("README");
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| STEP_FOLDERS.iter().any(|folder| file.path.starts_with(folder))) {
        for (number, line) in file.text.lines().enumerate() {
            let Some(kind) = declared_kind(line) else { continue };
            if !pages.remove(kind) {
                findings.push(Finding::at(
                    file,
                    number + 1,
                    format!("{kind} has no page {REFERENCE}{kind}.md"),
                ));
            }
        }
    }
    let missing: Vec<&str> = ELSEWHERE.into_iter().filter(|kind| !pages.remove(kind)).collect();
    let orphans = pages
        .into_iter()
        .map(|kind| Finding::of(format!("{REFERENCE}{kind}.md"), "no step kind declares this name"));
    findings.extend(orphans);
    let missing = missing.into_iter();
    findings.extend(missing.map(|kind| Finding::of(format!("{REFERENCE}{kind}.md"), "the page is missing")));
    Ok(findings)
}

/// The name in a descriptor's `kind: "name"` line.
fn declared_kind(line: &str) -> Option<&str> {
    let kind = line.trim().strip_prefix("kind: \"")?.strip_suffix("\",")?;
    kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_').then_some(kind)
}

/// Every decision record has its four parts.
pub(super) fn decisions(files: &[SourceFile]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path.starts_with("docs/adr/")) {
        for part in ["## Context", "## Decision", "## Rejected", "## Consequences"] {
            if !file.text.contains(part) {
                findings.push(Finding::of(&file.path, format!("the part \"{part}\" is missing")));
            }
        }
    }
    Ok(findings)
}

/// Every link from a page to a file of the repository leads somewhere.
pub(super) fn links(files: &[SourceFile]) -> Result<Vec<Finding>> {
    let root = crate::project::root();
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.extension() == "md") {
        let folder = root.join(file.path.rsplit_once('/').map_or("", |(folder, _)| folder));
        for (number, line) in file.text.lines().enumerate() {
            for target in link_targets(line) {
                if !folder.join(target).exists() {
                    findings.push(Finding::at(
                        file,
                        number + 1,
                        format!("the link to {target} leads nowhere"),
                    ));
                }
            }
        }
    }
    Ok(findings)
}

/// Targets of `[text](target)` that name a file, without their `#part`.
fn link_targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| {
        let target = rest.split(')').next()?.split(['#', ' ']).next()?;
        let is_file = !target.is_empty() && !target.contains(':') && !target.starts_with('/');
        is_file.then_some(target)
    })
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn links_to_files_are_seen_and_others_left_alone() {
        let line = "see [a](docs/a.md#part), [b](https://example.com/x), [c](#here) and ![d](../d.png \"t\")";
        assert_eq!(link_targets(line).collect::<Vec<_>>(), ["docs/a.md", "../d.png"]);
    }

    #[test]
    fn a_kind_without_page_and_a_page_without_kind_are_found() {
        let files = [
            file("engine/src/steps/wait.rs", "        kind: \"wait\",\n"),
            file("docs/reference/steps/gone.md", "# Gone\n"),
        ];
        let said: Vec<String> = step_pages(&files).unwrap().into_iter().map(|found| found.what).collect();
        assert!(said[0].starts_with("wait has no page") && said[1].contains("no step kind"), "{said:?}");
    }

    #[test]
    fn a_decision_record_needs_all_its_parts() {
        let record = file("docs/adr/0001-x.md", "# X\n## Context\n## Decision\n## Consequences\n");
        assert_eq!(decisions(&[record]).unwrap().len(), 1);
    }
}
