from pathlib import Path

import pytest
from django.core import mail
from django.core.exceptions import ImproperlyConfigured

from kdance_site.env import (
    database_from_url,
    env_bool,
    env_choice,
    env_choices,
    env_int,
    env_list,
    env_path,
    mailer_from_url,
)


@pytest.mark.parametrize(("word", "meant"), [("1", True), ("Yes", True), ("off", False), ("", False), (" true ", True)])
def test_a_switch_reads_the_usual_words(monkeypatch, word, meant):
    monkeypatch.setenv("SWITCH", word)
    assert env_bool("SWITCH", default=not meant) is meant


def test_a_switch_left_alone_keeps_its_default(monkeypatch):
    monkeypatch.delenv("SWITCH", raising=False)
    assert env_bool("SWITCH", default=True) is True


def test_a_switch_refuses_a_word_it_does_not_know(monkeypatch):
    monkeypatch.setenv("SWITCH", "maybe")
    with pytest.raises(ImproperlyConfigured, match="SWITCH"):
        env_bool("SWITCH", default=False)


@pytest.mark.parametrize("text", ["0", "11", "ten", "1.5", ""])
def test_a_number_outside_its_range_is_refused(monkeypatch, text):
    monkeypatch.setenv("NUMBER", text)
    with pytest.raises(ImproperlyConfigured, match="NUMBER"):
        env_int("NUMBER", 5, least=1, most=10)


def test_a_number_at_the_ends_of_its_range_is_taken(monkeypatch):
    monkeypatch.setenv("NUMBER", "10")
    assert env_int("NUMBER", 5, least=1, most=10) == 10
    monkeypatch.setenv("NUMBER", "1")
    assert env_int("NUMBER", 5, least=1, most=10) == 1


def test_a_choice_is_one_of_those_offered(monkeypatch):
    monkeypatch.setenv("CHOICE", "s3")
    assert env_choice("CHOICE", "disk", ("disk", "s3")) == "s3"
    monkeypatch.setenv("CHOICE", "tape")
    with pytest.raises(ImproperlyConfigured, match="disk, s3"):
        env_choice("CHOICE", "disk", ("disk", "s3"))


def test_a_list_drops_blanks_and_an_empty_one_is_not_the_default(monkeypatch):
    monkeypatch.setenv("HOSTS", " a.example , ,b.example")
    assert env_list("HOSTS", ["x"]) == ["a.example", "b.example"]
    monkeypatch.setenv("HOSTS", "")
    assert env_list("HOSTS", ["x"]) == []


def test_an_empty_path_is_the_default(monkeypatch, tmp_path):
    monkeypatch.setenv("FOLDER", "")
    assert env_path("FOLDER", tmp_path) == tmp_path.resolve()
    monkeypatch.setenv("FOLDER", "~")
    assert env_path("FOLDER", tmp_path) == Path.home().resolve()


def test_a_database_url_is_taken_apart():
    found = database_from_url("postgresql://kim:p%40ss@Db.example:6543/dance?sslmode=require")
    assert found == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "dance",
        "USER": "kim",
        "PASSWORD": "p@ss",
        "HOST": "Db.example",
        "PORT": "6543",
        "OPTIONS": {"sslmode": "require"},
    }


def test_a_socket_folder_keeps_its_capital_letters():
    assert database_from_url("postgresql://kim@%2Ftmp%2FMy%20Sockets/dance")["HOST"] == "/tmp/My Sockets"  # noqa: S108


def test_an_ipv6_host_loses_its_brackets():
    found = database_from_url("postgresql://kim@[::1]:5433/dance")
    assert (found["HOST"], found["PORT"]) == ("::1", "5433")


@pytest.mark.parametrize("url", ["mysql://a/b", "postgresql://host", "postgresql://host/", "", "postgresql://h:x/d"])
def test_a_url_that_names_no_postgresql_database_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        database_from_url(url)


def test_mail_is_printed_where_no_server_is_named():
    assert mailer_from_url("console:") == {"BACKEND": "django.core.mail.backends.console.EmailBackend"}


@pytest.mark.parametrize(
    ("scheme", "port", "tls"),
    [("smtp", 25, (False, False)), ("smtp+starttls", 587, (True, False)), ("smtps", 465, (False, True))],
)
def test_a_mail_server_is_taken_apart(settings, scheme, port, tls):
    settings.MAILERS = {"default": mailer_from_url(f"{scheme}://kim%40a.example:p%40ss@Mail.example")}
    mailer = mail.mailers.default
    assert (mailer.host, mailer.port) == ("mail.example", port)
    assert (mailer.username, mailer.password) == ("kim@a.example", "p@ss")
    assert (mailer.use_tls, mailer.use_ssl) == tls


def test_a_mail_server_may_have_a_port_of_its_own():
    assert mailer_from_url("smtp://localhost:2525")["OPTIONS"]["port"] == 2525


@pytest.mark.parametrize("url", ["", "mail.example", "http://mail.example", "smtp://", "smtp://mail.example:x"])
def test_a_url_that_names_no_mail_server_is_refused(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        mailer_from_url(url)


def test_choices_are_one_or_more_of_those_offered(monkeypatch):
    monkeypatch.delenv("QUEUES", raising=False)
    assert env_choices("QUEUES", ("a", "b"), ("a", "b", "c")) == ["a", "b"]
    monkeypatch.setenv("QUEUES", "c, a")
    assert env_choices("QUEUES", ("b",), ("a", "b", "c")) == ["c", "a"]
    for senseless in ("a,d", ""):
        monkeypatch.setenv("QUEUES", senseless)
        with pytest.raises(ImproperlyConfigured, match="one or more of a, b, c"):
            env_choices("QUEUES", ("b",), ("a", "b", "c"))
