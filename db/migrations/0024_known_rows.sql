-- The number of rows of an imported log whose trips were imported before.
ALTER TABLE log_upload ADD COLUMN known integer NOT NULL DEFAULT 0;
