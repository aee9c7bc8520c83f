"""The steps from an empty installation to the first decided report, each with its state read from the rooms' rows."""

from dataclasses import dataclass

from django.conf import settings
from django.urls import NoReverseMatch, reverse

from seacliff.enforcement.models import Endpoint
from seacliff.intake.models import Report
from seacliff.people.models import Invitation, User
from seacliff.policy.models import PolicyVersion
from seacliff.review.models import Queue, RuleSet
from seacliff.targets.models import Product

UNSENT_BACKENDS = ("console", "dummy", "locmem", "filebased")


@dataclass(frozen=True, slots=True)
class Step:
    """`url` is empty where the step is done outside the console."""

    title: str
    text: str
    state: str
    is_done: bool
    url: str = ""
    action: str = ""


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def steps() -> list[Step]:
    """Seven steps, seven small queries."""
    return [_people(), _policies(), _products(), _queues(), _endpoint(), _mail(), _report()]


def _people() -> Step:
    active, invited = User.objects.filter(is_active=True).count(), Invitation.objects.exclude(email="").exists()
    return Step(
        "Invite your team",
        "Reviewers decide cases, leads steer queues, policy managers write the rules. You are an admin, who may do "
        "everything but decide; give yourself the reviewer's role as well if you decide cases.",
        f"{active} {'person' if active == 1 else 'people'}",
        active > 1 or invited,
        _url("people:invite"),
        "Invite somebody",
    )


def _policies() -> Step:
    published = PolicyVersion.objects.filter(state=PolicyVersion.State.PUBLISHED).values("policy").distinct().count()
    return Step(
        "Bring in policies",
        "Begin with the pack that comes with Seacliff: sixteen policies with harm categories, decision guides and "
        "notice texts in English, German and Spanish. Change them to say what your company means.",
        f"{published} in force",
        published > 0,
        _url("policy-pack"),
        "Look at the pack",
    )


def _products() -> Step:
    names = list(Product.objects.values_list("name", flat=True)[:3])
    return Step(
        "Name your product",
        "Each product has its own public form, in its languages, at its own address.",
        ", ".join(names) or "none yet",
        bool(names),
        _url("targets:products"),
        "Add a product",
    )


def _queues() -> Step:
    queues, live = Queue.objects.filter(retired_at=None).count(), RuleSet.objects.filter(state="live").exists()
    return Step(
        "Set up queues and routing",
        "Queues are the piles that reviewers take from, routing rules say what lands where and how urgent it is.",
        f"{queues} queues, routing {'live' if live else 'not published'}",
        queues > 0 and live,
        _url("review:routing") if queues else _url("review:queue-list"),
        "Open routing" if queues else "Add queues",
    )


def _endpoint() -> Step:
    names = list(Endpoint.objects.filter(is_active=True).values_list("name", flat=True)[:3])
    return Step(
        "Connect your product",
        "Decisions reach your systems as signed webhooks, such as: suspend this account, end this meeting.",
        ", ".join(names) or "nobody listens yet",
        bool(names),
        _url("enforcement:endpoints"),
        "Add an endpoint",
    )


def _mail() -> Step:
    sends = not any(name in settings.MAILERS["default"]["BACKEND"] for name in UNSENT_BACKENDS)
    return Step(
        "Send mail",
        "Reporters and affected users are told by mail. Set SEACLIFF_EMAIL_URL to your mail server and "
        "SEACLIFF_MAIL_FROM to the address people should see, then start Seacliff again.",
        "mail goes out" if sends else "mail is only written to files here",
        sends,
    )


def _report() -> Step:
    received = Report.objects.exists()
    product = Product.objects.filter(is_open=True).order_by("slug").values_list("slug", flat=True).first()
    return Step(
        "Send yourself a report",
        "Open the public form as a stranger would, report something, then decide it.",
        "reports have come in" if received else "none yet",
        received,
        f"/report/{product}" if product else "",
        "Open the form",
    )
