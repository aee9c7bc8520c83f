from django.apps import AppConfig


class RestrictedConfig(AppConfig):
    name = "seacliff.restricted"

    def ready(self) -> None:
        from seacliff.record.wording import shown_at
        from seacliff.restricted import personal  # noqa: F401  its classes of data

        shown_at(referral="restricted:referral", emergency="restricted:emergency")
