from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "seacliff.partners"

    def ready(self) -> None:
        from seacliff.partners import personal  # noqa: F401  its classes of data
        from seacliff.partners.charters.queries import offer_charter
        from seacliff.partners.offers import offer_policy_version
        from seacliff.partners.sharing import shareable
        from seacliff.record.wording import shown_at

        shareable("charter", offer_charter)
        shareable("policy-version", offer_policy_version)
        shown_at(ask="partners:by-id", charter="partners:charter-by-id", function="partners:function-by-id")
