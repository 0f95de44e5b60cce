//! Definitions: what people lay down with versions, such as a scoring model or a segment, as operations see them.
//!
//! A definition is a JSON document of some kind. The type of the document, its checks and its words live where the
//! thing itself lives (`scoring`, `lifecycle` and so on); here is only what all of them have in common. Operations see
//! the version in force and nothing else: never a draft, never an older version.

use serde::de::DeserializeOwned;
use serde_json::Value;
use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};
use uuid::Uuid;

/// An own field of leads.
pub const FIELD: &str = "field";
/// A saved view of the leads page.
pub const VIEW: &str = "lead_view";
/// A scoring model.
pub const SCORING: &str = "scoring_model";
/// The lifecycle: stages, entry rules, allowed moves.
pub const LIFECYCLE: &str = "lifecycle";
/// A segment.
pub const SEGMENT: &str = "segment";
/// A routing table.
pub const ROUTING: &str = "routing_table";
/// A calendar of holidays.
pub const CALENDAR: &str = "calendar";
/// A policy of clocks for owners.
pub const SLA: &str = "sla_policy";
/// How leads are matched to accounts.
pub const ACCOUNT_MATCHING: &str = "account_matching";
/// How duplicates are recognised and merged.
pub const IDENTITY: &str = "identity";
/// How the columns of a source are read.
pub const IMPORT_MAPPING: &str = "import_mapping";
/// Providers of data, in their order.
pub const WATERFALL: &str = "enrichment_waterfall";
/// Whom nobody may write to, and how opt-outs spread.
pub const SUPPRESSION: &str = "suppression";

/// A published definition: the version in force.
#[derive(Clone)]
pub struct Definition {
    /// Its id.
    pub id: Uuid,
    /// What people call it, unique among its kind in the workspace.
    pub name: String,
    /// Which version this is.
    pub version: i64,
    body: Arc<Body>,
}

/// A document and what it was read as, once.
struct Body {
    document: Value,
    read: OnceLock<Result<Arc<dyn Any + Send + Sync>, String>>,
}

/// A document that is not of the type its kind has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("version {version} of \"{name}\" cannot be read: {detail}")]
pub struct Unreadable {
    /// Which definition.
    pub name: String,
    /// Which version.
    pub version: i64,
    /// What is wrong with it.
    pub detail: String,
}

impl Definition {
    /// The version `version` of a definition.
    #[must_use]
    pub fn new(id: Uuid, name: String, version: i64, document: Value) -> Self {
        Self { id, name, version, body: Arc::new(Body { document, read: OnceLock::new() }) }
    }

    /// The document as JSON.
    #[must_use]
    pub fn document(&self) -> &Value {
        &self.body.document
    }

    /// The document as `T`. It is read once and then shared by all clones, so a kind is always read as the same type.
    ///
    /// # Errors
    /// [`Unreadable`] when it is no `T`, or was read as something else before.
    pub fn read<T: DeserializeOwned + Send + Sync + 'static>(&self) -> Result<Arc<T>, Unreadable> {
        let read = self.body.read.get_or_init(|| match T::deserialize(&self.body.document) {
            Ok(read) => Ok(Arc::new(read)),
            Err(error) => Err(error.to_string()),
        });
        let unreadable = |detail: &str| Unreadable {
            name: self.name.clone(),
            version: self.version,
            detail: detail.to_owned(),
        };
        let read = read.as_ref().map_err(|detail| unreadable(detail))?;
        Arc::clone(read).downcast().map_err(|_| unreadable("it was read as something else before"))
    }

    /// Whether `asked` names it: its name, or its id in text.
    #[must_use]
    pub fn is_called(&self, asked: &str) -> bool {
        self.name == asked || Uuid::try_parse(asked) == Ok(self.id)
    }
}

/// The definition among `all` that `asked` names; a name comes before an id.
#[must_use]
pub fn find<'a>(all: &'a [Definition], asked: &str) -> Option<&'a Definition> {
    let named = all.iter().find(|definition| definition.name == asked);
    named.or_else(|| all.iter().find(|definition| definition.is_called(asked)))
}

impl fmt::Debug for Definition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Definition")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("version", &self.version)
            .field("document", &self.body.document)
            .finish()
    }
}

impl PartialEq for Definition {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
            && self.name == other.name
            && self.version == other.version
            && self.body.document == other.body.document
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_document_is_read_once_and_shared() {
        let definition = Definition::new(Uuid::from_u128(1), "Fit".into(), 3, json!(["a", "b"]));
        let first: Arc<Vec<String>> = definition.read().unwrap();
        let second: Arc<Vec<String>> = definition.read().unwrap();
        assert!(Arc::ptr_eq(&first, &second));
        assert_eq!(*first, ["a", "b"]);
        let error = definition.read::<bool>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "version 3 of \"Fit\" cannot be read: it was read as something else before"
        );
    }

    #[test]
    fn what_is_of_another_shape_is_said() {
        let definition = Definition::new(Uuid::from_u128(1), "Fit".into(), 3, json!({"a": 1}));
        assert!(definition.read::<Vec<String>>().unwrap_err().detail.contains("expected a sequence"));
    }

    #[test]
    fn a_name_comes_before_an_id() {
        let id = Uuid::from_u128(1);
        let all = [
            Definition::new(id, "Fit".into(), 1, Value::Null),
            Definition::new(Uuid::from_u128(2), id.to_string(), 1, Value::Null),
        ];
        assert_eq!(find(&all, "Fit").unwrap().id, id);
        assert_eq!(find(&all, &id.to_string()).unwrap().id, Uuid::from_u128(2));
        assert_eq!(find(&all[..1], &id.to_string()).unwrap().id, id);
        assert_eq!(find(&all, "fit"), None);
    }
}
