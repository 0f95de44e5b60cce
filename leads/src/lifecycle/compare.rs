//! A lifecycle in plain sentences, and how two versions differ.

use super::{Lifecycle, StageRule};

impl Lifecycle {
    /// What it says, a sentence or two per stage.
    #[must_use]
    pub fn in_words(&self) -> Vec<String> {
        self.stages.iter().map(StageRule::in_words).collect()
    }

    /// What is different from `before`, a sentence each. Empty when both mean the same.
    #[must_use]
    pub fn changes_since(&self, before: &Self) -> Vec<String> {
        let mut lines = Vec::new();
        for stage in &self.stages {
            match before.stage(&stage.name) {
                None => lines.push(format!("{}: new stage", stage.name)),
                Some(old) => stage.changes_since(old, &mut lines),
            }
        }
        for old in &before.stages {
            if self.stage(&old.name).is_none() {
                lines.push(format!("{}: removed", old.name));
            }
        }
        let order = |lifecycle: &Self, other: &Self| -> Vec<String> {
            let shared = lifecycle.stages.iter().filter(|stage| other.stage(&stage.name).is_some());
            shared.map(|stage| stage.name.trim().to_lowercase()).collect()
        };
        if order(self, before) != order(before, self) {
            let names: Vec<&str> = self.stages.iter().map(|stage| stage.name.as_str()).collect();
            lines.push(format!("Order: {}", names.join(", ")));
        }
        lines
    }
}

impl StageRule {
    fn in_words(&self) -> String {
        let mut words = self.name.clone();
        if !self.means.trim().is_empty() {
            words.push_str(&format!(": {}", self.means.trim().trim_end_matches('.')));
        }
        words.push('.');
        if !self.entry.is_empty() {
            words.push_str(&format!(" Enters when {}.", self.entry.in_words()));
        }
        match &self.moves_to {
            None => {}
            Some(next) if next.is_empty() => words.push_str(" It is the end."),
            Some(next) => {
                words.push_str(&format!(
                    " From here to {}.",
                    crate::book::any_of(next.iter().map(String::as_str))
                ));
            }
        }
        if self.recycle {
            words.push_str(" Leads come back here, with a reason.");
        }
        if !self.crm_status.is_empty() {
            words.push_str(&format!(" The CRM calls it {}.", self.crm_status));
        }
        words
    }

    fn changes_since(&self, before: &Self, lines: &mut Vec<String>) {
        let name = &self.name;
        if before.means != self.means {
            lines.push(format!("{name} means: {}", or_nothing(&self.means)));
        }
        let (old, new) = (before.entry.in_words(), self.entry.in_words());
        if old != new {
            lines.push(format!("{name} is entered by: {old} -> {new}"));
        }
        if before.moves_to != self.moves_to {
            lines.push(format!("{name} leads to: {} -> {}", before.next_words(), self.next_words()));
        }
        if before.crm_status != self.crm_status {
            let (old, new) = (or_nothing(&before.crm_status), or_nothing(&self.crm_status));
            lines.push(format!("{name} in the CRM: {old} -> {new}"));
        }
        if before.recycle != self.recycle {
            let says = if self.recycle { "leads come back to it" } else { "leads no longer come back to it" };
            lines.push(format!("{name}: {says}"));
        }
    }

    fn next_words(&self) -> String {
        match &self.moves_to {
            None => "any later stage".into(),
            Some(next) if next.is_empty() => "nothing".into(),
            Some(next) => next.join(", "),
        }
    }
}

fn or_nothing(text: &str) -> &str {
    if text.trim().is_empty() { "nothing" } else { text.trim() }
}
