"""What happens to an account as a whole."""

from django.db import transaction

from accounts.models import User
from accounts.signals import account_closing


@transaction.atomic
def close_account(*, user: User) -> None:
    """Delete the person and everything that was kept of them. Files go first: see `account_closing`.

    The row is locked, so that an upload of the same moment either is seen here or finds nobody it could belong to.
    """
    User.objects.select_for_update().get(pk=user.pk)
    account_closing.send(sender=User, user=user)
    user.delete()
