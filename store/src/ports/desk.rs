//! Owners and pools as people set them up, beyond what leads need to know of them: hours, rules, and counters that a
//! person puts right.

use super::{Answer, MemberRule, Named, WorkspaceId};
use chrono::{DateTime, Utc};
use std::fmt::Debug;
use trunkline_leads::Owner;
use trunkline_leads::routing::PoolRules;
use uuid::Uuid;

/// See the [module](self).
pub trait RoutingDesk: Debug + Send + Sync {
    /// Changes the name, address and hours of an owner.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown owner, [`Error::Conflict`](crate::Error::Conflict) when
    /// the e-mail address is taken.
    fn change_owner(&self, workspace: WorkspaceId, owner: Owner) -> Answer<'_, ()>;

    /// Renames a pool, sets its rules and its members, all or nothing. Members that stay keep their counters.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) for an unknown pool or owner,
    /// [`Error::Conflict`](crate::Error::Conflict) when the name is taken.
    fn set_pool(
        &self,
        workspace: WorkspaceId,
        pool: Named,
        rules: PoolRules,
        members: Vec<MemberRule>,
    ) -> Answer<'_, ()>;

    /// Sets counters of a member, and keeps who did it and why.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) when the owner is no member of the pool.
    fn adjust(&self, workspace: WorkspaceId, adjustment: Adjust) -> Answer<'_, Adjustment>;

    /// Adjustments of a pool, the latest first, at most 200.
    fn adjustments(&self, workspace: WorkspaceId, pool: Uuid) -> Answer<'_, Vec<Adjustment>>;
}

/// Counters to be set; those that are `None` stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjust {
    /// Id of the adjustment.
    pub id: Uuid,
    /// Which pool.
    pub pool: Uuid,
    /// Which member.
    pub owner: Uuid,
    /// The moment.
    pub at: DateTime<Utc>,
    /// Who does it.
    pub by: String,
    /// Why.
    pub why: String,
    /// New value of the leads given so far.
    pub assigned: Option<u64>,
    /// New value of the credit; the other members of the pool lose or gain what adds up to nothing.
    pub credit: Option<i64>,
    /// Whether what counts towards caps starts at nothing.
    pub clear_caps: bool,
}

/// Counters that were set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// Id.
    pub id: Uuid,
    /// Which member.
    pub owner: Named,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Why.
    pub why: String,
    /// What changed, in words.
    pub change: String,
}
