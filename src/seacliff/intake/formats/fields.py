"""Key-value blocks: feedback reports, x-arf attachments, and the "IP: ... / Date: ..." lists in a mail's body.

A block's keys are recognised by name, in whatever spelling the sender chose; what they mean is in FIELDS.
"""

import re
from typing import Any

from .categories import category_of_feed, read_category
from .clues import target_of
from .reading import CATEGORIES, MAX_REF, MAX_TEXT
from .times import read_time

# Our field for their key. Keys are compared in lower case with everything but letters and digits made a space.
FIELDS: dict[str, str] = {
    alias: field
    for field, aliases in {
        "ip": "ip|ip address|source ip|src ip|source ip address|offending ip|offending source ip|attacker ip|"
        "attacking ip|"
        "infringer s ip address|infringers ip address|infringing ip|infected ip|host ip|remote ip|client ip|ip addr|"
        "ipaddress|infringer ip|address ip|ip adresse|quell ip|direccion ip|srcip|src|source address|src_ip|sourceip|"
        "senderip|sender ip|originating ip|ip address of infringer|ip addresses",
        "source": "source|offender|attacker|reported source|culprit",
        "url": "url|link|uri|web address|location url|infringing url|infringing location|malicious url|phishing url|"
        "reported url|reported uri|website url|adresse url|source url|page|content url|offending url",
        "domain": "domain|reported domain|host|hostname|website|fqdn|domain name|instance|site|server",
        "email": "offending email|spammer|sender address|from address|offending address",
        "account": "account|account id|account name|konto|cuenta|tenant|customer id",
        "user": "user|username|user name|user id|handle|benutzer|usuario|nick|screen name|profile",
        "event": "meeting id|meeting|webinar id|event id|room id|conference id|meeting number|besprechungs id",
        "organisation": "organisation|organization|company|org",
        "time": "date|time|timestamp|date time|datetime|tested on|event time|event date|incident date|incident time|"
        "first seen|"
        "initial infringement timestamp|infringement timestamp|detected|detected on|detection date|received date|"
        "arrival date|occurred at|last seen|observed|observed at|datum|fecha|attack time|start time|time of incident|"
        "recent infringement timestamp|infringement date|seen|created at|reported at|log time|event timestamp",
        "category": "category|abuse type|type of abuse|violation|issue type|classification|kategorie|categoria|"
        "incident type",
        "type": "report type|signature|type|service|attack type|result|issue|threat|infection|malware|infection type|"
        "tag|method|"
        "feed|rule|threat type|malware family|reason",
        "reference": "report id|notice id|case id|ticket|ticket id|incident id|reference|reference id|ref|id|"
        "case number|rid|"
        "case reference|ticket number|report number|incident number",
        "reporter_email": "reported from|reporter|reporter email|contact email|complainant email",
        "port": "port|source port|src port|infringer s port|infringers port|port id|srcport",
        "protocol": "protocol|proto|transport",
        "work": "infringed work|work|title|work title|copyrighted work|original work|infringed title|asset",
        "file": "infringing filename|infringing file name|filename|file name|file",
        "asn": "asn|as|as number|src asn",
        "user_agent": "user agent|http agent|agent",
        "destination": "destination ip|dst ip|destination|target ip|dest ip|victim ip|destination address",
        "destination_port": "destination port|dst port|dest port|target port",
        "source_type": "source type",
        "schema": "schema url",
    }.items()
    for alias in aliases.split("|")
}  # fmt: skip
# A key that alone proves a block to be about an incident, and those that only describe one.
TARGETS = ("url", "ip", "source", "event", "account", "user", "email", "domain", "organisation")

_LINE = re.compile(
    r"^[ \t>*•|-]{0,12}([A-Za-z][\w '’./()-]{0,40}?)\s{0,20}(?::|=)(?:[ \t]+|$)(.{0,4000})$", re.MULTILINE
)
_SPELLING = re.compile(r"[^a-z0-9äöüéñ]+")


def key_of(name: str) -> str:
    """Their key in the spelling FIELDS uses."""
    return _SPELLING.sub(" ", name.lower()).strip()


def read_pairs(text: str, limit: int = 400) -> list[tuple[str, str]]:
    """(our field, value) of every recognised line, in order. Lines whose key nobody knows are left out."""
    pairs: list[tuple[str, str]] = []
    for match in _LINE.finditer(text[:MAX_TEXT]):
        field = FIELDS.get(key_of(match[1]))
        value = match[2].strip().strip("*").strip()
        if field and value and value.lower() not in {"none", "n/a", "-", "unknown", "none sent"}:
            pairs.append((field, value[:MAX_REF]))
            if len(pairs) >= limit:
                break
    return pairs


def read_header_block(text: str) -> dict[str, list[str]]:
    """RFC 5322 style fields by lower-case name, folded lines joined (message/feedback-report, x-arf)."""
    block: dict[str, list[str]] = {}
    last: list[str] | None = None
    for line in text[:MAX_TEXT].splitlines()[:2000]:
        if line[:1] in (" ", "\t") and last and line.strip():
            last[-1] += " " + line.strip()
            continue
        name, colon, value = line.partition(":")
        name = name.strip().lower()
        if colon and 0 < len(name) < 60 and " " not in name:
            last = block.setdefault(name, [])
            last.append(value.strip())
    return block


def blocks(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    """Pairs grouped into incidents: a new one begins when a target of the same field comes again.

    The first value of a field stands, so the details of an incident's later log lines don't replace it.
    """
    found: list[dict[str, str]] = [{}]
    for field, value in pairs:
        if field in TARGETS and field in found[-1] and found[-1][field] != value and len(found) < 200:
            found.append({})
        found[-1].setdefault(field, value)
    return [block for block in found if block]


def target_in(block: dict[str, str]) -> tuple[str, str]:
    """(kind, reference) of what a block is about; ('', '') when it names nothing that can be recognised."""
    for field in TARGETS:
        value = block.get(field, "")
        if not value:
            continue
        kind, reference = target_of(value.split()[0] if field in {"url", "ip", "source", "domain", "email"} else value)
        if field in {"event", "account", "user", "organisation"} and len(value) <= 200:
            return field, value
        if kind == field or (field in {"url", "source"} and kind != "other") or (field == "domain" and kind == "ip"):
            return kind, reference
    return "", ""


def category_in(block: dict[str, str]) -> str:
    """The category a block's own words name, or `unsorted`."""
    for field in ("type", "category"):
        word = block.get(field, "")
        if word:
            known = read_category(word, CATEGORIES) or category_of_feed(word)
            if known != "unsorted":
                return known
    return "copyright" if "work" in block and ("file" in block or "protocol" in block) else "unsorted"


def details(block: dict[str, str]) -> dict[str, Any]:
    """What a block says beyond target, time and category, for a report's `extra`."""
    return {field: value for field, value in block.items() if field not in {"time", "reporter_email", "schema"}}


def time_in(block: dict[str, str]) -> Any:
    return read_time(block.get("time", ""))
