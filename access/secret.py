"""Random secrets that are handed out once: of sessions, links and programs."""

import hashlib
import secrets


def new_secret() -> str:
    """A secret of 256 random bits, in characters that an address may have."""
    return secrets.token_urlsafe(32)


def secret_sha256(secret: str) -> bytes:
    """The hash of a secret, as the database stores it: nobody can invert it by search."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).digest()
