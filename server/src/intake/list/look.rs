//! What a file really is, by its first bytes.

use super::ListError;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// How much of a file is looked at.
const LOOK_BYTES: u64 = 256 * 1024;

/// What a file is.
pub(super) enum Kind {
    /// An Excel workbook.
    Workbook,
    /// Text in lines.
    Text(Text),
    /// Something that is no list; what, in words.
    Other(&'static str),
    /// Nothing.
    Nothing,
}

/// How a text is written.
pub(super) struct Text {
    /// Its encoding. Lines that are not UTF-8 in a file that begins so are read as Windows-1252 each for itself.
    pub(super) encoding: &'static Encoding,
    /// Bytes of the mark at its beginning.
    pub(super) mark: usize,
    /// Its beginning, as text.
    pub(super) beginning: String,
}

/// What was found out.
pub(super) struct Look {
    pub(super) kind: Kind,
}

/// Beginnings of files that are no list. What a zip archive is, is looked at inside.
const OTHERS: &[(&[u8], &str)] = &[
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an old Excel workbook (.xls) or another old Office document; save it as .xlsx or CSV",
    ),
    (b"%PDF", "a PDF; export the list as CSV or Excel"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "packed with gzip; unpack it first"),
    (b"7z\xbc\xaf", "packed; unpack it first"),
    (b"Rar!", "packed; unpack it first"),
    (b"SQLite format 3", "a database; export the list as CSV"),
    (b"{\\rtf", "a text document; save the list as CSV or Excel"),
];

/// Looks at the beginning of `file` and goes back to it.
pub(super) fn at(file: &mut File) -> Result<Look, ListError> {
    let mut look = Vec::new();
    file.by_ref().take(LOOK_BYTES).read_to_end(&mut look)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(Look { kind: kind(&look) })
}

fn kind(look: &[u8]) -> Kind {
    if look.is_empty() {
        return Kind::Nothing;
    }
    if look.starts_with(b"PK\x03\x04") || look.starts_with(b"PK\x05\x06") {
        return Kind::Workbook;
    }
    if let Some((_, what)) = OTHERS.iter().find(|(beginning, _)| look.starts_with(beginning)) {
        return Kind::Other(what);
    }
    if look.starts_with(b"\xff\xfe\0\0") || look.starts_with(b"\0\0\xfe\xff") {
        return Kind::Other("text in UTF-32, which hardly any program reads; save it as UTF-8");
    }
    let (encoding, mark) = match Encoding::for_bom(look) {
        Some((encoding, mark)) => (encoding, mark),
        None => (without_mark(look), 0),
    };
    let wide = [UTF_16LE, UTF_16BE].contains(&encoding);
    let odd = look.iter().filter(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31)).count();
    if !wide && odd * 10 > look.len() {
        return Kind::Other("no text: it holds bytes that no list has");
    }
    let beginning = encoding.decode(look).0.into_owned();
    let start = beginning.trim_start();
    if start.is_empty() {
        return Kind::Nothing;
    }
    let small: String = start.chars().take(200).flat_map(char::to_lowercase).collect();
    if small.starts_with("<!doctype html") || small.starts_with("<html") || small.starts_with("<table") {
        return Kind::Other("a web page; open it in a spreadsheet and save it as CSV or Excel");
    }
    if small.starts_with("<?xml") {
        return Kind::Other("XML; export the list as CSV or Excel");
    }
    if (small.starts_with('{') || small.starts_with('['))
        && serde_json::from_str::<serde::de::IgnoredAny>(first_line(start)).is_ok()
    {
        return Kind::Other("JSON; send it to a workflow, or export the list as CSV");
    }
    Kind::Text(Text { encoding, mark, beginning })
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// By the places of zeros, then by validity: what is not UTF-8 is taken for the code page spreadsheets write in the West.
fn without_mark(look: &[u8]) -> &'static Encoding {
    let sample = &look[..look.len().min(4096) & !1];
    let zeros = |offset: usize| sample.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let half = sample.len() / 2;
    if half >= 4 {
        let (even, odd) = (zeros(0), zeros(1));
        if odd * 10 > half * 4 && even * 20 < half {
            return UTF_16LE;
        }
        if even * 10 > half * 4 && odd * 20 < half {
            return UTF_16BE;
        }
    }
    match std::str::from_utf8(look) {
        Ok(_) => UTF_8,
        // The look may end within a character, and a line far into a UTF-8 file may be in another encoding.
        Err(error) if error.error_len().is_none() || has_long_letters(&look[..error.valid_up_to()]) => UTF_8,
        Err(_) => WINDOWS_1252,
    }
}

/// Whether a valid beginning holds letters of several bytes, which a text in Windows-1252 never does by accident.
fn has_long_letters(valid: &[u8]) -> bool {
    valid.iter().any(|byte| *byte >= 0xc2)
}
