"""What an operation of the REST API is, and what its handler is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ..account import Account
from ..auth import Doorkeeper, Principal
from ..network import Network
from ..sending import Twist
from ..world import World


@dataclass(slots=True)
class Call:
    """One call, identified and validated."""

    world: World
    network: Network
    doorkeeper: Doorkeeper
    principal: Principal
    base_url: str
    path: dict[str, str]
    query: dict[str, object]
    body: dict[str, object]
    twist: Twist

    @property
    def account(self) -> Account:
        """Find the account that the path names."""
        return self.world.account(self.path["serviceName"], self.principal.customer)


@dataclass(frozen=True, slots=True)
class Operation:
    """A method on a path, its parameters and the right it needs.

    Parameters map a name to a type, which ends in `*` when it is required. `model` is the model that
    a PUT takes as its body.
    """

    method: str
    template: str
    handle: Callable[[Call], object]
    action: str | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)
    model: str | None = None
    authenticated: bool = True
    needs_application: bool = False
    needs_right: bool = True
    sends: bool = False
