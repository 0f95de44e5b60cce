//! From a writer that blocks to the body of an answer: bytes go over in pieces, and the writer waits for a slow reader.

use axum::body::{Body, Bytes};
use futures_util::stream;
use std::io::{self, Write};
use tokio::sync::mpsc;

/// Bytes of a piece.
const PIECE: usize = 64 * 1024;
/// Pieces under way at most.
const PIECES: usize = 4;

/// The end that is written to, outside of the async runtime's own threads.
#[derive(Debug)]
pub struct Pipe {
    sender: mpsc::Sender<io::Result<Bytes>>,
    waiting: Vec<u8>,
}

/// A pipe, and the body that its bytes become.
pub fn pipe() -> (Pipe, Body) {
    let (sender, mut receiver) = mpsc::channel(PIECES);
    let pieces = stream::poll_fn(move |context| receiver.poll_recv(context));
    (Pipe { sender, waiting: Vec::with_capacity(PIECE) }, Body::from_stream(pieces))
}

impl Pipe {
    /// A way to break the body off, so that its reader does not take it for whole.
    #[must_use]
    pub fn breaker(&self) -> mpsc::Sender<io::Result<Bytes>> {
        self.sender.clone()
    }

    fn send(&mut self) -> io::Result<()> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let piece = std::mem::replace(&mut self.waiting, Vec::with_capacity(PIECE));
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "the reader has gone");
        self.sender.blocking_send(Ok(piece.into())).map_err(gone)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.waiting.extend_from_slice(bytes);
        if self.waiting.len() >= PIECE {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}
