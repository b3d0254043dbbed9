//! The functions of one kind of name, over a table of its own.

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

        #[derive(Queryable, Selectable)]
        #[diesel(table_name = $table)]
        struct Row {
            pk: i64,
            id: String,
            slug: String,
            name: String,
            name_key: String,
            description: Option<String>,
            updated_at: i64,
            version: i64,
            $($avatar: Option<String>,)?
        }

        /// Names that this one may know.
        fn visible<'a>(sight: &Sight) -> $table::BoxedQuery<'a, Db> {
            match sight {
                Sight::Desk => $table::table.into_boxed(),
                Sight::Public | Sight::Preview(_) => {
                    $table::table.filter($table::public.eq(true)).into_boxed()
                }
            }
        }

        /// A page by name, each with the value that it is sorted by.
        pub fn list(
            reader: &mut Reader<'_>,
            request: &PageRequest,
        ) -> Result<Page<(Named, SortValue)>, StoreError> {
            let total = match request.wants_total() {
                true => Some(visible(&reader.sight).count().get_result(reader.connection)?),
                false => None,
            };
            let mut query = visible(&reader.sight);
            query = match &request.window {
                Window::After(Position {
                    value: SortValue::Text(name),
                    id,
                }) => query.filter($table::name_key.ge(name.clone()).and(
                    $table::name_key.gt(name.clone()).or($table::id.gt(id.clone())),
                )),
                Window::Before(Position {
                    value: SortValue::Text(name),
                    id,
                }) => query.filter($table::name_key.le(name.clone()).and(
                    $table::name_key.lt(name.clone()).or($table::id.lt(id.clone())),
                )),
                _ => query,
            };
            query = match request.is_backward() {
                true => query.order(($table::name_key.desc(), $table::id.desc())),
                false => query.order(($table::name_key.asc(), $table::id.asc())),
            };
            let found = query
                .limit(request.limit + 1)
                .offset(request.offset())
                .select(Row::as_select())
                .load(reader.connection)?;
            Ok(request.page_of(with_counts(reader.connection, found)?, total))
        }

        /// What a key names.
        pub fn by_key(reader: &mut Reader<'_>, key: &Key) -> Result<Found<Named>, StoreError> {
            let query = visible(&reader.sight);
            let query = match key {
                Key::Id(id) => query.filter($table::id.eq(id.clone())),
                Key::Slug(slug) => query.filter($table::slug.eq(slug.clone())),
            };
            let found = query.select(Row::as_select()).load(reader.connection)?;
            if let Some((named, _)) = with_counts(reader.connection, found)?.pop() {
                return Ok(Found::Here(Box::new(named)));
            }
            let everyone = reader.sight != Sight::Desk;
            match past::of(reader.connection, KIND, key)? {
                Some(Past::Renamed { id, public }) if public || !everyone => {
                    let present = visible(&reader.sight)
                        .filter($table::id.eq(id))
                        .select($table::slug)
                        .first(reader.connection)
                        .optional()?;
                    Ok(present.map_or(Found::Never, Found::Moved))
                }
                Some(Past::Deleted { public }) if public || !everyone => Ok(Found::Gone),
                _ => Ok(Found::Never),
            }
        }

        /// Those of some ids that readers may know, as articles name them.
        pub(in crate::store) fn public_by_ids(
            connection: &mut DbConnection,
            ids: Vec<String>,
        ) -> Result<Vec<$reference>, StoreError> {
            let found: Vec<Row> = visible(&Sight::Public)
                .filter($table::id.eq_any(ids))
                .select(Row::as_select())
                .load(connection)?;
            let reference = |row: Row| $reference {
                id: row.id,
                slug: row.slug,
                name: row.name,
                $($avatar: row.$avatar,)?
            };
            Ok(found.into_iter().map(reference).collect())
        }

        fn with_counts(
            connection: &mut DbConnection,
            found: Vec<Row>,
        ) -> Result<Vec<(Named, SortValue)>, StoreError> {
            let counts = $counts(connection, found.iter().map(|row| row.pk).collect())?;
            let complete = |row: Row| {
                let (article_count, latest) = counts.get(&row.pk).copied().unwrap_or_default();
                let named = Named {
                    row: row.pk,
                    id: row.id,
                    slug: row.slug,
                    name: row.name,
                    description: row.description,
                    avatar: None$(.or(row.$avatar))?,
                    article_count,
                    latest_published_at: latest.map(UtcTime::from_column),
                    updated_at: UtcTime::from_column(row.updated_at),
                    version: row.version,
                };
                (named, SortValue::Text(row.name_key))
            };
            Ok(found.into_iter().map(complete).collect())
        }

        /// Whether a slug is, or was, that of another than the one of this id.
        fn is_taken(
            connection: &mut DbConnection,
            slug: &str,
            except: Option<&str>,
        ) -> Result<bool, StoreError> {
            let holder: Option<String> = $table::table
                .filter($table::slug.eq(slug))
                .select($table::id)
                .first(connection)
                .optional()?;
            let holder = match holder {
                Some(holder) => Some(holder),
                None => past::former_holder(connection, KIND, slug)?,
            };
            Ok(holder.is_some_and(|id| Some(id.as_str()) != except))
        }

        /// What is asked of a known one: row, whether it is public, and its name.
        type Known = (i64, bool, String);

        /// The row that a name or slug means, and its name; made when there is none, and then known
        /// to editors alone until an article that carries it is published.
        pub(in crate::store) fn find_or_make(
            connection: &mut DbConnection,
            text: &str,
            stamp: &Stamp,
        ) -> Result<(NameRow, String), StoreError> {
            let text = text.trim();
            let row = |(pk, public, name)| (NameRow { pk, public }, name);
            let columns = ($table::pk, $table::public, $table::name);
            if let Key::Id(id) = Key::new(text) {
                // An id names what there is, and is never a name.
                let by_id = $table::table.filter($table::id.eq(id)).select(columns);
                let known: Option<Known> = by_id.first(connection).optional()?;
                return known.map(row).ok_or_else(|| StoreError::Refused {
                    member: stringify!($table),
                    message: format!("have an id of no {}", KIND.as_str()),
                });
            }
            if is_slug(text) {
                let by_slug = $table::table.filter($table::slug.eq(text)).select(columns);
                let known: Option<Known> = $crate::store::connection::on_backend!(
                    connection, inner => by_slug.first(inner).optional()?
                );
                if let Some(known) = known {
                    return Ok(row(known));
                }
            }
            let name = Name::new(text, KIND.as_str())?;
            let by_name = $table::table
                .filter($table::name_key.eq(&name.key))
                .order($table::id)
                .select(columns);
            let known: Option<Known> = $crate::store::connection::on_backend!(
                connection, inner => by_name.first(inner).optional()?
            );
            if let Some(known) = known {
                return Ok(row(known));
            }
            if is_slug(text) && let Some(id) = past::former_holder(connection, KIND, text)? {
                let renamed = $table::table.filter($table::id.eq(id)).select(columns);
                let known: Option<Known> = renamed.first(connection).optional()?;
                if let Some(known) = known {
                    return Ok(row(known));
                }
            }
            let slug = free_slug(&name.slug, |slug| is_taken(connection, slug, None))?;
            let input = NameInput::default();
            let (pk, _) = insert(connection, &slug, &name, &input, false, stamp)?;
            Ok(row((pk, false, name.name)))
        }

        /// Makes one that is known to editors alone until an article that carries it is
        /// published; leaves one as it is that has its slug or its name.
        pub fn ensure(
            connection: &mut DbConnection,
            input: &NameInput,
            stamp: &Stamp,
        ) -> Result<(), StoreError> {
            let name = Name::new(&input.name, KIND.as_str())?;
            let wanted = input.slug.as_deref().unwrap_or(&name.slug);
            let known: i64 = $table::table
                .filter($table::slug.eq(wanted).or($table::name_key.eq(&name.key)))
                .count()
                .get_result(connection)?;
            if known == 0 {
                let slug = free_slug(wanted, |slug| is_taken(connection, slug, None))?;
                insert(connection, &slug, &name, input, false, stamp)?;
            }
            Ok(())
        }

        fn insert(
            connection: &mut DbConnection,
            slug: &str,
            name: &Name,
            input: &NameInput,
            public: bool,
            stamp: &Stamp,
        ) -> Result<(i64, String), StoreError> {
            let id = new_id();
            let pk = diesel::insert_into($table::table)
                .values((
                    $table::id.eq(&id),
                    $table::slug.eq(slug),
                    $table::name.eq(&name.name),
                    $table::name_key.eq(&name.key),
                    $table::description.eq(input.description.as_deref()),
                    $($table::$avatar.eq(input.$avatar.as_deref()),)?
                    $table::public.eq(public),
                    $table::created_at.eq(stamp.at.millis()),
                    $table::updated_at.eq(stamp.at.millis()),
                ))
                .returning($table::pk)
                .get_result(connection)?;
            let deed = Deed::new("create", KIND, &id, slug);
            audit::record(connection, stamp, deed, &[])?;
            Ok((pk, id))
        }

        /// Makes one; gives its id.
        pub fn create(
            connection: &mut DbConnection,
            input: &NameInput,
            stamp: &Stamp,
        ) -> Result<String, StoreError> {
            let name = Name::new(&input.name, KIND.as_str())?;
            let slug = chosen_slug(input.slug.as_deref(), &name.slug, KIND.as_str(), |slug| {
                is_taken(connection, slug, None)
            })?;
            let (_, id) = insert(connection, &slug, &name, input, true, stamp)?;
            changes::record(connection, KIND, &id, ChangeKind::Published, stamp.at)?;
            Ok(id)
        }

        /// Puts an input in place of what there is; a slug that it does not give stays.
        pub fn replace(
            connection: &mut DbConnection,
            before: &Named,
            input: &NameInput,
            stamp: &Stamp,
        ) -> Result<(), StoreError> {
            let name = Name::new(&input.name, KIND.as_str())?;
            let slug = input.slug.clone().unwrap_or_else(|| before.slug.clone());
            let mut members = Vec::new();
            if slug != before.slug {
                if is_taken(connection, &slug, Some(&before.id))? {
                    return Err(slug_of_another(&slug, KIND.as_str()));
                }
                members.push("slug");
            }
            let compared = [
                ("name", name.name != before.name),
                ("description", input.description != before.description),
                $(("avatar", input.$avatar != before.$avatar),)?
            ];
            members.extend(compared.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name));
            if members.is_empty() {
                return Ok(());
            }
            let public: bool = diesel::update($table::table.find(before.row))
                .set((
                    $table::slug.eq(&slug),
                    $table::name.eq(&name.name),
                    $table::name_key.eq(&name.key),
                    $table::description.eq(input.description.as_deref()),
                    $($table::$avatar.eq(input.$avatar.as_deref()),)?
                    $table::updated_at.eq(stamp.at.millis()),
                    $table::version.eq(before.version + 1),
                ))
                .returning($table::public)
                .get_result(connection)?;
            let moved = slug != before.slug;
            if moved {
                let slugs = (before.slug.as_str(), slug.as_str());
                past::renamed(connection, KIND, &before.id, slugs, public, stamp)?;
            }
            if members.contains(&"name") {
                rows::queue_index(connection, $carried(before.row))?;
            }
            if public {
                let change = if moved { ChangeKind::Moved } else { ChangeKind::Updated };
                changes::record(connection, KIND, &before.id, change, stamp.at)?;
            }
            let deed = Deed::new("update", KIND, &before.id, &slug);
            audit::record(connection, stamp, deed, &members)
        }

        /// Removes one. Its articles carry another in its place, or, where the kind allows, none.
        pub fn delete(
            connection: &mut DbConnection,
            named: &Named,
            move_to: Option<&Key>,
            stamp: &Stamp,
        ) -> Result<(), StoreError> {
            let move_to = move_to
                .map(|key| other_than(connection, named, key))
                .transpose()?;
            let carrying: i64 = $join::table
                .filter($join::$column.eq(named.row))
                .count()
                .get_result(connection)?;
            if carrying > 0 && move_to.is_none() && !$may_vanish {
                return Err(StoreError::InUse(format!(
                    "{carrying} articles carry this {}; move_to must say which other one they \
                     get in its place",
                    KIND.as_str()
                )));
            }
            rows::touch(connection, $carried(named.row), stamp)?;
            // SQLite numbers the signs of parameters in the order in which they appear.
            let run = |connection: &mut DbConnection, sql: &str, binds: (i64, i64)| {
                let sql = sql
                    .replace("{join}", stringify!($join))
                    .replace("{column}", stringify!($column));
                sql_query(sql)
                    .bind::<BigInt, _>(binds.0)
                    .bind::<BigInt, _>(binds.1)
                    .execute(connection)
            };
            if let Some(to) = move_to {
                // An article that carries both keeps one.
                run(
                    connection,
                    "DELETE FROM {join} WHERE {column} = $1 AND article_pk IN \
                     (SELECT article_pk FROM {join} WHERE {column} = $2)",
                    (named.row, to),
                )?;
                run(
                    connection,
                    "UPDATE {join} SET {column} = $1 WHERE {column} = $2",
                    (to, named.row),
                )?;
                make_public_like(connection, named.row, to, stamp)?;
            }
            diesel::delete($join::table.filter($join::$column.eq(named.row))).execute(connection)?;
            let public: bool = diesel::delete($table::table.find(named.row))
                .returning($table::public)
                .get_result(connection)?;
            past::bury(connection, KIND, &named.id, &named.slug, public, stamp)?;
            if public {
                changes::record(connection, KIND, &named.id, ChangeKind::Deleted, stamp.at)?;
            }
            let deed = Deed::new("delete", KIND, &named.id, &named.slug);
            audit::record(connection, stamp, deed, &[])
        }

        /// The row of the one that takes another's place.
        fn other_than(
            connection: &mut DbConnection,
            named: &Named,
            key: &Key,
        ) -> Result<i64, StoreError> {
            let found = by_key(&mut Reader::desk(connection), key)?.here();
            let refused = |message: String| StoreError::Refused {
                member: "move_to",
                message,
            };
            match found {
                None => Err(refused(format!("names no {}", KIND.as_str()))),
                Some(found) if found.row == named.row => {
                    Err(refused("is what is to be deleted".to_owned()))
                }
                Some(found) => Ok(found.row),
            }
        }

        /// What takes over the articles of a name that readers know is known to them too.
        fn make_public_like(
            connection: &mut DbConnection,
            like: i64,
            pk: i64,
            stamp: &Stamp,
        ) -> Result<(), StoreError> {
            let public = $table::table.find(like).select($table::public).first(connection)?;
            match public {
                true => make_public(connection, &[NameRow { pk, public: false }], stamp),
                false => Ok(()),
            }
        }

        /// Lets readers know those that they did not, since something that carries them is
        /// published.
        pub(in crate::store) fn make_public(
            connection: &mut DbConnection,
            names: &[NameRow],
            stamp: &Stamp,
        ) -> Result<(), StoreError> {
            let hidden: Vec<i64> = names.iter().filter(|row| !row.public).map(|row| row.pk).collect();
            if hidden.is_empty() {
                return Ok(());
            }
            let shown: Vec<String> = $table::table
                .filter($table::pk.eq_any(hidden.clone()))
                .filter($table::public.eq(false))
                .order($table::pk)
                .select($table::id)
                .load(connection)?;
            diesel::update($table::table.filter($table::pk.eq_any(hidden)))
                .set($table::public.eq(true))
                .execute(connection)?;
            for id in shown {
                changes::record(connection, KIND, &id, ChangeKind::Published, stamp.at)?;
            }
            Ok(())
        }
    };
}

pub(in crate::store) use name_functions;
