-- Paths that articles had on the site that they came from: links to them go on leading there.
CREATE TABLE former_paths (
    path TEXT NOT NULL PRIMARY KEY,
    article_pk BIGINT NOT NULL REFERENCES articles (pk) ON DELETE CASCADE
) WITHOUT ROWID;
CREATE INDEX former_paths_by_article ON former_paths (article_pk);

-- What was begun and must be finished before the database may be served, such as a copy into it.
CREATE TABLE unfinished (
    work TEXT NOT NULL PRIMARY KEY,
    since BIGINT NOT NULL
);
