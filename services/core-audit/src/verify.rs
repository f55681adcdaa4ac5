//! Proving an export.
//!
//! One pass, in memory that does not grow with the file but for numbers that are missing. Whatever was done
//! to a file, something is found; *which* name it gets is the likeliest story. After a finding the
//! chain is followed from what stands there, so that one change is told once.

use std::collections::BTreeMap;

use core_crypto::Jwks;
use core_kernel::{TenantId, Timestamp};

use crate::gaps::Gaps;
use crate::{Entry, Finding, Hash, Head, Line, Seal, Wrong, genesis};

/// Beyond this many findings they are counted and not kept.
pub const MOST_FINDINGS: usize = 1000;

/// What an erasure of a whole tenant writes last.
const ERASED: &str = "tenant.erased";

/// What came out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// Whose log it is, as signed heads say.
    pub tenant: Option<TenantId>,
    /// How many entries there are.
    pub entries: u64,
    /// The first entry's place.
    pub first: u64,
    /// The last entry's place.
    pub last: u64,
    /// The last entry's hash.
    pub hash: Option<Hash>,
    /// How many entries were erased.
    pub erased: u64,
    /// How many signed heads agree.
    pub heads: u64,
    /// When the head at the end was signed.
    pub ended_at: Option<Timestamp>,
    /// What is wrong, by line; nothing: the log is as it was written.
    pub findings: Vec<Finding>,
    /// How many more findings there were.
    pub not_shown: u64,
}

impl Report {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.findings.is_empty() && self.not_shown == 0
    }

    fn add(&mut self, line: u64, wrong: Wrong) {
        if self.findings.len() < MOST_FINDINGS {
            self.findings.push(Finding { line, wrong });
        } else {
            self.not_shown += 1;
        }
    }
}

/// Reads an export line by line.
pub struct Verifier<'a> {
    keys: &'a Jwks,
    /// Heads that were kept elsewhere, by where they end.
    kept: BTreeMap<u64, Vec<Head>>,
    line: u64,
    /// The entry with the highest number so far.
    last: Option<(u64, Hash)>,
    /// The first entry of a log's very beginning: what it covers is known with the tenant.
    beginning: Option<(u64, Entry, Seal)>,
    gaps: Gaps,
    blanked: Vec<(u64, u64)>,
    ended: bool,
    report: Report,
}

impl<'a> Verifier<'a> {
    /// A verifier that believes these keys, and heads that were kept elsewhere.
    #[must_use]
    pub fn new(keys: &'a Jwks, kept: Vec<Head>) -> Self {
        let mut by_end: BTreeMap<u64, Vec<Head>> = BTreeMap::new();
        for head in kept {
            by_end.entry(head.seq).or_default().push(head);
        }
        Self {
            keys,
            kept: by_end,
            line: 0,
            last: None,
            beginning: None,
            gaps: Gaps::default(),
            blanked: Vec::new(),
            ended: false,
            report: Report::default(),
        }
    }

    /// Reads the next line.
    pub fn read(&mut self, text: &str) {
        self.line += 1;
        self.ended = false;
        let parsed = Line::parse(text).and_then(|line| line.read().map(|read| (line, read)));
        let Ok((line, (entry, seal))) = parsed else { return self.found(Wrong::Unreadable) };
        self.report.entries += 1;
        self.judge_words(&entry, &seal);
        self.judge_place(&line, &entry, &seal);
        if let Some(token) = &line.head {
            self.judge_head(token, &seal);
        }
        for head in self.kept.remove(&seal.sequence).unwrap_or_default() {
            self.compare(&head, &seal);
        }
    }

    /// What came out, after the last line.
    #[must_use]
    pub fn finish(mut self) -> Report {
        self.judge_beginning();
        let (last, hash) = self.last.unzip();
        self.report.last = last.unwrap_or(0);
        self.report.hash = hash;
        for (from, to, line) in self.gaps.left() {
            self.report.add(line, Wrong::Deleted(from, to));
        }
        for (line, sequence) in std::mem::take(&mut self.blanked) {
            self.report.add(line, Wrong::Blanked(sequence));
        }
        let goes_on = self.kept.keys().next_back().is_some_and(|kept| *kept > self.report.last);
        if !self.ended || goes_on {
            self.found(Wrong::EndCut(self.report.last));
        }
        self.report.findings.sort_by_key(|finding| finding.line);
        self.report
    }

    fn found(&mut self, wrong: Wrong) {
        self.report.add(self.line, wrong);
    }

    /// What may be erased, against the commitment.
    fn judge_words(&mut self, entry: &Entry, seal: &Seal) {
        match &seal.salt {
            Some(salt) if entry.commitment(salt) != seal.commitment => self.found(Wrong::Edited(seal.sequence)),
            Some(_) => {}
            None if !entry.is_blank() => self.found(Wrong::Edited(seal.sequence)),
            None => {
                self.report.erased += 1;
                self.blanked.push((self.line, seal.sequence));
            }
        }
        // An erasure is told after all that it took away.
        if entry.action == ERASED {
            self.blanked.clear();
        }
    }

    fn judge_place(&mut self, line: &Line, entry: &Entry, seal: &Seal) {
        match self.last {
            None => self.begin(line, entry, seal),
            Some((last, previous)) if last.checked_add(1) == Some(seal.sequence) => {
                self.judge_link(entry, seal, &previous);
            }
            Some((last, _)) if seal.sequence > last => self.gaps.add(last + 1, seal.sequence - 1, self.line),
            Some(_) => {
                let wrong = match self.gaps.fill(seal.sequence) {
                    true => Wrong::Moved(seal.sequence),
                    false => Wrong::Inserted(seal.sequence),
                };
                return self.found(wrong);
            }
        }
        self.last = Some((seal.sequence, seal.hash));
    }

    fn judge_link(&mut self, entry: &Entry, seal: &Seal, previous: &Hash) {
        if entry.link(seal.sequence, previous, &seal.commitment) != seal.hash {
            self.found(Wrong::Edited(seal.sequence));
        }
    }

    fn begin(&mut self, line: &Line, entry: &Entry, seal: &Seal) {
        self.report.first = seal.sequence;
        match &line.checkpoint {
            Some(token) => match Head::verify(token, self.keys) {
                Ok(head) if head.seq.checked_add(1) == Some(seal.sequence) => {
                    self.name_tenant(&head);
                    self.judge_link(entry, seal, &head.hash().unwrap_or_default());
                }
                Ok(_) => self.found(Wrong::BeginningCut(seal.sequence)),
                Err(_) => self.found(Wrong::HeadForged(seal.sequence)),
            },
            None if seal.sequence == 1 => self.beginning = Some((self.line, entry.clone(), seal.clone())),
            None => self.found(Wrong::BeginningCut(seal.sequence)),
        }
    }

    /// The very first entry covers whose log it is.
    fn judge_beginning(&mut self) {
        let Some((line, entry, seal)) = self.beginning.take() else { return };
        let Some(tenant) = self.report.tenant else { return };
        if entry.link(seal.sequence, &genesis(tenant), &seal.commitment) != seal.hash {
            self.report.add(line, Wrong::Edited(seal.sequence));
        }
    }

    fn judge_head(&mut self, token: &str, seal: &Seal) {
        let Ok(head) = Head::verify(token, self.keys) else { return self.found(Wrong::HeadForged(seal.sequence)) };
        if head.seq != seal.sequence {
            return self.found(Wrong::Rewritten(seal.sequence));
        }
        if self.compare(&head, seal) && head.end {
            (self.ended, self.report.ended_at) = (true, head.at());
        }
    }

    fn compare(&mut self, head: &Head, seal: &Seal) -> bool {
        if !self.name_tenant(head) {
            self.found(Wrong::HeadOfAnother(seal.sequence));
            return false;
        }
        let agrees = head.hash() == Some(seal.hash);
        match agrees {
            true => self.report.heads += 1,
            false => self.found(Wrong::Rewritten(seal.sequence)),
        }
        agrees
    }

    /// Whether the head is of the log that the ones before are of.
    fn name_tenant(&mut self, head: &Head) -> bool {
        let Some(tenant) = head.tenant() else { return false };
        *self.report.tenant.get_or_insert(tenant) == tenant
    }
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
