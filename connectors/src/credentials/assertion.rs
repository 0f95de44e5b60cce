//! A signed assertion (RFC 7523): a private key speaks for a user, without a person being there.

use super::Secrets;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::json;
use trunkline_engine::failure::{Failure, FailureKind};

/// How long an assertion is good for, in seconds; Salesforce takes at most five minutes, others at least one.
const SECONDS: i64 = 180;

/// The assertion that `secrets` (`client_id`, `username`, `private_key`) make for `audience` at `now`.
///
/// # Errors
/// `CONN-0012` when the private key cannot be used. The text says nothing of the key.
pub fn assertion(secrets: &Secrets, audience: &str, now: DateTime<Utc>) -> Result<String, Failure> {
    let pem = secrets.get("private_key").unwrap_or_default();
    let der = der(pem).ok_or_else(|| unusable("it is no PEM text with a PKCS #8 key"))?;
    let pair = RsaKeyPair::from_pkcs8(&der)
        .map_err(|_| unusable("it is no RSA key of at least 2048 bits in PKCS #8"))?;
    let claims = json!({
        "iss": secrets.get("client_id").unwrap_or_default(),
        "sub": secrets.get("username").unwrap_or_default(),
        "aud": audience,
        "iat": now.timestamp(),
        "exp": now.timestamp() + SECONDS,
    });
    let head = URL_SAFE_NO_PAD.encode(json!({ "alg": "RS256", "typ": "JWT" }).to_string());
    let signed = format!("{head}.{}", URL_SAFE_NO_PAD.encode(claims.to_string()));
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
        .map_err(|_| unusable("it did not sign"))?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

fn unusable(why: &str) -> Failure {
    Failure::new(
        "CONN-0012",
        FailureKind::Auth,
        format!("the private key of the connection cannot be used: {why}"),
        "Connect it again with the key as `openssl pkcs8 -topk8 -nocrypt` writes it.",
    )
}

/// The bytes between the lines of a PEM text.
fn der(pem: &str) -> Option<Vec<u8>> {
    let inside = pem.split_once("-----BEGIN PRIVATE KEY-----")?.1.split_once("-----END PRIVATE KEY-----")?.0;
    STANDARD.decode(inside.split_whitespace().collect::<String>()).ok()
}
