from uuid import uuid4

from django.utils import timezone

from seacliff.enforcement.models import Action, Delivery, Endpoint
from seacliff.record.tokens import token_of

from . import World


def plant(world: World) -> None:
    endpoint = Endpoint.objects.create(name="Product", url="https://product.example/hooks", hears=["*"])
    now = timezone.now()
    delivery = Delivery.objects.create(
        endpoint=endpoint, key=uuid4(), type="ping", payload={}, next_at=now, give_up_at=now
    )
    world.name("enforcement:endpoint ping replay-all rotate", "id", endpoint.id)
    world.names |= {
        "enforcement:replay.id": delivery.id,
        "enforcement:action.id": Action.objects.filter(case_id=world.made.decision.case_id).first().id,
        "enforcement:strikes-tried.slug": "spam",
        "enforcement:public-notice.token": token_of("notice", world.made.notice.id),
        "api:deliveries.id": delivery.id,
        "api:endpoints.id": endpoint.id,
    }
