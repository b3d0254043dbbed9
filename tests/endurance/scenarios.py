"""What is gone through. Each scenario gives a row of the table, or nothing where it can't be run."""

import asyncio
import itertools
import os
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

from machinery import Client, Failed, Load, Row, ask, say

ARTICLE = "/v1/articles/electric-ferry-sandpiper-begins-trials"
# What readers ask for; all of it is kept once it was asked for.
READ = [
    ARTICLE,
    "/v1/articles/ferry-every-fifteen-minutes-proposed",
    f"{ARTICLE}/share",
    "/v1/articles?limit=20",
    "/v1/articles?category=transport",
    "/v1/categories?tree=true",
    "/v1/tags",
    "/feeds/articles.rss",
]
NUMBERS = itertools.count()
# Descriptors that a server may open for files of its own meanwhile.
FILES = 20


def unkept():
    """An address that nobody has asked for."""
    return f"/v1/search?q=ferry%20n{next(NUMBERS)}"


def draft(size=1):
    """A draft that nobody has written."""
    number = next(NUMBERS)
    return {
        "slug": f"endurance-{number}",
        "title": f"Endurance {number}",
        "body": {"text": "All day long it rained on the harbour. " * size},
    }


class Scenario:
    """What is gone through, on which databases, and what is less of it in a short run."""

    def __init__(self, run, databases, **quick):
        self.run, self.databases, self.quick = run, databases, quick


def url_of(program, postgres):
    return postgres.database() if postgres else program.sqlite()


def readers_and_writers(load, ports, token, many=8):
    """Half of them keep their connections; one in four writes drafts."""
    clients = []
    for number in range(many):
        keeps = number % 2 == 0
        # Each has its own favourite.
        turned = ports[number % len(ports):] + ports[:number % len(ports)]
        writes = number % 4 == 3
        client = Client(turned, keeps, token if writes else None)
        clients.append(client)
        paths = itertools.cycle(READ + [None])

        def work(load, client=client, writes=writes, paths=paths):
            if writes:
                answer = client.ask("POST", "/v1/articles", draft())
                load.expect(answer, 201, what="a write")
            else:
                path = next(paths) or unkept()
                load.expect(client.ask("GET", path), 200, what=path)

        load.add(work)
    return clients


def restarts(program, postgres, many=20):
    """A server is restarted behind clients that try again only where they are refused."""
    url = url_of(program, postgres)
    server = program.serve(url, "--shutdown-delay", "1")
    load = Load()
    clients = readers_and_writers(load, [server.port], program.token)
    for _ in range(many):
        time.sleep(1)
        server.restart()
    time.sleep(1)
    load.end()
    row = Row(f"{many} restarts of the only server", load, server)
    if not any(client.refused for client in clients):
        row.faults.append("nobody was ever refused: the server was not away")
    server.kill()
    program.doctor(url)
    return row


def in_turn(program, postgres, many=10):
    """Two servers on one database are restarted in turn."""
    url = postgres.database()
    servers = [program.serve(url, "--shutdown-delay", "2") for _ in range(2)]
    load = Load()
    readers_and_writers(load, [server.port for server in servers], program.token)
    for _ in range(many):
        for server in servers:
            time.sleep(0.5)
            server.restart()
    load.end()
    row = Row(f"{2 * many} restarts of two servers in turn", load, *servers)
    for server in servers:
        server.kill()
    program.doctor(url)
    return row


class Outage:
    """When the database went, and came back."""

    def __init__(self):
        self.gone = self.back = None

    def phase(self):
        """`up`, `away`, or nothing while either may be right."""
        now = time.monotonic()
        if self.gone is None:
            return "up"
        if self.back is None:
            return "away" if now > self.gone + 2 else None
        return "up" if now > self.back + 2 else None


def outage(program, postgres, seconds=30):
    """Postgres is stopped under load, and started again."""
    server = program.serve(postgres.database())
    for path in READ * 2:
        if server.status(path) != 200:
            raise Failed(f"{path} is not there")
    # The index is whole, and the publication learned: what is kept now stays.
    time.sleep(5)
    for path in READ * 2:
        server.status(path)
    load, state = Load(), Outage()
    stale = {"kept": 0}

    def judge(load, before, answer, what, away):
        load.note(answer)
        phase = before if before == state.phase() else None
        is_good = answer.status in (200, 201)
        if not is_good and (phase == "up" or away == 200):
            load.fault(f"{what}: {answer.status}, where it is there or kept (database {phase})")
        if not is_good and not answer.is_refusal():
            load.fault(f"{what}: {answer.status}, no problem with Retry-After (database {phase})")
        if phase == "away":
            if answer.status != away:
                load.fault(f"{what}: {answer.status} while the database was away")
            elif away == 200 and not (answer.is_stale() and answer.headers.get("Age")):
                load.fault(f"{what}: not marked as stale")
            elif away == 200:
                stale["kept"] += 1
            elif answer.seconds > 1:
                load.fault(f"{what}: refused after {answer.seconds:.2f} s")

    def add(keeps, make, away, token=None):
        client = Client([server.port], keeps, token)

        def work(load):
            before = state.phase()
            method, path, body = make()
            judge(load, before, client.ask(method, path, body), path, away)
            time.sleep(0.005)

        load.add(work)

    kept = itertools.cycle(READ)
    for number in range(4):
        add(number % 2 == 0, lambda: ("GET", next(kept), None), 200)
    for number in range(2):
        add(number % 2 == 0, lambda: ("GET", unkept(), None), 503)
    add(True, lambda: ("POST", "/v1/articles", draft()), 503, program.token)
    time.sleep(5)
    state.gone = time.monotonic()
    postgres.stop()
    time.sleep(seconds)
    if server.status("/readyz") != 503 or server.status("/healthz") != 200:
        load.fault("it says that it is ready, or that it is dead")
    postgres.start()
    state.back = time.monotonic()
    time.sleep(10)
    load.end()
    if stale["kept"] == 0:
        load.fault("nothing stood in")
    if server.status("/readyz") != 200:
        load.fault("it is not ready again")
    return Row(f"Postgres away for {seconds} s", load, server)


def frozen(program, postgres, seconds=15):
    """Postgres is there, and does not answer: all of its processes are stopped, and go on later."""
    patience = 4
    server = program.serve(postgres.database(), "--query-timeout", str(patience))
    for path in READ * 2:
        server.status(path)
    time.sleep(5)
    for path in READ * 2:
        server.status(path)
    load = Load()
    state = Outage()
    paths = itertools.cycle(READ)
    refused = []
    for number in range(4):
        client = Client([server.port], number % 2 == 0)

        def work(load, client=client):
            before = state.phase()
            answer = client.ask("GET", next(paths))
            load.note(answer)
            if before == state.phase() == "away" and answer.seconds > 2.5:
                load.fault(f"what is kept came after {answer.seconds:.2f} s")
            if before == state.phase() == "away" and not (answer.is_stale() and "Age" in answer.headers):
                load.fault("what is kept was not marked as stale")
            if answer.status != 200:
                load.fault(f"what is kept was answered with {answer.status}")
            time.sleep(0.005)

        load.add(work)
    for _ in range(4):
        client = Client([server.port], False)

        def ask_anew(load, client=client):
            before = state.phase()
            answer = client.ask("GET", unkept())
            if not (answer.status == 200 or answer.is_refusal()):
                load.fault(f"what is not kept was answered with {answer.status}")
            if before == state.phase() == "away":
                refused.append(answer)
                if answer.status == 200 or answer.seconds > patience + 1.5:
                    load.fault(f"{answer.status} after {answer.seconds:.2f} s while nothing was told")
            time.sleep(0.02)

        load.add(ask_anew)
    data = postgres.folder / "data"
    leader = (data / "postmaster.pid").read_text().splitlines()[0]
    # Then it begins no other process.
    subprocess.run(["kill", "-STOP", leader], check=True)
    children = Path(f"/proc/{leader}/task/{leader}/children").read_text().split()
    subprocess.run(["kill", "-STOP", *children], check=True)
    state.gone = time.monotonic()
    try:
        time.sleep(seconds / 2)
        ready = ask(server.port, "GET", "/readyz")
        if ready.status != 503 or ready.seconds > 2:
            load.fault(f"/readyz: {ready.status} after {ready.seconds:.2f} s")
        time.sleep(seconds / 2)
    finally:
        subprocess.run(["kill", "-CONT", leader, *children], check=True)
    state.back = time.monotonic()
    time.sleep(8)
    load.end()
    if not refused:
        load.fault("nobody was refused what is not kept")
    for path in (unkept(), "/readyz"):
        if server.status(path) != 200:
            load.fault(f"{path} is not answered again")
    return Row(f"Postgres silent for {seconds} s", load, server)


class Life:
    """How long a slow connection lived, and after how long it was told that it is too slow; seconds."""

    def __init__(self, lived, told):
        self.lived, self.told = lived, told


async def slow_client(port, before, piece, lives, until):
    """Connects, begins a request, and goes on with it a little at a time; again and again."""
    loop = asyncio.get_running_loop()
    while loop.time() < until:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(1)
            continue
        began, came, told = loop.time(), b"", None
        try:
            writer.write(before)
            while loop.time() < until:
                writer.write(piece)
                await writer.drain()
                try:
                    data = await asyncio.wait_for(reader.read(4_096), 1)
                except asyncio.TimeoutError:
                    continue
                if not data:
                    break
                came += data
                if told is None and b"HTTP/1.1 408 " in came:
                    told = loop.time() - began
        except OSError:
            pass
        finally:
            writer.close()
        if loop.time() < until:
            lives.append(Life(loop.time() - began, told))


async def slow_clients(port, token, many, seconds, lives):
    head = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
    writing = (
        "POST /v1/articles HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\n"
    ).encode()
    kinds = [
        (head + b"X: ", b"x"),
        (head + b"\r\n" + head + b"X: ", b"x"),
        (writing + b"Content-Length: 100000\r\n\r\n{", b" "),
        (writing + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    ]
    until = asyncio.get_running_loop().time() + seconds
    clients = []
    for number in range(many):
        before, piece = kinds[number % len(kinds)]
        clients.append(asyncio.create_task(slow_client(port, before, piece, lives, until)))
        if number % 50 == 0:
            await asyncio.sleep(0.05)
    await asyncio.gather(*clients)


def slowloris(program, postgres, many=2_000, seconds=60):
    """Clients that send a byte a second, beside some that do not."""
    server = program.serve(url_of(program, postgres))
    quiet, load, lives = Load(), Load(), []
    for one in (quiet, load):
        # The same work without the slow ones, to compare.
        clients = [Client([server.port], number % 2 == 0) for number in range(2)]
        for client in clients:
            paths = itertools.cycle(READ)

            def work(load, client=client, paths=paths):
                load.expect(client.ask("GET", next(paths)), 200, what="a normal client")
                time.sleep(0.01)

            one.add(work)
        if one is quiet:
            time.sleep(5)
            quiet.end()
    asyncio.run(slow_clients(server.port, program.token, many, seconds, lives))
    load.end()
    load.faults += quiet.faults
    longest = max((life.lived for life in lives), default=0)
    told = [life.told for life in lives if life.told is not None]
    say(
        f"p99 of normal clients: {quiet.percentile(0.99):.1f} ms without, "
        f"{load.percentile(0.99):.1f} ms beside {many} slow ones; "
        f"{len(lives)} slow connections ended, the last after {longest:.1f} s; "
        f"{len(told)} were told 408, the last after {max(told, default=0):.1f} s"
    )
    if len(lives) < many:
        load.fault(f"only {len(lives)} slow connections were ended")
    if longest > 15:
        load.fault(f"a slow connection lived for {longest:.1f} s")
    if len(told) < len(lives):
        load.fault(f"{len(lives) - len(told)} slow connections ended without 408")
    if max(told, default=0) > 10:
        load.fault(f"a slow one was told so after {max(told):.1f} s")
    return Row(f"{many} clients that send a byte a second", load, server)


def slow_readers(program, postgres, many=100, seconds=90):
    """Clients that ask for much and take none of it, or a byte of it a second."""
    server = program.serve(url_of(program, postgres))
    load = Load()
    client = Client([server.port], True)

    def work(load):
        load.expect(client.ask("GET", ARTICLE), 200, what="a normal client")
        time.sleep(0.01)

    load.add(work)
    time.sleep(1)
    before = server.descriptors()
    path = "/v1/articles?limit=100&body=html,blocks,markdown,text&include=related,share"
    request = f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 100
    sockets = []
    for _ in range(many):
        one = socket.socket()
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        one.connect(("127.0.0.1", server.port))
        one.setblocking(False)
        try:
            one.send(request)
        except OSError:
            pass
        sockets.append(one)
    time.sleep(5)
    most = server.descriptors()
    deadline = time.monotonic() + seconds
    while server.descriptors() > before + FILES and time.monotonic() < deadline:
        time.sleep(1)
        for one in sockets[::2]:
            try:
                one.recv(1)
            except OSError:
                pass
    left = server.descriptors()
    load.end()
    for one in sockets:
        one.close()
    if most < before + many // 2:
        load.fault(f"there were never enough of them: {most} descriptors after {before}")
    if left > before + FILES:
        load.fault(f"{left - before} of {many} are still waited for after {seconds} s")
    return Row(f"{many} clients that take nothing, or a byte a second", load, server)


def full_disk(program, postgres, seconds=10):
    """SQLite's disk fills up while writers go on, and has room again."""
    folder = program.folder / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", folder], capture_output=True
    )
    if mounted.returncode != 0:
        say("full_disk was not run: no small file system can be mounted here")
        folder.rmdir()
        return None
    try:
        return on_small_disk(program, folder, seconds)
    finally:
        program.end_all()
        subprocess.run(["umount", "-l", folder], check=True)
        folder.rmdir()


def on_small_disk(program, folder, seconds):
    ballast = folder / "ballast"
    ballast.write_bytes(b"\0" * 12_000_000)
    url = f"sqlite://{folder / 'news.db'}"
    server = program.serve(url)
    for path in READ * 2:
        server.status(path)
    load, statuses, taken = Load(), {}, []
    lock = threading.Lock()
    for number in range(4):
        client = Client([server.port], number % 2 == 0, program.token)

        def write(load, client=client):
            body = draft(1_000)
            answer = client.ask("POST", "/v1/articles", body)
            load.expect(answer, 201, 503, 507, what="a write")
            with lock:
                statuses[answer.status] = statuses.get(answer.status, 0) + 1
                if answer.status == 201:
                    taken.append(body["slug"])

        load.add(write)
    reader, paths = Client([server.port], True), itertools.cycle(READ + [None])

    def read(load):
        path = next(paths) or unkept()
        load.expect(reader.ask("GET", path), 200, what=path)
        time.sleep(0.01)

    load.add(read)
    deadline = time.monotonic() + 120
    while 507 not in statuses and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(seconds)
    before = statuses.get(201, 0)
    ballast.unlink()
    has_room = time.monotonic()
    while statuses.get(201, 0) <= before and time.monotonic() < has_room + 10:
        time.sleep(0.02)
    took = time.monotonic() - has_room
    load.end()
    say(f"answers to writes: {statuses}; the first was taken {took:.2f} s after there was room")
    if 507 not in statuses:
        load.fault("the disk was never full")
    if took > 2:
        load.fault(f"nothing was taken for {took:.1f} s after there was room")
    missing = [
        slug for slug in taken
        if ask(server.port, "GET", f"/v1/articles/{slug}",
               {"Authorization": f"Bearer {program.token}"}).status != 200
    ]
    if missing:
        load.fault(f"{len(missing)} acknowledged articles are gone")
    row = Row("the disk full, and room again", load, server)
    server.kill()
    # Looking it over takes room as well.
    copy = program.folder / "copy.db"
    for ending in ("", "-wal"):
        if os.path.exists(f"{folder}/news.db{ending}"):
            shutil.copy(f"{folder}/news.db{ending}", f"{copy}{ending}")
    program.doctor(f"sqlite://{copy}")
    return row


BOTH = ("sqlite", "postgres")
ALL = {
    "restarts": Scenario(restarts, BOTH, many=4),
    "in_turn": Scenario(in_turn, ("postgres",), many=2),
    "outage": Scenario(outage, ("postgres",), seconds=8),
    "frozen": Scenario(frozen, ("postgres",), seconds=8),
    "slowloris": Scenario(slowloris, BOTH, many=500, seconds=20),
    # A server waits for half a minute, however few they are.
    "slow_readers": Scenario(slow_readers, BOTH, many=20),
    "full_disk": Scenario(full_disk, ("sqlite",), seconds=3),
}
