"""Home Assistant's address at OVHcloud: set, and what was there put back."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
import logging
from typing import Any, Final

from homeassistant.components import webhook
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.network import NoURLAvailableError

from .const import CONF_CALLBACKS, CONF_RECEIPTS, CONF_REPLIES
from .credentials import rest_gateway
from .gateway import GatewayError, OutcomeUnknown, RestGateway
from .gateway.answers import callbacks_if_told
from .gateway.models import Callbacks
from .sms.settings import Feedback
from .texts import as_code, async_text

_LOGGER = logging.getLogger(__name__)

# What OVHcloud can call an address with; the options are of the same names.
KINDS: Final = (CONF_RECEIPTS, CONF_REPLIES)
_NOTHING: Final = {CONF_RECEIPTS: "receipts_nothing", CONF_REPLIES: "replies_nothing"}
_CALLED: Final = {CONF_RECEIPTS: "receipts_called", CONF_REPLIES: "replies_called"}
_CLOUD: Final = "https://hooks.nabu.casa/…"


@dataclass(frozen=True, slots=True)
class Replaced:
    """An address of ours at OVHcloud, and what it took the place of, in OVHcloud's words."""

    address: str
    before: Any


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was replaced; after a failure, what could not be put back either."""

    replaced: Mapping[str, Replaced]
    failure: GatewayError | None = None


def called_kinds(options: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what the options want OVHcloud to call with."""
    return tuple(kind for kind in KINDS if options.get(kind) == Feedback.WEBHOOK)


def replaced_in(options: Mapping[str, Any]) -> dict[str, Replaced]:
    """Return what is stored of the addresses that were replaced."""
    stored = options.get(CONF_CALLBACKS)
    if not isinstance(stored, dict):
        return {}
    return {
        kind: Replaced(**found)
        for kind, found in stored.items()
        if _is_sound(kind, found)
    }


def _is_sound(kind: str, stored: object) -> bool:
    """Tell whether what is stored, which others may have edited, can be put back."""
    match stored:
        case {"address": str(), "before": before, **more} if not more:
            if kind == CONF_REPLIES:
                return callbacks_if_told({"smsResponse": before}) is not None
            return kind == CONF_RECEIPTS and isinstance(before, str | None)
    return False


def as_stored(replaced: Mapping[str, Replaced]) -> dict[str, Any]:
    """Return the addresses that were replaced as they are stored."""
    return {kind: asdict(found) for kind, found in replaced.items()}


def setting(kind: str, found: Callbacks) -> Any:
    """Return in OVHcloud's words what it does with receipts, or with replies."""
    return found.receipts if kind == CONF_RECEIPTS else dict(found.replies)


def standing(kind: str, found: Callbacks) -> str | None:
    """Return the address that is called; None for nothing, a word for something else."""
    if kind == CONF_RECEIPTS:
        return found.receipts
    response: str | None = found.replies.get("responseType")
    if response == "cgi":
        return found.reply_address
    return None if response in (None, "none") else response


def set_address(
    gateway: RestGateway, service_name: str, kind: str, address: str, found: Callbacks
) -> None:
    """Have OVHcloud call an address."""
    if kind == CONF_RECEIPTS:
        gateway.call_for_receipts(service_name, address)
    else:
        gateway.answer_replies(service_name, found.with_reply_address(address))


def take_place(
    gateway: RestGateway,
    service_name: str,
    address: str,
    found: Callbacks,
    known: Mapping[str, Replaced],
    kinds: Iterable[str],
) -> Attempt:
    """Have OVHcloud call an address instead of what it does now; all of it, or nothing."""
    replaced: dict[str, Replaced] = {}
    for kind in kinds:
        taking = {kind: Replaced(address, _before(kind, found, address, known))}
        try:
            set_address(gateway, service_name, kind, address, found)
        except GatewayError as failure:
            if isinstance(failure, OutcomeUnknown):
                replaced |= taking
            if replaced:
                try:
                    put_back(gateway, service_name, replaced)
                except GatewayError:
                    return Attempt(replaced, failure)
            return Attempt({}, failure)
        replaced |= taking
    return Attempt(replaced)


def put_back(
    gateway: RestGateway, service_name: str, replaced: Mapping[str, Replaced]
) -> None:
    """Put back what was replaced, where OVHcloud still calls our address."""
    found = gateway.callbacks(service_name)
    for kind, place in replaced.items():
        if standing(kind, found) != place.address:
            continue
        if kind == CONF_RECEIPTS:
            gateway.call_for_receipts(service_name, place.before)
        else:
            gateway.answer_replies(service_name, place.before)


def _before(
    kind: str, found: Callbacks, address: str, known: Mapping[str, Replaced]
) -> Any:
    """Return what stands there, or what did before us if we stand there already."""
    place = known.get(kind)
    if standing(kind, found) in (address, *([place.address] if place else [])):
        if place:
            return place.before
        if kind == CONF_REPLIES:
            return {**found.replies, "responseType": "none", "cgiUrl": None}
        return None
    return setting(kind, found)


async def async_call[T](
    hass: HomeAssistant, data: Mapping[str, Any], call: Callable[[RestGateway], T]
) -> T:
    """Make calls with an entry's credentials."""

    def work() -> T:
        with closing(rest_gateway(data)) as gateway:
            return call(gateway)

    return await hass.async_add_executor_job(work)


@callback
def async_shown_address(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return the address to show before it is asked for; None if there would be none."""
    cloud = _cloud(hass)
    if cloud and cloud.async_is_connected(hass):
        return _CLOUD
    return _external_address(hass, webhook_id)


async def async_address(hass: HomeAssistant, webhook_id: str) -> str | None:
    """Return the address for OVHcloud to call; None if there is none."""
    cloud = _cloud(hass)
    if not cloud or not cloud.async_is_connected(hass):
        return _external_address(hass, webhook_id)
    try:
        address: str = await cloud.async_get_or_create_cloudhook(hass, webhook_id)
    except Exception:
        _LOGGER.warning("Home Assistant Cloud gave no address", exc_info=True)
        return None
    return address


async def async_forget_address(hass: HomeAssistant, webhook_id: str) -> None:
    """Give back the address that Home Assistant Cloud may have made."""
    if cloud := _cloud(hass):
        # There may be none, or no connection to say so.
        with suppress(Exception):
            await cloud.async_delete_cloudhook(hass, webhook_id)


@callback
def is_cloud_away(hass: HomeAssistant) -> bool:
    """Tell whether Home Assistant Cloud is signed in to, but not connected just now."""
    cloud = _cloud(hass)
    return bool(cloud) and not cloud.async_is_connected(hass)


async def async_described(hass: HomeAssistant, kind: str, found: Callbacks) -> str:
    """Return in words what OVHcloud does with receipts, or with replies."""
    if (place := standing(kind, found)) is None:
        return await async_text(hass, _NOTHING[kind])
    if kind == CONF_REPLIES and place != found.reply_address:
        answer = str(found.replies.get("text") or place)
        return await async_text(hass, "replies_answered", text=_as_code(answer))
    return await async_text(hass, _CALLED[kind], address=_as_code(place))


async def async_described_before(
    hass: HomeAssistant, replaced: Mapping[str, Replaced]
) -> str:
    """Return in words, as a list, what OVHcloud did before it called Home Assistant."""
    before = {kind: place.before for kind, place in replaced.items()}
    found = Callbacks(
        receipts=before.get(CONF_RECEIPTS), replies=before.get(CONF_REPLIES, {})
    )
    return "\n".join([f"- {await async_described(hass, k, found)}" for k in before])


def _as_code(text: str) -> str:
    return as_code([text.replace("`", "'")])


@callback
def _cloud(hass: HomeAssistant) -> Any:
    """Return Home Assistant Cloud, if it is signed in to."""
    if "cloud" not in hass.config.components:
        return None
    from homeassistant.components import cloud  # noqa: PLC0415 - what it takes may be missing

    return cloud if cloud.async_is_logged_in(hass) else None


@callback
def _external_address(hass: HomeAssistant, webhook_id: str) -> str | None:
    try:
        return webhook.async_generate_url(hass, webhook_id, allow_internal=False)
    except NoURLAvailableError:
        return None
