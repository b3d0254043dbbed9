//! The functions of one kind of name, over a table of its own. They stand in one module for each
//! kind, with the imports that all of them share.

mod change;
mod make;
mod read;

pub(in crate::store) use change::change_functions;
pub(in crate::store) use make::make_functions;
pub(in crate::store) use read::read_functions;

/// The functions of one kind of name.
macro_rules! name_functions {
    (
        table: $table:ident, join: $join:ident, column: $column:ident, counts: $counts:path,
        kind: $kind:expr, reference: $reference:ident, carried_by: $carried:path, may_vanish: $may_vanish:expr
        $(, portrait: $avatar:ident)?
    ) => {
        use diesel::{
            prelude::*,
            sql_query,
            sql_types::BigInt,
        };

        use crate::{
            model::{
                change::ChangeKind,
                kind::Kind,
                name::{NameInput, Named},
                page::{Page, PageRequest, Position, SortValue, Window},
                sight::Sight,
                slug::{Key, is_slug, new_id},
                stamp::Stamp,
                time::UtcTime,
            },
            store::{
                Found, Reader,
                articles::rows,
                audit::{self, Deed},
                changes,
                connection::{Db, DbConnection},
                error::StoreError,
                names::{Name, NameRow, chosen_slug, free_slug, slug_of_another},
                past::{self, Past},
                schema::{$join, $table},
            },
        };

        const KIND: Kind = $kind;

        $crate::store::names::read_functions! {
            table: $table, counts: $counts, reference: $reference
            $(, portrait: $avatar)?
        }

        $crate::store::names::make_functions! {
            table: $table $(, portrait: $avatar)?
        }

        $crate::store::names::change_functions! {
            table: $table, join: $join, column: $column, carried_by: $carried,
            may_vanish: $may_vanish
            $(, portrait: $avatar)?
        }
    };
}

pub(in crate::store) use name_functions;
