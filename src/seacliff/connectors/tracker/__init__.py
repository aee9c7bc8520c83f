"""Asks of kind "build" as issues of a tracker: opened there, talked about on both sides, closed there."""


def register() -> None:
    from django.conf import settings

    from seacliff.connectors.tracker.setup import install

    for settings_of_one in settings.TRACKERS:
        install(settings_of_one)
