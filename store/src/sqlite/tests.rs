//! What only SQLite can be asked: which indexes its plans use, and what it does when the disk is full.

use super::*;
use crate::ports::{LeadOrder, LeadPlace, LeadQuery, OwnerFilter, RunQuery, RunStatus, Upkeep, Workflows};
use crate::records::search::Found;
use sqlx::{AssertSqlSafe, Executor, Row};
use tempfile::TempDir;
use trunkline_engine::document::Document;
use uuid::Uuid;

async fn open(folder: &TempDir) -> Sqlite {
    Sqlite::open(Settings::at(folder.path().join("trunkline.db"))).await.unwrap()
}

/// How SQLite would answer `sql`, one line a step.
async fn plan(sqlite: &Sqlite, sql: &str) -> String {
    let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
    let rows = sqlx::query(explain).fetch_all(&sqlite.readers).await.unwrap();
    rows.iter().map(|row| row.get::<String, _>("detail") + "\n").collect()
}

#[tokio::test]
async fn no_page_of_runs_reads_the_whole_history() {
    let folder = TempDir::new().unwrap();
    let sqlite = open(&folder).await;
    let workflow = Some(Uuid::nil());
    let before = Some(Uuid::nil());
    let found = |runs| Some(Found { runs, leads: vec![Uuid::nil()] });
    for (workflow, status, found, index) in [
        (None, None, None, "r USING INDEX sqlite_autoindex_run_1"),
        (workflow, None, None, "r USING INDEX run_of_workflow"),
        (None, Some(RunStatus::Completed), None, "r USING INDEX sqlite_autoindex_run_1"),
        (None, Some(RunStatus::Failed), None, "r USING INDEX run_failed"),
        (workflow, Some(RunStatus::Failed), None, "r USING INDEX run_failed"),
        (workflow, Some(RunStatus::Cancelled), None, "r USING INDEX run_cancelled"),
        (None, Some(RunStatus::Waiting), None, "r USING INDEX run_open"),
        (workflow, Some(RunStatus::Running), None, "r USING INDEX run_unfinished"),
        (None, None, found(None), "run USING COVERING INDEX run_of_lead"),
        (workflow, Some(RunStatus::Failed), found(Some((Uuid::nil(), Uuid::max()))), "run_1 (id>? AND id<?)"),
    ] {
        let query = RunQuery { workflow, status, before, ..RunQuery::default() };
        let sql = runs::listing(WorkspaceId::FIRST, &query, found).sql().as_str().to_owned()
            + " ORDER BY r.id DESC LIMIT 50";
        let plan = plan(&sqlite, &sql).await;
        let full = plan.lines().any(|line| line == "SCAN r" || line == "SCAN run");
        assert!(plan.contains(index) && !full && !plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
    }
}

#[tokio::test]
async fn no_page_of_leads_sorts_them_all() {
    let folder = TempDir::new().unwrap();
    let sqlite = open(&folder).await;
    let search = || LeadQuery { search: Some("ada".into()), ..LeadQuery::default() };
    let stage = || LeadQuery { stage: Some("mql".into()), ..LeadQuery::default() };
    let owner = || LeadQuery { owner: Some(OwnerFilter::Is(Uuid::nil())), ..LeadQuery::default() };
    let by = |order| LeadQuery { order, ..LeadQuery::default() };
    let place = Some(LeadPlace { key: 0, id: Uuid::nil() });
    for (query, index) in [
        (LeadQuery::default(), "lead_newest"),
        (LeadQuery { before: place, ..LeadQuery::default() }, "lead_newest"),
        (search(), "lead_newest"),
        (stage(), "lead_in_stage"),
        (owner(), "lead_of_owner"),
        (by(LeadOrder::Oldest), "lead_newest"),
        (LeadQuery { order: LeadOrder::Oldest, ..stage() }, "lead_in_stage"),
        (by(LeadOrder::LastChanged), "lead_by_change"),
        (by(LeadOrder::LongestUnchanged), "lead_by_change"),
        (by(LeadOrder::HighestScore), "lead_by_score"),
        (LeadQuery { before: place, ..by(LeadOrder::LowestScore) }, "lead_by_score"),
    ] {
        let sql = Sqlite::lead_sql(&query);
        let plan = plan(&sqlite, &sql).await;
        assert!(plan.contains(&format!("l USING INDEX {index}")), "{sql}\n{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
    }
}

#[tokio::test]
async fn a_lead_is_opened_without_reading_what_happened_to_others() {
    let folder = TempDir::new().unwrap();
    let plan = plan(&open(&folder).await, leads::TIMELINE).await;
    assert!(plan.contains("SEARCH a USING INDEX activity_of_lead"), "{plan}");
    assert!(!plan.contains("SCAN a"), "{plan}");
}

#[tokio::test]
async fn nothing_the_server_asks_of_runs_reads_the_whole_history() {
    let folder = TempDir::new().unwrap();
    let sqlite = open(&folder).await;
    for (sql, index) in [
        ("SELECT 1 FROM run WHERE resume = 1 AND id > ?1 ORDER BY id LIMIT 9", "run_to_resume"),
        (
            "SELECT 1 FROM run WHERE wake_at IS NOT NULL AND wake_at <= ?1 ORDER BY wake_at LIMIT 9",
            "run_to_wake",
        ),
        ("SELECT min(wake_at) FROM run WHERE wake_at IS NOT NULL", "run_to_wake"),
        ("SELECT count(*) FROM run WHERE workflow = ?1 AND finished_at IS NULL", "run_unfinished"),
        ("SELECT 1 FROM run WHERE workflow = ?1 AND event_key = ?2", "run_event_key"),
        ("SELECT 1 FROM run WHERE parent = ?1 AND parent_key = ?2", "run_child"),
        (
            "SELECT 1 FROM run WHERE id IN (SELECT id FROM run WHERE lead IN (SELECT unhex(value) FROM json_each(?1)))",
            "run_of_lead",
        ),
        (
            "UPDATE run SET status = v.status FROM (SELECT unhex(value->>0) AS id, value->>1 AS status FROM json_each(?1)) v WHERE run.id = v.id",
            "sqlite_autoindex_run_1",
        ),
        (
            "DELETE FROM journal WHERE run IN (SELECT unhex(value) FROM json_each(?1))",
            "sqlite_autoindex_journal_1",
        ),
    ] {
        let plan = plan(&sqlite, sql).await;
        let full = plan.lines().any(|line| line == "SCAN run" || line == "SCAN journal");
        assert!(plan.contains(index) && !full && !plan.contains("TEMP B-TREE FOR ORDER BY"), "{sql}\n{plan}");
    }
}

#[tokio::test]
async fn no_question_of_a_lead_operation_reads_all_leads() {
    let folder = TempDir::new().unwrap();
    let sqlite = open(&folder).await;
    for (sql, index) in [
        (
            "SELECT 1 FROM json_each(?1) j CROSS JOIN lead_key k ON k.workspace = 1 AND k.kind = j.value->>0 AND k.value = j.value->>1",
            "PRIMARY KEY",
        ),
        (
            "SELECT 1 FROM json_each(?1) j CROSS JOIN lead l ON l.id = unhex(j.value) AND l.workspace = 1",
            "lead_newest (workspace=? AND id=?)",
        ),
        ("SELECT 1 FROM activity WHERE lead = ?1 ORDER BY id DESC LIMIT 500", "activity_of_lead"),
        ("SELECT 1 FROM lead WHERE workspace = 1 AND stage = ?1 ORDER BY id DESC", "lead_in_stage"),
        ("SELECT 1 FROM lead WHERE workspace = 1 AND owner IS NULL ORDER BY id DESC", "lead_of_owner"),
    ] {
        let plan = plan(&sqlite, sql).await;
        assert!(plan.contains(index) && !plan.contains("TEMP B-TREE"), "{sql}\n{plan}");
    }
}

#[tokio::test]
async fn a_full_disk_refuses_and_the_store_goes_on_once_there_is_room() {
    let folder = TempDir::new().unwrap();
    let sqlite = open(&folder).await;
    let limit = async |pages: u32| {
        let sql = AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
        sqlite
            .writer
            .write(move |connection| Box::pin(async move { Ok(connection.execute(sql).await.map(drop)?) }))
            .await
            .unwrap();
    };
    let document = |text: usize| {
        let description = "x".repeat(text);
        serde_json::from_value::<Document>(
            serde_json::json!({"format": 1, "name": "Large", "description": description}),
        )
        .unwrap()
    };
    let create =
        async |text: usize| sqlite.create(WorkspaceId::FIRST, Uuid::now_v7(), document(text)).await.map(drop);
    // The file cannot shrink below what is in use, so this leaves no page to grow by.
    limit(1).await;
    assert_eq!(create(1_000_000).await.unwrap_err(), Error::Full);
    limit(1_000_000).await;
    create(1_000_000).await.unwrap();
    assert_eq!(sqlite.check().await.unwrap().workflows, 1, "nothing of the refused write is left");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone() {
    let folder = TempDir::new().unwrap();
    let sqlite = open(&folder).await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9999, 'from the future', 1, x'00', 0)";
    sqlite
        .writer
        .write(move |connection| Box::pin(async move { Ok(connection.execute(newer).await.map(drop)?) }))
        .await
        .unwrap();
    sqlite.close().await.unwrap();
    let refused = Sqlite::open(Settings::at(folder.path().join("trunkline.db"))).await.unwrap_err();
    assert_eq!(refused.code(), "STORE-0008", "{refused}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_reported() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("trunkline.db");
    std::fs::write(
        &path,
        "this is a letter, and a long one at that; it is certainly no database of any sort".repeat(100),
    )
    .unwrap();
    let refused = Sqlite::open(Settings::at(path)).await.unwrap_err();
    assert_eq!(refused.code(), "STORE-0004", "{refused}");
}
