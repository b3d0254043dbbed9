-- What articles are about is a table of its own, with six rows to a page: that is all that is read
-- of the hundreds that one is compared with, and a row of index_documents is eight times as large.
CREATE TABLE index_vectors (
    article_pk INTEGER PRIMARY KEY,
    -- The most telling stems of an article that the index has taken in, packed.
    vector BLOB NOT NULL
);
INSERT INTO index_vectors (article_pk, vector)
SELECT article_pk, vector FROM index_documents ORDER BY article_pk;

-- Writes each row anew in its place. Another table in place of this one would take as much writing,
-- and leave as many pages free as the former one had.
ALTER TABLE index_documents DROP COLUMN vector;

-- As in `planning`.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('index_vectors', NULL, '100000');
ANALYZE sqlite_schema;
