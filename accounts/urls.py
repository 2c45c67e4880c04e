from django.urls import include, path

from accounts import views

urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("close/", views.close_account, name="close_account"),
    path("language/", views.set_language, name="set_language"),
    path("", include("allauth.account.urls")),
]
