//! Files over SSH, against a server of the system's package that lets its own user in with a key.

use super::{Account, free_port, listens, until};
use serde_json::json;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use tempfile::TempDir;
use trunkline_engine::failure::FailureKind;

/// A server of its own; it ends with this.
struct Server {
    process: Child,
    folder: TempDir,
    port: u16,
    user: String,
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Server {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        for (name, kind, phrase) in
            [("host", "ed25519", ""), ("mine", "ed25519", ""), ("locked", "rsa", "open sesame")]
        {
            said("ssh-keygen", &["-q", "-t", kind, "-N", phrase, "-f", &at(name)]);
        }
        let keys = ["mine.pub", "locked.pub"].map(|name| std::fs::read_to_string(at(name)).unwrap()).concat();
        std::fs::write(at("keys"), keys).unwrap();
        std::fs::create_dir(at("files")).unwrap();
        let port = free_port();
        let settings = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {}\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
             PermitRootLogin yes\nPasswordAuthentication no\nPidFile none\nSubsystem sftp internal-sftp\n",
            at("host"),
            at("keys"),
        );
        std::fs::write(at("settings"), settings).unwrap();
        let user = said("id", &["-un"]);
        if user == "root" {
            // Only then does it want a place of its own.
            std::fs::create_dir_all("/run/sshd").unwrap();
        }
        let program = ["/usr/sbin/sshd", "/usr/local/sbin/sshd"]
            .into_iter()
            .find(|path| Path::new(path).exists())
            .expect(
                "OpenSSH is needed for these tests; `cargo xtask test` installs it (Debian: openssh-server)",
            );
        let process = Command::new(program)
            .args(["-D", "-e", "-f", &at("settings")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { process, folder, port, user };
        until("sshd", || listens(port)).await;
        server
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join("files").join(name).display().to_string()
    }

    fn account(&self, key: &str, fingerprint: &str) -> Account {
        let place = json!({ "host": "127.0.0.1", "port": self.port.to_string(), "fingerprint": fingerprint });
        let key = std::fs::read_to_string(self.folder.path().join(key)).unwrap();
        Account::new("sftp", "key", &place, &[("username", &self.user), ("private_key", &key)])
    }

    fn fingerprint(&self) -> String {
        let public = self.folder.path().join("host.pub").display().to_string();
        said("ssh-keygen", &["-lf", &public]).split(' ').nth(1).unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn files_are_put_listed_read_moved_and_deleted() {
    let server = Server::start().await;
    let account = server.account("mine", &server.fingerprint());
    let put = |name: &str, content: &str| json!({ "path": server.path(name), "content": content });
    account.does("put_file", put("leads.csv", "old")).await.unwrap();
    // One of the same name gives way, and half a file is never there.
    let done =
        account.does("put_file", put("leads.csv", "email\r\nada@analytical.example\r\n")).await.unwrap();
    assert_eq!(done["bytes"], 31);
    let bytes = json!({ "path": server.path("logo.png"), "content": "AP8=", "encoding": "base64" });
    account.does("put_file", bytes).await.unwrap();
    let listed = account.does("list_folder", json!({ "path": server.path("") })).await.unwrap();
    let names: Vec<_> =
        listed["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["leads.csv", "logo.png"]);
    assert_eq!(listed["items"][0]["bytes"], 31);
    let one = account.does("list_folder", json!({ "path": server.path(""), "limit": 1 })).await.unwrap();
    assert_eq!((&one["count"], &one["more"]), (&json!(1), &json!(true)));
    let got = account.does("get_file", json!({ "path": server.path("leads.csv") })).await.unwrap();
    assert_eq!(
        got["file"],
        json!({
            "content": "email\r\nada@analytical.example\r\n", "encoding": "text", "media_type": "text/csv",
            "file_name": "leads.csv", "bytes": 31,
        })
    );
    let got = account.does("get_file", json!({ "path": server.path("logo.png") })).await.unwrap();
    assert_eq!((&got["file"]["content"], &got["file"]["encoding"]), (&json!("AP8="), &json!("base64")));
    let moved = json!({ "path": server.path("logo.png"), "to": server.path("done.png") });
    account.does("move_file", moved).await.unwrap();
    let gone = account.does("get_file", json!({ "path": server.path("logo.png") })).await.unwrap();
    assert_eq!(gone, json!({ "found": false, "file": null }));
    let delete = json!({ "path": server.path("done.png") });
    assert_eq!(account.does("delete_file", delete.clone()).await.unwrap()["deleted"], true);
    assert_eq!(account.does("delete_file", delete).await.unwrap()["deleted"], false);
    let failure = account.does("list_folder", json!({ "path": server.path("nowhere") })).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadInput, "{failure}");
    std::fs::write(server.path("huge"), vec![b'x'; 8 * 1024 * 1024 + 1]).unwrap();
    let failure = account.does("get_file", json!({ "path": server.path("huge") })).await.unwrap_err();
    assert_eq!(failure.code, "CALL-0005", "{failure}");
}

#[tokio::test]
async fn only_the_server_whose_key_is_known_is_told_who_we_are() {
    let server = Server::start().await;
    let wrong = server.account("mine", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let failure = wrong.does("check", json!({})).await.unwrap_err();
    assert_eq!(failure.code, "CONN-0007");
    // It says which key it was, so that somebody can compare it.
    assert!(failure.message.contains(&server.fingerprint()), "{failure}");
    let locked = server.account("locked", &server.fingerprint());
    let failure = locked.does("check", json!({})).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Auth, "{failure}");
    let opened = locked.knowing("passphrase", "open sesame");
    assert_eq!(opened.does("check", json!({})).await.unwrap()["host"], "127.0.0.1");
    let stranger = server.account("host", &server.fingerprint());
    assert_eq!(stranger.does("check", json!({})).await.unwrap_err().kind, FailureKind::Auth);
    let reader = opened.with("access", "read_only");
    let failure = reader.does("delete_file", json!({ "path": server.path("x") })).await.unwrap_err();
    assert!(failure.message.contains("only reads"), "{failure}");
}
