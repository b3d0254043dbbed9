//! Names that articles carry, as their JSON has them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::address::Site,
    model::{author::AuthorRef, category::CategoryRef, tag::TagRef},
};

/// A category as articles name it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = CategoryRef)]
pub(crate) struct CategoryOut {
    /// Id.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// Slug.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: String,
    /// As readers see it.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// Its page on the public site.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    url: String,
}

impl CategoryOut {
    pub(crate) fn new(category: CategoryRef, site: &Site) -> Self {
        Self {
            url: site.category(&category),
            id: category.id,
            slug: category.slug,
            name: category.name,
        }
    }
}

/// An author as articles name them.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AuthorRef)]
pub(crate) struct AuthorOut {
    /// Id.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// Slug.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: String,
    /// As the byline has it.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// Their page on the public site.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    url: String,
    /// URL of a portrait.
    #[schema(required, max_length = 2000, pattern = r"^https?://")]
    avatar: Option<String>,
}

impl AuthorOut {
    pub(crate) fn new(author: AuthorRef, site: &Site) -> Self {
        Self {
            url: site.author(&author),
            id: author.id,
            slug: author.slug,
            name: author.name,
            avatar: author.avatar,
        }
    }
}

/// A tag as articles name it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = TagRef)]
pub(crate) struct TagOut {
    /// Id.
    #[schema(format = "uuid", max_length = 36)]
    id: String,
    /// Slug.
    #[schema(max_length = 120, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: String,
    /// As readers see it.
    #[schema(max_length = 200, pattern = r"^[^\u0000]*$")]
    name: String,
    /// Its page on the public site.
    #[schema(max_length = 3000, pattern = r"^https?://")]
    url: String,
}

impl TagOut {
    pub(crate) fn new(tag: TagRef, site: &Site) -> Self {
        Self {
            url: site.tag(&tag),
            id: tag.id,
            slug: tag.slug,
            name: tag.name,
        }
    }
}
