-- Categories in which something has changed that readers see, and of which caches of answers have
-- not been told yet: those of the transaction that is going on, which tells of them as it ends.
-- Triggers put them in, so that nothing that writes can forget it.
CREATE TABLE untold_categories (
    category_pk BIGINT PRIMARY KEY
);

-- Whatever has changed: any column may be shown, sorted by or asked for.
CREATE FUNCTION note_categories() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        INSERT INTO untold_categories (category_pk)
        SELECT DISTINCT category_pk FROM gone
        WHERE status = 'published' AND category_pk IS NOT NULL
        ON CONFLICT (category_pk) DO NOTHING;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO untold_categories (category_pk)
        SELECT DISTINCT category_pk FROM entered
        WHERE status = 'published' AND category_pk IS NOT NULL
        ON CONFLICT (category_pk) DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER articles_noted_in AFTER INSERT ON articles
REFERENCING NEW TABLE AS entered
FOR EACH STATEMENT EXECUTE FUNCTION note_categories();
CREATE TRIGGER articles_noted_out AFTER DELETE ON articles
REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION note_categories();
CREATE TRIGGER articles_noted_anew AFTER UPDATE ON articles
REFERENCING OLD TABLE AS gone NEW TABLE AS entered
FOR EACH STATEMENT EXECUTE FUNCTION note_categories();
