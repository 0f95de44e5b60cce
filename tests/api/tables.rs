//! Data tables and counters over HTTP: defined, edited, imported and exported, and used by workflows.

use crate::trying::{items, over};
use crate::{chain, ended, publish, run_once, step};
use reqwest::Method;
use serde_json::{Value, json};
use trunkline_tests::{Client, Server, text_of};

async fn prices(api: &Client) -> String {
    let columns = json!([
        {"label": "Product", "kind": "text"}, {"label": "Price", "kind": "number"},
        {"label": "Since", "kind": "date"}, {"label": "Sold out", "kind": "yes_no"},
    ]);
    let made = api.post("/tables", &json!({"name": "Prices", "columns": columns})).await.unwrap();
    assert_eq!(made["columns"][3]["key"], "sold_out");
    made["id"].as_str().unwrap().to_owned()
}

async fn import(api: &Client, table: &str, query: &str, text: &str) -> Value {
    let request = api.request(Method::POST, &format!("/tables/{table}/import{query}"));
    let answer = request.header("content-type", "text/csv").body(text.to_owned()).send().await.unwrap();
    serde_json::from_str(&text_of(answer).await.unwrap()).unwrap()
}

async fn rows(api: &Client, table: &str) -> Vec<Value> {
    let page = api.get(&format!("/tables/{table}/rows")).await.unwrap();
    page["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_table_is_filled_from_a_file_edited_and_given_out_again() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let table = prices(&api).await;
    let file = "Product;Price;Since;Sold out;Colour\nPen;1.5;2026-01-31;no;blue\n=cmd();many;;;\nInk;-3;;yes;\nshort\n";
    let report = import(&api, &table, "", file).await;
    assert_eq!(
        (&report["added"], &report["refused"], &report["ignored"]),
        (&json!(2), &json!(2), &json!(["Colour"]))
    );
    let lines: Vec<_> =
        report["problems"].as_array().unwrap().iter().map(|one| one["line"].clone()).collect();
    assert_eq!(lines, [json!(5), json!(3)], "rows that cannot be read, then rows that do not fit");
    let again = import(&api, &table, "?key=product", "product,price\npen,2\nInk,-3\nNib,\n").await;
    assert_eq!((&again["changed"], &again["unchanged"], &again["added"]), (&json!(1), &json!(1), &json!(1)));
    let now = rows(&api, &table).await;
    assert_eq!(now.len(), 3);
    let path = format!("/tables/{table}/rows");
    let edit = json!({"changes": [
        {"id": now[0]["id"], "values": {"product": "=HYPERLINK(1)", "price": null}},
        {"id": now[1]["id"], "values": {"price": "x"}},
    ]});
    let edited = api.request(Method::PATCH, &path).json(&edit).send().await.unwrap();
    let edited: Value = serde_json::from_str(&text_of(edited).await.unwrap()).unwrap();
    assert_eq!(edited["items"][0]["row"]["price"], Value::Null);
    assert_eq!(edited["items"][1]["error"]["code"], "TABLE-0003");
    let out = api.request(Method::GET, &format!("/tables/{table}/export")).send().await.unwrap();
    let out = text_of(out).await.unwrap();
    let expected =
        "\u{feff}Product,Price,Since,Sold out\r\n'=HYPERLINK(1),,2026-01-31,no\r\nInk,-3,,yes\r\nNib,,,\r\n";
    assert_eq!(out.trim_start_matches('\u{feff}'), expected.trim_start_matches('\u{feff}'));
    let found = api.get(&format!("/tables/{table}/rows?search=NIB")).await.unwrap();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    let removed = api.post(&format!("{path}/remove"), &json!({"ids": [now[0]["id"]]})).await.unwrap();
    assert_eq!(removed["removed"], 1);
    assert_eq!(api.get(&format!("/tables/{table}")).await.unwrap()["rows"], 2);
}

#[tokio::test]
async fn workflows_use_tables_and_what_they_did_is_undone() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let table = prices(&api).await;
    let find = json!({"table": "Prices", "conditions": [{"column": "product", "test": "equals", "value": "{{ trigger.body.product }}"}]});
    let upsert = json!({"table": "Prices", "key": "product", "values": [
        {"name": "product", "value": "{{ trigger.body.product }}"},
        {"name": "price", "value": "{{ (steps.find.first.price|default(0)) + 1 }}"},
    ]});
    let count = json!({"counter": "Asked", "key": "{{ trigger.body.product }}", "by": 1});
    let steps = [
        ("start", "manual", json!({})),
        ("find", "find_rows", find),
        ("save", "upsert_row", upsert),
        ("count", "add_to_counter", count),
    ];
    let workflow = publish(&api, chain("Ask for a price", &steps)).await;
    let uses = api.get(&format!("/tables/{table}/uses")).await.unwrap();
    assert_eq!(uses["items"][0]["steps"], json!(["find", "save"]));
    let first = run_once(&api, &workflow, json!({"product": "Pen"})).await;
    let first_view = ended(&api, &first).await;
    assert_eq!(step(&first_view, "save")["output"]["created"], true, "{first_view}");
    let second = run_once(&api, &workflow, json!({"product": "Pen"})).await;
    assert_eq!(step(&ended(&api, &second).await, "save")["output"]["row"]["price"], 2);

    let dry = json!({"payload": {"product": "Pen"}, "version": "current"});
    let dry = api.post(&format!("/workflows/{workflow}/dry-run"), &dry).await.unwrap();
    over(&api, &dry).await;
    let dry = items(&api, &dry).await[0]["detail"].clone();
    let whats: Vec<_> = dry["writes"].as_array().unwrap().iter().map(|write| write["what"].clone()).collect();
    assert_eq!(whats, [json!("Table Prices"), json!("Counter Asked")], "{dry}");
    assert_eq!(dry["writes"][0]["changes"][0]["new"], 3, "{dry}");
    assert_eq!(rows(&api, &table).await[0]["values"]["price"], 2, "nothing was written");

    let preview = api.get(&format!("/runs/{second}/undo")).await.unwrap();
    assert_eq!(preview["can"], 2, "{preview}");
    let undone = api.post(&format!("/runs/{second}/undo"), &json!({})).await.unwrap();
    assert_eq!((&undone["undone"], &undone["skipped"]), (&json!(2), &json!(0)), "{undone}");
    let row = &rows(&api, &table).await[0];
    assert_eq!((&row["values"]["price"], &row["values"]["product"]), (&json!(1), &json!("Pen")));
    assert_eq!(
        api.post(&format!("/runs/{second}/undo"), &json!({})).await.unwrap()["undone"],
        0,
        "not twice"
    );
    let counters = api.get("/counters").await.unwrap();
    assert_eq!((&counters["items"][0]["key"], &counters["items"][0]["value"]), (&json!("Pen"), &json!(1)));

    let span = json!({"since": "2020-01-01T00:00:00Z", "until": "2099-01-01T00:00:00Z"});
    let back = api.post(&format!("/workflows/{workflow}/back-test"), &span).await.unwrap();
    let back = over(&api, &back).await;
    assert_eq!(
        back["groups"],
        json!([{"group": "same", "label": "same", "count": 2}]),
        "read from their journals: {back}"
    );
    api.request(Method::DELETE, &format!("/tables/{table}")).send().await.unwrap();
    let third = run_once(&api, &workflow, json!({"product": "Pen"})).await;
    assert_eq!(ended(&api, &third).await["error"]["code"], "TABLE-0001");
}

#[tokio::test]
async fn a_loop_goes_through_a_table_and_not_through_what_it_adds() {
    let server = Server::start(&["--empty"]).await.unwrap();
    let api = server.set_up().await.unwrap();
    let table = prices(&api).await;
    let lines: String = (0..120).map(|n| format!("P{n},{n}\n")).collect();
    import(&api, &table, "", &format!("Product,Price\n{lines}")).await;
    let mut document = chain(
        "Every price",
        &[
            ("start", "manual", json!({})),
            ("each", "loop", json!({"from": "table", "table": "Prices", "slice": 50})),
        ],
    );
    let add =
        json!({"table": "Prices", "values": [{"name": "product", "value": "Copy of {{ item.product }}"}]});
    let count = json!({"counter": "Sum", "by": "{{ item.price }}"});
    document["steps"]["each"]["body"] = json!({
        "steps": {
            "sum": {"kind": "add_to_counter", "title": "Sum", "config": count},
            "add": {"kind": "insert_row", "title": "Add", "config": add},
        },
        "edges": [{"from": "sum", "to": "add"}],
    });
    let workflow = publish(&api, document).await;
    let run = run_once(&api, &workflow, json!({})).await;
    let view = ended(&api, &run).await;
    assert_eq!(step(&view, "each")["output"]["count"], 120, "{view}");
    let counters = api.get("/counters").await.unwrap();
    assert_eq!(counters["items"][0]["value"], (0..120).sum::<i64>());
    assert_eq!(api.get(&format!("/tables/{table}")).await.unwrap()["rows"], 240);
}
