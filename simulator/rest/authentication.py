"""The operations below `/auth`."""

from typing import cast

from ..credentials import ConsumerKey, Rule
from ..errors import bad_request, classed
from ..models import render
from .operation import Call, Operation


def _time(call: Call) -> int:
    """Tell the service's time."""
    return int(call.doorkeeper.server_time())


def _rules(rules: list[Rule]) -> list[dict[str, object]]:
    """List rights for an answer."""
    return [{"method": rule.method, "path": rule.path} for rule in rules]


def _own_key(call: Call) -> ConsumerKey:
    """Give the consumer key that signed the call."""
    if call.principal.consumer_key is None:
        # Unknown: the answer to a service account, which has no consumer key.
        raise classed(403, "Client::Forbidden", "This call needs a consumer key")
    return call.principal.consumer_key


def _current(call: Call) -> dict[str, object]:
    """Describe the consumer key in use."""
    key = _own_key(call)
    application = call.world.applications[key.application_key]
    return render(
        "api.Credential",
        {
            "credentialId": key.identifier,
            "applicationId": application.identifier,
            "status": key.status_at(call.world.now()),
            "creation": key.creation,
            "expiration": key.expiration,
            "lastUse": key.last_use,
            "allowedIPs": key.allowed_ips,
            "ovhSupport": False,
            "rules": _rules(key.rules),
        },
    )


def _details(call: Call) -> dict[str, object]:
    """Describe the caller."""
    key, client = call.principal.consumer_key, call.principal.oauth2_client
    customer = call.principal.customer or ""
    identity = f"urn:v1:eu:identity:account:{customer}"
    if client is not None:
        identity = (
            f"urn:v1:eu:identity:credential:{customer}/oauth2-{client.identifier}"
        )
    return render(
        "auth.Details",
        {
            "account": customer,
            "method": "oauth2_client_credentials" if client else "account",
            "allowedRoutes": _rules(key.rules) if key else None,
            "description": None,
            "identities": [identity],
            "roles": None,
            "user": None,
        },
    )


def _logout(call: Call) -> None:
    """Expire the consumer key in use."""
    _own_key(call).status = "expired"


def _request(call: Call) -> dict[str, object]:
    """Hand out a consumer key that its owner still has to approve."""
    rules: list[Rule] = []
    for given in cast("list[dict[str, object]]", call.body["accessRules"]):
        method, path = given.get("method"), given.get("path")
        if (
            not isinstance(method, str)
            or not isinstance(path, str)
            or not path.startswith("/")
        ):
            raise bad_request("Body parameter accessRules isn't formated correctly")
        rules.append(Rule(method, path))
    if not rules:
        raise bad_request("Body parameter accessRules isn't formated correctly")
    assert call.principal.application is not None
    key = call.world.add_consumer_key(
        rules,
        "pendingValidation",
        application_key=call.principal.application.key,
        allowed_ips=cast("list[str] | None", call.body.get("allowedIPs")),
        redirection=cast("str | None", call.body.get("redirection")),
    )
    return render(
        "auth.ApiCredentialRequest",
        {
            "consumerKey": key.key,
            "state": key.status,
            "validationUrl": f"{call.base_url}/auth/?credentialToken={key.token}",
        },
    )


OPERATIONS = (
    Operation("GET", "/auth/time", _time, authenticated=False),
    Operation(
        "POST",
        "/auth/credential",
        _request,
        body={
            "accessRules": "auth.AccessRuleRequest[]*",
            "redirection": "string",
            "allowedIPs": "ipBlock[]",
        },
        authenticated=False,
        needs_application=True,
    ),
    # Unknown: whether these need a right; it is assumed that any valid consumer key may call them.
    Operation("GET", "/auth/currentCredential", _current, needs_right=False),
    Operation("GET", "/auth/details", _details, needs_right=False),
    Operation("POST", "/auth/logout", _logout, needs_right=False),
)
