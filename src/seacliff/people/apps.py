from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "seacliff.people"
