//! What editors say of an article's related ones: pins, which come first, and exclusions.

use std::collections::HashMap;

use diesel::prelude::*;

use crate::{
    model::{article::Article, kind::Kind, stamp::Stamp},
    store::{
        Reader,
        among::{Numbers, among},
        articles::{self, rows},
        audit::{self, Deed},
        connection::{DbConnection, on_backend},
        error::StoreError,
        invalidation,
        related::keys,
        schema::{related_exclusions, related_pins},
    },
};

/// Rows that an editor named for each article, in order.
pub(super) type Named = HashMap<i64, Vec<i64>>;

/// Pins and exclusions differ in nothing but their table.
macro_rules! named_by_editors {
    ($table:ident, $set:ident, $get:ident, $what:literal) => {
        #[doc = concat!("Puts an article's ", $what, ", in order, in place of those it had.")]
        pub fn $set(
            connection: &mut DbConnection,
            article: i64,
            related: &[i64],
        ) -> Result<(), StoreError> {
            let rows: Vec<_> = (0_i64..)
                .zip(related)
                .map(|(position, pk)| {
                    (
                        $table::article_pk.eq(article),
                        $table::position.eq(position),
                        $table::related_pk.eq(*pk),
                    )
                })
                .collect();
            diesel::delete($table::table.filter($table::article_pk.eq(article)))
                .execute(connection)?;
            if !rows.is_empty() {
                on_backend!(connection, inner => {
                    diesel::insert_into($table::table).values(&rows).execute(inner)?;
                });
            }
            // No entry in the log of changes tells it.
            let ids = rows::ids(connection, &[article])?;
            keys::note_of(connection, &ids)
        }

        #[doc = concat!("An article's ", $what, " in order.")]
        pub fn $get(connection: &mut DbConnection, article: i64) -> Result<Vec<i64>, StoreError> {
            Ok($table::table
                .filter($table::article_pk.eq(article))
                .order($table::position)
                .select($table::related_pk)
                .load(connection)?)
        }
    };
}

named_by_editors!(related_pins, pin, pins, "pins");
named_by_editors!(related_exclusions, exclude, exclusions, "exclusions");

/// What an editor says of an article's related ones.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Curated {
    /// Always first, in this order.
    pub pins: Vec<Article>,
    /// Never among them.
    pub exclusions: Vec<Article>,
}

/// Pins and exclusions of an article, as far as the reader may see them.
pub fn curated(reader: &mut Reader<'_>, article: &Article) -> Result<Curated, StoreError> {
    let pins = pins(reader.connection, article.row)?;
    let exclusions = exclusions(reader.connection, article.row)?;
    Ok(Curated {
        pins: articles::by_rows(reader, &pins, false)?,
        exclusions: articles::by_rows(reader, &exclusions, false)?,
    })
}

/// Puts pins and exclusions in place of those that the article of this version had.
pub fn curate(
    connection: &mut DbConnection,
    article: &Article,
    curated: &Curated,
    stamp: &Stamp,
) -> Result<(), StoreError> {
    let of =
        |articles: &[Article]| -> Vec<i64> { articles.iter().map(|article| article.row).collect() };
    let (wanted, unwanted) = (of(&curated.pins), of(&curated.exclusions));
    let compared = [
        ("pins", pins(connection, article.row)? != wanted),
        (
            "exclusions",
            exclusions(connection, article.row)? != unwanted,
        ),
    ];
    let changed = compared.iter().filter(|(_, differs)| *differs);
    let members: Vec<&str> = changed.map(|(name, _)| *name).collect();
    rows::bump(connection, article.row, article.version)?;
    pin(connection, article.row, &wanted)?;
    exclude(connection, article.row, &unwanted)?;
    // The article has another version now, of which its entity tag is made.
    invalidation::note(connection, &[format!("article-{}", article.id)])?;
    let deed = Deed::new("curate", Kind::Article, &article.id, &article.slug);
    audit::record(connection, stamp, deed, &members)
}

/// Pins of some articles.
pub(super) fn all_pins(connection: &mut DbConnection, pks: &[i64]) -> Result<Named, StoreError> {
    let pks = Numbers::new(pks.to_vec());
    let named = on_backend!(connection, inner => related_pins::table
        .filter(among(related_pins::article_pk, &pks))
        .order((related_pins::article_pk, related_pins::position))
        .select((related_pins::article_pk, related_pins::related_pk))
        .load(inner)?);
    Ok(by_article(named))
}

/// Exclusions of some articles.
pub(super) fn all_exclusions(
    connection: &mut DbConnection,
    pks: &[i64],
) -> Result<Named, StoreError> {
    let pks = Numbers::new(pks.to_vec());
    let named = on_backend!(connection, inner => related_exclusions::table
        .filter(among(related_exclusions::article_pk, &pks))
        .select((related_exclusions::article_pk, related_exclusions::related_pk))
        .load(inner)?);
    Ok(by_article(named))
}

fn by_article(named: Vec<(i64, i64)>) -> Named {
    let mut by_article = Named::new();
    for (article, related) in named {
        by_article.entry(article).or_default().push(related);
    }
    by_article
}
