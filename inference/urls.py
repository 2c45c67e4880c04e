from django.urls import path

from inference import views

urlpatterns = [path("jobs/<uuid:job_id>/", views.job_state, name="job_state")]
