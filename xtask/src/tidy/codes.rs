//! Error codes and their pages: each code in the code has a page, each page has a code.

use super::{Finding, SourceFile};
use anyhow::Result;
use std::collections::BTreeMap;

const FOLDER: &str = "docs/errors/";

/// Crates whose errors people see.
const CRATES: [&str; 6] =
    ["engine/src/", "leads/src/", "connectors/src/", "plugins/src/", "store/src/", "server/src/"];

const TEST_MARKS: [&str; 3] = ["#[cfg(test)]\nmod tests {", "\n#[test]", "\n#[tokio::test]"];

fn is_product(path: &str) -> bool {
    CRATES.iter().any(|folder| path.starts_with(folder))
        && !path.ends_with("tests.rs")
        && !path.contains("/tests/")
}

/// Every code has a page and every page a code.
pub(super) fn pages(files: &[SourceFile]) -> Result<Vec<Finding>> {
    let mut used: BTreeMap<String, Finding> = BTreeMap::new();
    for file in files.iter().filter(|file| is_product(&file.path)) {
        // Tests make up codes of their own; they stand at the end of a file.
        let end = TEST_MARKS.iter().filter_map(|mark| file.text.find(mark)).min().unwrap_or(file.text.len());
        for (number, line) in file.text[..end].lines().enumerate() {
            for code in quoted_codes(line) {
                let what = format!("{code} has no page; write {FOLDER}{code}.md");
                used.entry(code.to_owned()).or_insert_with(|| Finding::at(file, number + 1, what));
            }
        }
    }
    let mut findings = Vec::new();
    for page in files.iter().filter_map(|file| page_code(&file.path)) {
        if used.remove(page).is_none() {
            findings.push(Finding::of(format!("{FOLDER}{page}.md"), "no code uses this page; take it out"));
        }
    }
    findings.extend(used.into_values());
    Ok(findings)
}

/// Every page says what happened, what to do and who acts.
pub(super) fn form(files: &[SourceFile]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    for file in files {
        let Some(code) = page_code(&file.path) else { continue };
        if !file.text.starts_with(&format!("# {code}: ")) {
            findings.push(Finding::at(file, 1, format!("begin with \"# {code}: \" and what happened")));
        }
        for part in ["**What to do.**", "**Who acts.**"] {
            if !file.text.contains(part) {
                findings.push(Finding::of(&file.path, format!("the part {part} is missing")));
            }
        }
    }
    Ok(findings)
}

fn page_code(path: &str) -> Option<&str> {
    let code = path.strip_prefix(FOLDER)?.strip_suffix(".md")?;
    is_code(code).then_some(code)
}

/// Codes where an error is made: alone between quotation marks, or before a colon at the start of a text.
fn quoted_codes(line: &str) -> impl Iterator<Item = &str> {
    let texts = line.split('"').skip(1).step_by(2);
    texts.filter_map(|text| text.split(": ").next().filter(|code| is_code(code)))
}

/// Two to six capitals, a dash, four digits.
fn is_code(text: &str) -> bool {
    text.split_once('-').is_some_and(|(area, number)| {
        (2..=6).contains(&area.len())
            && area.bytes().all(|byte| byte.is_ascii_uppercase())
            && number.len() == 4
            && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::super::file;
    use super::*;

    #[test]
    fn a_code_without_page_and_a_page_without_code_are_found() {
        let files = [
            file("engine/src/a.rs", "fail(\"RUN-0001\", \"no RUN-0009 here\"); fail(\"RUN-0002: why\");"),
            file(
                "docs/errors/RUN-0001.md",
                "# RUN-0001: It stopped\n\n**What to do.** Start.\n\n**Who acts.** You.\n",
            ),
            file("docs/errors/RUN-0003.md", "# Something else\n"),
        ];
        let said: Vec<String> = pages(&files).unwrap().into_iter().map(|found| found.what).collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(said[0].contains("no code uses") && said[1].contains("RUN-0002 has no page"));
        assert_eq!(form(&files).unwrap().len(), 3);
    }
}
