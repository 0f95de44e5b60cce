//! The guarded client against servers that misbehave: real sockets on this machine, one for each case.

#![allow(missing_docs, reason = "a test binary has no readers of its documentation")]
#![allow(clippy::unwrap_used, reason = "clippy sees the shared server of this file as no test")]

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use trunkline_connectors::{CallError, Client, Method, Policy, Request, Response};
use trunkline_engine::failure::FailureKind;

/// A server that reads one request head (and what body came with it) and hands both to `answer`.
struct Server {
    address: SocketAddr,
    calls: Arc<AtomicUsize>,
}

impl Server {
    async fn start<F, A>(answer: F) -> Self
    where
        F: Fn(String, TcpStream) -> A + Send + Sync + 'static,
        A: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let answer = Arc::new(answer);
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let answer = Arc::clone(&answer);
                tokio::spawn(async move {
                    let head = read_request(&mut socket).await;
                    answer(head, socket).await;
                });
            }
        });
        Self { address, calls }
    }

    /// A server that always sends the same bytes and closes.
    async fn saying(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = Arc::new(bytes.into());
        Self::start(move |_, mut socket| {
            let bytes = Arc::clone(&bytes);
            async move {
                // The client may hang up first: that is what some cases are about.
                let _ = socket.write_all(&bytes).await;
                let _ = socket.shutdown().await;
            }
        })
        .await
    }

    /// A server that says back the request it got.
    async fn echo() -> Self {
        Self::start(|head, mut socket| async move {
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{head}",
                head.len()
            );
            let _ = socket.write_all(answer.as_bytes()).await;
        })
        .await
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

async fn read_request(socket: &mut TcpStream) -> String {
    let mut received = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&received);
        if let Some(end) = text.find("\r\n\r\n") {
            let length = text
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:").map(str::to_owned))
                .map_or(0, |value| value.trim().parse::<usize>().unwrap());
            if received.len() >= end + 4 + length {
                return text.into_owned();
            }
        }
        match socket.read(&mut chunk).await {
            Ok(read) if read > 0 => received.extend_from_slice(&chunk[..read]),
            _ => return String::from_utf8_lossy(&received).into_owned(),
        }
    }
}

fn client(allow: &[&str]) -> Client {
    let allow = allow.iter().map(|rule| rule.parse().unwrap()).collect();
    Client::new(Policy { allow, ..Policy::default() }).unwrap()
}

fn open_client() -> Client {
    client(&["127.0.0.1"])
}

async fn get(client: &Client, url: impl Into<String>) -> Result<Response, CallError> {
    client.send(Request::new(Method::GET, url)).await
}

fn found(location: &str) -> String {
    format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
}

#[tokio::test]
async fn every_spelling_of_loopback_is_refused_before_a_connection_opens() {
    let server = Server::echo().await;
    let port = server.address.port();
    let spellings = [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "0177.0.0.1",
        "127.0.0.1.",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[64:ff9b::7f00:1]",
        "\u{ff11}27.0.0.1",
        "localhost",
        "LOCALHOST",
        "localhost.",
        "ip6-localhost",
    ];
    let client = client(&[]);
    for spelling in spellings {
        let error = get(&client, format!("http://{spelling}:{port}/")).await.unwrap_err();
        // A name this machine does not know cannot be refused for its address.
        let unknown_name = ["ip6-localhost", "localhost."].contains(&spelling) && error.code == "CALL-0003";
        assert!(error.code == "CALL-0002" || unknown_name, "{spelling}: {error}");
    }
    assert_eq!(server.calls(), 0);
}

#[tokio::test]
async fn private_and_metadata_addresses_are_refused() {
    let client = client(&["127.0.0.1"]);
    for host in
        ["169.254.169.254", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "[fd00::1]", "[fe80::1]"]
    {
        let error = get(&client, format!("http://{host}/latest/meta-data/")).await.unwrap_err();
        assert_eq!(error.code, "CALL-0002", "{host}");
        assert!(!error.outcome_unknown, "nothing was sent");
    }
}

#[tokio::test]
async fn an_allowed_host_port_or_network_is_reached_and_its_neighbour_is_not() {
    let (one, other) = (Server::echo().await, Server::echo().await);
    let port = one.address.port();
    let only = client(&[&format!("localhost:{port}")]);
    assert_eq!(get(&only, format!("http://localhost:{port}/")).await.unwrap().status, 200);
    let neighbour = get(&only, format!("http://localhost:{}/", other.address.port())).await.unwrap_err();
    assert_eq!(neighbour.code, "CALL-0002");
    assert_eq!(get(&only, one.url("/")).await.unwrap_err().code, "CALL-0002");
    let network = client(&["127.0.0.0/8"]);
    assert_eq!(get(&network, other.url("/")).await.unwrap().status, 200);
    assert_eq!(get(&network, format!("http://localhost:{port}/")).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_redirect_to_a_private_address_is_refused() {
    for target in
        ["http://169.254.169.254/latest/", "http://[::ffff:169.254.169.254]/", "http://localhost:1/"]
    {
        let server = Server::saying(found(target)).await;
        let error = get(&open_client(), server.url("/")).await.unwrap_err();
        assert_eq!(error.code, "CALL-0002", "{target}");
    }
    for target in ["file:///etc/passwd", "ftp://example.com/", "http://user:word@127.0.0.1/"] {
        let server = Server::saying(found(target)).await;
        assert_eq!(get(&open_client(), server.url("/")).await.unwrap_err().code, "CALL-0001", "{target}");
    }
}

#[tokio::test]
async fn redirects_are_followed_to_a_limit() {
    let endless = Server::saying(found("/again")).await;
    let error = get(&open_client(), endless.url("/")).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("CALL-0007", FailureKind::Fatal));
    assert_eq!(endless.calls(), 6, "the first call and five redirects");
}

#[tokio::test]
async fn credentials_stay_with_their_origin() {
    let target = Server::echo().await;
    let near = Server::saying(found(&target.url("/there"))).await;
    let request = Request {
        headers: [
            ("Authorization", "Bearer s3cret"),
            ("Cookie", "id=s3cret"),
            ("X-Api-Key", "s3cret"),
            ("Accept", "text/x"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec(),
        body: Some("{}".into()),
        ..Request::new(Method::POST, near.url("/here"))
    };
    let answer = open_client().send(request).await.unwrap();
    let seen = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(seen.starts_with("GET /there HTTP/1.1"), "a 302 to a POST becomes a GET: {seen}");
    assert!(seen.contains("accept: text/x"), "{seen}");
    assert!(!seen.contains("s3cret"), "{seen}");
    assert_eq!(answer.url, target.url("/there"));
}

#[tokio::test]
async fn credentials_and_body_follow_within_the_origin() {
    let server = Server::start(|head, mut socket| async move {
        let answer = if head.starts_with("POST /first") {
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: /second\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_owned()
        } else {
            format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{head}", head.len())
        };
        let _ = socket.write_all(answer.as_bytes()).await;
    })
    .await;
    let request = Request {
        headers: vec![("authorization".into(), "Bearer key".into())],
        body: Some("lead".into()),
        ..Request::new(Method::POST, server.url("/first"))
    };
    let answer = open_client().send(request).await.unwrap();
    let seen = String::from_utf8_lossy(&answer.body).into_owned();
    assert!(seen.starts_with("POST /second"), "{seen}");
    assert!(seen.contains("authorization: Bearer key") && seen.ends_with("\r\n\r\nlead"), "{seen}");
}

#[tokio::test]
async fn a_slow_body_ends_at_the_time_limit_of_the_whole_call() {
    let server = Server::start(|_, mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
        // One byte at a time, for ever: an idle limit would never fire.
        while socket.write_all(b"1\r\nx\r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    let request =
        Request { timeout: Duration::from_millis(200), ..Request::new(Method::GET, server.url("/")) };
    let error = open_client().send(request).await.unwrap_err();
    assert_eq!((error.code, error.kind, error.outcome_unknown), ("CALL-0004", FailureKind::Timeout, true));
}

#[tokio::test]
async fn a_server_that_never_answers_times_out() {
    let server = Server::start(|_, socket| async move {
        let _held = socket;
        std::future::pending::<()>().await;
    })
    .await;
    let request =
        Request { timeout: Duration::from_millis(100), ..Request::new(Method::GET, server.url("/")) };
    assert_eq!(open_client().send(request).await.unwrap_err().kind, FailureKind::Timeout);
}

#[tokio::test]
async fn a_huge_body_is_refused_whether_announced_or_streamed() {
    let announced = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\nx").await;
    assert_eq!(get(&open_client(), announced.url("/")).await.unwrap_err().code, "CALL-0005");
    let streamed = Server::start(|_, mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await;
        while socket.write_all(&[b'x'; 65536]).await.is_ok() {}
    })
    .await;
    let error = get(&open_client(), streamed.url("/")).await.unwrap_err();
    assert_eq!((error.code, error.kind), ("CALL-0005", FailureKind::Fatal));
}

/// Gzip of `megabytes` of zeros: about a thousandth of that on the wire.
fn gzip_of_zeros(megabytes: usize) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let block = vec![0; 1 << 20];
    for _ in 0..megabytes {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

#[tokio::test]
async fn a_compression_bomb_is_cut_off_at_the_limit_after_decompression() {
    let server = Server::saying(gzipped(&gzip_of_zeros(64))).await;
    let error = get(&open_client(), server.url("/")).await.unwrap_err();
    assert_eq!(error.code, "CALL-0005");
    let honest = Server::saying(gzipped(&gzip_of_zeros(1))).await;
    assert_eq!(get(&open_client(), honest.url("/")).await.unwrap().body.len(), 1 << 20);
}

#[tokio::test]
async fn a_reset_in_the_body_is_temporary_and_of_unknown_outcome() {
    let server = Server::start(|_, mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await;
        // Zero linger turns the close into a reset.
        let _ = socket.set_zero_linger();
    })
    .await;
    let error = get(&open_client(), server.url("/")).await.unwrap_err();
    assert_eq!((error.code, error.kind, error.outcome_unknown), ("CALL-0006", FailureKind::Temporary, true));
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_an_error_and_no_panic() {
    for bytes in [&b"\x16\x03\x01\x02\x00"[..], b"", b"HTTP/1.1 999999 x\r\n\r\n", b"HTTP/1.1 200 OK\r\nx"] {
        let server = Server::saying(bytes).await;
        assert_eq!(get(&open_client(), server.url("/")).await.unwrap_err().code, "CALL-0006", "{bytes:?}");
    }
    let endless_headers = Server::start(|_, mut socket| async move {
        let _ = socket.write_all(b"HTTP/1.1 200 OK\r\n").await;
        while socket.write_all(&[b"x-more: ".as_slice(), &[b'y'; 8192], b"\r\n"].concat()).await.is_ok() {}
    })
    .await;
    assert_eq!(get(&open_client(), endless_headers.url("/")).await.unwrap_err().code, "CALL-0006");
}

#[tokio::test]
async fn a_closed_port_is_a_temporary_lack_of_connection() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let error = get(&open_client(), format!("http://127.0.0.1:{port}/?token=s3cret")).await.unwrap_err();
    assert_eq!((error.code, error.kind, error.outcome_unknown), ("CALL-0003", FailureKind::Temporary, false));
    assert!(!error.message.contains("s3cret"), "{error}");
}

#[tokio::test]
async fn bad_addresses_and_headers_are_bad_input() {
    let client = client(&[]);
    for url in
        ["", "example.com", "ftp://example.com/", "http://", "https://me:word@example.com/", "http://a b/"]
    {
        let error = get(&client, url).await.unwrap_err();
        assert_eq!((error.code, error.kind), ("CALL-0001", FailureKind::BadInput), "{url}");
    }
    for (name, value) in [("a b", "x"), ("x", "line\r\nbreak"), ("Host", "other"), ("Content-Length", "3")] {
        let headers = vec![(name.to_owned(), value.to_owned())];
        let request = Request { headers, ..Request::new(Method::GET, "http://example.com/") };
        assert_eq!(client.send(request).await.unwrap_err().code, "CALL-0012", "{name}");
    }
}

#[tokio::test]
async fn a_status_is_an_answer_until_success_is_asked_for() {
    let server =
        Server::saying("HTTP/1.1 429 Too Many Requests\r\nretry-after: 7\r\ncontent-length: 4\r\n\r\nslow")
            .await;
    let answer = get(&open_client(), server.url("/")).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (429, &b"slow"[..]));
    let error = answer.into_success().unwrap_err();
    assert_eq!((error.kind, error.retry_after), (FailureKind::RateLimited, Some(Duration::from_secs(7))));
}

#[tokio::test]
async fn only_the_hosts_that_were_named_are_called_also_by_redirect() {
    let other = Server::saying("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let first = Server::saying(format!(
        "HTTP/1.1 302 Found\r\nlocation: http://{}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        other.address
    ))
    .await;
    let policy = Policy { allow: vec!["127.0.0.1".parse().unwrap()], ..Policy::default() };
    let client = Client::new(policy).unwrap();
    let named = |hosts: &[String]| {
        let mut request = Request::new(Method::GET, format!("http://{}/", first.address));
        request.only_hosts = Some(hosts.to_vec());
        request
    };
    let refused = client.send(named(&[first.address.to_string()])).await.unwrap_err();
    assert_eq!((refused.code, other.calls.load(Ordering::SeqCst)), ("CALL-0014", 0));
    let refused = client.send(named(&["api.example.com".into()])).await.unwrap_err();
    assert_eq!((refused.code, first.calls.load(Ordering::SeqCst)), ("CALL-0014", 1));
    assert_eq!(client.send(named(&[])).await.unwrap_err().code, "CALL-0014", "no host is no host");
    let both = [first.address.to_string(), other.address.to_string()];
    assert_eq!(client.send(named(&both)).await.unwrap().status, 200);
}
