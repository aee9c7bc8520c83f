from django.apps import AppConfig


class RestrictedConfig(AppConfig):
    name = "seacliff.restricted"

    def ready(self) -> None:
        from seacliff.record.wording import shown_at

        shown_at(referral="restricted:referral", emergency="restricted:emergency")
