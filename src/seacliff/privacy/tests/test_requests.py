"""Erasure that keeps the counts and the seal; copies of one's data that name nobody else."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from seacliff.appeals import queries as appeal_queries
from seacliff.appeals.access import by_notice
from seacliff.appeals.actions import claim, lodge, uphold
from seacliff.enforcement.models import Notice
from seacliff.intake.models import Report, Reporter
from seacliff.privacy import asking, exporting, holding, running
from seacliff.privacy.models import Export, Request, Run
from seacliff.privacy.tests.test_retention import SOON
from seacliff.privacy.tests.world import decided, message, officer
from seacliff.record import seals
from seacliff.record.desks import clear
from seacliff.record.models import Attachment, Clock, Event, Evidence
from seacliff.record.tokens import token_of
from seacliff.record.verify import verify
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.models import Case, CaseReport, Decision
from seacliff.review.tests import factories

pytestmark = pytest.mark.django_db
ANN = "mail:ann@example.org"


@pytest.fixture
def petra(db):
    return officer()


@pytest.fixture
def paul(db):
    return officer("Paul Privacy")


def asked(user, kind="erasure", party="reporter", asked_as="Ann@Example.org", **more):
    request = asking.take(user, kind=kind, party=party, asked_as=asked_as, **more)
    return asking.identify(user, request, "She answered from the address itself")


def erased(user, request, by=None):
    asking.prepare_erasure(user, request)
    running.show_one()
    run = asking.approve_erasure(by or user, request)
    while running.step():
        pass
    run.refresh_from_db(), request.refresh_from_db()
    return run


def statistics():
    """What is counted of reports, reporters, outcomes and appeals."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT category, channel, language, count(*) FROM intake_report GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"
        )
        reports = cursor.fetchall()
        cursor.execute("SELECT count(*), sum(reports), sum(upheld), sum(rejected) FROM intake_reporter")
        reporters = cursor.fetchone()
        cursor.execute("SELECT case_id, count(DISTINCT reporter_key) FROM review_casereport GROUP BY 1 ORDER BY 1")
        distinct = cursor.fetchall()
        cursor.execute("SELECT target_id, count(*) FROM review_case GROUP BY 1 ORDER BY 1")
        targets = cursor.fetchall()
        cursor.execute("""SELECT audience, outcome, language, state, count(*) FROM enforcement_notice
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4""")
        notices = cursor.fetchall()
    decisions = sorted(Decision.objects.values_list("finding", "category", "tier", "reviewer_id"))
    return reports, reporters, distinct, targets, notices, decisions, appeal_queries.statistics(timedelta(days=4000))


def stored_text():
    """Everything that any table but the requests' own says, as one text."""
    with connection.cursor() as cursor:
        cursor.execute("""SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'
            AND table_type = 'BASE TABLE' AND table_name NOT IN ('privacy_request', 'privacy_export')""")
        texts = []
        for (table,) in cursor.fetchall():
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM \"{table}\" t")
            texts.append(f"{table}: {cursor.fetchone()[0]}")
    return texts


def test_erasing_a_reporter_leaves_nothing_of_them_anywhere_and_every_count_as_it_was(petra, alice, rules):
    case = decided(alice, rules, reporters=(ANN, "mail:joe@example.org"))
    second = decided(alice, rules, finding="no-violation")
    message(Report.objects.get(id=second.case_reports.get().report_id))
    clear("index-cases")
    before = statistics()
    request = asked(petra)
    run = erased(petra, request)
    clear("index-cases")
    assert (run.state, request.state) == (Run.State.DONE, Request.State.DONE)
    for words in ("ann@example.org", "Name of ann", "secret words"):
        found = [text.partition(":")[0] for text in stored_text() if words.lower() in text.lower()]
        assert found == [], f"{words} is still in {found}"
    assert any("joe@example.org" in text for text in stored_text()), "the other reporter is untouched"
    assert statistics() == before
    assert Report.objects.filter(id__in=case.case_reports.values("report_id")).exclude(text="").count() == 1
    assert "about you: erased" in request.outcome
    assert Clock.objects.get(subject_id=request.id).stopped_at is not None


def test_erasing_who_was_reported_leaves_their_cases_without_them(petra, paul, alice, rules):
    case = decided(alice, rules)
    account, event = case.tree["account"], case.tree["event"]
    mail, ref = account.email, event.ref
    before = statistics()
    request = asked(petra, party="affected", asked_as=account.ref)
    run = erased(petra, request, by=paul)
    account.refresh_from_db(), event.refresh_from_db()
    assert (account.email, account.name, event.name) == ("", "", "")
    assert run.done["target"] == 3, "the account, its user, its event; not the organisation above"
    assert case.tree["organisation"].__class__.objects.get(id=case.tree["organisation"].id).name == "Northfield School"
    found = [text.partition(":")[0] for text in stored_text() if mail in text or f'"{ref}"' in text]
    assert found == [], f"still in {found}"
    assert statistics() == before
    assert Case.objects.get(id=case.id).decisions.get().finding == "violation"


@pytest.mark.django_db(transaction=True)
def test_the_sealed_log_verifies_after_an_erasure_and_never_held_what_went(alice, rules):
    petra = officer()
    decided(alice, rules)
    seals.seal_all()
    erased(petra, asked(petra))
    seals.seal_all()
    assert verify("").intact
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM record_event e")
        log = cursor.fetchone()[0].lower()
    for words in ("ann@example.org", "name of ann", "same invitation", "a.txt"):
        assert words not in log
    assert not Evidence.objects.exists()


def test_a_part_is_refused_with_its_reason_when_held_open_or_appealable(petra, alice, rules):
    held = decided(alice, rules)
    decided(alice, rules, ago=timedelta(days=60))
    waiting = factories.case()
    factories.report(waiting, reporter=ANN)
    holding.place(petra, "case", held, matter="x", reason="y", review_on=SOON)
    request = asked(petra)
    run = erased(petra, request)
    text = next(line for line in run.preview if line["slug"] == "report-text")
    assert text["kept"] == {"hold": 1, "appealable": 1, "open": 1} and text["goes"] == 0
    assert Reporter.objects.get().key == ANN, "they are known as long as anything of theirs is"
    for words in ("A legal hold", "can still be appealed", "not decided"):
        assert words in request.outcome
    assert not Report.objects.filter(text="").exists()


def test_an_appeal_under_way_keeps_its_case(petra, alice, rules):
    case = decided(alice, rules, ago=timedelta(days=100))
    notice = Notice.objects.get(case_id=case.id, audience="affected")
    lodge(by_notice(token_of("notice", notice.id)), "It was not bulk, look again.")
    with time_machine.travel(timezone.now() + timedelta(days=150)):
        request = asked(petra)
        asking.prepare_erasure(petra, request)
        running.show_one()
        run = Run.objects.get(request=request)
    assert next(line for line in run.preview if line["slug"] == "report-text")["kept"] == {"duty:appeals": 1}


def test_a_decided_appeal_keeps_its_numbers_without_its_words(petra, alice, rules):
    case = decided(alice, rules, ago=timedelta(days=100))
    notice = Notice.objects.get(case_id=case.id, audience="affected")
    appeal = lodge(by_notice(token_of("notice", notice.id)), "It was not bulk, look again.")
    second = factories.person("Sam Second", tier=2)
    claim(second, appeal)
    uphold(second, appeal, reasons="It was.", answer="It was, sorry.")
    before = statistics()
    with time_machine.travel(timezone.now() + timedelta(days=200)):
        request = asked(petra, party="affected", asked_as=case.tree["account"].ref)
        erased(petra, request, by=officer("Paul Privacy"))
    appeal.refresh_from_db()
    assert (appeal.statement, appeal.address, appeal.outcome) == ("", "", "upheld")
    assert statistics() == before


def test_a_large_erasure_takes_two_people(petra, paul, alice, rules):
    case = decided(alice, rules)
    for _ in range(60):
        factories.report(case, reporter=ANN, at=timezone.now() - timedelta(days=799))
    request = asked(petra)
    asking.prepare_erasure(petra, request)
    running.show_one()
    with pytest.raises(NotPermitted, match="somebody else must approve"):
        asking.approve_erasure(petra, request)
    assert asking.approve_erasure(paul, request).state == Run.State.RUNNING
    with pytest.raises(Refused, match="past that step"):
        asking.approve_erasure(paul, request)


def test_the_clock_is_a_month_by_the_calendar():
    assert asking.a_month_after(datetime(2026, 1, 31, tzinfo=UTC)) == datetime(2026, 2, 28, tzinfo=UTC)
    assert asking.a_month_after(datetime(2024, 1, 31, tzinfo=UTC)) == datetime(2024, 2, 29, tzinfo=UTC)
    assert asking.a_month_after(datetime(2026, 12, 15, 9, tzinfo=UTC)) == datetime(2027, 1, 15, 9, tzinfo=UTC)


def test_steps_come_in_their_order_and_say_why_not(petra, alice, rules):
    decided(alice, rules)
    with pytest.raises(NotPermitted):
        asking.take(alice, kind="erasure", party="reporter", asked_as="x")
    for wrong in ({"kind": "both"}, {"asked_as": " "}, {"received_at": timezone.now() + timedelta(days=1)}):
        with pytest.raises(NotValid):
            asking.take(petra, **({"kind": "erasure", "party": "reporter", "asked_as": "x"} | wrong))
    request = asking.take(petra, kind="erasure", party="reporter", asked_as="nobody@example.org")
    with pytest.raises(Refused, match="first whose data"):
        asking.identify(petra, request, "x")
    with pytest.raises(NotValid, match="Nothing here"):
        asking.name_subject(petra, request, "still-nobody@example.org")
    request = asking.name_subject(petra, request, "ann@example.org")
    with pytest.raises(Refused, match="past that step"):
        asking.prepare_erasure(petra, request)
    with pytest.raises(NotValid, match="how their identity"):
        asking.identify(petra, request, " ")
    request = asking.identify(petra, request, "by mail")
    with pytest.raises(Refused, match="not to see it"):
        exporting.prepare(petra, request)
    with pytest.raises(Refused, match="Prepare it first"):
        asking.approve_erasure(petra, request)
    with pytest.raises(NotValid, match="Say why"):
        asking.refuse(petra, request, "")
    asking.refuse(petra, request, "Excessive")
    with pytest.raises(Refused, match="answered already"):
        asking.identify(petra, request, "x")
    assert list(Event.objects.filter(subject_id=request.id).order_by("id").values_list("verb", flat=True)) == [
        f"privacy-request.{step}" for step in ("received", "subject-named", "identified", "refused")]  # fmt: skip


def copy_of(export) -> tuple[dict, str, list[str]]:
    with zipfile.ZipFile(io.BytesIO(bytes(export.content))) as file:
        return json.loads(file.read("data.json")), file.read("index.html").decode(), file.namelist()


def test_a_reporter_s_copy_holds_their_words_and_files_and_no_other_reporter(petra, alice, rules):
    case = decided(alice, rules, reporters=(ANN, "mail:joe@example.org"))
    mine = Report.objects.get(id=case.case_reports.get(reporter_key=ANN).report_id)
    Report.objects.filter(id=mine.id).update(text="As Joe@example.org told me <script>alert(1)</script>")
    secret = Attachment.objects.get(subject_id=mine.id)
    data, page, names = copy_of(exporting.prepare(petra, asked(petra, kind="access")))
    classes = {group["class"]: group["records"] for group in data["classes"]}
    assert len(classes["What reporters wrote"]) == 1
    assert classes["Reporters' names and addresses on their reports"][0]["reporter_email"] == "ann@example.org"
    assert classes["Who reported"][0]["upheld"] == 1
    assert classes["Notices, word for word"]
    assert names == ["data.json", "index.html", "files/1-a.txt"]
    assert "joe" not in (json.dumps(data) + page).lower().replace(exporting.MASK, "")
    assert "&lt;script&gt;" in page and "<script>" not in page
    assert "Bulk." not in page, "the rationale is for colleagues"
    Evidence.objects.filter(sha256=secret.evidence_id).update(restricted=True)
    data, page, names = copy_of(exporting.prepare(petra, Request.objects.get()))
    assert names == ["data.json", "index.html"] and secret.evidence_id not in json.dumps(data)


def test_who_was_reported_gets_a_copy_that_never_names_a_reporter(petra, alice, rules):
    case = decided(alice, rules, reporters=(ANN, "user:meetings:joe77"))
    Decision.objects.filter(case=case).update(facts="Ann@example.org (Name of ann) and joe77 saw it")
    request = asked(petra, kind="access", party="affected", asked_as=case.tree["account"].ref)
    data, page, names = copy_of(exporting.prepare(petra, request))
    classes = {group["class"]: group["records"] for group in data["classes"]}
    both = (json.dumps(data) + page).lower()
    for words in ("ann@example.org", "name of ann", "same invitation", "bulk.", "a.txt", "from mail:"):
        assert words not in both, words
    assert classes["Who was reported: accounts, users, what is theirs"][0]["email"] == case.tree["account"].email
    assert set(classes["What reporters wrote"][0]) == {"received_at", "category"}
    assert exporting.MASK in classes["Rationales and facts of decisions"][0]["facts"]
    assert len(data["withheld"]) >= 2
    assert names == ["data.json", "index.html"]


def test_two_people_look_and_check_before_the_link_opens_for_a_week(petra, paul, alice, rules, client):
    decided(alice, rules)
    request = asked(petra, kind="access")
    export = exporting.prepare(petra, request)
    link = reverse("privacy:download", args=[token_of("privacy-export", export.id)])
    with pytest.raises(Refused, match="Look at it first"):
        exporting.check(petra, request)
    signature = exporting.look_signature(petra, export)
    with pytest.raises(Refused, match="link has ended"):
        exporting.opened(paul, export, signature)
    with time_machine.travel(timezone.now() + timedelta(minutes=31)), pytest.raises(Refused, match="link has ended"):
        exporting.opened(petra, export, signature)
    exporting.opened(petra, export, signature)
    exporting.check(petra, request)
    with pytest.raises(NotPermitted, match="somebody else must"):
        exporting.check(petra, request)
    with pytest.raises(Refused, match="Two people must"):
        exporting.release(petra, request)
    assert client.get(link).status_code == 404
    exporting.opened(paul, export, exporting.look_signature(paul, export))
    exporting.check(paul, request)
    exporting.release(paul, request)
    page = client.get(link)
    assert page.status_code == 200 and page.headers["Referrer-Policy"] == "no-referrer"
    assert not Event.objects.filter(verb="privacy-export.downloaded").exists(), "looking takes no copy"
    copy = client.post(link)
    assert copy.headers["Content-Type"] == "application/zip" and zipfile.is_zipfile(io.BytesIO(copy.content))
    assert Event.objects.filter(verb="privacy-export.downloaded").count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert client.get(link).status_code == client.post(link).status_code == 404
    assert client.get(reverse("privacy:download", args=["A" * 38])).status_code == 404
    request.refresh_from_db()
    assert request.state == Request.State.DONE


def test_a_new_export_empties_the_one_before(petra, alice, rules):
    decided(alice, rules)
    request = asked(petra, kind="access")
    first = exporting.prepare(petra, request)
    second = exporting.prepare(petra, request)
    first.refresh_from_db()
    assert bytes(first.content) == b"" and second.size
    assert Export.objects.count() == 2


def test_a_request_that_finds_nobody_or_two_is_not_guessed(petra, rules):
    tree = factories.tree()
    tree["user"].__class__.objects.filter(id__in=[tree["user"].id, tree["account"].id]).update(email="x@y.example")
    assert asking.find("affected", "x@y.example") is None
    assert asking.find("affected", tree["user"].ref) == tree["user"]
    assert asking.find("reporter", "nobody") is None


def test_what_goes_and_its_event_stand_together(petra, alice, rules):
    """A batch that can't be committed leaves neither an emptied row nor progress."""
    decided(alice, rules)
    request = asked(petra)
    asking.prepare_erasure(petra, request)
    running.show_one()
    run = asking.approve_erasure(petra, request)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        running.step()
        1 / 0  # noqa: B018
    run.refresh_from_db()
    assert run.done == {} and not Report.objects.filter(text="").exists()
    assert CaseReport.objects.get().reporter_key == ANN
