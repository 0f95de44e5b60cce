//! XLSX written from the first row to the last without going back: one sheet, text and numbers.
//!
//! Text stands in the cells themselves and not in a table that would have to be kept until the end. A cell says that it
//! is text, so nothing in it is ever worked out.

use super::{Sheet, text};
use serde_json::Value;
use std::io::{self, Write};
use zip::ZipWriter;
use zip::write::{SimpleFileOptions, StreamWriter};

/// Most rows of a sheet, which is what spreadsheets hold.
const MOST_ROWS: u32 = 1_048_576;
/// Longest text of a cell in characters, which is what spreadsheets hold.
const LONGEST: usize = 32_767;

const TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const WORKBOOK: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="Leads" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const WORKBOOK_RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const SHEET_BEGIN: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>"#;
const SHEET_END: &str = "</sheetData></worksheet>";

/// An XLSX file being written.
#[derive(Debug)]
pub struct Xlsx<W: Write> {
    archive: ZipWriter<StreamWriter<W>>,
    rows: u32,
}

impl<W: Write> Xlsx<W> {
    /// A file that goes to `out`.
    ///
    /// # Errors
    /// When whoever reads has gone.
    pub fn new(out: W) -> io::Result<Self> {
        let mut archive = ZipWriter::new_stream(out);
        let options = SimpleFileOptions::default();
        for (name, part) in [
            ("[Content_Types].xml", TYPES),
            ("_rels/.rels", RELATIONS),
            ("xl/workbook.xml", WORKBOOK),
            ("xl/_rels/workbook.xml.rels", WORKBOOK_RELATIONS),
        ] {
            archive.start_file(name, options)?;
            archive.write_all(part.as_bytes())?;
        }
        // The sheet of a million leads may pass four gigabytes before it is packed.
        archive.start_file("xl/worksheets/sheet1.xml", options.large_file(true))?;
        archive.write_all(SHEET_BEGIN.as_bytes())?;
        Ok(Self { archive, rows: 0 })
    }
}

impl<W: Write> Sheet for Xlsx<W> {
    fn row(&mut self, cells: &[Value]) -> io::Result<()> {
        if self.rows == MOST_ROWS {
            return Err(io::Error::other("a sheet holds 1,048,576 rows; take CSV for more"));
        }
        self.rows += 1;
        let mut row = String::from("<row>");
        for cell in cells {
            match cell {
                Value::Null => row.push_str("<c/>"),
                Value::Number(number) => row.push_str(&format!("<c><v>{number}</v></c>")),
                other => {
                    row.push_str("<c t=\"inlineStr\"><is><t xml:space=\"preserve\">");
                    escape(&text(other), &mut row);
                    row.push_str("</t></is></c>");
                }
            }
        }
        row.push_str("</row>");
        self.archive.write_all(row.as_bytes())
    }

    fn finish(mut self: Box<Self>) -> io::Result<()> {
        self.archive.write_all(SHEET_END.as_bytes())?;
        self.archive.finish()?.into_inner().flush()
    }
}

/// Adds `text` as XML takes it, without the signs that XML does not have.
fn escape(text: &str, into: &mut String) {
    for c in text.chars().take(LONGEST) {
        match c {
            '&' => into.push_str("&amp;"),
            '<' => into.push_str("&lt;"),
            '>' => into.push_str("&gt;"),
            '\t' | '\n' | '\r' => into.push(c),
            c if c < ' ' || c == '\u{fffe}' || c == '\u{ffff}' => {}
            c => into.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader as _};
    use serde_json::json;
    use std::io::Cursor;

    #[test]
    fn a_spreadsheet_reads_it_and_works_nothing_out() {
        let mut out = Vec::new();
        let mut sheet = Box::new(Xlsx::new(&mut out).unwrap());
        sheet.row(&[json!("Name"), json!("Score"), json!("Empty")]).unwrap();
        sheet.row(&[json!("=HYPERLINK(\"x\")"), json!(71), Value::Null]).unwrap();
        sheet.row(&[json!(" <Ünal & Söhne>\u{1} "), json!(-1.5), json!(true)]).unwrap();
        sheet.finish().unwrap();
        let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(out)).unwrap();
        let range = book.worksheet_range("Leads").unwrap();
        let rows: Vec<Vec<Data>> = range.rows().map(<[Data]>::to_vec).collect();
        assert_eq!(rows[1][0], Data::String("=HYPERLINK(\"x\")".into()));
        assert_eq!(rows[1][1], Data::Float(71.0));
        assert_eq!(rows[2][0], Data::String(" <Ünal & Söhne> ".into()));
        assert_eq!(rows[2][2], Data::String("yes".into()));
        assert!(book.worksheet_formula("Leads").unwrap().is_empty());
    }
}
