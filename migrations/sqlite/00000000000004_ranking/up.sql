-- One index of our own, in plain tables that are alike on both databases, for search and for
-- related articles. It is rebuilt from the articles, and none of its tables refers to them: what
-- a deleted article left in it is taken out later.
DROP TABLE article_search_words;
DROP TABLE article_search;

-- Articles as they are now, which the rest of the index has not taken in yet. Without a forward
-- index the article is gone.
CREATE TABLE index_pending (
    article_pk INTEGER PRIMARY KEY,
    published BOOLEAN NOT NULL CHECK (published IN (FALSE, TRUE)),
    forward BLOB,
    CHECK (forward IS NOT NULL OR NOT published)
);

-- What the index has taken in of each article.
CREATE TABLE index_documents (
    article_pk INTEGER PRIMARY KEY,
    published BOOLEAN NOT NULL CHECK (published IN (FALSE, TRUE)),
    -- Its most telling stems, packed.
    vector BLOB NOT NULL,
    -- For each of them one word as the article writes it.
    written TEXT NOT NULL,
    -- Every term it stands under, to take it out again.
    words TEXT NOT NULL
);

-- Which articles have a term, how much, and where: packed lists in blocks by article.
CREATE TABLE index_postings (
    term TEXT NOT NULL CHECK (term <> ''),
    published BOOLEAN NOT NULL CHECK (published IN (FALSE, TRUE)),
    -- No article of the block comes before it.
    first_pk BIGINT NOT NULL,
    docs BLOB NOT NULL,
    places BLOB NOT NULL,
    PRIMARY KEY (term, published, first_pk)
) WITHOUT ROWID;

-- Terms by their stem, where it is another word.
CREATE TABLE index_stems (
    language TEXT NOT NULL,
    stem TEXT NOT NULL,
    term TEXT NOT NULL CHECK (term <> stem),
    PRIMARY KEY (language, stem, term)
) WITHOUT ROWID;

-- Languages that articles are written in.
CREATE TABLE index_languages (
    language TEXT NOT NULL PRIMARY KEY
) WITHOUT ROWID;

-- How many articles the index has taken in.
CREATE TABLE index_shelves (
    published BOOLEAN NOT NULL PRIMARY KEY CHECK (published IN (FALSE, TRUE)),
    articles BIGINT NOT NULL CHECK (articles >= 0)
) WITHOUT ROWID;
INSERT INTO index_shelves (published, articles) VALUES (FALSE, 0), (TRUE, 0);

-- What is known of the publication as a whole, learned from its articles now and then.
CREATE TABLE related_state (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    -- Lists of another epoch no longer hold.
    epoch BIGINT NOT NULL CHECK (epoch >= 0),
    fitted_at BIGINT NOT NULL,
    fitted_articles BIGINT NOT NULL CHECK (fitted_articles >= 0),
    -- Articles that have changed since it was learned.
    changed BIGINT NOT NULL CHECK (changed >= 0)
) WITHOUT ROWID;
INSERT INTO related_state (one, epoch, fitted_at, fitted_articles, changed)
VALUES (1, 0, 0, 0, 0);

-- What was learned; only the latest is kept.
CREATE TABLE related_models (
    epoch INTEGER PRIMARY KEY,
    model BLOB NOT NULL
);

-- The articles nearest to each, packed, best first.
CREATE TABLE related_lists (
    article_pk BIGINT NOT NULL,
    same_category BOOLEAN NOT NULL CHECK (same_category IN (FALSE, TRUE)),
    epoch BIGINT NOT NULL,
    entries BLOB NOT NULL,
    PRIMARY KEY (article_pk, same_category)
) WITHOUT ROWID;

-- Articles whose neighbours are to be looked for, and told.
CREATE TABLE related_queue (
    article_pk INTEGER PRIMARY KEY
);

INSERT INTO index_queue (article_pk)
SELECT pk FROM articles WHERE pk NOT IN (SELECT article_pk FROM index_queue);

