"""A clock that jumps: an hour ahead, and two hours back, under readers and writers."""

import glob
import itertools
import json
import subprocess
import time
from datetime import datetime, timezone

from machinery import Client, Failed, Load, Row, ask, say
from scenarios import BOTH, READ, Scenario, draft, unkept, url_of

HOUR = 3_600
# Seconds until the server's process has the new time; and how late, at most, what has fallen due is live.
TOLD, LATE = 1, 2
LIBRARY = "faketime/libfaketimeMT.so.1"


def library(folder):
    """Where libfaketime is, which is taken out of Debian's package and not installed; or nothing."""
    for found in glob.glob(f"/usr/lib/*/{LIBRARY}") + glob.glob(f"{folder}/faketime/usr/lib/*/{LIBRARY}"):
        return found
    target = folder / "faketime"
    target.mkdir(exist_ok=True)
    get = (
        "{ apt-get download -qq libfaketime || { apt-get update -qq && apt-get download -qq libfaketime; }; }"
        " && dpkg-deb -x libfaketime_*.deb ."
    )
    subprocess.run(["bash", "-c", get], cwd=target, capture_output=True)
    return next(iter(glob.glob(f"{target}/usr/lib/*/{LIBRARY}")), None)


class Clock:
    """The time of day as a process is told it. Time that passes, by which waits are bounded, does not jump."""

    def __init__(self, path, file):
        self.path, self.file, self.seconds = path, file, 0
        self.set(0)

    def environment(self, **more):
        return {
            "LD_PRELOAD": self.path, "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_CACHE_DURATION": "1", **more,
        }

    def set(self, seconds):
        """So many seconds ahead of ours."""
        self.seconds = seconds
        # Renamed, so that nobody reads half of it.
        beside = self.file.with_suffix(".new")
        beside.write_text(f"{seconds:+d}\n")
        beside.rename(self.file)

    def jump(self, seconds):
        self.set(seconds)
        time.sleep(2 * TOLD)

    def at(self, ahead):
        """An instant so many seconds ahead of the server's."""
        at = datetime.fromtimestamp(time.time() + self.seconds + ahead, timezone.utc)
        return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Desk:
    """An editor who schedules and publishes, and what readers and the log of changes have of it."""

    def __init__(self, server, token, load):
        self.server, self.load = server, load
        self.client = Client([server.port], True, token)
        self.ids = {}

    def post(self, path, body, status):
        answer = self.client.ask("POST", path, body)
        self.load.expect(answer, status, what=path)
        if answer.status != status:
            raise Failed(f"{path} was answered with {answer.status}: {answer.body[:400]!r}")
        return json.loads(answer.body)

    def make(self, **members):
        made = self.post("/v1/articles", {**draft(), **members}, 201)
        self.ids[made["slug"]] = made["id"]
        return made["slug"]

    def schedule(self, at):
        slug = self.make()
        self.post(f"/v1/articles/{slug}/schedule", {"at": at}, 200)
        return slug

    def is_live(self, slug):
        return self.server.status(f"/v1/articles/{slug}") == 200

    def seconds_until_live(self, slug, most):
        began = time.monotonic()
        while not self.is_live(slug):
            if time.monotonic() > began + most:
                self.load.fault(f"{slug} is not live after {most} s")
                break
            time.sleep(0.05)
        return time.monotonic() - began

    def changes(self, cursor):
        """What the log has behind a cursor: changes by id, and the next cursor."""
        answer = ask(self.server.port, "GET", f"/v1/changes?limit=100&cursor={cursor}")
        page = json.loads(answer.body)
        return [(entry["id"], entry["change"]) for entry in page["data"]], page["page"]["next_cursor"]

    def last_cursor(self):
        path, more = "/v1/changes?limit=100", True
        while more:
            page = json.loads(ask(self.server.port, "GET", path).body)
            cursor, more = page["page"]["next_cursor"], page["has_more"]
            path = f"/v1/changes?limit=100&cursor={cursor}"
        return cursor


def readers_and_a_writer(load, server, token):
    for number in range(3):
        client = Client([server.port], number % 2 == 0)
        paths = itertools.cycle(READ + [None])

        def read(load, client=client, paths=paths):
            path = next(paths) or unkept()
            load.expect(client.ask("GET", path), 200, what=path)
            time.sleep(0.01)

        load.add(read)
    writer = Client([server.port], True, token)

    def write(load):
        load.expect(writer.ask("POST", "/v1/articles", draft()), 201, what="a write")
        time.sleep(0.02)

    load.add(write)


def clock(program, postgres):
    """Nothing is published early or twice, or taken back; and everyone is answered as before."""
    path = library(program.folder)
    if path is None:
        say("clock was not run: there is no libfaketime, and none can be had")
        return None
    url = url_of(program, postgres)
    file = program.folder / "clock"
    time_of_day = Clock(path, file)
    server = program.serve(
        url, environment=time_of_day.environment(FAKETIME_TIMESTAMP_FILE=str(file))
    )
    # A token is good from when it was made; this one was two hours ago.
    token = program.new_token(**time_of_day.environment(FAKETIME=f"-{2 * HOUR}"))
    load = Load()
    desk = Desk(server, token, load)
    cursor = desk.last_cursor()
    due = desk.schedule(time_of_day.at(HOUR // 2))
    readers_and_a_writer(load, server, token)
    time.sleep(2)
    if desk.is_live(due):
        load.fault("it was live half an hour early")
    time_of_day.set(HOUR)
    took = desk.seconds_until_live(due, 2 * TOLD + LATE)
    say(f"an hour ahead: live after {took:.1f} s, of which {TOLD} may be until the time is told")
    ahead = desk.make(status="published")
    time_of_day.jump(-HOUR)
    for slug in (due, ahead):
        if not desk.is_live(slug):
            load.fault(f"{slug} was taken back when the clock was set back")
    back = desk.make(status="published")
    if not desk.is_live(back):
        load.fault("what was published by a clock that was set back is not there")
    soon = desk.schedule(time_of_day.at(6))
    waited = desk.seconds_until_live(soon, 6 + LATE + TOLD)
    # Times are told in whole seconds above.
    if waited < 4.5:
        load.fault(f"it was live after {waited:.1f} s, not 5 to 6")
    time_of_day.jump(0)
    load.end()
    entries, _ = desk.changes(cursor)
    for slug in (due, ahead, back, soon):
        found = [change for known, change in entries if known == desk.ids[slug]]
        if found != ["published"]:
            load.fault(f"of {slug} the log has {found}")
        if not desk.is_live(slug):
            load.fault(f"{slug} is gone")
    if server.status("/readyz") != 200:
        load.fault("it is not ready")
    row = Row("the clock an hour ahead, and two back", load, server)
    server.kill()
    program.doctor(url)
    return row


ALL = {"clock": Scenario(clock, BOTH)}
