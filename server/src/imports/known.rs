//! What a preview remembers of the leads that its rows were about, in as little room as will do: their identity. All that
//! a later row about one of them can be is a duplicate, and which lead it is about hangs on identity alone.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use trunkline_leads::{Answer, Key, Lead};
use uuid::Uuid;

/// A key, as small as it can be told apart.
type Print = u128;

/// The identity of a lead.
#[derive(Debug)]
struct Face {
    id: Uuid,
    external_id: Option<Box<str>>,
    email: Option<Box<str>>,
    phone: Option<Box<str>>,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub(super) struct Known {
    faces: Vec<Face>,
    by_id: HashMap<Uuid, u32>,
    by_key: HashMap<Print, u32>,
}

impl Known {
    /// Whether a row was about this key's lead, by that key.
    pub(super) fn has_key(&self, key: &Key) -> bool {
        self.by_key.contains_key(&print(key))
    }

    /// The answers about `key`, if it is known here.
    pub(super) fn of_key(&self, import: Uuid, key: &Key, at: DateTime<Utc>) -> Option<[Answer; 3]> {
        let place = *self.by_key.get(&print(key))?;
        Some(self.answers(import, key, place, at))
    }

    /// The answers about `key`, which the store says belongs to the lead `id`, if a row was about that lead.
    pub(super) fn of_lead(
        &self,
        import: Uuid,
        key: &Key,
        id: Uuid,
        at: DateTime<Utc>,
    ) -> Option<[Answer; 3]> {
        let place = *self.by_id.get(&id)?;
        Some(self.answers(import, key, place, at))
    }

    fn answers(&self, import: Uuid, key: &Key, place: u32, at: DateTime<Utc>) -> [Answer; 3] {
        let face = &self.faces[place as usize];
        let mut lead = Lead::new(face.id, "Known", at);
        let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        lead.external_id = text(&face.external_id);
        lead.email = text(&face.email);
        lead.phone = text(&face.phone);
        [
            Answer::Key(key.clone(), Some(face.id)),
            Answer::Lead(face.id, Some(Box::new(lead))),
            Answer::Imported { import, lead: face.id, at: Some(at) },
        ]
    }

    /// Remembers that a row was about `lead`, as it is now.
    pub(super) fn remember(&mut self, lead: &Lead) {
        let boxed = |text: &Option<String>| text.as_deref().map(Box::from);
        let face = Face {
            id: lead.id,
            external_id: boxed(&lead.external_id),
            email: boxed(&lead.email),
            phone: boxed(&lead.phone),
        };
        match self.by_id.get(&lead.id) {
            Some(place) => self.faces[*place as usize] = face,
            None => {
                let place = u32::try_from(self.faces.len()).expect("fewer rows than an import may have");
                self.by_id.insert(lead.id, place);
                self.faces.push(face);
            }
        }
    }

    /// Remembers that `key` is `lead`'s, which is known.
    pub(super) fn remember_key(&mut self, key: &Key, lead: Uuid) {
        if let Some(place) = self.by_id.get(&lead) {
            self.by_key.insert(print(key), *place);
        }
    }
}

fn print(key: &Key) -> Print {
    let mut digest = Sha256::new();
    digest.update(key.kind.as_str());
    digest.update([0]);
    digest.update(&key.value);
    let bytes = digest.finalize();
    let mut half = [0; 16];
    half.copy_from_slice(&bytes[..16]);
    Print::from_le_bytes(half)
}
