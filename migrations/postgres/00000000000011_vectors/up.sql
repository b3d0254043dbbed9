-- What articles are about is a table of its own: that is all that is read of the hundreds that one
-- is compared with, and a row of index_documents is some times as large.
CREATE TABLE index_vectors (
    article_pk BIGINT PRIMARY KEY,
    -- The most telling stems of an article that the index has taken in, packed.
    vector BYTEA NOT NULL
);

-- A server of the version before may be merging: what it commits between the copying and the end of
-- the column would be lost. Readers do not wait for the copying.
LOCK TABLE index_documents IN SHARE ROW EXCLUSIVE MODE;

INSERT INTO index_vectors (article_pk, vector) SELECT article_pk, vector FROM index_documents;
ALTER TABLE index_documents DROP COLUMN vector;
