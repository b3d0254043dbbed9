//! Authors: the names in bylines.

use crate::{model::author::AuthorRef, store::names::name_functions};

name_functions!(
    table: authors, join: article_authors, column: author_pk, counts: rows::by_author,
    kind: Kind::Author, reference: AuthorRef, carried_by: rows::Carriers::Author,
    // A byline is not taken off an article in passing.
    may_vanish: false, portrait: avatar
);
