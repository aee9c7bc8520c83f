from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    name = "seacliff.playbooks"

    def ready(self) -> None:
        from seacliff.playbooks import personal  # noqa: F401  its classes of data
        from seacliff.playbooks.library import slugs_in_force
        from seacliff.record.wording import shown_at
        from seacliff.review.routing.rules import playbooks_are

        playbooks_are(slugs_in_force)
        shown_at(playbook="playbooks:by-id", playbook_run="playbooks:run-by-id")
