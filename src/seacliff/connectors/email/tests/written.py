"""Replies as mail programs write them, for tests and the benchmark."""

from email.message import EmailMessage

GMAIL = """Yes, go ahead.

Dana

On Mon, Nov 2, 2026 at 10:00 AM Trust & Safety <asks+abc@lantern.example>
wrote:

> Write your reply above this line.
>
> Alice asks Communications for advice.
"""
OUTLOOK = """No. Legal says we can't.

Best regards,
Dana Press
Press officer | Lantern

________________________________
From: Trust & Safety <asks+abc@lantern.example>
Sent: Monday, November 2, 2026 10:00 AM
To: Dana Press
Subject: [Q-1001] Advise

Alice asks Communications.
"""
OUTLOOK_OLD = """Partly: only the first part.

-----Original Message-----
From: Trust & Safety
Sent: Monday, November 2, 2026 10:00 AM
To: Dana Press
Subject: [Q-1001] Advise

Alice asks
"""
GERMAN = """Ja, machen wir.

Viele Grüße
Dana

-- \n\
Dana Press
Tel. +49 30 1234

Am Mo., 2. Nov. 2026 um 10:00 Uhr schrieb Trust & Safety <asks+abc@lantern.example>:

> Alice asks
"""
GERMAN_OUTLOOK = """Nein. Das geht nicht.

Mit freundlichen Grüßen
Dana Press

Von: Trust & Safety <a@b.example>
Gesendet: Montag, 2. November 2026 10:00
An: Dana
Betreff: [Q-1] Advise

Alice asks
"""
SPANISH = """Sí, adelante.

Saludos,
Dana

El lun, 2 nov 2026 a las 10:00, Trust & Safety (<asks+abc@lantern.example>) escribió:

> Alice asks
"""
BETWEEN = """On 02/11/2026 10:00, Trust & Safety wrote:
> What may we say?

Nothing yet. We wait.

> Who?
Me.

-- \n\
Dana
"""
PHONE = """Yes.

Sent from my iPhone

> On 2 Nov 2026, at 10:00, Trust & Safety <a@b.example> wrote:
> \n\
> Alice asks
"""
UNKNOWN_PROGRAM = """Yes, fine.

Trust & Safety, maandag 2 november:
Write your reply above this line.

Alice asks Communications for advice.
"""
GMAIL_HTML = """<div dir="ltr">Yes, go ahead.<div><br></div><div>Dana</div></div><br>
<div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, Nov 2, 2026 at 10:00 AM Trust &amp; Safety wrote:<br></div>
<blockquote class="gmail_quote">Write your reply above this line.<br>Alice asks</blockquote></div>"""


def reply(
    to: str,
    text: str,
    sender: str = "Dana Press <dana@lantern.example>",
    *,
    id: str = "<r1@lantern.example>",
    **headers: str,
) -> EmailMessage:
    """A mail that answers; further header fields with _ for -."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, " ".join(to.split()), "Re: [Q-1001] What may we say?"
    mail["Date"], mail["Message-ID"] = "Mon, 02 Nov 2026 11:00:00 +0100", id
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def bounce(to: str, whom: str = "dana@lantern.example", action: str = "failed", status: str = "5.1.1") -> bytes:
    """A delivery status notification (RFC 3464)."""
    return f"""From: MAILER-DAEMON@mx.lantern.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <dsn-{action}@mx.lantern.example>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.lantern.example

Final-Recipient: rfc822; {whom}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 No such user here

--b--
""".encode()
