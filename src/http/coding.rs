//! Content codings: which a client wants, and answers in them.

use std::io::Write;

use actix_web::{HttpRequest, http::header};

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

    /// What tells its entity tag from those of other codings.
    pub(super) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "-br",
            Self::Zstd => "-zstd",
            Self::Gzip => "-gz",
            Self::Identity => "",
        }
    }

    /// The client's favourite; among equals, ours (RFC 9110 section 12.5.3).
    pub(super) fn choose(request: &HttpRequest) -> Self {
        let fields: Vec<(String, f32)> = request
            .headers()
            .get_all(header::ACCEPT_ENCODING)
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|field| {
                let mut parts = field.split(';').map(str::trim);
                let name = parts.next().unwrap_or_default().to_ascii_lowercase();
                let quality = parts
                    .find_map(|part| part.strip_prefix("q="))
                    .map_or(1.0, |quality| quality.parse().unwrap_or(0.0));
                (name, quality)
            })
            .collect();
        let quality = |coding: Self| {
            let named = |wanted: &str| fields.iter().find(|(name, _)| name == wanted);
            match (named(coding.name()), named("*"), coding) {
                (Some((_, quality)), ..) => *quality,
                (None, Some((_, quality)), _) => *quality,
                // Always acceptable unless refused, but less than what was asked for.
                (None, None, Self::Identity) => 0.001,
                (None, None, _) => 0.0,
            }
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

    /// The encoded body; `None` where it goes as it is.
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
