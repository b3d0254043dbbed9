"""What scenarios are made of: the program as processes, a Postgres cluster, clients that count."""

import glob
import http.client
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

# How long anything may take before a scenario gives up on it.
PATIENCE = 60


class Failed(Exception):
    """A scenario that could not be gone through with."""


def say(text):
    print(f"endurance: {text}", flush=True)


def free_port():
    """One of those that the system gives to no client: a client that asks for a port at which nobody
    listens could else be connected to itself."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                attempt.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port not in free_port.given:
                free_port.given.add(port)
                return port
    raise Failed("no port is free")


free_port.given = set()


class Program:
    """The binary, with the settings of all scenarios."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.folder = folder
        self.servers = []
        self.environment = {
            name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")
        }
        self.environment["RUST_LOG"] = "warn"
        # What is looked for is what is lost; so nothing is refused for being too much.
        self.environment["OVERLOAD_TARGET"] = "60000"
        secret = self.output("token", "secret").strip()
        self.environment["JWT_SECRET"] = secret
        self.token = self.new_token()

    def new_token(self, **more):
        """A token that may do everything, made with some more of an environment."""
        told = self.output(
            "token", "create", "--subject", "endurance", "--expires", "12h", "--scope",
            "content:read_drafts,content:write,content:publish,content:admin", **more,
        )
        # Every JWT begins with `{"` in base64.
        return next(word for word in told.split() if word.startswith("eyJ"))

    def output(self, *arguments, **more):
        done = subprocess.run(
            [self.binary, *arguments], cwd=self.folder, env={**self.environment, **more},
            stdout=subprocess.PIPE, text=True, check=True,
        )
        return done.stdout

    def sqlite(self):
        """The address of a new SQLite file."""
        number = sum(1 for _ in self.folder.glob("*.db"))
        return f"sqlite://{self.folder / f'endurance-{number}.db'}"

    def serve(self, url, *flags, port=None, environment=None):
        server = Server(self, url, port or free_port(), flags, environment or {})
        self.servers.append(server)
        return server

    def doctor(self, url):
        """Has the program look a database over."""
        done = subprocess.run(
            [self.binary, "doctor", "--database-url", url], cwd=self.folder, env=self.environment,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        if done.returncode != 0:
            raise Failed(f"the doctor found something: {done.stdout}")

    def end_all(self):
        for server in self.servers:
            server.kill()
        self.servers.clear()


class Server:
    """The program as it serves."""

    def __init__(self, program, url, port, flags, environment):
        self.program, self.url, self.port, self.flags = program, url, port, flags
        self.environment = {**program.environment, **environment}
        self.peak = 0
        self.start("--sample")

    def start(self, *once):
        self.log = self.program.folder / f"server-{self.port}.log"
        command = [
            self.program.binary, "serve", "--database-url", self.url,
            "--bind-addr", f"127.0.0.1:{self.port}", *self.flags, *once,
        ]
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.program.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
            )
        deadline = time.monotonic() + PATIENCE
        while self.status("/readyz") != 200:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"the server did not start: {self.log.read_text()[-2_000:]}")
            time.sleep(0.02)

    def status(self, path):
        """The status of an answer; 0 where there is none."""
        try:
            return ask(self.port, "GET", path).status
        except OSError:
            return 0

    def note_memory(self):
        """The most memory that it has taken, in MB."""
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return self.peak
        for line in status.splitlines():
            if line.startswith("VmHWM:"):
                self.peak = max(self.peak, int(line.split()[1]) // 1024)
        return self.peak

    def memory(self):
        """What it takes now, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1_024

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def restart(self):
        """Ends it by SIGTERM, and starts it anew on the same port."""
        self.note_memory()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            raise Failed("the server does not end") from None
        if status != 0:
            raise Failed(f"the server ended with {status}: {self.log.read_text()[-2_000:]}")
        self.start()

    def kill(self):
        self.note_memory()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()

    def complaints(self):
        """What it wrote that it never should."""
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if "panicked" in line]


class Postgres:
    """A cluster of its own, which can be stopped and started."""

    def __init__(self, folder):
        self.binaries = self.find()
        self.folder = folder / "postgres"
        self.port = free_port()
        self.databases = 0
        self.folder.mkdir()
        # Postgres refuses to run as root.
        self.user = "nobody" if os.getuid() == 0 else None
        if self.user:
            owner = pwd.getpwnam(self.user)
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
            folder.chmod(0o755)
        self.run("initdb", "-D", self.folder / "data", "-U", "postgres", "-A", "trust",
                 "-E", "UTF8", "--locale=C")
        self.start()

    @staticmethod
    def find():
        known = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
        known += glob.glob("/usr/pgsql-*/bin")
        if shutil.which("postgres"):
            known.append(str(Path(shutil.which("postgres")).resolve().parent))
        for folder in known:
            if Path(folder, "pg_ctl").exists():
                return Path(folder)
        raise SystemExit("no Postgres server was found; ./tests/run installs one, on Debian as root")

    def run(self, name, *arguments):
        options = {"user": self.user, "group": pwd.getpwnam(self.user).pw_gid, "extra_groups": []}
        done = subprocess.run(
            [self.binaries / name, *arguments], cwd="/", stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, **(options if self.user else {}),
        )
        if done.returncode != 0:
            raise Failed(f"{name}: {done.stdout}")

    def start(self):
        settings = (
            f"-p {self.port} -k {self.folder} -h 127.0.0.1 -c fsync=off -c max_connections=200"
        )
        log = self.folder / "log"
        # Its output goes to a file: a pipe would be held open by the server.
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-l", log, "-o", settings,
                 "-s", "start")

    def stop(self):
        self.run("pg_ctl", "-D", self.folder / "data", "-w", "-m", "fast", "-s", "stop")

    def database(self):
        """The address of a new database."""
        self.databases += 1
        name = f"endurance{self.databases}"
        self.run("createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", name)
        return f"postgres://postgres@127.0.0.1:{self.port}/{name}"

    def remove(self):
        try:
            self.run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "-s", "stop")
        except Failed:
            pass  # It was not running.


class Answer:
    def __init__(self, response, body, seconds):
        self.status = response.status
        self.headers = response.headers
        self.body = body
        self.seconds = seconds
        self.is_last = response.will_close

    def is_stale(self):
        return "detail=stale" in self.headers.get("Cache-Status", "")

    def is_refusal(self):
        """A problem that says when to come back."""
        is_problem = self.headers.get("Content-Type") == "application/problem+json"
        return self.status == 503 and is_problem and bool(self.headers.get("Retry-After"))


def exchange(connection, method, path, headers, body):
    """Asks over a connection; what it says is read to its end."""
    started = time.monotonic()
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    body = response.read()
    return Answer(response, body, time.monotonic() - started)


def ask(port, method, path, headers=None, body=None):
    """Asks over a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        return exchange(connection, method, path, headers or {}, body)
    finally:
        connection.close()


class Client:
    """Asks one of some servers. Where it is refused a connection it asks the next; whatever else goes
    wrong, it does not try again."""

    def __init__(self, ports, keeps, token=None):
        self.ports, self.keeps = list(ports), keeps
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.connection = None
        self.refused = 0

    def ask(self, method, path, body=None, **headers):
        fields = {**self.headers, **headers}
        if body is not None:
            fields["Content-Type"] = "application/json"
            body = json.dumps(body)
        if self.connection is None:
            self.connect()
        try:
            answer = exchange(self.connection, method, path, fields, body)
        except Exception:
            self.close()
            raise
        if answer.is_last or not self.keeps:
            self.close()
        return answer

    def connect(self):
        deadline = time.monotonic() + PATIENCE
        while True:
            connection = http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=30)
            # A request goes over this connection or over none.
            connection.auto_open = 0
            try:
                connection.connect()
            except ConnectionRefusedError:
                self.refused += 1
                self.ports.append(self.ports.pop(0))
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.005)
                continue
            self.connection = connection
            return

    def close(self):
        if self.connection is not None:
            self.connection.close()
            self.connection = None


class Load:
    """Clients on threads, each of which does the same again and again until the load ends."""

    def __init__(self):
        self.lock = threading.Lock()
        self.is_over = threading.Event()
        self.threads = []
        self.requests = 0
        self.worst = 0.0
        self.times = []
        self.faults = []

    def add(self, work):
        """`work(load)` makes one request, and notes it."""

        def go_on():
            while not self.is_over.is_set():
                try:
                    work(self)
                except Exception as cause:  # What goes wrong in a client is what is looked for.
                    self.fault(f"{type(cause).__name__}: {cause}")
                    time.sleep(0.05)

        thread = threading.Thread(target=go_on, daemon=True)
        self.threads.append(thread)
        thread.start()

    def note(self, answer):
        with self.lock:
            self.requests += 1
            self.worst = max(self.worst, answer.seconds)
            self.times.append(answer.seconds)

    def fault(self, text):
        with self.lock:
            if len(self.faults) < 20:
                self.faults.append(text)

    def expect(self, answer, *statuses, what=""):
        """Notes an answer, which must have one of these statuses."""
        self.note(answer)
        if answer.status not in statuses:
            self.fault(f"{what} was answered with {answer.status}")

    def end(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join(PATIENCE)
            if thread.is_alive():
                self.fault("a client hangs")

    def percentile(self, share):
        """In milliseconds."""
        times = sorted(self.times)
        return times[int((len(times) - 1) * share)] * 1_000 if times else 0.0


class Unfinished:
    """The row of a scenario that could not be gone through with."""

    def __init__(self, name, cause):
        self.what, self.faults = name, [str(cause)]
        self.database, self.seconds = "", 0

    def cells(self):
        return self.what, self.database, self.seconds, "", "not gone through with", "", ""


class Row:
    """A row of the table."""

    def __init__(self, what, load, *servers):
        self.what = what
        self.requests = load.requests
        self.worst = load.worst
        self.faults = list(load.faults)
        self.memory = max(server.note_memory() for server in servers)
        for server in servers:
            self.faults += server.complaints()
        self.database = ""
        self.seconds = 0

    def cells(self):
        return (
            self.what, self.database, self.seconds, f"{self.requests:,}", len(self.faults) or "nothing",
            f"{self.worst * 1_000:.0f}", self.memory,
        )
