DROP TRIGGER articles_noted_anew;
DROP TRIGGER articles_noted_out;
DROP TRIGGER articles_noted_in;
DROP TABLE untold_categories;
