"""Rules of retention: shown before they run, stopped by holds and duties, done in batches, never twice."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from seacliff.intake.models import Message, Report, Reporter
from seacliff.privacy import holding, plan, running, sifting
from seacliff.privacy.models import Doomed, Hold, Run
from seacliff.privacy.plan import Plan, Rule
from seacliff.privacy.tests.world import LONG_AGO, decided, message, officer, publish
from seacliff.record.actions import SYSTEM, Subject
from seacliff.record.desks import clear
from seacliff.record.evidence import attach, detach, keep
from seacliff.record.models import Attachment, Event, Evidence
from seacliff.record.personal import REGISTRY
from seacliff.restricted.models import Referral
from seacliff.review.access import NotPermitted, NotValid, Refused
from seacliff.review.models import Case, CaseReport, SearchDocument
from seacliff.review.tests import factories

pytestmark = pytest.mark.django_db
SOON = date(2099, 1, 1)
TEXT = Rule("report-text", 730)


@pytest.fixture
def petra(db):
    return officer()


def shown(user=None):
    run = running.ask_for_preview(user, SYSTEM)
    running.show_one()
    run.refresh_from_db()
    return run


def carried_out(user):
    run = running.approve(user, shown(user), reason="As planned")
    while running.step():
        pass
    run.refresh_from_db()
    return run


def line(run, slug):
    return next(line for line in run.preview if line["slug"] == slug)


def text_of(case):
    return Report.objects.get(id=case.case_reports.get().report_id).text


def test_the_preview_says_what_would_go_and_changes_nothing(petra, alice, rules):
    decided(alice, rules)
    decided(alice, rules, ago=timedelta(days=300))
    factories.report(factories.case())
    publish(TEXT)
    run = shown(petra)
    assert run.state == Run.State.READY
    found = line(run, "report-text")
    assert (found["total"], found["goes"], found["kept"]) == (3, 1, {})
    assert found["oldest"][:4] == str((timezone.now() - LONG_AGO).year)
    assert found["sample"][0].startswith("R ")
    assert Doomed.objects.filter(run=run).count() == 1
    assert not Report.objects.filter(text="").exists()


def test_a_run_forgets_what_was_shown_and_keeps_the_counts(petra, alice, rules):
    case = decided(alice, rules)
    recent = decided(alice, rules, ago=timedelta(days=300))
    publish(TEXT)
    run = carried_out(petra)
    assert (run.state, run.done) == (Run.State.DONE, {"report-text": 1})
    report = Report.objects.get(id=case.case_reports.get().report_id)
    assert (report.text, report.subject, report.category, report.language) == ("", "", "spam", "en")
    assert text_of(recent)
    done = Event.objects.get(verb="retention.done")
    assert done.data == {"report-text": 1, "spared": 0}
    assert shown(petra).goes == 0, "what is forgotten is not forgotten again"


def test_rules_for_a_product_a_category_or_an_outcome_go_before_general_ones(petra, alice, rules):
    decided(alice, rules)
    decided(alice, rules, finding="no-violation")
    publish(TEXT, Rule("report-text", 3000, outcome="violation"))
    assert line(shown(petra), "report-text")["goes"] == 1
    publish(TEXT, Rule("report-text", None, category="spam"))
    assert line(shown(petra), "report-text")["goes"] == 0
    publish(Rule("report-text", None), Rule("report-text", 700, product="meetings", category="spam"))
    assert line(shown(petra), "report-text")["goes"] == 2


def test_an_open_case_keeps_everything_however_old(petra, alice, rules):
    case = factories.case(opened_at=timezone.now() - LONG_AGO)
    factories.report(case, at=timezone.now() - LONG_AGO)
    publish()
    run = shown(petra)
    assert line(run, "report-text")["goes"] == line(run, "reporter")["goes"] == 0


@pytest.mark.parametrize("on", Hold.On.values)
def test_a_hold_of_every_kind_beats_the_rule_and_says_so(petra, alice, rules, on):
    case = decided(alice, rules)
    other = decided(alice, rules, reporters=("mail:joe@example.org",))
    Report.objects.filter(id=other.case_reports.get().report_id).update(text="quite something else")
    clear("index-cases")
    thing = {
        "case": case, "target": case.tree["event"], "tree": case.tree["organisation"],
        "reporter": Reporter.objects.get(key="mail:ann@example.org"), "words": "invitation",
    }[on]  # fmt: skip
    hold = holding.place(petra, on, thing, matter="22 C 114", reason="A court asked", review_on=SOON)
    publish(TEXT)
    found = line(shown(petra), "report-text")
    assert (found["goes"], found["kept"]) == (1, {"hold": 1})
    carried_out(petra)
    assert text_of(case) and not text_of(other)
    holding.release(petra, hold, "The court is done")
    assert line(shown(petra), "report-text")["goes"] == 1
    assert list(Event.objects.filter(verb__startswith="legal-hold").order_by("id").values_list("verb", "reason")) == [
        ("legal-hold.placed", "A court asked"), ("legal-hold.released", "The court is done")]  # fmt: skip


def test_a_hold_ends_on_its_last_day(petra, alice, rules):
    case = decided(alice, rules)
    until = timezone.now().date() + timedelta(days=2)
    holding.place(petra, "case", case, matter="x", reason="y", review_on=until, until=until)
    publish(TEXT)
    assert line(shown(petra), "report-text")["goes"] == 0
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        assert not holding.live().exists()


def test_what_is_held_between_the_preview_and_the_run_is_spared(petra, alice, rules):
    case = decided(alice, rules)
    publish(TEXT)
    run = running.approve(petra, shown(petra), reason="x")
    holding.place(petra, "case", case, matter="x", reason="y", review_on=SOON)
    clear("privacy-runs")
    run.refresh_from_db()
    assert (run.state, run.done, run.spared) == (Run.State.DONE, {"report-text": 0}, 1)
    assert text_of(case)


def test_a_case_that_went_to_the_hotline_is_kept_for_its_year_whatever_the_rule(petra, alice, rules):
    case = decided(alice, rules)
    referral = Referral.objects.create(
        case=case, incident=Referral.Incident.MATERIAL, incident_at=timezone.now(), state="submitted", report_id=1,
        drafted_by=alice, preserve_until=timezone.now().date() + timedelta(days=100),
    )  # fmt: skip
    publish()
    run = shown(petra)
    assert line(run, "report-text")["kept"] == {"duty:hotline": 1}
    assert line(run, "evidence")["goes"] == 0
    referral.preserve_until = timezone.now().date() - timedelta(days=1)
    referral.save()
    assert line(shown(petra), "evidence")["goes"] == 1


def test_restricted_files_never_go_by_a_rule(petra, alice, rules):
    decided(alice, rules)
    Evidence.objects.update(restricted=True)
    publish()
    found = line(shown(petra), "evidence")
    assert found["goes"] == 0
    assert [why[:10] for why in found["kept"]] == ["Restricted"]


def test_a_file_that_another_case_holds_stays_for_that_one(petra, alice, rules, django_capture_on_commit_callbacks):
    case = decided(alice, rules)
    shared, own = keep(b"shared by two"), keep(b"nobody else's")
    first = factories.report(case, at=timezone.now() - LONG_AGO, reporter="mail:new@example.org")
    second = factories.report(factories.case())
    attachments = [attach(shared, Subject("report", first.id), "s"), attach(own, Subject("report", first.id), "o")]
    attach(shared, Subject("report", second.id), "s")
    with django_capture_on_commit_callbacks(execute=True):
        assert detach([one.id for one in attachments]) == 2
    assert Evidence.objects.filter(sha256=shared.sha256).exists()
    assert not Evidence.objects.filter(sha256=own.sha256).exists()
    assert not default_storage.exists(f"{own.sha256[:2]}/{own.sha256[2:4]}/{own.sha256}")
    assert default_storage.exists(f"{shared.sha256[:2]}/{shared.sha256[2:4]}/{shared.sha256}")
    assert keep(b"nobody else's").sha256 == own.sha256, "the same content can come again"


def test_a_mail_that_made_two_reports_goes_when_it_may_go_for_both(petra, alice, rules):
    old = Report.objects.get(id=decided(alice, rules).case_reports.get().report_id)
    mail = message(old)
    young = factories.report(factories.case(), reporter="mail:ann@example.org")
    Report.objects.filter(id=young.id).update(message_id=mail.id)
    publish(Rule("messages", 365))
    assert line(shown(petra), "messages")["goes"] == 0
    Report.objects.filter(id=young.id).update(message_id=None)
    carried_out(petra)
    mail.refresh_from_db()
    assert (bytes(mail.raw), mail.sender, mail.digest) == (b"", "", "d" * 64)
    assert Message.objects.count() == 1


def test_the_search_no_longer_finds_what_was_forgotten(petra, alice, rules):
    case = decided(alice, rules)
    clear("index-cases")
    assert "invit" in SearchDocument.objects.get(case_id=case.id).document
    publish(TEXT)
    carried_out(petra)
    clear("index-cases")
    assert "invit" not in SearchDocument.objects.get(case_id=case.id).document
    assert "school" in SearchDocument.objects.get(case_id=case.id).document, "the target is still found"


def test_an_old_preview_or_one_under_other_rules_can_t_be_approved(petra, alice, rules):
    decided(alice, rules)
    publish(TEXT)
    run = shown(petra)
    with time_machine.travel(timezone.now() + timedelta(hours=25)), pytest.raises(Refused, match="older than 24 hours"):
        running.approve(petra, run)
    publish(Rule("report-text", 740))
    with pytest.raises(Refused, match="rules have changed"):
        running.approve(petra, run)


def test_more_than_the_guard_s_share_needs_a_reason(petra, alice, rules):
    case = decided(alice, rules)
    for number in range(30):
        factories.report(case, reporter=f"mail:r{number}@example.org", at=timezone.now() - LONG_AGO)
    publish(TEXT, guard=0.5)
    run = shown(petra)
    assert running.over_guard(run) == ["What reporters wrote"]
    with pytest.raises(NotValid, match="Say why that is right"):
        running.approve(petra, run)
    assert running.approve(petra, run, reason="The first run ever").state == Run.State.RUNNING


def test_an_unattended_run_waits_to_be_read_and_asks_when_it_would_take_too_much(petra, alice, rules):
    case = decided(alice, rules)
    publish(TEXT, unattended=True)
    assert running.preview_daily() == 1
    assert running.preview_daily() == 0, "once a day"
    running.show_one()
    run = Run.objects.get()
    assert running.begin_unattended() == 0
    assert text_of(case)
    with time_machine.travel(run.starts_at + timedelta(minutes=1)):
        clear("privacy-runs")
    run.refresh_from_db()
    assert (run.state, run.approved_by) == (Run.State.DONE, None)
    assert not text_of(case)
    again = decided(alice, rules)
    for number in range(30):
        factories.report(again, reporter=f"mail:r{number}@example.org", at=timezone.now() - LONG_AGO)
    publish(TEXT, unattended=True, guard=0.1)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        running.preview_daily()
        running.show_one()
    stopped = Run.objects.order_by("-id").first()
    assert stopped.state == Run.State.ASKS and "What reporters wrote" in stopped.question


def test_a_batch_that_fails_stops_the_run_loses_nothing_and_can_be_taken_up(petra, alice, rules, monkeypatch):
    case = decided(alice, rules)
    publish(TEXT)
    run = running.approve(petra, shown(petra), reason="x")
    one = REGISTRY.classes["report-text"]

    def fails(rows):
        one.forget(rows)
        raise RuntimeError("the disk is full")

    from dataclasses import replace

    with monkeypatch.context() as broken:
        broken.setitem(REGISTRY.classes, "report-text", replace(one, forget=fails))
        clear("privacy-runs")
    run.refresh_from_db()
    assert run.state == Run.State.ASKS and "RuntimeError" in run.question
    assert text_of(case) and Doomed.objects.filter(run=run).count() == 1
    running.approve(petra, run, reason="again")
    clear("privacy-runs")
    assert not text_of(case)


def test_hundreds_of_rows_go_in_batches_and_a_cancelled_run_leaves_the_rest(petra, alice, rules, monkeypatch):
    monkeypatch.setattr(running, "BATCH", 100)
    case = decided(alice, rules)
    at = timezone.now() - LONG_AGO
    for number in range(350):
        factories.report(case, reporter=f"mail:r{number}@example.org", at=at)
    publish(TEXT)
    run = running.approve(petra, shown(petra), reason="all of it")
    running.step()
    assert Report.objects.filter(text="").count() == 100
    running.cancel(petra, run)
    assert running.step() == 0
    assert Report.objects.exclude(text="").count() == 251
    run = carried_out(petra)
    assert run.done == {"report-text": 251}


def test_the_preview_takes_the_same_number_of_queries_for_one_row_and_for_hundreds(petra, alice, rules):
    publish()

    def cost():
        running.ask_for_preview(petra, SYSTEM)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            running.show_one()
        return len(queries)

    case = decided(alice, rules)
    few = cost()
    for number in range(200):
        factories.report(case, reporter=f"mail:r{number}@example.org", at=timezone.now() - LONG_AGO)
    assert cost() == few <= len(REGISTRY.classes) + len(REGISTRY.duties) + 10


def test_reporters_and_targets_go_under_pseudonyms_with_their_counts(petra, alice, rules):
    ago = timedelta(days=3000)
    case = decided(alice, rules, ago=ago)
    second = decided(alice, rules, ago=ago, tree=case.tree)
    event, account = case.tree["event"], case.tree["account"]
    publish(Rule("reporter", 1095), Rule("target", 1825))
    carried_out(petra)
    assert Reporter.objects.get().key.startswith("gone:")
    assert {row.reporter_key for row in CaseReport.objects.all()} == {Reporter.objects.get().key}
    assert Reporter.objects.get().upheld == 2
    event.refresh_from_db(), account.refresh_from_db()
    assert (event.ref[:5], event.name, account.email) == ("gone-", "", "")
    report = Report.objects.get(id=second.case_reports.get().report_id)
    assert (report.target_ref, report.target_name) == (event.ref, "")
    assert report.target_tree == [{"kind": "account", "ref": account.ref}]
    assert Case.objects.filter(target=event).count() == 2


def test_a_suspended_account_stays_known(petra, alice, rules):
    case = decided(alice, rules, ago=timedelta(days=3000))
    case.tree["account"].__class__.objects.filter(id=case.tree["account"].id).update(state="suspended")
    publish(Rule("target", 1825))
    found = line(shown(petra), "target")
    assert found["kept"] == {"A measure against it is in force": 1}


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        (Rule("nothing", 400), "no class of data"),
        (Rule("report-text", 100), "at least 183"),
        (Rule("report-text", 99_999), "at most"),
        (Rule("report-text", 400, outcome="maybe"), "no outcome"),
    ],
)
def test_a_rule_that_can_t_be_is_refused_with_a_sentence(rule, says):
    with pytest.raises(NotValid, match=says):
        plan.publish(Plan([rule]), "x", SYSTEM)


def test_rules_are_versions_and_two_for_the_same_thing_are_refused():
    assert plan.in_force().number == 0
    first, second = publish(TEXT), publish(Rule("report-text", 800))
    first.refresh_from_db()
    assert (first.live_until, plan.in_force().number) == (second.live_from, 2)
    with pytest.raises(NotValid, match="two rules"):
        publish(TEXT, Rule("report-text", 900))
    with pytest.raises(NotValid, match="what changes"):
        plan.publish(Plan([TEXT]), " ", SYSTEM)
    with pytest.raises(NotValid, match="can't be read"):
        plan.said([{"data_class": "report-text", "days": "many"}])


def test_without_rules_nothing_is_shown_and_nothing_goes(petra):
    with pytest.raises(Refused, match="No rules"):
        running.ask_for_preview(petra, SYSTEM)
    assert running.preview_daily() == 0


def test_only_those_with_the_permission_hold_and_run(alice, rules):
    publish()
    with pytest.raises(NotPermitted):
        holding.place(alice, "case", factories.case(), matter="x", reason="y", review_on=SOON)
    with pytest.raises(NotPermitted):
        running.ask_for_preview(alice, SYSTEM)


def test_what_holds_refuse_is_said_in_words():
    assert sifting.reason_of("hold") == "A legal hold"
    assert sifting.reason_of("A strike against it still counts").startswith("A strike")
    assert Attachment.objects.count() == 0
