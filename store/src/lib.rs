//! Trunkline store.
