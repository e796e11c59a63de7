"""From what a config entry stores to a way to OVHcloud."""

from collections.abc import Mapping
import os
from typing import Any

from .const import (
    AUTH_SERVICE_ACCOUNT,
    AUTH_SMS_USER,
    CONF_APPLICATION_KEY,
    CONF_APPLICATION_SECRET,
    CONF_AUTH_METHOD,
    CONF_CLIENT_ID,
    CONF_CLIENT_SECRET,
    CONF_CONSUMER_KEY,
    CONF_LOGIN,
    CONF_PASSWORD,
    ENV_API_URL,
)
from .gateway import ApiKeys, Gateway, Http2SmsGateway, RestGateway, SmsUser
from .gateway.models import ServiceAccount


def api_url() -> str | None:
    """Return the address of a simulator to send to instead of OVHcloud, if one is set."""
    return os.environ.get(ENV_API_URL)


def make_gateway(data: Mapping[str, Any]) -> Gateway:
    """Return the way to OVHcloud that an entry's credentials are for."""
    if data[CONF_AUTH_METHOD] == AUTH_SMS_USER:
        return Http2SmsGateway(
            SmsUser(data[CONF_LOGIN], data[CONF_PASSWORD]), api_url()
        )
    return rest_gateway(data)


def rest_gateway(data: Mapping[str, Any]) -> RestGateway:
    """Return the way to OVHcloud for credentials that can read as well as send."""
    if data[CONF_AUTH_METHOD] == AUTH_SERVICE_ACCOUNT:
        return RestGateway(
            ServiceAccount(data[CONF_CLIENT_ID], data[CONF_CLIENT_SECRET]), api_url()
        )
    return RestGateway(
        ApiKeys(
            data[CONF_APPLICATION_KEY],
            data[CONF_APPLICATION_SECRET],
            data[CONF_CONSUMER_KEY],
        ),
        api_url(),
    )
