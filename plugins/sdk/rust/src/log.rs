//! Lines for whoever looks after the server. What is beyond the limits ends the call.

use crate::bindings::trunkline::plugin::log::{Level, write};

/// For whoever writes the plugin.
pub fn debug(line: &str) {
    write(Level::Debug, line);
}

/// Something happened.
pub fn info(line: &str) {
    write(Level::Info, line);
}

/// Something is not as it should be.
pub fn warn(line: &str) {
    write(Level::Warn, line);
}

/// Something failed.
pub fn error(line: &str) {
    write(Level::Error, line);
}
