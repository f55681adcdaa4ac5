//! What a label may say.

use std::borrow::Cow;
use std::fmt;

use prometheus_client::encoding::{
    EncodeLabel as _, EncodeLabelSet, EncodeLabelValue, LabelSetEncoder, LabelValueEncoder,
};

/// A label's value, of a vocabulary that the code fixes: a text of the source, or a name that the schema
/// or the router has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Word(Cow<'static, str>);

impl Word {
    /// A name that the schema or the router fixed when the process began; never what a client wrote.
    #[must_use]
    pub fn fixed_at_start(name: &str) -> Self {
        Self(Cow::Owned(name.to_owned()))
    }
}

impl From<&'static str> for Word {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl EncodeLabelValue for Word {
    fn encode(&self, encoder: &mut LabelValueEncoder) -> Result<(), fmt::Error> {
        self.0.as_ref().encode(encoder)
    }
}

/// The labels of one series. The names are those of its family, and only the values tell it from others.
#[derive(Debug, Clone)]
pub(crate) struct Labels<const N: usize> {
    pub(crate) names: [&'static str; N],
    pub(crate) values: [Word; N],
}

impl<const N: usize> PartialEq for Labels<N> {
    fn eq(&self, other: &Self) -> bool {
        self.values == other.values
    }
}

impl<const N: usize> Eq for Labels<N> {}

impl<const N: usize> std::hash::Hash for Labels<N> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.values.hash(state);
    }
}

impl<const N: usize> EncodeLabelSet for Labels<N> {
    fn encode(&self, encoder: &mut LabelSetEncoder) -> Result<(), fmt::Error> {
        self.names
            .iter()
            .zip(&self.values)
            .try_for_each(|(name, value)| (*name, value.clone()).encode(encoder.encode_label()))
    }
}
