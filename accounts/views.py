"""Profile, language, and the closing of an account. Everything else about signing in is allauth's."""

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language as set_language_cookie

from accounts import services
from accounts.forms import CloseAccountForm, ProfileForm
from accounts.models import Language, User


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    form = ProfileForm(_sent(request), instance=User.objects.get(pk=person.pk))
    if form.is_valid():
        request.user = form.save()
        translation.activate(request.user.language)
        messages.success(request, _("Saved."))
        return redirect("profile")
    return render(request, "account/profile.html", {"form": form})


@require_POST
def set_language(request: HttpRequest) -> HttpResponseBase:
    """Django's own switch, which sets the cookie; a signed-in person's choice is kept in the profile as well."""
    person = request.user
    language = request.POST.get("language", "")
    if isinstance(person, User) and language in Language.values:
        person.language = language
        person.save(update_fields=["language"])
    return set_language_cookie(request)


@login_required
@never_cache
@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def close_account(request: HttpRequest) -> HttpResponse:
    form = CloseAccountForm(_sent(request))
    if form.is_valid():
        person = cast(User, request.user)
        services.close_account(user=person)
        logout(request)
        messages.success(request, _("Your account and everything in it is deleted. Take care, and keep dancing."))
        return redirect("home")
    return render(request, "account/close.html", {"form": form})


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was sent, even if it is nothing; None where the form is only shown."""
    return request.POST if request.method == "POST" else None
