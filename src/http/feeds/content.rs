//! What a feed holds: the newest articles, and of which thing they are.

use std::collections::BTreeSet;

use crate::{
    domain::{address::Site, relink::relink, syndication::Subject},
    model::{
        article::{Article, ArticleFilter, ArticleSort},
        author::AuthorRef,
        kind::Kind,
        name::Named,
        page::PageRequest,
        slug::Key,
        tag::TagRef,
    },
    store::{self, Found, Reader, StoreError},
};

/// What a feed can be about.
#[derive(Debug, Clone, Copy)]
pub(super) enum Of {
    Category,
    Author,
    Tag,
}

impl Of {
    pub(super) fn kind(self) -> Kind {
        match self {
            Self::Category => Kind::Category,
            Self::Author => Kind::Author,
            Self::Tag => Kind::Tag,
        }
    }

    /// The key of all such things.
    pub(super) fn list(self) -> &'static str {
        match self {
            Self::Category => "categories",
            Self::Author => "authors",
            Self::Tag => "tags",
        }
    }

    /// Where its feeds are.
    pub(super) fn folder(self) -> &'static str {
        match self {
            Self::Category => "/feeds/categories",
            Self::Author => "/feeds/authors",
            Self::Tag => "/feeds/tags",
        }
    }
}

/// What a feed holds.
pub(super) struct Content {
    pub(super) subject: Option<Subject>,
    pub(super) articles: Vec<Article>,
    /// Keys of what it depends on beside.
    pub(super) hidden: BTreeSet<String>,
}

/// The content of the feed of all articles, or of what a key names.
pub(super) fn content(
    reader: &mut Reader<'_>,
    site: &Site,
    asked: Option<(Of, Key)>,
    limit: i64,
) -> Result<Found<Content>, StoreError> {
    let mut filter = ArticleFilter::default();
    let subject = match asked {
        None => None,
        Some((of, key)) => match subject(reader, site, of, &key)? {
            Found::Here(subject) => {
                let only = vec![subject.id.clone()];
                match of {
                    Of::Category => filter.category = only,
                    Of::Author => filter.author = only,
                    Of::Tag => filter.tag = only,
                }
                Some(*subject)
            }
            Found::Moved(slug) => return Ok(Found::Moved(slug)),
            Found::Gone => return Ok(Found::Gone),
            Found::Never => return Ok(Found::Never),
        },
    };
    let request = PageRequest {
        limit,
        ..PageRequest::default()
    };
    let sort = ArticleSort::PublishedDescending;
    let page = store::articles::list(reader, &filter, sort, &request, true)?;
    let mut articles: Vec<Article> = page.items.into_iter().map(|(article, _)| article).collect();
    relink(reader, site, articles.iter_mut())?;
    Ok(Found::Here(Box::new(Content {
        subject,
        articles,
        hidden: reader.take_hidden_keys(),
    })))
}

/// What a key names, as a feed shows it.
fn subject(
    reader: &mut Reader<'_>,
    site: &Site,
    of: Of,
    key: &Key,
) -> Result<Found<Subject>, StoreError> {
    let of_name = |named: Named, url: String| Subject {
        id: named.id,
        slug: named.slug,
        name: named.name,
        description: named.description,
        url,
    };
    Ok(match of {
        Of::Category => store::categories::by_key(reader, key)?.map(|found| Subject {
            url: site.category(&found.category),
            id: found.category.id,
            slug: found.category.slug,
            name: found.category.name,
            description: found.description,
        }),
        Of::Author => store::authors::by_key(reader, key)?.map(|author| {
            let url = site.author(&AuthorRef::from(author.clone()));
            of_name(author, url)
        }),
        Of::Tag => store::tags::by_key(reader, key)?.map(|tag| {
            let url = site.tag(&TagRef::from(tag.clone()));
            of_name(tag, url)
        }),
    })
}
