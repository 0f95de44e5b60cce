//! Trunkline leads.
