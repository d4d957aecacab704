"""Who may ask: pages of the app's own, in the browser that was given its address.

The app shows somebody's images and writes their decisions, and any page that is open in the same browser can send
requests to a local port. So each request needs a secret (first in the address, then in a cookie that no script can read
and no other site can send), a `Host` that is the app's own name (else a foreign name could be made to lead here: DNS
rebinding), and no sign of having come from another origin. Ports are not part of a site, so the cookie alone would let
another local server's pages in; `Origin` and `Sec-Fetch-Site` tell them apart.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

LOOPBACK = "127.0.0.1"
LOCAL_NAMES = frozenset({"localhost", LOOPBACK, "::1"})
TOKEN = "token"
SAFE_METHODS = ("GET", "HEAD")

HEADERS = {
    "Content-Security-Policy": "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Sent with every answer. The pages place thumbnails by style attributes, hence 'unsafe-inline' for styles."""


@dataclass(frozen=True)
class Guard:
    """What a request must show.

    host : the address that the app listens on.  token : the secret.
    """

    host: str = LOOPBACK
    token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    @property
    def is_local(self) -> bool:
        """Whether only this machine can reach the app."""
        return is_loopback(self.host)

    def knows(self, token: str | None) -> bool:
        return token is not None and hmac.compare_digest(token.encode(), self.token.encode())

    def refusal(self, method: str, headers: Mapping[str, str]) -> str | None:
        """Why a request is not answered, whatever secret it has; None where nothing speaks against it."""
        host = headers.get("Host", "")
        if not self._is_own(host):
            return "another host was asked for"
        origin = headers.get("Origin")
        if origin is not None and origin != f"http://{host}":
            return "the request comes from another origin"
        if origin is None and method not in SAFE_METHODS:
            return "the request does not say where it comes from"
        return None

    def is_foreign(self, headers: Mapping[str, str]) -> bool:
        """Whether another site's page made the browser ask; the address with its token may be opened from anywhere."""
        return headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin")

    def _is_own(self, host: str) -> bool:
        """The port is left open, for those who come through a tunnel: what must not be foreign is the name."""
        name = host_name(host)
        if name == self.host or (self.is_local and name in LOCAL_NAMES):
            return True
        return self.host in ("0.0.0.0", "::") and (name in LOCAL_NAMES or is_address(name))


def cookie_name(host: str) -> str:
    """Cookies know no ports, and two apps may run."""
    return f"winnow-review-{host.rpartition(':')[2] if ':' in host else '80'}"


def host_name(host: str) -> str:
    """`[::1]:80` -> `::1`, `localhost:80` -> `localhost`."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()


def is_address(name: str) -> bool:
    """Whether it is a numeric address: no DNS server can make one lead elsewhere."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    return host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)
