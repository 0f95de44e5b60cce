//! MySQL's protocol, against a MariaDB server of the system's package behind TLS and a password.

use super::{Account, certificate, free_port, listens, until};
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use trunkline_engine::failure::FailureKind;

const PASSWORD: &str = "open sesame";
const SET_UP: &str = "CREATE DATABASE crm CHARACTER SET utf8mb4;
CREATE USER 'trunkline'@'%' IDENTIFIED BY 'open sesame';
GRANT ALL ON crm.* TO 'trunkline'@'%';
CREATE TABLE crm.customers (id INT AUTO_INCREMENT PRIMARY KEY, email VARCHAR(200) NOT NULL UNIQUE, plan VARCHAR(20) DEFAULT 'free', worth DECIMAL(12,2), since DATETIME, born DATE, about JSON, ok BOOLEAN, big BIGINT UNSIGNED, `odd ``name` TEXT, raw BLOB);
";

/// A server of its own; it ends with this.
struct Server {
    process: Child,
    _folder: TempDir,
    certificate: String,
    port: u16,
}

impl Server {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let (certificate, key) = certificate();
        for (name, text) in [("door.crt", certificate.as_str()), ("door.key", &key), ("init.sql", SET_UP)] {
            std::fs::write(at(name), text).unwrap();
        }
        let user = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
        let user = format!("--user={}", user.trim());
        let made = Command::new("mariadb-install-db")
            .args(["--no-defaults", "--skip-test-db", "--auth-root-authentication-method=normal", &user])
            .arg(format!("--datadir={}", at("data")))
            .output()
            .expect(
                "MariaDB is needed for these tests; `cargo xtask test` installs it (Debian: mariadb-server)",
            );
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let port = free_port();
        let program = ["/usr/sbin/mariadbd", "/usr/local/sbin/mariadbd"]
            .into_iter()
            .find(|path| std::path::Path::new(path).exists())
            .unwrap_or("mariadbd");
        let process = Command::new(program)
            .args(["--no-defaults", "--bind-address=127.0.0.1", "--skip-name-resolve", &user])
            .args([
                "--innodb-buffer-pool-size=16M",
                "--innodb-flush-log-at-trx-commit=0",
                "--performance-schema=OFF",
            ])
            .args([
                format!("--port={port}"),
                format!("--datadir={}", at("data")),
                format!("--socket={}", at("socket")),
                format!("--pid-file={}", at("pid")),
                format!("--init-file={}", at("init.sql")),
                format!("--ssl-cert={}", at("door.crt")),
                format!("--ssl-key={}", at("door.key")),
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { process, _folder: folder, certificate, port };
        until("MariaDB", || async {
            listens(port).await && server.account().does("check", json!({})).await.is_ok()
        })
        .await;
        server
    }

    fn account(&self) -> Account {
        let place = json!({ "host": "127.0.0.1", "port": self.port.to_string(), "database": "crm", "security": "tls" });
        let secrets = [("username", "trunkline"), ("password", PASSWORD), ("ca", self.certificate.as_str())];
        Account::new("mysql", "password", &place, &secrets)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn rows_go_in_and_come_out_whatever_their_columns_are() {
    let server = Server::start().await;
    let account = server.account();
    let ada = json!({
        "email": "ada@analytical.example", "plan": "pro", "worth": "12.50", "since": "2027-03-02 09:00:00", "born": "1815-12-10",
        "about": { "n": [1, null] }, "ok": true, "big": u64::MAX, "odd `name": "'; DROP TABLE customers; --",
    });
    let rows = json!([ada, { "email": "grace@navy.example" }]);
    let done = account.does("insert_rows", json!({ "table": "customers", "rows": rows })).await.unwrap();
    assert_eq!(done, json!({ "inserted": 2 }));
    let found = account
        .does("find_rows", json!({ "table": "crm.customers", "where": { "plan": "pro" } }))
        .await
        .unwrap();
    let row = &found["rows"][0];
    for (name, value) in [
        ("worth", json!("12.50")),
        ("since", json!("2027-03-02T09:00:00")),
        ("born", json!("1815-12-10")),
        ("ok", json!(1)),
        ("big", json!(u64::MAX)),
        ("odd `name", json!("'; DROP TABLE customers; --")),
        ("raw", Value::Null),
    ] {
        assert_eq!(row[name], value, "{name}");
    }
    let about = &row["about"];
    let about = about.as_str().map_or_else(|| about.clone(), |text| serde_json::from_str(text).unwrap());
    assert_eq!(about, json!({ "n": [1, null] }));

    let bad = json!({ "table": "customers", "rows": [{ "email": "new@x.example" }, { "email": "ada@analytical.example" }] });
    let failure = account.does("insert_rows", bad).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadInput);
    assert!(failure.message.contains("Duplicate entry"), "{failure}");

    let upsert = json!({ "table": "customers", "keys": ["email"], "rows": [
        { "email": "ada@analytical.example", "plan": "free" }, { "email": "new@x.example", "plan": "free" },
    ] });
    assert_eq!(account.does("upsert_rows", upsert.clone()).await.unwrap(), json!({ "written": 2 }));
    assert_eq!(account.does("upsert_rows", upsert).await.unwrap(), json!({ "written": 2 }));
    let update =
        json!({ "table": "customers", "where": { "plan": "free", "since": null }, "set": { "worth": 1 } });
    assert_eq!(account.does("update_rows", update).await.unwrap(), json!({ "affected": 2 }));
    let delete = json!({ "table": "customers", "where": { "email": "new@x.example" } });
    assert_eq!(account.does("delete_rows", delete).await.unwrap(), json!({ "affected": 1 }));
    let columns = account.does("list_columns", json!({ "table": "customers" })).await.unwrap();
    assert_eq!(
        columns["rows"][1],
        json!({ "name": "email", "type": "varchar", "kind": "string", "required": true })
    );
    assert_eq!(columns["rows"][0]["required"], false);
    assert_eq!(account.does("list_tables", json!({})).await.unwrap()["rows"][0]["name"], "customers");
    assert_eq!(account.does("check", json!({})).await.unwrap()["database"], "crm");

    // Apart from the statement, and where nothing can be changed.
    let nasty = "x' OR '1'='1";
    let insert = json!({ "sql": "INSERT INTO customers (email, worth) VALUES (?, ?)", "values": [nasty, 7] });
    assert_eq!(account.does("execute", insert).await.unwrap(), json!({ "affected": 1 }));
    let query =
        json!({ "sql": "SELECT email FROM customers WHERE email = ? AND id > ?", "values": [nasty, "0"] });
    assert_eq!(account.does("query", query).await.unwrap()["rows"], json!([{ "email": nasty }]));
    for sql in ["DELETE FROM customers", "SELECT 1; DELETE FROM customers", "CREATE TABLE x (a INT)"] {
        let failure = account.does("query", json!({ "sql": sql })).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadInput, "{sql}: {failure}");
    }
    let all = json!({ "sql": "SELECT seq FROM seq_1_to_50000", "limit": 3 });
    let all = account.does("query", all).await.unwrap();
    assert_eq!((&all["count"], &all["more"], &all["rows"][2]["seq"]), (&json!(3), &json!(true), &json!(3)));
    let long = json!({ "sql": "SELECT SLEEP(60) AS s, email FROM customers" });
    let failure = account.does_within("query", long, Duration::from_millis(900)).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Timeout | FailureKind::Temporary), "{failure}");

    let wrong = server.account().knowing("password", "close sesame");
    assert_eq!(wrong.does("check", json!({})).await.unwrap_err().kind, FailureKind::Auth);
    let stranger = server.account().knowing("ca", "");
    assert_eq!(stranger.does("check", json!({})).await.unwrap_err().code, "CALL-0003");
    let plain = server.account().with("security", "none");
    assert_eq!(plain.does("check", json!({})).await.unwrap()["database"], "crm");
    let reader = server.account().with("access", "read_only");
    let failure =
        reader.does("delete_rows", json!({ "table": "customers", "where": { "id": 1 } })).await.unwrap_err();
    assert!(failure.message.contains("only reads"), "{failure}");
}
