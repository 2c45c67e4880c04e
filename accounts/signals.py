"""What others can hear from the accounts, which import nothing of ours."""

from django.dispatch import Signal

# Sent with `user` before the row is deleted: whoever keeps files of this person deletes them now. A receiver that raises
# stops the closing, so that no files stay behind without their owner.
account_closing = Signal()
