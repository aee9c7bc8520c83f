"""Boards, the ask's page, making an ask: who sees what, and that the keys' forms do what they say."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from seacliff.partners import actions
from seacliff.partners.access import by_user, our_function
from seacliff.partners.actions import NewAsk
from seacliff.partners.models import Ask, AskMessage
from seacliff.people.permissions import Role
from seacliff.policy.models import PolicyVersion
from seacliff.record import evidence
from seacliff.record.actions import Subject
from seacliff.review.tests import factories as work

from .factories import function, made_ask, partner, reviewer

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(comms):
    return made_ask(comms, by=reviewer("Rita Reviewer"), question="What may we say about the wave?")


def shown(client, user, name, *args, **query):
    client.force_login(user)
    return client.get(reverse(f"partners:{name}", args=args), query)


def post(client, user, verb, asked, **said):
    client.force_login(user)
    group = "respond" if verb in ("acknowledge", "answer", "say", "hand-on", "revoke") else "manage"
    return client.post(reverse(f"partners:{group}", args=[asked.ref, verb]), said)


def test_a_partner_s_inbox_holds_what_their_function_was_asked(client, dana, asked):
    other = made_ask(function("legal"), question="Is this lawful at all?")
    page = shown(client, dana, "asks").content.decode()
    assert asked.ref in page and other.ref not in page
    assert shown(client, dana, "board", "outbox").status_code == 200
    assert asked.ref in shown(client, asked.asked_by, "board", "outbox").content.decode()


def test_nobody_looks_at_the_boards_of_another_function(client, dana, asked):
    function("legal")
    for board in ("inbox", "outbox", "received", "made", "outcomes", "waiting"):
        assert shown(client, dana, "board", board, of="legal").status_code == 404
    assert shown(client, reviewer(), "board", "inbox", of="communications").context["rows"] == [asked]


def test_the_late_and_the_named_are_found(client, dana, comms, asked):
    named = made_ask(comms, to_email=dana.email)
    Ask.objects.filter(id=asked.id).update(due_at=timezone.now() - timedelta(hours=1))
    assert shown(client, dana, "board", "inbox", late="1").context["rows"] == [asked]
    assert shown(client, dana, "board", "mine").context["rows"] == [named]


def test_boards_go_on_by_key(client, dana, comms):
    made = [made_ask(comms) for _ in range(53)]
    first = shown(client, dana, "asks")
    assert first.context["rows"] == made[:50]
    second = client.get(reverse("partners:asks") + first.context["older_url"])
    assert second.context["rows"] == made[50:]
    assert client.get(reverse("partners:asks"), {"after": "nonsense"}).context["rows"] == made[:50]


@pytest.mark.parametrize("board", ["inbox", "outbox", "mine", "outcomes", "received", "made", "waiting"])
def test_a_board_takes_the_same_queries_whatever_stands_on_it(client, board, comms, django_assert_max_num_queries):
    lead = reviewer()
    for _ in range(12):
        made_ask(comms, by=lead)
    client.force_login(lead)
    with django_assert_max_num_queries(14):
        assert client.get(reverse("partners:board", args=[board])).status_code == 200


def test_who_waits_on_whom(client, dana, comms, asked):
    late = made_ask(comms)
    Ask.objects.filter(id=late.id).update(due_at=timezone.now() - timedelta(hours=1))
    theirs = actions.ask(by_user(dana), NewAsk("advise", our_function(), "Is it over?", sender=comms))
    actions.ask_back(by_user(reviewer()), theirs, "Which one?")
    actions.ask_back(by_user(dana), asked, "Which wave?")
    [line] = shown(client, dana, "board", "waiting").context["lines"]
    assert (line.from_them.count, line.from_them.late, line.from_them.asked_back) == (1, 1, 1)
    assert (line.from_us.count, line.from_us.late, line.from_us.asked_back) == (0, 0, 1)


def test_the_page_of_an_ask_is_for_its_two_sides(client, dana, asked):
    page = shown(client, dana, "ask", asked.ref)
    assert page.context["asked_side"] and not page.context["asker_side"]
    page = shown(client, asked.asked_by, "ask", asked.ref)
    assert page.context["asker_side"] and not page.context["asked_side"]
    assert shown(client, partner(function("legal")), "ask", asked.ref).status_code == 404
    assert shown(client, partner(function("legal")), "by-id", asked.id).status_code == 404
    auditor = work.person("Ada Auditor", roles=(Role.AUDITOR,))
    page = shown(client, auditor, "ask", asked.ref)
    assert not page.context["asker_side"] and not page.context["asked_side"]
    assert post(client, auditor, "answer", asked, answer="yes").status_code == 403


def test_a_partner_acknowledges_hands_on_and_answers(client, dana, comms, asked):
    assert post(client, dana, "acknowledge", asked, back_to="inbox").url == reverse("partners:board", args=["inbox"])
    gil = partner(comms, "Gil")
    post(client, dana, "hand-on", asked, to_email=gil.email)
    asked.refresh_from_db()
    assert (asked.state, asked.to_email) == ("acknowledged", gil.email)
    refused = post(client, gil, "answer", asked, answer="partly")
    assert refused.status_code == 422 and "Say why only partly." in refused.content.decode()
    said = {"answer": "partly", "reason": "Not by name", "form.advice": "Say that you know of it."}
    post(client, gil, "answer", asked, **said)
    page = shown(client, dana, "ask", asked.ref).content.decode()
    assert "Say that you know of it." in page and "Not by name" in page
    again = post(client, dana, "answer", asked, answer="yes")
    assert again.status_code == 409 and "was answered by Gil" in again.content.decode()


def test_the_asker_pauses_sets_anew_withdraws_and_says_what_came_of_it(client, dana, comms, asked):
    rita = asked.asked_by
    for verb, said in [("pause", {"reason": "The court"}), ("resume", {}), ("remind", {}),
                       ("reschedule", {"due_at": (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")})]:  # fmt: skip
        assert post(client, rita, verb, asked, **said).status_code == 302, verb
    assert post(client, rita, "reschedule", asked, due_at="soon").status_code == 422
    assert post(client, dana, "withdraw", asked, reason="Me").status_code == 403
    actions.answer(by_user(dana), asked, "no", "We can't say")
    assert post(client, rita, "outcome", asked, outcome="helped", text="We stayed silent").status_code == 302
    assert "We stayed silent" in shown(client, dana, "ask", asked.ref).content.decode()
    assert post(client, rita, "reopen", asked, reason="Until when?").status_code == 302
    assert post(client, rita, "withdraw", asked, reason="Over").status_code == 302
    asked.refresh_from_db()
    assert asked.state == "withdrawn"


def test_both_sides_write_and_send_files_which_only_they_may_fetch(client, dana, asked):
    file = SimpleUploadedFile("plan.html", b"<script>alert(1)</script>", "text/html")
    post(client, dana, "say", asked, body="Which wave?", back="1", files=file)
    asked.refresh_from_db()
    assert asked.state == "clarifying"
    [attached] = evidence.of(Subject("ask-message", AskMessage.objects.get().id))
    got = shown(client, asked.asked_by, "file", asked.ref, attached.id)
    assert b"".join(got.streaming_content) == b"<script>alert(1)</script>"
    assert got["Content-Disposition"].startswith("attachment") and got["Content-Type"] == "application/octet-stream"
    other = made_ask(function("legal"))
    stranger = partner(function("legal"))
    assert shown(client, stranger, "file", asked.ref, attached.id).status_code == 404
    assert shown(client, stranger, "file", other.ref, attached.id).status_code == 404
    evidence.keep(b"<script>alert(1)</script>", restricted=True)
    assert shown(client, asked.asked_by, "file", asked.ref, attached.id).status_code == 404


def test_too_many_files_are_refused_with_a_sentence(client, dana, asked):
    files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(6)]
    answer = post(client, dana, "say", asked, body="Here", files=files)
    assert answer.status_code == 422 and "at most 5 files" in answer.content.decode()


@pytest.fixture
def case(db):
    case = work.case()
    work.report(case, text="He writes to ann.lee@school.example every day.")
    return case


def asking(client, user, case, step, **said):
    client.force_login(user)
    fields = {"to": "communications", "kind": "advise", "severity": "2", "question": "What may we say?", "step": step,
              "about": f"case:{case.id}", "key": "k1"}  # fmt: skip
    return client.post(reverse("partners:new"), fields | said)


def test_what_is_shared_is_picked_piece_by_piece_and_looked_over_first(client, comms, case):
    alice = reviewer()
    page = shown(client, alice, "new", about=f"case:{case.id}")
    keys = [piece.key for piece in page.context["draft"].offer.pieces]
    assert "report-1" in keys and "ann.lee" not in page.content.decode()
    preview = asking(client, alice, case, "preview", share=["harm", "report-1"])
    assert preview.status_code == 200 and not Ask.objects.exists()
    words = preview.content.decode()
    assert "He writes to [e-mail] every day." in words and "Dana Press" in words and "ann.lee" not in words
    sent = asking(client, alice, case, "send", share=["harm", "report-1"])
    made = Ask.objects.get()
    assert sent.url == reverse("partners:ask", args=[made.ref])
    assert [piece["key"] for piece in made.shared] == ["harm", "report-1"]
    asking(client, alice, case, "send")
    assert Ask.objects.count() == 1  # the same form sent twice


def test_a_question_that_names_somebody_is_pointed_out_and_mended(client, comms, case):
    said = "May we tell ann.lee@school.example?"
    preview = asking(client, reviewer(), case, "preview", question=said)
    assert preview.context["preview"]["told"] == "May we tell [e-mail]?"
    mended = asking(client, reviewer(), case, "redact", question=said)
    assert mended.context["typed"]["question"] == "May we tell [e-mail]?" and not mended.context["preview"]["told"]


@pytest.mark.parametrize("wrong", [{"to": ""}, {"to": "nobody"}, {"question": ""}, {"due_at": "never"}, {"kind": "beg"},
                                   {"to_email": "x@y.example"}, {"severity": "9"}, {"share": ["reporter"]}])  # fmt: skip
def test_what_can_not_be_asked_is_refused_with_a_sentence(client, comms, case, wrong):
    answer = asking(client, reviewer(), case, "send", **wrong)
    assert answer.status_code == 422 and answer.context["error"].detail
    assert not Ask.objects.exists()


def test_the_case_waits_and_its_page_shows_what_it_waits_for(client, comms, case):
    from seacliff.review import actions as review

    alice = reviewer()
    review.claim(alice, case)
    asking(client, alice, case, "send", wait="1", share=["harm"])
    case.refresh_from_db()
    assert case.state == "held"
    page = client.get(reverse("review:case", args=[case.ref])).content.decode()
    assert Ask.objects.get().ref in page and "The case waits for it" in page


def test_a_case_can_not_wait_for_somebody_who_does_not_hold_it(client, comms, case):
    answer = asking(client, reviewer(), case, "send", wait="1")
    assert answer.status_code == 409 and not Ask.objects.exists()


def test_a_partner_asks_for_their_function_and_about_no_case(client, dana, case):
    assert asking(client, dana, case, "preview").status_code == 404
    page = shown(client, dana, "new")
    assert [each.slug for each in page.context["draft"].receivers] == ["trust-and-safety"]
    client.post(reverse("partners:new"), {"to": "trust-and-safety", "kind": "advise", "severity": "3", "key": "k",
                                          "question": "Is the wave over?", "step": "send"})  # fmt: skip
    made = Ask.objects.get()
    assert (made.from_function.slug, made.to_function.slug) == ("communications", "trust-and-safety")


def test_a_rule_is_asked_about_before_it_goes_out(client, comms):
    version = work.policy()
    assert isinstance(version, PolicyVersion)
    alice = reviewer()
    client.force_login(alice)
    assert "Ask a function" in client.get(reverse("policy:policy", args=["spam"])).content.decode()
    page = shown(client, alice, "new", about=f"policy-version:{version.id}")
    assert {piece.key for piece in page.context["draft"].offer.pieces} >= {"text"}
    assert client.get(reverse("policy:version-by-id", args=[version.id])).status_code == 302


def test_somebody_of_no_function_is_told_so(client):
    nobody = work.person("Nora Nowhere", roles=(Role.PARTNER,))
    assert shown(client, nobody, "asks").status_code == 200
    assert shown(client, nobody, "new").status_code == 403


@pytest.mark.parametrize("about", ["x", "case:x", "diary:0198f6d2-0000-7000-8000-000000000000"])
def test_what_is_no_record_is_not_asked_about(client, about):
    assert shown(client, reviewer(), "new", about=about).status_code == 404
