//! How a connection proves who it is. The secrets themselves are never part of a manifest.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use trunkline_engine::expression::Template;

/// One way to sign in.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// Its name in stored connections. It never changes.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Where to find what is asked, in Markdown; shown beside the form.
    #[serde(default)]
    pub help: String,
    /// How the proof is got.
    pub grant: Grant,
    /// Where the proof goes. The only place that sees `secret`. Without it, tokens are sent as `Authorization: Bearer` and
    /// a user name with its password as `Authorization: Basic`.
    #[serde(default)]
    pub send: Send,
}

/// Where the proof goes in a request. Names may hold expressions as well.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Send {
    /// Headers.
    #[serde(default)]
    pub headers: IndexMap<String, Template>,
    /// Parameters of the address.
    #[serde(default)]
    pub query: IndexMap<String, Template>,
}

impl Send {
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty() && self.query.is_empty()
    }
}

/// How the proof is got.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Grant {
    /// Nothing: the API is open to everybody.
    None {},
    /// A key that the administrator enters: `secret.key`.
    ApiKey {
        /// Several keys instead of one, by name: what people call them. `key` stands for itself then.
        #[serde(default)]
        entries: IndexMap<String, String>,
    },
    /// A user name and a password: `secret.username` and `secret.password`.
    Basic {},
    /// OAuth 2: the administrator signs in at the app and allows access. PKCE is always used.
    AuthorizationCode {
        /// Where the administrator is sent. May use `settings`.
        authorize_url: Template,
        /// Where the code is exchanged. May use `settings`. Its host must be one of `hosts` or of `token_hosts`.
        token_url: Template,
        /// What access is asked for.
        #[serde(default)]
        scopes: Vec<String>,
        /// More parameters of the address the administrator is sent to.
        #[serde(default)]
        parameters: IndexMap<String, String>,
        /// How the client proves who it is.
        #[serde(default)]
        client: ClientProof,
        /// What the token's answer tells and is no secret, kept as settings: name to JSON Pointer.
        #[serde(default)]
        keep: IndexMap<String, String>,
        /// Hosts beside `hosts` that the token may be asked from.
        #[serde(default)]
        token_hosts: Vec<String>,
    },
    /// OAuth 2: the client signs in for itself with its id and secret (Marketo's identity token, too, with `client: query`).
    ClientCredentials {
        /// Where the token is asked for. May use `settings`. Its host must be one of `hosts` or of `token_hosts`.
        token_url: Template,
        /// What access is asked for.
        #[serde(default)]
        scopes: Vec<String>,
        /// More fields of the request.
        #[serde(default)]
        parameters: IndexMap<String, String>,
        /// How the client proves who it is.
        #[serde(default)]
        client: ClientProof,
        /// What the token's answer tells and is no secret, kept as settings: name to JSON Pointer.
        #[serde(default)]
        keep: IndexMap<String, String>,
        /// Hosts beside `hosts` that the token may be asked from.
        #[serde(default)]
        token_hosts: Vec<String>,
    },
    /// OAuth 2 with a signed assertion instead of a person (Salesforce): `secret.private_key` signs for
    /// `secret.username`.
    JwtBearer {
        /// Where the assertion is exchanged. May use `settings`. Its host must be one of `hosts` or of `token_hosts`.
        token_url: Template,
        /// For whom the assertion is made. May use `settings`.
        audience: Template,
        /// What the token's answer tells and is no secret, kept as settings: name to JSON Pointer.
        #[serde(default)]
        keep: IndexMap<String, String>,
        /// Hosts beside `hosts` that the token may be asked from.
        #[serde(default)]
        token_hosts: Vec<String>,
    },
}

/// How a client proves who it is when it asks for a token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClientProof {
    /// `client_id` and `client_secret` among the fields.
    #[default]
    Body,
    /// HTTP basic authentication.
    Basic,
    /// `client_id` and `client_secret` in the address of a GET.
    Query,
}

/// Something the administrator enters to connect an app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its name among the secrets.
    pub name: Cow<'static, str>,
    /// What people call it.
    pub title: Cow<'static, str>,
    /// Whether it is hidden while it is typed.
    pub is_hidden: bool,
    /// Whether it takes several lines.
    pub is_long: bool,
    /// Whether it may be empty.
    pub is_optional: bool,
}

const fn entry(name: &'static str, title: &'static str, is_hidden: bool) -> Entry {
    Entry { name: Cow::Borrowed(name), title: Cow::Borrowed(title), is_hidden, is_long: false, is_optional: false }
}

impl Grant {
    /// Its word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::None {} => "none",
            Self::ApiKey { .. } => "api_key",
            Self::Basic {} => "basic",
            Self::AuthorizationCode { .. } => "authorization_code",
            Self::ClientCredentials { .. } => "client_credentials",
            Self::JwtBearer { .. } => "jwt_bearer",
        }
    }

    /// What the administrator enters.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        match self {
            Self::None {} => Vec::new(),
            Self::ApiKey { entries } if entries.is_empty() => vec![entry("key", "Key", true)],
            Self::ApiKey { entries } => entries
                .iter()
                .map(|(name, title)| Entry {
                    name: Cow::Owned(name.clone()),
                    title: Cow::Owned(title.clone()),
                    is_hidden: true,
                    is_long: false,
                    is_optional: false,
                })
                .collect(),
            Self::Basic {} => {
                // Many apps take a key as the name and no password.
                let password = Entry { is_optional: true, ..entry("password", "Password", true) };
                vec![entry("username", "User name", false), password]
            }
            Self::AuthorizationCode { .. } | Self::ClientCredentials { .. } => {
                vec![entry("client_id", "Client ID", false), entry("client_secret", "Client secret", true)]
            }
            Self::JwtBearer { .. } => vec![
                entry("client_id", "Client ID", false),
                entry("username", "User name", false),
                Entry { is_long: true, ..entry("private_key", "Private key (PEM, PKCS #8)", true) },
            ],
        }
    }

    /// Where its token is asked for, and what of the answer is kept as settings; `None` when the proof is entered.
    #[must_use]
    pub fn token(&self) -> Option<TokenSource<'_>> {
        match self {
            Self::None {} | Self::ApiKey { .. } | Self::Basic {} => None,
            Self::AuthorizationCode { token_url, keep, token_hosts, .. }
            | Self::ClientCredentials { token_url, keep, token_hosts, .. }
            | Self::JwtBearer { token_url, keep, token_hosts, .. } => {
                Some(TokenSource { url: token_url, keep, hosts: token_hosts })
            }
        }
    }
}

/// Where a token comes from.
#[derive(Debug, Clone, Copy)]
pub struct TokenSource<'a> {
    /// Where it is asked for.
    pub url: &'a Template,
    /// What of the answer is kept as settings.
    pub keep: &'a IndexMap<String, String>,
    /// Hosts beside the manifest's.
    pub hosts: &'a [String],
}
