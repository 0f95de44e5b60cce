//! Requests that depend on one another: a job that is made, filled, awaited and read; a search before an addition.

use super::action::RequestTemplate;
use super::fault::FaultRule;
use schemars::JsonSchema;
use serde::Deserialize;
use trunkline_engine::expression::Dynamic;

/// A request that comes before the action's own.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// What is sent; sees the answers of those before it as `before.<name>`.
    pub request: RequestTemplate,
    /// Whether it is sent at all; sees `input` and `before`. The first one always is.
    #[serde(default)]
    pub when: Option<Dynamic>,
    /// Whether it only looks, although it is no GET.
    #[serde(default)]
    pub only_reads: bool,
    /// What its errors mean, before the rules of the action and of the app.
    #[serde(default)]
    pub faults: Vec<FaultRule>,
}

impl Earlier {
    /// Whether it changes something in the app.
    #[must_use]
    pub fn writes(&self) -> bool {
        !self.only_reads && !self.request.method.only_asks()
    }
}
