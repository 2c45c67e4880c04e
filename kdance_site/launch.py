"""Runs the whole site on one machine: database, migrations, demo data, web and worker; Ctrl-C stops all of it.

`make run` calls it. The web process and the worker are kept alive by supervisor; this process holds the database up,
says where to look once the site answers, and hands on what the others print.
"""

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from kdance_site.embedded_postgres.server import PostgresFailed, leaving, stop_on_sigterm
from kdance_site.env import env_int
from kdance_site.preparation import DEMO_LOGINS, prepare_database

DEMO_PASSWORD = "kdance-demo"  # noqa: S105 - printed for everybody who runs the demo
ANSWER_TIMEOUT_S = 90
STOP_TIMEOUT_S = 20
PR_SET_PDEATHSIG = 1

SUPERVISOR_CONFIG = """\
[supervisord]
nodaemon=true
silent=false
loglevel=warn
logfile=/dev/null
logfile_maxbytes=0
pidfile={folder}/supervisord.pid
{user}

[program:web]
command={python} -m uvicorn kdance_site.asgi:application --host {host} --port {port} --no-access-log
    --log-level warning --timeout-graceful-shutdown 2 --ws-max-size 4096
environment=TMPDIR="{tmp}"
{common}

[program:worker]
command={python} manage.py worker
{common}
"""
COMMON = """\
directory={root}
autorestart=true
startretries=20
stopsignal=TERM
stopwaitsecs=12
stopasgroup=false
killasgroup=true
redirect_stderr=true
stdout_logfile=/dev/fd/1
stdout_logfile_maxbytes=0"""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kdance_site.settings")
    stop_on_sigterm()
    # A script's `make run &` has Ctrl-C ignored, and that is inherited; a SIGINT that reaches us is meant for us.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        host = os.environ.get("HOST") or "127.0.0.1"
        port = env_int("PORT", 8000, least=1, most=65_535)
        refuse_taken_port(host, port)
        settings.DATABASES  # noqa: B018 - read now, so that a bad setting is refused here
    except ImproperlyConfigured as error:
        sys.exit(f"KDance cannot start: {error}")
    with contextlib.suppress(KeyboardInterrupt):
        try:
            demo = prepare_database()
        except PostgresFailed as error:
            sys.exit(f"KDance cannot start: {error}")
        serve(host, port, demo)


def refuse_taken_port(host: str, port: int) -> None:
    """Say it now and plainly: the web process would say it later and again at each restart."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(f"KDance cannot listen on {host}:{port}: {error.strerror}. Choose another: PORT=8001 make run")


def serve(host: str, port: int, demo: list[str]) -> None:
    """Keep web and worker running until somebody stops this process."""
    supervisor = start_supervisor(host, port)
    pump = threading.Thread(target=hand_on_output, args=(supervisor,), daemon=True)
    pump.start()
    try:
        if answers(supervisor, host, port):
            announce(host, port, demo)
        elif supervisor.poll() is None:
            print("The site does not answer yet; what stands above may say why.", flush=True)
        supervisor.wait()
        print("The site has stopped by itself.", file=sys.stderr, flush=True)
    except (KeyboardInterrupt, SystemExit):
        leaving()
        print("\nStopping ...", flush=True)
        raise
    finally:
        stop(supervisor)
        pump.join(timeout=1)


def start_supervisor(host: str, port: int) -> subprocess.Popen[bytes]:
    config = write_supervisor_config(host, port)
    # In a session of its own: Ctrl-C reaches this process alone, which then stops the others in order.
    return subprocess.Popen(
        [sys.executable, "-m", "supervisor.supervisord", "-n", "-c", str(config)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with_launcher,
    )


def write_supervisor_config(host: str, port: int) -> Path:
    folder = Path(settings.DATA_DIR) / "run"
    folder.mkdir(parents=True, exist_ok=True)
    words = {"root": settings.BASE_DIR, "python": sys.executable, "folder": folder, "host": host, "port": port}
    # Django keeps a body that is coming in under TMPDIR; the system's own is often memory, and small.
    words["tmp"] = settings.FILE_UPLOAD_TEMP_DIR
    # A % in a value begins an interpolation.
    words = {name: str(value).replace("%", "%%") for name, value in words.items()}
    words["user"] = "user=root" if os.geteuid() == 0 else ""
    words["python"] = f'"{words["python"]}"'
    config = folder / "supervisord.conf"
    config.write_text(SUPERVISOR_CONFIG.format(common=COMMON.format(**words), **words))
    return config


def hand_on_output(supervisor: subprocess.Popen[bytes]) -> None:
    assert supervisor.stdout is not None  # noqa: S101 - a pipe was asked for
    for line in supervisor.stdout:
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()


def answers(supervisor: subprocess.Popen[bytes], host: str, port: int) -> bool:
    """Wait for the first answer of the web process, whatever its status."""
    until = time.monotonic() + ANSWER_TIMEOUT_S
    while time.monotonic() < until and supervisor.poll() is None:
        connection = http.client.HTTPConnection(reachable(host), port, timeout=5)
        try:
            connection.request("GET", "/", headers={"Host": "localhost"})
            connection.getresponse()
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        else:
            return True
        finally:
            connection.close()
    return False


def announce(host: str, port: int, demo: list[str]) -> None:
    shown = f"[{host}]" if ":" in host else host
    lines = ["", f"KDance is ready: http://{shown}:{port}/"]
    lines += [f"  {role:<8} {DEMO_LOGINS[role]} / {DEMO_PASSWORD}" for role in demo]
    print("\n".join([*lines, "Ctrl-C stops it.", ""]), flush=True)


def reachable(host: str) -> str:
    """The address to call for a server that listens on every one."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104


def stop(supervisor: subprocess.Popen[bytes]) -> None:
    # A second Ctrl-C must not leave half of it running.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    supervisor.terminate()
    try:
        supervisor.wait(timeout=STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        supervisor.kill()


def _die_with_launcher() -> None:
    """On Linux, have supervisor stopped where this process is killed and cannot do it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    main()
