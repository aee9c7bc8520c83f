"""Mails out: one for each dispatch, under a Message-ID made from its id, so that a second try is the same mail."""

from email.utils import formataddr, parseaddr
from smtplib import SMTPException, SMTPRecipientsRefused, SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers

from seacliff.connectors.email.addresses import reply_address
from seacliff.connectors.email.letters import Letter, letter_of
from seacliff.partners.channels import NotSent
from seacliff.partners.models import Dispatch


class EmailChannel:
    name = "email"

    def send(self, dispatch: Dispatch) -> str:
        """Its Message-ID. A mail server that is away is NotSent; an address it refuses for good is finally NotSent."""
        message = compose(dispatch, letter_of(dispatch))
        try:
            with mailers.default as mailer:
                mailer.send_messages([message])
        except SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()), (0, b""))
            raise NotSent(f"The mail server refused {dispatch.address}: {_words(said)}", final=code >= 500) from error
        except SMTPResponseException as error:
            raise NotSent(f"The mail server refused the mail: {error.smtp_code} {_words(error.smtp_error)}") from error
        except (SMTPException, OSError) as error:
            raise NotSent(f"The mail server can't be reached: {error}") from error
        except (ValueError, UnicodeError) as error:
            raise NotSent(f"It can't be sent as mail: {error}", final=True) from error
        return message.extra_headers["Message-ID"]


def compose(dispatch: Dispatch, letter: Letter) -> EmailMultiAlternatives:
    reply_to = reply_address(dispatch)
    name, sender = parseaddr(settings.DEFAULT_FROM_EMAIL)
    headers = {
        "Message-ID": message_id(dispatch),
        "Auto-Submitted": "auto-generated",  # RFC 3834: no mailbox answers by itself
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "From": settings.DEFAULT_FROM_EMAIL,
        **_thread(dispatch),
    }
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text(),
        from_email=reply_to or sender,  # the envelope: what can't be delivered comes back under the mail's own address
        to=[formataddr((_words(dispatch.recipient_name), dispatch.address))],
        reply_to=[formataddr((name, reply_to))] if reply_to else None,
        headers=headers,
    )
    message.attach_alternative(letter.html(), "text/html")
    return message


def message_id(dispatch: Dispatch) -> str:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{dispatch.id}@{domain or 'localhost'}>"


def _thread(dispatch: Dispatch) -> dict[str, str]:
    """Mailboxes show the mails about an ask together: each answers the first that this recipient was sent."""
    if dispatch.ask_id is None:
        return {}
    sent = Dispatch.objects.filter(ask=dispatch.ask_id, channel="email", address=dispatch.address, id__lt=dispatch.id)
    first = sent.order_by("id").first()
    return {"In-Reply-To": message_id(first), "References": message_id(first)} if first else {}


def _words(said: bytes | str) -> str:
    return " ".join((said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)).split())
