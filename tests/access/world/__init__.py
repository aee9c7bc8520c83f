"""What the access matrix walks through: one object for every address, some of them somebody's own.

`scene.py` makes what several rooms need; every other file here is a room's and has `plant(world)`, which makes the room's
objects and says where they stand: `world.names` for the parameters of addresses, `world.owns(...)` for what is somebody's.
A new room adds a file and touches no other.
"""

from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules
from types import SimpleNamespace
from typing import Any

from seacliff.people.models import User
from seacliff.people.permissions import Role

STRANGER = "stranger"
# One person of every role, and somebody with no role at all.
CAST = {role.value: (role,) for role in Role} | {"no-role": ()}


@dataclass
class World:
    people: dict[str, User]
    made: SimpleNamespace = field(default_factory=SimpleNamespace)
    names: dict[str, Any] = field(default_factory=dict)
    own: dict[str, dict[str, Any]] = field(default_factory=dict)
    planted: dict[str, tuple[bytes, ...]] = field(default_factory=dict)  # what must be found nowhere without need

    def value(self, route: str, parameter: str) -> Any:
        """What to put for a parameter of an address; told for the address, its room, or everywhere, in this order."""
        for key in (f"{route}.{parameter}", f"{route.split(':')[0]}.{parameter}", parameter):
            if key in self.names:
                return self.names[key]
        raise KeyError(f"{route}: tell tests/access/world what {parameter} may be")

    def name(self, addresses: str, parameter: str, value: Any) -> None:
        """The value of a parameter for several addresses of a room: "review:brigade brigade-judge"."""
        room, _, names = addresses.partition(":")
        self.names |= {f"{room}:{name}.{parameter}": value for name in names.split()}

    def owns(self, words: str, *addresses: str, **parameter: dict[str, Any] | Any) -> None:
        """A row of the matrix for each of the addresses ("review:case", or "/api/v1/asks/{ref}"), in which everybody asks
        for what is their own: a value for each of the cast, or one for all of them."""
        [(name, values)] = parameter.items()
        each = values if isinstance(values, dict) else dict.fromkeys(self.people, values)
        self.own[words] = {"routes": addresses, "parameter": name, "values": each}


def build() -> World:
    """The world; slow enough (a second) to be made once."""
    from . import scene

    world = World({name: _person(name, roles) for name, roles in CAST.items()})
    scene.plant(world)
    for module in sorted(found.name for found in iter_modules(__path__) if found.name != "scene"):
        import_module(f"{__name__}.{module}").plant(world)
    return world


def _person(name: str, roles: tuple[Role, ...]) -> User:
    email = f"{name}@example.org"
    return User.objects.create_user(
        email, name=name.title(), roles=[str(role) for role in roles], tier=2, language="en"
    )
