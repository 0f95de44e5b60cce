//! Reading a big file piece by piece: so many rows from a place, and the place where the next piece begins.
//!
//! Memory holds one piece. A place is a number of bytes, so finding it costs nothing however far into the file it is.

use super::columns::Mapping;
use super::csv::{self, MAX_ROW_BYTES};
use ::csv::{ByteRecord, ReaderBuilder};
use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

/// Largest header with its rows' beginning that is looked at to find out how the file is written.
const LOOK_BYTES: u64 = 256 * 1024;
/// What a row is called that could not be read as a whole: its item has this field, and no other that is certain.
pub const PROBLEM: &str = "row_problem";

/// How the rows of a file are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Cells with a delimiter, below a row of names.
    Table,
    /// A JSON value on every line.
    JsonLines,
}

impl Layout {
    /// By the ending of the file's name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        let ending = name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase();
        if matches!(ending.as_str(), "jsonl" | "ndjson" | "json") { Self::JsonLines } else { Self::Table }
    }
}

/// Rows of a file.
#[derive(Debug, Default, PartialEq)]
pub struct Piece {
    /// The rows as items.
    pub items: Vec<Value>,
    /// Where the next piece begins; `None` at the end.
    pub next: Option<String>,
    /// Rows in the whole file.
    pub total: Option<u64>,
}

/// Why a file cannot be read piece by piece.
#[derive(Debug, thiserror::Error)]
pub enum StretchError {
    /// It cannot be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// It has no usable header.
    #[error(transparent)]
    Header(#[from] csv::CsvError),
    /// It is in an encoding whose places cannot be found again.
    #[error("the file is written in {0}, which cannot be read piece by piece")]
    Encoding(&'static str),
    /// A row has no end.
    #[error("a row is longer than {MAX_ROW_BYTES} bytes; a quote may be left open")]
    Row,
    /// The place was not made by this module.
    #[error("the place to go on from cannot be understood")]
    Place,
}

/// Where a piece begins, and how many rows the file has, which only the first piece counts.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    byte: u64,
    total: u64,
}

impl Cursor {
    fn parse(text: &str) -> Option<Self> {
        let (byte, total) = text.split_once(':')?;
        Some(Self { byte: byte.parse().ok()?, total: total.parse().ok()? })
    }
}

/// Reads at most `size` rows of the file at `path` from `cursor` on; without one from the beginning.
///
/// # Errors
/// When the file cannot be read in pieces.
pub fn read(path: &Path, layout: Layout, cursor: Option<&str>, size: u32) -> Result<Piece, StretchError> {
    let cursor = cursor.map(|text| Cursor::parse(text).ok_or(StretchError::Place)).transpose()?;
    match layout {
        Layout::Table => table(path, cursor, size),
        Layout::JsonLines => lines(path, cursor, size),
    }
}

/// What the beginning of a table says about all of it.
struct Table {
    mapping: Mapping,
    encoding: &'static Encoding,
    delimiter: u8,
    /// Where its first row begins.
    first: u64,
}

impl Table {
    fn look(path: &Path) -> Result<Self, StretchError> {
        let mut look = Vec::new();
        File::open(path)?.take(LOOK_BYTES).read_to_end(&mut look)?;
        let encoding = csv::encoding_of(&look);
        if ![UTF_8, WINDOWS_1252].contains(&encoding) {
            return Err(StretchError::Encoding(encoding.name()));
        }
        let mark = if look.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        let delimiter = csv::delimiter_of(&encoding.decode(&look).0);
        let mut reader = builder(delimiter).from_reader(&look[mark..]);
        let mut header = ByteRecord::new();
        let found = reader.read_byte_record(&mut header).map_err(std::io::Error::from)?;
        let names: Vec<String> =
            header.iter().map(|name| encoding.decode(name).0.trim().to_owned()).collect();
        if !found || names.iter().all(String::is_empty) {
            return Err(csv::CsvError::Empty.into());
        }
        let first = mark as u64 + reader.position().byte();
        Ok(Self { mapping: Mapping::guess(&names), encoding, delimiter, first })
    }

    fn rows(&self, path: &Path, from: u64) -> Result<::csv::Reader<Fenced<File>>, StretchError> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(from))?;
        Ok(builder(self.delimiter).from_reader(Fenced::new(file)))
    }

    fn item(&self, row: &ByteRecord) -> Value {
        let cells: Vec<String> = row
            .iter()
            .map(|cell| self.encoding.decode_without_bom_handling(cell).0.trim().to_owned())
            .collect();
        let mut item = self.mapping.event(cells.iter().map(String::as_str));
        let wanted = self.mapping.columns().count();
        if cells.len() != wanted {
            item[PROBLEM] = format!("it has {} cells where the header has {wanted}", cells.len()).into();
        }
        item
    }
}

fn builder(delimiter: u8) -> ReaderBuilder {
    let mut builder = ReaderBuilder::new();
    builder.delimiter(delimiter).flexible(true).has_headers(false);
    builder
}

fn table(path: &Path, cursor: Option<Cursor>, size: u32) -> Result<Piece, StretchError> {
    let table = Table::look(path)?;
    let mut row = ByteRecord::new();
    let cursor = match cursor {
        Some(cursor) => cursor,
        None => {
            let mut rows = table.rows(path, table.first)?;
            let mut total = 0;
            while next(&mut rows, &mut row)? {
                total += 1;
            }
            Cursor { byte: table.first, total }
        }
    };
    let mut rows = table.rows(path, cursor.byte)?;
    let mut items = Vec::new();
    while items.len() < size as usize {
        if !next(&mut rows, &mut row)? {
            return Ok(Piece { items, next: None, total: Some(cursor.total) });
        }
        items.push(table.item(&row));
    }
    let byte = cursor.byte + rows.position().byte();
    // Whether a row follows is known only by looking; an empty last piece would be a run about nothing.
    let next = next(&mut rows, &mut row)?.then(|| format!("{byte}:{}", cursor.total));
    Ok(Piece { items, next, total: Some(cursor.total) })
}

/// Reads the next row within the bound.
fn next(rows: &mut ::csv::Reader<Fenced<File>>, row: &mut ByteRecord) -> Result<bool, StretchError> {
    rows.get_mut().left = FENCE;
    match rows.read_byte_record(row) {
        Ok(_) if row.as_slice().len() > MAX_ROW_BYTES => Err(StretchError::Row),
        Ok(found) => Ok(found),
        Err(error) if matches!(error.kind(), ::csv::ErrorKind::Io(io) if io.kind() == FENCED) => {
            Err(StretchError::Row)
        }
        Err(error) => Err(std::io::Error::from(error).into()),
    }
}

/// Bytes that one row may take from the file, with what the reader takes ahead.
const FENCE: usize = 2 * MAX_ROW_BYTES;
const FENCED: std::io::ErrorKind = std::io::ErrorKind::FileTooLarge;

/// Ends a row that has no end before it fills the memory.
struct Fenced<R> {
    source: R,
    left: usize,
}

impl<R> Fenced<R> {
    fn new(source: R) -> Self {
        Self { source, left: FENCE }
    }
}

impl<R: Read> Read for Fenced<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.left == 0 {
            return Err(FENCED.into());
        }
        let room = buffer.len().min(self.left);
        let count = self.source.read(&mut buffer[..room])?;
        self.left -= count;
        Ok(count)
    }
}

fn lines(path: &Path, cursor: Option<Cursor>, size: u32) -> Result<Piece, StretchError> {
    let mut line = Vec::new();
    let cursor = match cursor {
        Some(cursor) => cursor,
        None => {
            let mut source = BufReader::new(File::open(path)?);
            let mut total = 0;
            while line_of(&mut source, &mut line)?.is_some() {
                total += 1;
            }
            Cursor { byte: 0, total }
        }
    };
    let mut source = BufReader::new(File::open(path)?);
    source.seek(SeekFrom::Start(cursor.byte))?;
    let (mut items, mut byte) = (Vec::new(), cursor.byte);
    while items.len() < size as usize {
        let Some(taken) = line_of(&mut source, &mut line)? else {
            return Ok(Piece { items, next: None, total: Some(cursor.total) });
        };
        byte += taken;
        items.push(serde_json::from_slice(&line).unwrap_or_else(
            |error| serde_json::json!({ PROBLEM: format!("the line is not valid JSON: {error}") }),
        ));
    }
    let next = line_of(&mut source, &mut line)?.map(|_| format!("{byte}:{}", cursor.total));
    Ok(Piece { items, next, total: Some(cursor.total) })
}

/// The next line that is not blank, and the bytes it took together with the blank ones before it.
fn line_of(source: &mut impl BufRead, line: &mut Vec<u8>) -> Result<Option<u64>, StretchError> {
    let mut taken = 0;
    loop {
        line.clear();
        let count = source.by_ref().take(MAX_ROW_BYTES as u64 + 1).read_until(b'\n', line)?;
        taken += count as u64;
        match count {
            0 => return Ok(None),
            _ if count > MAX_ROW_BYTES => return Err(StretchError::Row),
            _ if !line.trim_ascii().is_empty() => return Ok(Some(taken)),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::io::Write;

    fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn all(bytes: &[u8], layout: Layout, size: u32) -> (Vec<Value>, usize) {
        let file = file(bytes);
        let (mut items, mut cursor, mut pieces) = (Vec::new(), None, 0);
        loop {
            let piece = read(file.path(), layout, cursor.as_deref(), size).unwrap();
            pieces += 1;
            assert!(!piece.items.is_empty() || items.is_empty(), "no piece about nothing");
            items.extend(piece.items);
            cursor = piece.next;
            if cursor.is_none() {
                assert_eq!(piece.total, Some(items.len() as u64));
                return (items, pieces);
            }
        }
    }

    #[test]
    fn pieces_of_any_size_make_the_same_whole() {
        let text = "E-mail;First name;Note\r\nada@a.example;Ada;\"two\r\nlines; and more\"\r\n\r\ngrace@b.example;Grace;\r\nkay@c.example;Kay;x\r\n";
        let (whole, _) = all(text.as_bytes(), Layout::Table, 100);
        assert_eq!(whole.len(), 3);
        assert_eq!(
            whole[0],
            json!({"email": "ada@a.example", "first_name": "Ada", "note": "two\r\nlines; and more"})
        );
        for size in 1..4 {
            let (items, pieces) = all(text.as_bytes(), Layout::Table, size);
            assert_eq!((items, pieces), (whole.clone(), 3_usize.div_ceil(size as usize)), "{size}");
        }
        let mut marked = b"\xef\xbb\xbf".to_vec();
        marked.extend(text.as_bytes());
        assert_eq!(all(&marked, Layout::Table, 1).0, whole);
    }

    #[test]
    fn western_code_pages_are_read_and_others_refused() {
        let (items, _) = all(b"name,city\nJos\xe9,M\xfcnchen\nAna,Lyon\n", Layout::Table, 1);
        assert_eq!(items[0], json!({"name": "José", "city": "München"}));
        let utf_16 = file(b"\xff\xfen\0a\0m\0e\0");
        assert!(matches!(
            read(utf_16.path(), Layout::Table, None, 1),
            Err(StretchError::Encoding("UTF-16LE"))
        ));
    }

    #[test]
    fn lines_of_json_and_what_is_wrong_with_them() {
        let text = b"{\"n\":1}\n\n{\"n\":2}\r\n{oops\n{\"n\":4}";
        for size in 1..6 {
            let (items, _) = all(text, Layout::JsonLines, size);
            assert_eq!(items.len(), 4);
            assert_eq!((&items[1], &items[3]), (&json!({"n": 2}), &json!({"n": 4})));
            assert!(items[2][PROBLEM].as_str().unwrap().contains("not valid JSON"));
        }
    }

    #[test]
    fn rows_that_do_not_fit_are_marked_and_rows_without_end_refused() {
        let (items, _) = all(b"a,b\n1\n1,2\n", Layout::Table, 10);
        assert!(items[0][PROBLEM].is_string() && items[1][PROBLEM].is_null());
        let mut endless = b"a,b\n1,\"".to_vec();
        endless.resize(4 * MAX_ROW_BYTES, b'x');
        assert!(matches!(read(file(&endless).path(), Layout::Table, None, 1), Err(StretchError::Row)));
        assert!(matches!(
            read(file(&endless[4..]).path(), Layout::JsonLines, None, 1),
            Err(StretchError::Row)
        ));
        assert!(matches!(read(file(b"a\n").path(), Layout::Table, Some("x"), 1), Err(StretchError::Place)));
        assert_eq!(read(file(b"a\n").path(), Layout::Table, None, 1).unwrap().items, Vec::<Value>::new());
    }
}
