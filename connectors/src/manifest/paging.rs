//! How one comes from a page of a list to the next.

use schemars::JsonSchema;
use serde::Deserialize;

/// A list that comes in pages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// The items within the answer's body (JSON Pointer); empty for the body itself.
    #[serde(default)]
    pub items: String,
    /// How to come to the next page.
    pub next: Next,
    /// How many items are asked for, and where it is said.
    #[serde(default)]
    pub size: Option<Size>,
}

/// How many items a page has.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Size {
    /// Where it is said.
    pub into: Spot,
    /// Most items of a page (1 or more).
    pub most: u32,
}

/// How to come to the next page.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Next {
    /// The answer's body holds a word for the next page.
    Cursor {
        /// Where it stands (JSON Pointer); nothing there means the end.
        at: String,
        /// Where it goes.
        into: Spot,
        /// A field of the body that says whether there is more (JSON Pointer).
        #[serde(default)]
        more: Option<String>,
    },
    /// Pages are counted; an empty page, or one that is not full, is the last.
    Page {
        /// Where the number goes.
        into: Spot,
        /// Number of the first page.
        #[serde(default = "one")]
        first: u64,
    },
    /// Items are counted; an empty page, or one that is not full, is the last.
    Offset {
        /// Where the number of items to skip goes.
        into: Spot,
    },
    /// The header `Link` names the next page with `rel="next"`.
    LinkHeader {},
    /// A header of the answer holds a word for the next page; nothing or `null` there means the end.
    Header {
        /// Its name in small letters.
        name: String,
        /// Where the word goes.
        into: Spot,
    },
    /// The answer's body holds the address of the next page, whole or from the host on.
    Url {
        /// Where it stands (JSON Pointer); nothing there means the end.
        at: String,
    },
}

fn one() -> u64 {
    1
}

/// A place in a request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Spot {
    /// A parameter of the address.
    Query(String),
    /// A field at the top of the JSON body.
    Json(String),
    /// A field of the form.
    Form(String),
}
