//! Blocks: some hundred whole rows of a file, one behind the other, as they are sealed and stored.
//!
//! A row is `line (4 bytes) ‖ form (1) ‖ length (4) ‖ bytes`, big-endian.

use core_crypto::{DataKey, OpenError, SealContext};
use core_kernel::{Entropy, Fault, ImportId, TenantId};
use svc_platform::place;
use uuid::Uuid;

use crate::csv::{Row, RowForm};

/// A block is closed once it is as long as this.
pub(crate) const BLOCK_BYTES: usize = 64 << 10;

const FORMS: [RowForm; 4] = [RowForm::Good, RowForm::TooLong, RowForm::OpenQuote, RowForm::AfterQuote];

/// Puts a row behind the others.
pub(crate) fn append(block: &mut Vec<u8>, row: &Row<'_>) {
    let form = FORMS.iter().position(|form| *form == row.form).and_then(|form| u8::try_from(form).ok());
    block.extend_from_slice(&row.line.to_be_bytes());
    block.push(form.unwrap_or_default());
    block.extend_from_slice(&u32::try_from(row.bytes.len()).unwrap_or_default().to_be_bytes());
    block.extend_from_slice(row.bytes);
}

/// The rows of a block.
///
/// # Errors
/// INTERNAL where it is none: it was opened, so that we wrote it.
pub(crate) fn rows(block: &[u8]) -> Result<Vec<Row<'_>>, Fault> {
    let mut rows = Vec::with_capacity(block.len() / 64);
    let mut rest = block;
    while !rest.is_empty() {
        let (row, after) = read(rest).ok_or_else(|| Fault::internal("a block of an import cannot be read"))?;
        rows.push(row);
        rest = after;
    }
    Ok(rows)
}

fn read(block: &[u8]) -> Option<(Row<'_>, &[u8])> {
    let (line, rest) = block.split_first_chunk()?;
    let (form, rest) = rest.split_first()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (bytes, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
    let form = *FORMS.get(usize::from(*form))?;
    Some((Row { line: u32::from_be_bytes(*line), bytes, form }, rest))
}

/// Where a block of an import is sealed.
fn block_place(tenant: TenantId, import: ImportId, number: i32) -> SealContext {
    place(tenant, "import_block", numbered(import, number), "sealed")
}

/// Where a refused row is sealed.
fn refusal_place(tenant: TenantId, import: ImportId, line: i32) -> SealContext {
    place(tenant, "import_refusal", numbered(import, line), "sealed")
}

/// A row's identifier, where its key is an import and a number.
fn numbered(import: ImportId, number: i32) -> Uuid {
    Uuid::from_u128(import.0.as_u128() ^ u128::from(number.unsigned_abs()))
}

pub(crate) fn seal_block(key: &DataKey, import: ImportId, number: i32, block: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    key.seal(&block_place(key.tenant(), import, number), block, entropy)
}

pub(crate) fn open_block(key: &DataKey, import: ImportId, number: i32, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    Ok(key.open(&block_place(key.tenant(), import, number), sealed)?.to_vec())
}

pub(crate) fn seal_refused(key: &DataKey, import: ImportId, line: i32, row: &[u8], entropy: &dyn Entropy) -> Vec<u8> {
    key.seal(&refusal_place(key.tenant(), import, line), row, entropy)
}

pub(crate) fn open_refused(key: &DataKey, import: ImportId, line: i32, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    Ok(key.open(&refusal_place(key.tenant(), import, line), sealed)?.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;
    use core_kernel::SeededEntropy;

    #[test]
    fn rows_are_read_as_they_were_put() {
        let put: Vec<Row<'_>> = FORMS
            .into_iter()
            .zip(7..)
            .map(|(form, line)| Row { line, bytes: &b"a,\"b\nc\""[..line as usize - 6], form })
            .collect();
        let mut block = Vec::new();
        put.iter().for_each(|row| append(&mut block, row));
        assert_eq!(rows(&block).unwrap(), put);
        assert!(rows(&[]).unwrap().is_empty());
    }

    #[test]
    fn what_is_no_block_is_not_read() {
        let mut block = Vec::new();
        append(&mut block, &Row { line: 1, bytes: b"abc", form: RowForm::Good });
        for end in 1..block.len() {
            assert!(rows(&block[..end]).is_err(), "{end}");
        }
        block[4] = 9;
        assert!(rows(&block).is_err(), "a form that is none");
    }

    #[test]
    fn a_block_opens_in_its_place_alone() {
        let entropy = SeededEntropy::new(1);
        let (tenant, import) = (TenantId(Uuid::from_u128(1)), ImportId(Uuid::from_u128(0xABCD << 64)));
        let key = DataKey::generate(tenant, 1, &entropy);
        let sealed = seal_block(&key, import, 3, b"rows", &entropy);
        assert!(!sealed.windows(4).any(|window| window == b"rows"));
        assert_eq!(open_block(&key, import, 3, &sealed).unwrap(), b"rows");
        assert!(open_block(&key, import, 4, &sealed).is_err());
        assert!(open_block(&key, ImportId(Uuid::from_u128(9)), 3, &sealed).is_err());
        assert!(open_refused(&key, import, 3, &sealed).is_err());
    }
}
