"""What the sample's reporters send along, and mails that reached its abuse address. All made here, all invented."""

import io
import json
from email.message import EmailMessage
from functools import cache

from PIL import Image, ImageDraw

INK, PAPER, ALARM = (32, 44, 52), (244, 246, 245), (178, 58, 46)


@cache
def screenshot(caption: str, *chat: str) -> bytes:
    """A PNG of a meeting window with its chat."""
    image = Image.new("RGB", (960, 540), PAPER)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 960, 44), fill=INK)
    draw.text((16, 14), caption, fill=PAPER, font_size=16)
    for number in range(4):
        left, top = 24 + 300 * (number % 2), 68 + 230 * (number // 2)
        draw.rectangle((left, top, left + 280, top + 206), fill=(206, 214, 212))
        draw.ellipse((left + 100, top + 50, left + 180, top + 130), fill=(120 + 20 * number, 142, 150))
    draw.rectangle((632, 68, 936, 504), fill=(255, 255, 255), outline=INK)
    for number, line in enumerate(chat):
        draw.text((648, 84 + 30 * number), line, fill=ALARM if number == len(chat) - 1 else INK, font_size=14)
    stored = io.BytesIO()
    image.save(stored, "PNG", optimize=True)
    return stored.getvalue()


def forwarded_mail() -> bytes:
    """The invitation with the false sign-in page, as its recipient got it."""
    mail = EmailMessage()
    mail["From"] = "Lantern Meetings <no-reply@lantern-meet1ngs.example>"
    mail["To"] = "office@northfield.example"
    mail["Subject"] = "Your meeting is waiting: sign in again"
    mail["Date"] = "Mon, 02 Nov 2026 08:14:09 +0000"
    mail["Message-ID"] = "<4f1c@lantern-meet1ngs.example>"
    mail.set_content("Your session has ended. Sign in with your office password:\nhttps://lantern-meet1ngs.example/in")
    return mail.as_bytes()


def chat_log(user: str) -> bytes:
    """What was written in the meeting, as the product exports it."""
    said = ["hi all", "who let you in", "you again?", "leave or I find out where you live"]
    lines = [{"at": f"00:{12 + number:02}:07", "from": user, "text": text} for number, text in enumerate(said)]
    return json.dumps({"meeting": "Weekly assembly", "lines": lines}, indent=1).encode()


def _mail(sender: str, subject: str, text: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, "abuse@lantern.example", subject
    mail.set_content(text)
    return mail.as_bytes()


def mails() -> list[bytes]:
    """Some can be read as reports; the others wait for a person."""
    return [
        _mail("Hana Sato <hana@clinic.example>", "Phishing page on your service",
              "Please take this down: https://rooms.lantern.example/j/8812-signin asks our staff for passwords."),
        _mail("soc@bank.example", "Fraudulent event", "The event https://rooms.lantern.example/e/seminar-77 collects "
              "card numbers from pensioners under our name."),
        _mail("Kiran <kiran@post.example>", "???", "please call me, it is about last tuesday, you know what i mean"),
        _mail("Sales <offers@boost.example>", "More followers for your brand", "Grow now. Reply YES."),
        b'{"xarf_version": "9.1", "reporter": {"org": "Sensor"}, "category": "conn',
        b"the scanner at the front desk sent this page without an address",
    ]  # fmt: skip
