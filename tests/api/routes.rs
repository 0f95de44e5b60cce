//! Every route of the API description is closed: without proof, and with a cookie alone.

use reqwest::Method;
use serde_json::{Value, json};
use trunkline_tests::{Server, client};

/// What anyone may call.
const PUBLIC: [(&str, &str); 3] = [("get", "/session"), ("post", "/session"), ("post", "/setup")];

fn filled(path: &str) -> String {
    let id = "01890000-0000-7000-8000-000000000001";
    path.replace("{id}", id)
        .replace("{pin}", id)
        .replace("{step}", "start")
        .replace("{version}", "1")
        .replace("{name}", "acme")
}

#[tokio::test]
async fn every_route_is_closed_to_strangers_and_to_forged_requests() {
    let server = Server::start(&[]).await.unwrap();
    server.set_up().await.unwrap();
    let http = client().unwrap();
    let signed_in = http
        .post(server.url("/api/v1/session"))
        .json(&json!({"email": "grace@example.com", "password": "correct horse battery staple"}))
        .send()
        .await
        .unwrap();
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let api: Value = http.get(server.url("/api/openapi.json")).send().await.unwrap().json().await.unwrap();
    let mut walked = 0;
    for (path, methods) in api["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            if PUBLIC.contains(&(method.as_str(), path.as_str())) {
                continue;
            }
            walked += 1;
            let url = server.url(&format!("/api/v1{}", filled(path)));
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let stranger = http.request(method.clone(), &url).send().await.unwrap();
            assert_eq!(stranger.status(), 401, "{method} {path} without proof");
            let body: Value = stranger.json().await.unwrap();
            assert_eq!(body["code"], "AUTH-0001", "{method} {path}");
            let token = http.request(method.clone(), &url).bearer_auth("tl_wrong").send().await.unwrap();
            assert_eq!(token.status(), 401, "{method} {path} with a wrong token");
            if !method.is_safe() {
                let forged = http.request(method.clone(), &url).header("cookie", &cookie);
                for forged in [forged.try_clone().unwrap(), forged.header("x-trunkline-csrf", "wrong")] {
                    assert_eq!(
                        forged.send().await.unwrap().status(),
                        403,
                        "{method} {path} with a wrong CSRF token"
                    );
                }
            }
        }
    }
    assert!(walked > 35, "only {walked} routes were found");
}

#[tokio::test]
async fn addresses_that_do_not_exist_are_closed_too_and_answers_are_guarded() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let http = client().unwrap();
    let unknown = http.get(server.url("/api/v1/secrets")).send().await.unwrap();
    assert_eq!(unknown.status(), 401);
    let page = http.get(server.url("/workflows")).send().await.unwrap();
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert_eq!(http.get(server.url("/assets/gone.js")).send().await.unwrap().status(), 404);
    for path in ["/healthz", "/readyz", "/metrics", "/docs/errors/AUTH-0001"] {
        assert_eq!(http.get(server.url(path)).send().await.unwrap().status(), 200, "{path}");
    }
}

#[tokio::test]
async fn set_up_works_once_and_guessing_passwords_is_slow() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let http = client().unwrap();
    let form = json!({"token": "guess", "email": "eve@example.com", "password": "long enough indeed"});
    let guess = http.post(server.url("/api/v1/setup")).json(&form).send().await.unwrap();
    assert_eq!(guess.status(), 403);
    server.set_up().await.unwrap();
    assert_eq!(http.post(server.url("/api/v1/setup")).json(&form).send().await.unwrap().status(), 409);
    let attempt = json!({"email": "grace@example.com", "password": "wrong password"});
    let mut answers = Vec::new();
    for _ in 0..12 {
        let answer = http.post(server.url("/api/v1/session")).json(&attempt).send().await.unwrap();
        answers.push(answer.status().as_u16());
    }
    assert_eq!(answers[0], 401);
    assert_eq!(answers[11], 429, "{answers:?}");
}
