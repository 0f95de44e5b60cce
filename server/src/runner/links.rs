//! Links that let someone without an account answer a waiting run: approvals and callbacks.
//!
//! A link names its run and carries a signature over what it may do, so nothing about links is stored and none can be
//! guessed or turned into another. The key lies in the store; whoever has it could answer in anyone's name.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::sync::Arc;
use trunkline_engine::run::{EffectKey, RunId};

/// Bytes of the signature in a link: 128 bits cannot be guessed, and the address stays short enough to read.
const SIGNATURE: usize = 16;

/// Makes and reads links. Cheap to clone.
#[derive(Clone)]
pub struct Links {
    /// The server's address without a slash at its end.
    base: Arc<str>,
    key: [u8; 32],
}

impl fmt::Debug for Links {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Links {
    /// Links to the server at `base`, signed with `key`.
    #[must_use]
    pub fn new(base: &str, key: [u8; 32]) -> Self {
        Self { base: base.trim_end_matches('/').into(), key }
    }

    /// The page of `run` in the studio, for people who can sign in.
    #[must_use]
    pub fn run(&self, run: RunId) -> String {
        format!("{}/runs/{run}", self.base)
    }

    /// The page of connections in the studio.
    #[must_use]
    pub fn connections(&self) -> String {
        format!("{}/settings/connections", self.base)
    }

    /// The page on which anyone who has the link answers the approval `key` of `run`.
    #[must_use]
    pub fn approval(&self, run: RunId, key: &EffectKey) -> String {
        format!("{}/approvals/{}", self.base, self.approval_token(run, key))
    }

    /// What stands behind `/approvals/`.
    #[must_use]
    pub fn approval_token(&self, run: RunId, key: &EffectKey) -> String {
        format!("{}.{}", self.token("approval", run, &spell(key)), spell(key))
    }

    /// What an approval token names, if it was made here.
    #[must_use]
    pub fn read_approval(&self, token: &str) -> Option<(RunId, EffectKey)> {
        let (token, spelled) = token.split_once('.')?;
        Some((self.read("approval", token, spelled)?, parse(spelled)?))
    }

    /// Where other systems answer the waits of `run`; a slash and the step's id say which.
    #[must_use]
    pub fn callback(&self, run: RunId) -> String {
        format!("{}/callbacks/{}", self.base, self.token("callback", run, ""))
    }

    /// The run that a callback token names, if it was made here.
    #[must_use]
    pub fn read_callback(&self, token: &str) -> Option<RunId> {
        self.read("callback", token, "")
    }

    fn token(&self, what: &str, run: RunId, rest: &str) -> String {
        let mut bytes = [0_u8; 16 + SIGNATURE];
        bytes[..16].copy_from_slice(run.as_bytes());
        let signed = self.mac(what, run, rest).finalize().into_bytes();
        bytes[16..].copy_from_slice(&signed[..SIGNATURE]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn read(&self, what: &str, token: &str, rest: &str) -> Option<RunId> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (run, signature) = bytes.split_first_chunk::<16>()?;
        let run = RunId::from_bytes(*run);
        let whole = signature.len() == SIGNATURE;
        (whole && self.mac(what, run, rest).verify_truncated_left(signature).is_ok()).then_some(run)
    }

    fn mac(&self, what: &str, run: RunId, rest: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        // No part can hold a line break, so no two links sign the same text.
        mac.update(format!("{what}\n{run}\n{rest}").as_bytes());
        mac
    }
}

/// A key as addresses spell it: `approve`, or `approve-3-0` inside loops.
#[must_use]
pub fn spell(key: &EffectKey) -> String {
    key.items.iter().fold(key.step.clone(), |text, item| format!("{text}-{item}"))
}

/// The key that [`spell`] spelled.
#[must_use]
pub fn parse(text: &str) -> Option<EffectKey> {
    let mut parts = text.split('-');
    let step = parts.next().filter(|step| !step.is_empty())?.to_owned();
    let items = parts.map(|part| part.parse().ok()).collect::<Option<Vec<u32>>>()?;
    Some(EffectKey { step, items })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(step: &str, items: &[u32]) -> EffectKey {
        EffectKey { step: step.into(), items: items.into() }
    }

    #[test]
    fn a_link_says_one_thing_and_cannot_be_made_to_say_another() {
        let links = Links::new("https://flow.example.com/", [7; 32]);
        let (run, approve) = (RunId::now_v7(), key("approve", &[3, 0]));
        let token = links.approval_token(run, &approve);
        assert_eq!(links.read_approval(&token), Some((run, approve)));
        assert_eq!(links.read_approval(&token.replace("-3-0", "-3-1")), None, "another item");
        assert_eq!(links.read_approval(token.split_once('.').unwrap().0), None, "no step");
        assert_eq!(links.read_callback(token.split_once('.').unwrap().0), None, "another purpose");
        assert_eq!(
            Links::new("https://flow.example.com", [8; 32]).read_approval(&token),
            None,
            "another key"
        );
        let callback = links.callback(run);
        let token = callback.strip_prefix("https://flow.example.com/callbacks/").unwrap();
        assert_eq!(links.read_callback(token), Some(run));
        assert_eq!(links.read_callback(&token[..token.len() - 4]), None, "a shorter signature");
        assert_eq!(links.read_callback(""), None);
    }

    #[test]
    fn keys_are_spelled_and_read_back() {
        for key in [key("approve", &[]), key("a_1", &[0]), key("x", &[12, 7])] {
            assert_eq!(parse(&spell(&key)), Some(key));
        }
        assert_eq!(parse(""), None);
        assert_eq!(parse("a-b"), None);
    }
}
