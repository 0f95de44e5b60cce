//! How a connection proves who it is. The secrets themselves are never part of a manifest.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
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
    /// What the administrator enters beside what the grant asks: secrets by name, such as a developer token.
    #[serde(default)]
    pub asks: IndexMap<String, Asked>,
    /// Where the proof goes. The only place that sees `secret`. Without it, tokens are sent as `Authorization: Bearer` and
    /// a user name with its password as `Authorization: Basic`.
    #[serde(default)]
    pub send: Send,
}

/// A secret that is entered.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// What people call it.
    pub title: String,
    /// Whether it is shown while it is typed, because it is a name and no secret in itself.
    #[serde(default)]
    pub shown: bool,
    /// Whether it takes several lines, as a key does.
    #[serde(default)]
    pub long: bool,
    /// Whether it may be left empty.
    #[serde(default)]
    pub optional: bool,
}

impl Auth {
    /// What the administrator enters.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let asked = self.asks.iter().map(|(name, asked)| Entry {
            name: name.clone(),
            title: asked.title.clone(),
            is_hidden: !asked.shown,
            is_long: asked.long,
            is_optional: asked.optional,
        });
        self.grant.entries().into_iter().chain(asked).collect()
    }
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
    /// A key that the administrator enters: `secret.key`.
    ApiKey {},
    /// Only what `asks` names.
    Entered {},
    /// A user name and a password: `secret.username` and `secret.password`.
    Basic {},
    /// OAuth 2: the administrator signs in at the app and allows access. PKCE is always used.
    AuthorizationCode {
        /// Where the administrator is sent. May use `settings`.
        authorize_url: Template,
        /// Where the code is exchanged. May use `settings`. Its host must be one of `hosts` or of `token_hosts`.
        token_url: Template,
        /// What access is asked for. May use `settings`.
        #[serde(default)]
        scopes: Vec<Template>,
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
        /// What access is asked for. May use `settings`.
        #[serde(default)]
        scopes: Vec<Template>,
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
    pub name: String,
    /// What people call it.
    pub title: String,
    /// Whether it is hidden while it is typed.
    pub is_hidden: bool,
    /// Whether it takes several lines.
    pub is_long: bool,
    /// Whether it may be left empty.
    pub is_optional: bool,
}

fn entry(name: &str, title: &str, is_hidden: bool) -> Entry {
    Entry { name: name.into(), title: title.into(), is_hidden, is_long: false, is_optional: false }
}

impl Grant {
    /// Its word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::ApiKey {} => "api_key",
            Self::Entered {} => "entered",
            Self::Basic {} => "basic",
            Self::AuthorizationCode { .. } => "authorization_code",
            Self::ClientCredentials { .. } => "client_credentials",
            Self::JwtBearer { .. } => "jwt_bearer",
        }
    }

    /// What it needs by itself.
    pub(super) fn entries(&self) -> Vec<Entry> {
        match self {
            Self::Entered {} => Vec::new(),
            Self::ApiKey {} => vec![entry("key", "Key", true)],
            Self::Basic {} => {
                vec![entry("username", "User name", false), entry("password", "Password", true)]
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
            Self::ApiKey {} | Self::Entered {} | Self::Basic {} => None,
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
