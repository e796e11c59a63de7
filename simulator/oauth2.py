"""The token endpoint of the service accounts."""

import base64
import binascii
from collections.abc import Mapping
from urllib.parse import parse_qs, unquote_plus

from .world import TOKEN_SECONDS, World

TOKEN_PATH = "/auth/oauth2/token"


def _error(status: int, error: str, description: str) -> tuple[int, dict[str, object]]:
    """Make a refusal."""
    return status, {"error": error, "error_description": description}


def _basic(headers: Mapping[str, str]) -> tuple[str, str] | None:
    """Read HTTP Basic credentials."""
    scheme, _, encoded = headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        identifier, _, secret = (
            base64.b64decode(encoded, validate=True).decode().partition(":")
        )
    except binascii.Error, UnicodeDecodeError:
        return None
    return unquote_plus(identifier), unquote_plus(secret)


def unknown_client() -> tuple[int, dict[str, object]]:
    """Refuse a service account."""
    return _error(401, "invalid_client", "ovhcloud oauth2 client does not exists")


def issue_token(
    world: World, headers: Mapping[str, str], body: str
) -> tuple[int, dict[str, object]]:
    """Answer a request for a token: status and JSON."""
    form = {
        name: values[-1]
        for name, values in parse_qs(body, keep_blank_values=True).items()
    }
    identifier, secret = _basic(headers) or (
        form.get("client_id", ""),
        form.get("client_secret", ""),
    )
    client = world.oauth2_clients.get(identifier)
    if client is None or client.secret != secret:
        # Unknown: whether a wrong secret has a sentence of its own.
        return unknown_client()
    grant = form.get("grant_type")
    if grant is None:
        return _error(400, "invalid_request", "grant_type is missing")
    if grant != "client_credentials":
        known = {"authorization_code", "refresh_token"}
        return _error(
            400,
            "invalid_grant" if grant in known else "unsupported_grant_type",
            f"grant_type {grant}",
        )
    if form.get("scope", "all") != "all":
        return _error(400, "invalid_scope", "the scope must be all")
    return 200, {
        "access_token": world.issue_token(client),
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "scope": "all",
    }
