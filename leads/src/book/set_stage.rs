//! Moving a lead along the ladder of stages.

use super::{Book, Note, Occasion};
use crate::activity::ActivityKind;
use crate::failures;
use crate::operation::SetStage;
use crate::place::Place;
use crate::stage;
use serde_json::json;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};

impl Book {
    pub(super) fn set_stage(
        &mut self,
        input: &SetStage,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let Some(wanted) = stage::find(&self.stages, &input.stage).cloned() else {
            let known: Vec<&str> = self.stages.iter().map(|stage| stage.name.as_str()).collect();
            return Err(failures::no_such_stage(input.stage.trim(), &known));
        };
        let previous = self.lead(input.lead_id)?.stage.clone();
        let kept = |why: String| {
            let output = json!({ "stage": previous, "previous": previous, "changed": false });
            Ok(Performed { output, why: Some(why), written: Vec::new() })
        };
        if previous == wanted.name {
            return kept(format!("The lead was at {previous} already."));
        }
        // A stage that the ladder no longer has holds nobody back.
        let is_further = stage::find(&self.stages, &previous).is_some_and(|now| now.rank > wanted.rank);
        if is_further && !input.allow_backwards {
            return kept(format!("Kept at {previous}, which is further along than {}.", wanted.name));
        }
        let why = format!("Moved from {previous} to {}.", wanted.name);
        self.change(input.lead_id, occasion.at).stage.clone_from(&wanted.name);
        self.note(
            input.lead_id,
            occasion,
            Note {
                kind: ActivityKind::StageChanged,
                title: format!("Stage changed to {}", wanted.name),
                why: None,
                old: previous.as_str().into(),
                new: wanted.name.as_str().into(),
                touch: None,
            },
        );
        let output = json!({ "stage": wanted.name, "previous": previous, "changed": true });
        let written = vec![Change {
            label: "Stage".into(),
            old: previous.into(),
            new: wanted.name.into(),
            target: Place::Stage.of(input.lead_id),
        }];
        Ok(Performed { output, why: Some(why), written })
    }
}
