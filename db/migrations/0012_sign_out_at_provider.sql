-- The ID token of who came in from the municipality's provider, with which they sign out there, too.

ALTER TABLE account_session ADD COLUMN id_token text;
