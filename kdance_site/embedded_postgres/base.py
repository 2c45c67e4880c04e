"""Django's PostgreSQL backend; the embedded server is started on the first connection."""

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    pass
