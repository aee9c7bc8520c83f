from django.apps import AppConfig


class PolicyConfig(AppConfig):
    name = "seacliff.policy"

    def ready(self) -> None:
        from seacliff.people.skills import register_categories
        from seacliff.policy.queries import category_choices
        from seacliff.record.wording import shown_at

        register_categories(category_choices)
        shown_at(policy="policy:by-id", policy_version="policy:version-by-id")
