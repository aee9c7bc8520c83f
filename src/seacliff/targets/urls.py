from django.urls import path

from seacliff.targets import views

app_name = "targets"

urlpatterns = [
    path("targets", views.targets, name="list"),
    path("products", views.products, name="products"),
    path("products/new", views.product, name="product-new"),
    path("products/<slug:slug>", views.product, name="product"),
]
