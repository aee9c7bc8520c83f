from datetime import timedelta

import pytest
from django.utils import timezone

from seacliff.enforcement.models import Endpoint
from seacliff.enforcement.receiver import Receiver
from seacliff.policy.models import NoticeText, Policy, PolicyVersion
from seacliff.targets.models import Product, Target

SPOKEN_OF = ["what", "facts", "rule_title", "rule_text", "action", "duration", "redress", "automated"]


@pytest.fixture
def product():
    return Product.objects.create(slug="meet", name="Meet")


@pytest.fixture
def target(product):
    return Target.objects.create(
        product=product, kind="account", ref="a1", name="Acme", email="it@acme.example", language="de"
    )


@pytest.fixture
def version():
    policy = Policy.objects.create(slug="deception")
    for audience in NoticeText.Audience:
        for outcome in NoticeText.Outcome:
            for language in ("en", "de"):
                NoticeText.objects.create(
                    audience=audience,
                    outcome=outcome,
                    language=language,
                    subject=f"{language} {audience} {outcome} {{{{ case_ref }}}}",
                    body="|".join(f"{{{{ {name} }}}}" for name in SPOKEN_OF),
                )
    return PolicyVersion.objects.create(
        policy=policy,
        number=1,
        state="published",
        effective_at=timezone.now() - timedelta(days=1),
        title="Deception",
        titles={"de": "Täuschung"},
        summaries={"en": "Don't deceive.", "de": "Nicht täuschen."},
        strike_threshold=2,
    )


@pytest.fixture
def receiver(settings):
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    with Receiver(secret) as running:
        settings.WEBHOOK_ALLOWED_PRIVATE = ["127.0.0.1"]
        running.endpoint = Endpoint(name="Product", url=running.url, secret=secret, hears=["action.*"])
        yield running
