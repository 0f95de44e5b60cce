//! Bringing a lead to where it stands by the rules of its workspace: its score, the stage that a threshold moves it to,
//! and the segments it belongs to.
//!
//! This happens at the end of every operation that changed something the rules look at, so that whatever comes next
//! finds the lead where it belongs, in the same transaction, however operations are cut into transactions.

use super::{Book, Note, Occasion};
use crate::activity::ActivityKind;
use crate::criteria::{Facts, History};
use crate::operation::{Assess, InSegment, ScoreBy};
use crate::place::Place;
use crate::scoring::{Score, ScoringModel, Threshold};
use crate::standing::{Published, Rules, Scored, SegmentMove};
use crate::{failures, operation};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use std::sync::Arc;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

impl Book {
    /// Assesses the leads that the operation stirred, and adds what changed to `performed`.
    pub(super) fn settle(&mut self, performed: &mut Performed, occasion: &Occasion<'_>) {
        let mut stirred = std::mem::take(&mut self.stirred);
        if self.rules.are_still() {
            return;
        }
        stirred.sort_unstable();
        stirred.dedup();
        for id in stirred {
            self.assess_lead(id, occasion, &mut performed.written);
            self.refresh(&mut performed.output, id);
        }
        self.stirred.clear();
    }

    /// Looks at a lead again, because time has passed or rules have changed.
    pub(super) fn assess(&mut self, input: &Assess, occasion: &Occasion<'_>) -> Result<Performed, Failure> {
        self.lead(input.lead_id)?;
        if let Some(Some(entry)) = self.leads.get_mut(&input.lead_id) {
            entry.glance = None;
        }
        let mut written = Vec::new();
        self.assess_lead(input.lead_id, occasion, &mut written);
        self.stirred.clear();
        let lead = self.lead(input.lead_id)?;
        let output = json!({
            "lead_id": lead.id, "score": lead.score, "stage": lead.stage, "segments": lead.segments,
            "changed": !written.is_empty(),
        });
        Ok(Performed { output, why: None, written })
    }

    /// Scores a lead by a model that a workflow names.
    pub(super) fn score_by(
        &mut self,
        input: &ScoreBy,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let lead = self.lead(input.lead_id)?;
        let rules = Arc::clone(&self.rules);
        let model = rules.model(&input.scoring_model).ok_or_else(|| {
            let known: Vec<&str> = rules.models().iter().map(|model| model.name.as_str()).collect();
            failures::no_such_scoring_model(input.scoring_model.trim(), &known)
        })?;
        let history =
            self.history_of(input.lead_id).ok_or_else(|| failures::not_supplied("what the lead did"))?;
        let account = self.account_seen(lead);
        let facts = Facts::new(lead, history, occasion.at).with_account(account.as_ref());
        let score = model.document.score(&facts);
        let mut written = Vec::new();
        let old = lead.score;
        let changed = self.write_score(input.lead_id, model, &score, occasion, &mut written);
        if changed {
            self.cross(input.lead_id, &model.document, old, score.score, occasion, &mut written);
        }
        let why = operation::score_in_words(score.score, &score.reasons);
        let lead = self.lead(input.lead_id)?;
        let output = json!({
            "score": score.score, "max": model.document.maximum, "fit": score.fit, "behaviour": score.behaviour,
            "grade": score.grade, "reached": score.reached, "reasons": score.reasons,
            "model": { "name": model.name, "version": model.version }, "stage": lead.stage, "lead": lead.record(),
        });
        let why = if changed { why } else { format!("Unchanged: {why}") };
        Ok(Performed { output, why: Some(why), written })
    }

    /// Answers whether a lead belongs to a segment, after a look at it when time may have changed that.
    pub(super) fn in_segment(
        &mut self,
        input: &InSegment,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        self.lead(input.lead_id)?;
        let name = input.segment.trim();
        let known: Vec<&str> = self.rules.segments().iter().map(|segment| segment.name.as_str()).collect();
        if !known.contains(&name) {
            return Err(failures::no_such_segment(name, &known));
        }
        let mut written = Vec::new();
        self.assess_lead(input.lead_id, occasion, &mut written);
        self.stirred.clear();
        let lead = self.lead(input.lead_id)?;
        let is_in = lead.segments.iter().any(|segment| segment == name);
        let why =
            if is_in { format!("It belongs to {name}.") } else { format!("It does not belong to {name}.") };
        let output =
            json!({ "in_segment": is_in, "segment": name, "segments": lead.segments, "lead_id": lead.id });
        Ok(Performed { output, why: Some(why), written })
    }

    fn assess_lead(&mut self, id: Uuid, occasion: &Occasion<'_>, written: &mut Vec<Change>) {
        let rules = Arc::clone(&self.rules);
        let Some(Some(entry)) = self.leads.get(&id) else { return };
        let glance = rules.glance(&entry.lead);
        let is_due = entry.lead.look_again_at.is_some_and(|moment| moment <= occasion.at);
        if !is_due && entry.glance.as_ref() == Some(&glance) {
            return;
        }
        // A lead whose past is not known, which needs prevent, is left as it is rather than judged wrongly.
        let Some(history) = self.history_of(id).cloned() else { return };
        let mut next = None;
        let lead = &self.leads[&id].as_ref().expect("found above").lead;
        let account = self.account_seen(lead);
        let facts = Facts::new(lead, &history, occasion.at).with_account(account.as_ref());
        let scored = rules.score(&facts);
        if let Some((model, score)) = scored {
            let old = self.lead(id).ok().and_then(|lead| lead.score);
            next = score.next_change;
            if self.write_score(id, model, &score, occasion, written) {
                self.cross(id, &model.document, old, score.score, occasion, written);
            }
        }
        // What the score and the move are noted as can count for segments.
        let history = self.history_of(id).cloned().unwrap_or(history);
        let next = next.into_iter().chain(self.place_in_segments(id, &rules, &history, occasion)).min();
        let Some(Some(entry)) = self.leads.get_mut(&id) else { return };
        entry.glance = Some(rules.glance(&entry.lead));
        if !is_same_moment(entry.lead.look_again_at, next, occasion.at) {
            entry.lead.look_again_at = next;
            self.touch(id);
        }
    }

    /// Writes a score down; answers whether anything of it is new.
    fn write_score(
        &mut self,
        id: Uuid,
        model: &Published<ScoringModel>,
        score: &Score,
        occasion: &Occasion<'_>,
        written: &mut Vec<Change>,
    ) -> bool {
        let scored = Scored {
            model: model.name.clone(),
            version: model.version,
            fit: score.fit,
            behaviour: score.behaviour,
            grade: score.grade.clone(),
            reached: score.reached.clone(),
        };
        let Ok(lead) = self.lead(id) else { return false };
        if lead.score == Some(score.score)
            && lead.score_reasons == score.reasons
            && lead.scored.as_deref() == Some(&scored)
        {
            return false;
        }
        let old = lead.score;
        if old == Some(score.score) {
            // The same points for other reasons: worth keeping, not worth telling.
            self.touch(id);
        } else {
            self.change(id, occasion.at);
        }
        let lead = self.lead_mut(id);
        lead.score = Some(score.score);
        lead.score_reasons.clone_from(&score.reasons);
        lead.scored = Some(Box::new(scored));
        if old != Some(score.score) {
            let why = operation::score_in_words(score.score, &score.reasons);
            let note = Note {
                kind: ActivityKind::Scored,
                title: format!("{}: {}", model.name, score.score),
                why: Some(why),
                old: old.into(),
                new: score.score.into(),
                touch: None,
            };
            self.note(id, occasion, note);
            written.push(Change {
                label: "Score".into(),
                old: old.into(),
                new: score.score.into(),
                target: Place::Score.of(id),
            });
        }
        true
    }

    /// Moves a lead to the stage of the highest threshold it newly reaches, where its lifecycle allows that.
    fn cross(
        &mut self,
        id: Uuid,
        model: &ScoringModel,
        old: Option<i64>,
        new: i64,
        occasion: &Occasion<'_>,
        written: &mut Vec<Change>,
    ) {
        let crossed = |threshold: &&Threshold| {
            new >= threshold.at
                && old.is_none_or(|old| old < threshold.at)
                && !threshold.stage.trim().is_empty()
        };
        let Some(threshold) = model.thresholds.iter().filter(crossed).max_by_key(|threshold| threshold.at)
        else {
            return;
        };
        let why = format!("The score reached {new}; {} begins at {}.", threshold.name, threshold.at);
        if let Ok(Ok(allowed)) = self.may_move(id, &threshold.stage, false, &why, occasion.at) {
            let reason = allowed.is_recycled.then(|| why.clone());
            written.push(self.move_to(id, &allowed, reason, Some(why), occasion));
        }
    }

    /// Lets a lead enter and leave segments; answers when that may change by itself.
    fn place_in_segments(
        &mut self,
        id: Uuid,
        rules: &Rules,
        history: &History,
        occasion: &Occasion<'_>,
    ) -> Option<DateTime<Utc>> {
        let lead = self.lead(id).ok()?;
        let account = self.account_seen(lead);
        let facts = Facts::new(lead, history, occasion.at).with_account(account.as_ref());
        let (names, next) = rules.segments_of(&facts);
        if lead.segments == names {
            return next;
        }
        let before = lead.segments.clone();
        let left = before.iter().filter(|name| !names.contains(name)).map(|name| (name, false));
        let entered = names.iter().filter(|name| !before.contains(name)).map(|name| (name, true));
        let moves: Vec<(&String, bool)> = left.chain(entered).collect();
        self.change(id, occasion.at).segments.clone_from(&names);
        for (name, entered) in moves {
            self.added.segment_moves.push(SegmentMove {
                lead_id: id,
                segment: name.clone(),
                entered,
                at: occasion.at,
            });
            let (kind, title) = if entered {
                (ActivityKind::SegmentEntered, format!("Entered the segment {name}"))
            } else {
                (ActivityKind::SegmentLeft, format!("Left the segment {name}"))
            };
            let name = Value::from(name.as_str());
            let (old, new) = if entered { (Value::Null, name) } else { (name, Value::Null) };
            self.note(id, occasion, Note { kind, title, why: None, old, new, touch: None });
        }
        next
    }

    /// Puts the lead as it is now where an output shows it as it was.
    fn refresh(&self, output: &mut Value, id: Uuid) {
        let shown = output
            .get_mut("lead")
            .filter(|shown| shown.get("id").is_some_and(|shown| *shown == id.to_string()));
        if let (Some(shown), Some(lead)) = (shown, self.known_lead(id)) {
            *shown = lead.record();
        }
    }
}

/// Whether the moment a lead is to be looked at again is still right. Worked out a little later it comes out a second or
/// two apart; either will do, and how often a lead was looked at shall leave no trace.
fn is_same_moment(known: Option<DateTime<Utc>>, next: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    match (known, next) {
        (Some(known), Some(next)) => known > now && (next - known).abs() <= TimeDelta::seconds(5),
        (known, next) => known == next,
    }
}
