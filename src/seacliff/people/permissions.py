"""What may be done, and which role may do it. Access functions of every room ask here and nowhere else."""

from enum import StrEnum

from django.db import models


class Permission(StrEnum):
    ACTION_REPLAY = "enforcement:action:replay"
    ACTION_VIEW = "enforcement:action:view"
    APPEAL_DECIDE = "appeals:appeal:decide"
    APPEAL_VIEW = "appeals:appeal:view"
    ASK_ANSWER = "partners:ask:answer"
    ASK_MAKE = "partners:ask:make"
    ASK_VIEW = "partners:ask:view"
    ASK_VIEW_ALL = "partners:ask:view-all"
    CASE_ASSIGN = "review:case:assign"
    CASE_BULK_DECIDE = "review:case:bulk-decide"
    CASE_DECIDE = "review:case:decide"
    CASE_VIEW = "review:case:view"
    CHARTER_EDIT = "partners:charter:edit"
    CHARTER_VIEW = "partners:charter:view"
    CHECK_DECIDE = "quality:check:decide"
    CONSOLE_USE = "console:any:use"
    ENDPOINT_MANAGE = "enforcement:endpoint:manage"
    EVIDENCE_VIEW = "record:evidence:view"
    HOLD_MANAGE = "privacy:hold:manage"
    INTAKE_TRIAGE = "intake:message:triage"
    PANEL_CONVENE = "review:panel:convene"
    PANEL_SIT = "review:panel:sit"
    PEOPLE_MANAGE = "people:person:manage"
    PLAYBOOK_APPROVE = "playbooks:step:approve"
    PLAYBOOK_EDIT = "playbooks:playbook:edit"
    PLAYBOOK_RUN = "playbooks:run:steer"
    PLAYBOOK_VIEW = "playbooks:playbook:view"
    POLICY_EDIT = "policy:policy:edit"
    POLICY_VIEW = "policy:policy:view"
    PRECEDENT_EDIT = "review:precedent:edit"
    PRECEDENT_VIEW = "review:precedent:view"
    PRIVACY_REQUEST = "privacy:request:handle"
    PRIVACY_VIEW = "privacy:any:view"
    QUALITY_LEAD = "quality:any:lead"
    QUALITY_VIEW = "quality:any:view"
    QUEUE_MANAGE = "review:queue:manage"
    RECORD_VIEW = "record:event:view"
    REPLY_TRIAGE = "connectors:reply:triage"
    RELATIONSHIP_EDIT = "relationships:any:edit"
    RELATIONSHIP_VIEW = "relationships:own:view"
    RELATIONSHIP_VIEW_ALL = "relationships:all:view"
    REPORT_CREATE = "intake:report:create"
    REPORT_VIEW = "intake:report:view"
    RESTRICTED_HANDLE = "restricted:material:handle"
    RETENTION_EDIT = "privacy:retention:edit"
    RETENTION_RUN = "privacy:retention:run"
    ROUTING_EDIT = "review:routing:edit"
    ROUTING_VIEW = "review:routing:view"
    TARGET_EDIT = "targets:target:edit"
    TIER_EDIT = "review:tier:edit"
    TIER_VIEW = "review:tier:view"
    TOKEN_MANAGE = "people:token:manage"  # noqa: S105  a name
    VALUE_COST = "value:cost:edit"
    VALUE_PROPOSE = "value:ledger:propose"
    VALUE_VIEW = "value:ledger:view"


P = Permission


class Role(models.TextChoices):
    REVIEWER = "reviewer", "Reviewer"
    LEAD = "lead", "Lead"
    POLICY_MANAGER = "policy-manager", "Policy manager"
    PANELLIST = "panel-member", "Panel member"
    HANDLER = "restricted-handler", "Handler of restricted material"
    PRIVACY = "privacy-officer", "Privacy officer"
    PARTNER = "partner", "Partner"
    AUDITOR = "auditor", "Auditor"
    ADMIN = "admin", "Admin"


VIEWING = frozenset(
    {P.CONSOLE_USE, P.CASE_VIEW, P.POLICY_VIEW, P.REPORT_VIEW, P.PRECEDENT_VIEW, P.TIER_VIEW, P.APPEAL_VIEW}
    | {P.ASK_VIEW, P.ASK_VIEW_ALL, P.ASK_ANSWER, P.ASK_MAKE, P.CHARTER_VIEW, P.REPLY_TRIAGE}
    | {P.PLAYBOOK_VIEW, P.PLAYBOOK_RUN}
    | {P.RELATIONSHIP_VIEW, P.RELATIONSHIP_VIEW_ALL}
)
REVIEWING = VIEWING | {
    *(P.CASE_DECIDE, P.CASE_BULK_DECIDE, P.CASE_ASSIGN, P.EVIDENCE_VIEW),
    *(P.INTAKE_TRIAGE, P.ACTION_VIEW, P.REPORT_CREATE, P.APPEAL_DECIDE, P.PANEL_SIT),
    *(P.CHECK_DECIDE, P.QUALITY_VIEW),
}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.REVIEWER: frozenset(REVIEWING),
    Role.LEAD: frozenset(
        REVIEWING
        | {P.ROUTING_VIEW, P.QUEUE_MANAGE, P.ACTION_REPLAY, P.RECORD_VIEW}
        | {P.PANEL_CONVENE, P.PRECEDENT_EDIT, P.TIER_EDIT, P.CHARTER_EDIT, P.RELATIONSHIP_EDIT}
        | {P.VALUE_VIEW, P.VALUE_PROPOSE, P.VALUE_COST, P.QUALITY_LEAD}
        | {P.PLAYBOOK_EDIT, P.PLAYBOOK_APPROVE}
    ),
    Role.POLICY_MANAGER: frozenset(
        VIEWING
        | {P.POLICY_EDIT, P.ROUTING_VIEW, P.ROUTING_EDIT, P.RECORD_VIEW, P.PRECEDENT_EDIT}
        | {P.VALUE_VIEW, P.VALUE_PROPOSE, P.QUALITY_VIEW}
        | {P.PLAYBOOK_EDIT, P.PLAYBOOK_APPROVE}
    ),
    # Somebody of any function who sits on panels: they see the cases they sit on, and no other.
    Role.PANELLIST: frozenset({P.CONSOLE_USE, P.POLICY_VIEW, P.PANEL_SIT, P.PRECEDENT_VIEW}),
    # By itself no more than the way to the material; who refers cases needs a reviewer's role as well.
    Role.HANDLER: frozenset({P.CONSOLE_USE, P.CASE_VIEW, P.POLICY_VIEW, P.RESTRICTED_HANDLE}),
    # They see what a person asks to see, and what a hold is on. They decide no case.
    Role.PRIVACY: frozenset(
        {P.CONSOLE_USE, P.CASE_VIEW, P.POLICY_VIEW, P.REPORT_VIEW, P.RECORD_VIEW, P.APPEAL_VIEW}
        | {P.PRIVACY_VIEW, P.PRIVACY_REQUEST, P.HOLD_MANAGE, P.RETENTION_EDIT, P.RETENTION_RUN}
    ),
    # Somebody of another function: the asks and the charter of their own functions, and no case at all.
    Role.PARTNER: frozenset(
        {P.CONSOLE_USE, P.POLICY_VIEW, P.ASK_VIEW, P.ASK_ANSWER, P.ASK_MAKE, P.CHARTER_VIEW, P.RELATIONSHIP_VIEW}
    ),
    Role.AUDITOR: frozenset(
        {P.CONSOLE_USE, P.CASE_VIEW, P.POLICY_VIEW, P.ROUTING_VIEW, P.RECORD_VIEW, P.ACTION_VIEW}
        | {P.PRECEDENT_VIEW, P.TIER_VIEW, P.APPEAL_VIEW, P.ASK_VIEW, P.ASK_VIEW_ALL, P.CHARTER_VIEW, P.PRIVACY_VIEW}
        | {P.VALUE_VIEW, P.QUALITY_VIEW}
        | {P.PLAYBOOK_VIEW}
        | {P.RELATIONSHIP_VIEW, P.RELATIONSHIP_VIEW_ALL}
    ),
    # An admin runs the installation. Deciding cases is a reviewer's role, which an admin may be given as well.
    Role.ADMIN: frozenset(
        set(Permission)
        - {P.CASE_DECIDE, P.CASE_BULK_DECIDE, P.APPEAL_DECIDE, P.PANEL_SIT, P.RESTRICTED_HANDLE, P.PRIVACY_REQUEST}
        - {P.CHECK_DECIDE, P.QUALITY_LEAD}
        - {P.PLAYBOOK_APPROVE}
    ),
}


def granted(roles: list[str]) -> frozenset[Permission]:
    """Everything that the given roles may do together."""
    return frozenset().union(*(GRANTS[Role(role)] for role in roles))
