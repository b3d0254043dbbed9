//! What a list depends on beside the articles that it shows: on what may come into it.

use crate::{
    model::{article::ArticleFilter, kind::Kind},
    store::{
        Reader,
        articles::rows::Filed,
        invalidation::{all_of, filed_in},
    },
};

/// Notes that any article may come into a list; and names decide too what passes its filter.
pub(super) fn on_all(reader: &mut Reader<'_>) {
    for kind in Kind::ALL {
        reader.depends_on(all_of(kind));
    }
}

/// Notes what may come into a list of this filter, whose articles are filed there. Where it names
/// categories, that is what lies in these, and where they lie. All else that a filter names only
/// leaves out some of that, by what an article is and carries, which is known of it as it changes;
/// but for the slugs of tags and authors.
pub(super) fn on(reader: &mut Reader<'_>, filter: &ArticleFilter, filed: &Filed) {
    let Filed::Within(pks) = filed else {
        return on_all(reader);
    };
    reader.depends_on(all_of(Kind::Category));
    if !filter.tag.is_empty() || !filter.exclude_tag.is_empty() {
        reader.depends_on(all_of(Kind::Tag));
    }
    if !filter.author.is_empty() || !filter.exclude_author.is_empty() {
        reader.depends_on(all_of(Kind::Author));
    }
    for pk in pks {
        reader.depends_on(filed_in(*pk));
    }
}
