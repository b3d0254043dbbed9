-- Categories in which something has changed that readers see, and of which caches of answers have
-- not been told yet: those of the transaction that is going on, which tells of them as it ends.
-- Triggers put them in, so that nothing that writes can forget it.
CREATE TABLE untold_categories (
    category_pk INTEGER PRIMARY KEY
);

CREATE TRIGGER articles_noted_in AFTER INSERT ON articles
WHEN NEW.status = 'published' AND NEW.category_pk IS NOT NULL
BEGIN
    INSERT INTO untold_categories (category_pk) VALUES (NEW.category_pk)
    ON CONFLICT (category_pk) DO NOTHING;
END;

CREATE TRIGGER articles_noted_out AFTER DELETE ON articles
WHEN OLD.status = 'published' AND OLD.category_pk IS NOT NULL
BEGIN
    INSERT INTO untold_categories (category_pk) VALUES (OLD.category_pk)
    ON CONFLICT (category_pk) DO NOTHING;
END;

-- Whatever has changed: any column may be shown, sorted by or asked for.
CREATE TRIGGER articles_noted_anew AFTER UPDATE ON articles
WHEN OLD.status = 'published' OR NEW.status = 'published'
BEGIN
    INSERT INTO untold_categories (category_pk)
    SELECT OLD.category_pk WHERE OLD.status = 'published' AND OLD.category_pk IS NOT NULL
    ON CONFLICT (category_pk) DO NOTHING;
    INSERT INTO untold_categories (category_pk)
    SELECT NEW.category_pk WHERE NEW.status = 'published' AND NEW.category_pk IS NOT NULL
    ON CONFLICT (category_pk) DO NOTHING;
END;
