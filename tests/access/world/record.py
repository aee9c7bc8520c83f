from seacliff.record.models import Event, Seal

from . import World


def plant(world: World) -> None:
    # Nothing can be sealed in a transaction that is still open.
    numbers = dict.fromkeys(("number", "from_tx", "from_seq", "to_tx", "to_seq"), 1)
    Seal.objects.create(**numbers, count=0, leaves=b"", root=b"r", previous=b"p", hash=b"h", mac=b"m")
    event = Event.objects.order_by("-id").first()
    world.names |= {
        "record:event.id": event.id,
        "record:seal.number": 1,
        "attachment_id": world.made.attached.id,
        "api:events.id": event.id,
    }
    world.owns("restricted evidence", "record:evidence", attachment_id=world.made.secret.id)
