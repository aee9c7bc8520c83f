from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "seacliff.partners"

    def ready(self) -> None:
        from seacliff.partners import personal  # noqa: F401  its classes of data
        from seacliff.record.wording import shown_at

        shown_at(ask="partners:by-id")
