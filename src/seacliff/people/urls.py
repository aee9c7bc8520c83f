from django.urls import path

from seacliff.people import views

app_name = "people"

urlpatterns = [
    path("", views.people, name="list"),
    path("invite", views.invite, name="invite"),
    path("invitations/<uuid:invitation_id>/revoke", views.revoke_invitation, name="revoke-invitation"),
    path("join/<str:secret>", views.join, name="join"),
    path("functions", views.functions, name="functions"),
    path("functions/<slug:slug>", views.function, name="function"),
    path("teams/<uuid:team_id>/remove", views.remove_team, name="remove-team"),
    path("memberships/<int:membership_id>/remove", views.displace, name="displace"),
    path("permissions", views.permissions, name="permissions"),
    path("settings", views.settings, name="settings"),
    path("settings/tokens/new", views.new_token, name="new-token"),
    path("tokens/<uuid:token_id>/revoke", views.revoke_token, name="revoke-token"),
    path("<uuid:user_id>", views.person, name="person"),
    path("<uuid:user_id>/<slug:change>", views.change_person, name="change-person"),
]
