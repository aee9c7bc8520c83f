"""Runs the format readers over real third-party inputs and prints what came of them, folder by folder.

The inputs are not part of the repository (their licences and the personal data in them differ from ours). They are
looked for in SEACLIFF_DATA, then in `shared/data` beside the repository or beside any folder above it.
"""

import csv
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from seacliff.intake.formats import CATEGORIES, TARGET_KINDS, Message, Reading, read_mail, read_row, read_xarf
from seacliff.intake.formats.clues import read_ip

ROOT = Path(__file__).resolve().parents[2]
GOAL = 0.9
# What a folder's (or file's) own name says its reports are about: an oracle our readers don't see.
EXPECTED = {
    "abusehub": {"compromised-host"}, "blocklistde": {"network-attack"}, "copyrightcompliance": {"copyright"},
    "cyscon": {"malware"}, "feedback-loop": {"spam"}, "google": {"malware", "phishing"}, "ip-echelon": {"copyright"},
    "netcraft": {"phishing"}, "projecthoneypot": {"network-attack", "spam", "compromised-host"},
    "shadowserver": {"vulnerable-service", "compromised-host"}, "spamexperts": {"spam"},
    "webiron": {"network-attack", "compromised-host"}, "kumomta-rfc5965": {"spam"}, "node-bounce-handler": {"spam"},
    "sisimai": {"spam", "impersonation"},
}  # fmt: skip
EXPECTED_XARF = {
    "phishing": "phishing", "spam": "spam", "bulk": "spam", "ddos": "network-attack",
    "portscan": "network-attack", "port-scan": "network-attack",
    "login": "network-attack", "botnet": "compromised-host", "infected": "compromised-host", "copyright": "copyright",
    "trademark": "trademark", "fraud": "fraud-scam", "csam": "child-safety", "csem": "child-safety",
    "childabuse": "child-safety", "content-malware": "malware", "malware_no_url": "malware",
    "harassment": "harassment hate",
    "openservice": "vulnerable-service", "vulnerability-cve": "vulnerable-service", "exposed": "privacy-doxxing",
    "potentially_compromised": "account-takeover", "webcrawler": "network-attack", "rpz": "compromised-host",
}  # fmt: skip


def find_data() -> Path | None:
    given = os.environ.get("SEACLIFF_DATA")
    places = [Path(given)] if given else [folder / "shared" / "data" for folder in (ROOT.parent, *ROOT.parent.parents)]
    return next((place for place in places if (place / "xarf").is_dir()), None)


@dataclass
class Tally:
    messages: int = 0
    reports: int = 0
    human: int = 0
    crashed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    good: Counter = field(default_factory=Counter)  # readable messages in which every report has it
    fallback: Counter = field(default_factory=Counter)  # of those, from a lesser source
    wrong: list[str] = field(default_factory=list)

    @property
    def readable(self) -> int:
        return self.messages - self.human - len(self.crashed) - len(self.lost)


@pytest.fixture(scope="module")
def data() -> Path:
    place = find_data()
    if place is None:
        pytest.skip("not run: ../shared/data absent")
    return place


def count(tally: Tally, name: str, message: Message) -> None:
    tally.messages += 1
    tally.reports += len(message.readings)
    if re.search(r"could not be read \(\w+\)", message.needs_human):  # the readers' own net caught an exception
        tally.crashed.append(f"{name}: {message.needs_human}")
    elif not message.readings and not message.needs_human:
        tally.lost.append(name)
    elif not message.readings:
        tally.human += 1
    else:
        judge(tally, message.readings)


def judge(tally: Tally, readings: tuple[Reading, ...]) -> None:
    tally.good["category"] += all(r.category in CATEGORIES and r.category != "unsorted" for r in readings)
    tally.good["target"] += all(has_target(r) for r in readings)
    tally.good["time"] += all(has_time(r) for r in readings)
    tally.good["evidence"] += all(any(found.content for found in r.evidence) for r in readings)
    tally.fallback["time"] += any(r.extra.get("time_from") == "date of the mail" for r in readings)
    documents = {"report.json", "incident.txt", "listed.txt", "list.xml", "feedback-report.txt"}
    tally.fallback["evidence"] += any({found.name for found in r.evidence} <= documents for r in readings)


def has_target(reading: Reading) -> bool:
    if reading.target_kind not in TARGET_KINDS or not reading.target_ref:
        return False
    return reading.target_kind != "ip" or read_ip(reading.target_ref) == reading.target_ref


def has_time(reading: Reading) -> bool:
    return reading.occurred_at is not None and datetime(2000, 1, 1, tzinfo=UTC) < reading.occurred_at < datetime.now(
        UTC
    )


def row(name: str, tally: Tally) -> str:
    def rate(what: str) -> str:
        share = f"{tally.good[what] / tally.readable:.0%}" if tally.readable else "-"
        return f"{share} ({tally.fallback[what]})" if tally.fallback[what] else share

    cells = [name, tally.messages, tally.reports, tally.human, len(tally.crashed), len(tally.lost),
             rate("category"), rate("target"), rate("time"), rate("evidence")]  # fmt: skip
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


HEAD = (
    "\n| folder | messages | reports | kept for a human | crashed | lost | category | target | time | evidence |\n"
    "|---|---|---|---|---|---|---|---|---|---|\n"
)


def show(capsys: pytest.CaptureFixture[str], rows: list[str]) -> None:
    with capsys.disabled():
        os.write(1, (HEAD + "\n".join(rows) + "\n").encode())


def check(tallies: dict[str, Tally]) -> None:
    total = Counter()
    for name, tally in tallies.items():
        assert tally.crashed == [], name
        assert tally.lost == [], name
        assert tally.wrong == [], name
        total.update(tally.good)
        total["readable"] += tally.readable
    for what in ("category", "target", "time", "evidence"):
        assert total[what] >= GOAL * total["readable"], f"{what}: {total[what]} of {total['readable']}"


def test_every_xarf_sample_is_read(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tallies: dict[str, Tally] = {}
    for path in sorted(path for path in data.glob("xarf/**/*.json") if "samples" in path.parts):
        tally = tallies.setdefault(str(path.parent.relative_to(data)), Tally())
        message = read_xarf(path.read_bytes())
        count(tally, path.name, message)
        expected = next((slugs for hint, slugs in EXPECTED_XARF.items() if hint in path.name), "")
        tally.wrong += [
            f"{path.name}: {r.category}" for r in message.readings if expected and r.category not in expected
        ]
    show(capsys, [row(name, tally) for name, tally in tallies.items()])
    assert sum(tally.messages for tally in tallies.values()) >= 50
    check(tallies)


def test_every_mail_is_read(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tallies: dict[str, Tally] = {}
    for path in sorted([*data.glob("arf/**/*.eml"), *data.glob("abuseio-emails/**/*.eml")]):
        tally = tallies.setdefault(str(path.parent.relative_to(data)), Tally())
        message = read_mail(path.read_bytes())
        count(tally, path.name, message)
        expected = EXPECTED.get(path.parent.name, CATEGORIES)
        tally.wrong += [f"{path.name}: {r.category}" for r in message.readings if r.category not in expected]
    show(capsys, [row(name, tally) for name, tally in tallies.items()])
    assert sum(tally.messages for tally in tallies.values()) >= 70
    check(tallies)


def text_rows(data: Path) -> Iterator[tuple[str, dict[str, str], dict[str, str] | None]]:
    """(file, row, column map) of every row of the text reports; the maps are what an operator would type."""
    maps = {"labeled_data.csv": {"text": "tweet"}}
    for path in sorted(data.glob("text-reports/**/*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for values in csv.DictReader(lines):
                yield str(path.relative_to(data)), values, maps.get(path.name)
    for path in sorted(data.glob("text-reports/**/*.tsv")):
        with path.open(encoding="utf-8", newline="") as lines:
            for values in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
                yield str(path.relative_to(data)), dict(zip(("label", "text"), values, strict=False)), None


def test_every_text_row_is_read_or_refused_in_a_sentence(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows are content under review: they bring a text or a target, perhaps a category, no time, no evidence."""
    read, refused, sorted_, crashed = Counter(), Counter(), Counter(), []
    for name, values, columns in text_rows(data):
        try:
            reading = read_row(values, columns)
        except ValueError as error:
            refused[name] += bool(str(error).endswith("."))
            continue
        except Exception as error:  # a crash is counted, not hidden
            crashed.append(f"{name}: {error!r} {json.dumps(values)[:200]}")
            continue
        read[name] += bool(reading.text or reading.target_ref)
        sorted_[name] += reading.category != "unsorted"
    counts = [
        (name, read[name] + refused[name], read[name], refused[name], sorted_[name] / read[name]) for name in read
    ]
    lines = [f"| {name} | {rows} | {kept} | {not_} | {share:.0%} |" for name, rows, kept, not_, share in counts]
    with capsys.disabled():
        head = "\n| file | rows | read | refused | with a category |\n|---|---|---|---|---|\n"
        os.write(1, (head + "\n".join(lines) + "\n").encode())
    assert crashed == []
    assert sum(read.values()) >= 30_000
    assert sum(refused.values()) <= 0.01 * sum(read.values())
