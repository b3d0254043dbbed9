//! Tags: subjects.

use crate::{model::tag::TagRef, store::names::name_functions};

name_functions!(
    table: tags, join: article_tags, column: tag_pk, counts: rows::by_tag,
    kind: Kind::Tag, reference: TagRef, carried_by: rows::Carriers::Tag, may_vanish: true
);
