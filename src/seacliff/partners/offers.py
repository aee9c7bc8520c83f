"""What records of rooms below offer to go with an ask about them."""

from uuid import UUID

from django.utils.translation import gettext as _

from seacliff.partners.sharing import Offered, Piece
from seacliff.people.models import User
from seacliff.people.permissions import Permission
from seacliff.people.problems import NotFound
from seacliff.policy.models import PolicyVersion


def offer_policy_version(user: User, id: UUID) -> Offered:
    """A wording of a rule, a draft too: it is asked about before it goes out."""
    version = PolicyVersion.objects.filter(id=id).first() if user.may(Permission.POLICY_VIEW) else None
    if version is None:
        raise NotFound("There is no such version of a policy.")
    pieces = [
        Piece("summary", _("In a sentence"), version.summaries.get("en", "")),
        Piece("text", _("The rule's text"), version.text),
        Piece("change", _("What changed"), version.change, usual=bool(version.change)),
        Piece("actions", _("What may follow"), ", ".join(version.allowed_actions), usual=False),
    ]
    label = _("%(title)s, version %(number)s") % {"title": version.title, "number": version.number}
    return Offered(label, pieces)
