"""Finance's sign-off of a finding: an ask of kind approve, answered where Finance answers all asks."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from seacliff.partners.access import by_user
from seacliff.partners.actions import NewAsk, ask
from seacliff.partners.sharing import Offered, Piece
from seacliff.people.access import actor_of_user, must_be_allowed
from seacliff.people.models import Function, Membership, User
from seacliff.people.permissions import Permission
from seacliff.people.problems import Conflict, NotFound
from seacliff.record.actions import happened
from seacliff.value.ledger.actions import subject_of
from seacliff.value.ledger.telling import interval_of, looks_of, sign_off_key, signed, worst_of
from seacliff.value.models import Finding, Run

FINANCE = "finance"
SIGNED = ("A", "B", "C", "D")


def offer_finding(user: User, id: UUID) -> Offered:
    """What may be told of a finding: all of it, for it speaks of nobody."""
    found = Finding.objects.select_related("current").filter(id=id).first() if user.may(Permission.VALUE_VIEW) else None
    if found is None:
        raise NotFound("There is no such finding.")
    run = found.current
    pieces = [
        Piece("question", _("Question"), found.question),
        Piece("population", _("Whom it speaks of"), found.population),
        Piece("result", _("Result"), _result(found, run) if run else _("Not estimated yet")),
        Piece("worst", _("Worst diagnostic"), worst_of(run) if run else ""),
        Piece("diagnostics", _("Every diagnostic"), "\n".join(looks_of(run)) if run else ""),
        Piece("explanation", _("How it was estimated"), str(run.result.get("explanation") or "") if run else ""),
        Piece("worth", _("Worth"), f"{found.worth:,.0f} a year for each of: {found.unit}. {found.worth_basis}"
              if found.worth is not None else ""),
        Piece("fixed", _("Fixed beforehand"), f"{found.proposed_at:%Y-%m-%d}, {found.data_rows:,} rows, data "
              f"{found.data_hash[:12]}, code {found.code_version}" if found.proposed_at else ""),
    ]  # fmt: skip
    return Offered(found.ref, pieces, ())


def _result(found: Finding, run: Run) -> str:
    if run.refusal:
        return _("Refused: %s") % run.refusal
    return f"{run.grade} ({run.get_grade_display()}): {interval_of(run)} {found.unit}, n = {run.n:,}"


def may_be_asked(found: Finding) -> bool:
    """Whether there is an estimate that Finance was not asked about."""
    run = found.current
    return run is not None and run.grade in SIGNED and (found.ask is None or found.ask.key != sign_off_key(found))


def ask_sign_off(user: User, found: Finding) -> Finding:
    """Ask Finance whether they stand behind its current estimate. Raises Conflict before there is one, while an ask is open, and
    after this estimate was asked about."""
    must_be_allowed(user, Permission.VALUE_PROPOSE)
    finance = Function.objects.filter(slug=FINANCE).first()
    if finance is None:
        raise Conflict("There is no function Finance that could be asked. Add it first.")
    if not Membership.objects.filter(function=finance, user__is_active=True).exists():
        raise Conflict("Nobody is in the function Finance who could sign. Add a person to it first.")
    with transaction.atomic():
        found = Finding.objects.select_for_update(of=["self"]).select_related("current", "ask").get(id=found.id)
        run = found.current
        if run is None or run.grade not in SIGNED:
            raise Conflict(f"{found.ref} has no estimate that Finance could sign: run it first.")
        if found.ask is not None and found.ask.is_open:
            raise Conflict(f"Finance was asked already: {found.ask.ref}.")
        if found.ask is not None and found.ask.key == sign_off_key(found):
            raise Conflict(f"Finance was asked about this estimate, and {found.ask.ref} is closed: {signed(found)}. "
                           "Supersede the finding by one that answers what they said, and ask about that.")  # fmt: skip
        question = f"Does Finance stand behind {found.ref} as stated: {found.question}"
        pieces = [piece.key for piece in offer_finding(user, found.id).pieces if piece.text.strip()]
        made = ask(by_user(user), NewAsk("approve", finance, question, severity=3, about=subject_of(found), share=pieces,
                                         key=sign_off_key(found)))  # fmt: skip
        found.ask = made
        found.save(update_fields=["ask"])
        happened(
            "finding.sign-off-asked", subject_of(found), actor_of_user(user), story=found.id, data={"ask": made.ref}
        )
    return found
