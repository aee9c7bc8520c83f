from django.urls import path

from seacliff.screens import views

app_name = "screens"
urlpatterns = [
    path("screens", views.style_guide, name="style_guide"),
    path("screens/public", views.public_style_guide, name="style_guide_public"),
]
