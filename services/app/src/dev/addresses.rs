//! Where addresses are, for `dev`: without databases of the operator's, those of the demo.

use std::path::Path;

use anyhow::Context as _;
use core_kernel::{Clock as _, SystemClock};

use crate::config::Config;

/// Names the demo's databases in the configuration, unless it names any.
pub(super) fn ensure(config: &mut Config, folder: &Path) -> anyhow::Result<()> {
    if [&config.geoip_city, &config.geoip_asn, &config.geoip_anonymizer].iter().any(|paths| !paths.is_empty()) {
        return Ok(());
    }
    let folder = folder.join("demo-addresses");
    let files = io_geo::demo::write(&folder, SystemClock.now()).with_context(|| folder.display().to_string())?;
    config.geoip_city = files.city;
    config.geoip_asn = files.asn;
    config.geoip_anonymizer = files.anonymizer;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Sources, load};

    fn ensured(environment: &[(&str, &str)]) -> Config {
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut config = load(&Sources { file: None, environment }).unwrap();
        let name = format!("postern-addresses-{}-{}", std::process::id(), config.geoip_asn.len());
        let folder = std::env::temp_dir().join(name);
        ensure(&mut config, &folder).unwrap();
        let atlas = crate::wiring::open_atlas(&config, std::sync::Arc::new(SystemClock));
        assert!(
            atlas.status().iter().all(|status| status.loaded().is_some() || status.path.starts_with("/nonexistent"))
        );
        let _none = std::fs::remove_dir_all(folder);
        config
    }

    #[test]
    fn the_demos_files_stand_in_where_none_is_named() {
        let config = ensured(&[]);
        assert_eq!((config.geoip_city.len(), config.geoip_asn.len(), config.geoip_anonymizer.len()), (1, 1, 1));
    }

    #[test]
    fn one_file_of_the_operators_keeps_the_demo_out() {
        let config = ensured(&[("POSTERN_GEOIP_ASN", "/nonexistent/asn.mmdb")]);
        assert!(config.geoip_city.is_empty() && config.geoip_anonymizer.is_empty());
    }
}
