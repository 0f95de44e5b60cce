//! What an app is spoken to in.

use schemars::JsonSchema;
use serde::Deserialize;

/// A protocol. All but HTTP are spoken by code of this build ([`native`](crate::native)); their manifests describe forms,
/// promises and limits, and say no request.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// HTTP with JSON or forms.
    #[default]
    Http,
    /// Mail.
    Smtp,
    /// PostgreSQL's own protocol.
    Postgres,
    /// MySQL's and MariaDB's own protocol.
    Mysql,
    /// Signed HTTP to object storage that is called as Amazon's S3 is.
    S3,
    /// Files over SSH.
    Sftp,
}

impl Protocol {
    /// Whether code of this build speaks it, in place of requests in the manifest.
    #[must_use]
    pub fn is_native(self) -> bool {
        self != Self::Http
    }
}
