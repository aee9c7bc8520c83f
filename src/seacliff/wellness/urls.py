from django.urls import path

from seacliff.wellness import views

app_name = "wellness"

urlpatterns = [
    path("wellness", views.mine, name="mine"),
    path("wellness/team", views.team, name="team"),
    path("wellness/budgets/<uuid:id>/lift", views.lift, name="lift"),
]
