//! Object storage, against a real server from the npm registry (`tests/storage`).

use super::Account;
use serde_json::json;
use std::path::Path;
use std::process::Stdio;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use trunkline_engine::failure::FailureKind;

/// A server of its own; it ends with this.
struct Server {
    _process: Child,
    _folder: TempDir,
    port: u16,
}

impl Server {
    async fn start() -> Option<Self> {
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/storage");
        if !home.join("node_modules").exists() {
            eprintln!("skipped: run `npm ci` in tests/storage for the object storage");
            return None;
        }
        let folder = TempDir::new().unwrap();
        let mut process = Command::new("node")
            // It makes its marks for the next page with a cipher that OpenSSL calls old.
            .arg("--openssl-legacy-provider")
            .arg(home.join("server.mjs"))
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let port = lines.next_line().await.unwrap().unwrap().parse().unwrap();
        Some(Self { _process: process, _folder: folder, port })
    }

    fn account(&self, key: &str, secret: &str) -> Account {
        let place = json!({
            "endpoint": format!("http://127.0.0.1:{}", self.port), "region": "us-east-1", "bucket": "exports", "style": "path",
        });
        Account::new("s3", "key", &place, &[("access_key_id", key), ("secret_access_key", secret)])
    }
}

#[tokio::test]
async fn objects_are_put_listed_read_linked_and_deleted() {
    let Some(server) = Server::start().await else { return };
    let account = server.account("S3RVER", "open sesame");
    for name in ["2027/b.csv", "2027/a b+ü.csv", "other.csv"] {
        let put = json!({ "bucket": "exports", "key": name, "content": "email\r\n" });
        let done = account.does("put_object", put).await.unwrap();
        assert_eq!((&done["key"], &done["bytes"]), (&json!(name), &json!(7)));
    }
    let listed =
        account.does("list_objects", json!({ "bucket": "exports", "prefix": "2027/" })).await.unwrap();
    let keys: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap()).collect();
    assert_eq!(keys, ["2027/a b+ü.csv", "2027/b.csv"]);
    let one = account.does("list_objects", json!({ "bucket": "exports", "limit": 1 })).await.unwrap();
    assert_eq!((&one["count"], &one["more"]), (&json!(1), &json!(true)));
    let name = json!({ "bucket": "exports", "key": "2027/a b+ü.csv" });
    let got = account.does("get_object", name.clone()).await.unwrap();
    assert_eq!(
        got["file"],
        json!({
            "content": "email\r\n", "encoding": "text", "media_type": "text/csv", "file_name": "a b+ü.csv", "bytes": 7,
        })
    );
    let link = account.does("make_link", name.clone()).await.unwrap();
    let _ = trunkline_tests::client();
    #[expect(clippy::disallowed_methods, reason = "whoever gets the link is not Trunkline")]
    let anybody = reqwest::Client::builder().no_proxy().build().unwrap();
    let read = anybody.get(link["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!((read.status().as_u16(), read.content_length()), (200, Some(7)));
    account.does("delete_object", name.clone()).await.unwrap();
    account.does("delete_object", name.clone()).await.unwrap();
    assert_eq!(account.does("get_object", name).await.unwrap(), json!({ "found": false, "file": null }));
    assert_eq!(account.does("check", json!({})).await.unwrap()["bucket"], "exports");

    let failure = account.does("list_objects", json!({ "bucket": "nowhere" })).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadInput, "{failure}");
    assert!(failure.message.contains("NoSuchBucket"), "{failure}");
    // This server knows names, and does not check signatures.
    let stranger = server.account("NOBODY", "open sesame");
    assert_eq!(stranger.does("check", json!({})).await.unwrap_err().kind, FailureKind::Auth);
    let reader = account.with("access", "read_only");
    let failure = reader.does("delete_object", json!({ "bucket": "exports", "key": "x" })).await.unwrap_err();
    assert!(failure.message.contains("only reads"), "{failure}");
}
