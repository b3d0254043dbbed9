#!/usr/bin/env python3
"""Requests over raw sockets, as cheap as Python has them: each is made once, and of the answers only
the heads are read. It is a process of its own, so that it neither waits for others nor they for it; but
it shares the cores of the machine with the server, and takes from it what it takes.

    generator.py PORT OPTIONS    # a JSON object, as the functions below have them

Prints a JSON object.
"""

import json
import random
import select
import socket
import struct
import sys
import time
from collections import Counter

# Seconds that answers may take after the last request.
PATIENCE = 15
# Linux tells when bytes have come, on the clock of the day. So how long this process lets them lie,
# while it sends to others, is not taken for the server's time.
SO_TIMESTAMPNS = 35
WHEN = struct.Struct("@ll")
CONTROL = socket.CMSG_SPACE(WHEN.size)
DAY = time.time() - time.monotonic()


def percentiles(times):
    """In milliseconds."""
    times = sorted(times)

    def at(share):
        return times[int((len(times) - 1) * share)] * 1_000 if times else 0.0

    return {"count": len(times), "p50": at(0.5), "p99": at(0.99), "worst": at(1)}


def field(head, name):
    """The value of a header field; `head` is in small letters."""
    begin = head.find(b"\r\n" + name + b":")
    if begin < 0:
        return None
    begin += len(name) + 3
    return head[begin:head.find(b"\r\n", begin)].strip()


class Connection:
    __slots__ = ("socket", "sent", "came", "head", "left", "status", "is_last", "tells_when")


class Generator:
    def __init__(self, port, request, connections):
        self.port, self.request = port, request.encode()
        self.poll = select.epoll()
        self.known, self.idle = {}, []
        self.answers = []
        self.broken = self.unsent = self.in_flight = 0
        self.late = []
        for _ in range(connections):
            self.connect()
        self.started = time.monotonic()

    def connect(self):
        connection = Connection()
        connection.socket = socket.create_connection(("127.0.0.1", self.port))
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        connection.socket.setblocking(False)
        connection.sent = None
        number = connection.socket.fileno()
        self.known[number] = connection
        self.idle.append(connection)
        self.poll.register(number, select.EPOLLIN)

    def drop(self, connection):
        """It has ended; another takes its place."""
        if connection.sent is not None:
            self.broken += 1
            self.in_flight -= 1
        else:
            self.idle.remove(connection)
        number = connection.socket.fileno()
        self.poll.unregister(number)
        del self.known[number]
        connection.socket.close()
        self.connect()

    def send(self):
        if not self.idle:
            self.unsent += 1
            return
        connection = self.idle.pop()
        connection.sent, connection.head, connection.left = time.monotonic(), b"", None
        self.in_flight += 1
        try:
            connection.socket.send(self.request)
        except OSError:
            self.drop(connection)

    def take(self, connection):
        """Reads what has come; whether the answer is whole with it."""
        try:
            data, told, _, _ = connection.socket.recvmsg(262_144, CONTROL)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data or connection.sent is None:
            self.drop(connection)
            return False
        connection.came = time.monotonic()
        for _, kind, when in told:
            if kind == SO_TIMESTAMPNS:
                seconds, nanoseconds = WHEN.unpack(when)
                connection.came = seconds + nanoseconds / 1e9 - DAY
        if connection.left is not None:
            connection.left -= len(data)
            return connection.left <= 0
        connection.head += data
        end = connection.head.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = connection.head[:end + 2].lower()
        connection.status = int(head[9:12])
        connection.is_last = field(head, b"connection") == b"close"
        connection.tells_when = field(head, b"retry-after") is not None
        length = int(field(head, b"content-length") or 0)
        connection.left = end + 4 + length - len(connection.head)
        return connection.left <= 0

    def receive(self, seconds):
        """Waits so long for answers; gives the connections that are free again."""
        free = []
        for number, _ in self.poll.poll(max(seconds, 0)):
            connection = self.known.get(number)
            if connection is None or not self.take(connection):
                continue
            took = connection.came - connection.sent
            at = connection.sent - self.started
            self.answers.append((at, took, connection.status, connection.tells_when))
            self.in_flight -= 1
            connection.sent = None
            self.idle.append(connection)
            if connection.is_last:
                self.drop(connection)
            else:
                free.append(connection)
        return free

    def drain(self):
        """Seconds until there was an answer to everything."""
        began = time.monotonic()
        while self.in_flight and time.monotonic() < began + PATIENCE:
            self.receive(0.1)
        return time.monotonic() - began

    def told(self, seconds, drained):
        """What came of it; `soon` is without the first second."""
        statuses = Counter(str(status) for _, _, status, _ in self.answers)

        def of(status, since=0):
            return percentiles(
                [took for at, took, known, _ in self.answers if known == status and at >= since]
            )

        return {
            "seconds": seconds, "drained": drained, "hanging": self.in_flight,
            "answers": len(self.answers), "statuses": statuses, "broken": self.broken,
            "unsent": self.unsent, "late": percentiles(self.late),
            "accepted": of(200), "refused": of(503), "refused_soon": of(503, 1),
            "without_retry_after": sum(
                1 for _, _, status, tells in self.answers if status == 503 and not tells
            ),
        }


def closed(port, request, connections, seconds):
    """Each client asks again when it was answered."""
    generator = Generator(port, request, connections)
    until = generator.started + seconds
    for _ in range(connections):
        generator.send()
    while time.monotonic() < until:
        generator.receive(0.1)
        while generator.idle:
            generator.send()
    return generator.told(seconds, generator.drain())


def open_loop(port, request, connections, seconds, rate):
    """Requests come when they come, whatever became of those before: so many a second, by chance."""
    generator, chance = Generator(port, request, connections), random.Random(7)
    due, until = generator.started, generator.started + seconds
    while due < until:
        now = time.monotonic()
        while due <= now and due < until:
            generator.late.append(now - due)
            generator.send()
            due += chance.expovariate(rate)
        generator.receive(due - time.monotonic())
    return generator.told(seconds, generator.drain())


def address(number):
    """One of some 16 million clients; each second one has IPv6, and a network of its own."""
    if number % 2:
        return f"2001:db8:{number >> 16:x}:{number & 0xffff:x}::1"
    return f"11.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def addresses(port, path, first, many, is_one=False, connections=4, pipelined=100):
    """Requests that a proxy passes on, each from another client (or all from the first), sent ahead of
    their answers. These must have no body, but for problems: they are told apart by their beginnings."""
    sockets = [socket.create_connection(("127.0.0.1", port)) for _ in range(connections)]
    begin = f"GET {path} HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\nX-Forwarded-For: "
    statuses, worst, number, started = Counter(), 0.0, first, time.monotonic()
    while number < first + many:
        waited = {}
        for one in sockets:
            until = min(number + pipelined, first + many)
            clients = (first if is_one else client for client in range(number, until))
            one.sendall("".join(f"{begin}{address(client)}\r\n\r\n" for client in clients).encode())
            waited[one], number = until - number, until
        sent = time.monotonic()
        for one, count in waited.items():
            statuses.update(beginnings(one, count))
        worst = max(worst, time.monotonic() - sent)
    for one in sockets:
        one.close()
    seconds = time.monotonic() - started
    return {"seconds": seconds, "statuses": statuses, "worst": worst * 1_000}


def beginnings(one, count):
    """Statuses of so many answers."""
    one.settimeout(PATIENCE)
    mark, found, rest = b"HTTP/1.1 ", Counter(), b""
    while count:
        data = one.recv(262_144)
        if not data:
            found["broken"] += count
            break
        parts = (rest + data).split(mark)
        # What may be part of a beginning, or its status, waits for what comes next.
        for part in parts[1:-1]:
            found[part[:3].decode()] += 1
            count -= 1
        last = parts[-1]
        if len(parts) > 1 and len(last) >= 3:
            found[last[:3].decode()] += 1
            count -= 1
            rest = last[3:][-len(mark):]
        elif len(parts) > 1:
            rest = mark + last
        else:
            rest = last[-len(mark):]
    return found


KINDS = {"closed": closed, "open": open_loop, "addresses": addresses}


def main():
    options = json.loads(sys.argv[2])
    made = KINDS[options.pop("kind")](int(sys.argv[1]), **options)
    print(json.dumps(made))


if __name__ == "__main__":
    main()
