"""Triggers of automations: a message was delivered or not, somebody answered."""

from dataclasses import asdict
from typing import Any, ClassVar, Final, override

import voluptuous as vol

from homeassistant.const import CONF_OPTIONS
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.trigger import (
    Trigger,
    TriggerActionRunner,
    TriggerConfig,
    TriggerNotTriggeredReporter,
)
from homeassistant.helpers.typing import ConfigType

from .chosen import Recipients, account_chosen, recipients_chosen
from .const import ATTR_CONFIG_ENTRY_ID, ATTR_CONTAINS, ATTR_RECIPIENT, ATTR_STRANGERS
from .errors import async_invalid
from .news import Delivery, Happening, Item, Reply, async_listen
from .sms.errors import InvalidRequest
from .sms.words import plain_words

# What of it only matters inside; the trigger itself says what happened.
_UNTOLD: Final = ("happening", "recipient_id", "tag")
_NOBODY: Final = "an unlisted number"


class NewsTrigger(Trigger):
    """Fires when something is told that its options choose."""

    fields: ClassVar[tuple[str, ...]] = (ATTR_CONFIG_ENTRY_ID, ATTR_RECIPIENT)

    @classmethod
    @override
    async def async_validate_config(
        cls, hass: HomeAssistant, config: ConfigType
    ) -> ConfigType:
        """Refuse options with which it could never fire."""
        known = {vol.Optional(field): object for field in cls.fields}
        config = vol.Schema({vol.Optional(CONF_OPTIONS, default=dict): known})(config)
        try:
            options = cls.read(hass, config[CONF_OPTIONS])
        except InvalidRequest as err:
            raise await async_invalid(hass, err) from err
        return {**config, CONF_OPTIONS: options}

    @classmethod
    def read(cls, hass: HomeAssistant, options: ConfigType) -> ConfigType:
        """Return the options, each with its value."""
        entry_id = account_chosen(hass, options)
        recipients = recipients_chosen(hass, options, entry_id)
        return {ATTR_CONFIG_ENTRY_ID: entry_id, ATTR_RECIPIENT: recipients}

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take over what the user chose."""
        super().__init__(hass, config)
        self._options: dict[str, Any] = config.options or {}
        self._entry_id: str | None = self._options[ATTR_CONFIG_ENTRY_ID]
        self._recipients = Recipients(
            hass, self._options[ATTR_RECIPIENT], self._entry_id
        )

    @override
    async def async_attach_runner(
        self,
        run_action: TriggerActionRunner,
        did_not_trigger: TriggerNotTriggeredReporter | None = None,
    ) -> CALLBACK_TYPE:
        """Listen to all accounts, those too that are loaded later or once more."""

        @callback
        def hear(entry_id: str, item: Item) -> None:
            if self._entry_id not in (None, entry_id):
                return
            if (description := self._describe(item)) is None:
                return
            told = {k: v for k, v in asdict(item).items() if k not in _UNTOLD}
            run_action({ATTR_CONFIG_ENTRY_ID: entry_id, **told}, description)

        return async_listen(self._hass, hear)

    def _describe(self, item: Item) -> str | None:
        """Return what happened, without number and text, if it is what is waited for."""
        raise NotImplementedError


class MessageTrigger(NewsTrigger):
    """Fires for each number that a message came to its end for."""

    happenings: ClassVar[tuple[Happening, ...]]
    words: ClassVar[str]

    @override
    def _describe(self, item: Item) -> str | None:
        if not isinstance(item, Delivery) or item.happening not in self.happenings:
            return None
        if not self._recipients.include(item.recipient_id):
            return None
        return f"{self.words} {item.recipient or _NOBODY}"


class DeliveredTrigger(MessageTrigger):
    """Fires when the operator says that an SMS has arrived."""

    happenings = (Happening.DELIVERED,)
    words = "SMS delivered to"


class FailedTrigger(MessageTrigger):
    """Fires when an SMS did not arrive, or when that will never be known."""

    happenings = (Happening.FAILED, Happening.EXPIRED, Happening.UNKNOWN)
    words = "SMS not delivered to"


class ReplyTrigger(NewsTrigger):
    """Fires when somebody answers; whoever is no recipient must be let in."""

    fields = (*NewsTrigger.fields, ATTR_CONTAINS, ATTR_STRANGERS)

    @classmethod
    @override
    def read(cls, hass: HomeAssistant, options: ConfigType) -> ConfigType:
        """Return the options, each with its value."""
        contains = options.get(ATTR_CONTAINS)
        if not isinstance(contains, str | None):
            raise InvalidRequest("text_not_quoted", field=ATTR_CONTAINS)
        strangers = options.get(ATTR_STRANGERS)
        if not isinstance(strangers, bool | None):
            raise InvalidRequest("field_not_boolean", field=ATTR_STRANGERS)
        return {
            **super().read(hass, options),
            ATTR_CONTAINS: contains or "",
            ATTR_STRANGERS: bool(strangers),
        }

    @override
    def _describe(self, item: Item) -> str | None:
        if not isinstance(item, Reply) or not self._is_let_in(item):
            return None
        if plain_words(self._options[ATTR_CONTAINS]) not in plain_words(item.text):
            return None
        return f"reply from {item.recipient or _NOBODY}"

    def _is_let_in(self, reply: Reply) -> bool:
        if not reply.known:
            return bool(self._options[ATTR_STRANGERS])
        # A number of a group may be somebody's own as well, and told as theirs.
        recipients = self._recipients
        return recipients.include(reply.recipient_id) or recipients.have_number(
            reply.sender
        )


TRIGGERS: Final[dict[str, type[Trigger]]] = {
    "message_delivered": DeliveredTrigger,
    "message_failed": FailedTrigger,
    "reply_received": ReplyTrigger,
}


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by their names."""
    return TRIGGERS
