"""Asks in a chat: a message with buttons, its thread mirrored both ways."""


def register() -> None:
    from django.conf import settings

    from seacliff.connectors.chat import slack, teams

    if settings.SLACK_TOKEN:
        slack.install(settings.SLACK_TOKEN, settings.SLACK_SIGNING_SECRET, settings.SLACK_URL)
    for said in settings.TEAMS:
        teams.install(said)
