//! Files as steps hand them to one another: `content` with its `encoding`, `media_type`, `file_name` and `bytes`, as
//! *Write data* makes them and *Parse data* takes them.

use crate::interpreter::failures;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};
use trunkline_engine::failure::Failure;

/// Largest file that a step takes in or gives out, in bytes: it stands in the run's record.
pub(super) const MOST_BYTES: u64 = 8 * 1024 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) bytes: Vec<u8>,
    pub(super) name: String,
    pub(super) media_type: String,
}

impl File {
    /// The file that `fields` describe.
    pub(super) fn read(fields: &Map<String, Value>, title: &str) -> Result<Self, Failure> {
        let text = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let content = match fields.get("content") {
            Some(Value::String(content)) => content.clone(),
            Some(Value::Null) | None => String::new(),
            // A step's record or list, sent as it is.
            Some(other) => other.to_string(),
        };
        let bytes = match text("encoding") {
            "base64" => {
                // What a browser gives begins with its kind.
                let content = content.split_once(";base64,").map_or(content.as_str(), |(_, content)| content);
                let whole: String = content.split_whitespace().collect();
                STANDARD.decode(whole).map_err(|_| failures::wrong_type(title, "base64"))?
            }
            "" | "text" => content.into_bytes(),
            _ => return Err(failures::wrong_type(title, "text or base64")),
        };
        if bytes.len() as u64 > MOST_BYTES {
            return Err(failures::wrong_type(title, &format!("a file of at most {MOST_BYTES} bytes")));
        }
        Ok(Self { bytes, name: text("file_name").to_owned(), media_type: text("media_type").to_owned() })
    }

    /// As a step puts it out.
    pub(super) fn written(self) -> Value {
        let bytes = self.bytes.len();
        let (content, encoding) = match String::from_utf8(self.bytes) {
            // A null would be cut off by many a reader; such a file is none of text.
            Ok(text) if !text.contains('\0') => (text, "text"),
            Ok(text) => (STANDARD.encode(text), "base64"),
            Err(error) => (STANDARD.encode(error.as_bytes()), "base64"),
        };
        json!({
            "content": content, "encoding": encoding, "media_type": self.media_type, "file_name": self.name,
            "bytes": bytes,
        })
    }
}

/// The kind of a file by the end of its name.
pub(super) fn kind_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default().to_ascii_lowercase().as_str() {
        "csv" => "text/csv",
        "tsv" => "text/tab-separated-values",
        "txt" | "log" => "text/plain",
        "json" => "application/json",
        "xml" => "application/xml",
        "html" | "htm" => "text/html",
        "pdf" => "application/pdf",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "zip" => "application/zip",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "ics" => "text/calendar",
        _ => "application/octet-stream",
    }
}

/// The last part of a path.
pub(super) fn last_part(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &Value) -> Result<File, Failure> {
        File::read(value.as_object().unwrap(), "File")
    }

    #[test]
    fn a_file_comes_out_as_it_went_in() {
        let text = read(&json!({ "content": "a,b\r\n", "encoding": "text", "file_name": "a.csv" })).unwrap();
        assert_eq!(text.bytes, b"a,b\r\n");
        assert_eq!(text.written()["content"], "a,b\r\n");
        let bytes =
            read(&json!({ "content": "data:image/png;base64,AP8\n=", "encoding": "base64" })).unwrap();
        assert_eq!(bytes.bytes, [0, 255]);
        let written = bytes.written();
        assert_eq!((&written["content"], &written["encoding"]), (&json!("AP8="), &json!("base64")));
        assert_eq!(read(&json!({ "content": "!", "encoding": "base64" })).unwrap_err().code, "CONN-0002");
        assert_eq!(read(&json!({ "content": { "a": 1 } })).unwrap().bytes, br#"{"a":1}"#);
        assert_eq!(kind_of("x/Leads.CSV"), "text/csv");
        assert_eq!(last_part("/a/b.txt"), "b.txt");
    }
}
