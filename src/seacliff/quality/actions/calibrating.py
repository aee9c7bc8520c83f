"""Calibration: several people decide the same cases alone, compare, talk, and agree."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.policy.models import Category
from seacliff.policy.queries import version_in_force
from seacliff.quality.actions.claiming import let_out
from seacliff.quality.actions.keeping import decision_to_copy
from seacliff.quality.models import Check, Session, SessionCase
from seacliff.record.actions import Actor, Subject, happened
from seacliff.record.models import Event, Note
from seacliff.review.access import NotPermitted, NotValid, Refused, must, person
from seacliff.review.models import Case, Decision, Vote

MOST_CASES, MOST_MEMBERS, MOST_DAYS = 30, 20, 60
State = Session.State


def open_session(
    user: User, title: str, cases: Sequence[Case], members: Sequence[User], days: int, *, actor: Actor | None = None
) -> Session:
    """Begin a calibration on decided cases. Who had a hand in a case does not judge it, and sees the others' verdicts later.

    Raises NotPermitted, NotValid, Refused.
    """
    must(user, Permission.QUALITY_LEAD)
    if not title.strip():
        raise NotValid(_("Give the calibration a title that says what it is about."), "title")
    if not 1 <= len(cases) <= MOST_CASES:
        raise NotValid(_("Pick between 1 and %s cases.") % MOST_CASES, "cases")
    judges = [member for member in members if member.may(Permission.CHECK_DECIDE)]
    if not 2 <= len(judges) <= MOST_MEMBERS or len(judges) != len(members):
        raise NotValid(_("Pick between 2 and %s people who decide cases.") % MOST_MEMBERS, "members")
    if not 1 <= days <= MOST_DAYS:
        raise NotValid(_("Leave between 1 and %s days.") % MOST_DAYS, "days")
    decisions = [decision_to_copy(case) for case in cases]
    due_at = timezone.now() + timedelta(days=days)
    with transaction.atomic():
        session = Session.objects.create(title=title.strip(), opened_by=user, due_at=due_at)
        session.members.set(judges)
        rows = [
            SessionCase(session=session, decision=decision, place=place)
            for place, decision in enumerate(decisions, start=1)
        ]
        SessionCase.objects.bulk_create(rows)
        Check.objects.bulk_create(
            _check(row, case, member)
            for row, case in zip(rows, cases, strict=True)
            for member in _without_a_hand(case, judges)
        )
        data = {"cases": len(rows), "members": len(judges)}
        happened("calibration.opened", subject_of(session), actor or person(user), data=data)
    return session


def _check(row: SessionCase, case: Case, member: User) -> Check:
    decision = row.decision
    return Check(
        kind=Check.Kind.CALIBRATION,
        of_session=row,
        case=case,
        for_user=member,
        policy_version=decision.policy_version or version_in_force(decision.category, decision.decided_at),
        category=case.category,
        tier=decision.tier,
        language=case.language,
        due_at=row.session.due_at,
    )


def _without_a_hand(case: Case, members: Sequence[User]) -> list[User]:
    ids = [member.id for member in members]
    hands: set[UUID | None] = set(Decision.objects.filter(case=case).values_list("reviewer_id", flat=True))
    hands |= set(Vote.objects.filter(deliberation__case=case).values_list("user_id", flat=True))
    hands |= set(Event.objects.filter(story_id=case.id, actor_id__in=ids).values_list("actor_id", flat=True))
    return [member for member in members if member.id not in hands]


def compare(user: User, session: Session, *, actor: Actor | None = None) -> Session:
    """End the time in which everybody decides alone: what is not answered by now stays open in the table."""
    must(user, Permission.QUALITY_LEAD)
    with transaction.atomic():
        session = _locked(session, State.DECIDING, _("This calibration is being compared already."))
        left = Check.objects.filter(of_session__session=session, state=Check.State.WAITING).select_for_update(
            of=["self"]
        )
        for check in left:
            if check.holder_id is not None:
                let_out(check.holder_id)
            check.state, check.holder, check.lease_until = Check.State.WITHDRAWN, None, None
            check.save(update_fields=["state", "holder", "lease_until"])
        session.state, session.compared_at = State.COMPARING, timezone.now()
        session.save(update_fields=["state", "compared_at"])
        happened("calibration.compared", subject_of(session), actor or person(user))
    return session


def write_note(user: User, session: Session, body: str, *, actor: Actor | None = None) -> Note:
    """What is said while comparing: by members and by leads."""
    if not body.strip():
        raise NotValid(_("Write something first."), "body")
    if not (user.may(Permission.QUALITY_LEAD) or session.members.filter(id=user.id).exists()):
        raise NotPermitted(_("Only those who take part write here."))
    if session.state != State.COMPARING:
        raise Refused(_("Notes are written while the verdicts are being compared."), "not-comparing")
    with transaction.atomic():
        actor = actor or person(user)
        kind, id = subject_of(session)
        note = Note.objects.create(
            subject_kind=kind, subject_id=id, author_id=user.id, author_name=str(user), body=body.strip()
        )
        happened("note.added", subject_of(session), actor)
    return note


def agree(
    user: User, row: SessionCase, finding: str, found: str, why: str, *, actor: Actor | None = None
) -> SessionCase:
    """Write down what was agreed on one case."""
    must(user, Permission.QUALITY_LEAD)
    if finding not in (Decision.Finding.VIOLATION, Decision.Finding.NO_VIOLATION):
        raise NotValid(_("Say what was agreed: it breaks the rule, or it does not."), "finding")
    if not Category.objects.filter(slug=found).exists():
        raise NotValid(_('There is no harm called "%s".') % found, "found")
    if not why.strip():
        raise NotValid(_("Say why: whoever was not there will read it."), "why")
    with transaction.atomic():
        session = _locked(row.session, State.COMPARING, _("Verdicts are agreed on while they are being compared."))
        row = SessionCase.objects.select_for_update(of=["self"]).get(id=row.id)
        row.finding, row.found, row.why = finding, found, why.strip()
        row.save(update_fields=["finding", "found", "why"])
        happened("calibration.agreed", subject_of(session), actor or person(user), data={"place": row.place})
    return row


def close(user: User, session: Session, *, actor: Actor | None = None) -> Session:
    must(user, Permission.QUALITY_LEAD)
    with transaction.atomic():
        session = _locked(session, State.COMPARING, _("Only a calibration that is being compared can be closed."))
        if session.cases.filter(finding="").exists():
            raise Refused(_("Agree on a verdict for each case first."), "not-agreed")
        session.state, session.closed_at = State.CLOSED, timezone.now()
        session.save(update_fields=["state", "closed_at"])
        happened("calibration.closed", subject_of(session), actor or person(user))
    return session


def _locked(session: Session, state: State, otherwise: str) -> Session:
    session = Session.objects.select_for_update(of=["self"]).get(id=session.id)
    if session.state != state:
        raise Refused(otherwise, "another-state")
    return session


def subject_of(session: Session) -> Subject:
    return Subject("calibration", session.id)
