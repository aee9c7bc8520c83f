"""Restricted material: two people, one file, half an hour; the hotline gets it once; an emergency has its hour."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.db import IntegrityError
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from seacliff.operate.doctor import _backlog
from seacliff.operate.state import waiting
from seacliff.people.permissions import Role
from seacliff.record import evidence
from seacliff.record.actions import Subject
from seacliff.record.desks import clear
from seacliff.record.models import Event, Evidence
from seacliff.restricted import access, actions, hotline
from seacliff.restricted.cybertip import NotWellFormed, check, file_xml, report_xml
from seacliff.restricted.models import Contact, Emergency, Referral, Unlock
from seacliff.restricted.tests.hotline_server import Hotline
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.models import Work
from seacliff.review.tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = b"bytes that nobody is shown"
SCHEMAS = Path(
    os.environ.get("SEACLIFF_CYBERTIPLINE_XSD") or Path(__file__).parents[5] / "shared/data/ncmec-cybertipline"
)


@pytest.fixture
def hanna(db):
    return factories.person("Hanna Handler", tier=4, roles=(Role.HANDLER, Role.REVIEWER))


@pytest.fixture
def henri(db):
    return factories.person("Henri Handler", tier=4, roles=(Role.HANDLER,))


@pytest.fixture
def case(db):
    opened = factories.case()
    factories.report(opened, text="Look at this", url="https://meet.example/e/1")
    return opened


@pytest.fixture
def file(case):
    report = case.case_reports.get()
    return evidence.attach(evidence.keep(SECRET, restricted=True), Subject("report", report.report_id), "IMG_1.jpg")


@pytest.fixture
def server(settings):
    with Hotline() as running:
        settings.HOTLINE_URL = running.url
        settings.HOTLINE_USER, settings.HOTLINE_PASSWORD = "seacliff", "secret"
        settings.HOTLINE_CONTACT_EMAIL = "tns@lantern.example"
        settings.WEBHOOK_ALLOWED_PRIVATE = ["127.0.0.1"]
        yield running


def referral(case, drafted_by, files=(), **said):
    fields = {"incident": Referral.Incident.MATERIAL, "incident_at": timezone.now() - timedelta(hours=1),
              "urgent": "", "said": "Found in a review.", "files": list(files)}  # fmt: skip
    return actions.draft_referral(drafted_by, case, **fields | said)


def later(minutes):
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes))


# ---- two people, one file, half an hour


def test_one_asks_another_agrees_and_only_the_first_may_download_for_half_an_hour(client, hanna, henri, file):
    request = actions.ask(hanna, file, "To describe it to the hotline")
    client.force_login(hanna)
    url = reverse("restricted:file", args=[request.id])
    assert client.post(url).status_code == 404, "nobody has agreed yet"
    actions.answer(henri, request, True)
    answer = client.post(url)
    assert b"".join(answer.streaming_content) == SECRET
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert client.get(url).status_code == 405, "no link fetches it by accident"
    client.force_login(henri)
    assert client.post(url).status_code == 404, "who agreed is not let at it"
    with later(31), pytest.raises(Http404):
        access.unlocked(hanna, request.id)
    seen = list(Event.objects.filter(subject_id=file.subject_id).order_by("seq").values_list("verb", flat=True))
    assert seen == ["unlock.asked", "unlock.agreed", "evidence.unlocked"]


def test_nobody_agrees_to_their_own_request_not_even_in_the_database(hanna, file):
    request = actions.ask(hanna, file, "x")
    with pytest.raises(NotPermitted, match="somebody else"):
        actions.answer(hanna, request, True)
    with pytest.raises(NotPermitted, match="somebody else"):
        access.unlock_to_answer(hanna, request.id)
    with pytest.raises(IntegrityError, match="unlock_by_two_people"):
        Unlock.objects.filter(id=request.id).update(answered_by=hanna)


def test_a_refusal_stays_one_and_no_reason_is_no_request(hanna, henri, file):
    request = actions.ask(hanna, file, "x")
    actions.answer(henri, request, False)
    with pytest.raises(Refused, match="answered already"):
        actions.answer(henri, request, True)
    with pytest.raises(Http404):
        access.unlocked(hanna, request.id)
    with pytest.raises(NotValid, match="what you need"):
        actions.ask(hanna, file, " ")


@pytest.mark.parametrize("role", [role for role in Role if role != Role.HANDLER])
def test_no_other_role_comes_near_not_even_an_admin(role, file, hanna):
    somebody = factories.person(f"Some {role}", roles=(role,), tier=4)
    request = actions.ask(hanna, file, "x")
    for attempt in (
        lambda: access.attachment_to_ask_for(somebody, file.id),
        lambda: access.unlock_to_answer(somebody, request.id),
        lambda: access.unlocked(somebody, request.id),
        lambda: actions.answer(somebody, request, True),
        lambda: actions.ask(somebody, file, "x"),
    ):
        with pytest.raises(NotPermitted):
            attempt()


def test_what_a_reviewer_restricts_is_shown_to_nobody_wherever_it_is_attached(client, hanna, case):
    report = case.case_reports.get()
    kept = evidence.keep(b"seemed harmless")
    here = evidence.attach(kept, Subject("report", report.report_id), "a.txt")
    elsewhere = evidence.attach(kept, Subject("report", factories.report(factories.case()).id), "b.txt")
    client.force_login(hanna)
    assert client.get(reverse("record:evidence", args=[elsewhere.id])).status_code == 200
    client.post(reverse("restricted:mark", args=[case.ref, here.id]))
    assert Evidence.objects.get(sha256=kept.sha256).restricted
    for attachment in (here, elsewhere):
        for view in ("", "?as=file", "?as=preview"):
            assert client.get(reverse("record:evidence", args=[attachment.id]) + view).status_code == 403


# ---- the hotline


@pytest.mark.parametrize("name", ["cybertipline_boostport-2025-11.xsd", "cybertipline_report_usips-2025-12.xsd"])
def test_the_report_and_its_file_details_keep_to_the_hotline_s_schema(name, settings, hanna, case, file):
    if not (SCHEMAS / name).exists():
        pytest.skip("the hotline's schema is not here: SEACLIFF_CYBERTIPLINE_XSD names its folder")
    settings.HOTLINE_SCHEMA = str(SCHEMAS / name)
    settings.HOTLINE_CONTACT_EMAIL = "tns@lantern.example"
    drafted = referral(case, hanna, [file.id], urgent="The child was seen today", said="A\x1f <b>&amp;</b> 🜍")
    written = report_xml(drafted).decode()
    assert "Child Pornography" in written
    assert "ann@example.org" not in written, "who reported is not told"
    drafted.report_id = 900
    assert b"SHA256" in file_xml(drafted, file, "f1")
    with pytest.raises(NotWellFormed):
        check(b"<report><incidentSummary/></report>")


def test_a_referral_goes_out_once_whole_and_is_kept_for_a_year(server, hanna, henri, case, file):
    drafted = referral(case, hanna, [file.id])
    with pytest.raises(NotPermitted, match="somebody else"):
        actions.approve(hanna, drafted)
    assert hotline.send_due() == 0, "nothing goes out before somebody else approved it"
    actions.approve(henri, drafted)
    assert hotline.send_due() == 1
    drafted.refresh_from_db()
    assert (drafted.state, drafted.report_id) == ("submitted", 900)
    assert drafted.preserve_until == timezone.now().date() + timedelta(days=365)
    report = server.reports[900]
    assert report["finished"]
    assert report["files"] == {"f1": SECRET}
    assert b"<fileId>f1</fileId>" in report["details"][0]
    assert server.calls == ["submit", "upload", "fileinfo", "finish"]
    assert hotline.send_due() == 0
    assert actions.is_preserved(file.evidence_id)
    with time_machine.travel(timezone.now() + timedelta(days=367)):
        assert not actions.is_preserved(file.evidence_id)


def test_after_an_outage_it_goes_on_where_it_stopped(server, hanna, henri, case, file):
    drafted = referral(case, hanna, [file.id])
    actions.approve(henri, drafted)
    server.answers.extend([503])
    hotline.send_due()
    drafted.refresh_from_db()
    assert (drafted.state, drafted.report_id) == ("approved", None)
    assert "503" in drafted.last_error
    assert hotline.send_due() == 0, "it waits before the next try"
    for fault in ([b"<reportResponse>"], [500], [429]):
        server.answers.extend([*([None] if drafted.report_id is None else []), *fault])
        with later(60 * 24 * drafted.attempts):
            hotline.send_due()
        drafted.refresh_from_db()
    with later(60 * 24 * 9):
        hotline.send_due()
    drafted.refresh_from_db()
    assert drafted.state == "submitted"
    assert list(server.reports) == [900], "one report, however often it was tried"
    assert len(server.reports[900]["files"]) == 1


BOMB = (b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (b + 1, b"&%c;" % b * 10) for b in range(ord("a"), ord("i")))
    + b"]><reportResponse><responseCode>0</responseCode><reportId>&i;</reportId></reportResponse>")  # fmt: skip
LONG = b"<reportResponse><responseCode>0</responseCode><x>" + b"y" * 30_000_000 + b"</x></reportResponse>"


@pytest.mark.parametrize("answer", [BOMB, LONG], ids=["unfolding", "endless"])
def test_an_answer_that_would_fill_the_memory_is_a_fault_like_another(server, hanna, henri, case, answer):
    drafted = referral(case, hanna)
    actions.approve(henri, drafted)
    server.answers.append(answer)
    hotline.send_due()
    drafted.refresh_from_db()
    assert (drafted.state, drafted.report_id) == ("approved", None)
    assert "no XML" in drafted.last_error
    assert drafted.next_at is not None, "it is tried again"


def test_what_the_hotline_refuses_is_seen_and_not_tried_for_ever(client, server, hanna, henri, case):
    drafted = referral(case, hanna)
    actions.approve(henri, drafted)
    server.answers.append(b"<reportResponse><responseCode>4100</responseCode><responseDescription>Not valid"
                          b"</responseDescription></reportResponse>")  # fmt: skip
    hotline.send_due()
    drafted.refresh_from_db()
    assert (drafted.state, drafted.next_at) == ("failed", None)
    assert "Not valid" in drafted.last_error
    assert Event.objects.filter(verb="referral.failed").exists()
    client.force_login(hanna)
    page = client.get(reverse("restricted:overview")).content.decode()
    assert "did not take" in page
    assert "Not valid" in page
    actions.approve(henri, drafted)
    hotline.send_due()
    drafted.refresh_from_db()
    assert drafted.state == "submitted"


def test_the_live_hotline_is_never_reached_by_mistake(settings, hanna, henri, case):
    settings.HOTLINE_URL = "https://report.cybertip.org/ispws"
    drafted = referral(case, hanna)
    actions.approve(henri, drafted)
    hotline.send_due()
    drafted.refresh_from_db()
    assert drafted.state == "failed"
    assert "SEACLIFF_HOTLINE_LIVE" in drafted.last_error


def test_what_was_approved_for_the_test_system_is_not_sent_to_the_live_one(server, settings, hanna, henri, case):
    drafted = referral(case, hanna)
    actions.approve(henri, drafted)
    settings.HOTLINE_LIVE = True
    hotline.send_due()
    drafted.refresh_from_db()
    assert drafted.state == "failed"
    assert server.calls == []


def test_a_hotline_inside_the_network_is_refused(server, settings, hanna, henri, case):
    settings.WEBHOOK_ALLOWED_PRIVATE = []
    drafted = referral(case, hanna)
    actions.approve(henri, drafted)
    hotline.send_due()
    drafted.refresh_from_db()
    assert "private network" in drafted.last_error
    assert server.calls == []


def test_a_referral_names_only_files_of_its_case(hanna, case):
    other = evidence.attach(evidence.keep(b"x"), Subject("report", factories.report(factories.case()).id), "x")
    with pytest.raises(NotValid, match="do not belong"):
        referral(case, hanna, [other.id])
    with pytest.raises(NotValid, match="future"):
        referral(case, hanna, incident_at=timezone.now() + timedelta(days=1))


# ---- a threat to life


def test_an_emergency_is_the_most_urgent_case_and_has_an_hour(client, hanna, case):
    declared = actions.declare(hanna, case, "He will jump from the roof", "de")
    case.refresh_from_db()
    assert (case.severity, case.due_at) == (1, declared.due_at)
    assert Work.objects.get(case=case).severity == 1
    with pytest.raises(Refused, match="already"):
        actions.declare(hanna, case, "again")
    Contact.objects.create(country="DE", name="Police headquarters", how="+49 000")
    Contact.objects.create(country="FR", name="Elsewhere", how="+33 000")
    client.force_login(hanna)
    page = client.get(reverse("restricted:emergency", args=[declared.id])).content.decode()
    assert "Police headquarters" in page
    assert "Elsewhere" not in page
    assert "ann@example.org" not in page, "a disclosure does not tell who reported"
    client.post(reverse("restricted:emergency", args=[declared.id]), {"told": "Police, 14:02, ref 7"})
    assert Emergency.objects.get().closed_by == hanna


def test_the_pages_open_and_axe_finds_nothing(live_server, seat, hanna, henri, case, file):
    from seacliff.browsing import axe_finds

    actions.ask(henri, file, "To describe it")
    drafted = referral(case, henri, [file.id])
    page = seat(hanna)
    for name, args in (
        ("overview", []),
        ("referral", [drafted.id]),
        ("referral-new", [case.ref]),
        ("emergency-new", [case.ref]),
    ):
        page.goto(live_server.url + reverse(f"restricted:{name}", args=args))
        assert axe_finds(page) == [], name


def test_an_emergency_is_mailed_at_once_and_again_when_half_of_its_time_is_gone(hanna, case, mailoutbox):
    lead = factories.person("Lena Lead", roles=(Role.LEAD,))
    gone = factories.person("Gone Lead", roles=(Role.LEAD,), is_active=False)
    made = actions.declare(hanna, case, "He said he would jump")
    clear("emergency-alerts")
    assert {mail.to[0] for mail in mailoutbox} == {lead.email, hanna.email}
    assert gone.email not in {mail.to[0] for mail in mailoutbox}
    assert f"/emergencies/{made.id}" in mailoutbox[0].body or str(made.id) in mailoutbox[0].body
    assert "jump" not in mailoutbox[0].body, "what the threat is stays behind the sign-in"
    Emergency.objects.update(due_at=timezone.now() + timedelta(minutes=20))
    clear("emergency-alerts")
    assert [mail.subject.startswith("Still open") for mail in mailoutbox] == [False, False, True, True]
    actions.close(hanna, made, "Police called at 14:02")
    Emergency.objects.update(reminded_at=None)
    clear("emergency-alerts")
    assert len(mailoutbox) == 4


def test_the_doctor_and_the_metrics_speak_of_failed_referrals_and_late_emergencies(hanna, case):
    actions.declare(hanna, case, "He said he would jump")
    Emergency.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    referral = actions.draft_referral(
        hanna, case, incident=Referral.Incident.MATERIAL, incident_at=timezone.now(), urgent="", said="", files=[]
    )
    Referral.objects.filter(id=referral.id).update(state="failed", last_error="refused")
    now = waiting()
    assert (now.referrals["failed"], now.emergencies) == (1, {"open": 1, "overdue": 1})
    said = " ".join(finding.text for finding in _backlog())
    assert "1 referrals were not taken" in said
    assert "1 threats to life" in said
