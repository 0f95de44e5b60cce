//! Conditions as data.
