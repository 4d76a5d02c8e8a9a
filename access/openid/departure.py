"""The departure of a person to the provider, and how they are known when they come back.

The browser keeps a secret at random in a cookie. State, nonce and the verifier of PKCE are made of
it, of the moment and of the page to go on to, each in its own way. So an answer fits only in the
browser that left, no part can be changed alone, and the server has to remember nothing.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from urllib.parse import urlencode

from access.openid.discovery import Provider
from access.openid.settings import OpenIdConfig
from access.secret import new_secret

#: The most characters of what a browser keeps.
KEPT_CHARS_MAX = 2_000

#: The most characters of the page to go on to; after a longer one people come to the front page.
_ADDRESS_CHARS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Departure:
    """One departure: the secret of the browser, the moment in seconds since 1970, and the page to
    go on to."""

    secret: str
    began_s: int
    address: str

    @classmethod
    def now(cls, address: str, now_s: float) -> "Departure":
        """A new departure of who wants to go on to a page of ours."""
        kept = address if len(address) <= _ADDRESS_CHARS_MAX else "/"
        return cls(new_secret(), int(now_s), kept)

    @classmethod
    def read(cls, kept: str, now_s: float, lasts_s: float) -> "Departure | None":
        """The departure that a browser kept; None: it is none, or too long ago."""
        secret, _, rest = kept.partition(".")
        began, _, address = rest.partition(".")
        if len(kept) > KEPT_CHARS_MAX or not secret or not (began.isascii() and began.isdigit()):
            return None
        try:
            departure = cls(secret, int(began[:15]), _unpacked(address))
        except ValueError:
            return None
        return departure if 0 <= now_s - departure.began_s <= lasts_s else None

    def kept(self) -> str:
        """What the browser keeps, in characters that a cookie may have."""
        return f"{self.secret}.{self.began_s}.{_packed(self.address.encode())}"

    @property
    def state(self) -> str:
        """What the provider sends back with the person."""
        return self._made("state")

    @property
    def nonce(self) -> str:
        """What the ID token has to name."""
        return self._made("nonce")

    @property
    def verifier(self) -> str:
        """What proves that who takes the code is who left (PKCE)."""
        return self._made("verifier")

    @property
    def challenge(self) -> str:
        """The hash of the verifier, by which the provider will know it."""
        return _packed(hashlib.sha256(self.verifier.encode()).digest())

    def is_answered_by(self, state: str) -> bool:
        """Whether the answer with this state is one to this departure."""
        return hmac.compare_digest(state.encode(errors="surrogatepass"), self.state.encode())

    def _made(self, of: str) -> str:
        content = f"{of}\n{self.began_s}\n{self.address}"
        return _packed(hmac.new(self.secret.encode(), content.encode(), hashlib.sha256).digest())


def authorisation_address(provider: Provider, config: OpenIdConfig, departure: Departure) -> str:
    """The address at the provider to which a browser is sent."""
    asked = {
        "response_type": "code",
        "client_id": config.client_id,
        "redirect_uri": config.back_url,
        "scope": config.scopes,
        "state": departure.state,
        "nonce": departure.nonce,
        "code_challenge": departure.challenge,
        "code_challenge_method": "S256",
    }
    joint = "&" if "?" in provider.authorisation_url else "?"
    return f"{provider.authorisation_url}{joint}{urlencode(asked)}"


def end_session_address(
    provider: Provider, config: OpenIdConfig, id_token: str, back_url: str
) -> str | None:
    """The address at the provider to which a browser is sent to sign out there; None: it has none.
    Without the ID token, which tells whose session it is, the provider asks the person."""
    if provider.end_session_url is None:
        return None
    asked = {"client_id": config.client_id, "post_logout_redirect_uri": back_url}
    if id_token:
        asked["id_token_hint"] = id_token
    joint = "&" if "?" in provider.end_session_url else "?"
    return f"{provider.end_session_url}{joint}{urlencode(asked)}"


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _unpacked(text: str) -> str:
    """Raises ValueError where it is none of ours."""
    return base64.b64decode(f"{text}{'=' * (-len(text) % 4)}", b"-_", validate=True).decode()
