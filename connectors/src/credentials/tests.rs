//! Where proofs of identity go, where they never go, and how tokens are asked for.

use super::*;
use crate::interpreter::{Answer, Call, Order};
use chrono::{TimeDelta, Utc};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use std::sync::Arc;
use trunkline_engine::failure::FailureKind;

const APP: &str = r#"manifest: 1
id: tiny
name: Tiny
version: 1.0.0
summary: A tiny app.
shelf: other
base_url: "https://{{ settings.region }}.tiny.example"
hosts: ["*.tiny.example"]
auth:
  - id: key
    title: Key
    grant: { kind: api_key }
    send: { headers: { X-Key: "k {{ secret.key }}" }, query: { sign: "{{ secret.key }}" } }
  - id: basic
    title: Name and password
    grant: { kind: basic }
  - id: oauth
    title: Sign in
    grant:
      kind: authorization_code
      authorize_url: https://login.tiny.example/authorize
      token_url: https://login.tiny.example/token
      scopes: [read, write]
      client: basic
      keep: { instance: /instance_url }
  - id: client
    title: Client
    grant: { kind: client_credentials, token_url: "https://login.tiny.example/identity", client: query }
  - id: jwt
    title: Key pair
    grant: { kind: jwt_bearer, token_url: "https://login.tiny.example/token", audience: "https://login.tiny.example" }
test: { action: find }
actions:
  find:
    title: Find
    summary: Finds.
    input: { properties: { id: { type: string, title: Id } }, required: [id] }
    request: { path: "/things/{{ input.id }}" }
    examples:
      - title: It is there
        input: { id: a }
        settings: { region: eu }
        exchange:
          - request: { url: "https://eu.tiny.example/things/a" }
            answer: { json: { id: a } }
        output: { id: a }
"#;

fn secrets(pairs: &[(&str, &str)]) -> Secrets {
    let mut secrets = Secrets::default();
    for (name, value) in pairs {
        secrets.set(name, *value);
    }
    secrets
}

fn settings(region: &str) -> Map<String, Value> {
    json!({ "region": region }).as_object().unwrap().clone()
}

fn sent(auth: &str, region: &str, held: &Secrets) -> Result<Request, Failure> {
    let manifest = Arc::new(Manifest::read(APP).unwrap());
    let input = json!({ "id": "a" }).as_object().unwrap().clone();
    let call = Call::new(&manifest, "find", Order { input, settings: settings(region), key: String::new() })
        .unwrap();
    let auth = manifest.auth(auth).unwrap();
    signed(&manifest, auth, &settings(region), held, call.ask().unwrap()).map(|(request, _)| request)
}

fn header<'a>(request: &'a Request, name: &str) -> &'a str {
    request.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

#[test]
fn the_proof_goes_where_the_manifest_says() {
    let request = sent("key", "eu", &secrets(&[("key", "s3cret")])).unwrap();
    assert_eq!(header(&request, "X-Key"), "k s3cret");
    assert_eq!(request.url, "https://eu.tiny.example/things/a?sign=s3cret");
    let request = sent("basic", "eu", &secrets(&[("username", "ada"), ("password", "pw")])).unwrap();
    assert_eq!(header(&request, "Authorization"), "Basic YWRhOnB3");
    let request = sent("oauth", "eu", &secrets(&[("access_token", "tok")])).unwrap();
    assert_eq!(header(&request, "Authorization"), "Bearer tok");
}

#[test]
fn an_address_that_repeats_the_proof_gets_it_once() {
    let manifest = Arc::new(Manifest::read(APP).unwrap());
    let input = json!({ "id": "a" }).as_object().unwrap().clone();
    let order = Order { input, settings: settings("eu"), key: String::new() };
    let mut ask = Call::new(&manifest, "find", order).unwrap().ask().unwrap();
    // What an app gives as the address of the next page, read through the veil.
    ask.url = format!("https://eu.tiny.example/things?page=2&sign={HIDDEN}").parse().unwrap();
    let (auth, held) = (manifest.auth("key").unwrap(), secrets(&[("key", "s3cret")]));
    let (request, _) = signed(&manifest, auth, &settings("eu"), &held, ask).unwrap();
    assert_eq!(request.url, "https://eu.tiny.example/things?page=2&sign=s3cret");
}

#[test]
fn credentials_go_to_no_other_host_whatever_the_settings_say() {
    for region in ["evil.test/", "evil.test?", "evil.test#", "x@evil.test/", "a.tiny.example@evil.test:80/"] {
        let refused = sent("key", region, &secrets(&[("key", "s3cret")])).unwrap_err();
        assert_eq!(refused.code, "CONN-0008", "{region}");
        assert!(!refused.message.contains("s3cret"));
    }
}

#[test]
fn what_is_shown_and_printed_holds_no_secret() {
    let held = secrets(&[("key", "s3cret-canary"), ("short", "ab"), ("username", "about")]);
    assert!(!format!("{held:?}").contains("canary"));
    assert_eq!(held.hidden_in("bad key s3cret-canary, about"), format!("bad key {HIDDEN}, about"));
    let within = held.hidden_within(json!({ "a": ["x s3cret-canary"], "n": 1 }));
    assert!(!within.to_string().contains("canary"));
}

fn body(request: &Request) -> String {
    String::from_utf8(request.body.clone().unwrap_or_default().to_vec()).unwrap()
}

#[test]
fn an_administrator_is_sent_out_with_a_challenge_and_comes_back_with_a_code() {
    let manifest = Manifest::read(APP).unwrap();
    let auth = manifest.auth("oauth").unwrap();
    let mut held = secrets(&[("client_id", "id 1"), ("client_secret", "s:1")]);
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    // The pair of RFC 7636, appendix B.
    assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let attempt = AuthorizeUrl { redirect: "https://me.example/back", state: "st", verifier };
    let url = authorize_url(auth, &settings("eu"), &held, attempt).unwrap();
    let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["scope"], "read write");
    assert_eq!(query["code_challenge_method"], "S256");
    assert!(!url.as_str().contains("s:1"), "the client's secret stays here");
    let goal = TokenGoal::Code { code: "c", redirect: "https://me.example/back", verifier };
    let now = Utc::now();
    let call = token_call(&manifest, auth, &settings("eu"), &held, goal, now).unwrap();
    assert_eq!(header(&call.request, "Authorization"), format!("Basic {}", STANDARD.encode("id%201:s%3A1")));
    assert!(body(&call.request).contains("code_verifier=dBjft"));
    let answer = Answer::read(
        200,
        Vec::new(),
        br#"{"access_token":"a1","refresh_token":"r1","expires_in":"3600","instance_url":"https://na1.tiny.example"}"#,
    );
    let granted = granted(&manifest, auth, &mut held, &answer, now).unwrap();
    assert_eq!(granted.expires_at, Some(now + TimeDelta::hours(1)));
    assert_eq!(granted.settings["instance"], "https://na1.tiny.example");
    let call = token_call(&manifest, auth, &settings("eu"), &held, TokenGoal::Held, now).unwrap();
    assert!(body(&call.request).contains("grant_type=refresh_token&refresh_token=r1"));
}

#[test]
fn a_client_signs_in_for_itself_in_the_address_when_the_app_wants_it_there() {
    let manifest = Manifest::read(APP).unwrap();
    let held = secrets(&[("client_id", "id"), ("client_secret", "s")]);
    let auth = manifest.auth("client").unwrap();
    let call = token_call(&manifest, auth, &settings("eu"), &held, TokenGoal::Held, Utc::now()).unwrap();
    assert_eq!(call.request.method, Method::GET);
    assert_eq!(
        call.request.url,
        "https://login.tiny.example/identity?grant_type=client_credentials&client_id=id&client_secret=s"
    );
}

#[test]
fn a_refusal_is_told_in_the_app_s_words_without_our_secrets() {
    let manifest = Manifest::read(APP).unwrap();
    let auth = manifest.auth("oauth").unwrap();
    let mut held = secrets(&[("client_secret", "canary-1")]);
    let answer = Answer::read(
        400,
        Vec::new(),
        br#"{"error":"invalid_grant","error_description":"canary-1 is unknown"}"#,
    );
    let refused = granted(&manifest, auth, &mut held, &answer, Utc::now()).unwrap_err();
    assert_eq!((refused.code.as_ref(), refused.kind), ("CONN-0012", FailureKind::Auth));
    assert!(refused.message.contains("invalid_grant") && !refused.message.contains("canary"), "{refused}");
    let answer = Answer::read(503, Vec::new(), b"");
    let later = granted(&manifest, auth, &mut held, &answer, Utc::now()).unwrap_err();
    assert_eq!(later.kind, FailureKind::Temporary);
}

#[test]
fn a_key_pair_signs_an_assertion_that_its_public_key_confirms() {
    // Made for this test; it opens nothing.
    let pem = include_str!("test-key.pem");
    let held = secrets(&[("client_id", "app"), ("username", "ada@example.com"), ("private_key", pem)]);
    let manifest = Manifest::read(APP).unwrap();
    let auth = manifest.auth("jwt").unwrap();
    let call = token_call(&manifest, auth, &settings("eu"), &held, TokenGoal::Held, Utc::now()).unwrap();
    let fields: std::collections::HashMap<String, String> =
        url::form_urlencoded::parse(body(&call.request).as_bytes()).into_owned().collect();
    assert_eq!(fields["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let (signed, signature) = fields["assertion"].rsplit_once('.').unwrap();
    let decode = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap();
    let inside = pem.lines().filter(|line| !line.starts_with("-----")).collect::<String>();
    let pair = ring::signature::RsaKeyPair::from_pkcs8(&STANDARD.decode(inside).unwrap()).unwrap();
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref())
        .verify(signed.as_bytes(), &decode(signature))
        .unwrap();
    let claims: Value = serde_json::from_slice(&decode(signed.split_once('.').unwrap().1)).unwrap();
    assert_eq!(
        (claims["sub"].as_str(), claims["aud"].as_str()),
        (Some("ada@example.com"), Some("https://login.tiny.example"))
    );
    let bad = assertion(&secrets(&[("private_key", "canary")]), "a", Utc::now()).unwrap_err();
    assert!(bad.code == "CONN-0012" && !bad.message.contains("canary"));
    let _ = pair.public_key();
}
