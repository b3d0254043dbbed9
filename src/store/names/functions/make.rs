//! How names are made, by those who want one and by articles that carry it.

/// The functions that make names of one kind, unless they are there.
macro_rules! make_functions {
    (table: $table:ident $(, portrait: $avatar:ident)?) => {
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
    };
}

pub(in crate::store) use make_functions;
