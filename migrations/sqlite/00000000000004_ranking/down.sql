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
CREATE VIRTUAL TABLE article_search USING fts5 (
    title, summary, names, body,
    content = '', contentless_delete = 1, tokenize = 'ascii'
);
CREATE VIRTUAL TABLE article_search_words USING fts5vocab (article_search, instance);
INSERT INTO index_queue (article_pk)
SELECT pk FROM articles WHERE pk NOT IN (SELECT article_pk FROM index_queue);
