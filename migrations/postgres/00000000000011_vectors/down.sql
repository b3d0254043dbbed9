ALTER TABLE index_documents ADD COLUMN vector BYTEA;
ALTER TABLE index_documents ALTER COLUMN vector SET STORAGE MAIN;
UPDATE index_documents AS d SET vector = v.vector
FROM index_vectors AS v WHERE v.article_pk = d.article_pk;
ALTER TABLE index_documents ALTER COLUMN vector SET NOT NULL;
DROP TABLE index_vectors;
