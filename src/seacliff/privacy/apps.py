from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "seacliff.privacy"

    def ready(self) -> None:
        from seacliff.privacy import personal  # noqa: F401  its classes of data
        from seacliff.privacy.holding import mark
        from seacliff.record.wording import shown_at
        from seacliff.review.marks import LOOKERS

        LOOKERS.append(mark)

        shown_at(privacy_request="privacy:request", retention_run="privacy:run")
