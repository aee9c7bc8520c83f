from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "seacliff.intake"

    def ready(self) -> None:
        from seacliff.intake import personal  # noqa: F401  its classes of data
