from django.apps import AppConfig


class ConnectorsConfig(AppConfig):
    name = "seacliff.connectors"

    def ready(self) -> None:
        from seacliff.connectors import chat, email, personal, tracker  # noqa: F401  its classes of data

        email.register()
        tracker.register()
        chat.register()
