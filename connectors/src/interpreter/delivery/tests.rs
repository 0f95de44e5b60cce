//! What vendors sign and how, against values they publish.

use super::*;
use crate::interpreter::signature::secret_name;

fn webhook(check: &str, more: &str) -> Webhook {
    let text = format!(
        "title: Events\nhelp: Here.\nsecrets: {{ key: {{ title: Key }}, word: {{ title: Word }} }}\ncheck: {check}\n{more}"
    );
    serde_json::from_value(serde_saphyr::from_str(&text).unwrap()).unwrap()
}

fn secrets(pairs: &[(&str, &str)]) -> Secrets {
    let mut secrets = Secrets::default();
    for (name, secret) in pairs {
        secrets.set(&secret_name(name), *secret);
    }
    secrets
}

fn headers(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn events(reading: Result<Reading, Refusal>) -> Vec<(Option<String>, Value)> {
    match reading {
        Ok(Reading::Events(events)) => events.events,
        other => panic!("{other:?}"),
    }
}

#[test]
fn slack_s_published_example_fits_and_nothing_near_it_does() {
    let webhook = webhook(
        r#"{ by: hmac, secret: key, over: "v0:{timestamp}:{body}", at: { header: X-Slack-Signature }, prefix: v0=, timestamp: { at: { header: X-Slack-Request-Timestamp } }, max_age: 300 }"#,
        "body: form",
    );
    let body = b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c";
    let headers = headers(&[
        ("x-slack-signature", "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"),
        ("x-slack-request-timestamp", "1531420618"),
    ]);
    let secrets = secrets(&[("key", "8f742231b10e8888abcd99yyyzzz85a5")]);
    let read = |body: &[u8], now| {
        read(
            &webhook,
            Sent::new("POST", "https://x.example/hooks", &headers, body),
            &Map::new(),
            &secrets,
            now,
        )
    };
    assert_eq!(events(read(body, at(1_531_420_618)))[0].1["user_name"], "roadrunner");
    assert!(read(body, at(1_531_420_618 + 299)).is_ok());
    assert_eq!(read(body, at(1_531_420_618 + 301)).unwrap_err(), Refusal::TooOld);
    assert_eq!(read(body, at(1_531_420_618 - 301)).unwrap_err(), Refusal::TooOld);
    let mut other = body.to_vec();
    other[10] ^= 1;
    assert_eq!(read(&other, at(1_531_420_618)).unwrap_err(), Refusal::Forged);
}

#[test]
fn a_digest_of_the_body_with_a_prefix_fits_as_github_and_meta_write_it() {
    let webhook = webhook(
        "{ by: hmac, secret: key, at: { header: X-Hub-Signature-256 }, prefix: sha256= }",
        "body: form",
    );
    let secrets = secrets(&[("key", "It's a Secret to Everybody")]);
    let signed = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    for (given, fits) in
        [(signed, true), (&signed[7..], false), ("sha256=", false), ("sha256=zz", false), ("", false)]
    {
        let headers = headers(&[("x-hub-signature-256", given)]);
        let sent = Sent::new("POST", "https://x.example/", &headers, b"Hello, World!");
        assert_eq!(read(&webhook, sent, &Map::new(), &secrets, at(0)).is_ok(), fits, "{given}");
    }
}

#[test]
fn several_signatures_beside_a_moment_are_read_as_stripe_writes_them() {
    let webhook = webhook(
        r#"{ by: hmac, secret: key, over: "{timestamp}.{body}", at: { header: Stripe-Signature }, parts: { signature: v1, timestamp: t }, max_age: 300 }"#,
        "id: \"{{ event.id }}\"",
    );
    let secrets = secrets(&[("key", "whsec_test")]);
    let body = br#"{"id":"evt_1"}"#;
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"whsec_test");
    let tag = ring::hmac::sign(&key, b"1492774577.{\"id\":\"evt_1\"}");
    let hex: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let header = format!("t=1492774577,v1=00ff,v1={hex},v0=6ffb");
    let headers = headers(&[("stripe-signature", &header)]);
    let sent = Sent::new("POST", "https://x.example/", &headers, body);
    let found = events(read(&webhook, sent, &Map::new(), &secrets, at(1_492_774_577)));
    assert_eq!(found, [(Some("evt_1".into()), json!({ "id": "evt_1" }))]);
    assert_eq!(read(&webhook, sent, &Map::new(), &secrets, at(1_492_775_577)).unwrap_err(), Refusal::TooOld);
    // The moment is signed: another one does not fit.
    let moved = self::headers(&[("stripe-signature", &header.replace("1492774577", "1492775577"))]);
    let sent = Sent::new("POST", "https://x.example/", &moved, body);
    assert_eq!(read(&webhook, sent, &Map::new(), &secrets, at(1_492_775_577)).unwrap_err(), Refusal::Forged);
}

#[test]
fn a_challenge_is_answered_only_to_who_proves_itself() {
    let webhook = webhook(
        "{ by: hmac, secret: key, at: { header: X-Hub-Signature-256 }, prefix: sha256= }",
        r#"challenges:
  - when: "{{ request.method == 'GET' and request.query['hub.mode'] == 'subscribe' }}"
    proof: { token: { secret: word, at: { query: hub.verify_token } } }
    text: "{{ request.query['hub.challenge'] }}"
"#,
    );
    let secrets = secrets(&[("key", "k3y"), ("word", "w0rd")]);
    let read = |url: &str| read(&webhook, Sent::new("GET", url, &[], b""), &Map::new(), &secrets, at(0));
    let asked = "https://x.example/h?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=";
    assert_eq!(read(&format!("{asked}w0rd")), Ok(Reading::Answer(json!("1158201444"))));
    assert_eq!(read(&format!("{asked}word")), Err(Refusal::Forged));
    assert_eq!(read("https://x.example/h?hub.mode=other"), Err(Refusal::Forged));
}

#[test]
fn events_are_found_wherever_they_lie_and_no_secret_comes_along() {
    let webhook = webhook(
        "{ by: token, secret: word, at: { header: X-Token }, prefix: 'Bearer ' }",
        "events: /entry/*/changes\nid: \"{{ event.n }}\"",
    );
    let secrets = secrets(&[("word", "sesame")]);
    let headers = headers(&[("x-token", "Bearer sesame")]);
    let body = br#"{"entry":[{"changes":[{"n":1},{"n":2}]},{},{"changes":{"n":3,"w":"sesame"}}]}"#;
    let sent = Sent::new("POST", "https://x.example/?a=1", &headers, body);
    let Ok(Reading::Events(Events { events, request, .. })) =
        read(&webhook, sent, &Map::new(), &secrets, at(0))
    else {
        panic!("events")
    };
    let ids: Vec<_> = events.iter().map(|(id, _)| id.clone().unwrap()).collect();
    assert_eq!(ids, ["1", "2", "3"]);
    assert!(!format!("{request}{events:?}").contains("sesame"));
    let empty = Sent::new("POST", "https://x.example/", &headers, b"not json");
    assert_eq!(read(&webhook, empty, &Map::new(), &secrets, at(0)).unwrap_err(), Refusal::Unreadable);
}

#[test]
fn a_password_is_compared_whole() {
    let webhook = webhook("{ by: basic, username: key, password: word }", "");
    let secrets = secrets(&[("key", "ada"), ("word", "pass:word")]);
    for (given, fits) in [
        ("Basic YWRhOnBhc3M6d29yZA==", true),
        ("basic YWRhOnBhc3M6d29yZA==", true),
        ("Basic YWRhOg==", false),
        ("Bearer x", false),
    ] {
        let headers = headers(&[("authorization", given)]);
        let sent = Sent::new("POST", "https://x.example/", &headers, b"{}");
        assert_eq!(read(&webhook, sent, &Map::new(), &secrets, at(0)).is_ok(), fits, "{given}");
    }
    let headers = headers(&[("authorization", "Basic Og==")]);
    let sent = Sent::new("POST", "https://x.example/", &headers, b"{}");
    let nothing = Secrets::default();
    assert_eq!(read(&webhook, sent, &Map::new(), &nothing, at(0)).unwrap_err(), Refusal::NoSecret);
}
