//! Text that nobody is to see: wiped from memory when it is no longer held, and shown nowhere.

use std::fmt;

use zeroize::Zeroizing;

/// A secret, of any length. Copies that others make of it, such as the system's of the environment
/// or a driver's of a password, are theirs.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(Zeroizing<String>);

impl SecretText {
    /// The text itself: for those alone who sign, check or connect with it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use zeroize::ZeroizeOnDrop;

    use super::*;

    #[test]
    fn it_is_wiped_when_it_is_let_go() {
        fn is_wiped(_: &impl ZeroizeOnDrop) {}
        is_wiped(&SecretText::from("hunter2".to_owned()).0);
    }

    #[test]
    fn it_is_shown_to_those_alone_who_ask_for_it() {
        let secret = SecretText::from("hunter2".to_owned());
        assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "… Some(…)");
        assert_eq!(secret.clone().reveal(), "hunter2");
    }
}
