//! A database in MaxMind's format, open.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use chrono::DateTime;
use core_kernel::Timestamp;
use maxminddb::{LookupResult, MaxMindDbError, Reader};
use serde::de::IgnoredAny;

use crate::private_copy::Bytes;
use crate::record::Record;

/// How many networks of its beginning a database is tried on.
const FIRST_NETWORKS: usize = 64;

/// An open database, tried on a few addresses.
pub(crate) struct Database(Reader<Bytes>);

impl Database {
    /// Opens it. The description of the format stands at a file's end, so that one that is not all
    /// there is refused here.
    ///
    /// # Errors
    /// When it is no such database, or a record that was tried cannot be read.
    pub(crate) fn open(bytes: Bytes) -> Result<Self, MaxMindDbError> {
        let database = Self(Reader::from_source(bytes)?);
        database.try_first_networks()?;
        database.try_all_over()?;
        Ok(database)
    }

    /// What it holds for an address; `None` too where that cannot be read.
    pub(crate) fn find(&self, address: IpAddr) -> Option<Record<'_>> {
        let found = self.look(address).ok()??;
        found.has_data().then(|| Record::new(found))
    }

    /// The maker's name for this kind of database, such as `GeoLite2-City`.
    pub(crate) fn database_type(&self) -> &str {
        &self.0.metadata().database_type
    }

    /// The maker's sentence about it, in English if there is one.
    pub(crate) fn description(&self) -> Option<&str> {
        let all = &self.0.metadata().description;
        all.get("en").or_else(|| all.values().next()).map(String::as_str)
    }

    pub(crate) fn built_at(&self) -> Option<Timestamp> {
        let seconds = i64::try_from(self.0.metadata().build_epoch).ok().filter(|seconds| *seconds > 0)?;
        DateTime::from_timestamp(seconds, 0)
    }

    /// The nodes of its tree: a measure of how much it holds.
    pub(crate) fn nodes(&self) -> u64 {
        self.0.metadata().node_count.into()
    }

    /// A file of IPv4 alone knows no IPv6 address, which is no fault.
    fn look(&self, address: IpAddr) -> Result<Option<LookupResult<'_, Bytes>>, MaxMindDbError> {
        if address.is_ipv6() && self.0.metadata().ip_version == 4 {
            return Ok(None);
        }
        self.0.lookup(address).map(Some)
    }

    fn try_first_networks(&self) -> Result<(), MaxMindDbError> {
        self.0.networks(Default::default())?.take(FIRST_NETWORKS).try_for_each(|found| decode_whole(&found?))
    }

    fn try_all_over(&self) -> Result<(), MaxMindDbError> {
        let v4 = (0..=255).map(|first| IpAddr::V4(Ipv4Addr::new(first, 1, 1, 1)));
        // 2000::/3, where all addresses are that anyone was given.
        let v6 = (0..=255).map(|step| IpAddr::V6(Ipv6Addr::new(0x2000 + step * 0x20, 1, 0, 0, 0, 0, 0, 1)));
        v4.chain(v6).try_for_each(|address| self.look(address)?.as_ref().map_or(Ok(()), decode_whole))
    }
}

/// Every record is a map.
fn decode_whole(found: &LookupResult<'_, Bytes>) -> Result<(), MaxMindDbError> {
    found.decode::<BTreeMap<&str, IgnoredAny>>().map(|_| ())
}
