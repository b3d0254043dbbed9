//! Who looks, and therefore what there is to be seen.

/// Which articles a read can see at all. Every read has one; only a token or a preview link gives
/// another than [`Sight::Public`].
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Sight {
    /// What is published.
    #[default]
    Public,
    /// What is published, and the one article of this id, whatever its status.
    Preview(String),
    /// Articles of every status: the editors' desk.
    Desk,
}
