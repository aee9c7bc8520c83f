from django.urls import path

from seacliff.restricted import views

app_name = "restricted"

urlpatterns = [
    path("restricted/", views.overview, name="overview"),
    path("restricted/files/<uuid:attachment_id>/ask", views.ask, name="ask"),
    path("restricted/unlocks/<uuid:id>/answer", views.answer, name="answer"),
    path("restricted/unlocks/<uuid:id>/file", views.take_out, name="file"),
    path("restricted/referrals/<uuid:id>", views.referral, name="referral"),
    path("restricted/referrals/<uuid:id>/approve", views.approve, name="approve"),
    path("cases/<str:ref>/restrict/<uuid:attachment_id>", views.mark, name="mark"),
    path("cases/<str:ref>/refer", views.new_referral, name="referral-new"),
    path("cases/<str:ref>/emergency", views.new_emergency, name="emergency-new"),
    path("emergencies/contacts", views.contacts, name="contacts"),
    path("emergencies/<uuid:id>", views.emergency, name="emergency"),
]
