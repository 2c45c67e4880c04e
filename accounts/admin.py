"""People, for curators. The admin's own sign-in is replaced by the site's, which counts failed tries."""

from typing import Any, ClassVar

from allauth.account.decorators import secure_admin_login
from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts import services
from accounts.models import User

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign,no-untyped-call]


class NewUserForm(BaseUserCreationForm[User]):
    class Meta:
        model = User
        fields: ClassVar[Any] = ["email", "display_name", "language"]

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(_("This e-mail address has an account already."))
        return email


@admin.register(User)
class DancerAdmin(UserAdmin[User]):
    ordering = ("email",)
    list_display = ("email", "display_name", "language", "is_staff", "is_active", "date_joined")
    list_filter = ("is_staff", "is_active", "language")
    search_fields: ClassVar[Any] = ["email", "display_name"]
    readonly_fields: ClassVar[Any] = ["last_login", "date_joined"]
    add_form = NewUserForm
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("profile"), {"fields": ("display_name", "language")}),
        (_("permissions"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (_("dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "display_name", "language", "password1", "password2")}),
    )

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """As if they closed it themselves: their files go, too."""
        services.close_account(user=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            services.close_account(user=person)
