from django.apps import AppConfig


class AppealsConfig(AppConfig):
    name = "seacliff.appeals"

    def ready(self) -> None:
        from seacliff.appeals import personal  # noqa: F401  its classes of data
        from seacliff.record.wording import shown_at

        shown_at(appeal="appeals:by-id")
