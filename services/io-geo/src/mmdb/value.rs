//! Values of a record, and how the format writes them.

/// A value of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// UTF-8 text.
    Text(String),
    /// A number in eight bytes.
    Double(f64),
    /// A number in four bytes.
    Float(f32),
    /// A whole number, as the format has it in two bytes.
    U16(u16),
    /// The same in four.
    U32(u32),
    /// The same in eight.
    U64(u64),
    /// True or false.
    Flag(bool),
    /// Values by name.
    Map(Vec<(String, Value)>),
    /// Values in order.
    List(Vec<Value>),
}

impl Value {
    /// A map, of names and values.
    pub fn map<const N: usize>(entries: [(&str, Self); N]) -> Self {
        Self::Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// Appends the value as the format writes it: type and size, then the content.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Text(text) => put(out, 2, text.as_bytes()),
            Self::Double(number) => put(out, 3, &number.to_be_bytes()),
            Self::Float(number) => put(out, 15, &number.to_be_bytes()),
            Self::U16(number) => put(out, 5, without_leading_zeros(&number.to_be_bytes())),
            Self::U32(number) => put(out, 6, without_leading_zeros(&number.to_be_bytes())),
            Self::U64(number) => put(out, 9, without_leading_zeros(&number.to_be_bytes())),
            // The size is the value.
            Self::Flag(flag) => head(out, 14, usize::from(*flag)),
            Self::Map(entries) => {
                head(out, 7, entries.len());
                for (name, value) in entries {
                    put(out, 2, name.as_bytes());
                    value.write(out);
                }
            }
            Self::List(values) => {
                head(out, 11, values.len());
                values.iter().for_each(|value| value.write(out));
            }
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

fn put(out: &mut Vec<u8>, kind: u8, content: &[u8]) {
    head(out, kind, content.len());
    out.extend(content);
}

/// Type and size: three bits and five, types from 8 on in a second byte, sizes from 29 on in further
/// ones.
fn head(out: &mut Vec<u8>, kind: u8, size: usize) {
    let (short, more) = split_size(size);
    if kind <= 7 {
        out.push(kind << 5 | short);
    } else {
        out.extend([short, kind - 7]);
    }
    out.extend(more);
}

fn split_size(size: usize) -> (u8, Vec<u8>) {
    let (short, rest, bytes) = match size {
        0..29 => return (u8::try_from(size).unwrap_or_default(), Vec::new()),
        29..285 => (29, size - 29, 1),
        285..65_821 => (30, size - 285, 2),
        _ => (31, size - 65_821, 3),
    };
    let all = rest.to_be_bytes();
    (short, all[all.len() - bytes..].to_vec())
}

fn without_leading_zeros(bytes: &[u8]) -> &[u8] {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    &bytes[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &Value) -> Vec<u8> {
        let mut out = Vec::new();
        value.write(&mut out);
        out
    }

    /// Examples worked by hand from the specification's "Data Field Format".
    #[test]
    fn values_are_written_as_the_format_says() {
        for (value, bytes) in [
            ("Foo".into(), b"\x43Foo".to_vec()),
            (Value::U16(0), b"\xa0".to_vec()),
            (Value::U32(64_500), b"\xc2\xfb\xf4".to_vec()),
            (Value::U64(1), b"\x01\x02\x01".to_vec()),
            (Value::Flag(true), b"\x01\x07".to_vec()),
            (Value::Flag(false), b"\x00\x07".to_vec()),
            (Value::Double(1.0), b"\x68\x3f\xf0\0\0\0\0\0\0".to_vec()),
            (Value::Float(1.0), b"\x04\x08\x3f\x80\0\0".to_vec()),
            (Value::List(vec!["a".into()]), b"\x01\x04\x41a".to_vec()),
            (Value::map([("k", "v".into())]), b"\xe1\x41k\x41v".to_vec()),
        ] {
            assert_eq!(written(&value), bytes, "{value:?}");
        }
    }

    #[test]
    fn sizes_grow_in_steps() {
        for (size, head) in [
            (28, b"\x5c".to_vec()),
            (29, b"\x5d\x00".to_vec()),
            (284, b"\x5d\xff".to_vec()),
            (285, b"\x5e\x00\x00".to_vec()),
            (65_820, b"\x5e\xff\xff".to_vec()),
            (65_821, b"\x5f\x00\x00\x00".to_vec()),
        ] {
            let bytes = written(&Value::Text("x".repeat(size)));
            assert_eq!((&bytes[..head.len()], bytes.len()), (head.as_slice(), head.len() + size));
        }
    }
}
