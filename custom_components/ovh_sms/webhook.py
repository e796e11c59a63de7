"""The door that OVHcloud knocks on when there is a receipt or a reply."""

import logging
from typing import TYPE_CHECKING, Final

from aiohttp.hdrs import METH_GET, METH_HEAD, METH_POST, METH_PUT
from aiohttp.web import Request, Response

from homeassistant.components import webhook
from homeassistant.const import CONF_WEBHOOK_ID
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.debounce import Debouncer

from .callbacks import called_kinds
from .const import CONF_RECEIPTS, CONF_REPLIES, DOMAIN

if TYPE_CHECKING:
    from .account import Account

_LOGGER = logging.getLogger(__name__)

# Seconds between two rounds, however many calls come, and what a round may hold.
# What is left out is found by the polling that goes on all the same.
_RECEIPTS_PAUSE: Final = 1.0
_REPLIES_PAUSE: Final = 5.0
_MOST_RECEIPTS: Final = 200
# The most digits that the ledger can hold.
_MOST_DIGITS: Final = 18


class Webhook:
    """Takes a call as a hint to look at OVHcloud, and never as the truth.

    Anybody may have sent it: what it says is neither believed nor logged.
    """

    def __init__(self, account: Account) -> None:
        """Listen to nobody yet."""
        self._account = account
        self._webhook_id: str | None = None
        self._receipts: set[int] = set()
        self._receipts_round = Debouncer(
            account.hass,
            _LOGGER,
            cooldown=_RECEIPTS_PAUSE,
            immediate=True,
            function=self._async_hint_receipts,
        )
        self._replies_round = Debouncer(
            account.hass,
            _LOGGER,
            cooldown=_REPLIES_PAUSE,
            immediate=True,
            function=account.incoming.async_hint_replies,
        )

    @callback
    def async_follow(self) -> None:
        """Listen if the options say so, and stop if they do not any more."""
        options = self._account.entry.options
        webhook_id = options.get(CONF_WEBHOOK_ID) if called_kinds(options) else None
        if webhook_id == self._webhook_id:
            return
        self.async_stop()
        if webhook_id:
            webhook.async_register(
                self._account.hass,
                DOMAIN,
                self._account.entry.title,
                webhook_id,
                self._async_handle,
                # Whoever calls gets the same answer, and leaves no line in the log.
                allowed_methods=(METH_GET, METH_HEAD, METH_POST, METH_PUT),
            )
            self._webhook_id = webhook_id

    @callback
    def async_stop(self) -> None:
        """Listen to nobody any more."""
        if self._webhook_id:
            webhook.async_unregister(self._account.hass, self._webhook_id)
            self._webhook_id = None
        self._receipts_round.async_cancel()
        self._replies_round.async_cancel()
        self._receipts.clear()

    async def _async_handle(
        self, hass: HomeAssistant, webhook_id: str, request: Request
    ) -> Response:
        """Note what may be new: a receipt is told by GET with an id, a reply by POST."""
        kinds = called_kinds(self._account.entry.options)
        if request.method == METH_POST and CONF_REPLIES in kinds:
            self._replies_round.async_schedule_call()
        elif request.method == METH_GET and CONF_RECEIPTS in kinds:
            sms_id = _sms_id(request.query.get("id", ""))
            if sms_id and len(self._receipts) < _MOST_RECEIPTS:
                self._receipts.add(sms_id)
                self._receipts_round.async_schedule_call()
        return Response()

    @callback
    def _async_hint_receipts(self) -> None:
        receipts, self._receipts = self._receipts, set()
        for sms_id in receipts:
            self._account.incoming.async_hint_receipt(sms_id)


def _sms_id(text: str) -> int:
    """Return the id of an SMS; 0 for what cannot be one."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
    return int(text) if is_number else 0
