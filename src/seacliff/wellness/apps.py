from django.apps import AppConfig


class WellnessConfig(AppConfig):
    name = "seacliff.wellness"
