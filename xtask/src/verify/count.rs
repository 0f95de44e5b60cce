//! Reading how many tests passed, failed and were skipped from what test runners print.

/// Tests by outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) passed: u32,
    pub(super) failed: u32,
    pub(super) skipped: u32,
}

impl Count {
    pub(super) fn of(passed: bool) -> Self {
        if passed { Self { passed: 1, ..Self::default() } } else { Self { failed: 1, ..Self::default() } }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }

    /// Believes the runner's verdict over its numbers: a run that failed without a failed test (it did
    /// not compile, it crashed) counts as one failure, and so does one in which nothing ran.
    pub(super) fn judged(mut self, success: bool) -> Self {
        if self.failed == 0 && (!success || self.passed + self.skipped == 0) {
            self.failed = 1;
        }
        self
    }
}

/// `Summary [ 0.4s] 23 tests run: 21 passed (1 slow), 1 failed, 1 timed out, 2 skipped`.
pub(super) fn nextest(output: &str) -> Count {
    let line = output.lines().rev().find(|line| line.trim_start().starts_with("Summary ["));
    let outcomes = line.and_then(|line| line.split_once("run:")).map_or("", |(_, outcomes)| outcomes);
    Count {
        passed: before(outcomes, "passed"),
        failed: before(outcomes, "failed") + before(outcomes, "timed out") + before(outcomes, "exec failed"),
        skipped: before(outcomes, "skipped"),
    }
}

/// `test result: ok. 13 passed; 0 failed; 1 ignored; ...`, one line for each binary.
pub(super) fn cargo_test(output: &str) -> Count {
    let mut total = Count::default();
    for line in output.lines().filter(|line| line.starts_with("test result:")) {
        total.add(Count {
            passed: before(line, "passed"),
            failed: before(line, "failed"),
            skipped: before(line, "ignored"),
        });
    }
    total
}

/// `Tests  1 failed | 11 passed | 2 skipped (14)`.
pub(super) fn vitest(output: &str) -> Count {
    let line = output.lines().rev().find(|line| line.trim_start().starts_with("Tests ")).unwrap_or("");
    Count { passed: before(line, "passed"), failed: before(line, "failed"), skipped: before(line, "skipped") }
}

/// The closing lines of Node's runner: `ℹ pass 3`, `ℹ fail 0`, `ℹ cancelled 0`, `ℹ skipped 1`.
pub(super) fn node(output: &str) -> Count {
    let number = |name: &str| {
        let found = output.lines().rev().find_map(|line| line.trim().strip_prefix("ℹ ")?.strip_prefix(name));
        found.and_then(|rest| rest.trim().parse().ok()).unwrap_or(0)
    };
    Count {
        passed: number("pass "),
        failed: number("fail ") + number("cancelled "),
        skipped: number("skipped "),
    }
}

/// The number that stands before `word`, or 0.
fn before(text: &str, word: &str) -> u32 {
    text.match_indices(word)
        .find_map(|(position, _)| text[..position].split_whitespace().next_back()?.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(passed: u32, failed: u32, skipped: u32) -> Count {
        Count { passed, failed, skipped }
    }

    #[test]
    fn reads_each_runner() {
        let summary =
            "  Summary [   0.4s] 23 tests run: 21 passed (1 slow), 1 failed, 1 timed out, 2 skipped";
        assert_eq!(nextest(summary), count(21, 2, 2));
        let two = "test result: ok. 13 passed; 0 failed; 1 ignored; 0 measured\nx\ntest result: FAILED. 2 passed; 1 failed; 0 ignored";
        assert_eq!(cargo_test(two), count(15, 1, 1));
        let studio = " Test Files  3 passed (3)\n      Tests  1 failed | 11 passed | 2 skipped (14)\n";
        assert_eq!(vitest(studio), count(11, 1, 2));
        assert_eq!(node("ℹ tests 4\nℹ pass 3\nℹ fail 0\nℹ cancelled 0\nℹ skipped 1\n"), count(3, 0, 1));
    }

    #[test]
    fn silence_and_crashes_are_failures() {
        assert_eq!(Count::default().judged(true), count(0, 1, 0));
        assert_eq!(count(3, 0, 0).judged(false), count(3, 1, 0));
        assert_eq!(count(3, 2, 0).judged(false), count(3, 2, 0));
        assert_eq!(count(3, 0, 1).judged(true), count(3, 0, 1));
    }
}
