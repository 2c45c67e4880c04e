from typing import Any, cast

from django.urls import path

from inference.consumers import JobConsumer

# Django's path() is typed for views alone; channels documents it for consumers as well.
websocket_urlpatterns: list[Any] = [path("ws/jobs/<uuid:job_id>/", cast(Any, JobConsumer.as_asgi()))]
