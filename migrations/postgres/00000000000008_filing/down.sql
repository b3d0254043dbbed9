DROP TRIGGER articles_noted_anew ON articles;
DROP TRIGGER articles_noted_out ON articles;
DROP TRIGGER articles_noted_in ON articles;
DROP FUNCTION note_categories;
DROP TABLE untold_categories;
