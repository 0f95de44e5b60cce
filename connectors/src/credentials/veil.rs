//! The veil over a call: what proves who we are is taken out of what an app answers, right where the answer is read and
//! before anything sees it (docs/adr/0049).
//!
//! An app may repeat what it was sent, in its body, its headers or its errors. It is looked for as it is and in the forms
//! it has on the way: encoded for an address, in base64 (a user name with its password), inside the header it was sent in,
//! line by line. What the app makes of it by itself, such as a digest, is its own affair.

use super::{HIDDEN, OPEN, SHORTEST, Secrets};
use crate::request::{Request, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use memchr::memmem::Finder;
use serde_json::{Map, Value};
use std::borrow::Cow;
use trunkline_engine::expression::filters::percent_encoded;

/// A line of a long secret, such as a private key, that is looked for by itself.
const LONG_LINE: usize = 16;

/// See the [module](self).
#[derive(Default)]
pub struct Veil {
    /// The longest first, so that no shorter one leaves a rest of it.
    forms: Vec<Finder<'static>>,
    /// Bytes of the shortest form.
    shortest: usize,
}

impl std::fmt::Debug for Veil {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Veil").field("forms", &self.forms.len()).finish()
    }
}

impl Veil {
    /// The veil over `secrets`.
    #[must_use]
    pub fn over(secrets: &Secrets) -> Self {
        Self::of(forms_of(secrets))
    }

    /// The veil over `secrets` and what `request` carries of them: headers and fields a manifest or a protocol made.
    #[must_use]
    pub fn over_sent<'a>(secrets: &Secrets, sent: impl IntoIterator<Item = &'a str>) -> Self {
        let mut forms = forms_of(secrets);
        for value in sent {
            // What is sent after a scheme, such as `Bearer`, is the secret part.
            let bare = value.rsplit_once(' ').map_or(value, |(_, bare)| bare);
            forms.push(value.to_owned());
            // What a template made of a secret is one as well.
            if !forms.iter().any(|known| known == bare) && bare.len() >= SHORTEST {
                add_forms(bare, &mut forms);
            }
        }
        Self::of(forms)
    }

    /// The veil over `secrets` and a request for a token: its client's proof, its code, its assertion.
    #[must_use]
    pub fn over_token_call(secrets: &Secrets, request: &Request) -> Self {
        let proof = request
            .headers
            .iter()
            .filter(|(name, _)| name == "Authorization")
            .map(|(_, value)| value.as_str());
        let body = request.body.as_deref().unwrap_or_default();
        let fields: Vec<(Cow<'_, str>, Cow<'_, str>)> = url::form_urlencoded::parse(body).collect();
        let told = fields
            .iter()
            .filter(|(name, _)| {
                matches!(name.as_ref(), "code" | "code_verifier" | "assertion" | "refresh_token")
            })
            .map(|(_, value)| value.as_ref());
        Self::over_sent(secrets, proof.chain(told))
    }

    fn of(mut forms: Vec<String>) -> Self {
        forms.retain(|form| form.len() >= SHORTEST);
        forms.sort_unstable_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        forms.dedup();
        let shortest = forms.last().map_or(usize::MAX, String::len);
        Self { forms: forms.iter().map(|form| Finder::new(form).into_owned()).collect(), shortest }
    }

    /// `text` without what is under the veil.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if text.len() < self.shortest || !self.touches(text.as_bytes()) {
            return Cow::Borrowed(text);
        }
        // Forms are whole texts, so what is between two of them is whole as well.
        Cow::Owned(String::from_utf8_lossy(&self.covered(text.as_bytes())).into_owned())
    }

    /// `bytes` without what is under the veil, before they are read in any way.
    #[must_use]
    pub fn bytes<'b>(&self, bytes: &'b [u8]) -> Cow<'b, [u8]> {
        if self.touches(bytes) { Cow::Owned(self.covered(bytes)) } else { Cow::Borrowed(bytes) }
    }

    /// `response` without what is under the veil. It comes before the body is read: a text may be cut in the middle of a
    /// secret. What is read from it goes through [`Veil::value`] again, because JSON may spell a secret with escapes.
    #[must_use]
    pub fn response(&self, mut response: Response) -> Response {
        for (_, value) in &mut response.headers {
            if let Cow::Owned(covered) = self.text(value) {
                *value = covered;
            }
        }
        if let Cow::Owned(covered) = self.bytes(&response.body) {
            response.body = Bytes::from(covered);
        }
        response
    }

    /// `value` without what is under the veil, at any depth, names included. It finds what was written with escapes.
    pub fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                let covered = match self.text(text) {
                    Cow::Owned(covered) => Some(covered),
                    Cow::Borrowed(_) => None,
                };
                if let Some(covered) = covered {
                    *text = covered;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(fields) => self.fields(fields),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn fields(&self, fields: &mut Map<String, Value>) {
        fields.values_mut().for_each(|field| self.value(field));
        let is_told = |name: &String| name.len() >= self.shortest && self.touches(name.as_bytes());
        if fields.keys().any(is_told) {
            let whole = std::mem::take(fields);
            fields.extend(whole.into_iter().map(|(name, field)| (self.text(&name).into_owned(), field)));
        }
    }

    fn touches(&self, bytes: &[u8]) -> bool {
        bytes.len() >= self.shortest && self.forms.iter().any(|form| form.find(bytes).is_some())
    }

    fn covered(&self, bytes: &[u8]) -> Vec<u8> {
        let mut covered = bytes.to_vec();
        for form in &self.forms {
            let mut rest = covered.as_slice();
            let Some(mut at) = form.find(rest) else { continue };
            let mut without = Vec::with_capacity(rest.len());
            loop {
                without.extend_from_slice(&rest[..at]);
                without.extend_from_slice(HIDDEN.as_bytes());
                rest = &rest[at + form.needle().len()..];
                match form.find(rest) {
                    Some(next) => at = next,
                    None => break,
                }
            }
            without.extend_from_slice(rest);
            covered = without;
        }
        covered
    }
}

/// The secrets as they are, and in the forms they may have on the way.
fn forms_of(secrets: &Secrets) -> Vec<String> {
    let mut forms = Vec::new();
    let hidden =
        secrets.0.iter().filter(|(name, secret)| !OPEN.contains(&name.as_str()) && secret.len() >= SHORTEST);
    for (_, secret) in hidden {
        add_forms(secret, &mut forms);
    }
    if let (Some(name), Some(password)) = (secrets.get("username"), secrets.get("password")) {
        forms.push(STANDARD.encode(format!("{name}:{password}")));
    }
    forms
}

/// `secret` as it is, as it stands in addresses, forms and JSON, in base64, and line by line when it is long.
fn add_forms(secret: &str, forms: &mut Vec<String>) {
    forms.push(secret.to_owned());
    forms.push(percent_encoded(secret));
    forms.push(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
    forms.push(STANDARD_NO_PAD.encode(secret));
    forms.push(URL_SAFE_NO_PAD.encode(secret));
    let escaped = Value::from(secret).to_string();
    forms.push(escaped[1..escaped.len() - 1].to_owned());
    if secret.contains('\n') {
        let lines = secret.lines().map(str::trim).filter(|line| line.len() >= LONG_LINE);
        forms.extend(lines.filter(|line| !line.starts_with("-----")).map(str::to_owned));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn held(pairs: &[(&str, &str)]) -> Secrets {
        let mut secrets = Secrets::default();
        pairs.iter().for_each(|(name, value)| secrets.set(name, *value));
        secrets
    }

    #[test]
    fn a_secret_is_covered_in_every_form_it_has_on_the_way() {
        let secret = "can\"ary+key/1 \u{e9}";
        let veil = Veil::over(&held(&[("key", secret), ("username", "ada"), ("password", "pass:word")]));
        let told = json!({
            "plain": format!("you sent {secret}, twice {secret}"),
            "address": format!("/x?key={}", percent_encoded(secret)),
            "form": url::form_urlencoded::Serializer::new(String::new()).append_pair("k", secret).finish(),
            "base64": STANDARD.encode(secret),
            "basic": format!("Basic {}", STANDARD.encode("ada:pass:word")),
            secret: [{ "deep": secret }],
        });
        let mut covered = told.clone();
        veil.value(&mut covered);
        let text = covered.to_string();
        for form in ["can", "ary", "YWRhOnBhc3M6d29yZA", "Y2Fu", "pass:word"] {
            assert!(!text.contains(form), "{form}: {text}");
        }
        assert!(text.contains("you sent") && covered[HIDDEN][0]["deep"] == HIDDEN, "{text}");
        let raw = told.to_string();
        let raw = String::from_utf8(veil.bytes(raw.as_bytes()).into_owned()).unwrap();
        assert!(!raw.contains("can") && !raw.contains("Y2Fu"), "{raw}");
        assert!(serde_json::from_str::<Value>(&raw).is_ok(), "covered JSON is JSON: {raw}");
    }

    #[test]
    fn escapes_hide_nothing_and_what_was_sent_is_covered() {
        let veil = Veil::over_sent(&held(&[("key", "canary")]), ["Token upper-CANARY"]);
        let mut told: Value =
            serde_json::from_str(r#"["\u0063anary", "upper-CANARY", "an upper-CANARY"]"#).unwrap();
        veil.value(&mut told);
        assert_eq!(told, json!([HIDDEN, HIDDEN, format!("an {HIDDEN}")]));
    }

    #[test]
    fn lines_of_a_private_key_are_covered_and_its_head_is_not() {
        let key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\nAQEFAASCBKcwggSjAgEAAoIB\n-----END PRIVATE KEY-----\n";
        let veil = Veil::over(&held(&[("private_key", key)]));
        let said = veil
            .text("-----BEGIN PRIVATE KEY----- MIIEvQIBADANBgkqhkiG9w0B AQEFAASCBKcwggSjAgEAAoIB")
            .into_owned();
        assert_eq!(said, format!("-----BEGIN PRIVATE KEY----- {HIDDEN} {HIDDEN}"));
    }

    #[test]
    fn a_token_call_covers_its_code_and_its_assertion() {
        let mut request = Request::new(reqwest::Method::POST, "https://x.example");
        request.headers.push(("Authorization".into(), "Basic aWQ6c2VjcmV0".into()));
        request.body = Some("grant_type=authorization_code&code=c%2Fode-1&assertion=eyJ.x.y".into());
        let veil = Veil::over_token_call(&Secrets::default(), &request);
        assert_eq!(veil.text("c/ode-1 eyJ.x.y aWQ6c2VjcmV0"), format!("{HIDDEN} {HIDDEN} {HIDDEN}"));
        assert_eq!(veil.text("authorization_code"), "authorization_code");
    }

    #[test]
    fn what_is_short_or_open_stays() {
        let veil = Veil::over(&held(&[("key", "ab"), ("username", "about")]));
        assert_eq!(veil.text("about ab"), "about ab");
        assert!(matches!(Veil::default().text("x"), Cow::Borrowed("x")));
    }

    proptest! {
        /// Whatever the secret and whatever is around it: it is nowhere left, and nothing else is touched.
        #[test]
        fn nothing_of_the_secret_is_left(secret in "[a-zA-Z0-9+/=_.-]{8,40}", around in prop::collection::vec("[ -~\u{e0}-\u{ff}]{0,12}", 1..6)) {
            let veil = Veil::over(&held(&[("key", &secret)]));
            prop_assume!(around.iter().all(|part| !part.contains(&secret)));
            let told = around.join(&secret);
            let covered = veil.text(&told);
            prop_assert!(!covered.contains(&secret));
            if around.len() == 1 {
                prop_assert_eq!(&*covered, told.as_str());
            }
        }
    }
}
