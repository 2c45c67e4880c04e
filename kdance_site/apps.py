from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "kdance_site"

    def ready(self) -> None:
        from kdance_site import checks  # noqa: F401 - registers them
