"""The routes that anybody may reach without a session or a token: all of them, and why that is safe."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PublicRoute:
    """One public route.

    Attributes:
        method: the HTTP method; GET stands for HEAD as well.
        path: the pattern as the router writes it.
        proof: what stands in place of a session.
        reason: why it has to be public.
    """

    method: str
    path: str
    proof: str
    reason: str


PUBLIC_ROUTES: tuple[PublicRoute, ...] = (
    PublicRoute("GET", "/healthz", "none needed: it tells only whether the service works", "monitors and containers"),
    PublicRoute(
        "GET", "/static/{version}/{name:path}", "none needed: the same files for everybody", "style of the login"
    ),
    PublicRoute(
        "POST",
        "/language",
        "none needed: it sets one cookie to one of three values, and leads to a page of this service",
        "whoever signs in must be able to read the form",
    ),
    PublicRoute("GET", "/login", "none needed: an empty form", "the way in"),
    PublicRoute("POST", "/login", "username and password, with a form token from the same browser", "the way in"),
    PublicRoute(
        "GET", "/forgotten-password", "none needed: an empty form", "who lost the password cannot sign in to say so"
    ),
    PublicRoute(
        "POST",
        "/forgotten-password",
        "a form token from the same browser; it answers the same whoever is named, and can only send a letter to the "
        "address that an account has, once in 15 minutes",
        "who lost the password cannot sign in to say so",
    ),
    PublicRoute(
        "GET",
        "/set-password/{secret}",
        "one-time secret of 256 bits, good for 7 days at most",
        "the first way in, no password yet",
    ),
    PublicRoute(
        "POST",
        "/set-password/{secret}",
        "one-time secret of 256 bits, good for 7 days at most, with a form token from the same browser",
        "the first way in, no password yet",
    ),
    PublicRoute(
        "GET",
        "/metrics",
        "a token of its own (BRIDGE_METRICS_TOKEN), without which it is not there; it shows numbers alone",
        "a monitor has no account",
    ),
    PublicRoute(
        "POST",
        "/hooks/transifex/{deployment}",
        "HMAC-SHA256 over address, date and body with the webhook's secret of 256 bits, at most 15 minutes old; "
        "it can only cause a pull",
        "Transifex tells what volunteers finished",
    ),
    PublicRoute(
        "GET",
        "/api/v1/signing-keys",
        "none needed: the public halves of the keys that bundles are signed with",
        "whoever imports a bundle verifies it without an account",
    ),
    PublicRoute(
        "GET",
        "/api/v1/signing-keys.pem",
        "none needed: the public halves of the keys that bundles are signed with",
        "whoever imports a bundle verifies it without an account",
    ),
    PublicRoute(
        "GET",
        "/unsubscribe/{person}/{signature}",
        "HMAC-SHA256 over the person's random id with a key of the service",
        "volunteers have no account, and may want no mail",
    ),
    PublicRoute(
        "POST",
        "/unsubscribe/{person}/{signature}",
        "HMAC-SHA256 over the person's random id with a key of the service; it can only stop and allow mail to that "
        "person",
        "volunteers have no account, and may want no mail",
    ),
)
