from django.apps import AppConfig


class ScreensConfig(AppConfig):
    name = "seacliff.screens"
    label = "screens"
    verbose_name = "Screens"
