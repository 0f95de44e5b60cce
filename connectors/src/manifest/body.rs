//! Bodies that are neither JSON nor a form: what is sent as a file or as rows, and how an answer is read.

use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_engine::expression::Dynamic;

/// A file that is sent along with the fields of `form`, as a browser uploads one (`multipart/form-data`).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Upload {
    /// The name of its field.
    pub field: String,
    /// The name of the file.
    pub name: Dynamic,
    /// Its rows: a list of records, sent as CSV.
    #[serde(default)]
    pub csv: Option<Dynamic>,
    /// Its text.
    #[serde(default)]
    pub text: Option<Dynamic>,
    /// Its type; `text/csv` for rows and `text/plain` for text unless it is said.
    #[serde(default)]
    pub kind: Option<String>,
}

/// How an answer is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reads {
    /// As JSON.
    #[default]
    Json,
    /// As CSV with a header: a list of records whose fields are texts.
    Csv,
    /// As text.
    Text,
}
