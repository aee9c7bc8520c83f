from django.apps import AppConfig


class RelationshipsConfig(AppConfig):
    name = "seacliff.relationships"

    def ready(self) -> None:
        from seacliff.relationships import personal  # noqa: F401  its classes of data
        from seacliff.relationships.launches import launch_like, policy_versions
        from seacliff.relationships.pulse.asking import register

        register()
        launch_like("policy-version", policy_versions)
