"""What a finding fixes before its estimate is made: design, outcome, whom, from when until when."""

import hashlib
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path

import msgspec
from django.utils import timezone

from seacliff import __version__
from seacliff.value import designs as estimators
from seacliff.value import inputs

LIBRARIES = ("numpy", "pandas", "scipy", "statsmodels")  # a figure may change with them


class PlanError(ValueError):
    """What is wrong with a plan or its data, in a sentence; `field` says where."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.field = sentence, field


class Plan(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """`plausible` is the largest effect worth believing in, in units of the outcome: a design that could only see larger
    ones is refused. Nothing from `until` on is looked at, neither a case nor what came of one. `horizon_days` is how long after
    the decision, the score or the launch the outcome is looked at. `threshold` is of a score; of strikes the `policy` has it,
    version by version. `planned` is the share that a lot was to choose."""

    design: str
    outcome: str
    since: date | None = None
    until: date | None = None
    category: str = ""
    queue: str = ""
    launch: str = ""
    changed_at: date | None = None
    horizon_days: int = 28
    plausible: float | None = None
    only_random: bool = False
    threshold: float | None = None
    policy: str = ""
    planned: float | None = None

    @property
    def end(self) -> date:
        """The first day that is not looked at. Proposing fixes it, or the rows would grow by the day."""
        return self.until or timezone.now().date()


def stored(plan: Plan) -> dict[str, object]:
    return msgspec.to_builtins(plan)


def plan_of(kept: object) -> Plan:
    return msgspec.convert(kept, Plan, strict=False)


@cache
def code_version() -> str:
    """Of what an estimate is made with: the release, a digest of the estimators and of what reads their inputs, the libraries."""
    digest = hashlib.sha256()
    for package in (estimators, inputs):
        for path in sorted(Path(str(package.__file__)).parent.glob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    for name in ("designs.py", "at_threshold.py"):
        digest.update(Path(__file__).with_name(name).read_bytes())
    libraries = " ".join(f"{name}-{version(name)}" for name in LIBRARIES)
    return f"{__version__}+{digest.hexdigest()[:12]} {libraries}"
