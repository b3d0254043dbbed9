#!/usr/bin/env python3
"""Requests that are no HTTP, over raw sockets, to a server that runs on loopback.

    tests/endurance/raw.py PORT [--pid PID] [--log FILE] [--token TOKEN] [--requests N] [--seed S]
    tests/endurance/raw.py PORT [--token TOKEN] [--seed S] --show N

Each case must be answered with a status of 4xx (501 and 505 are right too: of a method or version that
nobody here knows), or be treated as what it is if it happens to be good; or the connection must end in
good order. Never 500 or another 5xx, never an answer that is no HTTP itself, never a connection that is
left hanging. Meanwhile /healthz answers, the memory of PID stays flat, and nothing panics by the FILE
that it logs to. Prints a row of the table of tests/endurance/run; exit status 1 when anything failed.
`--show` sends one case and prints both sides.
"""

import argparse
import json
import os
import re
import socket
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import grammar  # noqa: E402

MANY = 100_000
CONNECTIONS = 64
# Seconds after which a connection hangs: where the client has hung up, and where the server must lose
# patience with it first (it gives a head 8 seconds, and a body as many and one more for each 16 KiB).
BOUND = 5
PATIENT_BOUND = 15
# Megabytes that a server may take more at the end than after the first tenth.
GROWTH = 32
# Connections that are gone may be told with a little delay.
DESCRIPTORS = 8
FAULTS_TOLD = 20

STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9]) [\t\x20-\x7e]*\Z")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\Z")


class Broken(Exception):
    """Something in what the server sent, or did, is not as it must be."""


class Response:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def is_last(self):
        return self.fields.get(b"connection", b"").lower() == b"close"


def responses(data, heads):
    """Takes apart what a server sent; strictly."""
    found = []
    while data:
        head, parted, rest = data.partition(b"\r\n\r\n")
        if not parted:
            raise Broken(f"an answer without an end of its head: {data[:80]!r}")
        line, *lines = head.split(b"\r\n")
        matched = STATUS_LINE.match(line)
        if not matched:
            raise Broken(f"no status line: {line[:80]!r}")
        status = int(matched[1])
        fields = {}
        for one in lines:
            field = FIELD.match(one)
            if not field:
                raise Broken(f"no header field: {one[:80]!r}")
            name = field[1].lower()
            if name in fields and name in (b"content-length", b"transfer-encoding", b"content-type"):
                raise Broken(f"{name.decode()} is there twice")
            fields[name] = field[2]
        response = Response(status, fields, b"")
        data = rest
        if status == 100:
            continue
        has_body = status not in (204, 304) and status >= 200
        is_head = len(found) in heads
        if has_body and b"transfer-encoding" in fields:
            raise Broken("an answer in chunks, which this server never gives")
        if has_body:
            length = fields.get(b"content-length")
            if length is None or not length.isdigit():
                raise Broken(f"{status} without a length")
            # Whether a head was one of HEAD can't be known where it can't be read.
            if not is_head or (response.is_last() and len(rest) == int(length)):
                if len(rest) < int(length):
                    raise Broken(f"{status} breaks off: {len(rest)} of {int(length)} bytes")
                response.body, data = rest[:int(length)], rest[int(length):]
        found.append(response)
    return found


def check_problem(response):
    """Whoever is refused is told why, in the one form of this API."""
    if response.fields.get(b"content-type") != b"application/problem+json":
        raise Broken(f"{response.status} is no problem document")
    if not response.body:
        return
    problem = json.loads(response.body)
    if problem["status"] != response.status or not problem["detail"] or not problem["request_id"]:
        raise Broken(f"{response.status} is no whole problem document")


def judge(case, found, ended):
    """Says how a case was taken; fails where that is not right."""
    for response in found:
        if response.status >= 500 and response.status not in (501, 505):
            raise Broken(f"answered with {response.status}")
        if 400 <= response.status < 500:
            check_problem(response)
    if case.most is not None and len(found) > case.most:
        raise Broken(f"{len(found)} answers to {case.most} requests at most")
    first = [response.status for response in found[:len(case.first)]]
    if first != case.first:
        raise Broken(f"good requests were answered with {first}, not {case.first}")
    rest = found[len(case.first):]
    if case.wanted == grammar.REFUSED and any(response.status < 400 for response in rest):
        raise Broken(f"taken for good: {[response.status for response in rest]}")
    if ended == "reset" and not rest and not case.first:
        return "reset"
    return str(rest[-1].status) if rest else "closed"


def exchange(port, case, source):
    """Sends a case; gives all that came back, how the connection ended, and the seconds until then."""
    started = time.monotonic()
    bound = PATIENT_BOUND if case.stays_open else BOUND
    data, ended = bytearray(), "closed"
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.bind((source, 0))
        connection.settimeout(bound)
        connection.connect(("127.0.0.1", port))
        try:
            connection.sendall(case.data)
            if not case.stays_open:
                connection.shutdown(socket.SHUT_WR)
        except (ConnectionResetError, BrokenPipeError):
            pass  # It may be answered before all of it was sent.
        except OSError as cause:
            if cause.errno != 107:  # Not connected any more.
                raise Broken(f"the server takes nothing: {cause}") from None
        while True:
            left = started + bound - time.monotonic()
            if left <= 0:
                raise Broken(f"left hanging for {bound} s, after {bytes(data[:60])!r}")
            connection.settimeout(left)
            try:
                piece = connection.recv(65_536)
            except socket.timeout:
                continue
            except ConnectionResetError:
                ended = "reset"
                break
            if not piece:
                break
            data += piece
    return bytes(data), ended, time.monotonic() - started


class Outcome:
    """What a row of the table is made of."""

    def __init__(self):
        self.lock = threading.Lock()
        self.requests = 0
        self.worst = 0.0
        self.faults = []
        self.failed = 0
        self.ways = {}

    def note(self, way):
        with self.lock:
            self.requests += 1
            self.ways[way] = self.ways.get(way, 0) + 1

    def fault(self, text):
        with self.lock:
            self.failed += 1
            if len(self.faults) < FAULTS_TOLD:
                self.faults.append(text)


def health(port, outcome, is_over):
    """Asks all the time, over connections of its own, whether the server is alive."""
    while not is_over.is_set():
        started = time.monotonic()
        request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        try:
            data, _, seconds = exchange(port, grammar.Case(request), "127.0.0.1")
            if not data.startswith(b"HTTP/1.1 200 "):
                outcome.fault(f"/healthz: {data[:60]!r}")
            outcome.worst = max(outcome.worst, seconds)
        except (Broken, OSError) as cause:
            outcome.fault(f"/healthz after {time.monotonic() - started:.1f} s: {cause}")
        is_over.wait(0.05)


def memory(pid):
    """What a process takes now, in megabytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


def work(port, seed, token, numbers, outcome, place):
    # Several addresses of loopback: one has too few ports for so many connections in a minute.
    source = f"127.0.0.{2 + place % 16}"
    for number in numbers:
        case = grammar.case(seed, number, token)
        try:
            data, ended, _ = exchange(port, case, source)
            outcome.note(judge(case, responses(data, case.heads), ended))
        except (Broken, ValueError, KeyError, OSError) as cause:
            outcome.note("failed")
            outcome.fault(f"case {number} ({case.kind}): {cause}")


def run(port, pid=None, token=b"", many=MANY, seed=1, connections=CONNECTIONS):
    """Sends all cases, and gives what came of them."""
    outcome, is_over = Outcome(), threading.Event()
    numbers, lock = iter(range(many)), threading.Lock()

    def taken():
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            yield number

    asking = threading.Thread(target=health, args=(port, outcome, is_over), daemon=True)
    asking.start()
    before = descriptors(pid) if pid else 0
    workers = [
        threading.Thread(target=work, args=(port, seed, token, taken(), outcome, place), daemon=True)
        for place in range(connections)
    ]
    for worker in workers:
        worker.start()
    warm = None
    while any(worker.is_alive() for worker in workers):
        time.sleep(0.1)
        if pid and warm is None and outcome.requests >= many / 10:
            warm = memory(pid)
    is_over.set()
    asking.join()
    if pid:
        check_process(pid, before, warm, outcome)
    return outcome


def check_process(pid, before, warm, outcome):
    """That nothing is left of all those connections."""
    try:
        deadline = time.monotonic() + PATIENT_BOUND
        while descriptors(pid) > before + DESCRIPTORS and time.monotonic() < deadline:
            time.sleep(0.1)
        left, now = descriptors(pid) - before, memory(pid)
    except OSError:
        outcome.fault("the server is gone")
        return
    if left > DESCRIPTORS:
        outcome.fault(f"{left} connections are left")
    if warm and now > warm + GROWTH:
        outcome.fault(f"memory grew from {warm:.0f} to {now:.0f} MB")


def told(outcome):
    """How the cases were taken, the most frequent first."""
    ways = sorted(outcome.ways.items(), key=lambda one: -one[1])
    return ", ".join(f"{way} {count:,}" for way, count in ways)


def malformed(program, postgres, many=MANY):
    """A scenario of tests/endurance/run."""
    from machinery import Row, say

    url = postgres.database() if postgres else program.sqlite()
    # With little of a cache, what it keeps is no growth.
    server = program.serve(url, "--cache-bytes", "4194304")
    outcome = run(server.port, server.process.pid, program.token.encode(), many)
    say(told(outcome))
    row = Row(f"{many:,} malformed requests", outcome, server)
    # A panic may be in the log as often as a case was sent.
    row.faults = row.faults[:2 * FAULTS_TOLD]
    server.kill()
    program.doctor(url)
    return row


def show(port, seed, number, token):
    case = grammar.case(seed, number, token)
    print(f"{case.kind}, wanted {case.wanted}, before it {case.first}\n{case.data[:4_000]!r}\n")
    data, ended, seconds = exchange(port, case, "127.0.0.1")
    print(f"{data[:4_000]!r}\n{ended} after {seconds:.2f} s")
    print(judge(case, responses(data, case.heads), ended))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("port", type=int)
    parser.add_argument("--pid", type=int, help="the server's process, whose memory is looked at")
    parser.add_argument("--log", type=Path, help="what the server writes its log to")
    parser.add_argument("--token", default="", help="a token that may write")
    parser.add_argument("--requests", type=int, default=MANY)
    parser.add_argument("--connections", type=int, default=CONNECTIONS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, metavar="N", help="send one case, and print it")
    arguments = parser.parse_args()
    token = arguments.token.encode()
    if arguments.show is not None:
        show(arguments.port, arguments.seed, arguments.show, token)
        return 0
    started = time.monotonic()
    outcome = run(
        arguments.port, arguments.pid, token, arguments.requests, arguments.seed, arguments.connections
    )
    took = time.monotonic() - started
    if arguments.log and "panicked" in arguments.log.read_text(errors="replace"):
        outcome.fault(f"something panicked: see {arguments.log}")
    print(f"raw: {told(outcome)}")
    for fault in outcome.faults:
        print(f"FAILED: {fault}")
    cells = (
        f"{arguments.requests:,} malformed requests", "", round(took), f"{outcome.requests:,}",
        outcome.failed or "nothing", f"{outcome.worst * 1_000:.0f}",
        round(memory(arguments.pid)) if arguments.pid and Path(f"/proc/{arguments.pid}").exists() else "",
    )
    print("| " + " | ".join(str(cell) for cell in cells) + " |")
    return 1 if outcome.failed else 0


if __name__ == "__main__":
    sys.exit(main())
