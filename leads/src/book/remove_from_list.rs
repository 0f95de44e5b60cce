//! Taking a lead off a list.

use super::{Book, Note, Occasion};
use crate::activity::ActivityKind;
use crate::failures;
use crate::operation::RemoveFromList;
use crate::place::Place;
use serde_json::{Value, json};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};

impl Book {
    pub(super) fn remove_from_list(
        &mut self,
        input: &RemoveFromList,
        occasion: &Occasion<'_>,
    ) -> Result<Performed, Failure> {
        self.lead(input.lead_id)?;
        let name = input.list.trim();
        let known = self.lists.get(name).ok_or_else(|| failures::not_supplied("the list"))?.clone();
        let kept = |why: String| {
            let output = json!({ "list": known.as_ref().map(|list| &list.name), "removed": false });
            Ok(Performed { output, why: Some(why), written: Vec::new() })
        };
        let Some(list) = known.clone() else {
            return kept(format!("There is no list {name}, so the lead is on none of that name."));
        };
        match self.is_on(list.id, input.lead_id) {
            None => return Err(failures::not_supplied("who is on the list")),
            Some(false) => return kept(format!("The lead was not on the list {}.", list.name)),
            Some(true) => {}
        }
        self.leave_list(list.id, input.lead_id);
        let old = Value::from(list.name.as_str());
        self.note(
            input.lead_id,
            occasion,
            Note {
                kind: ActivityKind::Unlisted,
                title: format!("Taken off {}", list.name),
                why: None,
                old: old.clone(),
                new: Value::Null,
                touch: None,
            },
        );
        Ok(Performed {
            output: json!({ "list": list.name, "removed": true }),
            why: Some(format!("Taken off the list {}.", list.name)),
            written: vec![Change {
                label: "List".into(),
                old,
                new: Value::Null,
                target: Place::List(list.id).of(input.lead_id),
            }],
        })
    }
}
