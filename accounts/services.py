"""What happens to an account as a whole."""

from django.db import transaction

from accounts.models import User
from accounts.signals import account_closing


@transaction.atomic
def close_account(*, user: User) -> None:
    """Delete the person and everything that was kept of them. Files go first: see `account_closing`."""
    account_closing.send(sender=User, user=user)
    user.delete()
