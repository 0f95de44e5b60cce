//! The disk runs full under load: what was acknowledged is there, what was not is refused in words, and the server goes
//! on as soon as there is room.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use trunkline_tests::{Server, client, text_of, until};

/// Size of the small disk.
const SIZE: &str = "size=12m";

/// A small disk in memory, taken away when dropped.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// `None` where this process may not mount one.
    fn mount() -> Option<Self> {
        let place = std::env::temp_dir().join(format!("trunkline-disk-{}", std::process::id()));
        std::fs::create_dir_all(&place).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", SIZE, "tmpfs"]).arg(&place).status();
        mounted.is_ok_and(|status| status.success()).then(|| Self(place))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Busy for a moment after the server was killed; a lazy unmount waits for it.
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        let _ = std::fs::remove_dir(&self.0);
    }
}

fn fill(disk: &Path) -> PathBuf {
    let ballast = disk.join("ballast");
    // Ends with "no space left", which is what it is for.
    let _ = Command::new("dd")
        .args(["if=/dev/zero", "bs=64k", "status=none"])
        .arg(format!("of={}", ballast.display()))
        .stderr(std::process::Stdio::null())
        .status();
    ballast
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_and_loses_nothing() {
    let Some(disk) = SmallDisk::mount() else {
        println!("skipped: mounting a small disk needs root");
        return;
    };
    let mut server = Server::start_in(&disk.0, &[], &[]).await.unwrap();
    let (hook, client) = (server.url("/hooks/demo-request"), client().unwrap());
    let lead = |number: usize| json!({"email": format!("{number}@disk.example"), "comment": "x".repeat(20_000), "company_size": 500, "job_title": "VP"});
    let mut acknowledged = Vec::new();
    let mut number = 0;
    for _ in 0..20 {
        number += 1;
        let answer = client.post(&hook).json(&lead(number)).send().await.unwrap();
        assert!(answer.status().is_success());
        acknowledged.push(run_of(answer).await);
    }
    let ballast = fill(&disk.0);
    let mut refused = 0;
    for _ in 0..40 {
        number += 1;
        let answer = client.post(&hook).json(&lead(number)).send().await.unwrap();
        if answer.status().is_success() {
            acknowledged.push(run_of(answer).await);
        } else {
            assert!(answer.status().is_server_error(), "{}", answer.status());
            let problem: Value = serde_json::from_str(&text_of(answer).await.unwrap()).unwrap();
            assert_eq!(problem["code"], "API-0016", "a full disk is said to be one");
            assert!(!problem["action"].as_str().unwrap().is_empty());
            refused += 1;
        }
    }
    assert!(refused > 0, "the disk was full");
    std::fs::remove_file(ballast).unwrap();
    until("the server to take events again", || async {
        let answer = client.post(&hook).json(&json!({"email": "again@disk.example"})).send().await.ok()?;
        answer.status().is_success().then_some(())
    })
    .await
    .unwrap();
    server.kill().await.unwrap();
    server.restart().await.unwrap();
    let api = server.set_up().await.unwrap();
    for run in acknowledged {
        until("the run to complete", || async {
            let view = api.get(&format!("/runs/{run}")).await.ok()?;
            (view["status"] == "completed").then_some(())
        })
        .await
        .unwrap();
    }
    server.stop().await.unwrap();
}

async fn run_of(answer: reqwest::Response) -> String {
    let body: Value = serde_json::from_str(&text_of(answer).await.unwrap()).unwrap();
    body["run_id"].as_str().unwrap().to_owned()
}
