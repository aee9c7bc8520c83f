"""Pages: the list, one playbook, the editor, starting, a run, the tabletop; and their cost."""

import pytest
from django.urls import reverse

from seacliff.partners.models import Ask
from seacliff.people.models import User
from seacliff.people.permissions import Role
from seacliff.playbooks.models import Playbook, PlaybookVersion, Run, RunStep
from seacliff.playbooks.shipped import install
from seacliff.playbooks.starting import NewRun, start_many
from seacliff.record.actions import SYSTEM
from seacliff.review.tests import factories as cases

from .factories import SMALL, answered, lead, published, settle, started, states, step, team

pytestmark = pytest.mark.django_db


@pytest.fixture
def ruth(client):
    user = lead()
    client.force_login(user)
    return user


def get(client, name, *args, query="", status=200):
    answer = client.get(reverse(f"playbooks:{name}", args=args) + query)
    assert answer.status_code == status
    return answer.content.decode()


def post(client, name, *args, status=302, **said):
    answer = client.post(
        reverse(f"playbooks:{name}", args=args), {key.replace("__", "."): v for key, v in said.items()}
    )
    assert answer.status_code == status, answer.content.decode()[:3000]
    return answer.content.decode()


def test_an_empty_list_offers_the_eight(client, ruth):
    team()
    assert "8 playbooks come with Seacliff" in get(client, "list")
    post(client, "install")
    text = get(client, "list")
    assert Playbook.objects.count() == 8 and "Press inquiry" in text and "come with Seacliff" not in text


def test_a_playbook_is_shown_with_its_graph_steps_and_versions(client, ruth):
    published(user=ruth)
    text = get(client, "playbook", "small-one")
    assert "<svg" in text and "What does the law say" in text and "Version 1" in text and "In force" in text


def test_the_whole_way_of_a_playbook_in_the_editor(client, ruth):
    team()
    assert "New playbook" in get(client, "new")
    post(client, "new", source=SMALL)
    assert PlaybookVersion.objects.get().state == "draft"
    post(client, "edit", "small-one", source=SMALL.replace("by: legal", "by: law"))
    assert "There is no function law." in get(client, "edit", "small-one")
    assert "Line 14: There is no function law." in post(client, "publish", "small-one", change="First", status=422)
    post(client, "edit", "small-one", source=SMALL)
    post(client, "publish", "small-one", change="First")
    assert PlaybookVersion.objects.get().published_by == ruth
    post(client, "edit", "small-one", source=SMALL.replace("Told", "Said"))
    assert "Version 2" in get(client, "playbook", "small-one")
    assert "<table" in get(client, "playbook", "small-one", query="?version=2")
    post(client, "discard", "small-one")
    assert PlaybookVersion.objects.count() == 1
    post(client, "retire", "small-one")
    assert "Retired" in get(client, "playbook", "small-one") and get(client, "begin", "small-one", status=404)


def test_what_is_typed_is_checked_without_being_kept(client, ruth):
    team()
    text = post(client, "check", source=SMALL.replace("after: [look]", "after: [lok]"), status=200)
    assert "Line 16" in text and "There is no step lok" in text and not Playbook.objects.exists()
    assert "It can be read: 3 steps." in post(client, "check", source=SMALL, status=200)
    assert "There is a playbook" in (published() and post(client, "new", source=SMALL, status=422))


def test_a_run_is_started_from_a_case_and_played_on_its_page(client, ruth):
    published(user=ruth)
    case = cases.case()
    offered = get(client, "of-case", case.ref)
    assert f"{reverse('playbooks:begin', args=['small-one'])}?case={case.ref}" in offered
    assert case.ref in get(client, "begin", "small-one", query=f"?case={case.ref}")
    post(client, "begin", "small-one", case=case.ref, input__what="A wave", severity="1")
    run = Run.objects.get()
    assert (run.about_id, run.severity, run.lead) == (case.id, 1, ruth) and states(run)["look"] == "open"
    assert "Look at it" in get(client, "run", run.ref)
    assert "Grave: this is needed" in post(client, "step", run.ref, "look", "done", status=422)
    post(client, "step", run.ref, "look", "done", form__grave="yes")
    assert step(run, "ask_legal").ask.ref in get(client, "run", run.ref)
    answered(run, "ask_legal", "partly", "Only this once")
    text = get(client, "run", run.ref)
    assert "Only this once" in text and "Every step is done" in text
    assert run.ref in get(client, "of-case", case.ref)
    assert client.get(reverse("playbooks:run-by-id", args=[run.id])).status_code == 302


def test_what_is_wrong_to_begin_with_is_said_beside_its_field(client, ruth):
    published(SMALL.replace("label: What}", "label: How many, type: number, needed: true}"))
    text = post(client, "begin", "small-one", case="C-99", input__what="many", status=422)
    assert "There is no case C-99." in text
    assert "How many: write a number." in post(client, "begin", "small-one", input__what="many", status=422)


def test_people_steer_a_run_on_its_page(client, ruth):
    run = started(by=ruth)
    other = lead("Lea")
    post(
        client,
        "do",
        run.ref,
        "add",
        title="Call them",
        kind="ask",
        ask="inform",
        by="support",
        text="Know this",
        after=["look"],
    )
    assert states(run)["call_them"] == "waiting"
    post(client, "step", run.ref, "look", "put-off", due_at="2099-01-01T09:00", reason="x", status=422)
    post(client, "step", run.ref, "look", "hand-over", person=other.email, reason="Yours")
    assert step(run, "look").assigned_to == other
    post(client, "step", run.ref, "ask_legal", "hand-over", function="privacy", reason="Theirs")
    post(client, "step", run.ref, "look", "skip", reason="Seen")
    assert Ask.objects.filter(to_function__slug="support").exists()
    post(client, "do", run.ref, "lead", lead=other.email)
    assert "Say why the run is cancelled" in post(client, "do", run.ref, "cancel", reason=" ", status=422)
    post(client, "do", run.ref, "cancel", reason="A false alarm")
    run.refresh_from_db()
    assert (run.state, run.lead) == ("cancelled", other)
    assert "is over" in post(client, "step", run.ref, "call_them", "skip", reason="x", status=422)


def test_the_list_of_runs_filters_and_pages_by_key(client, ruth):
    version = published(user=ruth)
    start_many(SYSTEM, [NewRun(version, f"Number {n}", lead=ruth) for n in range(60)])
    settle()
    text = get(client, "runs")
    assert "Number 59" in text and "Number 9<" not in text and "after=" in text
    assert "No runs here" in get(client, "runs", query="?state=cancelled")
    assert "Number 59" in get(client, "runs", query="?state=all&playbook=small-one")
    assert get(client, "runs", query="?after=nonsense")


def test_pages_cost_the_same_whatever_there_is(client, ruth, django_assert_max_num_queries):
    team()
    assert install(SYSTEM, ruth, published=True) == 8
    version = published(user=ruth)
    start_many(SYSTEM, [NewRun(version, f"Number {n}", lead=ruth) for n in range(30)])
    settle()
    run = Run.objects.order_by("id").first()
    names = [("list",), ("runs",), ("run", run.ref), ("playbook", "small-one"), ("tabletop", "small-one")]
    for name, *args in names:
        with django_assert_max_num_queries(15):
            get(client, name, *args)


def test_the_tabletop_shows_a_breach_when_a_function_does_not_answer(client, ruth):
    published(user=ruth)
    text = get(client, "tabletop", "small-one", query="?seed=7&as.trust-and-safety=in+time&as.legal=never")
    assert "It never ends: nobody answers" in text and "never answered" in text and "What does the law say" in text
    calm = get(client, "tabletop", "small-one", query="?seed=7&as.trust-and-safety=in+time&as.legal=in+time")
    assert "0 breaches" in calm
    assert get(client, "tabletop", "small-one", query="?seed=x&as.legal=rude&steps.look.grave=no&input.what=<b>")


def test_an_approval_of_the_team_is_offered_to_somebody_else(client, ruth):
    other = lead("Lea")
    run = started(published(SMALL + "  - {key: allowed, title: Allowed, kind: approval, text: 'May we?'}\n"), other)
    post(client, "step", run.ref, "allowed", "done", answer="yes")
    assert step(run, "allowed").answer == "yes"
    own = started(run.version, ruth)
    assert "who does not lead this run approves it" in get(client, "run", own.ref)


def test_partners_see_no_run_and_reviewers_write_no_playbook(client):
    run = started()
    for role, may in ((Role.PARTNER, 403), (Role.REVIEWER, 200)):
        client.force_login(User.objects.create_user(f"{role}@example.org", name=role, roles=[role]))
        get(client, "run", run.ref, status=may)
        get(client, "edit", "small-one", status=403)


def test_the_api_does_all_of_it(client, ruth):
    published(user=ruth)
    case = cases.case()

    def call(method, path, status=200, **body):
        answer = getattr(client, method)(f"/api/v1{path}", body or None, content_type="application/json")
        assert answer.status_code == status, answer.content
        return answer.json()

    assert [row["slug"] for row in call("get", "/playbooks")] == ["small-one"]
    assert call("get", "/playbooks/small-one")["number"] == 1
    wrong = call("post", "/playbooks/check", source="name: X\nsteps: [{key: A, title: x}]")["wrong"]
    assert wrong[0]["line"] == 2 and "is no key" in wrong[0]["detail"]
    made = call("post", "/playbooks", 201, source=SMALL.replace("Small one", "Another"))
    assert made["state"] == "draft"
    call("put", "/playbooks/another/draft", source=SMALL, change="Better")
    assert call("post", "/playbooks/another/publish", change="First")["state"] == "published"
    body = {"playbook": "small-one", "case": case.ref, "inputs": {"what": "x"}, "key": "1"}
    run = call("post", "/runs", 201, **body)
    assert run["about"] == case.ref and call("post", "/runs", 201, **body)["ref"] == run["ref"]
    assert [each["state"] for each in run["steps"]] == ["open", "waiting", "waiting"]
    assert run["critical_path"] == ["look", "ask_legal", "told"]
    call("post", f"/runs/{run['ref']}/steps/look/done", 422)
    after = call("post", f"/runs/{run['ref']}/steps/look/done", form={"grave": "yes"})
    assert after["steps"][1]["ask"].startswith("Q-")
    call("post", f"/runs/{run['ref']}/steps", 201, title="One more", after=["look"])
    call("post", f"/runs/{run['ref']}/steps/one_more/put-off", due_at="2026-12-24T09:00:00Z", reason="Holidays")
    call("post", f"/runs/{run['ref']}/steps/one_more/hand-over", person=ruth.email, reason="Mine")
    call("post", f"/runs/{run['ref']}/steps/ask_legal/skip", reason="Known")
    assert call("get", "/runs?state=running")["items"][0]["ref"] == run["ref"]
    assert call("post", f"/runs/{run['ref']}/cancel", reason="Enough")["state"] == "cancelled"
    assert call("get", f"/runs/{run['ref']}")["outcome"] == "Enough"


def test_a_late_step_is_named_with_whoever_is_late(client, ruth):
    run = started(by=ruth)
    RunStep.objects.filter(run=run, key="look").update(due_at=run.started_at)
    text = get(client, "run", run.ref)
    assert "late" in text and "Trust &amp; Safety" in text
