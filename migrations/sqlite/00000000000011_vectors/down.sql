ALTER TABLE index_documents ADD COLUMN vector BLOB NOT NULL DEFAULT X'';
UPDATE index_documents SET vector = (
    SELECT vector FROM index_vectors WHERE article_pk = index_documents.article_pk
);
DROP TABLE index_vectors;
