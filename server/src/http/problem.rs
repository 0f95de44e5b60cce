//! The one error of the HTTP face: RFC 9457 problem details with a stable code and advice.
//!
//! Handlers choose a [`Code`] from the catalog below and add what happened. Nothing else in this crate builds an error
//! response, so every one of them has a code, an action and a page under `docs/errors/`. An internal cause is logged and
//! never sent.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

/// An error people can meet: what it is called and what to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// Stable code, such as `API-0002`.
    pub code: &'static str,
    /// HTTP status.
    pub status: StatusCode,
    /// What it is, in a few words.
    pub title: &'static str,
    /// What to do about it.
    pub action: &'static str,
}

macro_rules! catalog {
    ($($name:ident = $code:literal $status:ident $title:literal, $action:literal;)*) => {
        $(#[doc = $title]
        pub const $name: Code =
            Code { code: $code, status: StatusCode::$status, title: $title, action: $action };)*
        /// Every code of the HTTP face.
        pub const CATALOG: &[Code] = &[$($name),*];
    };
}

catalog! {
    NO_ROUTE = "API-0001" NOT_FOUND "There is nothing at this address",
        "Compare the address with the API reference at /api/openapi.json.";
    NOT_JSON = "API-0002" BAD_REQUEST "The body is not valid JSON",
        "Correct the JSON at the place named and send it again.";
    TOO_BIG = "API-0003" PAYLOAD_TOO_LARGE "The body is too big",
        "Send less at once, for example in several requests.";
    TOO_DEEP = "API-0004" BAD_REQUEST "The JSON is nested too deeply",
        "Send data nested at most 128 levels deep.";
    WRONG_FIELD = "API-0005" UNPROCESSABLE_ENTITY "A field is unknown or has the wrong type",
        "Correct the field named; the API reference at /api/openapi.json lists the fields.";
    WRONG_PARAMETER = "API-0006" BAD_REQUEST "A parameter of the address cannot be understood",
        "Correct the parameter named; the API reference at /api/openapi.json lists them.";
    NOT_FOUND = "API-0007" NOT_FOUND "It does not exist",
        "Check the id; it may have been deleted.";
    TOO_MANY = "API-0008" TOO_MANY_REQUESTS "Too many requests",
        "Wait as long as the Retry-After header says, then go on more slowly.";
    BUSY = "API-0009" TOO_MANY_REQUESTS "The server has all the work it can hold",
        "Nothing was accepted. Send it again after the time in the Retry-After header.";
    INTERNAL = "API-0010" INTERNAL_SERVER_ERROR "Something went wrong on the server",
        "Try again; if it stays, look into the server's log and report it with the time of the request.";
    WRONG_TYPE = "API-0011" UNSUPPORTED_MEDIA_TYPE "This content type is not read here",
        "Send the content type that the API reference names.";
    WRONG_METHOD = "API-0012" METHOD_NOT_ALLOWED "This address does not take this method",
        "Use one of the methods in the Allow header.";
    STOPPING = "API-0013" SERVICE_UNAVAILABLE "The server is stopping",
        "Nothing was accepted. Send it again in a moment.";
    INVALID = "API-0014" UNPROCESSABLE_ENTITY "A value is not acceptable",
        "Correct the value named and send it again.";
    CONFLICT = "API-0015" CONFLICT "Something with this name exists already",
        "Choose another name.";
    NO_DISK = "API-0016" SERVICE_UNAVAILABLE "The disk refuses to write",
        "Nothing was accepted. Free space or check the disk that holds the data folder, then send it again.";
    NO_DATABASE = "API-0017" SERVICE_UNAVAILABLE "The database cannot be reached",
        "Nothing was accepted. Send it again in a moment; if it stays, check that the database server runs.";
    NO_UPLOAD = "API-0018" BAD_REQUEST "There is no file in the request",
        "Send the file as the part `file` of a multipart body.";
    LEAD_UNDER_WAY = "STORE-0015" CONFLICT "A run that names this lead has not ended",
        "Cancel the run, or wait until it has ended, then erase the lead again.";
    LOST = "STORE-0016" INTERNAL_SERVER_ERROR "Part of this run is missing",
        "Put the file back from a backup of the `payloads` folder; if there is none, cancel the run.";
    ADMINS_ONLY = "AUTH-0009" FORBIDDEN "Only administrators may do this",
        "Ask an owner or administrator of the workspace to do it.";
    SIGNED_OUT = "AUTH-0001" UNAUTHORIZED "You are not signed in",
        "Sign in, or send an API token as Authorization: Bearer tl_...";
    WRONG_CSRF = "AUTH-0002" FORBIDDEN "The request does not come from the studio",
        "Reload the page. Programs should use an API token instead of the session cookie.";
    WRONG_PASSWORD = "AUTH-0003" UNAUTHORIZED "E-mail or password is wrong",
        "Try again, or set a new password on the server with: trunkline user password EMAIL";
    SLOW_DOWN = "AUTH-0004" TOO_MANY_REQUESTS "Too many attempts to sign in",
        "Wait as long as the Retry-After header says, then try again.";
    WRONG_SETUP = "AUTH-0005" FORBIDDEN "This set-up link is not valid",
        "Use the link that the server printed when it started last.";
    ALREADY_SET_UP = "AUTH-0006" CONFLICT "This server is already set up",
        "Sign in instead.";
    WEAK_ACCOUNT = "AUTH-0007" UNPROCESSABLE_ENTITY "E-mail or password cannot be used",
        "Give a full e-mail address and a password of 10 to 200 characters.";
    WRONG_TOKEN = "AUTH-0008" UNAUTHORIZED "This API token is not valid",
        "Create a new token under Settings, or with: trunkline token create";
    NO_WORKFLOW = "WF-0001" NOT_FOUND "There is no such workflow",
        "Open the list of workflows; it may have been deleted.";
    NO_VERSION = "WF-0002" NOT_FOUND "There is no such version",
        "Open the list of versions of this workflow.";
    NO_TRIGGER = "WF-0003" UNPROCESSABLE_ENTITY "The workflow has no such trigger",
        "Name one of its trigger steps, or add a trigger.";
    STALE_DRAFT = "WF-0004" CONFLICT "Someone else saved this draft meanwhile",
        "Load the workflow again and repeat your change.";
    HAS_PROBLEMS = "WF-0005" UNPROCESSABLE_ENTITY "The workflow has problems that must be solved first",
        "Solve the problems listed; each names its step and field.";
    NOT_PUBLISHED = "WF-0006" CONFLICT "The workflow is not published",
        "Publish it first, or run its draft.";
    PATH_TAKEN = "WF-0007" CONFLICT "Another workflow already listens at this address",
        "Choose another path in the trigger step, or switch the other workflow off.";
    NO_STEP = "WF-0008" NOT_FOUND "The workflow has no such step",
        "Check the step's id in the document.";
    TOO_MANY_EVENTS = "WF-0009" UNPROCESSABLE_ENTITY "Too many events in one request",
        "Send at most 1,000 events at once.";
    SWITCHED_OFF = "WF-0010" CONFLICT "The workflow is switched off",
        "Switch it on, then send the event again.";
    NOT_TESTABLE = "WF-0011" UNPROCESSABLE_ENTITY "This step cannot be tested alone",
        "Run the whole draft instead.";
    DELIVERY_FORGED = "HOOK-0011" UNAUTHORIZED "The proof of this delivery does not fit",
        "Enter the signing secret that the app shows for this address at the connection.";
    DELIVERY_OLD = "HOOK-0008" UNAUTHORIZED "This delivery was sent too long ago",
        "Let the app send it again; if it stays, check the clocks of both machines.";
    DELIVERY_UNREADABLE = "HOOK-0009" BAD_REQUEST "This delivery cannot be read",
        "Nothing was accepted. If the app sent it, its manifest needs a correction.";
    DELIVERY_NO_SECRET = "HOOK-0010" UNAUTHORIZED "Nobody has entered the secret of this address",
        "Enter the signing secret at the connection first; until then nothing can be proved.";
    TRIGGER_NO_SECRET = "WF-0012" UNPROCESSABLE_ENTITY "A trigger waits for deliveries that nobody could prove",
        "Enter the secrets named at the connection of the trigger, then publish again.";
    CONNECTION_IN_USE = "CONN-0014" CONFLICT "Workflows use this connection",
        "Choose another connection in these workflows first, and publish them.";
    NO_DOCUMENT = "CONN-0041" UNPROCESSABLE_ENTITY "This is no document that can be imported",
        "Correct it at the place named, or take the JSON or YAML file that the vendor publishes.";
    NO_CONNECTOR = "CONN-0042" UNPROCESSABLE_ENTITY "No connector comes of these choices",
        "Correct what is named.";
    MANIFEST_PROBLEMS = "CONN-0001" UNPROCESSABLE_ENTITY "The manifest has problems",
        "Correct the lines named; the guide says what stands where.";
    CONNECTOR_NAME = "CONN-0043" CONFLICT "The connector cannot have this name",
        "Give it another id.";
    CONNECTOR_IN_USE = "CONN-0044" CONFLICT "The connector is in use",
        "Take it out of what is named, then remove it. Switching it off stops its steps at once.";
    IMPORT_GONE = "CONN-0047" NOT_FOUND "This import is not there any more",
        "Upload the document again.";
    NEW_HOSTS = "CONN-0048" CONFLICT "Credentials would go to other hosts",
        "Confirm the hosts named if they belong to the app.";
    NOT_LOADED = "CONN-0049" UNPROCESSABLE_ENTITY "The document could not be loaded",
        "Check the address, or upload the file instead.";
    PLUGIN_OLDER = "PLUG-0006" CONFLICT "The plugin is older than one that was approved before",
        "Bring a newer release. If it has to be this one, say so: an old release may have holes that are known.";
    PLUGIN_OTHERWISE = "PLUG-0008" CONFLICT "This release does not wait for an approval",
        "Look at the plugin again; somebody may have brought another release meanwhile.";
    PLUGIN_IN_USE = "PLUG-0009" CONFLICT "Workflows use this plugin",
        "Take its steps out of these workflows first and publish them; runs that wait have to end.";
    LEAD_FILTER = "LEAD-0100" BAD_REQUEST "The filter or the columns of the leads cannot be used",
        "Correct what is named; the leads page builds filters by clicking.";
    LEAD_CHANGE = "LEAD-0101" UNPROCESSABLE_ENTITY "The change of many leads cannot be started",
        "Correct what is named and start it again.";
    LEAD_VIEW = "LEAD-0102" UNPROCESSABLE_ENTITY "The view cannot be kept like this",
        "Correct what is named.";
    ACCOUNT_IN_USE = "LEAD-0075" CONFLICT "The account has leads or parts",
        "Move its leads and its parts to another account first, then delete it.";
    FIELD_IN_USE = "FIELD-0002" CONFLICT "The field is in use",
        "Take it out of what is named, then remove it.";
    FIELD_UNFIT = "FIELD-0003" UNPROCESSABLE_ENTITY "The field cannot be laid down like this",
        "Correct what is named.";
    RULE_HAS_PROBLEMS = "RULE-0001" UNPROCESSABLE_ENTITY "The rule has problems that must be solved first",
        "Open the rule; each problem is shown beside the field it is about.";
    SECOND_SCORE = "RULE-0002" CONFLICT "Another model scores every lead already",
        "Let one of the two score only where a workflow says so, or remove the other one.";
    TOO_BIG_TO_PIN = "RUN-0037" UNPROCESSABLE_ENTITY "The run is too big to be kept as a test",
        "Pin a run with less data.";
    TOO_MANY_RUNS = "RUN-0038" UNPROCESSABLE_ENTITY "Too many runs for one job",
        "Choose a shorter span or a narrower filter: at most 10,000 runs at once.";
    IMPORT_SETTINGS = "IMP-0011" UNPROCESSABLE_ENTITY "The list cannot be imported with these choices",
        "Change the choice that is named and try again.";
    IMPORT_STEP = "IMP-0012" CONFLICT "The import is not at this step",
        "Look at the import; it may be under way, or over.";
    JOB_OVER = "RUN-0039" CONFLICT "The job is over",
        "There is nothing left to stop.";
    RUN_NOT_OVER = "RUN-0040" CONFLICT "The run has not ended",
        "Wait until it has ended, or cancel it first.";
    TOO_MUCH_TO_UNDO = "RUN-0041" UNPROCESSABLE_ENTITY "The run changed too many leads to be undone at once",
        "Undo is for runs of at most 2,000 leads.";
    NO_HOOK = "HOOK-0001" NOT_FOUND "No published workflow listens at this address",
        "Check the path in the webhook or form step, and that the workflow is published and switched on.";
    HOOK_METHOD = "HOOK-0002" METHOD_NOT_ALLOWED "The webhook does not take this method",
        "Use the method set in the webhook step.";
    HOOK_PROOF = "HOOK-0003" UNAUTHORIZED "The secret or signature is missing or wrong",
        "Send the secret or HMAC signature that the webhook step asks for.";
    HOOK_BODY = "HOOK-0004" BAD_REQUEST "The body of the webhook call cannot be read",
        "Send JSON, form fields, multipart or plain text, with the matching content type.";
    HOOK_RUN_FAILED = "HOOK-0005" INTERNAL_SERVER_ERROR "The run failed before it could answer",
        "Open the run in the studio to see which step failed and why.";
    HOOK_SECRET = "HOOK-0007" INTERNAL_SERVER_ERROR "The server cannot open the secret of this webhook",
        "Start the server with the master key it had, or enter the secret again and publish.";
    FORM_ANSWERS = "HOOK-0006" UNPROCESSABLE_ENTITY "Some answers are missing or cannot be understood",
        "Correct the fields named and send the form again.";
    ANSWERED = "RUN-0020" CONFLICT "This question is closed",
        "Nothing is left to do: someone has answered already, its time is over, or the run has ended.";
    NO_OPTION = "RUN-0021" UNPROCESSABLE_ENTITY "This is not one of the answers",
        "Send the id of one of the options of the question.";
    NO_QUESTION = "RUN-0022" NOT_FOUND "This link leads to no question",
        "Use the whole link from the message; a part may have been cut off.";
    NO_CALLBACK = "RUN-0023" NOT_FOUND "This callback address leads to no run",
        "Use the address that the workflow sent, unchanged.";
    CALLBACK_OVER = "RUN-0024" GONE "The run does not wait for this callback any more",
        "Nothing is left to do: it was called before, its time is over, or the run has ended.";
    CALLBACK_EARLY = "RUN-0025" CONFLICT "The run has not come to its wait yet",
        "Call again after the time in the Retry-After header.";
    RUN_OVER = "RUN-0026" CONFLICT "The run is over",
        "Nothing is left to pause or to go on with. Run it again if it should happen once more.";
    CSV_UNREADABLE = "IMP-0001" BAD_REQUEST "The CSV has no usable header row",
        "Put the column names in the first row.";
}

/// What travels: `application/problem+json`.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemDetails {
    /// Address of the page about this code.
    #[serde(rename = "type")]
    pub type_url: String,
    /// What it is, in a few words.
    pub title: Cow<'static, str>,
    /// HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: Cow<'static, str>,
    /// What happened.
    pub detail: String,
    /// What to do about it.
    pub action: String,
    /// Problems of a document, when it is about one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<super::documents::Problem>,
}

/// An error on its way to the caller.
#[derive(Debug)]
pub struct Error {
    status: StatusCode,
    details: Box<ProblemDetails>,
    retry_after: Option<u64>,
    allow: Option<String>,
}

/// What handlers return.
pub type Result<T> = std::result::Result<T, Error>;

impl Code {
    /// This error, with what happened.
    pub fn because(self, detail: impl Into<String>) -> Error {
        let details = Box::new(ProblemDetails {
            type_url: format!("/docs/errors/{}", self.code),
            title: Cow::Borrowed(self.title),
            status: self.status.as_u16(),
            code: Cow::Borrowed(self.code),
            detail: detail.into(),
            action: self.action.into(),
            problems: Vec::new(),
        });
        Error { status: self.status, details, retry_after: None, allow: None }
    }

    /// This error, whose title already says what happened.
    #[must_use]
    pub fn plain(self) -> Error {
        self.because(self.title)
    }
}

impl Error {
    /// With other advice than the code's usual one.
    #[must_use]
    pub fn advising(mut self, action: impl Into<String>) -> Self {
        self.details.action = action.into();
        self
    }

    /// With the problems of a document.
    #[must_use]
    pub fn listing(mut self, problems: Vec<super::documents::Problem>) -> Self {
        self.details.problems = problems;
        self
    }

    /// With the seconds to wait before trying again.
    #[must_use]
    pub fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }

    /// With the methods the address does take.
    #[must_use]
    pub fn allowing(mut self, methods: &str) -> Self {
        self.allow = Some(methods.into());
        self
    }

    /// Its stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.details.code
    }

    /// What travels.
    #[must_use]
    pub fn details(&self) -> &ProblemDetails {
        &self.details
    }

    /// A failure of a run or expression, as an error of the request that caused it.
    #[must_use]
    pub fn from_failure(failure: &trunkline_engine::failure::Failure) -> Self {
        let mut error = INVALID.because(failure.message.clone()).advising(failure.action.clone());
        error.details.type_url = format!("/docs/errors/{}", failure.code);
        error.details.code = failure.code.clone();
        error
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.details.code, self.details.detail)
    }
}

impl std::error::Error for Error {}

impl From<trunkline_store::Error> for Error {
    fn from(error: trunkline_store::Error) -> Self {
        use trunkline_store::Error as Store;
        let said = error.to_string();
        match error {
            Store::Overloaded { retry_after } => {
                metrics::counter!("trunkline_events_refused_total").increment(1);
                BUSY.plain().after(retry_after.as_secs())
            }
            Store::Closed => STOPPING.plain().after(2),
            Store::NotFound(_) => NOT_FOUND.because(said),
            Store::Stale { .. } => STALE_DRAFT.because(said),
            Store::Conflict(_) => CONFLICT.because(said),
            Store::Full | Store::Io(_) | Store::Busy => {
                tracing::error!(error = said, code = error.code(), "the disk does not do its part");
                NO_DISK.because(said).after(5)
            }
            Store::Lost(_) => {
                tracing::error!(error = said, code = error.code(), "a run cannot be read");
                LOST.because(said)
            }
            Store::Away(_) => {
                tracing::error!(error = said, code = error.code(), "the database is away");
                NO_DATABASE.plain().after(2)
            }
            _ => {
                tracing::error!(error = said, code = error.code(), "the store failed");
                INTERNAL.because("the store could not do what the request asked for")
            }
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(self.details)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if let Some(allow) = self.allow.and_then(|methods| HeaderValue::from_str(&methods).ok()) {
            headers.insert(header::ALLOW, allow);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_have_a_page() {
        let pages = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/errors");
        let mut seen = std::collections::HashSet::new();
        for code in CATALOG {
            assert!(seen.insert(code.code), "{} is used twice", code.code);
            let page = format!("{pages}/{}.md", code.code);
            assert!(std::path::Path::new(&page).exists(), "{page} is missing");
            assert!(!code.action.is_empty(), "{} has no action", code.code);
        }
    }
}
