//! Trunkline connectors.
