//! A writer of MaxMind's database format, for the demo and the tests: small databases, made in memory.
//!
//! After the specification of the format, version 2.0
//! (<https://maxmind.github.io/MaxMind-DB/>): a binary tree over the bits of addresses, 16 zero bytes,
//! the records that its leaves point to, a marker, and a record about the file itself.
//!
//! ```
//! use io_geo::mmdb::{Value, Writer};
//! # use chrono::DateTime;
//! let mut writer = Writer::new("Example-City", DateTime::UNIX_EPOCH);
//! writer.insert("192.0.2.0/24".parse().unwrap(), &Value::map([("country_code", "US".into())]));
//! let file: Vec<u8> = writer.finish();
//! ```

mod value;

use core_kernel::Timestamp;
use ipnet::IpNet;

pub use value::Value;

const MARKER: &[u8] = b"\xab\xcd\xefMaxMind.com";
const SEPARATOR: [u8; 16] = [0; 16];
/// In IPv6's tree, IPv4 is the network ::/96.
const BITS_BEFORE_IPV4: usize = 96;

/// Builds a database.
#[derive(Debug, Clone)]
pub struct Writer {
    database_type: String,
    built_at: Timestamp,
    /// 4 or 6.
    ip_version: u16,
    /// The tree; the first node is its root.
    nodes: Vec<[Slot; 2]>,
    records: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Empty,
    Node(usize),
    /// Where its record begins.
    Record(usize),
}

impl Writer {
    /// An empty database for addresses of either kind.
    #[must_use]
    pub fn new(database_type: &str, built_at: Timestamp) -> Self {
        Self {
            database_type: database_type.to_owned(),
            built_at,
            ip_version: 6,
            nodes: vec![[Slot::Empty; 2]],
            records: Vec::new(),
        }
    }

    /// An empty database for IPv4 alone.
    #[must_use]
    pub fn of_ipv4(database_type: &str, built_at: Timestamp) -> Self {
        Self { ip_version: 4, ..Self::new(database_type, built_at) }
    }

    /// Puts a record at a network, and in place of all that was put within it before: insert wider
    /// networks first.
    ///
    /// # Panics
    /// For a network of IPv6 in a database of IPv4 alone, and for a whole address space.
    pub fn insert(&mut self, network: IpNet, record: &Value) {
        let path = self.path(network);
        let (last, before) = path.split_last().expect("a network is not a whole address space");
        let start = self.records.len();
        record.write(&mut self.records);
        let node = before.iter().fold(0, |node, bit| self.child(node, *bit));
        self.nodes[node][*last] = Slot::Record(start);
    }

    /// The turns from the root to a network.
    fn path(&self, network: IpNet) -> Vec<usize> {
        let length = usize::from(network.prefix_len());
        match (network, self.ip_version) {
            (IpNet::V4(v4), 4) => bits(&v4.network().octets(), length).collect(),
            (IpNet::V4(v4), _) => {
                std::iter::repeat_n(0, BITS_BEFORE_IPV4).chain(bits(&v4.network().octets(), length)).collect()
            }
            (IpNet::V6(v6), version) => {
                assert_eq!(version, 6, "this database is of IPv4 alone");
                bits(&v6.network().octets(), length).collect()
            }
        }
    }

    /// The node below, made where there was none; it inherits a wider network's record.
    fn child(&mut self, node: usize, bit: usize) -> usize {
        let slot = self.nodes[node][bit];
        if let Slot::Node(child) = slot {
            return child;
        }
        self.nodes.push([slot; 2]);
        let child = self.nodes.len() - 1;
        self.nodes[node][bit] = Slot::Node(child);
        child
    }

    /// The file's bytes.
    #[must_use]
    pub fn finish(&self) -> Vec<u8> {
        let mut file = Vec::new();
        for slot in self.nodes.iter().flatten() {
            file.extend(self.number_of(*slot).to_be_bytes());
        }
        file.extend(SEPARATOR);
        file.extend(&self.records);
        file.extend(MARKER);
        self.metadata().write(&mut file);
        file
    }

    /// A slot as the file has it: a node's number; the number of nodes for nothing; above, a record.
    fn number_of(&self, slot: Slot) -> u32 {
        let number = match slot {
            Slot::Empty => self.nodes.len(),
            Slot::Node(node) => node,
            Slot::Record(start) => self.nodes.len() + SEPARATOR.len() + start,
        };
        u32::try_from(number).expect("a small database")
    }

    fn metadata(&self) -> Value {
        let nodes = u32::try_from(self.nodes.len()).expect("a small database");
        Value::map([
            ("binary_format_major_version", Value::U16(2)),
            ("binary_format_minor_version", Value::U16(0)),
            ("build_epoch", Value::U64(self.built_at.timestamp().unsigned_abs())),
            ("database_type", self.database_type.as_str().into()),
            ("description", Value::map([("en", "Made by Postern".into())])),
            ("ip_version", Value::U16(self.ip_version)),
            ("languages", Value::List(vec!["en".into()])),
            ("node_count", Value::U32(nodes)),
            ("record_size", Value::U16(32)),
        ])
    }
}

/// The first bits of an address.
fn bits(octets: &[u8], length: usize) -> impl Iterator<Item = usize> {
    (0..length).map(|bit| usize::from(octets[bit / 8] >> (7 - bit % 8) & 1))
}
