-- Accounts of people who come in by the municipality's own sign-in (OpenID Connect).
ALTER TABLE account
    ADD COLUMN openid_issuer text,
    ADD COLUMN openid_subject text,
    ADD CONSTRAINT whole_identity CHECK ((openid_issuer IS NULL) = (openid_subject IS NULL)),
    ADD CONSTRAINT one_way_in CHECK (openid_subject IS NULL OR password IS NULL),
    ADD CONSTRAINT account_identity UNIQUE (openid_issuer, openid_subject);

CREATE OR REPLACE VIEW account_shown AS
SELECT account_id, name, name_key, role, departments, password IS NOT NULL AS has_password,
       closed_at IS NOT NULL AS closed, signed_in_at, openid_subject IS NOT NULL AS from_provider
FROM account;
