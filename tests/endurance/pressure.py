"""More than there should be: ten times what the server can do, and a million clients to be told apart."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from machinery import Client, Failed, Load, Row, say
from scenarios import BOTH, Scenario, url_of

# Dear enough that a client in Python can ask for ten times what the server can do.
DEAR = "/v1/search?q=harbour&limit=50"
# Small, kept, and counted for limits.
CHEAP = "/v1/tags"
# How many megabytes more a server may take under pressure: mostly for connections.
GROWTH = 100
# How many more for clients of a limit, which take 8; all else here is the same again and again.
GROWTH_FOR_CLIENTS = 24
# What an address may send, in so many seconds.
QUOTA, WINDOW = 600, 60


def generate(port, kind, **options):
    """Has the generator ask; gives what came of it."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("generator.py"), str(port),
         json.dumps({"kind": kind, **options})],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    if done.returncode != 0:
        raise Failed(f"the generator: {done.stderr[-1_000:]}")
    return json.loads(done.stdout)


def add(load, made):
    """Counts what the generator did."""
    load.requests += made["answers"]
    load.worst = max(load.worst, made["accepted"]["worst"] / 1_000)
    for what in ("broken", "hanging"):
        if made[what]:
            load.fault(f"{made[what]} requests: {what}")
    strange = {status: count for status, count in made["statuses"].items() if status not in ("200", "503")}
    if strange:
        load.fault(f"unexpected answers: {strange}")


class Health:
    """One who asks again and again whether the server is alive."""

    def __init__(self, server):
        self.load = Load()
        client = Client([server.port], True)

        def work(load):
            answer = client.ask("GET", "/healthz")
            load.expect(answer, 200, what="/healthz")
            if answer.seconds > 1:
                load.fault(f"/healthz took {answer.seconds:.2f} s")
            time.sleep(0.02)

        self.load.add(work)

    def end(self, load):
        self.load.end()
        load.requests += self.load.requests
        load.faults += self.load.faults
        return self.load.percentile(0.99)


def overload(program, postgres, seconds=20, measured=5, times=10):
    """So many times what the server can do, by clients that do not wait for each other."""
    # With what everyone has, but for the cache.
    server = program.serve(url_of(program, postgres), "--cache-bytes", "0", "--overload-target", "5")
    # The index is whole, and the publication learned.
    time.sleep(5)
    asked = {"request": f"GET {DEAR} HTTP/1.1\r\nHost: x\r\n\r\n"}
    load = Load()
    alone = generate(server.port, "closed", connections=1, seconds=measured, **asked)
    full = generate(server.port, "closed", connections=4, seconds=measured, **asked)
    add(load, alone)
    add(load, full)
    capacity = full["accepted"]["count"] / full["seconds"]
    if alone["refused"]["count"] or capacity < 1:
        raise Failed(f"it could not be measured: {alone['statuses']}, {full['statuses']}")
    before, health = server.note_memory(), Health(server)
    rate = times * capacity
    pressed = generate(
        server.port, "open", connections=1_500, seconds=seconds, rate=rate, **asked
    )
    ended = time.monotonic() - pressed["drained"]
    memory, healthy = server.note_memory(), health.end(load)
    add(load, pressed)
    time.sleep(max(0, ended + 1 - time.monotonic()))
    after = generate(server.port, "closed", connections=1, seconds=measured, **asked)
    add(load, after)
    judge(load, times, capacity, alone, pressed, after)
    if memory > before + GROWTH:
        load.fault(f"memory grew from {before} to {memory} MB")
    offered = pressed["answers"] / pressed["seconds"]
    say(
        f"alone, p99 {alone['accepted']['p99']:.1f} ms; at most {capacity:.0f} a second. Then "
        f"{offered:.0f} a second, by a client on the same cores (late by {pressed['late']['p99']:.1f} ms "
        f"in 99 of 100): {pressed['accepted']['count'] / pressed['seconds']:.0f} accepted, p99 "
        f"{pressed['accepted']['p99']:.1f} ms; {pressed['refused']['count']:,} refused, p50 "
        f"{pressed['refused']['p50']:.1f}, p99 {pressed['refused_soon']['p99']:.1f} ms, worst "
        f"{pressed['refused']['worst']:.0f}; /healthz p99 {healthy:.1f} ms; memory {before} MB before, "
        f"{memory} at most; from a second after the end on, p99 {after['accepted']['p99']:.1f} ms"
    )
    return Row(f"{times} times what it can do ({offered:.0f}/s)", load, server)


def judge(load, times, capacity, alone, pressed, after):
    """What must hold of a server under pressure, and after it."""
    unloaded, accepted = alone["accepted"]["p99"], pressed["accepted"]
    sent = pressed["answers"] + pressed["broken"] + pressed["hanging"]
    if sent < 0.9 * times * capacity * pressed["seconds"]:
        load.fault(f"only {sent / pressed['seconds'] / capacity:.1f} times as much was offered")
    if accepted["p99"] > 5 * unloaded:
        load.fault(f"accepted: p99 {accepted['p99']:.1f} ms, alone {unloaded:.1f}")
    # The rest went to the one who asks.
    if accepted["count"] < 0.3 * capacity * pressed["seconds"]:
        load.fault(f"only {accepted['count']} were accepted")
    if not pressed["refused"]["count"]:
        load.fault("nothing was refused")
    if pressed["without_retry_after"]:
        load.fault(f"{pressed['without_retry_after']} refusals without Retry-After")
    if pressed["refused_soon"]["p99"] > max(100, 5 * unloaded):
        load.fault(f"refused: p99 {pressed['refused_soon']['p99']:.1f} ms")
    if pressed["refused"]["worst"] > 1_500:
        load.fault(f"one was refused after {pressed['refused']['worst']:.0f} ms")
    if pressed["drained"] > 1:
        load.fault(f"the last answer came {pressed['drained']:.1f} s after the end")
    if after["refused"]["count"]:
        load.fault(f"{after['refused']['count']} refused a second after the end")
    if after["accepted"]["p99"] > 2 * unloaded:
        load.fault(f"p99 {after['accepted']['p99']:.1f} ms a second after the end")


def addresses(program, postgres, many=1_000_000):
    """So many clients, which a proxy tells of, each of which asks once; then one that asks too often."""
    server = program.serve(
        url_of(program, postgres), "--rate-limit-address", f"{QUOTA}/{WINDOW}",
        "--trusted-proxies", "127.0.0.1",
    )
    for _ in range(4):
        server.status(CHEAP)
    load, lock = Load(), threading.Lock()

    def ask(first, many, **options):
        made = generate(server.port, "addresses", path=CHEAP, first=first, many=many, **options)
        with lock:
            load.requests += sum(made["statuses"].values())
            load.worst = max(load.worst, made["worst"] / 1_000)
        return made["seconds"], made["statuses"]

    begun, statuses = ask(0, many // 10)
    before = server.memory()
    seconds, more = ask(many // 10, many - many // 10)
    after = server.memory()
    for found in (statuses, more):
        if set(found) != {"304"}:
            load.fault(f"clients that asked once: {found}")
    if after > before + GROWTH_FOR_CLIENTS:
        load.fault(f"memory grew from {before:.0f} to {after:.0f} MB")
    # The limit is one yet: for whoever asks too often, and for nobody else.
    took, found = ask(many + 1, 2 * QUOTA, is_one=True)
    allowed, refused = found.get("304", 0), found.get("429", 0)
    most = QUOTA + 1 + (took + 1) * QUOTA / WINDOW
    if allowed + refused != 2 * QUOTA or not 0.9 * QUOTA <= allowed <= most:
        load.fault(f"one who asked {2 * QUOTA} times: {found}")
    _, found = ask(many + 3, QUOTA // 2, is_one=True)
    if found.get("304") != QUOTA // 2:
        load.fault(f"one who asked {QUOTA // 2} times: {found}")
    say(
        f"{many:,} addresses in {begun + seconds:.0f} s, by a client on the same cores; memory "
        f"{before:.0f} MB after a tenth of them, {after:.0f} after all; of {2 * QUOTA} requests of one more, "
        f"{allowed} were allowed"
    )
    return Row(f"{many:,} addresses under a limit", load, server)


ALL = {
    "overload": Scenario(overload, BOTH, seconds=8, measured=3),
    "addresses": Scenario(addresses, ("sqlite",), many=200_000),
}
