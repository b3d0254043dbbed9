//! How names are changed, removed, and made known to readers.

/// The functions that change and remove names of one kind, and let readers know them.
macro_rules! change_functions {
    (
        table: $table:ident, join: $join:ident, column: $column:ident, carried_by: $carried:path,
        may_vanish: $may_vanish:expr
        $(, portrait: $avatar:ident)?
    ) => {
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

pub(in crate::store) use change_functions;
