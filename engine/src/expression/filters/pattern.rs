//! Search patterns (regular expressions) from settings and from data.
//!
//! The `regex` crate searches in linear time, so no pattern can hang a run; what is bounded here is the memory a
//! compiled pattern takes.

use regex::{Regex, RegexBuilder};
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Longest pattern, in bytes.
const MAX_PATTERN: usize = 1_000;
const MAX_COMPILED_BYTES: usize = 1024 * 1024;
/// Patterns kept compiled. A workflow uses few; one made from data each time would otherwise fill the memory.
const MAX_KEPT: usize = 128;

/// Compiles `pattern`.
///
/// # Errors
/// What is wrong with it, in a sentence.
pub(crate) fn compile_pattern(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > MAX_PATTERN {
        return Err(format!("a pattern may have {MAX_PATTERN} characters"));
    }
    let built = RegexBuilder::new(pattern)
        .size_limit(MAX_COMPILED_BYTES)
        .dfa_size_limit(MAX_COMPILED_BYTES)
        .nest_limit(50)
        .build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the pattern is too complicated".to_owned(),
        // The crate draws the place over several lines; the last one says what is wrong.
        other => {
            other.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
        }
    })
}

/// As [`compile_pattern`], and remembers the result. What is remembered changes no answer, only its speed.
pub(super) fn kept(pattern: &str) -> Result<Regex, String> {
    static KEPT: LazyLock<Mutex<HashMap<String, Regex>>> = LazyLock::new(Mutex::default);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(regex) = kept.get(pattern) {
        return Ok(regex.clone());
    }
    let regex = compile_pattern(pattern)?;
    if kept.len() >= MAX_KEPT {
        kept.clear();
    }
    kept.insert(pattern.to_owned(), regex.clone());
    Ok(regex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_bounded_and_explained() {
        assert!(compile_pattern(r"^\d{4}-\w+$").is_ok());
        assert_eq!(compile_pattern("(").unwrap_err(), "unclosed group");
        assert!(compile_pattern(r"((\w{1,500}){1,500}){1,50}").unwrap_err().contains("too complicated"));
        assert!(compile_pattern(&"a".repeat(1_001)).is_err());
    }

    #[test]
    fn many_patterns_do_not_pile_up() {
        for number in 0..1_000 {
            assert!(kept(&format!("^{number}$")).unwrap().is_match(&number.to_string()));
        }
    }
}
