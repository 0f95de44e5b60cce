//! Writing down a score.

use super::{Book, Note, Occasion};
use crate::activity::ActivityKind;
use crate::lead::Lead;
use crate::operation::{SetScore, score_in_words};
use crate::place::Place;
use serde_json::{Value, json};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};

impl Book {
    pub(super) fn set_score(
        &mut self,
        input: &SetScore,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let lead = self.lead(input.lead_id)?;
        let old = lead.score;
        let why = score_in_words(input.score, &input.reasons);
        if old == Some(input.score) && lead.score_reasons == input.reasons {
            let output = output(input, lead);
            return Ok(Performed { output, why: Some(format!("Unchanged: {why}")), written: Vec::new() });
        }
        // What an undo needs; most leads are scored for the first time and have none.
        let previous = old.map(|score| json!({ "score": score, "reasons": lead.score_reasons }));
        let lead = self.change(input.lead_id, occasion.at);
        lead.score = Some(input.score);
        lead.score_reasons.clone_from(&input.reasons);
        lead.scored = None;
        let mut output = output(input, lead);
        if let Some(previous) = previous {
            output["previous"] = previous;
        }
        let label = if input.model.is_empty() { "Score" } else { &input.model };
        self.note(
            input.lead_id,
            occasion,
            Note {
                kind: ActivityKind::Scored,
                title: format!("{label}: {}", input.score),
                why: Some(why.clone()),
                old: old.into(),
                new: input.score.into(),
                touch: None,
            },
        );
        let written = vec![Change {
            label: label.to_owned(),
            old: old.into(),
            new: input.score.into(),
            target: Place::Score.of(input.lead_id),
        }];
        Ok(Performed { output, why: Some(why), written })
    }
}

fn output(input: &SetScore, lead: &Lead) -> Value {
    let mut output = json!({ "score": input.score, "reasons": input.reasons });
    output["lead"] = lead.record();
    output
}
