from django.apps import AppConfig


class PartnersConfig(AppConfig):
    name = "seacliff.partners"

    def ready(self) -> None:
        from seacliff.record.wording import shown_at

        shown_at(ask="partners:by-id")
