//! An app that misbehaves in every way it can: the last part of the path says how.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// See the module.
#[derive(Clone)]
pub(crate) struct Hostile {
    pub address: SocketAddr,
    /// The paths that were asked for.
    seen: Arc<Mutex<Vec<String>>>,
    /// Bytes that were taken off `/huge`.
    pub taken: Arc<AtomicUsize>,
    /// Lets `/silent` go.
    release: Arc<Notify>,
    bomb: Arc<Vec<u8>>,
}

impl Hostile {
    pub(crate) async fn start() -> Self {
        Self::listen(None).await
    }

    /// One whose certificate has expired.
    pub(crate) async fn expired() -> Self {
        let certificate = CertificateDer::from_pem_slice(include_bytes!("certificate/expired.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_slice(include_bytes!("certificate/expired-key.pem")).unwrap();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        Self::listen(Some(TlsAcceptor::from(Arc::new(config)))).await
    }

    async fn listen(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let hostile = Self {
            address: listener.local_addr().unwrap(),
            seen: Arc::default(),
            taken: Arc::default(),
            release: Arc::default(),
            bomb: Arc::new(bomb()),
        };
        let app = hostile.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (app, tls) = (app.clone(), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => app.serve(socket).await,
                        Some(tls) => {
                            if let Ok(socket) = tls.accept(socket).await {
                                app.serve(socket).await;
                            }
                        }
                    }
                });
            }
        });
        hostile
    }

    /// How often a path that ends so was asked for.
    pub(crate) fn count(&self, end: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|path| path.ends_with(end)).count()
    }

    /// Everything that is held back in silence is answered from now on.
    pub(crate) fn release(&self) {
        self.release.notify_waiters();
    }

    async fn serve<S: AsyncRead + AsyncWrite + Zero + Unpin>(&self, mut socket: S) {
        let Some(path) = read_path(&mut socket).await else { return };
        let how = path.rsplit('/').next().unwrap_or_default().to_owned();
        let released = self.release.notified();
        self.seen.lock().unwrap().push(path);
        match how.as_str() {
            "silent" => {
                released.await;
                say(&mut socket, "200 OK", "", b"{\"late\":true}").await;
            }
            "slow" => {
                write(&mut socket, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").await;
                // A byte at a time, for ever: nothing that waits for silence would end it.
                while socket.write_all(b"1\r\n \r\n").await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
            "huge" => {
                write(&mut socket, b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n\"").await;
                let block = [b'x'; 64 * 1024];
                for _ in 0..16 * 1024 {
                    if socket.write_all(&block).await.is_err() {
                        return;
                    }
                    self.taken.fetch_add(block.len(), Ordering::SeqCst);
                }
            }
            "announced" => {
                write(&mut socket, b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\nx").await;
            }
            "values" => {
                let body = format!("[{}0]", "0,".repeat(6 * 1024 * 1024));
                say(&mut socket, "200 OK", "", body.as_bytes()).await;
            }
            "bomb" => say(&mut socket, "200 OK", "content-encoding: gzip\r\n", &self.bomb).await,
            "circle" => say(&mut socket, "302 Found", "location: circle\r\n", b"").await,
            "metadata" => {
                let head = "location: http://169.254.169.254/latest/meta-data/\r\n";
                say(&mut socket, "302 Found", head, b"").await;
            }
            "page" => {
                say(&mut socket, "200 OK", "content-type: text/html\r\n", b"<!doctype html><p>Maintenance")
                    .await;
            }
            "mislabelled" => {
                say(&mut socket, "200 OK", "content-type: text/plain\r\n", b"{\"fine\":true}").await;
            }
            "cut" => say(&mut socket, "200 OK", "content-type: application/json\r\n", b"{\"a\": [1,").await,
            "broken" => say(&mut socket, "500 Internal Server Error", "", b"{\"error\":\"on fire\"}").await,
            "storm" => say(&mut socket, "429 Too Many Requests", "retry-after: 3600\r\n", b"{}").await,
            "reset" => {
                write(&mut socket, b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"half\":").await;
                // Zero linger turns the close into a reset.
                socket.zero();
            }
            "headers" => {
                write(&mut socket, b"HTTP/1.1 200 OK\r\n").await;
                let line = [b"x-more: ".as_slice(), &[b'y'; 8192], b"\r\n"].concat();
                while socket.write_all(&line).await.is_ok() {}
            }
            _ => say(&mut socket, "200 OK", "", b"{\"fine\":true}").await,
        }
    }
}

/// What can be closed with a reset.
trait Zero {
    fn zero(&self) {}
}

impl Zero for TcpStream {
    fn zero(&self) {
        let _ = self.set_zero_linger();
    }
}

impl Zero for tokio_rustls::server::TlsStream<TcpStream> {}

async fn read_path<S: AsyncRead + Unpin>(socket: &mut S) -> Option<String> {
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
                return text.split(' ').nth(1).map(str::to_owned);
            }
        }
        match socket.read(&mut chunk).await {
            Ok(read) if read > 0 => received.extend_from_slice(&chunk[..read]),
            _ => return None,
        }
    }
}

async fn say<S: AsyncWrite + Unpin>(socket: &mut S, status: &str, headers: &str, body: &[u8]) {
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    write(socket, head.as_bytes()).await;
    write(socket, body).await;
    let _ = socket.shutdown().await;
}

async fn write<S: AsyncWrite + Unpin>(socket: &mut S, bytes: &[u8]) {
    // The other side may hang up first: that is what some cases are about.
    let _ = socket.write_all(bytes).await;
    let _ = socket.flush().await;
}

/// Gzip of 128 MiB of blanks, about a thousandth of that on the wire.
fn bomb() -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let block = vec![b' '; 1 << 20];
    for _ in 0..128 {
        encoder.write_all(&block).unwrap();
    }
    encoder.finish().unwrap()
}
