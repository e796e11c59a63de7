"""The two pages of OVHcloud's that a person sees: approving a consumer key, and making keys."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from urllib.parse import parse_qsl

from .credentials import ConsumerKey, Rule
from .world import World

VALIDATION_PATH = "/auth/"
TOKEN_PATHS = frozenset(
    {
        "/createToken",
        "/createToken/",
        "/createToken/index.cgi",
        "/api/createToken",
        "/api/createToken/",
    }
)
METHODS = ("GET", "POST", "PUT", "DELETE")
VALIDITIES = {
    "1d": ("1 day", timedelta(days=1)),
    "30d": ("30 days", timedelta(days=30)),
    "": ("Unlimited", None),
}

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 36rem; margin: 2rem auto; padding: 0 1rem; color: #122; }}
label {{ display: block; margin: .75rem 0; }} input, select, textarea, button {{ font: inherit; padding: .4rem; }}
textarea, input {{ width: 100%; box-sizing: border-box; }} button {{ margin-right: .5rem; }}
code {{ word-break: break-all; }}
</style></head><body><main><h1>{title}</h1>
{content}
<p><small>A simulator, not OVHcloud.</small></p></main></body></html>"""


class PageError(Exception):
    """A page that cannot be shown, with its HTTP status."""

    def __init__(self, status: int, sentence: str) -> None:
        """Remember status and sentence."""
        super().__init__(sentence)
        self.status = status


def page(title: str, content: str) -> str:
    """Put content into the frame of a page."""
    return _PAGE.format(title=escape(title), content=content)


def error_page(error: PageError) -> str:
    """Say why a page cannot be shown."""
    return page("Not possible", f"<p>{escape(str(error))}</p>")


def _options(choices: Iterable[tuple[str, str]]) -> str:
    """Write the choices of a list."""
    return "".join(
        f'<option value="{escape(value)}">{escape(text)}</option>'
        for value, text in choices
    )


def _validity_field() -> str:
    """Write the choice of a validity."""
    return (
        '<label>Validity <select name="validity">'
        + _options((value, text) for value, (text, _) in VALIDITIES.items())
        + "</select></label>"
    )


def _rule_list(rules: Sequence[Rule]) -> str:
    """Write rights as a list."""
    items = "".join(
        f"<li><code>{escape(rule.method)} {escape(rule.path)}</code></li>"
        for rule in rules
    )
    return f"<ul>{items}</ul>"


def _find(world: World, query: str) -> ConsumerKey:
    """Find the consumer key that a validation link is for."""
    token = dict(parse_qsl(query)).get("credentialToken", "")
    for key in world.consumer_keys.values():
        if token and key.token == token:
            if key.status != "pendingValidation":
                raise PageError(410, "This request has already been answered.")
            return key
    raise PageError(404, "This credential token does not exist.")


def validation_page(world: World, query: str) -> str:
    """Show what an application asks for."""
    key = _find(world, query)
    application = world.applications[key.application_key]
    customers = [(customer, customer) for customer in world.customers()]
    return page(
        "Authorize access",
        f"<p><strong>{escape(application.name)}</strong> asks for the right to make these calls:</p>"
        f"{_rule_list(key.rules)}"
        '<form method="post"><label>Log in as <select name="account">'
        f"{_options(customers)}</select></label>{_validity_field()}"
        '<button name="action" value="approve">Approve</button>'
        '<button name="action" value="refuse">Refuse</button></form>',
    )


def validate(
    world: World, query: str, form: Mapping[str, str]
) -> tuple[str, str | None]:
    """Approve or refuse a consumer key: gives the page to show and the address to go to, if any."""
    key = _find(world, query)
    action = form.get("action")
    if action not in {"approve", "refuse"}:
        raise PageError(400, "Please approve or refuse.")
    if action == "refuse":
        key.status = "refused"
        return page(
            "Access refused", "<p>You can close this window.</p>"
        ), key.redirection
    customer = form.get("account", world.customers()[0])
    if customer not in world.customers():
        raise PageError(400, "This account does not exist.")
    key.customer = customer
    key.expiration = _expiration(world, form)
    key.status = "validated"
    return page("Access granted", "<p>You can close this window.</p>"), key.redirection


def _expiration(world: World, form: Mapping[str, str]) -> datetime | None:
    """Read the validity chosen."""
    validity = form.get("validity", "")
    if validity not in VALIDITIES:
        raise PageError(400, "This validity is not offered.")
    span = VALIDITIES[validity][1]
    return None if span is None else world.now() + span


def token_form(query: str) -> str:
    """Show the form that makes application and consumer key at once."""
    rules = "\n".join(
        f"{name} {value}"
        for name, value in parse_qsl(query, keep_blank_values=True)
        if name in METHODS
    )
    return page(
        "Create API keys",
        '<form method="post"><label>Application name <input name="name" required></label>'
        '<label>Application description <input name="description" required></label>'
        f"{_validity_field()}"
        f'<label>Rights, one per line <textarea name="rules" rows="8" required>{escape(rules)}</textarea></label>'
        '<label>Restricted IPs (optional) <input name="ips"></label><button>Create keys</button></form>',
    )


def create_token(world: World, form: Mapping[str, str]) -> str:
    """Make the keys and show them this once."""
    name = form.get("name", "").strip()
    if not name:
        raise PageError(400, "Please give the application a name.")
    if any(application.name == name for application in world.applications.values()):
        raise PageError(400, "An application with that name already exists.")
    rules: list[Rule] = []
    for line in form.get("rules", "").splitlines():
        method, _, path = line.strip().partition(" ")
        if not line.strip():
            continue
        if method not in METHODS or not path.startswith("/"):
            raise PageError(400, f"This is no right: {line}")
        rules.append(Rule(method, path))
    if not rules:
        raise PageError(400, "Please give at least one right.")
    application = world.add_application(
        name=name, description=form.get("description", "")
    )
    blocks = form.get("ips", "").replace(",", " ").split()
    key = world.add_consumer_key(
        rules, application_key=application.key, allowed_ips=blocks or None
    )
    key.expiration = _expiration(world, form)
    rows = (
        ("Application key", application.key),
        ("Application secret", application.secret),
        ("Consumer key", key.key),
    )
    shown = "".join(
        f'<dt>{label}</dt><dd><code id="{label.lower().replace(" ", "-")}">{value}</code></dd>'
        for label, value in rows
    )
    return page(
        "Your keys",
        f"<p>Keep them: they are shown only once.</p><dl>{shown}</dl>{_rule_list(rules)}",
    )
