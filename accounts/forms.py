"""Sign-up, sign-in, profile and the closing of an account."""

from typing import Any, ClassVar, cast

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django import forms
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Language, User

PASSWORD_HELP = _("At least 8 characters. Four random words are easy to remember and hard to guess.")


class PlainFields:
    """Labels stand above the fields: a placeholder would say them twice, and vanish while you type."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        if "password1" in self.fields:
            self.fields["password1"].help_text = PASSWORD_HELP


class SignUpForm(PlainFields, allauth_forms.SignupForm):
    field_order: ClassVar = ["display_name", "email", "password1", "language"]

    display_name = forms.CharField(
        label=_("Display name"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
        error_messages={"required": _("Tell us what to call you. Any name will do.")},
    )
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["language"].initial = Language.KOREAN if (get_language() or "").startswith("ko") else "en"


class SignInForm(PlainFields, allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail address")
        self.fields["remember"].label = _("Keep me signed in on this device")


class ResetPasswordForm(PlainFields, allauth_forms.ResetPasswordForm):
    pass


class NewPasswordForm(PlainFields, allauth_forms.ResetPasswordKeyForm):
    pass


class ChangePasswordForm(PlainFields, allauth_forms.ChangePasswordForm):
    pass


class ChangeEmailForm(PlainFields, allauth_forms.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")

    def clean_email(self) -> str:
        """Refused where another account has it: two rows of `User` cannot share an address once it is confirmed."""
        email = super().clean_email()
        if User.objects.filter(email=email).exclude(pk=self._person.pk).exists():
            raise get_adapter().validation_error("email_taken")
        return email

    def save(self, request: HttpRequest) -> EmailAddress:
        """An unconfirmed address stays until the new one is confirmed; allauth would leave the person with none."""
        pending = EmailAddress.objects.get_new(self._person)
        if pending is not None and pending.email == self._person.email:
            return EmailAddress.objects.add_email(request, self._person, self.cleaned_data["email"], confirm=True)
        return cast(EmailAddress, super().save(request))

    @property
    def _person(self) -> User:
        return cast(User, self.user)


class ReauthenticateForm(PlainFields, allauth_forms.ReauthenticateForm):
    pass


class ProfileForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields: ClassVar = ["display_name", "language"]


class CloseAccountForm(forms.Form):
    understood = forms.BooleanField(
        label=_("Delete my account, my takes and my videos. I know that this cannot be undone."),
        error_messages={"required": _("Tick the box if you are sure. Otherwise nothing is deleted.")},
    )
