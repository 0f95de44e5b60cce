//! Mail and databases as steps of a workflow: connected once, shown in a dry run, held back by law, their secrets nowhere.

use crate::trying::{items, over};
use crate::{chain, ended, publish, run_once, step};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use trunkline_tests::{Client, Server};

/// A mail server without encryption, and what it took.
async fn mail_server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, Arc::clone(&kept)));
        }
    });
    (port, taken)
}

async fn serve(stream: TcpStream, taken: Arc<Mutex<Vec<String>>>) {
    let mut stream = BufReader::new(stream);
    let (mut line, mut message) = (String::new(), None::<String>);
    let _ = stream.write_all(b"220 test\r\n").await;
    loop {
        line.clear();
        if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
            return;
        }
        if let Some(text) = &mut message {
            if line != ".\r\n" {
                text.push_str(&line);
                continue;
            }
            taken.lock().unwrap().extend(message.take());
        }
        let answer = match line.split_whitespace().next().unwrap_or_default() {
            "EHLO" => "250-test\r\n250 8BITMIME\r\n",
            "DATA" => {
                message = Some(String::new());
                "354 go on\r\n"
            }
            "QUIT" => "221 bye\r\n",
            _ => "250 fine\r\n",
        };
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn connected(api: &Client, port: u16) -> String {
    let settings = json!({ "host": "127.0.0.1", "port": port.to_string(), "security": "none", "from": "Us <us@sender.example>" });
    let wanted = json!({ "app": "smtp", "name": "Mail", "auth": "open", "settings": settings });
    let made = api.post("/connections", &wanted).await.unwrap();
    made["id"].as_str().unwrap().to_owned()
}

fn sending(connection: &str) -> Value {
    let rows = json!({ "items": "{{ trigger.body.rows }}", "format": "csv", "file_name": "report" });
    let mail = json!({
        "connection": connection, "to": "{{ trigger.body.email }}", "subject": "Hello {{ trigger.body.name }}",
        "text": "Dear {{ trigger.body.name }}", "attachments": "{{ [steps.write] }}",
    });
    chain(
        "Mails",
        &[("start", "manual", json!({})), ("write", "write_data", rows), ("send", "smtp.send_email", mail)],
    )
}

#[tokio::test]
async fn an_e_mail_leaves_with_its_file_once_and_not_to_who_opted_out() {
    let (port, taken) = mail_server().await;
    let server = Server::start(&["--empty", "--allow-hosts", "127.0.0.1"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let connection = connected(&api, port).await;
    let tested = api.post(&format!("/connections/{connection}/test"), &json!({})).await.unwrap();
    assert_eq!((&tested["status"], &tested["account"]), (&json!("connected"), &json!("127.0.0.1")));
    let workflow = publish(&api, sending(&connection)).await;
    let ada = json!({ "email": "ada@analytical.example", "name": "Ada", "rows": [{ "a": 1 }] });

    // A dry run says what would leave, and nothing leaves.
    let dry = json!({ "events": [ada], "version": "current" });
    let job = api.post(&format!("/workflows/{workflow}/dry-run"), &dry).await.unwrap();
    over(&api, &job).await;
    let rehearsed = items(&api, &job).await;
    assert!(json!(rehearsed).to_string().contains("MAIL to ada@analytical.example"), "{}", json!(rehearsed));
    assert_eq!(taken.lock().unwrap().len(), 0);

    let run = run_once(&api, &workflow, ada.clone()).await;
    let view = ended(&api, &run).await;
    assert_eq!(step(&view, "send")["output"]["to"], "ada@analytical.example", "{view}");
    let message = taken.lock().unwrap()[0].clone();
    assert!(
        message.contains("Subject: Hello Ada") && message.contains("filename=\"report.csv\""),
        "{message}"
    );

    let entry = json!({ "address": "ADA@analytical.example", "reason": "opted_out", "source": "A letter" });
    api.post("/suppressions", &entry).await.unwrap();
    let run = run_once(&api, &workflow, ada).await;
    let view = ended(&api, &run).await;
    assert_eq!(step(&view, "send")["port"], "suppressed", "{view}");
    assert_eq!(taken.lock().unwrap().len(), 1, "nothing more left");
}

#[tokio::test]
async fn a_statement_with_an_expression_is_no_statement() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let settings = json!({ "host": "127.0.0.1", "database": "crm" });
    let secrets = json!({ "username": "u", "password": "canary-password-1" });
    let wanted = json!({ "app": "postgres", "name": "Db", "auth": "password", "settings": settings, "secrets": secrets });
    let made = api.post("/connections", &wanted).await.unwrap();
    // What has a usual value may be left out; what is asked may be left out where the manifest says so.
    assert_eq!((&made["settings"]["port"], &made["settings"]["security"]), (&json!("5432"), &json!("tls")));
    let query =
        json!({ "connection": made["id"], "sql": "SELECT * FROM x WHERE a = '{{ trigger.body.a }}'" });
    let document = chain("Asks", &[("start", "manual", json!({})), ("ask", "postgres.query", query)]);
    let checked = api.post("/workflows/validate", &json!({ "document": document })).await.unwrap();
    let problem = checked["problems"].as_array().unwrap().iter().find(|one| one["code"] == "DOC-0007");
    assert!(problem.unwrap()["message"].as_str().unwrap().contains("takes no expressions"), "{checked}");

    // Nobody allowed a private address.
    let query = json!({ "connection": made["id"], "sql": "SELECT 1" });
    let workflow =
        publish(&api, chain("Asks", &[("start", "manual", json!({})), ("ask", "postgres.query", query)]))
            .await;
    let run = run_once(&api, &workflow, json!({})).await;
    assert_eq!(ended(&api, &run).await["error"]["code"], "CALL-0002");
}
