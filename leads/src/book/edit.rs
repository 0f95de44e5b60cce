//! Changing a lead as a person says: what they write wins, and an emptied field is empty.

use super::clocks::Before;
use super::{Book, Note, Occasion, all_of};
use crate::activity::ActivityKind;
use crate::failures;
use crate::field::{self, Field, Reading};
use crate::key::{Key, KeyKind};
use crate::operation::Edit;
use crate::place::Place;
use serde_json::{Map, Value, json};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

impl Book {
    pub(super) fn edit(&mut self, input: &Edit, occasion: &mut Occasion<'_>) -> Result<Performed, Failure> {
        let edits = self.read_edits(input)?;
        let owner = self.read_owner(input)?;
        let mut written = Vec::new();
        let id = input.lead_id;
        if !edits.is_empty() {
            self.claim_edited(&edits, id);
            let (mut olds, mut news) = (Map::new(), Map::new());
            let lead = self.change(id, occasion.at);
            for (name, label, place, new) in edits {
                let old = place.get(lead);
                place.set(lead, &new);
                if place == Place::Core(Field::Consent) {
                    lead.consent_at = Some(occasion.at);
                }
                olds.insert(name.clone(), old.clone());
                news.insert(name, new.clone());
                written.push(Change { label, old, new, target: place.of(id) });
            }
            let labels = all_of(written.iter().map(|change| change.label.as_str()));
            let title = format!("Updated {labels}");
            self.note_edit(input, occasion, ActivityKind::Updated, title, olds.into(), news.into());
        }
        if let Some((old, new)) = owner {
            written.push(self.hand_over(input, occasion, old.as_ref(), new.as_ref()));
        }
        let changed = written.len();
        let why = match changed {
            0 => "There was nothing to change.".to_owned(),
            _ => format!("Changed {}.", all_of(written.iter().map(|change| change.label.as_str()))),
        };
        let output = json!({ "lead": self.lead(id)?.record(), "changed": changed });
        Ok(Performed { output, why: Some(why), written })
    }

    /// What really changes, each with its name, label and place.
    fn read_edits(&self, input: &Edit) -> Result<Vec<(String, String, Place, Value)>, Failure> {
        let lead = self.lead(input.lead_id)?;
        let mut edits = Vec::new();
        let mut own = lead.fields.clone();
        for (name, value) in &input.fields {
            if field::is_reserved(name) {
                return Err(failures::reserved_field(name));
            }
            let (label, place, new) = match Field::find(name) {
                Some(core) => {
                    let new = match core.read(value)? {
                        Reading::Blank => Value::Null,
                        Reading::Value(value) => value,
                        Reading::Foreign => return Err(failures::unfit_value(core.label())),
                    };
                    (core.label().to_owned(), Place::Core(core), new)
                }
                None => {
                    let fields = self.rules.own_fields();
                    let new = if field::is_blank(value) { Value::Null } else { fields.read(name, value)? };
                    match &new {
                        Value::Null => drop(own.remove(name)),
                        new => drop(own.insert(name.clone(), new.clone())),
                    }
                    (fields.label(name).to_owned(), Place::Own(name.clone()), new)
                }
            };
            if let (Place::Core(core), Some(text)) = (&place, new.as_str())
                && let Some(kind) = core.key_kind()
                && let Some(key) = Key::read(kind, text)
                && let Some(other) = self.keys.get(&key).copied().flatten()
                && other != input.lead_id
            {
                return Err(failures::key_taken(kind, other));
            }
            if place.get(lead) != new {
                edits.push((name.clone(), label, place, new));
            }
        }
        crate::record::check_bounds(&own)?;
        Ok(edits)
    }

    /// Free keys among the edits belong to the lead from now on.
    fn claim_edited(&mut self, edits: &[(String, String, Place, Value)], lead: Uuid) {
        for (_, _, place, new) in edits {
            let Place::Core(core) = place else { continue };
            let key = |kind: KeyKind| Key::read(kind, new.as_str()?);
            if let Some(key) = core.key_kind().and_then(key)
                && self.keys.get(&key).copied().flatten().is_none()
            {
                self.keys.insert(key.clone(), Some(lead));
                self.added.keys.push((key, lead));
            }
        }
    }

    /// The old and the new owner, when they are not the same.
    #[expect(clippy::type_complexity, reason = "a pair of people, either of whom may be nobody")]
    fn read_owner(
        &self,
        input: &Edit,
    ) -> Result<Option<(Option<(Uuid, String)>, Option<(Uuid, String)>)>, Failure> {
        let Some(asked) = input.owner.as_deref().map(str::trim) else { return Ok(None) };
        let named = |text: &str| -> Result<Option<(Uuid, String)>, Failure> {
            let known = self.owners.get(text).ok_or_else(|| failures::not_supplied("the owner"))?;
            Ok(known.as_ref().map(|owner| (owner.id, owner.name.clone())))
        };
        let new = match asked {
            "" => None,
            text => Some(named(text)?.ok_or_else(|| failures::no_such_owner(text))?),
        };
        let old = match self.lead(input.lead_id)?.owner_id {
            Some(id) => Some(named(&id.to_string())?.unwrap_or((id, "somebody who is gone".into()))),
            None => None,
        };
        let same = old.as_ref().map(|(id, _)| id) == new.as_ref().map(|(id, _)| id);
        Ok((!same).then_some((old, new)))
    }

    fn hand_over(
        &mut self,
        input: &Edit,
        occasion: &mut Occasion<'_>,
        old: Option<&(Uuid, String)>,
        new: Option<&(Uuid, String)>,
    ) -> Change {
        let name = |of: Option<&(Uuid, String)>| Value::from(of.map(|(_, name)| name.as_str()));
        let by = occasion.by.map_or("a workflow", |by| by.name.as_str());
        let reason = input.why.clone().unwrap_or_else(|| format!("Given by {by}."));
        let lead = self.change(input.lead_id, occasion.at);
        lead.owner_id = new.map(|(id, _)| *id);
        lead.owner_reason = new.map(|_| reason);
        let title = match new {
            Some((_, name)) => format!("Assigned to {name}"),
            None => "Taken from its owner".to_owned(),
        };
        self.note_edit(input, occasion, ActivityKind::Assigned, title, name(old), name(new));
        let owner = new.and_then(|(id, _)| self.known_owner(&id.to_string()).ok().flatten());
        let owner = owner.or_else(|| self.known_owner(input.owner.as_deref()?.trim()).ok().flatten());
        self.restart_clocks(input.lead_id, owner.as_deref(), &Before::default(), occasion);
        Change {
            label: "Owner".into(),
            old: name(old),
            new: name(new),
            target: Place::Owner.of(input.lead_id),
        }
    }

    fn note_edit(
        &mut self,
        input: &Edit,
        occasion: &Occasion<'_>,
        kind: ActivityKind,
        title: String,
        old: Value,
        new: Value,
    ) {
        let note = Note { kind, title, why: input.why.clone(), old, new, touch: None };
        self.note(input.lead_id, occasion, note);
    }
}
