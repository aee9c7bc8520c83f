"""What a charter says, as a typed document that people read and edit as YAML."""

from datetime import timedelta
from typing import Any, Literal

import msgspec

from seacliff.partners.models import CharterVersion
from seacliff.people.problems import Invalid
from seacliff.record.written import NotYaml, as_yaml, yaml_of

Kind = Literal["review", "approve", "advise", "build", "publish", "inform"]
Severity = Literal[1, 2, 3, 4]
USUAL_HOURS: dict[int, float] = {1: 2, 2: 8, 3: 24, 4: 72}
BUSINESS_FROM = 3  # severities 1 and 2 don't wait for office hours


class Promise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An ask of this kind is answered within these hours, by severity; from `business_from` on they are working hours."""

    kind: Kind
    what: str = ""
    hours: dict[Severity, float] = {}
    business_from: int = BUSINESS_FROM


class Right(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who decides something, who must be consulted before, who is told; each the short name of a function."""

    decision: str
    decides: str
    consulted: tuple[str, ...] = ()
    informed: tuple[str, ...] = ()


class Contact(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who answers for the function; the first who is there gets the asks."""

    name: str
    email: str
    role: str = ""
    deputy: str = ""
    kinds: tuple[Kind, ...] = ()


class Escalation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who is told when an ask is this many hours late."""

    after_hours: float
    name: str
    email: str


class Channel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where asks are carried beside the mail to the contact: a chat channel, a repository."""

    name: str
    address: str
    kinds: tuple[Kind, ...] = ()


class Charter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    purpose: str = ""
    we_ask: tuple[Promise, ...] = ()
    they_ask: tuple[Promise, ...] = ()
    rights: tuple[Right, ...] = ()
    contacts: tuple[Contact, ...] = ()
    escalation: tuple[Escalation, ...] = ()
    channels: tuple[Channel, ...] = ()
    calendar: str = ""
    review_after_days: int = 180
    notes: str = ""

    def target(self, kind: str, severity: int, *, of_us: bool = False) -> tuple[timedelta, bool]:
        """How long an answer may take, and whether that is working time. `of_us`: they ask, T&S answers."""
        promises = self.they_ask if of_us else self.we_ask
        promise = next((each for each in promises if each.kind == kind), None)
        hours = (promise.hours.get(severity) if promise else None) or USUAL_HOURS[severity]  # type: ignore[call-overload]
        business = severity >= (promise.business_from if promise else BUSINESS_FROM)
        return timedelta(hours=hours), business and bool(self.calendar)


def charter_of(version: CharterVersion | None) -> Charter:
    """The document of a version; without one, what goes without saying."""
    return msgspec.convert(version.content, Charter, strict=False) if version else Charter()


def content_of(charter: Charter) -> dict[str, Any]:
    return msgspec.to_builtins(charter, str_keys=True)


def written(charter: Charter) -> str:
    """The charter as YAML, with what differs from the usual."""
    usual = content_of(Charter())
    said = {key: value for key, value in content_of(charter).items() if value != usual[key] or key == "purpose"}
    return as_yaml(said)


def read(text: str) -> Charter:
    """A charter from YAML. Raises Invalid with a sentence that says where it is wrong and what to write."""
    try:
        content = yaml_of(text) or {}
    except NotYaml as error:
        raise _invalid(str(error)) from None
    return checked(content)


def checked(content: Any) -> Charter:
    """A charter from plain data, such as a form's. Raises Invalid as `read` does."""
    try:
        charter = msgspec.convert(content, Charter, strict=False)
    except msgspec.ValidationError as error:
        raise _invalid(f"The charter can't be read: {error}.") from None
    if fault := fault_of(charter):
        raise _invalid(fault)
    return charter


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, errors=[{"pointer": "#/charter", "detail": sentence}])


def fault_of(charter: Charter) -> str:
    """What can't stay as it is, in a sentence; empty when all is well."""
    for promise in (*charter.we_ask, *charter.they_ask):
        if any(not 0.25 <= hours <= 24 * 365 for hours in promise.hours.values()):
            return f"{promise.kind}: a target lies between 0.25 hours and a year (8760 hours)."
    for side, promises in (("we_ask", charter.we_ask), ("they_ask", charter.they_ask)):
        kinds = [promise.kind for promise in promises]
        if doubled := {kind for kind in kinds if kinds.count(kind) > 1}:
            return f"{side}: {', '.join(sorted(doubled))} is promised twice."
    people: list[Contact | Escalation] = [*charter.contacts, *charter.escalation]
    if wrong := [person.name or person.email for person in people if "@" not in person.email.strip("@")]:
        return f"{', '.join(wrong)}: give an e-mail address."
    if any(not right.decision.strip() or not right.decides.strip() for right in charter.rights):
        return "A decision right names the decision and who decides it."
    if not 7 <= charter.review_after_days <= 730:
        return "A charter is looked at again after 7 to 730 days."
    return ""
