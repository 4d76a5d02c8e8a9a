-- Tells whether a list of vehicles is read as an earlier one with the same headings was.

ALTER TABLE vehicle_list ADD COLUMN is_remembered boolean NOT NULL DEFAULT false;
