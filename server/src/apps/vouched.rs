//! Who vouches for the manifest of a connector: the SHA-256 it was approved with, and whoever signed it. The rules are those
//! of plugins, and so are the keys that count.

use serde_json::{Value, json};
use trunkline_engine::failure::Failure;
use trunkline_plugins::failures;
use trunkline_plugins::host::fingerprint;
use trunkline_plugins::index::Kind;
use trunkline_plugins::signature::{Signature, Trust};

/// Where it is kept among what is known of a connector's origin.
const KEPT: &str = "vouched";

/// See the [module](self).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vouched {
    /// What its SHA-256 has to be; anything without one.
    pub sha256: Option<[u8; 32]>,
    /// Its signature.
    pub signature: Option<Signature>,
}

impl Vouched {
    /// What was kept in `origin`.
    pub(super) fn of(origin: &Value) -> Self {
        let kept = &origin[KEPT];
        let sha256 = kept["sha256"].as_str().and_then(|text| hex::decode(text).ok());
        Self {
            sha256: sha256.and_then(|bytes| bytes.try_into().ok()),
            signature: serde_json::from_value(kept["signature"].clone()).ok(),
        }
    }

    /// Whether `text` is what was vouched for, by somebody whose word counts.
    ///
    /// # Errors
    /// `PLUG-0007` when it is another text, `PLUG-0005` when a signature is missing or does not hold.
    pub(super) fn check(&self, trust: &Trust, name: &str, text: &str) -> Result<(), Failure> {
        let found = fingerprint(text.as_bytes());
        if let Some(wanted) = self.sha256.filter(|wanted| *wanted != found) {
            return Err(failures::changed(Kind::Connector, name, &wanted, &found));
        }
        trust.check(Kind::Connector, name, &found, self.signature.as_ref())
    }

    /// `origin` with what is kept of it: that nobody exchanges `text`, and who signed it.
    pub(super) fn kept(self, origin: Value, text: &str) -> Value {
        let mut origin = if origin.is_object() { origin } else { json!({}) };
        origin[KEPT] =
            json!({ "sha256": hex::encode(fingerprint(text.as_bytes())), "signature": self.signature });
        origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_plugins::signature::new_key;

    #[test]
    fn what_was_kept_holds_for_this_text_alone_and_by_keys_that_count() {
        let (secret, key) = new_key();
        let signature = Signature::make(&secret, &fingerprint(b"one")).unwrap();
        let signed = Vouched { signature: Some(signature), ..Vouched::default() };
        let kept = Vouched::of(&signed.clone().kept(json!({ "kind": "manifest" }), "one"));
        let (open, strict) = (Trust::default(), Trust::new(vec![key]));
        let code = |vouched: &Vouched, trust: &Trust, text: &str| {
            vouched.check(trust, "acme", text).err().map(|failure| failure.code.to_string())
        };
        assert_eq!(code(&kept, &strict, "one"), None);
        assert_eq!(code(&kept, &strict, "two").as_deref(), Some("PLUG-0007"));
        assert_eq!(code(&signed, &strict, "two").as_deref(), Some("PLUG-0005"));
        let unsigned = Vouched::of(&Vouched::default().kept(Value::Null, "one"));
        assert_eq!(code(&unsigned, &open, "one"), None);
        assert_eq!(code(&unsigned, &open, "two").as_deref(), Some("PLUG-0007"));
        assert_eq!(code(&unsigned, &strict, "one").as_deref(), Some("PLUG-0005"));
        let failure = kept.check(&strict, "acme", "two").unwrap_err();
        assert!(
            failure.message.starts_with("the connector acme") && failure.action.contains("the connector")
        );
        // Before anything was kept.
        assert_eq!(code(&Vouched::of(&json!({ "kind": "manifest" })), &open, "one"), None);
    }
}
