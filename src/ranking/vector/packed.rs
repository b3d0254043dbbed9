//! Numbers and texts in few bytes.

/// Writes a number in as many bytes as it needs, seven bits each.
pub(in crate::ranking) fn push_varint(bytes: &mut Vec<u8>, mut number: u64) {
    loop {
        let low = number.to_le_bytes().first().copied().unwrap_or_default() & 0x7f;
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

/// Writes bytes after their length.
pub(in crate::ranking) fn push_bytes(bytes: &mut Vec<u8>, part: &[u8]) {
    push_varint(bytes, part.len() as u64);
    bytes.extend_from_slice(part);
}

/// Bytes that are read from the front. Whatever cannot be read gives nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(in crate::ranking) struct Taken<'a>(&'a [u8]);

impl<'a> Taken<'a> {
    pub(in crate::ranking) fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(in crate::ranking) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes are left: no list has more parts than that.
    pub(in crate::ranking) fn len(self) -> usize {
        self.0.len()
    }

    pub(in crate::ranking) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(in crate::ranking) fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let low = u64::from(byte & 0x7f);
            if low << shift >> shift != low {
                return None;
            }
            number |= low << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub(in crate::ranking) fn varint32(&mut self) -> Option<u32> {
        self.varint()?.try_into().ok()
    }

    pub(in crate::ranking) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.varint()?).ok()?;
        let (part, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(part)
    }

    pub(in crate::ranking) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn numbers_and_texts_come_back(numbers in prop::collection::vec(any::<u64>(), 0..9), text in "\\PC{0,20}") {
            let mut bytes = Vec::new();
            for number in &numbers {
                push_varint(&mut bytes, *number);
            }
            push_bytes(&mut bytes, text.as_bytes());
            let mut taken = Taken::of(&bytes);
            for number in numbers {
                prop_assert_eq!(taken.varint(), Some(number));
            }
            prop_assert_eq!(taken.text(), Some(text.as_str()));
            prop_assert!(taken.is_empty());
        }
    }

    #[test]
    fn what_is_too_great_is_refused() {
        assert_eq!(Taken::of(&[0xff; 9]).varint(), None);
        assert_eq!(Taken::of(&[0xff; 12]).varint(), None);
        assert_eq!(Taken::of(&[5, b'a']).text(), None);
    }
}
