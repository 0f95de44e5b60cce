//! What results of jobs are counted under, and what people read.

use super::outcome::{Difference, Outcome, differences};
use std::borrow::Cow;

/// The group of an old run compared with its rehearsal, and everything in which they differ. `unknown` says that the
/// rehearsal needed something nobody knows.
#[must_use]
pub fn compare(old: &Outcome, new: &Outcome, unknown: bool) -> (&'static str, Vec<Difference>) {
    let errs_anew = match (&old.error, &new.error) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(was), Some(is)) => (&was.code, &was.step) != (&is.code, &is.step),
    };
    let all = differences(old, new, unknown || errs_anew);
    if unknown {
        // What stopped it is no outcome, so neither is the error that says so.
        let known: Vec<Difference> = all
            .into_iter()
            .filter(|one| !["Error", "Status", "Path"].contains(&one.label.as_str()))
            .collect();
        let group = first_of(&known).unwrap_or("not_known");
        return (group, known);
    }
    if errs_anew {
        return ("new_error", all);
    }
    let group = first_of(&all).unwrap_or("same");
    (group, all)
}

fn first_of(all: &[Difference]) -> Option<&'static str> {
    let has = |label: &str| {
        all.iter().any(|one| one.label == label || one.label.starts_with(&format!("{label} of ")))
    };
    let known = |label: &str| {
        ["Owner", "Stage", "Score", "Error", "Status", "Path"]
            .iter()
            .any(|known| label == *known || label.starts_with(&format!("{known} of ")))
    };
    if all.is_empty() {
        None
    } else if has("Owner") {
        Some("other_owner")
    } else if has("Stage") {
        Some("other_stage")
    } else if has("Score") {
        Some("other_score")
    } else if all.iter().any(|one| !known(&one.label)) {
        Some("other_writes")
    } else {
        Some("other_path")
    }
}

/// What people read of a group of a job of `kind`.
#[must_use]
pub fn label<'g>(kind: &str, group: &'g str) -> Cow<'g, str> {
    if let Some(threshold) = group.strip_prefix("reach:") {
        return format!("would become {threshold}").into();
    }
    if let Some(threshold) = group.strip_prefix("cease:") {
        return format!("would cease to be {threshold}").into();
    }
    let label = match (kind, group) {
        (_, "same") => "same",
        (_, "other_owner") => "other owner",
        (_, "other_stage") => "other stage",
        (_, "other_score") => "other score",
        (_, "other_writes") => "other writes",
        (_, "other_path") => "other path",
        (_, "new_error") => "new errors",
        (_, "not_known") => "not known from history",
        ("dry_run", "completed") => "would complete",
        ("dry_run", "failed") => "would fail",
        ("dry_run", "waiting") => "would not end",
        ("match_again", "matched") => "get an account",
        ("match_again", "moved") => "move to another account",
        ("match_again", "unsure") => "wait for a person",
        ("run_again", "started") => "started",
        ("run_again", "refused") => "not started",
        ("import_undo", "removed") => "leads removed",
        ("import_undo", "restored") => "put back",
        ("import_undo", "kept") => "changed since and kept",
        ("find_duplicates", "merged") => "merged",
        ("find_duplicates", "refused") => "not merged",
        ("assess" | "change_leads", "changed") => "changed",
        ("change_leads", "already") => "stood so already",
        ("change_leads", "failed") => "could not be changed",
        ("change_leads", "started") => "runs started",
        ("change_leads", "erased") => "erased",
        ("count_leads", "found") => "found",
        ("score_trial", "same_score") => "with the same score",
        ("segment_trial", "enter") => "would enter",
        ("segment_trial", "leave") => "would leave",
        ("segment_trial", "stay") => "would stay",
        ("segment_trial", "outside") => "would stay outside",
        (_, other) => other,
    };
    label.into()
}

/// The place of a group among others of its kind.
#[must_use]
pub fn rank(group: &str) -> usize {
    const ORDER: [&str; 13] = [
        "same",
        "other_owner",
        "other_stage",
        "other_score",
        "other_writes",
        "other_path",
        "new_error",
        "not_known",
        "completed",
        "failed",
        "waiting",
        "started",
        "refused",
    ];
    ORDER.iter().position(|known| *known == group).unwrap_or(ORDER.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rehearse::outcome::{OutcomeError, Taken};

    fn outcome() -> Outcome {
        Outcome {
            status: "completed".into(),
            error: None,
            owner: Some("Ana".into()),
            stage: Some("MQL".into()),
            score: Some(70),
            lists: Vec::new(),
            path: vec![Taken { from: "a".into(), port: "out".into(), to: "b".into(), count: 1 }],
            more: Vec::new(),
            written: Vec::new(),
        }
    }

    fn failed(code: &str) -> Outcome {
        let error = OutcomeError {
            code: code.into(),
            step: "b".into(),
            message: String::new(),
            action: String::new(),
        };
        Outcome { status: "failed".into(), error: Some(error), owner: None, path: Vec::new(), ..outcome() }
    }

    #[test]
    fn the_first_thing_that_differs_decides() {
        let old = outcome();
        let with = |change: fn(&mut Outcome)| {
            let mut new = outcome();
            change(&mut new);
            compare(&old, &new, false).0
        };
        assert_eq!(with(|_| {}), "same");
        assert_eq!(
            with(|new| (new.owner, new.stage) = (Some("Ben".into()), Some("SQL".into()))),
            "other_owner"
        );
        assert_eq!(with(|new| (new.stage, new.score) = (Some("SQL".into()), Some(90))), "other_stage");
        assert_eq!(with(|new| new.score = Some(90)), "other_score");
        assert_eq!(with(|new| new.lists.push("Hot".into())), "other_writes");
        assert_eq!(with(|new| new.path.clear()), "other_path");
    }

    #[test]
    fn a_failure_is_new_once_and_hides_what_it_kept_from_happening() {
        assert_eq!(compare(&outcome(), &failed("LEAD-0004"), false).0, "new_error");
        assert_eq!(compare(&failed("LEAD-0004"), &failed("LEAD-0004"), false).0, "same");
        assert_eq!(compare(&failed("LEAD-0004"), &failed("LEAD-0005"), false).0, "new_error");
        assert_eq!(compare(&failed("LEAD-0004"), &outcome(), false).0, "other_owner");
    }

    #[test]
    fn what_is_not_known_counts_only_when_nothing_else_differs() {
        let mut unknown = failed("RUN-0030");
        assert_eq!(compare(&outcome(), &unknown, true), ("not_known", Vec::new()));
        unknown.stage = Some("SQL".into());
        let (group, all) = compare(&outcome(), &unknown, true);
        assert_eq!((group, all.len()), ("other_stage", 1));
    }
}
