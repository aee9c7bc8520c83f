from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "seacliff.people"

    def ready(self) -> None:
        from seacliff.people import personal  # noqa: F401  its classes of data
