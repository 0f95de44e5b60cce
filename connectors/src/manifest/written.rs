//! How lists and records are written where only texts can stand.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

/// By the names of parameters and fields of a form.
pub type Lists = IndexMap<String, Written>;

/// How a list or a record is written where only texts can stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Written {
    /// `name=a,b`
    #[default]
    Comma,
    /// `name=a b`
    Space,
    /// `name=a|b`
    Pipe,
    /// `name=a&name=b`
    Repeat,
    /// A record as `name[first]=a&name[second]=b`, a list as `name[0]=a&name[1]=b`.
    Deep,
    /// A record as `first=a&second=b`.
    Fields,
    /// As JSON.
    Json,
}
