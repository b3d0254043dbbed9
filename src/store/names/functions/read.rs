//! How names are read: in pages, by a key, and as articles name them.

/// The functions that read names of one kind.
macro_rules! read_functions {
    (
        table: $table:ident, counts: $counts:path, reference: $reference:ident
        $(, portrait: $avatar:ident)?
    ) => {
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
    };
}

pub(in crate::store) use read_functions;
