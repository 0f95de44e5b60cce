//! CSV as spreadsheets read it: UTF-8 with its mark, commas, quotes where they are needed, CRLF.

use super::{Sheet, text};
use serde_json::Value;
use std::io::{self, Write};
use trunkline_engine::formula::guarded;

/// A CSV file being written.
#[derive(Debug)]
pub struct Csv<W> {
    out: W,
    is_begun: bool,
}

impl<W: Write> Csv<W> {
    /// A file that goes to `out`.
    pub fn new(out: W) -> Self {
        Self { out, is_begun: false }
    }
}

impl<W: Write> Sheet for Csv<W> {
    fn row(&mut self, cells: &[Value]) -> io::Result<()> {
        if !self.is_begun {
            self.is_begun = true;
            // Excel takes a file for UTF-8 only when it begins with this mark.
            self.out.write_all("\u{feff}".as_bytes())?;
        }
        self.out.write_all(line(cells.iter().map(cell_text)).as_bytes())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.out.flush()
    }
}

fn cell_text(cell: &Value) -> String {
    // A number is one, whatever sign it has; a text that looks like one may be anything.
    if cell.is_number() { text(cell) } else { guarded(text(cell)).into_owned() }
}

/// `cells` as a line of a file, as they are.
#[must_use]
pub fn line(cells: impl Iterator<Item = String>) -> String {
    let mut line = cells.map(quoted).collect::<Vec<_>>().join(",");
    line.push_str("\r\n");
    line
}

fn quoted(cell: String) -> String {
    match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_goes_out_is_quoted_and_no_formula() {
        let mut out = Vec::new();
        let mut csv = Csv::new(&mut out);
        csv.row(&[json!("Name"), json!("Value")]).unwrap();
        let cells = ["=1+1", "+41", "-x", "@a", "\tb", "\rc", "a,\"b\""].map(Value::from);
        csv.row(&cells).unwrap();
        csv.row(&[json!(-5), json!(true), Value::Null, json!(["a", "b"]), json!({"a": 1})]).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            "\u{feff}Name,Value\r\n'=1+1,'+41,'-x,'@a,'\tb,\"'\rc\",\"a,\"\"b\"\"\"\r\n-5,yes,,a; b,\"{\"\"a\"\":1}\"\r\n"
        );
    }
}
