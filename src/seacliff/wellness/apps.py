from django.apps import AppConfig


class WellnessConfig(AppConfig):
    name = "seacliff.wellness"

    def ready(self) -> None:
        from seacliff.wellness import personal  # noqa: F401  its classes of data
