//! Hash: the fingerprint of a text, as advertising platforms and signed requests want it.

use super::blank;
use crate::expression::Template;
use crate::failure::Failure;
use crate::kind::{
    About, Category, ConfigProblem, Context, Done, Example, Outcome, Port, PortRule, Promise, Step, StepKind,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::Md5;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// Settings of `hash`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Hash {
    /// The text whose fingerprint is needed, such as an e-mail address.
    #[schemars(title = "Text", extend("x-placeholder" = "{{ trigger.body.email }}"))]
    text: Template,
    /// How the fingerprint is made. Ask the platform that receives it; most want SHA-256.
    #[serde(default)]
    #[schemars(
        title = "Kind of hash",
        extend("x-labels" = {
            "sha256": "SHA-256",
            "hmac_sha256": "HMAC-SHA-256, with a secret",
            "sha1": "SHA-1 (old, only where a platform asks for it)",
            "md5": "MD5 (old, only where an ad platform asks for it)"
        })
    )]
    algorithm: Algorithm,
    /// The secret that only you and the receiver know.
    #[serde(default)]
    #[schemars(title = "Secret", extend("x-ui" = "secret", "x-when" = {"algorithm": "hmac_sha256"}))]
    secret: Template,
    /// Leave out spaces at both ends before. Ad platforms want that.
    #[serde(default = "yes")]
    #[schemars(title = "Without spaces at the ends")]
    trim: bool,
    /// Use small letters only. Ad platforms want that for e-mail addresses and names; signatures do not.
    #[serde(default = "yes")]
    #[schemars(title = "In small letters")]
    lower: bool,
    /// How the fingerprint is written.
    #[serde(default)]
    #[schemars(
        title = "Written as",
        extend("x-advanced" = true, "x-labels" = {"hex": "Hexadecimal digits", "base64": "Base64"})
    )]
    encoding: Encoding,
}

/// How a fingerprint is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Algorithm {
    /// The usual one.
    #[default]
    Sha256,
    /// Proof that the sender knows a secret.
    HmacSha256,
    /// Broken as a proof; kept for platforms that still match by it.
    Sha1,
    /// Broken as a proof; kept for platforms that still match by it.
    Md5,
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Encoding {
    /// Two digits per byte.
    #[default]
    Hex,
    /// Four letters per three bytes.
    Base64,
}

fn yes() -> bool {
    true
}

pub(super) fn kind() -> StepKind {
    let hash = "b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72";
    StepKind::new::<Hash>(About {
        kind: "hash",
        title: "Hash",
        summary: "Makes the fingerprint of a text, for ad audiences and signatures.",
        help: HELP,
        icon: "pencil",
        category: Category::Data,
        keywords: &[
            "sha256",
            "md5",
            "sha1",
            "hmac",
            "crypto",
            "encrypt",
            "fingerprint",
            "custom audience",
            "customer match",
            "signature",
        ],
        default_config: json!({ "text": "", "algorithm": "sha256", "trim": true, "lower": true }),
        ports: PortRule::Fixed { ports: Port::out() },
        promise: Promise::None,
        promise_text: super::WRITES_NOTHING,
        has_error_port: true,
        example: Example {
            config: json!({ "text": "{{ trigger.body.email }}", "algorithm": "sha256" }),
            context: json!({ "trigger": { "body": { "email": " Ada@Example.com" } } }),
            output: Some(json!({ "hash": hash, "algorithm": "sha256" })),
            port: "out".into(),
        },
        output_sample: json!({ "hash": hash, "algorithm": "sha256" }),
        summary_template: "{algorithm} · {text}",
    })
}

const HELP: &str = r"
The output holds the `hash`, and the `algorithm` it was made with. Of an empty text there is no hash: it is empty, so that a
lead without an e-mail address does not match all others without one.

Worked example: ` Ada@Example.com` is trimmed and put into small letters, and the SHA-256 of `ada@example.com` is sent to a
custom audience. The platform does the same with the addresses it knows and finds Ada without having been told the address.

- Phone numbers: use `{{ trigger.body.phone|phone('DE') }}` first, so that every number is written in one way.
- **HMAC** signs a text with a secret. Turn off *In small letters* and *Without spaces at the ends* when you sign a body.
- **MD5** and **SHA-1** are old and can be forged. Use them only where an ad platform matches by them, never as a proof.

A hash cannot be turned back, but whoever has a list of addresses can compute theirs and compare. It is still personal data.
";

impl Step for Hash {
    fn start(&self, context: &Context<'_>) -> Result<Outcome, Failure> {
        let text = self.text.text(context.scope)?;
        let text = if self.trim { text.trim() } else { &text };
        let text = if self.lower { text.to_lowercase() } else { text.to_owned() };
        let algorithm = match self.algorithm {
            Algorithm::Sha256 => "sha256",
            Algorithm::HmacSha256 => "hmac_sha256",
            Algorithm::Sha1 => "sha1",
            Algorithm::Md5 => "md5",
        };
        if text.is_empty() {
            let output = json!({ "hash": null, "algorithm": algorithm });
            return Ok(Done::out(output).because("The text is empty, so there is no hash.").into());
        }
        let digest = match self.algorithm {
            Algorithm::Sha256 => Sha256::digest(&text).to_vec(),
            Algorithm::Sha1 => Sha1::digest(&text).to_vec(),
            Algorithm::Md5 => Md5::digest(&text).to_vec(),
            Algorithm::HmacSha256 => signature(&self.secret.text(context.scope)?, &text)?,
        };
        let hash: Value = match self.encoding {
            Encoding::Hex => hex::encode(digest).into(),
            Encoding::Base64 => STANDARD.encode(digest).into(),
        };
        Ok(Done::out(json!({ "hash": hash, "algorithm": algorithm })).into())
    }

    fn check(&self) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        if self.text.is_blank() {
            problems.push(blank("/text", "there is no text to hash", "Pick a field in the Input tab."));
        }
        if self.algorithm == Algorithm::HmacSha256 && self.secret.is_blank() {
            let action = "Enter the secret that the receiver knows as well.";
            problems.push(blank("/secret", "the secret is empty, so anybody could sign", action));
        }
        problems
    }
}

fn signature(secret: &str, text: &str) -> Result<Vec<u8>, Failure> {
    if secret.is_empty() {
        return Err(Failure::bad_input(
            "RUN-0113",
            "the secret is empty in this run, so the text cannot be signed",
            "Look at where the secret comes from.",
        ));
    }
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("an HMAC takes keys of any length");
    mac.update(text.as_bytes());
    Ok(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::super::tests::{compiled, run, start, with};
    use serde_json::{Value, json};

    fn hash(settings: Value, text: &str) -> Value {
        let config = with(json!({"text": "{{ trigger }}"}), settings);
        run(compiled("hash", &config).as_ref(), &json!({"trigger": text})).output["hash"].clone()
    }

    #[test]
    fn hashes_are_those_everybody_knows() {
        assert_eq!(hash(json!({"algorithm": "md5"}), "abc"), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hash(json!({"algorithm": "sha1"}), "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            hash(json!({"encoding": "base64"}), "abc"),
            "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        );
        // RFC 4231, test case 2.
        assert_eq!(
            hash(json!({"algorithm": "hmac_sha256", "secret": "Jefe"}), "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn text_is_tidied_as_asked_and_nothing_has_no_hash() {
        assert_eq!(hash(json!({}), " ABC "), hash(json!({}), "abc"));
        assert_ne!(hash(json!({"lower": false}), "ABC"), hash(json!({}), "abc"));
        assert_ne!(hash(json!({"trim": false}), "abc "), hash(json!({}), "abc"));
        assert_eq!(hash(json!({}), "  "), Value::Null);
    }

    #[test]
    fn a_signature_needs_a_secret() {
        let step = compiled("hash", &json!({"text": "", "algorithm": "hmac_sha256"}));
        let fields: Vec<String> = step.check().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["/text", "/secret"]);
        let step = compiled(
            "hash",
            &json!({"text": "x", "algorithm": "hmac_sha256", "secret": "{{ trigger.gone }}"}),
        );
        assert_eq!(start(step.as_ref(), &json!({})).unwrap_err().code, "RUN-0113");
    }
}
