//! HTTP request: asks or tells another system over the web. It only composes the call; the guarded client makes it.

use super::{blank, header, problem};
use crate::condition::Condition;
use crate::document::OUT;
use crate::expression::filters::percent_encoded;
use crate::expression::{Dynamic, Scope, Template, into_text};
use crate::failure::Failure;
use crate::kind::{
    About, Access, CONNECTION, Category, Channel, ConfigProblem, Context, Done, Example, Operation, Outcome,
    Performer, Port, PortRule, Promise, Purpose, Recipient, SUPPRESSED, Step, StepKind,
};
use crate::run::Performed;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use header::Header;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Settings of `http_request`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HttpRequest {
    /// GET asks for data; the others change something.
    #[serde(default)]
    #[schemars(
        title = "Method",
        extend("x-labels" = {"GET": "GET", "HEAD": "HEAD", "POST": "POST", "PUT": "PUT", "PATCH": "PATCH", "DELETE": "DELETE"})
    )]
    method: Method,
    /// The whole address, beginning with https://.
    #[schemars(title = "Address", extend("x-placeholder" = "https://api.example.com/contacts"))]
    url: Template,
    /// Parameters that are added to the address. Those without a value are left out.
    #[serde(default)]
    #[schemars(title = "Parameters", extend("x-ui" = "fields"))]
    query: Vec<Parameter>,
    /// What is sent along.
    #[serde(default)]
    #[schemars(
        title = "Body",
        extend("x-labels" = {"none": "Nothing", "json": "JSON", "form": "Form fields", "text": "Text"})
    )]
    body: Body,
    /// How we prove who we are.
    #[serde(default)]
    #[schemars(
        title = "Sign-in",
        extend("x-labels" = {"none": "None", "connection": "A connection", "bearer": "Bearer token", "basic": "User name and password", "header": "A key in a header"})
    )]
    auth: Auth,
    /// Headers beside the usual ones.
    #[serde(default)]
    #[schemars(title = "Headers", extend("x-ui" = "headers", "x-advanced" = true))]
    headers: Vec<Header>,
    /// Tick it when the other side does the same request only once, however often it arrives with the same
    /// `Idempotency-Key`. Lost calls are then repeated.
    #[serde(default)]
    #[schemars(title = "The other side ignores repeats", extend("x-advanced" = true))]
    ignores_repeats: bool,
    /// How to find out whether a lost request had arrived, before it is sent again. Without it a person is asked.
    #[serde(default)]
    #[schemars(title = "Look before sending again", extend("x-advanced" = true))]
    look: Option<Look>,
    /// Say whom the message goes to, and it is held back while they must not be written to, whatever else the workflow
    /// says. It then leaves by the port *held back*.
    #[serde(default)]
    #[schemars(title = "This call sends a message to")]
    sends_to: Option<SendsTo>,
    /// Go on whatever status comes back, so that the workflow can look at it. Otherwise only 200 to 299 is a success.
    #[serde(default)]
    #[schemars(title = "Succeed on any status", extend("x-advanced" = true))]
    any_status: bool,
}

/// Whom a message goes to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SendsTo {
    /// How they are reached.
    #[serde(default)]
    #[schemars(title = "By", extend("x-labels" = {"email": "E-mail", "phone": "Telephone or text message"}))]
    channel: Channel,
    /// Their address or number.
    #[schemars(title = "Address", extend("x-placeholder" = "{{ steps.find.lead.email }}"))]
    address: Template,
    /// Who opted out is not sent marketing; who complained or must not be contacted is sent nothing.
    #[serde(default)]
    #[schemars(title = "What for", extend("x-labels" = {"marketing": "Marketing", "service": "Service, such as an invoice"}))]
    purpose: Purpose,
}

/// A read that finds out whether a write happened.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Look {
    /// The address that is asked with GET, with the same sign-in.
    #[schemars(title = "Address", extend("x-placeholder" = "https://api.example.com/contacts/{{ trigger.body.email }}"))]
    url: Template,
    /// The request had arrived when this holds; `item` is the answer, with its `status` and `body`. The answer is then
    /// the output of the step.
    #[schemars(title = "It had arrived if", extend("x-ui" = "condition"))]
    found: Condition,
}

/// HTTP methods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum Method {
    /// Asks for data.
    #[default]
    Get,
    /// Asks for the headers alone.
    Head,
    /// Adds something.
    Post,
    /// Replaces something.
    Put,
    /// Changes something.
    Patch,
    /// Removes something.
    Delete,
}

impl Method {
    fn only_reads(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

/// A named value in an address or a form.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Parameter {
    /// Its name.
    name: String,
    /// Its value.
    #[serde(default)]
    value: Dynamic,
}

/// What is sent along.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
enum Body {
    /// Nothing.
    #[default]
    #[schemars(title = "Nothing")]
    None,
    /// Any value as JSON.
    #[schemars(title = "JSON")]
    Json {
        /// The value; any text in it may hold pills.
        #[schemars(title = "JSON", extend("x-ui" = "code_json"))]
        json: Dynamic,
    },
    /// Fields, as a web form sends them.
    #[schemars(title = "Form fields")]
    Form {
        /// The fields.
        #[schemars(title = "Fields", extend("x-ui" = "fields"))]
        fields: Vec<Parameter>,
    },
    /// Text as it is.
    #[schemars(title = "Text")]
    Text {
        /// The text.
        #[schemars(title = "Text", extend("x-ui" = "template_long"))]
        text: Template,
    },
}

/// How we prove who we are.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
enum Auth {
    /// Not at all.
    #[default]
    #[schemars(title = "None")]
    None,
    /// An account that an administrator connected. Its credentials go only to its own hosts, and its limits hold for all
    /// workflows together.
    #[schemars(title = "A connection")]
    Connection {
        /// Which.
        #[schemars(title = "Connection", extend("x-ui" = "connection"))]
        connection: String,
    },
    /// `Authorization: Bearer` with a token.
    #[schemars(title = "Bearer token")]
    Bearer {
        /// The token.
        #[schemars(title = "Token", extend("x-ui" = "secret"))]
        token: String,
    },
    /// HTTP basic authentication.
    #[schemars(title = "User name and password")]
    Basic {
        /// The user name.
        #[schemars(title = "User name")]
        username: String,
        /// The password.
        #[serde(default)]
        #[schemars(title = "Password", extend("x-ui" = "secret"))]
        password: String,
    },
    /// A header of your own.
    #[schemars(title = "A key in a header")]
    Header {
        /// Its name.
        #[schemars(title = "Header", extend("x-placeholder" = "X-Api-Key"))]
        name: String,
        /// The key.
        #[schemars(title = "Key", extend("x-ui" = "secret"))]
        value: String,
    },
}

pub(super) fn kind() -> StepKind {
    StepKind::new::<HttpRequest>(About {
        kind: "http_request",
        title: "HTTP request",
        summary: "Asks another system for data, or sends data to it, over the web.",
        help: HELP,
        icon: "globe",
        category: Category::Connect,
        keywords: &["api", "rest", "call", "get", "post", "webhook", "send", "fetch", "json", "url", "curl"],
        default_config: json!({ "method": "GET", "url": "" }),
        ports: PortRule::With { ports: Port::out(), field: "sends_to".into(), more: vec![held_back()] },
        promise: Promise::Uncertain,
        promise_text: "GET and HEAD are repeated when an answer is lost. Anything else is never repeated blindly: when \
                       nobody knows whether it arrived, it is looked up first if you say how, and otherwise a person is \
                       asked in the inbox. If the other side ignores repeats, it is sent again.",
        has_error_port: true,
        example: Example {
            config: json!({
                "method": "POST",
                "url": "https://api.example.com/contacts",
                "query": [{ "name": "list", "value": "spring sale" }],
                "body": { "kind": "json", "json": { "email": "{{ trigger.body.email }}" } },
                "auth": { "by": "bearer", "token": "example-token" },
                "ignores_repeats": true,
            }),
            context: json!({ "trigger": { "body": { "email": "ada@analytical.example" } } }),
            output: None,
            port: "out".into(),
        },
        output_sample: json!({
            "status": 200,
            "headers": { "content-type": "application/json" },
            "body": { "id": 1 },
        }),
        summary_template: "{method} {url}",
    })
}

/// The way out of a message that was held back.
fn held_back() -> Port {
    Port::new(SUPPRESSED, "held back")
}

const HELP: &str = r"
The output holds the `status`, the `headers` (their names in small letters) and the `body`; a JSON body can be used field
by field, such as `steps.<this step>.body.id`.

- A pill inside the address is put in as it is; write `|urlencode` behind it when it may hold spaces or slashes.
- Addresses inside your own network are refused unless an administrator allows the host.
- With *A connection* as sign-in, an administrator connected the account once; nobody who builds workflows sees its
  credentials, they are sent to its own hosts alone, and all workflows that use it share its limits.
- Every request that changes something carries an `Idempotency-Key`, the same at every attempt.
- **Look before sending again** asks the other side whether a lost request had arrived, before it is sent a second time.
- **This call sends a message to** tells whom the message goes to. It is held back while they must not be written to; the
  output then says since when and why, and the step leaves by its port *held back*.
- How often it is tried again, and how long it may take, is set under the step's options.
";

impl Step for HttpRequest {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let scope = context.scope;
        let mut headers = self.auth.headers()?;
        let (body, content_type) = self.body.read(scope)?;
        headers.extend(content_type.map(|kind| ("Content-Type".to_owned(), kind.to_owned())));
        if !self.method.only_reads() {
            headers.push(("Idempotency-Key".to_owned(), context.idempotency_key.clone()));
        }
        for (name, value) in header::read(&self.headers, scope)? {
            headers.retain(|(known, _)| !known.eq_ignore_ascii_case(&name));
            headers.push((name, value));
        }
        let url = with_query(self.url.text(scope)?.trim(), &encode(&self.query, scope)?);
        let (access, promise) = match (self.method.only_reads(), self.ignores_repeats, &self.look) {
            (true, ..) => (Access::Read, Promise::None),
            (_, true, _) => (Access::Write, Promise::Once),
            (_, _, Some(_)) => (Access::Write, Promise::Checked),
            (_, _, None) => (Access::Write, Promise::Uncertain),
        };
        let input = json!({
            "method": self.method,
            "url": url,
            "headers": headers,
            "body": body,
            "any_status": self.any_status,
        });
        Ok(Outcome::Perform(Operation {
            performer: Performer::Http,
            action: "request".into(),
            input: self.auth.named_in(input),
            access,
            promise,
            sends_to: self.recipient(scope)?,
        }))
    }

    fn resume(&self, _: &Context<'_>, result: Performed) -> Result<Outcome, Failure> {
        let is_held_back = self.sends_to.is_some() && result.output.get(SUPPRESSED).is_some();
        let port = if is_held_back { SUPPRESSED } else { OUT };
        let Performed { output, why, written } = result;
        Ok(Done { port: port.into(), output, why, written }.into())
    }

    fn ports(&self) -> Option<Vec<Port>> {
        self.sends_to.as_ref().map(|_| Port::out().into_iter().chain([held_back()]).collect())
    }

    fn verify(&self, context: &Context<'_>) -> Result<Option<Operation>, Failure> {
        let Some(look) = &self.look else { return Ok(None) };
        let mut headers = self.auth.headers()?;
        headers.extend(header::read(&self.headers, context.scope)?);
        let url = look.url.text(context.scope)?;
        let input = json!({
            "method": "GET", "url": url.trim(), "headers": headers, "body": null, "any_status": true,
        });
        Ok(Some(Operation {
            performer: Performer::Http,
            action: "request".into(),
            input: self.auth.named_in(input),
            access: Access::Read,
            promise: Promise::None,
            sends_to: None,
        }))
    }

    fn verified(&self, context: &Context<'_>, result: Performed) -> Result<Option<Done>, Failure> {
        let Some(look) = &self.look else { return Ok(None) };
        let answer = context.scope.with_item(0, &result.output);
        let had_arrived = look.found.holds(&answer)?;
        Ok(had_arrived
            .then(|| Done::out(result.output).because("A look at the other side found that it had arrived.")))
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = header::check(&self.headers, "/headers");
        if let Some(sends_to) = &self.sends_to {
            if sends_to.address.is_blank() {
                let action = "Choose the address, or remove the setting.";
                problems.push(blank("/sends_to/address", "nobody is named whom the message goes to", action));
            }
            if self.method.only_reads() {
                let action = "Choose POST or another method that sends something.";
                problems.push(problem(
                    "DOC-0029",
                    "/method",
                    "a call that only reads sends no message",
                    action,
                ));
            }
        }
        if let Some(look) = &self.look {
            problems.extend(look.found.problems("/look/found"));
            if look.found.is_empty() {
                let action = "Say how its answer shows that the request had arrived.";
                problems.push(blank("/look/found", "every answer would count as arrived", action));
            }
            if look.url.is_blank() {
                let action = "Write the address to look at, or remove the look.";
                problems.push(blank("/look/url", "there is no address to look at", action));
            }
        }
        if self.url.is_blank() {
            problems.push(blank(
                "/url",
                "there is no address",
                "Write the whole address, beginning with https://.",
            ));
        } else if let Some(url) = self.url.literal().map(str::trim)
            && !url.starts_with("https://")
            && !url.starts_with("http://")
        {
            let message = format!("\"{url}\" is not a whole address");
            problems.push(problem("DOC-0029", "/url", message, "Begin it with https://."));
        }
        let field = match &self.auth {
            Auth::Connection { connection } if connection.trim().is_empty() => {
                let action = "Choose one, or connect an account under Settings > Connections.";
                problems.push(blank("/auth/connection", "no connection is chosen", action));
                return problems;
            }
            Auth::Bearer { token } if token.trim().is_empty() => "/auth/token",
            Auth::Basic { username, .. } if username.trim().is_empty() => "/auth/username",
            Auth::Header { name, .. } if name.trim().is_empty() => "/auth/name",
            Auth::Header { value, .. } if value.trim().is_empty() => "/auth/value",
            _ => return problems,
        };
        problems.push(blank(field, "the sign-in is not filled in", "Fill it in, or choose no sign-in."));
        problems
    }
}

impl HttpRequest {
    fn recipient(&self, scope: &Scope) -> Result<Option<Recipient>, Failure> {
        let Some(SendsTo { channel, address, purpose }) = &self.sends_to else { return Ok(None) };
        let address = address.text(scope)?.trim().to_owned();
        Ok(Some(Recipient { channel: *channel, address, purpose: *purpose }))
    }
}

impl Auth {
    fn headers(&self) -> Result<Vec<(String, String)>, Failure> {
        let (name, value) = match self {
            // A connection is signed where the call leaves; nothing of it is known here.
            Self::None | Self::Connection { .. } => return Ok(Vec::new()),
            Self::Bearer { token } => ("Authorization", format!("Bearer {}", token.trim())),
            Self::Basic { username, password } => {
                ("Authorization", format!("Basic {}", STANDARD.encode(format!("{username}:{password}"))))
            }
            Self::Header { name, value } => (name.trim(), value.clone()),
        };
        Ok(vec![(name.to_owned(), header::line(name, &value)?)])
    }

    /// `input` with the connection that signs it, if one does.
    fn named_in(&self, mut input: Value) -> Value {
        if let Self::Connection { connection } = self {
            input[CONNECTION] = connection.trim().into();
        }
        input
    }
}

impl Body {
    /// The text to send and its media type.
    fn read(&self, scope: &Scope) -> Result<(Option<String>, Option<&'static str>), Failure> {
        Ok(match self {
            Self::None => (None, None),
            Self::Json { json } => (Some(json.value(scope)?.to_string()), Some("application/json")),
            Self::Form { fields } => {
                (Some(encode(fields, scope)?), Some("application/x-www-form-urlencoded"))
            }
            Self::Text { text } => (Some(text.text(scope)?), Some("text/plain; charset=utf-8")),
        })
    }
}

/// `parameters` as they stand in addresses and forms. Those without a value are left out; a list gives one for each item.
fn encode(parameters: &[Parameter], scope: &Scope) -> Result<String, Failure> {
    let mut pairs = Vec::with_capacity(parameters.len());
    for parameter in parameters {
        let values = match parameter.value.value(scope)? {
            Value::Null => continue,
            Value::Array(items) => items,
            one => vec![one],
        };
        for value in values {
            pairs.push(format!(
                "{}={}",
                percent_encoded(parameter.name.trim()),
                percent_encoded(&into_text(value))
            ));
        }
    }
    Ok(pairs.join("&"))
}

/// `url` with `query` added to what it asks already; a part behind `#` is never sent and is dropped.
fn with_query(url: &str, query: &str) -> String {
    let url = url.split('#').next().unwrap_or(url);
    match (query.is_empty(), url.contains('?')) {
        (true, _) => url.to_owned(),
        (false, true) => format!("{url}&{query}"),
        (false, false) => format!("{url}?{query}"),
    }
}

#[cfg(test)]
mod tests;
