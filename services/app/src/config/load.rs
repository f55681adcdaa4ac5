//! From file and environment to a configuration. What cannot be understood is refused with its key:
//! a misspelt setting that is silently ignored is an installation that is not what its owner thinks.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use io_limits::LimitsConfig;

use super::table::{Config, SETTINGS};
use super::value::Value;

const LIMITS: &str = "limits.";

/// Why there is no configuration: a sentence that names the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ConfigError {}

/// Where settings come from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The file; `None`: `postern.toml`, if it is there.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
}

impl Sources {
    /// The process's own environment.
    #[must_use]
    pub fn of_process(file: Option<PathBuf>) -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self { file, environment: std::env::vars_os().filter_map(text).collect() }
    }
}

/// Reads the configuration.
///
/// # Errors
/// With the key, or the file, at fault.
pub fn load(sources: &Sources) -> Result<Config, ConfigError> {
    let mut given = Given(read_file(sources.file.as_deref())?);
    given.check_keys()?;
    given.overlay(&sources.environment);
    let limits = given.limits()?;
    Config::read(&given, limits)
}

fn read_file(file: Option<&Path>) -> Result<BTreeMap<String, String>, ConfigError> {
    let path = file.unwrap_or(Path::new("postern.toml"));
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(ConfigError(format!("{}: {error}", path.display()))),
    };
    let table: toml::Table = text.parse().map_err(|error| {
        // The error quotes the line, which may hold a secret.
        let error: toml::de::Error = error;
        let at = error.span().map_or(0, |span| text[..span.start.min(text.len())].lines().count());
        ConfigError(format!("{}: line {at}: {}", path.display(), error.message()))
    })?;
    let mut flat = BTreeMap::new();
    flatten("", &table, &mut flat)?;
    Ok(flat)
}

fn flatten(prefix: &str, table: &toml::Table, flat: &mut BTreeMap<String, String>) -> Result<(), ConfigError> {
    for (name, value) in table {
        let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let text = match value {
            toml::Value::Table(inner) => {
                flatten(&key, inner, flat)?;
                continue;
            }
            toml::Value::String(text) => text.clone(),
            toml::Value::Integer(_) | toml::Value::Boolean(_) => value.to_string(),
            toml::Value::Array(items) => items.iter().filter_map(toml::Value::as_str).collect::<Vec<_>>().join(","),
            toml::Value::Float(_) | toml::Value::Datetime(_) => {
                return Err(ConfigError(format!("{key} must be text, a whole number, true or false")));
            }
        };
        flat.insert(key, text);
    }
    Ok(())
}

/// What was given, by key, as text.
pub(super) struct Given(BTreeMap<String, String>);

impl Given {
    fn check_keys(&self) -> Result<(), ConfigError> {
        let known = |key: &str| key.starts_with(LIMITS) || SETTINGS.iter().any(|setting| setting.key == key);
        match self.0.keys().find(|key| !known(key)) {
            Some(key) => {
                Err(ConfigError(format!("{key} is not a setting; `postern config reference` lists all of them")))
            }
            None => Ok(()),
        }
    }

    fn overlay(&mut self, environment: &BTreeMap<String, String>) {
        for setting in SETTINGS {
            // A setting with a short name has the regular one too; the short one, which is documented, holds.
            let given = environment.get(setting.variable).or_else(|| environment.get(&variable_of(setting.key)));
            if let Some(text) = given {
                self.0.insert(setting.key.to_owned(), text.clone());
            }
        }
        for setting in io_limits::reference() {
            if let Some(text) = environment.get(&variable_of(&setting.key)) {
                self.0.insert(setting.key, text.clone());
            }
        }
    }

    /// The value of a setting; `default` where it was not given.
    pub(super) fn read<T: Value>(&self, key: &str, default: &str) -> Result<T, ConfigError> {
        let text = self.0.get(key).map_or(default, |text| text.trim());
        T::read(text).map_err(|expected| ConfigError(format!("{key} must be {expected}")))
    }

    fn limits(&self) -> Result<LimitsConfig, ConfigError> {
        let section = self.0.iter().filter_map(|(key, text)| Some((key, key.strip_prefix(LIMITS)?, text)));
        let numbers: Result<BTreeMap<String, u32>, ConfigError> = section
            .map(|(key, name, text)| {
                let number = text.trim().parse().map_err(|_| ConfigError(format!("{key} must be a whole number")))?;
                Ok((name.to_owned(), number))
            })
            .collect();
        LimitsConfig::try_from(numbers?).map_err(|error| ConfigError(error.to_string()))
    }
}

/// The variable that stands for a key: `limits.api_key_rate` is `POSTERN_LIMITS__API_KEY_RATE`.
pub(super) fn variable_of(key: &str) -> String {
    format!("POSTERN_{}", key.to_ascii_uppercase().replace('.', "__"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let environment = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        load(&Sources { file: None, environment })
    }

    fn file(text: &str) -> Result<Config, ConfigError> {
        let name = format!("postern-config-{}-{}.toml", std::process::id(), text.len());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, text).unwrap();
        let read = load(&Sources { file: Some(path.clone()), environment: BTreeMap::new() });
        std::fs::remove_file(path).unwrap();
        read
    }

    #[test]
    fn every_default_can_be_read_and_every_variable_is_that_of_its_key() {
        let config = with(&[]).unwrap();
        assert_eq!(config.listen.len(), 2);
        assert_eq!(config.limits, LimitsConfig::default());
        for setting in SETTINGS {
            let regular = variable_of(setting.key);
            let short = regular.replace("__", "_");
            assert!([regular, short].contains(&setting.variable.to_owned()), "{}", setting.variable);
        }
    }

    #[test]
    fn the_environment_goes_over_the_file() {
        let config = file("listen = [\"127.0.0.1:1\", \"127.0.0.1:2\"]\n[smtp]\nfrom = \"a@b.example\"\n").unwrap();
        assert_eq!((config.listen.len(), config.smtp_from.as_str()), (2, "a@b.example"));
        let config = with(&[("POSTERN_SMTP__FROM", "c@d.example"), ("POSTERN_LIMITS__TENANT_RATE", "7")]).unwrap();
        assert_eq!(config.smtp_from, "c@d.example");
        assert_eq!(config.limits.rate(io_limits::limit::TENANT).rate, 7);
    }

    #[test]
    fn a_short_name_goes_before_the_regular_one() {
        let city = |pairs: &[(&str, &str)]| with(pairs).unwrap().geoip_city;
        let (short, regular) = (("POSTERN_GEOIP_CITY", "a.mmdb"), ("POSTERN_GEOIP__CITY", "b.mmdb"));
        assert_eq!(city(&[short]), [std::path::PathBuf::from("a.mmdb")]);
        assert_eq!(city(&[regular]), [std::path::PathBuf::from("b.mmdb")]);
        assert_eq!(city(&[short, regular]), [std::path::PathBuf::from("a.mmdb")]);
        let listed = file("[geoip]\nasn = [\"4.mmdb\", \"6.mmdb\"]\n").unwrap();
        assert_eq!(listed.geoip_asn.len(), 2);
    }

    #[test]
    fn nought_is_taken_where_it_means_something() {
        assert_eq!(file("api.target_ms = 0").unwrap().api_target_ms, 0);
        let error = file("database.timeout_ms = 0").unwrap_err().to_string();
        assert!(error.contains("database.timeout_ms must be a whole number, 1 or more"), "{error}");
    }

    #[test]
    fn what_is_wrong_is_named_and_secrets_are_not_quoted() {
        for (text, part) in [
            ("smpt.url = 'x'", "smpt.url is not a setting"),
            ("listen = 'everywhere'", "listen must be addresses"),
            ("api.introspection = 'yes'", "api.introspection must be true or false"),
            ("limits.tenant_rate = 0", "limits.tenant_rate"),
            ("limits.tenant_rate = 'many'", "limits.tenant_rate must be"),
            ("limits.tenants = 1", "limits.tenants"),
            ("smtp.from = 1.5", "smtp.from must be text"),
        ] {
            let error = file(text).unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
        let error = file("database_url = 'postgres://u:hunter2@h/d\n").unwrap_err().to_string();
        assert!(error.contains("line 1") && !error.contains("hunter2"), "{error}");
    }

    #[test]
    fn a_file_that_was_named_must_be_there() {
        let sources = Sources { file: Some("/nonexistent/postern.toml".into()), environment: BTreeMap::new() };
        assert!(load(&sources).is_err());
    }

    #[test]
    fn secrets_do_not_print() {
        let config = with(&[("POSTERN_DATABASE_URL", "postgres://u:hunter2@h/d")]).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
