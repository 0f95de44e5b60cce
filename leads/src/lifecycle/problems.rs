//! What is wrong with a lifecycle.

use super::{Lifecycle, MAX_STAGES, StageRule};
use trunkline_engine::kind::ConfigProblem;

/// Longest name of a stage in characters.
const MAX_NAME: usize = 60;

impl Lifecycle {
    /// What is wrong with it, each with a JSON Pointer into its document. Empty when it can be published.
    #[must_use]
    pub fn problems(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        if self.stages.is_empty() || self.stages.len() > MAX_STAGES {
            let says = format!("a lifecycle has between 1 and {MAX_STAGES} stages");
            problems.push(problem("/stages", says, "Add the stages your leads go through."));
        }
        for (place, stage) in self.stages.iter().enumerate() {
            let at = format!("/stages/{place}");
            self.check_stage(stage, place, &at, &mut problems);
        }
        problems
    }

    fn check_stage(&self, stage: &StageRule, place: usize, at: &str, problems: &mut Vec<ConfigProblem>) {
        let name = stage.name.trim();
        let is_taken = self.place(name).is_some_and(|first| first < place);
        if name.is_empty() || is_taken || name.chars().nth(MAX_NAME).is_some() {
            let says = format!("a stage has a name of its own, of 1 to {MAX_NAME} characters");
            problems.push(problem(format!("{at}/name"), says, "Choose another name."));
        }
        problems.extend(stage.entry.problems(&format!("{at}/entry")));
        for next in stage.moves_to.iter().flatten() {
            if self.place(next).is_none() {
                let says = format!("there is no stage called {next}");
                problems.push(problem(
                    format!("{at}/moves_to"),
                    says,
                    "Add the stage, or take it out of the list.",
                ));
            }
        }
        let can_be_reached = place == 0 || stage.recycle || is_taken || self.leads_to(place);
        if !can_be_reached {
            let says = format!("no stage leads to {name}");
            let action = "Add it to the moves of an earlier stage.";
            problems.push(problem(format!("{at}/name"), says, action));
        }
    }

    /// Whether some other stage leads to the one at `place`.
    fn leads_to(&self, place: usize) -> bool {
        let name = self.stages[place].name.trim();
        self.stages.iter().enumerate().any(|(from, stage)| match &stage.moves_to {
            None => from < place,
            Some(next) => from != place && next.iter().any(|next| next.trim().eq_ignore_ascii_case(name)),
        })
    }
}

fn problem(field: impl Into<String>, message: impl Into<String>, action: &str) -> ConfigProblem {
    ConfigProblem { code: "DOC-0007", field: field.into(), message: message.into(), action: action.into() }
}
