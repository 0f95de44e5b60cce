//! Merging leads into one, and taking a merge back.
//!
//! The merged lead leaves the book: its keys and lists go to the survivor, its id leads there, and the record of the
//! merge holds it whole. Taking a merge back restores it; what changed on the survivor since stays, and is named.
//!
//! Neither of the two may end up showing a key, such as an address, that belongs to another lead.

use super::{Book, Note, Occasion, all_of};
use crate::activity::ActivityKind;
use crate::failures;
use crate::field::Field;
use crate::key::Key;
use crate::lead::Lead;
use crate::list::Membership;
use crate::merge::{MAX_MERGED, Merge, changed_parts};
use crate::operation::{MergeLeads, UnmergeLead};
use crate::place::Place;
use crate::record;
use crate::standing::SegmentMove;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use std::collections::HashSet;
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

impl Book {
    pub(super) fn merge(
        &mut self,
        input: &MergeLeads,
        occasion: &mut Occasion<'_>,
    ) -> Result<Performed, Failure> {
        if input.merged.len() > MAX_MERGED {
            return Err(failures::too_many_merged(input.merged.len()));
        }
        // Everything that can fail comes first: the operation is whole or it is nothing.
        let mut planned = self.lead(input.lead_id)?.clone();
        let mut absorbed = HashSet::from([planned.id]);
        let mut merged = Vec::with_capacity(input.merged.len());
        for &id in &input.merged {
            if absorbed.insert(id) {
                let lead = self.lead(id)?.clone();
                if [input.lead_id, id].iter().any(|lead| !self.lists_of.contains_key(lead)) {
                    return Err(failures::not_supplied("the keys and lists of the lead"));
                }
                planned = input.rules.combined(&planned, &lead, &self.stages);
                record::check_bounds(&planned.fields)?;
                merged.push(lead);
            }
        }
        let mut written = Vec::new();
        let mut done = Vec::with_capacity(merged.len());
        for lead in merged {
            let merge = self.absorb(input, lead, occasion);
            written.extend(merge.parts.iter().map(|part| Change {
                label: label(&part.field),
                old: part.before.clone(),
                new: part.after.clone(),
                target: None,
            }));
            written.push(Change {
                label: "Merged lead".into(),
                old: merge.merged.name().into(),
                new: Value::Null,
                target: None,
            });
            done.push(
                json!({ "lead_id": merge.merged.id, "merge_id": merge.id, "name": merge.merged.name() }),
            );
        }
        let lead = self.lead(input.lead_id)?;
        let names: Vec<String> =
            done.iter().filter_map(|one| one["name"].as_str().map(str::to_owned)).collect();
        let why = match names.as_slice() {
            [] => format!("{} was one lead already.", lead.name()),
            _ => format!("Merged {} into {}.", all_of(names.iter().map(String::as_str)), lead.name()),
        };
        let output = json!({ "lead": lead.record(), "merged": done });
        Ok(Performed { output, why: Some(why), written })
    }

    /// Takes one lead into the survivor. Only after everything that can fail.
    fn absorb(&mut self, input: &MergeLeads, merged: Lead, occasion: &mut Occasion<'_>) -> Merge {
        let survivor = input.lead_id;
        let before = self.lead(survivor).expect("looked at before").clone();
        let mut after = input.rules.combined(&before, &merged, &self.stages);
        after.updated_at = occasion.at;
        let keys = self.keys_held(merged.id);
        for key in &keys {
            self.move_key(key, survivor);
        }
        let lists = self.memberships(merged.id);
        let mut gained = Vec::new();
        for member in &lists {
            let is_on = self.is_on(member.list_id, survivor) == Some(true);
            self.leave_list(member.list_id, merged.id);
            if !is_on {
                gained.push(member.list_id);
                self.join_list(Membership { lead_id: survivor, ..*member });
            }
        }
        let carried = self.carry_over(&before, &after, &merged, occasion.at);
        let merge = Merge {
            id: (occasion.new_id)(),
            survivor,
            at: occasion.at,
            by: occasion.by.cloned(),
            why: input.why.clone(),
            parts: changed_parts(&before, &after),
            merged: Box::new(merged),
            keys,
            lists,
            gained,
            carried,
        };
        *self.change(survivor, occasion.at) = after;
        self.leads.insert(merge.merged.id, None);
        self.move_through_segments(&merge.merged, false, occasion.at);
        self.redirects.insert(merge.merged.id, survivor);
        self.added.absorbed.push(merge.merged.id);
        self.added.merges.push(merge.clone());
        self.merges.insert(merge.id, Some(Box::new(merge.clone())));
        self.note(
            survivor,
            occasion,
            Note {
                kind: ActivityKind::Merged,
                title: format!("Merged with {}", merge.merged.name()),
                why: merge.why.clone(),
                old: Value::Null,
                new: json!({ "merge_id": merge.id, "lead_id": merge.merged.id, "name": merge.merged.name() }),
                touch: None,
            },
        );
        merge
    }

    pub(super) fn unmerge(
        &mut self,
        input: &UnmergeLead,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        let merge = match self.merges.get(&input.merge_id) {
            None => return Err(failures::not_supplied("the merge")),
            Some(None) => return Err(failures::no_such_merge(input.merge_id)),
            Some(Some(merge)) => merge.as_ref().clone(),
        };
        let survivor = match self.leads.get(&merge.survivor) {
            None => return Err(failures::not_supplied("the lead")),
            Some(Some(entry)) => entry.lead.as_ref().clone(),
            Some(None) if self.redirects.contains_key(&merge.survivor) => {
                return Err(failures::merged_further(&merge.merged.name()));
            }
            Some(None) => return Err(failures::no_such_lead(merge.survivor)),
        };
        let mut restored = survivor.clone();
        let (mut written, mut kept) = (Vec::new(), Vec::new());
        for part in &merge.parts {
            let Ok(place) = part.field.parse::<Place>() else { continue };
            if place.get(&survivor) != part.after {
                kept.push(label(&part.field));
                continue;
            }
            part.put_back(&place, &mut restored);
            // What it showed before may have gone to the lead of another merge that was taken back.
            if let Some((field, key)) = part.key_before()
                && self.owner_of(&key)? != Some(survivor.id)
            {
                field.set(&mut restored, &Value::Null);
            }
            written.push(Change {
                label: label(&part.field),
                old: part.after.clone(),
                new: place.get(&restored),
                target: None,
            });
        }
        // A key that the survivor shows as its own since then stays with it, and the lead comes back without it.
        let shown: Vec<Key> = keys_shown(&restored).map(|(_, key)| key).collect();
        let mut returned = Vec::with_capacity(merge.keys.len());
        for key in &merge.keys {
            match self.owner_of(key)? {
                Some(owner) if owner == survivor.id && !shown.contains(key) => returned.push(key.clone()),
                Some(owner) if owner == survivor.id => {
                    kept.push(format!("{} {}", key.kind.label(), key.value));
                }
                _ => {}
            }
        }
        let mut merged = merge.merged.as_ref().clone();
        let mut left_behind = Vec::new();
        for (field, key) in keys_shown(&merge.merged) {
            if merge.keys.contains(&key) && !returned.contains(&key) {
                field.set(&mut merged, &Value::Null);
                left_behind.push(format!("{} {}", key.kind.label(), key.value));
            }
        }
        for list in &merge.gained {
            if self.is_on(*list, survivor.id).is_none() {
                return Err(failures::not_supplied("who is on the list"));
            }
        }
        for key in &returned {
            self.move_key(key, merged.id);
        }
        for list in &merge.gained {
            if self.is_on(*list, survivor.id) == Some(true) {
                self.leave_list(*list, survivor.id);
            }
        }
        *self.change(survivor.id, occasion.at) = Lead { updated_at: occasion.at, ..restored };
        let restored = merged.record();
        self.restore(&merge, merged, returned, occasion.at);
        self.carry_back(&merge);
        let name = merge.merged.name();
        let why = (!kept.is_empty())
            .then(|| format!("Changed since and kept: {}.", all_of(kept.iter().map(String::as_str))));
        let what = json!({ "merge_id": merge.id, "lead_id": merge.merged.id, "name": name });
        self.note(
            survivor.id,
            occasion,
            Note {
                kind: ActivityKind::Unmerged,
                title: format!("Merge with {name} taken back"),
                why: why.clone(),
                old: Value::Null,
                new: what,
                touch: None,
            },
        );
        self.note(
            merge.merged.id,
            occasion,
            Note {
                kind: ActivityKind::Unmerged,
                title: format!("Taken out of {} again", survivor.name()),
                why: (!left_behind.is_empty()).then(|| {
                    let what = all_of(left_behind.iter().map(String::as_str));
                    format!("Without {what}: another lead goes by that now.")
                }),
                old: Value::Null,
                new: json!({ "merge_id": merge.id, "lead_id": survivor.id, "name": survivor.name() }),
                touch: None,
            },
        );
        written.push(Change {
            label: "Merged lead".into(),
            old: Value::Null,
            new: name.clone().into(),
            target: None,
        });
        let sentence = format!("{name} is a lead of its own again.");
        let output = json!({
            "lead_id": survivor.id, "restored": restored, "kept": kept,
        });
        let why = why.map_or(sentence.clone(), |kept| format!("{sentence} {kept}"));
        Ok(Performed { output, why: Some(why), written })
    }

    /// Brings `lead`, the merged one, back with its `keys`.
    fn restore(&mut self, merge: &Merge, lead: Lead, keys: Vec<Key>, at: DateTime<Utc>) {
        let id = lead.id;
        self.leads.insert(id, Some(super::Entry::new(Box::new(lead), true)));
        self.move_through_segments(&merge.merged, true, at);
        if !self.touched_leads.contains(&id) {
            self.touched_leads.push(id);
        }
        self.redirects.remove(&id);
        self.keys_of.insert(id, keys);
        self.lists_of.insert(id, merge.lists.clone());
        self.added.absorbed.retain(|absorbed| *absorbed != id);
        for member in &merge.lists {
            self.join_list(*member);
        }
        self.merges.insert(merge.id, None);
        let before = self.added.merges.len();
        self.added.merges.retain(|new| new.id != merge.id);
        if self.added.merges.len() == before {
            self.added.unmerged.push(merge.id);
        }
    }

    /// Lets a lead that goes leave its segments, and one that comes back enter them.
    fn move_through_segments(&mut self, lead: &Lead, entered: bool, at: DateTime<Utc>) {
        let moves = lead.segments.iter().map(|segment| SegmentMove {
            lead_id: lead.id,
            segment: segment.clone(),
            entered,
            at,
        });
        self.added.segment_moves.extend(moves);
    }

    fn owner_of(&self, key: &Key) -> Result<Option<Uuid>, Failure> {
        self.keys.get(key).copied().ok_or_else(|| failures::not_supplied("a key of the lead"))
    }

    /// The keys that belong to `lead`: what was loaded, and what operations before this one did.
    fn keys_held(&self, lead: Uuid) -> Vec<Key> {
        let mut keys: Vec<Key> = self.keys_of.get(&lead).cloned().unwrap_or_default();
        keys.extend(self.keys.iter().filter(|(_, owner)| **owner == Some(lead)).map(|(key, _)| key.clone()));
        keys.retain(|key| self.keys.get(key).is_none_or(|owner| *owner == Some(lead)));
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    fn move_key(&mut self, key: &Key, to: Uuid) {
        self.keys.insert(key.clone(), Some(to));
        if let Some(new) = self.added.keys.iter_mut().find(|(new, _)| new == key) {
            new.1 = to;
            return;
        }
        self.added.moved_keys.retain(|(moved, _)| moved != key);
        self.added.moved_keys.push((key.clone(), to));
    }
}

/// The fields of `lead` that hold a key, each with its key.
fn keys_shown(lead: &Lead) -> impl Iterator<Item = (Field, Key)> {
    Field::ALL.into_iter().filter_map(|field| Some((field, field.key_of(&field.get(lead))?)))
}

/// What people call a part.
fn label(field: &str) -> String {
    match field.parse() {
        Ok(Place::Core(field)) => field.label().to_owned(),
        Ok(Place::Own(name)) => name,
        Ok(Place::Stage) => "Stage".into(),
        Ok(Place::Score) => "Score".into(),
        Ok(Place::Owner) => "Owner".into(),
        Ok(Place::Account) => "Account".into(),
        _ => field.to_owned(),
    }
}
