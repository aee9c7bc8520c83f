"""The endpoint of the sample company's product, which `seacliff receiver` answers for."""

from seacliff.enforcement import endpoints
from seacliff.enforcement.models import Endpoint
from seacliff.record.actions import SYSTEM
from seacliff.sample import PRODUCT_SIDE


def connect() -> None:
    """Set the endpoint up. Its port becomes known when the receiver starts."""
    endpoints.save(Endpoint(name=PRODUCT_SIDE, url="http://127.0.0.1:9/webhooks", hears=["action.*"]), SYSTEM)


def endpoint() -> Endpoint | None:
    return Endpoint.objects.filter(name=PRODUCT_SIDE, is_active=True).first()


def announce(endpoint: Endpoint, url: str) -> None:
    """Send what is delivered from now on to this address."""
    if endpoint.url != url:
        endpoint.url = url
        endpoints.save(endpoint, SYSTEM)
