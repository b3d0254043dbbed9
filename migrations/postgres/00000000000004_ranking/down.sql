DROP TABLE related_queue;
DROP TABLE related_lists;
DROP TABLE related_models;
DROP TABLE related_state;
DROP TABLE index_shelves;
DROP TABLE index_languages;
DROP TABLE index_stems;
DROP TABLE index_postings;
DROP TABLE index_documents;
DROP TABLE index_pending;
CREATE TABLE article_search (
    article_pk BIGINT PRIMARY KEY REFERENCES articles (pk) ON DELETE CASCADE,
    document TSVECTOR NOT NULL
);
CREATE INDEX article_search_by_word ON article_search USING GIN (document);
INSERT INTO index_queue (article_pk)
SELECT pk FROM articles WHERE pk NOT IN (SELECT article_pk FROM index_queue);
