//! The book of the next transaction, when that begins before what this one changed is durable.
//!
//! The store still answers by what was before. So the next book brings along whatever this one changed of the sorts that
//! it may ask about meanwhile, and never believes the store about these; about everything else it has to wait.

use super::{Book, Dealt, Entry, Need};
use std::sync::Arc;

/// Most owners and pools that are taken along though nothing about them changed, so that they need not be loaded again.
const MOST_KEPT: usize = 256;

impl Need {
    /// Whether a [successor](Book::successor) may be told so by a store that does not have the changes yet.
    #[must_use]
    pub const fn may_be_answered_early(&self) -> bool {
        matches!(
            self,
            Self::Key(_)
                | Self::Lead(_)
                | Self::Pool(_)
                | Self::Team(_)
                | Self::Owner(_)
                | Self::Definitions(_)
        )
    }
}

impl Book {
    /// A book for the transaction after this one. Before the changes of this one are durable, it may be supplied with
    /// what [`Need::may_be_answered_early`], and with the rest afterwards.
    ///
    /// `None` when leads went: then nothing can be said before the store knows. Ask before [`Book::take_changes`].
    #[must_use]
    pub fn successor(&self) -> Option<Self> {
        let added = &self.added;
        let leads_went = !(added.gone.is_empty()
            && added.absorbed.is_empty()
            && added.moved_keys.is_empty()
            && added.merges.is_empty()
            && added.unmerged.is_empty());
        if leads_went {
            return None;
        }
        let mut next = Self::with_rules(Arc::clone(&self.stages), Arc::clone(&self.rules));
        next.definitions.clone_from(&self.definitions);
        next.keys = added.keys.iter().map(|(key, lead)| (key.clone(), Some(*lead))).collect();
        let touched = self.touched_leads.iter();
        next.leads = touched
            .filter_map(|id| {
                let lead = self.leads.get(id)?.as_ref().map(|entry| Entry::new(entry.lead.clone(), false));
                Some((*id, lead))
            })
            .collect();
        let keeps_all = self.pools.len() + self.pool_names.len() + self.owners.len() <= MOST_KEPT;
        let pools = self.pools.iter().filter(|(_, dealt)| keeps_all || dealt.touched);
        next.pools =
            pools.map(|(id, dealt)| (*id, Dealt { pool: dealt.pool.clone(), touched: false })).collect();
        if keeps_all {
            let found = self.pool_names.iter().filter(|(_, pool)| pool.is_some());
            next.pool_names = found.map(|(name, pool)| (name.clone(), *pool)).collect();
            next.owners.clone_from(&self.owners);
        }
        Some(next)
    }
}
