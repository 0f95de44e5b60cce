//! PostgreSQL, against a server of the system's package behind TLS and a password.

use super::{Account, certificate, free_port};
use serde_json::{Value, json};
use std::time::Duration;
use trunkline_engine::failure::FailureKind;
use trunkline_tests::postgres::{Door, Postgres, ROLE};

const PASSWORD: &str = "open sesame";

fn server() -> (Postgres, Account) {
    let (certificate, key) = certificate();
    let port = free_port();
    let door = Door { port, password: PASSWORD.into(), tls: Some((certificate.clone(), key)) };
    let server = Postgres::behind(door).unwrap();
    let place =
        json!({ "host": "127.0.0.1", "port": port.to_string(), "database": "postgres", "security": "tls" });
    let secrets = [("username", ROLE), ("password", PASSWORD), ("ca", certificate.as_str())];
    (server, Account::new("postgres", "password", &place, &secrets))
}

const TABLES: &str = r#"
    CREATE TYPE plan AS ENUM ('free', 'pro');
    CREATE TABLE customers (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text UNIQUE NOT NULL, plan plan DEFAULT 'free',
        tags text[], about jsonb, since timestamptz, worth numeric(12, 2), "odd ""name" text
    );
    CREATE SCHEMA crm;
    CREATE TABLE crm.visits (email text, count int CHECK (count > 0), PRIMARY KEY (email));
"#;

#[tokio::test]
async fn rows_go_in_and_come_out_whatever_their_columns_are() {
    let (server, account) = server();
    server.tell("postgres", TABLES).unwrap();
    let ada = json!({
        "email": "ada@analytical.example", "plan": "pro", "tags": ["a", "b,c", "d\"e"], "about": { "n": [1, null] },
        "since": "2027-03-02T09:00:00Z", "worth": 12.5, "odd \"name": "'; DROP TABLE customers; --",
    });
    // A column that a row does not name keeps what the table says.
    let rows = json!([ada, { "email": "grace@navy.example" }]);
    let done = account.does("insert_rows", json!({ "table": "customers", "rows": rows })).await.unwrap();
    assert_eq!(done, json!({ "inserted": 2 }));
    let found = account
        .does("find_rows", json!({ "table": "customers", "order": "-email", "columns": ["email", "plan"] }))
        .await
        .unwrap();
    assert_eq!(
        found["rows"],
        json!([{ "email": "grace@navy.example", "plan": "free" }, { "email": "ada@analytical.example", "plan": "pro" }])
    );
    let one = account
        .does(
            "find_rows",
            json!({ "table": "public.customers", "where": { "tags": ["a", "b,c", "d\"e"], "plan": "pro" } }),
        )
        .await
        .unwrap();
    assert_eq!(one["rows"][0]["about"], json!({ "n": [1, null] }));
    assert_eq!(one["rows"][0]["worth"], 12.5);
    assert_eq!(one["rows"][0]["odd \"name"], "'; DROP TABLE customers; --");

    // All or none: the second row breaks a rule.
    let bad = json!({ "table": "customers", "rows": [{ "email": "new@x.example" }, { "email": "ada@analytical.example" }] });
    let failure = account.does("insert_rows", bad).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadInput);
    assert!(failure.message.contains("duplicate key"), "{failure}");

    let upsert = json!({ "table": "customers", "keys": ["email"], "rows": [
        { "email": "ada@analytical.example", "plan": "free" }, { "email": "ada@analytical.example", "plan": "pro" },
        { "email": "new@x.example", "plan": "free" },
    ] });
    assert_eq!(account.does("upsert_rows", upsert.clone()).await.unwrap(), json!({ "written": 2 }));
    account.does("upsert_rows", upsert).await.unwrap();
    let update = json!({ "table": "customers", "where": { "plan": "free", "since": null }, "set": { "tags": ["cold"], "worth": null } });
    assert_eq!(account.does("update_rows", update).await.unwrap(), json!({ "affected": 2 }));
    let delete = json!({ "table": "customers", "where": { "email": "new@x.example" } });
    assert_eq!(account.does("delete_rows", delete).await.unwrap(), json!({ "affected": 1 }));

    let columns = account.does("list_columns", json!({ "table": "customers" })).await.unwrap();
    let about = |name: &str| {
        let all = columns["rows"].as_array().unwrap();
        all.iter().find(|column| column["name"] == name).cloned().unwrap()
    };
    assert_eq!(about("email")["required"], true);
    assert_eq!(about("id")["required"], false);
    assert_eq!(about("worth")["kind"], "number");
    let tables = account.does("list_tables", json!({})).await.unwrap();
    assert_eq!(tables["rows"][0], json!({ "schema": "crm", "name": "visits" }));
    let checked = account.does("check", json!({})).await.unwrap();
    assert_eq!((&checked["database"], &checked["user"]), (&json!("postgres"), &json!(ROLE)));
}

#[tokio::test]
async fn a_statement_gets_its_values_apart_and_a_query_changes_nothing() {
    let (server, account) = server();
    server.tell("postgres", TABLES).unwrap();
    let nasty = "x' OR '1'='1";
    let insert = json!({
        "sql": "INSERT INTO customers (email, plan, tags, about, since, worth) VALUES ($1, $2, $3, $4, $5, $6)",
        "values": [nasty, "pro", ["a", null], { "n": 1 }, "2027-03-02", 7],
    });
    assert_eq!(account.does("execute", insert).await.unwrap(), json!({ "affected": 1 }));
    let query = |values: Value| json!({ "sql": "SELECT email, id FROM customers WHERE email = $1 AND id > $2;", "values": values });
    let found = account.does("query", query(json!([nasty, 0]))).await.unwrap();
    assert_eq!((&found["count"], &found["rows"][0]["email"]), (&json!(1), &json!(nasty)));
    assert_eq!(account.does("query", query(json!(["x", 0]))).await.unwrap()["count"], 0);
    let failure = account.does("query", query(json!(["x"]))).await.unwrap_err();
    assert!(failure.message.contains("2 places for values, and 1 were given"), "{failure}");

    for sql in [
        "DELETE FROM customers",
        "SELECT 1) q; DELETE FROM customers; --",
        "WITH gone AS (DELETE FROM customers RETURNING 1) SELECT * FROM gone",
        "SELECT setval(pg_get_serial_sequence('customers', 'id'), 99)",
    ] {
        let failure = account.does("query", json!({ "sql": sql })).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadInput, "{sql}: {failure}");
    }
    let all = account
        .does("query", json!({ "sql": "SELECT * FROM generate_series(1, 50000) n", "limit": 3 }))
        .await
        .unwrap();
    assert_eq!((&all["count"], &all["more"], &all["rows"][2]["n"]), (&json!(3), &json!(true), &json!(3)));
    let long = json!({ "sql": "SELECT pg_sleep(60)" });
    let failure = account.does_within("query", long, Duration::from_millis(300)).await.unwrap_err();
    assert!(matches!(failure.kind, FailureKind::Timeout | FailureKind::Temporary), "{failure}");
}

#[tokio::test]
async fn who_may_not_is_told_so_and_a_connection_that_only_reads_does_only_that() {
    let (server, account) = server();
    server.tell("postgres", TABLES).unwrap();
    let wrong = account.knowing("password", "close sesame");
    let failure = wrong.does("check", json!({})).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Auth, "{failure}");
    let account = wrong.knowing("password", PASSWORD);
    let unencrypted = account.does("check", json!({})).await.unwrap();
    assert_eq!(unencrypted["database"], "postgres");
    let account = account.with("access", "read_only");
    let insert = json!({ "table": "customers", "rows": [{ "email": "a@b.example" }] });
    let failure = account.does("insert_rows", insert).await.unwrap_err();
    assert!(failure.message.contains("only reads"), "{failure}");
    // Nobody whom we know vouches for this server.
    let stranger = account.knowing("ca", "");
    let failure = stranger.does("check", json!({})).await.unwrap_err();
    assert_eq!(failure.code, "CALL-0003", "{failure}");
    let plain = stranger.with("security", "none");
    assert_eq!(plain.does("check", json!({})).await.unwrap()["database"], "postgres");
    server.stop().unwrap();
    assert_eq!(plain.does("check", json!({})).await.unwrap_err().code, "CALL-0003");
}
