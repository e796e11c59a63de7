"""Home Assistant over HTTP and its websocket, as its own frontend talks to it."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

import aiohttp

from .errors import DemoError

USER: Final = "demo"
PASSWORD: Final = "demo"
HOUSE_NAMES: Final = {"en": "Demo house", "fr": "Maison de démonstration"}
_SHOWN: Final = 600

type Json = Any


class HomeAssistant:
    """A running Home Assistant, once signed in with an access token."""

    def __init__(self, session: aiohttp.ClientSession, address: str) -> None:
        """Talk to the Home Assistant at this address."""
        self._session = session
        self.address = address
        self._headers: dict[str, str] = {}

    async def status(self, path: str) -> int:
        """Give the status that a path is answered with, 0 if nobody listens."""
        try:
            async with self._session.get(self.address + path) as response:
                return response.status
        except aiohttp.ClientError, TimeoutError:
            return 0

    async def request(
        self,
        method: str,
        path: str,
        body: Json = None,
        form: Mapping[str, str] | None = None,
    ) -> Json:
        """Make a request and give the JSON of the answer."""
        try:
            async with self._session.request(
                method,
                self.address + path,
                json=body,
                data=form,
                headers=self._headers,
            ) as response:
                if response.status >= 400:
                    text = (await response.text())[:_SHOWN]
                    raise DemoError(
                        f"Home Assistant answered {method} {path} with {response.status}: {text}"
                    )
                return await response.json()
        except (aiohttp.ClientError, TimeoutError) as err:
            raise DemoError(
                f"Home Assistant did not answer {method} {path}: {err!r}"
            ) from err

    async def get(self, path: str) -> Json:
        """Read something."""
        return await self.request("GET", path)

    async def post(self, path: str, body: Json = None) -> Json:
        """Send something."""
        return await self.request("POST", path, {} if body is None else body)

    async def command(self, type_: str, **fields: Json) -> Json:
        """Give a command on the websocket and return its result."""
        token = self._headers["Authorization"].removeprefix("Bearer ")
        url = self.address.replace("http", "ws", 1) + "/api/websocket"
        try:
            async with self._session.ws_connect(url) as socket:
                await socket.receive_json()
                await socket.send_json({"type": "auth", "access_token": token})
                await socket.receive_json()
                await socket.send_json({"id": 1, "type": type_, **fields})
                answer = await socket.receive_json()
        except (aiohttp.ClientError, TimeoutError, TypeError) as err:
            raise DemoError(
                f"Home Assistant did not answer the command {type_}: {err!r}"
            ) from err
        if not answer.get("success"):
            raise DemoError(
                f"Home Assistant refused the command {type_}: {answer.get('error')}"
            )
        return answer["result"]

    async def sign_in(self, language: str) -> bool:
        """Sign in, making the user and ending the onboarding first if needed; True if it was needed."""
        undone: set[str] = set()
        # Once all is done the path is gone.
        if await self.status("/api/onboarding") == 200:
            steps = await self.get("/api/onboarding")
            undone = {step["step"] for step in steps if not step["done"]}
        client = self.address + "/"
        if "user" in undone:
            made = await self.post(
                "/api/onboarding/users",
                {
                    "client_id": client,
                    "name": "Demo",
                    "username": USER,
                    "password": PASSWORD,
                    "language": language,
                },
            )
            code = made["auth_code"]
        else:
            code = await self._login(client)
        tokens = await self.request(
            "POST",
            "/auth/token",
            form={
                "grant_type": "authorization_code",
                "code": code,
                "client_id": client,
            },
        )
        self._headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        for step in ("core_config", "analytics"):
            if step in undone:
                await self.post(f"/api/onboarding/{step}")
        if "integration" in undone:
            await self.post(
                "/api/onboarding/integration",
                {"client_id": client, "redirect_uri": client},
            )
        return bool(undone)

    async def _login(self, client: str) -> str:
        """Log in as the demo's user and give the authorization code."""
        flow = await self.post(
            "/auth/login_flow",
            {
                "client_id": client,
                "handler": ["homeassistant", None],
                "redirect_uri": client,
            },
        )
        result = await self.post(
            f"/auth/login_flow/{flow['flow_id']}",
            {"client_id": client, "username": USER, "password": PASSWORD},
        )
        if result["type"] != "create_entry":
            raise DemoError(
                f"the user {USER} with the password {PASSWORD} is not known here any more:"
                " begin anew with --fresh"
            )
        return str(result["result"])

    async def move_to_france(self, language: str) -> None:
        """Set country, time zone, currency and language."""
        await self.command(
            "config/core/update",
            country="FR",
            currency="EUR",
            language=language,
            location_name=HOUSE_NAMES[language],
            latitude=48.8566,
            longitude=2.3522,
            elevation=35,
            time_zone="Europe/Paris",
            unit_system="metric",
        )
        await self.command(
            "frontend/set_user_data",
            key="language",
            value={"language": language, "number_format": "language"},
        )

    async def entries(self, domain: str) -> list[dict[str, Json]]:
        """List the config entries of a domain."""
        found: list[dict[str, Json]] = await self.get(
            f"/api/config/config_entries/entry?domain={domain}"
        )
        return found

    async def call(
        self,
        domain: str,
        action: str,
        data: Mapping[str, Json],
        *,
        response: bool = False,
    ) -> Json:
        """Perform an action and give its response."""
        query = "?return_response" if response else ""
        answer = await self.post(f"/api/services/{domain}/{action}{query}", dict(data))
        return answer["service_response"] if response else None

    async def has_action(self, domain: str, action: str) -> bool:
        """Tell whether an action is registered."""
        for group in await self.get("/api/services"):
            if group["domain"] == domain:
                return action in group["services"]
        return False

    async def recipients(self, entry_id: str) -> list[str]:
        """List the ids of the entry's notify entities that can be used."""
        registry = await self.command("config/entity_registry/list")
        mine = {
            entity["entity_id"]
            for entity in registry
            if entity["config_entry_id"] == entry_id
            and entity["entity_id"].startswith("notify.")
        }
        states = {
            state["entity_id"]: state["state"]
            for state in await self.get("/api/states")
        }
        return sorted(
            entity
            for entity in mine
            if states.get(entity, "unavailable") != "unavailable"
        )

    async def running(self) -> bool:
        """Tell whether the start is over; raise if it ended in recovery mode."""
        config = await self.get("/api/config")
        if config.get("recovery_mode"):
            raise DemoError("Home Assistant came up in recovery mode")
        return bool(config["state"] == "RUNNING")


async def until(what: str, question: Any, within: float, every: float = 0.2) -> Any:
    """Ask again and again until the answer is not empty, and give it."""
    try:
        async with asyncio.timeout(within):
            while True:
                if answer := await question():
                    return answer
                await asyncio.sleep(every)
    except TimeoutError:
        raise DemoError(f"{what} did not happen within {within:.0f} s") from None
