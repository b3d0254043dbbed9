//! Keys that tokens are checked with. Each has one algorithm, which is found from the key itself.

use std::{
    collections::HashMap,
    fmt,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, Jwk},
};
use zeroize::Zeroizing;

use super::jwks;
use crate::model::secret::SecretText;

/// Bytes of a secret at least: those of the hash (RFC 7518 section 3.2).
pub(super) const MIN_SECRET: usize = 32;

/// Bytes of a file of keys at most.
const MAX_FILE: u64 = 1 << 20;

/// The bytes of a public key (RFC 5280) before those of its point: P-256 with both coordinates.
const P256_PREFIX: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// The same of Ed25519 (RFC 8410 section 4).
const ED25519_PREFIX: &[u8] = &[
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

/// A secret that is long enough. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(SecretText);

impl Secret {
    /// Takes a secret of at least 32 bytes.
    pub fn new(text: impl Into<SecretText>) -> Result<Self, String> {
        let text = text.into();
        let length = text.reveal().len();
        match length < MIN_SECRET {
            true => Err(format!(
                "a secret must have at least {MIN_SECRET} bytes, and this one has {length}"
            )),
            false => Ok(Self(text)),
        }
    }

    /// The secret itself, to sign and to check with.
    pub fn bytes(&self) -> &[u8] {
        self.0.reveal().as_bytes()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Where the keys come from.
#[derive(Debug, Clone)]
pub enum KeySource {
    /// A secret that is shared with whoever signs.
    Secret {
        /// The secret.
        secret: Secret,
        /// The `kid` that tokens may have.
        key_id: Option<String>,
    },
    /// A PEM file with one public key.
    PublicKeyFile(PathBuf),
    /// A JSON file with a set of keys (RFC 7517 section 5).
    JwksFile(PathBuf),
}

impl KeySource {
    /// The file, if there is one.
    pub(super) fn file(&self) -> Option<&Path> {
        match self {
            Self::Secret { .. } => None,
            Self::PublicKeyFile(path) | Self::JwksFile(path) => Some(path),
        }
    }
}

/// An algorithm that is supported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Hs256,
    Rs256,
    Es256,
    EdDsa,
}

impl Kind {
    /// As the library has it.
    pub(super) fn algorithm(self) -> Algorithm {
        match self {
            Self::Hs256 => Algorithm::HS256,
            Self::Rs256 => Algorithm::RS256,
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }

    /// As `alg` of a token has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// A key and its one algorithm.
pub(super) struct Key {
    pub(super) kind: Kind,
    pub(super) decoding: DecodingKey,
}

impl Key {
    /// A secret.
    pub(super) fn hmac(secret: &[u8]) -> Result<Self, String> {
        if secret.len() < MIN_SECRET {
            return Err(format!("is a secret of less than {MIN_SECRET} bytes"));
        }
        Ok(Self {
            kind: Kind::Hs256,
            decoding: DecodingKey::from_secret(secret),
        })
    }

    /// An RSA key of 2048 to 8192 bits, which is what the library can check with.
    pub(super) fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, String> {
        let modulus = without_zeros(modulus);
        let exponent = without_zeros(exponent);
        let spare = modulus.first().map_or(0, |byte| byte.leading_zeros());
        let bits = (modulus.len() * 8).saturating_sub(spare as usize);
        if !(2048..=8192).contains(&bits) {
            return Err(format!("is an RSA key of {bits} bits, not 2048 to 8192"));
        }
        let is_odd = exponent.last().is_some_and(|byte| byte % 2 == 1);
        if !is_odd || exponent.len() > 4 || exponent == [1] {
            return Err("is an RSA key with a wrong exponent".to_owned());
        }
        Ok(Self {
            kind: Kind::Rs256,
            decoding: DecodingKey::from_rsa_raw_components(modulus, exponent),
        })
    }

    /// A point of P-256 with both coordinates.
    pub(super) fn p256(point: &[u8]) -> Result<Self, String> {
        if point.len() != 65 || point.first() != Some(&4) {
            return Err("is no point of P-256 with both coordinates".to_owned());
        }
        Ok(Self {
            kind: Kind::Es256,
            decoding: DecodingKey::from_ec_der(point),
        })
    }

    /// A public key of Ed25519.
    pub(super) fn ed25519(public: &[u8]) -> Result<Self, String> {
        if public.len() != 32 {
            return Err("is no Ed25519 key of 32 bytes".to_owned());
        }
        Ok(Self {
            kind: Kind::EdDsa,
            decoding: DecodingKey::from_ed_der(public),
        })
    }

    /// The public key of a PEM file.
    fn of_pem(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| "is not PEM text".to_owned())?;
        if text.contains("PRIVATE KEY") {
            return Err("holds a private key; only the public one belongs here".to_owned());
        }
        if text.matches("-----BEGIN ").count() != 1 {
            return Err("must hold exactly one PEM block".to_owned());
        }
        if text.contains("-----BEGIN RSA PUBLIC KEY-----") {
            return Self::rsa_pem(bytes);
        }
        let der = public_key_der(text)
            .ok_or_else(|| "holds no readable PEM block named PUBLIC KEY".to_owned())?;
        if let Some(public) = der.strip_prefix(ED25519_PREFIX) {
            return Self::ed25519(public);
        }
        if let Some(point) = der.strip_prefix(P256_PREFIX) {
            return Self::p256(point);
        }
        Self::rsa_pem(bytes)
    }

    fn rsa_pem(bytes: &[u8]) -> Result<Self, String> {
        let wrong = || "holds no public key of RSA, P-256 or Ed25519".to_owned();
        let key = DecodingKey::from_rsa_pem(bytes).map_err(|_| wrong())?;
        let jwk = Jwk::from_decoding_key(&key, None).map_err(|_| wrong())?;
        let AlgorithmParameters::RSA(numbers) = jwk.algorithm else {
            return Err(wrong());
        };
        let read = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| wrong());
        Self::rsa(&read(&numbers.n)?, &read(&numbers.e)?)
    }
}

fn without_zeros(mut number: &[u8]) -> &[u8] {
    while let Some((0, rest)) = number.split_first() {
        number = rest;
    }
    number
}

fn public_key_der(text: &str) -> Option<Vec<u8>> {
    let (_, rest) = text.split_once("-----BEGIN PUBLIC KEY-----")?;
    let (body, _) = rest.split_once("-----END PUBLIC KEY-----")?;
    let body: String = body.split_ascii_whitespace().collect();
    STANDARD.decode(body).ok()
}

/// All keys that are valid at one time.
pub(super) struct KeySet {
    by_id: HashMap<String, Key>,
    unnamed: Option<Key>,
    described: String,
}

impl KeySet {
    /// Reads the keys now.
    pub(super) fn load(source: &KeySource) -> Result<Self, String> {
        match source {
            KeySource::Secret { secret, key_id } => {
                let key = Key::hmac(secret.bytes())?;
                let described = format!("{} with a secret", key.kind.name());
                Ok(Self::new([(key_id.clone(), key)], described))
            }
            KeySource::PublicKeyFile(path) => {
                let named = path.display();
                let key = Key::of_pem(&read_file(path)?);
                let key = key.map_err(|cause| format!("{named} {cause}"))?;
                let described = format!("{} with {named}", key.kind.name());
                Ok(Self::new([(None, key)], described))
            }
            KeySource::JwksFile(path) => {
                let named = path.display();
                let keys = jwks::read(&read_file(path)?);
                let keys = keys.map_err(|cause| format!("{named}: {cause}"))?;
                let plural = if keys.len() == 1 { "" } else { "s" };
                let described = format!("{} key{plural} of {named}", keys.len());
                Ok(Self::new(keys, described))
            }
        }
    }

    fn new(keys: impl IntoIterator<Item = (Option<String>, Key)>, described: String) -> Self {
        let mut set = Self {
            by_id: HashMap::new(),
            unnamed: None,
            described,
        };
        for (key_id, key) in keys {
            match key_id {
                Some(id) => drop(set.by_id.insert(id, key)),
                None => set.unnamed = Some(key),
            }
        }
        set
    }

    /// The key of this very name. A token without one is taken only where there is no choice.
    pub(super) fn find(&self, key_id: Option<&str>) -> Option<&Key> {
        if let Some(id) = key_id {
            return self.by_id.get(id);
        }
        let mut all = self.by_id.values().chain(&self.unnamed);
        all.next().filter(|_| all.next().is_none())
    }

    /// What there is, for the log.
    pub(super) fn describe(&self) -> &str {
        &self.described
    }
}

/// A file of keys, if it is one and not too large. There may be secrets in it.
fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let named = path.display();
    let failed = |cause: io::Error| format!("{named}: {cause}");
    // Looked at first: opening a pipe would wait for its writer.
    let facts = fs::metadata(path).map_err(failed)?;
    if !facts.is_file() {
        return Err(format!("{named} is not a file"));
    }
    // Memory that has to grow leaves what it held elsewhere.
    let length = usize::try_from(facts.len().min(MAX_FILE)).unwrap_or(0);
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + 1));
    let file = File::open(path).map_err(failed)?;
    let read = file.take(MAX_FILE + 1).read_to_end(&mut bytes);
    if read.map_err(failed)? as u64 > MAX_FILE {
        return Err(format!("{named} is larger than 1 MB"));
    }
    Ok(bytes)
}
