//! Content codings: which a client wants, and answers in them.

use std::io::Write;

use actix_web::http::header::HeaderValue;

/// Codings of an answer, in the order that we prefer them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Brotli,
    Zstd,
    Gzip,
    Identity,
}

impl Coding {
    pub(super) const ALL: [Self; 4] = [Self::Brotli, Self::Zstd, Self::Gzip, Self::Identity];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
            Self::Identity => "identity",
        }
    }

    /// Its name as a value of `Content-Encoding`.
    pub(super) fn value(self) -> HeaderValue {
        match self {
            Self::Brotli => const { HeaderValue::from_static("br") },
            Self::Zstd => const { HeaderValue::from_static("zstd") },
            Self::Gzip => const { HeaderValue::from_static("gzip") },
            Self::Identity => const { HeaderValue::from_static("identity") },
        }
    }

    /// What tells its entity tag from those of other codings.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "-br",
            Self::Zstd => "-zstd",
            Self::Gzip => "-gz",
            Self::Identity => "",
        }
    }

    /// What `Accept-Encoding` chooses as the common clients write it, without reading on.
    pub(super) fn of_common(line: &[u8]) -> Option<Self> {
        match line {
            b"gzip, deflate, br, zstd" | b"gzip, deflate, br" | b"gzip, br" | b"br" => {
                Some(Self::Brotli)
            }
            b"gzip" | b"gzip, deflate" | b"deflate, gzip" => Some(Self::Gzip),
            b"zstd" => Some(Self::Zstd),
            b"identity" => Some(Self::Identity),
            _ => None,
        }
    }

    /// The client's favourite by its lines of `Accept-Encoding`; among equals, ours (RFC 9110
    /// section 12.5.3).
    pub(super) fn choose<'a>(lines: impl Iterator<Item = &'a HeaderValue>) -> Self {
        let mut named: PerCoding<Option<f32>> = PerCoding::new(|_| None);
        let mut any = None;
        let lines = lines.filter_map(|line| line.to_str().ok());
        for field in lines.flat_map(|line| line.split(',')) {
            let mut parts = field.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default();
            let place = match Self::ALL
                .into_iter()
                .find(|coding| name.eq_ignore_ascii_case(coding.name()))
            {
                Some(coding) => named.of_mut(coding),
                None if name == "*" => &mut any,
                None => continue,
            };
            // What is said first counts.
            place.get_or_insert_with(|| {
                parts
                    .find_map(|part| part.strip_prefix("q="))
                    .map_or(1.0, |quality| quality.parse().unwrap_or(0.0))
            });
        }
        let quality = |coding: Self| match (*named.of(coding), any, coding) {
            (Some(quality), ..) | (None, Some(quality), _) => quality,
            // Always acceptable unless refused, but less than what was asked for.
            (None, None, Self::Identity) => 0.001,
            (None, None, _) => 0.0,
        };
        let mut best = Self::Identity;
        let mut most = 0.0;
        for coding in Self::ALL {
            if quality(coding) > most {
                (best, most) = (coding, quality(coding));
            }
        }
        best
    }

    /// The encoded body; `None` where it goes as it is. The bytes of a form are always the same:
    /// its entity tag is a strong one, whichever process made it, and whether it is kept or not.
    /// So the qualities are those that an answer which nobody asks for twice can bear.
    pub(super) fn encode(self, body: &[u8]) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let done = match self {
            Self::Identity => return None,
            Self::Brotli => {
                let mut writer = brotli::CompressorWriter::new(&mut out, 16_384, 5, 20);
                writer.write_all(body).and_then(|()| writer.flush())
            }
            Self::Zstd => zstd::bulk::compress(body, 3).map(|bytes| out = bytes),
            Self::Gzip => {
                let level = flate2::Compression::new(6);
                let mut writer = flate2::write::GzEncoder::new(&mut out, level);
                writer.write_all(body).and_then(|()| writer.try_finish())
            }
        };
        match done {
            Ok(()) => Some(out),
            // Memory is the only thing that can fail here.
            Err(cause) => {
                log::error!("an answer can't be encoded: {cause}");
                None
            }
        }
    }
}

/// One thing for each coding.
#[derive(Debug, Clone)]
pub(super) struct PerCoding<T> {
    brotli: T,
    zstd: T,
    gzip: T,
    identity: T,
}

impl<T> PerCoding<T> {
    pub(super) fn new(make: impl Fn(Coding) -> T) -> Self {
        Self {
            brotli: make(Coding::Brotli),
            zstd: make(Coding::Zstd),
            gzip: make(Coding::Gzip),
            identity: make(Coding::Identity),
        }
    }

    pub(super) fn of(&self, coding: Coding) -> &T {
        match coding {
            Coding::Brotli => &self.brotli,
            Coding::Zstd => &self.zstd,
            Coding::Gzip => &self.gzip,
            Coding::Identity => &self.identity,
        }
    }

    pub(super) fn of_mut(&mut self, coding: Coding) -> &mut T {
        match coding {
            Coding::Brotli => &mut self.brotli,
            Coding::Zstd => &mut self.zstd,
            Coding::Gzip => &mut self.gzip,
            Coding::Identity => &mut self.identity,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(lines: &[&'static str]) -> Coding {
        let lines = lines.iter().copied().map(HeaderValue::from_static);
        Coding::choose(lines.collect::<Vec<_>>().iter())
    }

    #[test]
    fn the_favourite_of_the_client_is_chosen() {
        let cases: [(&[&'static str], Coding); 12] = [
            (&["br, gzip, zstd"], Coding::Brotli),
            (&["gzip, zstd"], Coding::Zstd),
            (&["gzip", "zstd"], Coding::Zstd),
            (&["br;q=0.1, gzip;q=0.9"], Coding::Gzip),
            (&["br;q=0, *;q=0.5"], Coding::Zstd),
            (&["BR ; q=0.5, gzip;q=0.4, br"], Coding::Brotli),
            (&["*"], Coding::Brotli),
            (&["identity"], Coding::Identity),
            (&["br;q=0, identity"], Coding::Identity),
            (&["deflate"], Coding::Identity),
            (&[""], Coding::Identity),
            (&[], Coding::Identity),
        ];
        for (lines, expected) in cases {
            assert_eq!(chosen(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn what_common_clients_send_means_what_it_says() {
        for line in [
            "gzip, deflate, br, zstd",
            "gzip, deflate, br",
            "gzip, br",
            "br",
            "gzip",
            "gzip, deflate",
            "deflate, gzip",
            "zstd",
            "identity",
        ] {
            assert_eq!(Coding::of_common(line.as_bytes()), Some(chosen(&[line])));
        }
        assert_eq!(Coding::of_common(b"br;q=0"), None);
    }
}
