"""One scene, whole: a case at the third tier starts a playbook and waits; Government Relations answers by replying to its mail,
Communications by the signed link of its own, on a phone; the case comes back with both answers, and everybody hears of it.

The mails go out by SMTP and come in by LMTP, the pages are looked at in a real browser."""

import email.policy
import re
import smtplib
from datetime import datetime, time, timedelta
from email import message_from_bytes
from email.message import EmailMessage

import pytest
import time_machine
from django.utils import timezone

from seacliff.browsing import SHOTS, shot
from seacliff.connectors.email.tests import written
from seacliff.connectors.email.tests.conftest import Mailbox, free_port
from seacliff.intake.mail_listener import Listener
from seacliff.partners.charters.document import Contact
from seacliff.partners.models import Ask
from seacliff.partners.tests.factories import charter, function
from seacliff.people.permissions import Role
from seacliff.playbooks.models import Run
from seacliff.playbooks.tests.factories import published
from seacliff.record.desks import clear
from seacliff.record.models import Event
from seacliff.relationships import digests
from seacliff.relationships.models import PulseShare
from seacliff.review.tests import factories
from seacliff.review.tiers.plan import forget_plan

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
DESKS = ("playbook-asks", "playbook-runs", "incoming", "dispatches", "asks-answered", "begin-deliberations")
GITA, DANA = "gita@lantern.example", "dana@lantern.example"
BOOK = """
name: Holder of public office
use_when: The account may belong to somebody who holds or seeks a public office.
severity: 2
inputs:
  - {key: office, label: Which office, needed: true}
steps:
  - key: setting
    title: What follows from it there
    kind: ask
    by: government-relations
    text: "An event is run by somebody who stands for {{ input.office }}. What follows if we end it?"
    wait: true
    share: [harm, what]
  - key: words
    title: The words
    kind: ask
    ask: publish
    by: communications
    text: "We may end an event of somebody who stands for {{ input.office }}. What do we say if a paper calls?"
    wait: true
    share: [rule]
  - key: told
    title: What was said
    kind: note
    text: "Government Relations: {{ steps.setting.answer }}. Communications: {{ steps.words.answer }}."
    after: [setting, words]
starts: {categories: [hate]}
"""


class Post(Mailbox):
    """Mails as modern messages, so that a test reads them as a mail program does."""

    def prepare_message(self, session, envelope):
        return message_from_bytes(envelope.original_content, policy=email.policy.default)

    def last(self, address, words=""):
        found = [mail for mail in self.of(address) if words in body(mail)]
        assert found, f"no mail to {address} says {words!r}: {[(mail['To'], mail['Subject']) for mail in self.mails]}"
        return found[-1]


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body([kind])
    assert part is not None
    return " ".join(part.get_content().split()) if kind == "plain" else part.get_content()


@pytest.fixture(autouse=True)
def company(settings, live_server):
    """The company's mail addresses, and its pages where the links of mails lead."""
    settings.REPLY_ADDRESS = "asks@seacliff.example"
    settings.DEFAULT_FROM_EMAIL = "Trust & Safety <ts@seacliff.example>"
    settings.BASE_URL = live_server.url
    forget_plan()
    yield
    forget_plan()


@pytest.fixture
def post(settings):
    box, port = Post(), free_port()
    box.start(port)
    options = {"host": "127.0.0.1", "port": port, "timeout": 5}
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
    yield box
    box.stop()


@pytest.fixture
def bring():
    """Hands mails in by LMTP, as the company's mail server does."""
    door = Listener(f"lmtp://127.0.0.1:{free_port()}")
    door.start()

    def hand_in(mail, sender):
        with smtplib.LMTP("127.0.0.1", door.port) as client:
            client.sendmail(sender, [mail["To"]], mail.as_bytes(policy=email.policy.SMTP))

    yield hand_in
    door.stop()


def shot_of_mail(new_page, mail, name):
    if SHOTS:
        page = new_page(viewport={"width": 700, "height": 700})
        page.set_content(body(mail, "html"))
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def test_a_case_of_the_third_tier_is_answered_by_mail_and_by_phone(seat, new_page, live_server, post, bring):
    factories.notice_texts()
    factories.policy("hate")
    mei = factories.person("Mei Tanaka", tier=3)
    PulseShare.objects.create(percent=100)
    published(BOOK)
    relations, comms = function("government-relations"), function("communications")
    charter(relations, contacts=(Contact("Gita Rao", GITA, "Public policy"),))
    charter(comms, contacts=(Contact("Dana Press", DANA, "Press officer"),))
    case = factories.case(category="hate", severity=2, tier=3)
    factories.report(case, text="He called for the rally on the stage. Write to ann.lee@school.example.")
    clear(*DESKS)

    reviewer = seat(mei)
    reviewer.goto(f"{live_server.url}/cases/{case.ref}")
    reviewer.keyboard.press("c")
    reviewer.wait_for_selector("text=Vote")
    reviewer.get_by_role("link", name="Holder of public office").click()
    reviewer.wait_for_selector("h1:has-text('Start')")
    assert "It asks, at its time: Communications, Government Relations." in reviewer.text_content("main")
    shot(reviewer, "01-start")
    reviewer.get_by_label("Which office").fill("the state parliament")
    reviewer.get_by_role("button", name="Start").click()
    reviewer.get_by_text(re.compile(r"R-\d+ · Holder of public office")).first.wait_for()
    shot(reviewer, "02-run")
    case.refresh_from_db()
    assert case.state == "held"
    reviewer.goto(f"{live_server.url}/cases/{case.ref}")
    assert reviewer.get_by_text("The case waits for it").count() == 2
    shot(reviewer, "03-case-waits")

    clear(*DESKS)
    to_gita, to_dana = post.last(GITA), post.last(DANA)
    for mail, other in ((to_gita, "a paper calls"), (to_dana, "What follows if we end it")):
        assert "the state parliament" in body(mail)
        assert other not in body(mail) and "ann.lee" not in body(mail) and "school" not in body(mail)
    shot_of_mail(new_page, to_gita, "04-mail-to-government-relations")
    shot_of_mail(new_page, to_dana, "05-mail-to-communications")

    said = "Yes. Three weeks before an election: tell the electoral office first.\n\nGita"
    quoted = "\n".join(f"> {line}" for line in to_gita.get_body(["plain"]).get_content().splitlines())
    reply = f"{said}\n\nOn Thu, 26 Nov 2026 at 14:00, Trust & Safety wrote:\n{quoted}\n"
    bring(written.reply(to_gita["Reply-To"], reply, f"Gita Rao <{GITA}>", References=to_gita["Message-ID"],
                        In_Reply_To=to_gita["Message-ID"]), GITA)  # fmt: skip
    clear(*DESKS)
    first = Ask.objects.get(to_function=relations)
    assert (first.answer, first.answered_by, first.answered_via) == ("yes", "Gita Rao", "email")
    assert first.form_answers == {"advice": "Three weeks before an election: tell the electoral office first."}
    assert "recorded as the answer: Yes." in body(post.last(GITA))
    assert f"{live_server.url}/pulse/" in body(post.last(GITA))
    shot_of_mail(new_page, post.last(GITA), "06-mail-how-it-was-understood")
    case.refresh_from_db()
    assert case.state == "held", "it waits for the other answer"

    phone = new_page(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    phone.goto(re.search(rf"{live_server.url}/a/\S+", body(to_dana))[0])
    assert phone.context.cookies() == [] or not phone.get_by_text("Sign out").count()
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    shot(phone, "07-phone-asked")
    phone.tap("text=Partly")
    phone.fill("#reason", "Only if a paper calls.")
    phone.fill("#f-wording", "The rule is the same for everybody.")
    shot(phone, "08-phone-filled")
    phone.tap("text=Send the answer")
    phone.wait_for_selector("text=Your answer has arrived")
    shot(phone, "09-phone-answered")
    phone.tap("text=how was it to work with us?")
    phone.wait_for_selector("text=Was it worth your time?")
    phone.tap("[name=easy][value='4'] >> xpath=..")
    phone.tap("[name=worth][value='5'] >> xpath=..")
    shot(phone, "09a-phone-pulse")
    assert phone.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "nothing sticks out"
    phone.tap("text=Send both")
    phone.wait_for_selector("text=Your answers have arrived")

    clear(*DESKS)
    case.refresh_from_db()
    run = Run.objects.get()
    assert (case.state, run.state) == ("open", "finished")
    factories.case(category="hate", severity=2, tier=3, rank=-5)  # one that would else be before it
    reviewer.goto(f"{live_server.url}/queues")
    shot(reviewer, "10-queues")
    reviewer.keyboard.press("n")
    reviewer.wait_for_selector(f"h1:has-text('{case.ref}')")
    for words in ("tell the electoral office first", "Only if a paper calls.", "The rule is the same for everybody."):
        assert words in reviewer.text_content("main")
    shot(reviewer, "11-case-came-back")
    reviewer.goto(f"{live_server.url}/runs/{run.ref}")
    assert "Every step is done" in reviewer.text_content("main")
    assert "Government Relations: yes. Communications: partly." in reviewer.text_content("main")
    shot(reviewer, "12-run-closed")
    told = post.last(mei.email, "Dana Press of Communications answers: Partly.")
    assert "Only if a paper calls." in body(told) and "Gita Rao of Government Relations answers: Yes." in body(
        post.last(mei.email, "Gita Rao")
    )
    shot_of_mail(new_page, told, "13-mail-to-the-reviewer")

    lead = seat(factories.person("Lea Lead", roles=(Role.LEAD,)))
    lead.goto(f"{live_server.url}/relationships/pulse")
    assert "Put in the past 90 days: 2. Answered: 1." in lead.text_content("main")
    shot(lead, "14a-pulse")
    lead.goto(f"{live_server.url}/relationships")
    shot(lead, "14-relationships")
    for number, (of, question) in enumerate(
        ((relations, "What follows if we end it?"), (comms, "a paper calls")), start=15
    ):
        lead.goto(f"{live_server.url}/relationships/functions/{of.slug}")
        assert question in lead.text_content("#latest >> xpath=../..") and "1 of 1" in lead.text_content("main")
        shot(lead, f"{number}-relationship-{of.slug}")

    today = timezone.now()
    monday = datetime.combine(today.date() - timedelta(days=today.weekday() - 7), time(7), today.tzinfo)
    with time_machine.travel(monday, tick=False):
        assert digests.send_due() >= 2 and digests.send_due() == 0
        clear("dispatches")
    for address, words in ((GITA, "What follows if we end it?"), (DANA, "What do we say if a paper calls?")):
        digest = post.last(address, "you answered 1 ask this week, all in time")
        assert words in body(digest) and "ann.lee" not in body(digest)
        shot_of_mail(new_page, digest, f"17-digest-{address.partition('@')[0]}")
    story = set(Event.objects.filter(story_id=case.id).values_list("verb", flat=True))
    assert {"run.started", "case.waits", "ask.answered", "run.step-done", "case.resumed", "run.finished"} <= story
