//! Mail, against a server that does what its recipients' names say.

use super::{Account, certificate};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use trunkline_engine::failure::FailureKind;

/// A mail server, and what it took.
#[derive(Clone)]
struct Server {
    port: u16,
    taken: Arc<Mutex<Vec<String>>>,
    is_wrapped: bool,
    tls: Option<TlsAcceptor>,
}

/// How a conversation goes on.
enum Then {
    Over,
    Encrypted,
}

impl Server {
    async fn start(tls: Option<&(String, String)>, is_wrapped: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tls = tls.map(|(certificate, key)| {
            let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let config = rustls::ServerConfig::builder_with_provider(provider)
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(chain, key)
                .unwrap();
            TlsAcceptor::from(Arc::new(config))
        });
        let server =
            Self { port: listener.local_addr().unwrap().port(), taken: Arc::default(), is_wrapped, tls };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = serving.clone();
                tokio::spawn(async move { server.serve(stream).await });
            }
        });
        server
    }

    async fn serve(self, stream: TcpStream) {
        let Some(tls) = self.tls.clone() else {
            let mut stream = stream;
            self.talk(&mut stream, true, true).await;
            return;
        };
        if self.is_wrapped {
            let Ok(mut stream) = tls.accept(stream).await else { return };
            self.talk(&mut stream, true, true).await;
            return;
        }
        let mut stream = stream;
        if let Then::Encrypted = self.talk(&mut stream, true, false).await {
            let Ok(mut stream) = tls.accept(stream).await else { return };
            self.talk(&mut stream, false, true).await;
        }
    }

    async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: &mut S,
        greets: bool,
        is_safe: bool,
    ) -> Then {
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        if greets {
            say(&mut stream, "220 test").await;
        }
        let mut is_lost = false;
        loop {
            line.clear();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return Then::Over;
            }
            let upper = line.to_uppercase();
            let answer = match upper.split([' ', '\r', ':']).next().unwrap_or_default() {
                "EHLO" if is_safe => "250-test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
                "EHLO" => "250-test\r\n250 STARTTLS",
                "STARTTLS" => {
                    say(&mut stream, "220 go on").await;
                    return Then::Encrypted;
                }
                "AUTH" => {
                    let proof = STANDARD.decode(line.trim().rsplit(' ').next().unwrap()).unwrap();
                    match proof.as_slice() {
                        b"\0sender\0open sesame" => "235 welcome",
                        _ => "535 5.7.8 bad credentials open sesame",
                    }
                }
                "RCPT" if line.contains("bounce@") => "550 5.1.1 no such user",
                "RCPT" if line.contains("busy@") => "451 4.7.1 try later",
                "RCPT" => {
                    is_lost = line.contains("lost@");
                    "250 fine"
                }
                "DATA" => {
                    say(&mut stream, "354 go on").await;
                    let mut message = String::new();
                    loop {
                        line.clear();
                        stream.read_line(&mut line).await.unwrap();
                        if line == ".\r\n" {
                            break;
                        }
                        message.push_str(&line);
                    }
                    self.taken.lock().unwrap().push(message);
                    if is_lost {
                        return Then::Over;
                    }
                    "250 2.0.0 Ok: queued as 4Xq"
                }
                "QUIT" => {
                    say(&mut stream, "221 bye").await;
                    return Then::Over;
                }
                _ => "250 fine",
            };
            say(&mut stream, answer).await;
        }
    }

    fn account(&self, security: &str, password: &str) -> Account {
        let place = json!({
            "host": "localhost", "port": self.port.to_string(), "security": security, "from": "Us <hello@sender.example>",
        });
        let auth = if password.is_empty() { "open" } else { "password" };
        Account::new("smtp", auth, &place, &[("username", "sender"), ("password", password)])
    }

    fn count(&self) -> usize {
        self.taken.lock().unwrap().len()
    }
}

async fn say<S: AsyncWrite + Unpin>(stream: &mut S, answer: &str) {
    let _ = stream.write_all(format!("{answer}\r\n").as_bytes()).await;
    let _ = stream.flush().await;
}

fn to(address: &str) -> Value {
    json!({ "to": address, "subject": "Grüße", "text": "Hello", "html": "<p>Hello</p>" })
}

#[tokio::test]
async fn a_message_goes_out_over_starttls_and_tls_and_only_to_whom_we_trust() {
    let tls = certificate();
    for is_wrapped in [false, true] {
        let server = Server::start(Some(&tls), is_wrapped).await;
        let security = if is_wrapped { "tls" } else { "starttls" };
        let account = server.account(security, "open sesame").knowing("ca", &tls.0);
        let sent = account.does("send_email", to("ada@analytical.example")).await.unwrap();
        assert_eq!(sent["to"], "ada@analytical.example");
        assert!(sent["answer"].as_str().unwrap().contains("queued as 4Xq"));
        let message = server.taken.lock().unwrap()[0].clone();
        assert!(message.contains("From: Us <hello@sender.example>"), "{message}");
        assert!(message.contains(sent["message_id"].as_str().unwrap()));
        let checked = account.does("check", json!({})).await.unwrap();
        assert_eq!(checked, json!({ "server": "localhost", "encrypted": true }));
        // Nobody whom we know vouches for this server.
        let stranger = server.account(security, "open sesame");
        let failure = stranger.does("send_email", to("ada@analytical.example")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Temporary, "{failure}");
        assert_eq!(server.count(), 1);
    }
}

#[tokio::test]
async fn what_the_server_says_is_told_apart_and_its_echo_of_a_secret_is_hidden() {
    let tls = certificate();
    let server = Server::start(Some(&tls), false).await;
    let account = server.account("starttls", "open sesame").knowing("ca", &tls.0);
    for (address, kind, said) in [
        ("bounce@analytical.example", FailureKind::BadInput, "550"),
        ("busy@analytical.example", FailureKind::Temporary, "451"),
        ("lost@analytical.example", FailureKind::UnknownOutcome, ""),
    ] {
        let failure = account.does("send_email", to(address)).await.unwrap_err();
        assert_eq!(failure.kind, kind, "{failure}");
        assert!(failure.message.contains(said), "{failure}");
    }
    let wrong =
        server.account("starttls", "close sesame").knowing("ca", &tls.0).knowing("old", "open sesame");
    let failure = wrong.does("check", json!({})).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Auth, "{failure}");
    assert!(!failure.message.contains("open sesame"), "{failure}");
}

#[tokio::test]
async fn a_password_is_not_sent_in_the_clear() {
    let server = Server::start(None, false).await;
    let failure = server.account("none", "open sesame").does("check", json!({})).await.unwrap_err();
    assert_eq!(failure.code, "CONN-0007", "{failure}");
    // A server that offers no encryption is not spoken to without it.
    let failure = server.account("starttls", "").does("check", json!({})).await.unwrap_err();
    assert!(failure.message.contains("STARTTLS"), "{failure}");
    server.account("none", "").does("send_email", to("ada@analytical.example")).await.unwrap();
    assert_eq!(server.count(), 1);
}
