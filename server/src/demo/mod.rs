//! What a new workspace holds: owners, two pools and a published workflow that needs no outside account.
//!
//! An [example company](company) is made on request, or when the server is started with `--example`.
//!
//! Planted once, before anyone has set the server up; never again, whatever is deleted later.

pub mod company;
mod trade_fair;

use anyhow::{Context, bail};
use trunkline_engine::compile::{self, Severity};
use trunkline_engine::document::Document;
use trunkline_engine::kind::Registry;
use trunkline_leads::Owner;
use trunkline_store::ports::{MemberRule, Named, Publish};
use trunkline_store::{Store, WorkspaceId};
use uuid::Uuid;

const INBOUND: &str = include_str!("inbound-lead-to-owner.json");

/// Name, e-mail address and weight of someone who takes turns.
type Person = (&'static str, &'static str, u32);

/// Pools with their members.
const POOLS: [(&str, &[Person]); 2] = [
    (
        "Account executives",
        &[
            ("Ana Moreau", "ana@example.com", 2),
            ("Ben Okafor", "ben@example.com", 1),
            ("Chiara Rossi", "chiara@example.com", 1),
        ],
    ),
    (
        "Sales development",
        &[
            ("Dev Patel", "dev@example.com", 1),
            ("Elif Kaya", "elif@example.com", 1),
            ("Femi Adeyemi", "femi@example.com", 1),
            ("Greta Lind", "greta@example.com", 1),
        ],
    ),
];

/// Plants the demo into a store that has never been used.
///
/// # Errors
/// The store's, and those of the document, which a test rules out.
pub async fn plant(store: &Store, registry: &Registry) -> anyhow::Result<()> {
    let workspace = WorkspaceId::FIRST;
    let unused = store.accounts.needs_setup().await? && store.leads.pools(workspace).await?.is_empty();
    if !unused {
        return Ok(());
    }
    for (name, people) in POOLS {
        let pool = Named { id: Uuid::now_v7(), name: name.into() };
        let mut members = Vec::with_capacity(people.len());
        for &(name, email, weight) in people {
            let owner = Owner { id: Uuid::now_v7(), name: name.into(), email: email.into(), work: None };
            members.push(MemberRule { owner: owner.id, weight, active: true });
            store.leads.add_owner(workspace, owner).await?;
        }
        store.leads.add_pool(workspace, pool.clone()).await?;
        store.leads.change_pool(workspace, pool, members).await?;
    }
    let document = document()?;
    if let Some(problem) =
        compile::check(&document, registry).into_iter().find(|problem| problem.severity == Severity::Error)
    {
        bail!("the demo workflow has a problem: {}: {}", problem.code, problem.message);
    }
    let workflow = store.workflows.create(workspace, Uuid::now_v7(), document).await?;
    let publish = Publish {
        base_revision: workflow.draft_revision,
        note: Some("Comes with a new workspace".into()),
        ..Publish::default()
    };
    store.workflows.publish(workspace, workflow.id, publish).await?;
    Ok(())
}

fn document() -> anyhow::Result<Document> {
    serde_json::from_str(INBOUND).context("the demo workflow cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_has_no_problem_not_even_a_warning() {
        let registry = crate::serve::registry();
        let problems = compile::check(&document().unwrap(), &registry);
        assert!(problems.is_empty(), "{problems:#?}");
    }
}
