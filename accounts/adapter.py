"""Where KDance differs from allauth's own ways: the new person's fields, mails in their language, kind errors."""

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMessage
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This account is switched off."),
        "duplicate_email": _("This is your e-mail address already."),
        "email_password_mismatch": _("E-mail address and password do not match. Check both, or set a new password."),
        "email_taken": _("This e-mail address has an account already. Sign in, or set a new password."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password. Try again."),
        "invalid_password_reset": _("This link has been used or is too old. Ask for a new one."),
        "too_many_login_attempts": _("Too many tries in a row. Wait five minutes, or set a new password."),
        "unverified_primary_email": _("Confirm your e-mail address first."),
        "rate_limited": _("That was very fast. Wait a moment and try again."),
    }

    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: BaseForm, commit: bool = True
    ) -> AbstractBaseUser:
        person = cast(User, user)
        person.display_name = form.cleaned_data["display_name"]
        person.language = form.cleaned_data["language"]
        return super().save_user(request, person, form, commit)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """In the reader's language, where the reader is known; otherwise in that of the page that asked for the mail."""
        language = getattr(context.get("user"), "language", None) or translation.get_language()
        with translation.override(language):
            message = super().render_mail(template_prefix, email, context, headers)
        return message

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")
