from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "seacliff.policy"

    def ready(self) -> None:
        from seacliff.people.skills import register_categories
        from seacliff.policy.queries import category_choices

        register_categories(category_choices)
