//! Mail by SMTP: one message to one person, so that the law of suppression can be asked of everybody who gets one.
//!
//! The message is composed whole before a connection is opened. Until the server was asked to take its content, a fault
//! is one after which nothing was sent; from then on nobody knows.

use super::file::{File, kind_of};
use super::settings::Place;
use super::trouble::Trouble;
use super::{Given, text};
use crate::error::{CallError, deepest};
use crate::interpreter::failures;
use lettre::address::{Address, Envelope};
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::extension::ClientId;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::time::Duration;
use trunkline_engine::failure::Failure;

pub(super) const ACTIONS: [&str; 2] = ["send_email", "check"];

/// Largest message with all that hangs on it, in bytes as it is sent.
const MOST_BYTES: usize = 20 * 1024 * 1024;
/// Most files that hang on a message.
const MOST_FILES: usize = 20;
/// Longest time for a good-bye: what was sent is sent.
const GOODBYE: Duration = Duration::from_secs(2);
/// Answers that are about who we are (RFC 4954).
const ABOUT_US: [&str; 4] = ["530", "534", "535", "538"];

#[derive(Debug)]
pub(super) enum Deed {
    Send(Box<Mail>),
    Check,
}

/// A message, ready to be sent.
#[derive(Debug)]
pub(super) struct Mail {
    envelope: Envelope,
    id: String,
    to: String,
    bytes: Vec<u8>,
}

impl Deed {
    pub(super) fn new(
        action: &str,
        given: &Given,
        settings: &Map<String, Value>,
        key: &str,
    ) -> Result<Self, Failure> {
        match action {
            "check" => Ok(Self::Check),
            _ => compose(given, settings, key).map(|mail| Self::Send(Box::new(mail))),
        }
    }

    pub(super) fn in_words(&self) -> (String, String) {
        match self {
            Self::Send(mail) => ("MAIL".into(), format!("to {}", mail.to)),
            Self::Check => ("EHLO".into(), "the mail server".into()),
        }
    }

    pub(super) async fn perform(&self, place: &Place<'_>) -> Result<Value, Trouble> {
        let mut server = connect(place, self).await?;
        let output = match self {
            Self::Check => json!({ "server": place.setting("host"), "encrypted": server.is_encrypted() }),
            Self::Send(mail) => {
                let sent = server.send(&mail.envelope, &mail.bytes).await;
                let answer = sent.map_err(|error| trouble(&error, true))?;
                let said: Vec<&str> = answer.message().collect();
                json!({ "message_id": mail.id, "to": mail.to, "answer": said.join(" ") })
            }
        };
        let _ = tokio::time::timeout(GOODBYE, server.quit()).await;
        Ok(output)
    }
}

fn compose(given: &Given, settings: &Map<String, Value>, key: &str) -> Result<Mail, Failure> {
    let usual = settings.get("from").and_then(Value::as_str).unwrap_or_default();
    let from = match text(given, "from") {
        "" => usual,
        from => from,
    };
    let from = mailbox(from, text(given, "from_name"), "From")?;
    let to = mailbox(text(given, "to"), text(given, "to_name"), "To")?;
    // The same at every attempt: whoever gets a message twice has a program that shows it once.
    let id = format!("<{}@{}>", hex::encode(&Sha256::digest(key.as_bytes())[..16]), from.email.domain());
    let envelope = Envelope::new(Some(from.email.clone()), vec![to.email.clone()])
        .map_err(|_| failures::wrong_type("To", "an e-mail address"))?;
    let address = to.email.to_string();
    let mut message = lettre::Message::builder()
        .message_id(Some(id.clone()))
        .from(from)
        .to(to)
        .subject(text(given, "subject").split(['\r', '\n']).collect::<Vec<_>>().join(" "));
    if !text(given, "reply_to").is_empty() {
        message = message.reply_to(mailbox(text(given, "reply_to"), "", "Answers to")?);
    }
    if let Some(url) = unsubscribe(text(given, "unsubscribe_url"))? {
        message = message.raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("List-Unsubscribe"),
            format!("<{url}>"),
        ));
        message = message.raw_header(HeaderValue::new(
            HeaderName::new_from_ascii_str("List-Unsubscribe-Post"),
            "List-Unsubscribe=One-Click".to_owned(),
        ));
    }
    let body = body(text(given, "text"), text(given, "html"))?;
    let files = files(given)?;
    let whole = match (body, files.is_empty()) {
        (Body::One(part), true) => message.singlepart(part),
        (Body::Both(parts), true) => message.multipart(parts),
        (body, false) => {
            let mixed = match body {
                Body::One(part) => MultiPart::mixed().singlepart(part),
                Body::Both(parts) => MultiPart::mixed().multipart(parts),
            };
            message.multipart(files.into_iter().fold(mixed, MultiPart::singlepart))
        }
    };
    let whole = whole.map_err(|error| failures::wrong_type("The message", &format!("one ({error})")))?;
    let bytes = whole.formatted();
    if bytes.len() > MOST_BYTES {
        return Err(failures::wrong_type("The message", &format!("at most {MOST_BYTES} bytes long")));
    }
    Ok(Mail { envelope, id, to: address, bytes })
}

enum Body {
    One(SinglePart),
    Both(MultiPart),
}

fn body(plain: &str, html: &str) -> Result<Body, Failure> {
    match (plain.is_empty(), html.is_empty()) {
        (true, true) => Err(failures::missing("Text")),
        (false, true) => Ok(Body::One(SinglePart::plain(plain.to_owned()))),
        (true, false) => Ok(Body::One(SinglePart::html(html.to_owned()))),
        (false, false) => {
            Ok(Body::Both(MultiPart::alternative_plain_html(plain.to_owned(), html.to_owned())))
        }
    }
}

fn files(given: &Given) -> Result<Vec<SinglePart>, Failure> {
    let title = "Attachments";
    let listed = match given.get("attachments") {
        None => return Ok(Vec::new()),
        Some(Value::Array(files)) => files.as_slice(),
        Some(_) => return Err(failures::wrong_type(title, "a list")),
    };
    if listed.len() > MOST_FILES {
        return Err(failures::too_many("attachments", MOST_FILES));
    }
    let part = |value: &Value| {
        let fields = value.as_object().ok_or_else(|| failures::wrong_type(title, "a list of files"))?;
        let file = File::read(fields, title)?;
        let name = if file.name.is_empty() { "file" } else { file.name.as_str() };
        let kind = if file.media_type.is_empty() { kind_of(name) } else { file.media_type.as_str() };
        let kind = ContentType::parse(kind).map_err(|_| failures::wrong_type(title, "of a known kind"))?;
        Ok(Attachment::new(name.to_owned()).body(file.bytes.clone(), kind))
    };
    listed.iter().map(part).collect()
}

/// An address, alone or as `Name <address>`.
fn mailbox(address: &str, name: &str, title: &str) -> Result<Mailbox, Failure> {
    let wrong = || failures::wrong_type(title, "an e-mail address");
    let address = address.trim();
    let mut mailbox: Mailbox = match address.parse::<Address>() {
        Ok(email) => Mailbox::new(None, email),
        Err(_) => address.parse().map_err(|_| wrong())?,
    };
    if !name.trim().is_empty() {
        mailbox.name = Some(name.split(['\r', '\n']).collect::<Vec<_>>().join(" ").trim().to_owned());
    }
    Ok(mailbox)
}

fn unsubscribe(url: &str) -> Result<Option<url::Url>, Failure> {
    if url.is_empty() {
        return Ok(None);
    }
    let parsed = url::Url::parse(url).ok().filter(|url| url.scheme() == "https");
    parsed.map(Some).ok_or_else(|| failures::wrong_type("Address to unsubscribe", "an https:// address"))
}

async fn connect(place: &Place<'_>, deed: &Deed) -> Result<AsyncSmtpConnection, Trouble> {
    let is_wrapped = place.setting("security") == "tls";
    let (host, port) = place.host(if is_wrapped { 465 } else { 587 })?;
    let (user, password) = (place.secret("username"), place.secret("password"));
    if !place.is_encrypted() && !password.is_empty() {
        return Err(Trouble::setting(
            "a password is not sent over an unprotected connection; choose TLS or STARTTLS",
        ));
    }
    let addresses = place.client.addresses(host, port).await?;
    let name = match deed {
        Deed::Send(mail) => mail.envelope.from().map(|from| from.domain().to_owned()),
        Deed::Check => None,
    };
    let hello = name.map_or_else(ClientId::default, ClientId::Domain);
    let early = |error: Error| match error.status() {
        Some(_) => trouble(&error, false),
        None => CallError::no_connection(format!("no connection to {host}:{port}: {}", said(&error))).into(),
    };
    let tls = if place.is_encrypted() { Some(parameters(place, host)?) } else { None };
    let wrapped = tls.clone().filter(|_| is_wrapped);
    let patience = Some(place.client.policy().connect_timeout);
    let mut server = AsyncSmtpConnection::connect_tokio1(&*addresses, patience, &hello, wrapped, None)
        .await
        .map_err(early)?;
    if let Some(tls) = tls.filter(|_| !is_wrapped) {
        if !server.can_starttls() {
            return Err(Trouble::setting("the mail server does not offer STARTTLS"));
        }
        server.starttls(tls, &hello).await.map_err(early)?;
    }
    if !password.is_empty() {
        let credentials = Credentials::new(user.to_owned(), password.to_owned());
        let accepted = server.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
        accepted.map_err(|error| match error.is_permanent() || error.is_client() {
            true => Trouble::Auth(said(&error)),
            false => early(error),
        })?;
    }
    Ok(server)
}

fn parameters(place: &Place<'_>, host: &str) -> Result<TlsParameters, Trouble> {
    let mut builder =
        TlsParametersBuilder::new(host.to_owned()).certificate_store(CertificateStore::WebpkiRoots);
    let unusable = || Trouble::setting("the authority's certificate cannot be used");
    for certificate in place.authorities()? {
        builder = builder
            .add_root_certificate(Certificate::from_der(certificate.to_vec()).map_err(|_| unusable())?);
    }
    for certificate in crate::tls::of_the_machine() {
        // A root that cannot be read is no reason to trust less of the others.
        if rustls::RootCertStore::empty().add(certificate.clone()).is_ok()
            && let Ok(certificate) = Certificate::from_der(certificate.to_vec())
        {
            builder = builder.add_root_certificate(certificate);
        }
    }
    builder.build_rustls().map_err(|_| unusable())
}

/// What a fault means; `is_sending` from the moment on at which the message may have been taken.
fn trouble(error: &Error, is_sending: bool) -> Trouble {
    let said = said(error);
    match error.status() {
        Some(code) if ABOUT_US.contains(&code.to_string().as_str()) => Trouble::Auth(said),
        Some(_) if error.is_transient() => Trouble::Temporary(said),
        Some(_) => Trouble::Unwanted(said),
        None if error.is_client() => Trouble::Unwanted(said),
        None if is_sending => Trouble::Lost(said),
        None => Trouble::Temporary(said),
    }
}

fn said(error: &Error) -> String {
    let cause = deepest(error);
    match error.status() {
        Some(code) => format!("{code} {cause}"),
        None => cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(given: &Value) -> Result<String, Failure> {
        let settings = json!({ "from": "Trunkline <hello@sender.example>" });
        let mail = compose(given.as_object().unwrap(), settings.as_object().unwrap(), "run/step")?;
        Ok(String::from_utf8(mail.bytes).unwrap())
    }

    #[test]
    fn a_message_is_composed_whole() {
        let given = json!({
            "to": "ada@analytical.example", "to_name": "Ada", "subject": "Hello\r\nBcc: eve@evil.example", "text": "Hi",
            "html": "<p>Hi</p>", "unsubscribe_url": "https://sender.example/u?x=1", "reply_to": "sales@sender.example",
            "attachments": [{ "content": "a,b", "encoding": "text", "file_name": "a.csv", "media_type": "text/csv" }],
        });
        let message = mail(&given).unwrap();
        let head = message.split("\r\n\r\n").next().unwrap();
        assert!(head.contains("From: Trunkline <hello@sender.example>"), "{head}");
        assert!(head.contains("To: Ada <ada@analytical.example>"));
        assert!(!head.contains("\r\nBcc:"));
        assert!(head.contains("List-Unsubscribe: <https://sender.example/u?x=1>"));
        assert!(message.contains("multipart/alternative") && message.contains("filename=\"a.csv\""));
        // The same run and step, the same message.
        let id =
            |message: &str| message.lines().find(|line| line.starts_with("Message-ID")).unwrap().to_owned();
        assert_eq!(id(&message), id(&mail(&given).unwrap()));
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for (given, title) in [
            (json!({ "to": "nobody", "text": "x" }), "To"),
            (json!({ "to": "a@b.example, c@d.example", "text": "x" }), "To"),
            (json!({ "to": "a@b.example" }), "Text"),
            (
                json!({ "to": "a@b.example", "text": "x", "unsubscribe_url": "http://x.example" }),
                "unsubscribe",
            ),
            (json!({ "to": "a@b.example", "text": "x", "attachments": ["x"] }), "Attachments"),
        ] {
            let failure = mail(&given).unwrap_err();
            assert_eq!(failure.code, "CONN-0002");
            assert!(failure.message.contains(title), "{}", failure.message);
        }
    }
}
