"""From the moment of signing in, the person's own language: the greeting, too."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.utils import translation

from accounts.models import User


@receiver(user_logged_in)
def speak_their_language(sender: object, user: User, **kwargs: Any) -> None:
    translation.activate(user.language)
