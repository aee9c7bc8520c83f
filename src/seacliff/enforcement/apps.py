from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    name = "seacliff.enforcement"

    def ready(self) -> None:
        from seacliff.enforcement import personal  # noqa: F401  its classes of data
