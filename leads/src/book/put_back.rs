//! Putting parts of leads back to what they were before a run changed them.
//!
//! Each part is looked at first: one that holds something else than the run left there was changed since, by somebody
//! who knew better, and stays.

use super::{Book, Note, Occasion};
use crate::activity::ActivityKind;
use crate::failures;
use crate::lead::Lead;
use crate::operation::{PutBack, PutBackPart};
use crate::place::Place;
use serde_json::{Value, json};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};

/// What becomes of one part.
enum Plan {
    Skip(&'static str),
    Change { place: Place, shown_old: Value, shown_new: Value },
}

impl Book {
    pub(super) fn put_back(
        &mut self,
        input: &PutBack,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        // Everything that can fail comes first: the operation is whole or it is nothing.
        for part in &input.parts {
            self.plan(part)?;
        }
        let mut written = Vec::new();
        let mut items = Vec::with_capacity(input.parts.len());
        for part in &input.parts {
            let (done, why) = match self.plan(part)? {
                Plan::Skip(why) => (false, Some(why)),
                Plan::Change { place, shown_old, shown_new } => {
                    self.turn_back(part, &place, shown_old.clone(), shown_new.clone(), occasion);
                    written.push(Change {
                        label: part.label.clone(),
                        old: shown_old,
                        new: shown_new,
                        target: place.of(part.lead_id),
                    });
                    (true, None)
                }
            };
            items.push(json!({ "lead_id": part.lead_id, "field": part.field, "done": done, "why": why }));
        }
        let (undone, skipped) = (written.len(), items.len() - written.len());
        let mut output = json!({ "undone": undone, "skipped": skipped, "items": items });
        // The undo of one lead's run is about that lead, wherever runs are listed by lead.
        if let Some(first) = input.parts.first()
            && input.parts.iter().all(|part| part.lead_id == first.lead_id)
        {
            output["lead_id"] = first.lead_id.to_string().into();
        }
        let why = match skipped {
            0 => format!("{undone} changes were turned back."),
            _ => format!("{undone} changes were turned back; {skipped} had changed since and stay."),
        };
        Ok(Performed { output, why: Some(why), written })
    }

    fn plan(&self, part: &PutBackPart) -> Result<Plan, Failure> {
        let place: Place = match part.field.parse() {
            Ok(place) => place,
            Err(_) => return Ok(Plan::Skip("this part of a lead is not known any more")),
        };
        let lead = match self.leads.get(&part.lead_id) {
            None => return Err(failures::not_supplied("the lead")),
            Some(None) => return Ok(Plan::Skip("the lead is gone")),
            Some(Some(entry)) => &entry.lead,
        };
        if let Place::List(list) = place {
            return match self.is_on(list, part.lead_id) {
                None => Err(failures::not_supplied("who is on the list")),
                Some(false) => Ok(Plan::Skip("it is not on the list any more")),
                Some(true) => {
                    Ok(Plan::Change { place, shown_old: part.now_shown.clone(), shown_new: Value::Null })
                }
            };
        }
        if place == Place::Whole {
            return Ok(Plan::Skip("a lead that was made is not taken away"));
        }
        if place.get(lead) != part.now {
            return Ok(Plan::Skip("it has changed since"));
        }
        if place == Place::Owner
            && let Some(owner) = part.back_to.as_str()
        {
            match self.owners.get(owner) {
                None => return Err(failures::not_supplied("the owner")),
                Some(None) => return Ok(Plan::Skip("the owner before is gone")),
                Some(Some(_)) => {}
            }
        }
        if place == Place::Stage
            && crate::stage::find(&self.stages, part.back_to.as_str().unwrap_or_default()).is_none()
        {
            return Ok(Plan::Skip("the stage before is gone"));
        }
        let (shown_old, shown_new) = (part.now_shown.clone(), part.back_to_shown.clone());
        Ok(Plan::Change { place, shown_old, shown_new })
    }

    fn turn_back(
        &mut self,
        part: &PutBackPart,
        place: &Place,
        old: Value,
        new: Value,
        occasion: &Occasion<'_>,
    ) {
        if let Place::List(list) = place {
            self.leave_list(*list, part.lead_id);
        } else {
            let at = occasion.at;
            let lead: &mut Lead = self.change(part.lead_id, at);
            if *place == Place::Stage {
                // How long it had been there before is not known any more; the clock starts again.
                lead.stage_since = Some(at);
            }
            place.set(lead, &part.back_to);
            match place {
                Place::Score => lead.score_reasons.clone_from(&part.reasons),
                Place::Owner if lead.owner_id.is_some() => {
                    lead.owner_reason = Some("Given back by an undo.".into());
                }
                Place::Account => self.account_was_put_back(part.lead_id, at),
                _ => {}
            }
        }
        let kind = match place {
            Place::Stage => ActivityKind::StageChanged,
            Place::Score => ActivityKind::Scored,
            Place::Owner => ActivityKind::Assigned,
            Place::Account => ActivityKind::Matched,
            Place::List(_) => ActivityKind::Unlisted,
            Place::Whole | Place::Core(_) | Place::Own(_) => ActivityKind::Updated,
        };
        let title = match place {
            Place::List(_) => format!("Undone: taken off {}", shown(&old)),
            _ => format!("Undone: {} back to {}", lowered(&part.label), shown(&new)),
        };
        self.note(part.lead_id, occasion, Note { kind, title, why: None, old, new, touch: None });
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".into(),
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        other => other.to_string(),
    }
}

/// `Stage` as it stands within a sentence; names such as `E-mail` and `MQL score` keep their capitals.
fn lowered(label: &str) -> String {
    let mut letters = label.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() => {
            first.to_lowercase().chain(std::iter::once(second)).chain(letters).collect()
        }
        _ => label.to_owned(),
    }
}
