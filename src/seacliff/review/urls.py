from django.urls import include, path

app_name = "review"

urlpatterns = [
    path("routing/", include("seacliff.review.routing.urls")),
]
