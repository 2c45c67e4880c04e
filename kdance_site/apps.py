from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "kdance_site"
