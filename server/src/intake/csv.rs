//! Reading CSV as people have it: any of three delimiters, UTF-8, UTF-16 or Windows-1252, rows that are broken.
//!
//! A broken row is reported with its line and reason and never stops the rows after it. Memory stays bounded: one row at
//! a time, each at most [`MAX_ROW_BYTES`].

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use std::io::{BufRead, Read};

/// Largest row, in bytes.
pub const MAX_ROW_BYTES: usize = 1024 * 1024;
/// How much of a file is looked at to find out its encoding and delimiter.
const LOOK_BYTES: usize = 256 * 1024;

/// One row that can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Its number, counted from 1 after the header.
    pub number: u64,
    /// Line of the file on which it starts, counted from 1.
    pub line: u64,
    /// Its cells; as many as the header has.
    pub cells: Vec<String>,
}

/// One row that cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Its number, counted from 1 after the header.
    pub number: u64,
    /// Line of the file on which it starts, counted from 1.
    pub line: u64,
    /// What is wrong with it.
    pub reason: String,
}

/// Why a file has no rows at all.
#[derive(Debug, thiserror::Error)]
pub enum CsvError {
    /// It cannot be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// It has no header.
    #[error("the file is empty: the first row should name the columns")]
    Empty,
    /// The header is not a header.
    #[error("the header row cannot be read: {0}")]
    Header(String),
}

/// Rows of a CSV text, one after the other.
pub struct Rows<R> {
    reader: csv::Reader<R>,
    header: Vec<String>,
    record: csv::StringRecord,
    number: u64,
    ended: bool,
    /// The reader ends a row at the first of two line-end characters, and counts lines by the second.
    behind: u64,
}

impl<R> std::fmt::Debug for Rows<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows")
            .field("header", &self.header)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// Opens CSV bytes of unknown encoding and delimiter.
///
/// # Errors
/// When they cannot be read or have no header.
pub fn open<R: Read>(source: R) -> Result<Rows<impl Read>, CsvError> {
    let mut source = std::io::BufReader::with_capacity(LOOK_BYTES, source);
    let look = fill(&mut source)?;
    let encoding = encoding_of(&look);
    let text = encoding.decode(&look).0.into_owned();
    let behind = u64::from(text.find('\n').is_some_and(|end| text[..end].ends_with('\r')));
    let decoded = Decoded::new(std::io::Cursor::new(look).chain(source), encoding);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter_of(&text))
        .flexible(true)
        .has_headers(true)
        .from_reader(decoded);
    let header: Vec<String> = reader
        .headers()
        .map_err(|error| CsvError::Header(error.to_string()))?
        .iter()
        .map(|name| name.trim_start_matches('\u{feff}').trim().to_owned())
        .collect();
    if header.iter().all(String::is_empty) {
        return Err(CsvError::Empty);
    }
    Ok(Rows { reader, header, record: csv::StringRecord::new(), number: 0, ended: false, behind })
}

fn fill(source: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut look = Vec::new();
    source.take(LOOK_BYTES as u64).read_to_end(&mut look)?;
    Ok(look)
}

/// By mark, then by validity: what is not UTF-8 is taken for the code page spreadsheets write in the West.
pub(super) fn encoding_of(look: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(look) {
        return encoding;
    }
    match std::str::from_utf8(look) {
        Ok(_) => UTF_8,
        // The look may end within a character.
        Err(error) if error.error_len().is_none() => UTF_8,
        Err(_) => WINDOWS_1252,
    }
}

/// The delimiter that the first line uses most, outside quotes.
pub(super) fn delimiter_of(text: &str) -> u8 {
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    for byte in text.bytes() {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            other if !quoted => {
                if let Some((_, count)) = counts.iter_mut().find(|(delimiter, _)| *delimiter == other) {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    // Ties go to the comma: `max_by_key` returns the last of equals.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

impl<R: Read> Rows<R> {
    /// The column names.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// How many bytes of text were read so far.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.reader.position().byte()
    }
}

impl<R: Read> Iterator for Rows<R> {
    type Item = Result<Row, Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let line = self.reader.position().line() + self.behind;
        let read = self.reader.read_record(&mut self.record);
        let number = self.number + 1;
        let broken = |line, reason: String| Some(Err(Broken { number, line, reason }));
        match read {
            Ok(false) => return None,
            Ok(true) => {}
            Err(error) => {
                self.number = number;
                // A source that fails once would fail for ever.
                self.ended = error.is_io_error();
                return broken(line, error.to_string());
            }
        }
        self.number = number;
        let line = self.record.position().map_or(line, |at| at.line() + self.behind);
        let bytes = self.record.as_slice().len();
        if bytes > MAX_ROW_BYTES {
            return broken(
                line,
                format!(
                    "it has {bytes} bytes, more than the {MAX_ROW_BYTES} a row may have; a quote may be left open"
                ),
            );
        }
        if self.record.len() != self.header.len() {
            let (found, wanted) = (self.record.len(), self.header.len());
            return broken(line, format!("it has {found} cells where the header has {wanted}"));
        }
        let cells = self.record.iter().map(|cell| cell.trim().to_owned()).collect();
        Some(Ok(Row { number, line, cells }))
    }
}

/// Turns bytes of an encoding into UTF-8 bytes; what is not text becomes the replacement character.
pub(super) struct Decoded<R> {
    source: R,
    decoder: encoding_rs::Decoder,
    input: Vec<u8>,
    output: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    pub(super) fn new(source: R, encoding: &'static Encoding) -> Self {
        debug_assert!(
            [UTF_8, UTF_16LE, UTF_16BE, WINDOWS_1252].contains(&encoding),
            "sniffed encodings only"
        );
        Self {
            source,
            decoder: encoding.new_decoder_with_bom_removal(),
            input: vec![0; 16 * 1024],
            output: Vec::with_capacity(64 * 1024),
            given: 0,
            ended: false,
        }
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.output.len() && !self.ended {
            let count = self.source.read(&mut self.input)?;
            self.ended = count == 0;
            self.given = 0;
            let room = self
                .decoder
                .max_utf8_buffer_length(count)
                .ok_or_else(|| std::io::Error::other("the text is too long to decode"))?;
            self.output.resize(room, 0);
            let (_, _, written, _) =
                self.decoder.decode_to_utf8(&self.input[..count], &mut self.output, self.ended);
            self.output.truncate(written);
        }
        let count = buffer.len().min(self.output.len() - self.given);
        buffer[..count].copy_from_slice(&self.output[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> (Vec<String>, Vec<Result<Row, Broken>>) {
        let rows = open(bytes).unwrap();
        (rows.header().to_vec(), rows.collect())
    }

    #[test]
    fn quoted_delimiters_newlines_and_quotes_are_kept() {
        let (header, rows) = read(b"a,b\r\n\"x, y\",\"line\nbreak \"\"q\"\"\"\r\n1,2\r\n");
        assert_eq!(header, ["a", "b"]);
        assert_eq!(rows[0].as_ref().unwrap().cells, ["x, y", "line\nbreak \"q\""]);
        let second = rows[1].as_ref().unwrap();
        assert_eq!((second.number, second.line), (2, 4));
    }

    #[test]
    fn a_row_with_missing_cells_is_reported_and_the_next_one_read() {
        let (_, rows) = read(b"a,b\n1\n2,3\n");
        let broken = rows[0].as_ref().unwrap_err();
        assert_eq!((broken.number, broken.line), (1, 2));
        assert_eq!(broken.reason, "it has 1 cells where the header has 2");
        assert_eq!(rows[1].as_ref().unwrap().cells, ["2", "3"]);
    }

    #[test]
    fn encodings_and_delimiters_are_found_out() {
        let (header, rows) = read(b"\xef\xbb\xbfname;town\nM\xc3\xbcller;K\xc3\xb6ln\n");
        assert_eq!((header[0].as_str(), rows[0].as_ref().unwrap().cells[0].as_str()), ("name", "Müller"));
        let (_, rows) = read(b"name\ttown\nM\xfcller\tK\xf6ln\n");
        assert_eq!(rows[0].as_ref().unwrap().cells, ["Müller", "Köln"]);
        let wide: Vec<u8> = std::iter::once(0xfeff)
            .chain("n,t\nMüller,x\n".encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(read(&wide).1[0].as_ref().unwrap().cells, ["Müller", "x"]);
    }

    #[test]
    fn an_empty_file_says_so() {
        assert!(matches!(open(&b""[..]), Err(CsvError::Empty)));
    }
}
