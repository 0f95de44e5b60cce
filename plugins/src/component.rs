//! Components of modules, for people who write plugins in a language whose compiler makes modules only.

use wit_component::ComponentEncoder;

/// The component around `module`, which carries the interface it was written for.
///
/// # Errors
/// When it is no module, or not written for an interface, in words.
pub fn of_module(module: &[u8]) -> Result<Vec<u8>, String> {
    let encoder = ComponentEncoder::default().validate(true).module(module);
    encoder.and_then(|mut encoder| encoder.encode()).map_err(|error| format!("{error:#}"))
}

#[cfg(test)]
mod tests {
    use super::of_module;

    #[test]
    fn what_is_no_module_is_said() {
        assert!(of_module(b"no module").is_err());
    }
}
