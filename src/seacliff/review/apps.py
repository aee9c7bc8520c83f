from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "seacliff.review"

    def ready(self) -> None:
        from seacliff.partners.sharing import shareable
        from seacliff.people.skills import register_tiers
        from seacliff.record.wording import shown_at
        from seacliff.review import personal  # noqa: F401  its classes of data
        from seacliff.review.asking import offer_case, wait_for
        from seacliff.review.tiers.plan import tier_choices

        register_tiers(tier_choices)
        shareable("case", offer_case, wait_for)
        shown_at(
            case="review:by-id",
            target="review:target",
            brigade="review:brigade",
            reporter="review:reporter",
            deliberation="review:deliberation",
            precedent="review:precedent-by-id",
        )
