"""The charters' pages: written by a form, proposed, agreed by the other side; who decides what; who is away."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from seacliff.partners import actions as asks
from seacliff.partners.access import by_user
from seacliff.partners.charters.actions import follow_answers
from seacliff.partners.charters.document import Right, charter_of
from seacliff.partners.models import Absence, Ask, CharterVersion
from seacliff.people.permissions import Role
from seacliff.record.models import Event
from seacliff.review.tests.factories import person

from .factories import charter, function, partner, reviewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead():
    return person("Lea Lead", roles=(Role.LEAD,))


@pytest.fixture
def comms():
    found = function("communications")
    charter(found, rights=(Right("What is said in public", "communications", ("legal",)),))
    return found


def get(client, user, name, *args, **query):
    client.force_login(user)
    return client.get(reverse(f"partners:{name}", args=args), query)


def post(client, user, name, *args, **said):
    client.force_login(user)
    return client.post(reverse(f"partners:{name}", args=args), said)


def filled(client, lead, slug, **changed):
    """What the browser would send of the form as it stands."""
    form = get(client, lead, "edit", slug).context["form"]
    data = {"step": "save"}
    for part in (form.whole, *(row for table in form.tables.values() for row in table)):
        data |= {part.add_prefix(name): part[name].value() or "" for name in part.fields}
    for table in form.tables.values():
        data |= {field.html_name: field.value() for field in table.management_form}
    return data | changed


def test_the_ten_come_with_a_click(client, lead):
    assert "Add the ten" in get(client, lead, "functions").content.decode()
    assert post(client, reviewer(), "install").status_code == 403
    post(client, lead, "install")
    page = get(client, lead, "functions")
    assert len(page.context["lines"]) == 10 and "Add the ten" not in page.content.decode()


def test_a_charter_shows_what_each_side_asks_and_who_decides(client, comms):
    words = get(client, partner(comms), "function", "communications").content.decode()
    assert "Dana Press" in words and "What is said in public" in words and "Write a new version" not in words
    assert get(client, partner(function("legal")), "function", "communications").status_code == 404


def test_a_lead_writes_a_version_by_the_form_and_sees_what_changes(client, lead, comms):
    function("legal")
    data = filled(client, lead, "communications", **{
        "change": "Dana is quicker", "we_ask-0-h2": "3", "contacts-1-name": "Gil", "contacts-1-email": "gil@lantern.example",
        "contacts-1-kinds": "advise, publish", "rights-1-decision": "Who speaks to the press",
        "rights-1-decides": "Communications", "rights-1-consulted": "Legal", "purpose": "One voice"})  # fmt: skip
    answer = client.post(reverse("partners:edit", args=["communications"]), data)
    assert answer.status_code == 302, answer.context["error"].detail
    draft = CharterVersion.objects.get(state="draft")
    said = charter_of(draft)
    assert said.we_ask[0].hours[2] == 3 and said.contacts[1].kinds == ("advise", "publish")
    assert (said.rights[1].decides, said.rights[1].consulted) == ("communications", ("legal",))
    page = client.get(answer.url).content.decode()
    assert "gil@lantern.example" in page and "Propose it" in page and 'class="diff"' in page
    assert get(client, partner(comms), "charter", "communications", draft.number).status_code == 404  # not theirs yet


def test_a_form_sent_as_it_stands_changes_nothing(client, lead, comms):
    function("legal")
    before = CharterVersion.objects.get(state="agreed").content
    data = filled(client, lead, "communications", purpose="One voice", change="Nothing")
    assert client.post(reverse("partners:edit", args=["communications"]), data).status_code == 302
    assert CharterVersion.objects.get(state="draft").content == before | {"purpose": "One voice"}


@pytest.mark.parametrize(("wrong", "said"), [
    ({"change": ""}, "Correct what is marked"),
    ({"rights-0-decides": "Astrology"}, "There is no function “Astrology”"),
    ({"contacts-0-kinds": "beg"}, "can't be read"),
    ({"contacts-0-email": "nowhere"}, "Correct what is marked"),
    ({"we_ask-1-kind": "advise"}, "promised twice"),
])  # fmt: skip
def test_a_faulty_form_is_refused_and_keeps_what_was_typed(client, lead, comms, wrong, said):
    function("legal")
    data = filled(
        client, lead, "communications", **{"purpose": "One voice", "change": "More", "notes": "Typed"} | wrong
    )
    answer = client.post(reverse("partners:edit", args=["communications"]), data)
    assert answer.status_code == 422 and said in answer.context["error"].detail
    assert "Typed" in answer.content.decode() and not CharterVersion.objects.filter(state="draft").exists()


def test_more_rows_are_added_and_nothing_is_kept(client, lead, comms):
    function("legal")
    data = filled(client, lead, "communications", purpose="One voice", change="More", step="more")
    answer = client.post(reverse("partners:edit", args=["communications"]), data)
    assert answer.status_code == 200 and len(answer.context["form"].tables["contacts"].forms) == 5
    assert not CharterVersion.objects.filter(state="draft").exists()


def test_it_may_be_written_as_yaml(client, lead, comms):
    said = "purpose: One voice\nrights: [{decision: All, decides: legal}]"
    assert post(client, lead, "edit", "communications", step="yaml", yaml=said, change="Shorter").status_code == 302
    assert charter_of(CharterVersion.objects.get(state="draft")).rights[0].decision == "All"
    wrong = post(client, lead, "edit", "communications", step="yaml", yaml="purpose: [", change="x")
    assert wrong.status_code == 422 and "line 1" in wrong.context["error"].detail


def test_both_sides_agree_by_an_ask(client, lead, comms):
    post(client, lead, "edit", "communications", step="yaml", yaml="purpose: One voice", change="Shorter")
    draft = CharterVersion.objects.get(state="draft")
    post(client, lead, "charter-do", "communications", "propose", number=draft.number)
    proposal = Ask.objects.get(about_id=draft.id)
    dana = partner(comms)
    page = get(client, dana, "charter", "communications", draft.number).content.decode()
    assert proposal.ref in page and "whether you agree" in page
    assert draft.change in get(client, dana, "ask", proposal.ref).content.decode()
    post(client, lead, "charter-do", "communications", "take-back", number=draft.number, reason="A typo")
    post(client, lead, "charter-do", "communications", "propose", number=draft.number)
    asks.answer(by_user(dana), Ask.objects.get(about_id=draft.id, closed_at=None), "yes")
    follow_answers()
    page = get(client, lead, "function", "communications")
    assert page.context["version"] == draft and page.context["version"].state == "agreed"
    assert get(client, lead, "charter-by-id", draft.id).status_code == 302
    assert get(client, lead, "function-by-id", comms.id).status_code == 302


def test_a_draft_may_be_discarded(client, lead, comms):
    post(client, lead, "edit", "communications", step="yaml", yaml="purpose: x", change="y")
    number = CharterVersion.objects.get(state="draft").number
    assert post(client, reviewer(), "charter-do", "communications", "discard", number=number).status_code == 403
    assert post(client, lead, "charter-do", "communications", "discard", number=number).status_code == 302
    assert not CharterVersion.objects.filter(state="draft").exists()


def test_what_is_not_a_draft_is_not_proposed(client, lead, comms):
    number = CharterVersion.objects.get().number
    assert post(client, lead, "charter-do", "communications", "propose", number=number).status_code == 409


def test_a_look_that_changes_nothing_holds_for_another_term(client, lead, comms):
    version = CharterVersion.objects.get()
    CharterVersion.objects.update(review_on=timezone.now().date() - timedelta(days=3))
    assert "Due" in get(client, lead, "functions").content.decode()
    assert (
        post(client, lead, "charter-do", "communications", "renew", number=version.number, said="").status_code == 422
    )
    post(client, lead, "charter-do", "communications", "renew", number=version.number, said="Dana and I")
    version.refresh_from_db()
    assert version.review_on == timezone.now().date() + timedelta(days=180)
    assert Event.objects.get(verb="charter.reviewed").reason == "Dana and I"


def test_the_function_says_who_is_away(client, lead, comms):
    dana, today = partner(comms), timezone.now().date()
    said = {"email": "dana@lantern.example", "since": str(today), "until": str(today + timedelta(days=3)),
            "deputy": "eli@lantern.example"}  # fmt: skip
    assert post(client, reviewer(), "absence", "communications", "away", **said).status_code == 403
    assert post(client, dana, "absence", "communications", "away", **said).status_code == 302
    assert post(client, dana, "absence", "communications", "away", **said | {"email": "x@y.example"}).status_code == 422
    assert post(client, dana, "absence", "communications", "away", **said | {"until": "soon"}).status_code == 422
    assert "eli@lantern.example" in get(client, dana, "function", "communications").content.decode()
    post(client, dana, "absence", "communications", "back", absence=str(Absence.objects.get().id))
    assert not Absence.objects.exists()


def test_who_decides_what_is_searched(client, comms):
    function("legal")
    alice = reviewer()
    assert "What is said in public" in get(client, alice, "rights", words="public").content.decode()
    assert "What is said in public" in get(client, alice, "rights", words="legal").content.decode()
    assert "No charter in force speaks of this" in get(client, alice, "rights", words="astrology").content.decode()
    assert "What is said in public" not in get(client, partner(function("legal")), "rights").content.decode()


def test_the_pages_take_the_same_queries_whatever_there_is(client, lead, comms, django_assert_max_num_queries):
    post(client, lead, "install")
    client.force_login(lead)
    for name, args in [
        ("functions", []),
        ("rights", []),
        ("function", ["communications"]),
        ("edit", ["communications"]),
    ]:
        with django_assert_max_num_queries(15):
            assert client.get(reverse(f"partners:{name}", args=args)).status_code == 200
