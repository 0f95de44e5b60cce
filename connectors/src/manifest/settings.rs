//! What the settings of a connection say beside what templates make of them: its hosts and its limits.

use super::Manifest;
use super::check::is_host_pattern;
use super::limits::{Bucket, Limits};
use crate::credentials::host_fits;
use serde_json::{Map, Value};
use url::Url;

/// Most hosts of one connection.
const MOST_HOSTS: usize = 20;
/// Longest setting, in bytes.
const LONGEST: usize = 500;
/// Greatest limit that can be set.
const GREATEST: u64 = 1_000_000_000;

impl Manifest {
    /// The only hosts that get the credentials of a connection with these settings.
    #[must_use]
    pub fn hosts_of(&self, settings: &Map<String, Value>) -> Vec<String> {
        let named = self.host_setting.as_ref().and_then(|name| settings.get(name)?.as_str());
        let named = named.map(hosts_in).unwrap_or_default();
        self.hosts.iter().cloned().chain(named).collect()
    }

    /// Whether the credentials of a connection with these settings may go to `url`.
    #[must_use]
    pub fn may_reach(&self, url: &Url, settings: &Map<String, Value>) -> bool {
        self.hosts_of(settings).iter().any(|pattern| host_fits(pattern, url))
    }

    /// How hard a connection with these settings may be called: what they say, and what the app says where they do not.
    #[must_use]
    pub fn limits_of(&self, settings: &Map<String, Value>) -> Limits {
        let mut limits = self.limits.clone();
        let said = |which: &str| {
            let name = self.settings.iter().find(|(_, schema)| schema["x-limit"] == which)?.0;
            settings.get(name)?.as_str()?.trim().parse::<u64>().ok()
        };
        let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        if let Some(calls) = said("calls") {
            limits.bucket =
                Some(Bucket { calls: small(calls), seconds: small(said("seconds").unwrap_or(1)) });
        }
        limits.at_once = said("at_once").map(small).or(limits.at_once);
        limits.daily = said("daily").or(limits.daily);
        limits
    }

    /// Whether a connection that signs in by `auth` is asked for the setting `name`.
    #[must_use]
    pub fn asks_for(&self, name: &str, auth: &str) -> bool {
        let ways = self.settings.get(name).and_then(|schema| schema.get("x-auth")).and_then(Value::as_array);
        ways.is_none_or(|ways| ways.iter().any(|way| way == auth))
    }

    /// Whether a connection that signs in by `auth` cannot be without the setting `name`.
    #[must_use]
    pub fn needs(&self, name: &str, auth: &str) -> bool {
        let is_optional = self.settings.get(name).is_none_or(|schema| schema["x-optional"] == true);
        !is_optional && self.asks_for(name, auth)
    }

    /// `given` as a connection that signs in by `auth` keeps it, with what is usual where nothing is given.
    ///
    /// # Errors
    /// What is wrong, in one sentence that begins with the setting.
    pub fn settings_from(
        &self,
        given: &Map<String, Value>,
        auth: &str,
    ) -> Result<Map<String, Value>, String> {
        let mut kept = Map::new();
        for (name, value) in given {
            let Some(schema) = self.settings.get(name).filter(|_| self.asks_for(name, auth)) else {
                return Err(format!("`settings.{name}` is not known"));
            };
            let text = value.as_str().filter(|text| text.len() <= LONGEST);
            let text = text.ok_or(format!("`settings.{name}` must be a text of at most {LONGEST} bytes"))?;
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            if let Some(choices) = schema.get("enum").and_then(Value::as_array)
                && !choices.iter().any(|choice| choice == text)
            {
                return Err(format!("`settings.{name}` is none of its choices"));
            }
            if schema.get("x-limit").is_some()
                && !text.parse().is_ok_and(|number| (1..=GREATEST).contains(&number))
            {
                return Err(format!("`settings.{name}` must be a whole number from 1"));
            }
            let text = match self.host_setting.as_ref() == Some(name) {
                true => hosts(text).map_err(|what| format!("`settings.{name}`: {what}"))?,
                false => text.to_owned(),
            };
            kept.insert(name.clone(), text.into());
        }
        for (name, schema) in self.settings.iter().filter(|(name, _)| self.asks_for(name, auth)) {
            match schema.get("default") {
                _ if kept.contains_key(name) => {}
                Some(usual) => drop(kept.insert(name.clone(), usual.clone())),
                None if self.needs(name, auth) => return Err(format!("`settings.{name}` is missing")),
                None => {}
            }
        }
        Ok(kept)
    }
}

fn hosts_in(text: &str) -> Vec<String> {
    text.split(',').map(|host| host.trim().to_owned()).filter(|host| !host.is_empty()).collect()
}

/// Hosts as people write them, with or without the rest of an address, as a connection keeps them.
fn hosts(text: &str) -> Result<String, String> {
    let host = |written: &str| {
        let low = written.to_ascii_lowercase();
        let rest = low.strip_prefix("https://").or_else(|| low.strip_prefix("http://")).unwrap_or(&low);
        rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned()
    };
    let found: Vec<String> = text.split([',', ' ', '\n']).map(host).filter(|host| !host.is_empty()).collect();
    if found.is_empty() || found.len() > MOST_HOSTS {
        return Err(format!("name 1 to {MOST_HOSTS} hosts, such as api.example.com"));
    }
    match found.iter().find(|host| !is_host_pattern(host)) {
        Some(wrong) => Err(format!("{wrong} is no host such as api.example.com, or *.example.com")),
        None => Ok(found.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use crate::Catalog;
    use serde_json::{Map, Value, json};
    use url::Url;

    fn kept(given: Value, auth: &str) -> Result<Map<String, Value>, String> {
        let catalog = Catalog::built_in();
        catalog.get("web").unwrap().settings_from(given.as_object().unwrap(), auth)
    }

    #[test]
    fn credentials_go_to_the_hosts_that_were_named_and_nowhere_else() {
        let catalog = Catalog::built_in();
        let manifest = catalog.get("web").unwrap();
        let settings =
            kept(json!({ "hosts": "https://API.example.com/v2/x, *.files.example" }), "bearer").unwrap();
        assert_eq!(settings["hosts"], "api.example.com, *.files.example");
        let reach = |url: &str| manifest.may_reach(&Url::parse(url).unwrap(), &settings);
        assert!(reach("https://api.example.com/v1"));
        assert!(reach("https://eu.files.example/"));
        for elsewhere in
            ["http://api.example.com", "https://example.com", "https://api.example.com.evil.test"]
        {
            assert!(!reach(elsewhere), "{elsewhere}");
        }
        assert!(!manifest.may_reach(&Url::parse("https://api.example.com").unwrap(), &Map::new()));
    }

    #[test]
    fn limits_are_what_the_connection_says() {
        let catalog = Catalog::built_in();
        let said =
            kept(json!({ "hosts": "a.example", "calls": "20", "seconds": "2", "daily": "900" }), "bearer");
        let limits = catalog.get("web").unwrap().limits_of(&said.unwrap());
        let bucket = limits.bucket.unwrap();
        assert_eq!((bucket.calls, bucket.seconds, limits.at_once, limits.daily), (20, 2, None, Some(900)));
        let slack = catalog.get("slack").unwrap();
        assert_eq!(slack.limits_of(&Map::new()).at_once, slack.limits.at_once);
    }

    #[test]
    fn what_is_asked_depends_on_the_way_to_sign_in() {
        for (given, auth, what) in [
            (json!({}), "bearer", "`settings.hosts` is missing"),
            (json!({ "hosts": "a b/c, not a host!" }), "bearer", "host! is no host"),
            (json!({ "hosts": "a.example", "header": "X-Key" }), "bearer", "`settings.header` is not known"),
            (json!({ "hosts": "a.example" }), "header", "`settings.header` is missing"),
            (json!({ "hosts": "a.example", "calls": "many" }), "bearer", "must be a whole number"),
            (json!({ "hosts": "a.example", "calls": "0" }), "bearer", "must be a whole number"),
            (json!({ "hosts": 7 }), "bearer", "must be a text"),
        ] {
            let said = kept(given.clone(), auth).unwrap_err();
            assert!(said.contains(what), "{given} {auth}: {said}");
        }
    }

    #[test]
    fn what_is_usual_may_be_left_out_and_a_choice_is_one_of_its_choices() {
        let catalog = Catalog::built_in();
        let manifest = catalog.get("zoho_crm").unwrap();
        let auth = manifest.auth[0].id.clone();
        let given = |domain: &str| json!({ "domain": domain }).as_object().unwrap().clone();
        assert_eq!(manifest.settings_from(&Map::new(), &auth).unwrap()["domain"], "com");
        assert_eq!(manifest.settings_from(&given(" eu "), &auth).unwrap()["domain"], "eu");
        let said = manifest.settings_from(&given("evil.test"), &auth).unwrap_err();
        assert!(said.contains("none of its choices"), "{said}");
    }
}
