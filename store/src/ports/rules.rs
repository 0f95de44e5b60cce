//! What a run keeps to, as its workflow says: its place in an order, a limit, a quiet time, its priority.

use chrono::{DateTime, Utc};

/// What a run keeps to. The default keeps to nothing and costs nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules {
    /// It begins only when no earlier run with the same key is left.
    pub order: Option<OrderKey>,
    /// It begins only while fewer runs than this of its workflow are under way.
    pub most_at_once: Option<u32>,
    /// Who goes first when the disk is busy.
    pub priority: Priority,
    /// It begins only when nothing like it has come for a while.
    pub debounce: Option<Debounce>,
    /// Its event is no event when one like it was taken lately. Only of use in the first turn.
    pub dedupe: Option<Dedupe>,
}

impl Rules {
    /// Whether they say nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether they can make a run begin later.
    #[must_use]
    pub fn can_hold(&self) -> bool {
        self.order.is_some() || self.most_at_once.is_some() || self.debounce.is_some()
    }

    /// Whether the first turn has to be handed in with [`Begin::IfAllowed`](super::Begin::IfAllowed).
    #[must_use]
    pub fn must_ask(&self) -> bool {
        self.can_hold() || self.dedupe.is_some()
    }
}

/// Whose runs go one after another.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderKey {
    /// The key space: workflows that name the same one share it.
    pub space: String,
    /// The key within it.
    pub key: String,
}

/// Who goes first when the disk is busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Priority {
    /// Before others.
    High,
    /// As most do.
    #[default]
    Normal,
    /// Into what room others leave, and never less than an eighth.
    Low,
}

impl Priority {
    /// Its word in documents and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::High => "high",
            Self::Normal => "normal",
            Self::Low => "low",
        }
    }

    /// The priority called `word`.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::High, Self::Normal, Self::Low].into_iter().find(|one| one.as_str() == word)
    }
}

/// Events of a workflow with the same key become one run, once none has come for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debounce {
    /// The key.
    pub key: String,
    /// The moment it may begin unless another event comes before.
    pub until: DateTime<Utc>,
    /// Which of the events counts.
    pub keep: Keep,
}

/// Which event of a burst counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Keep {
    /// The one that came first.
    First,
    /// The one that came last.
    Last,
}

/// Events of a workflow with the same key count once within a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dedupe {
    /// The key.
    pub key: String,
    /// An event taken after this moment makes this one a repeat.
    pub since: DateTime<Utc>,
}
