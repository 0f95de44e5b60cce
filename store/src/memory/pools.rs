//! Owners, pools and stages, as people set them up.

use super::tables::Tables;
use crate::error::Error;
use crate::ports::{MemberRule, Named, Owner, WorkspaceId};
use std::sync::Arc;
use trunkline_leads::routing::PoolRules;
use trunkline_leads::{Member, Pool};
use uuid::Uuid;

const POOL: Error = Error::NotFound("a pool");
const SAME_POOL: Error = Error::Conflict("a pool with this name");

/// Adds somebody who can own leads.
pub(super) fn add_owner(tables: &mut Tables, workspace: WorkspaceId, owner: Owner) -> Result<(), Error> {
    if tables.owners.values().any(|(of, other)| *of == workspace && other.email == owner.email) {
        return Err(Error::Conflict("an owner with this e-mail address"));
    }
    Arc::make_mut(&mut tables.owners).insert(owner.id, (workspace, Arc::new(owner)));
    Ok(())
}

/// Adds an empty pool.
pub(super) fn add(tables: &mut Tables, workspace: WorkspaceId, pool: Named) -> Result<(), Error> {
    refuse_same(tables, workspace, &pool)?;
    let Named { id, name } = pool;
    let pool = Pool { id, name, members: Vec::new(), rules: PoolRules::default() };
    Arc::make_mut(&mut tables.pools).insert(id, (workspace, Arc::new(pool)));
    Ok(())
}

/// Renames a pool and sets its members; those that stay keep their counters.
pub(super) fn change(
    tables: &mut Tables,
    workspace: WorkspaceId,
    pool: Named,
    rules: Vec<MemberRule>,
) -> Result<(), Error> {
    refuse_same(tables, workspace, &pool)?;
    let owners = Arc::clone(&tables.owners);
    let pools = Arc::make_mut(&mut tables.pools);
    let (_, kept) = pools.get_mut(&pool.id).filter(|(of, _)| *of == workspace).ok_or(POOL)?;
    let kept = Arc::make_mut(kept);
    let old = std::mem::take(&mut kept.members);
    for MemberRule { owner, weight, active } in rules {
        let before = old.iter().find(|member| member.owner.id == owner).cloned();
        let (_, owner) =
            owners.get(&owner).filter(|(of, _)| *of == workspace).ok_or(Error::NotFound("an owner"))?;
        let member = before.unwrap_or_else(|| Member::new(Arc::clone(owner), weight, active));
        kept.members.push(Member { owner: Arc::clone(owner), weight, active, ..member });
    }
    kept.name = pool.name;
    Ok(())
}

fn refuse_same(tables: &Tables, workspace: WorkspaceId, pool: &Named) -> Result<(), Error> {
    let same = |(of, other): &(WorkspaceId, Arc<Pool>)| {
        *of == workspace && other.id != pool.id && other.name == pool.name
    };
    if tables.pools.values().any(same) { Err(SAME_POOL) } else { Ok(()) }
}

/// Deletes a pool.
pub(super) fn remove(tables: &mut Tables, workspace: WorkspaceId, id: Uuid) -> Result<(), Error> {
    tables.pools.get(&id).filter(|(of, _)| *of == workspace).ok_or(POOL)?;
    Arc::make_mut(&mut tables.pools).remove(&id);
    Ok(())
}
