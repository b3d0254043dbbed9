//! Turns a filter into conditions on the articles that may be seen.

use std::collections::HashSet;

use diesel::prelude::*;

use crate::{
    model::{
        article::{ArticleFilter, Status},
        sight::Sight,
        slug::Key,
        time::UtcTime,
    },
    store::{
        Reader,
        articles::rows::{self, Articles, Counted, Filed, columns as articles},
        categories,
        error::StoreError,
        schema::{article_authors, article_tags, authors, tags},
    },
};

/// Ids and slugs, parted.
fn split(keys: &[String]) -> (Vec<String>, Vec<String>) {
    let (mut ids, mut slugs) = (Vec::new(), Vec::new());
    for key in keys {
        match Key::new(key) {
            Key::Id(id) => ids.push(id),
            Key::Slug(slug) => slugs.push(slug),
        }
    }
    (ids, slugs)
}

/// Articles that may be seen and pass the filter but for its search, which [`crate::store::search`]
/// looks up. Costs one statement when it names categories, and none otherwise.
pub(in crate::store) fn filtered<'a>(
    reader: &mut Reader<'_>,
    filter: &ArticleFilter,
) -> Result<Articles<'a>, StoreError> {
    let wanted = Wanted::of(reader, filter)?;
    Ok(wanted.narrow(reader.articles()))
}

/// A filter, with the categories that it names looked up, and who looks.
pub(super) struct Wanted<'f> {
    filter: &'f ArticleFilter,
    /// Where its articles are filed.
    pub(super) filed: Filed,
    /// Statuses of the articles that may be seen and pass; `None` where that depends on more than
    /// the status.
    statuses: Option<Vec<Status>>,
}

impl<'f> Wanted<'f> {
    /// Looks up what the filter names.
    pub(super) fn of(
        reader: &mut Reader<'_>,
        filter: &'f ArticleFilter,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            filter,
            filed: filed(reader, filter)?,
            statuses: statuses(&reader.sight, filter),
        })
    }

    /// Whether it is plain to see that nothing passes.
    pub(super) fn is_empty(&self) -> bool {
        let no_status = self.statuses.as_ref().is_some_and(Vec::is_empty);
        no_status || matches!(&self.filed, Filed::Within(pks) if pks.is_empty())
    }

    /// Narrows what may be seen to what passes.
    pub(super) fn narrow<'a>(&self, visible: Articles<'a>) -> Articles<'a> {
        let filter = self.filter;
        let mut query = by_tags_and_authors(self.filed.narrow(visible), filter);
        if !filter.language.is_empty() {
            query = query.filter(articles::language.eq_any(filter.language.clone()));
        }
        if let Some(featured) = filter.featured {
            query = query.filter(articles::featured.eq(featured));
        }
        if let Some(after) = filter.published_after {
            query = query.filter(articles::sort_at.gt(after.millis()));
        }
        if let Some(before) = filter.published_before {
            query = query.filter(articles::sort_at.lt(before.millis()));
        }
        if !filter.ids.is_empty() {
            query = query.filter(articles::id.eq_any(filter.ids.clone()));
        }
        if !filter.slugs.is_empty() {
            query = query.filter(articles::slug.eq_any(filter.slugs.clone()));
        }
        match filter.status.as_slice() {
            [] => query,
            [status] => query.filter(articles::status.eq(status.as_str())),
            several => {
                let words: Vec<&str> = several.iter().map(|status| status.as_str()).collect();
                query.filter(articles::status.eq_any(words))
            }
        }
    }

    /// The statuses, where nothing else is asked for than those, categories and dates.
    pub(super) fn plain(&self) -> Option<&[Status]> {
        let rest = ArticleFilter {
            category: Vec::new(),
            exclude_category: Vec::new(),
            status: Vec::new(),
            published_after: None,
            published_before: None,
            ..self.filter.clone()
        };
        match rest == ArticleFilter::default() {
            true => self.statuses.as_deref(),
            false => None,
        }
    }

    /// The dates that it lets pass: from the first one to before the second.
    pub(super) fn dates(&self) -> (Option<i64>, Option<i64>) {
        let after = self.filter.published_after.map(UtcTime::millis);
        let before = self.filter.published_before.map(UtcTime::millis);
        (after.map(|after| after.saturating_add(1)), before)
    }

    /// The statuses, where counts are kept of what passes.
    fn counted(&self) -> Option<&[Status]> {
        match self.dates() {
            (None, None) => self.plain(),
            _ => None,
        }
    }

    /// The authors and the tags that it names, where nothing else is asked for than what is
    /// published of these.
    fn names(&self) -> Option<(&[String], &[String])> {
        let rest = ArticleFilter {
            tag: Vec::new(),
            author: Vec::new(),
            status: Vec::new(),
            ..self.filter.clone()
        };
        let is_published = matches!(self.statuses.as_deref(), Some([Status::Published]));
        match is_published && rest == ArticleFilter::default() {
            true => Some((self.filter.author.as_slice(), self.filter.tag.as_slice())),
            false => None,
        }
    }

    /// How many pass; one statement.
    pub(super) fn total(&self, reader: &mut Reader<'_>) -> Result<i64, StoreError> {
        if let Some(statuses) = self.counted() {
            return rows::kept_total(reader.connection, statuses, &self.filed);
        }
        match self.names() {
            Some(([author], [])) => rows::author_total(reader.connection, &Key::new(author)),
            Some(([], [tag])) => rows::tag_total(reader.connection, &Key::new(tag)),
            _ => Ok(self
                .narrow(reader.articles())
                .count()
                .get_result(reader.connection)?),
        }
    }

    /// How many pass by spans of dates, the earliest first; `None` where no counts are kept.
    pub(super) fn spans(
        &self,
        reader: &mut Reader<'_>,
    ) -> Result<Option<Vec<Counted>>, StoreError> {
        let Some(statuses) = self.counted() else {
            return Ok(None);
        };
        rows::kept_spans(reader.connection, statuses, &self.filed).map(Some)
    }
}

/// Where articles that pass are filed; one statement, where categories are named.
fn filed(reader: &mut Reader<'_>, filter: &ArticleFilter) -> Result<Filed, StoreError> {
    if filter.category.is_empty() && filter.exclude_category.is_empty() {
        return Ok(Filed::Anywhere);
    }
    let places = categories::Places::load(reader.connection)?;
    let outside = places.with_descendants(&filter.exclude_category);
    if !filter.category.is_empty() {
        let outside: HashSet<i64> = outside.into_iter().collect();
        let mut inside = places.with_descendants(&filter.category);
        inside.retain(|pk| !outside.contains(pk));
        return Ok(Filed::Within(inside));
    }
    Ok(match outside.is_empty() {
        true => Filed::Anywhere,
        false => Filed::Outside(outside),
    })
}

/// Statuses of articles that may be seen and have one that is asked for.
fn statuses(sight: &Sight, filter: &ArticleFilter) -> Option<Vec<Status>> {
    let is_asked_for = |status: &Status| {
        let asked = &filter.status;
        asked.is_empty() || asked.contains(status)
    };
    let seen: &[Status] = match sight {
        Sight::Public => &[Status::Published],
        Sight::Desk => &Status::ALL,
        // And one article of whatever status.
        Sight::Preview(_) => return None,
    };
    Some(seen.iter().copied().filter(is_asked_for).collect())
}

fn by_tags_and_authors<'a>(mut query: Articles<'a>, filter: &ArticleFilter) -> Articles<'a> {
    let tagged = |keys: &[String]| {
        let (ids, slugs) = split(keys);
        article_tags::table
            .inner_join(tags::table)
            .filter(tags::id.eq_any(ids).or(tags::slug.eq_any(slugs)))
            .select(article_tags::article_pk)
    };
    let written = |keys: &[String]| {
        let (ids, slugs) = split(keys);
        article_authors::table
            .inner_join(authors::table)
            .filter(authors::id.eq_any(ids).or(authors::slug.eq_any(slugs)))
            .select(article_authors::article_pk)
    };
    if !filter.tag.is_empty() {
        query = query.filter(articles::pk.eq_any(tagged(&filter.tag)));
    }
    if !filter.exclude_tag.is_empty() {
        query = query.filter(articles::pk.ne_all(tagged(&filter.exclude_tag)));
    }
    if !filter.author.is_empty() {
        query = query.filter(articles::pk.eq_any(written(&filter.author)));
    }
    if !filter.exclude_author.is_empty() {
        query = query.filter(articles::pk.ne_all(written(&filter.exclude_author)));
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_see_what_is_published_whatever_they_ask_for() {
        let asking = |status: &[Status]| ArticleFilter {
            status: status.to_vec(),
            ..ArticleFilter::default()
        };
        let published = Some(vec![Status::Published]);
        assert_eq!(statuses(&Sight::Public, &asking(&[])), published);
        let drafts = asking(&[Status::Draft]);
        assert_eq!(statuses(&Sight::Public, &drafts), Some(Vec::new()));
        assert_eq!(statuses(&Sight::Desk, &drafts), Some(vec![Status::Draft]));
        let all = Some(Status::ALL.to_vec());
        assert_eq!(statuses(&Sight::Desk, &asking(&[])), all);
        let preview = Sight::Preview("an id".to_owned());
        assert_eq!(statuses(&preview, &asking(&[])), None);
    }

    #[test]
    fn names_are_alone_where_nothing_else_is_asked_for() {
        let are_alone = |sight: &Sight, filter: &ArticleFilter| {
            let wanted = Wanted {
                filter,
                filed: Filed::Anywhere,
                statuses: statuses(sight, filter),
            };
            wanted.names().is_some()
        };
        let by_one = ArticleFilter {
            author: vec!["ada-moe".to_owned()],
            ..ArticleFilter::default()
        };
        assert!(are_alone(&Sight::Public, &by_one));
        assert!(!are_alone(&Sight::Desk, &by_one));
        assert!(!are_alone(&Sight::Preview("an id".to_owned()), &by_one));
        let published = ArticleFilter {
            status: vec![Status::Published],
            ..by_one.clone()
        };
        assert!(are_alone(&Sight::Desk, &published));
        for more in [
            ArticleFilter {
                featured: Some(true),
                ..by_one.clone()
            },
            ArticleFilter {
                category: vec!["world".to_owned()],
                ..by_one.clone()
            },
            ArticleFilter {
                exclude_tag: vec!["trade".to_owned()],
                ..by_one
            },
        ] {
            assert!(!are_alone(&Sight::Public, &more), "{more:?}");
        }
    }
}
