from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "seacliff.quality"

    def ready(self) -> None:
        from seacliff.quality import personal  # noqa: F401  its classes of data
        from seacliff.record.wording import shown_at

        shown_at(check="quality:by-id", calibration="quality:session", golden="quality:golden-one")
