"""The playbooks of the sample company in use: the eight, a wave that waits for Engineering and is late with Support, a press
inquiry that was answered, a threat to life that has just begun."""

from datetime import timedelta

from django.db.models import F

from seacliff.partners import actions as asks
from seacliff.partners.access import by_address
from seacliff.partners.charters import shipped as charters
from seacliff.partners.models import Ask
from seacliff.people.access import actor_of_user
from seacliff.people.models import User
from seacliff.playbooks import steering
from seacliff.playbooks.library import all_in_force
from seacliff.playbooks.models import PlaybookVersion, Run, RunStep
from seacliff.playbooks.shipped import install
from seacliff.playbooks.starting import NewRun, start
from seacliff.record.actions import SYSTEM, Subject
from seacliff.record.desks import clear
from seacliff.record.models import Clock
from seacliff.review.models import Case
from seacliff.sample import company

DESKS = ("playbook-asks", "playbook-runs")
PRESS = {
    "outlet": "The Harbour Post",
    "question": "Why did a choir's rehearsal end in the middle of a song?",
    "deadline_hours": "20",
}
FACTS = "One event was ended by mistake on Tuesday and given back after 40 minutes. Six reports, all of one group."
WORDING = "We ended a rehearsal by mistake, gave it back within the hour and apologised to the choir."


def seed() -> None:
    """After the reports were reviewed. By the verbs that a real team uses."""
    lead, other = (User.objects.get(name=name) for name in ("Ruth Adler", "Priya Nair"))
    charters.install(SYSTEM)
    install(SYSTEM, lead, published=True)
    versions = {version.playbook.slug: version for version in all_in_force()}
    _press(lead, other, versions["press-inquiry"])
    _wave(lead, versions["disrupted-meetings-wave"])
    _threat(lead, versions["credible-threat-to-life"])


def _begun(lead: User, version: PlaybookVersion, inputs: dict[str, str], category: str = "") -> Run:
    case = Case.objects.filter(category=category).order_by("-id").first() if category else None
    about = Subject("case", case.id) if case else None
    run = start(actor_of_user(lead), NewRun(version, "", inputs, about, case.ref if case else "", lead=lead))
    clear(*DESKS)
    return run


def _done(who: User, run: Run, key: str, answer: str = "", **form: str) -> None:
    steering.complete(who, actor_of_user(who), run, key, answer, form=form)


def _answered(run: Run, key: str, name: str, said: str = "yes", reason: str = "", **form: str) -> None:
    ask = Ask.objects.get(run_steps__run=run, run_steps__key=key)
    address = f"{name.split()[0].lower()}@{company.ADDRESS}"
    asks.answer(by_address(address, name, "email"), ask, said, reason, form)
    clear(*DESKS)


def _press(lead: User, other: User, version: PlaybookVersion) -> None:
    run = _begun(lead, version, PRESS)
    _done(lead, run, "facts", facts=FACTS, ours="yes", person="no")
    _done(lead, run, "mend")
    _answered(run, "law", "Elif Kaya", risks="Nothing of it is before a court.")
    _answered(run, "wording", "Nora Lind", wording=WORDING)
    _done(other, run, "check", "yes")
    _answered(run, "support", "Oskar Petrov")


def _wave(lead: User, version: PlaybookVersion) -> None:
    run = _begun(lead, version, {"where": "A forum for pranks", "meetings": "24"}, "disrupted-meeting")
    _done(lead, run, "size_up", pattern="Public links without a waiting room, joined within one minute from one network",
          accounts="31", minors="no")  # fmt: skip
    _done(lead, run, "contain")
    _answered(run, "takeover", "Ivo Brandt", advice="Made for it: all 31 within two days, none taken over.")
    _earlier(run, timedelta(hours=5))


def _threat(lead: User, version: PlaybookVersion) -> None:
    run = _begun(lead, version, {"who": "The pupils of a school", "when": "Monday morning"}, "threats-violence")
    _earlier(run, timedelta(minutes=6))


def _earlier(run: Run, by: timedelta) -> None:
    """As if it had begun a while ago; what is in the record stays as it was."""
    Run.objects.filter(id=run.id).update(started_at=F("started_at") - by)
    moved = {name: F(name) - by for name in ("opens_at", "opened_at", "due_at", "done_at")}
    RunStep.objects.filter(run=run).update(**moved)
    ids = list(RunStep.objects.filter(run=run).values_list("id", flat=True))
    Clock.objects.filter(subject_id__in=ids, stopped_at=None).update(due_at=F("due_at") - by)
    Ask.objects.filter(run_steps__run=run, closed_at=None).update(due_at=F("due_at") - by)
    Clock.objects.filter(subject_id__in=Ask.objects.filter(run_steps__run=run).values("id"), stopped_at=None).update(
        due_at=F("due_at") - by, started_at=F("started_at") - by
    )
