"""Django's PostgreSQL backend; the embedded server is started on the first connection."""

from typing import Any

from django.db.backends.postgresql import base
from django.utils.asyncio import async_unsafe

from kdance_site.embedded_postgres.server import ensure_running


class DatabaseWrapper(base.DatabaseWrapper):
    @async_unsafe
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        ensure_running()
        return super().get_new_connection(conn_params)
