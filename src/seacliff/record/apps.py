from django.apps import AppConfig


class RecordConfig(AppConfig):
    name = "seacliff.record"
