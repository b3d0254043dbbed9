//! Who calls, and what they may do.

/// One thing that a token allows. No scope implies another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// See drafts and what is scheduled.
    ReadDrafts,
    /// Make, change and remove content.
    Write,
    /// Make content public, and take it back.
    Publish,
    /// Everything about the service itself, such as revoking tokens.
    Admin,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Self; 4] = [Self::ReadDrafts, Self::Write, Self::Publish, Self::Admin];

    /// As tokens have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadDrafts => "content:read_drafts",
            Self::Write => "content:write",
            Self::Publish => "content:publish",
            Self::Admin => "content:admin",
        }
    }

    /// Reads what `as_str` gives.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text)
    }
}

/// The bearer of a token that was found right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Whom the token was made for: its `sub`.
    pub subject: String,
    /// What it allows, each once.
    pub scopes: Vec<Scope>,
    /// The token's own name, its `jti`, by which it can be revoked.
    pub token_id: Option<String>,
}

impl Caller {
    /// Whether the token names this very scope.
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }
}

/// The most characters of a token's id.
const MAX_TOKEN_ID: usize = 200;

/// Whether a text may be a token's id (`jti`): 1 to 200 characters, and no control among them.
pub fn is_token_id(text: &str) -> bool {
    (1..=MAX_TOKEN_ID).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_as_they_are_written() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.as_str()), Some(scope));
        }
        assert_eq!(Scope::parse("content:Write"), None);
    }

    #[test]
    fn no_scope_implies_another() {
        for held in Scope::ALL {
            let caller = Caller {
                subject: "ann".to_owned(),
                scopes: vec![held],
                token_id: None,
            };
            for asked in Scope::ALL {
                assert_eq!(caller.may(asked), held == asked);
            }
        }
    }
}
