from datetime import timedelta

from django.utils import timezone

from seacliff.people.actions import issue_token
from seacliff.people.models import Function, Invitation, Membership, Team
from seacliff.record.actions import SYSTEM

from . import World


def plant(world: World) -> None:
    function = Function.objects.create(slug="legal", name="Legal")
    tomorrow = timezone.now() + timedelta(days=1)
    invitation = Invitation.objects.create(
        email="new@example.org", roles=["reviewer"], digest="0" * 64, expires_at=tomorrow
    )
    token = issue_token(SYSTEM, world.made.other, name="theirs", scopes=["review:case:view"])[0]
    world.names |= {
        "invitation_id": invitation.id,
        "secret": "A" * 43,
        "people:function.slug": "legal",
        "team_id": Team.objects.create(function=function, name="Privacy").id,
        "membership_id": Membership.objects.create(user=world.made.other, function=function).id,
        "token_id": token.id,
        "user_id": world.made.other.id,
        "change": "deactivate",
        # of allauth's pages
        "uidb36": "x",
        "pk": 1,
        "provider_id": "acme",
        "organization_slug": "acme",
    }
    mine = {name: issue_token(SYSTEM, user, name="mine", scopes=[])[0].id for name, user in world.people.items()}
    world.owns("a token of one's own", "people:revoke-token", token_id=mine)
