"""Replies to asks: read alone, and the whole way from the door to the answered ask with its news ordered."""

import time

from bench.frame import Line, alternate, installation

COUNT = {"tiny": 20, "small": 200, "full": 5_000}
GOAL = 200


def run(size: str) -> list[Line]:
    with installation():
        count = COUNT[size]
        mails = _mails(count)
        (reading,) = alternate(5, lambda: _read(mails[: min(count, 500)]))
        whole = _whole(mails)
    return [
        Line("replies to asks, read", f"{reading:,.0f} per CPU-second", f"{GOAL}", reading / GOAL, 1.0),
        Line("replies to asks, kept and done", f"{whole:,.0f} per CPU-second", f"{GOAL}", whole / GOAL, 1.0),
    ]


def _mails(count: int) -> list[tuple[str, bytes]]:
    """As many asks, and a reply to each: quotes, signatures, every third with an attachment."""
    from django.conf import settings

    from seacliff.connectors.email.addresses import reply_address
    from seacliff.connectors.email.tests import written
    from seacliff.partners.models import Dispatch
    from seacliff.partners.tests.factories import charter, function, made_ask, reviewer

    settings.REPLY_ADDRESS = "asks@seacliff.example"
    comms, alice = function("communications"), reviewer("Alice")
    charter(comms)
    kinds = (written.GMAIL, written.OUTLOOK, written.GERMAN, written.SPANISH, written.BETWEEN, written.PHONE)
    mails = []
    for number in range(count):
        asked = made_ask(comms, alice, form=())
        Dispatch.objects.filter(ask=asked).update(state="sent")
        to = reply_address(Dispatch.objects.get(ask=asked))
        mail = written.reply(to, kinds[number % len(kinds)], id=f"<{number}@lantern.example>")
        if number % 3 == 0:
            mail.add_attachment(f"%PDF-1.7 {number} ".encode() + b"x" * 20_000, maintype="application", subtype="pdf",
                                filename="statement.pdf")  # fmt: skip
        mails.append((to, mail.as_bytes()))
    return mails


def _read(mails: list[tuple[str, bytes]]) -> float:
    from seacliff.connectors.email.reading import read_reply

    began = time.process_time()
    for _to, raw in mails:
        assert read_reply(raw).text
    return len(mails) / (time.process_time() - began)


def _whole(mails: list[tuple[str, bytes]]) -> float:
    from seacliff.connectors.incoming import read_incoming
    from seacliff.connectors.models import Incoming
    from seacliff.intake.mail_door import receive
    from seacliff.partners.models import Ask, AskMessage
    from seacliff.record.models import Attachment

    began = time.process_time()
    for to, raw in mails:
        receive(raw, source="lmtp", sender="dana@lantern.example", recipients=[to])
    while read_incoming():
        pass
    took = time.process_time() - began
    assert set(Incoming.objects.values_list("state", flat=True)) == {"done"}
    assert Ask.objects.filter(state="answered").count() + AskMessage.objects.exclude(body="").count() == len(mails)
    assert Attachment.objects.count() == (len(mails) + 2) // 3
    return len(mails) / took
