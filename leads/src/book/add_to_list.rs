//! Putting a lead on a list.

use super::{Book, Note, Occasion};
use crate::activity::ActivityKind;
use crate::failures;
use crate::list::{List, MAX_LIST_NAME, Membership};
use crate::operation::AddToList;
use crate::place::Place;
use serde_json::{Value, json};
use trunkline_engine::failure::Failure;
use trunkline_engine::run::{Change, Performed};
use uuid::Uuid;

impl Book {
    pub(super) fn add_to_list(
        &mut self,
        input: &AddToList,
        occasion: &mut Occasion<'_>,
    ) -> Result<Performed, Failure> {
        self.lead(input.lead_id)?;
        let name = input.list.trim();
        let known = self.lists.get(name).ok_or_else(|| failures::not_supplied("the list"))?.clone();
        let list = match known {
            Some(list) => list,
            None => self.create_list(name, &mut *occasion.new_id)?,
        };
        match self.is_on(list.id, input.lead_id) {
            None => return Err(failures::not_supplied("who is on the list")),
            Some(true) => {
                let why = Some(format!("The lead was on the list {} already.", list.name));
                return Ok(Performed { output: output(&list, false), why, written: Vec::new() });
            }
            Some(false) => {}
        }
        self.join_list(Membership { list_id: list.id, lead_id: input.lead_id, added_at: occasion.at });
        self.note(
            input.lead_id,
            occasion,
            Note {
                kind: ActivityKind::Listed,
                title: format!("Added to {}", list.name),
                why: None,
                old: Value::Null,
                new: list.name.as_str().into(),
                touch: None,
            },
        );
        Ok(Performed {
            output: output(&list, true),
            why: Some(format!("Added to the list {}.", list.name)),
            written: vec![Change {
                label: "List".into(),
                old: Value::Null,
                new: list.name.as_str().into(),
                target: Place::List(list.id).of(input.lead_id),
            }],
        })
    }

    /// A list that is used for the first time.
    fn create_list(&mut self, name: &str, new_id: &mut dyn FnMut() -> Uuid) -> Result<List, Failure> {
        let is_usable = !name.is_empty()
            && name.chars().nth(MAX_LIST_NAME).is_none()
            // The id of a list that was deleted is no name for a new one.
            && Uuid::try_parse(name).is_err();
        if !is_usable {
            return Err(failures::list_name());
        }
        let list = List { id: new_id(), name: name.to_owned() };
        self.fresh.insert(list.id);
        self.lists.insert(name.to_owned(), Some(list.clone()));
        self.lists.insert(list.id.to_string(), Some(list.clone()));
        self.added.lists.push(list.clone());
        Ok(list)
    }
}

fn output(list: &List, added: bool) -> Value {
    json!({ "list": { "id": list.id, "name": list.name }, "added": added })
}
