//! Addresses of webhooks and forms below their common beginning.

use super::problem;
use crate::kind::ConfigProblem;

/// Longest path, in characters.
const MAX_PATH: usize = 100;

/// What is wrong with `path`: small letters, digits, hyphens, underscores and slashes, beginning with a letter or digit.
pub(super) fn check(path: &str) -> Option<ConfigProblem> {
    let spelt = path.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && path.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '/'))
        && !path.ends_with('/')
        && !path.contains("//")
        // Addresses of connected apps begin so.
        && !path.starts_with("apps/")
        && path.len() <= MAX_PATH;
    (!spelt).then(|| {
        let message = format!("\"{path}\" cannot be the path of an address");
        problem("DOC-0023", "/path", message, "Use small letters, digits and hyphens, for example new-leads.")
    })
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn paths_are_plain() {
        for path in ["new-leads", "a", "2026/spring_sale", "a/b/c"] {
            assert!(check(path).is_none(), "{path}");
        }
        let long = "a".repeat(101);
        for path in
            ["", "/a", "a/", "a//b", "New", "a b", "ä", "-a", "apps/x", "a?b", "../a", "a%2f", long.as_str()]
        {
            assert_eq!(check(path).map(|problem| problem.code), Some("DOC-0023"), "{path}");
        }
    }
}
