from seacliff.intake.models import Message
from seacliff.intake.receipts import token_of as status_token
from seacliff.review.tests import factories

from . import World


def plant(world: World) -> None:
    product = factories.product().id
    message = Message.objects.create(source="pipe", product_id=product, raw=b"x", digest="0" * 64, state="needs-human")
    world.name("intake:message message-raw read-again make-report set-aside", "id", message.id)
    world.names |= {
        "intake:report-product.slug": "meetings",
        "intake:received.token": status_token(world.made.report.id),
        "report_id": world.made.report.id,
        "message_id": message.id,
    }
