"""The channel layer on PostgreSQL."""

from typing import Any

from channels_postgres.core import PostgresChannelLayer


class PostgresLayer(PostgresChannelLayer):
    """Leaves a group through the site's own database: the package names one that it expects besides "default"."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.django_db.using = "default"
