//! Tests of workbooks, those of friends and those of foes.

use super::super::{columns, rows_of};
use super::*;
use crate::expression::Scope;
use proptest::prelude::*;
use serde_json::json;
use std::io::Write as _;
use zip::write::{SimpleFileOptions, ZipWriter};

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

fn written(items: &Value) -> Vec<u8> {
    let items = items.as_array().unwrap();
    let columns = columns(items).unwrap();
    write(&columns, &rows_of(&columns, items, &Scope::sample(&json!({}))).unwrap(), true, "Leads", NOW)
        .unwrap()
}

/// `bytes` with one part exchanged.
fn with_part(bytes: &[u8], name: &str, content: &[u8]) -> Vec<u8> {
    let mut old = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..old.len() {
        let mut part = old.by_index(at).unwrap();
        let mut kept = Vec::new();
        part.read_to_end(&mut kept).unwrap();
        let part_name = part.name().unwrap().into_owned();
        new.start_file(part_name.as_str(), SimpleFileOptions::default()).unwrap();
        new.write_all(if part_name == name { content } else { &kept }).unwrap();
    }
    new.finish().unwrap().into_inner()
}

fn sheet_of(rows: &str) -> Vec<u8> {
    let xml = format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>"#
    );
    with_part(&written(&json!([{"a": "x"}])), "xl/worksheets/sheet1.xml", xml.as_bytes())
}

fn code(bytes: &[u8]) -> String {
    read(bytes, "", true).unwrap_err().code.into_owned()
}

#[test]
fn the_same_rows_make_the_same_bytes() {
    let items = json!([{"name": "Zoë", "n": 1.5, "ok": true, "none": null, "big": 9_007_199_254_740_993_i64, "f": "=1+1"}]);
    let bytes = written(&items);
    assert_eq!(bytes, written(&items));
    let parsed = read(&bytes, "leads", true).unwrap();
    assert_eq!(parsed.sheets, ["Leads"]);
    assert_eq!(
        parsed.items,
        [json!({"name": "Zoë", "n": 1.5, "ok": true, "none": null, "big": "9007199254740993", "f": "=1+1"})]
    );
}

#[test]
fn sheets_are_chosen_by_name_or_number() {
    let bytes = written(&json!([{"a": 1}]));
    for sheet in ["", " LEADS", "1"] {
        assert_eq!(read(&bytes, sheet, true).unwrap().items.len(), 1, "{sheet}");
    }
    for sheet in ["Other", "2", "0"] {
        assert_eq!(read(&bytes, sheet, true).unwrap_err().code, "RUN-0123", "{sheet}");
    }
    let headless = read(&bytes, "", false).unwrap();
    assert_eq!(headless.items, [json!({"column_1": "a"}), json!({"column_1": 1})]);
}

#[test]
fn failed_formulas_are_bad_rows_and_empty_rows_nothing() {
    let bytes = sheet_of(
        r#"<row r="3"><c r="A3" t="inlineStr"><is><t>name</t></is></c></row><row r="5"><c r="A5"><v>1</v></c></row>
           <row r="7"><c r="A7" t="e"><v>#N/A</v></c><c r="C7"><v>2</v></c></row><row r="8"></row>"#,
    );
    let parsed = read(&bytes, "", true).unwrap();
    assert_eq!(parsed.columns, ["name", "column_2", "column_3"]);
    assert_eq!(parsed.items, [json!({"name": 1, "column_2": null, "column_3": null})]);
    assert_eq!((parsed.bad.len(), parsed.bad[0].row), (1, 7));
    assert_eq!(parsed.bad[0].reason, "the formula in column name failed with #N/A");
}

#[test]
fn dates_and_spans_are_written_out() {
    let moment = |value: f64, kind| date(&ExcelDateTime::new(value, kind, false));
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};
    assert_eq!(moment(46_086.0, DateTime), "2026-03-05");
    assert_eq!(moment(46_086.604_166_666_664, DateTime), "2026-03-05T14:30:00");
    assert_eq!(moment(0.5, DateTime), "12:00:00");
    assert_eq!(moment(1.5, TimeDelta), "36:00:00");
    assert_eq!(moment(-0.25, TimeDelta), "-06:00:00");
}

#[test]
fn what_is_no_workbook_is_refused() {
    for bytes in [b"".as_slice(), b"PK\x03\x04 nonsense", b"email,name"] {
        assert_eq!(code(bytes), "RUN-0121");
    }
    let bytes = written(&json!([{"a": 1}]));
    assert_eq!(code(&bytes[..bytes.len() / 2]), "RUN-0121");
    assert_eq!(code(&with_part(&bytes, "xl/workbook.xml", b"<workbook><sheets>")), "RUN-0121");
    assert_eq!(code(&with_part(&bytes, "xl/worksheets/sheet1.xml", b"nothing")), "RUN-0121");
}

#[test]
fn a_workbook_cannot_claim_or_unfold_the_memory_away() {
    let zeros = vec![b' '; 70 * 1024 * 1024];
    let bomb = with_part(&written(&json!([{"a": 1}])), "docProps/app.xml", &zeros);
    assert!(bomb.len() < 1024 * 1024);
    assert_eq!(code(&bomb), "RUN-0124");
    let texts = |count: &str| {
        let xml = format!(r#"<sst xmlns="x" uniqueCount="{count}"><si><t>a</t></si></sst>"#);
        with_part(&written(&json!([{"a": "x"}])), "xl/sharedStrings.xml", xml.as_bytes())
    };
    assert_eq!(code(&texts("99999999999999")), "RUN-0124");
    assert_eq!(code(&texts("many")), "RUN-0124");
    let announced = b"<sst uniqueCount=\"99999999999999\"/>";
    let hidden = [vec![b' '; BEGINNING].as_slice(), announced].concat();
    let encoded =
        [b"<?xml version='1.0' encoding='iso-2022-jp'?><sst uniqueCount='1'/>".as_slice(), announced]
            .concat();
    for part in [announced.as_slice(), &hidden, &encoded] {
        let trap = with_part(&written(&json!([{"a": "x"}])), "xl/sharedStrings.xml", part);
        assert_eq!(code(&trap), "RUN-0124", "{}", String::from_utf8_lossy(part));
    }
}

#[test]
fn limits_hold() {
    let far = r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="A1048576"><v>2</v></c></row>"#;
    assert_eq!(read(&sheet_of(far), "", false).unwrap().items.len(), 2);
    assert_eq!(code(&sheet_of(r#"<row r="1"><c r="ALM1"><v>1</v></c></row>"#)), "RUN-0120");
    let rows: String =
        (1..=10_002).map(|row| format!(r#"<row r="{row}"><c r="A{row}"><v>1</v></c></row>"#)).collect();
    assert_eq!(code(&sheet_of(&rows)), "RUN-0120");
    let cell = |text: String| {
        let columns = [Column { title: "a".into(), source: super::super::table::Source::Plain }];
        write(&columns, &[vec![text.into()]], true, "", NOW).map(|_| ()).map_err(|failure| failure.code)
    };
    assert_eq!(cell("x".repeat(MAX_CELL)), Ok(()));
    assert_eq!(cell("x".repeat(MAX_CELL + 1)).unwrap_err(), "RUN-0129");
    assert_eq!(write(&[], &[], true, "a/b", NOW).unwrap_err().code, "RUN-0129");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn what_is_written_reads_back(rows in prop::collection::vec(("[a-z]{1,6}", "[ -~äß😀\n]{0,12}", -1_000_000..1_000_000_i64, any::<bool>()), 1..6)) {
        let items: Vec<Value> = rows
            .iter()
            .map(|(id, text, number, answer)| {
                let text = if text.is_empty() { Value::Null } else { text.as_str().into() };
                json!({"id": id, "text": text, "number": crate::steps::aggregate::number(*number as f64 / 8.0), "answer": answer})
            })
            .collect();
        prop_assert_eq!(read(&written(&json!(items)), "", true).unwrap().items, items);
    }
}
