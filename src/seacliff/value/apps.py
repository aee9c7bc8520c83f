from django.apps import AppConfig


class ValueConfig(AppConfig):
    name = "seacliff.value"

    def ready(self) -> None:
        from seacliff.partners.sharing import shareable
        from seacliff.record.wording import shown_at
        from seacliff.value import personal  # noqa: F401  its classes of data
        from seacliff.value.ledger.signing import offer_finding

        shareable("finding", offer_finding)
        shown_at(finding="value:by-id")
