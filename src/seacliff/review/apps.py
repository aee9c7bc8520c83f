from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "seacliff.review"

    def ready(self) -> None:
        from seacliff.record.wording import shown_at

        shown_at(case="review:by-id", target="review:target")
