"""What the access matrix walks through: one object for every address, some of them somebody's own."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from seacliff.appeals.access import by_notice
from seacliff.appeals.actions import lodge
from seacliff.enforcement.models import Action, Delivery, Endpoint, Notice
from seacliff.intake.models import Message, Reporter
from seacliff.intake.receipts import token_of as status_token
from seacliff.people.actions import issue_token
from seacliff.people.models import Function, Invitation, Membership, Team, User
from seacliff.people.permissions import Role
from seacliff.policy.actions import draft
from seacliff.privacy import asking, exporting, holding
from seacliff.privacy.models import Run
from seacliff.privacy.plan import default
from seacliff.privacy.plan import publish as publish_rules
from seacliff.record import evidence
from seacliff.record.actions import SYSTEM, Subject
from seacliff.record.desks import clear
from seacliff.record.models import Event, Seal
from seacliff.record.tokens import token_of
from seacliff.restricted import actions as restricted
from seacliff.review import actions
from seacliff.review.actions import Ordered, Verdict
from seacliff.review.models import Backtest, Brigade, Decision, Deliberation, Precedent, RuleSet, SetAside
from seacliff.review.tests import factories
from seacliff.review.tiers import panel, precedents
from seacliff.review.tiers.beginning import begin
from seacliff.review.tiers.plan import DEFAULT, publish
from seacliff.wellness.models import Budget

STRANGER = "stranger"
# One person of every role, a tier-II reviewer beside the first, and somebody with no role at all.
CAST = {role.value: (role,) for role in Role} | {"no-role": ()}


@dataclass
class World:
    people: dict[str, User]
    names: dict[str, Any] = field(default_factory=dict)
    own: dict[str, dict[str, Any]] = field(default_factory=dict)

    def value(self, route: str, parameter: str) -> Any:
        """What to put for a parameter of an address. KeyError when the matrix does not know."""
        for key in (f"{route}.{parameter}", parameter):
            if key in self.names:
                return self.names[key]
        raise KeyError(f"{route}: tell tests/access/world.py what {parameter} may be")


def build() -> World:
    """The world; slow enough (a second) to be made once."""
    people = {
        name: User.objects.create_user(
            f"{name}@example.org", name=name.title(), roles=[str(role) for role in roles], tier=2, language="en"
        )
        for name, roles in CAST.items()
    }
    rules = factories.policy()
    factories.notice_texts()
    other = factories.person("Olga Other", tier=4)
    decision = _decided(other, rules)
    appealed = _decided(other, rules)
    notice = Notice.objects.get(case_id=appealed.case_id, audience="affected")
    appeal = lodge(by_notice(token_of("notice", notice.id)), "It was not bulk, look at the list again.")
    open_case = factories.case()
    report = factories.report(open_case)
    attached = evidence.attach(evidence.keep(b"a plain text"), Subject("report", report.id), "note.txt")
    secret = evidence.attach(evidence.keep(b"never shown", restricted=True), Subject("report", report.id), "x.bin")
    deliberation = begin(factories.case(tier=4), DEFAULT.tiers[-1], DEFAULT)
    seated = begin(factories.case(tier=4), DEFAULT.tiers[-1], DEFAULT)
    sitters = [factories.person(f"Sitter {n}", roles=(Role.PANELLIST,)) for n in range(2)]
    panel.convene(_lead(), seated, [*sitters, people["panel-member"]], sitters[0])
    kept = _precedent(decision, rules)
    draft(SYSTEM, rules.policy)
    function = Function.objects.create(slug="legal", name="Legal")
    team = Team.objects.create(function=function, name="Privacy")
    membership = Membership.objects.create(user=other, function=function)
    Seal.objects.create(  # nothing can be sealed in a transaction that is still open
        number=1,
        from_tx=1,
        from_seq=1,
        to_tx=1,
        to_seq=1,
        count=0,
        leaves=b"",
        root=b"r",
        previous=b"p",
        hash=b"h",
        mac=b"m",
    )
    rule_set = RuleSet.objects.create(number=1, state="draft")
    backtest = Backtest.objects.create(
        rule_set=rule_set, since=timezone.now() - timedelta(days=1), until=timezone.now(), started_by="x"
    )
    plan = publish(DEFAULT, "As it was", SYSTEM)
    endpoint = Endpoint.objects.create(name="Product", url="https://product.example/hooks", hears=["*"])
    action = Action.objects.filter(case_id=decision.case_id).first()
    delivery = Delivery.objects.create(
        endpoint=endpoint, key=uuid4(), type="ping", payload={}, next_at=timezone.now(), give_up_at=timezone.now()
    )
    message = Message.objects.create(
        source="pipe", product_id=factories.product().id, raw=b"x", digest="0" * 64, state="needs-human"
    )
    invitation = Invitation.objects.create(
        email="new@example.org", roles=["reviewer"], digest="0" * 64, expires_at=timezone.now() + timedelta(days=1)
    )
    token = issue_token(SYSTEM, other, name="theirs", scopes=["review:case:view"])[0]
    event = Event.objects.order_by("-id").first()
    handler = factories.person("Hanna Handler", tier=4, roles=(Role.HANDLER, Role.REVIEWER))
    unlock = restricted.ask(handler, secret, "To refer it")
    referral = restricted.draft_referral(
        handler, open_case, incident="Child Sex Tourism", incident_at=timezone.now(), urgent="", said="", files=[]
    )
    reporter, _ = Reporter.objects.get_or_create(key="mail:ann@example.org")
    aside = SetAside.objects.create(reporter_key=reporter.key, reason="Bad faith", by=other)
    brigade = Brigade.objects.create(members=[reporter.key], size=1, last_at=timezone.now())
    budget = Budget.objects.create(most=5)
    emergency = restricted.declare(handler, factories.case(), "He said he would jump")
    officer = factories.person("Petra Privacy", roles=(Role.PRIVACY,))
    rules_of_retention = publish_rules(default(), "To begin with", SYSTEM)
    run = Run.objects.create(plan=rules_of_retention, state="ready", shown_at=timezone.now())
    hold = holding.place(officer, "case", open_case, matter="22 C 114", reason="A court asked",
                         review_on=(timezone.now() + timedelta(days=9)).date())  # fmt: skip
    asked = asking.take(officer, kind="access", party="reporter", asked_as=report.reporter_email)
    export = exporting.prepare(officer, asking.identify(officer, asked, "By mail"))
    names: dict[str, Any] = {
        "ref": open_case.ref, "slug": "general", "number": 1, "id": open_case.id, "token": "A" * 38,
        "enforcement:replay.id": delivery.id, "enforcement:endpoint.id": endpoint.id, "enforcement:ping.id": endpoint.id,
        "enforcement:replay-all.id": endpoint.id, "enforcement:rotate.id": endpoint.id, "enforcement:action.id": action.id,
        "enforcement:strikes-tried.slug": "spam", "enforcement:public-notice.token": token_of("notice", notice.id),
        "intake:report-product.slug": "meetings", "intake:received.token": status_token(report.id),
        **{f"intake:{name}.id": message.id for name in
           ("message", "message-raw", "read-again", "make-report", "set-aside")},
        **{f"policy:{name}.slug": "spam" for name in (
            "policy", "version", "withdraw", "draft", "edit", "notices", "notice", "publish", "discard", "retire",
            "category-new", "category")},
        "policy:by-id.id": rules.id, "category": "spam", "audience": "reporter", "outcome": "received",
        "targets:product.slug": "meetings", "review:undo.id": decision.id, "review:target.id": open_case.target_id,
        "review:status.token": status_token(report.id), "review:by-id.id": open_case.id,
        "review:deliberation.id": deliberation.id, "review:deliberation-do.id": deliberation.id,
        "review:tiers-version.number": plan.number, "review:precedent-by-id.id": kept.id,
        **{f"review:{name}.number": kept.number for name in ("precedent", "precedent-edit", "precedent-retire")},
        "review:backtest.id": backtest.id, "appeals:by-id.id": appeal.id, "appeals:appeal.ref": appeal.ref,
        "appeals:do.ref": appeal.ref, "appeals:of-notice.token": token_of("notice", notice.id),
        "appeals:of-status.token": status_token(report.id), "record:event.id": event.id,
        "record:seal.number": 1, "attachment_id": attached.id,
        "invitation_id": invitation.id, "secret": "A" * 43, "people:function.slug": "legal", "team_id": team.id,
        "membership_id": membership.id, "token_id": token.id, "user_id": other.id, "change": "deactivate",
        "restricted:answer.id": unlock.id, "restricted:file.id": unlock.id, "restricted:referral.id": referral.id,
        "restricted:approve.id": referral.id, "restricted:emergency.id": emergency.id,
        "restricted:ask.attachment_id": secret.id, "wellness:lift.id": budget.id, "review:set-aside-back.id": aside.id,
        **{f"review:{name}.id": reporter.id for name in ("reporter", "reporter-kind", "reporter-set-aside")},
        **{f"review:{name}.id": reporter.id for name in ("reporter-trust", "reporter-distrust")},
        **{f"review:{name}.id": brigade.id for name in
           ("brigade", "brigade-judge", "brigade-set-aside", "brigade-take-back")},
        "api:reporters.id": reporter.id, "api:brigades.id": brigade.id, "api:set-asides.id": aside.id,
        "review:change.slug": "spam", "review:acknowledge.slug": "spam", "api:changes.slug": "spam",
        "privacy:version.number": rules_of_retention.number, "privacy:release.id": hold.id,
        **{f"privacy:{name}.id": run.id for name in ("run", "approve", "cancel")}, "privacy:request.id": asked.id,
        "privacy:asked.ref": str(asked), "privacy:do.ref": str(asked), "privacy:look.id": export.id, "signature": "x",
        "key": "x", "uidb36": "x", "pk": 1, "provider_id": "acme", "organization_slug": "acme",
        # the API's
        "report_id": report.id, "message_id": message.id,
        "api:decisions.id": decision.id, "api:targets.id": open_case.target_id, "api:deliveries.id": delivery.id,
        "api:endpoints.id": endpoint.id, "api:events.id": event.id, "api:policies.slug": "spam",
        "api:products.slug": "meetings", "api:appeals.ref": appeal.ref,
    }  # fmt: skip
    world = World(people, names)
    world.own = {
        "a token of one's own": {"route": "people:revoke-token", "token_id": {
            name: issue_token(SYSTEM, user, name="mine", scopes=[])[0].id for name, user in people.items()}},
        "a panel one sits on": {"route": "review:deliberation", "id": dict.fromkeys(people, seated.id)},
        "restricted evidence": {"route": "record:evidence", "attachment_id": dict.fromkeys(people, secret.id)},
    }  # fmt: skip
    return world


def _decided(user: User, rules: Any) -> Decision:
    tree = factories.tree()
    case = factories.case(tree["event"])
    factories.report(case)
    actions.claim(user, case)
    verdict = Verdict("violation", "spam", rules, "Bulk.", [Ordered("warn", tree["account"], {})])
    decision = actions.decide(user, case, verdict)
    Decision.objects.filter(id=decision.id).update(undo_until=timezone.now() - timedelta(seconds=1))
    clear("settle-decisions")
    decision.refresh_from_db()
    return decision


def _precedent(decision: Decision, rules: Any) -> Precedent:
    opened = Deliberation(case=decision.case, decision=decision, tier=3)
    return precedents.memorialise(opened, opinion="It was bulk.", question="Was it bulk?")


def _lead() -> User:
    return factories.person("Lea Convenes", tier=4, roles=(Role.LEAD,))


NOBODY = UUID(int=0)
