"""Hours in small: readers and writers at a time, for as long as one likes."""

import itertools
import os
import random
import threading
import time

from machinery import Client, Load, Row, ask, say
from scenarios import BOTH, READ, Scenario, unkept, url_of

READERS, WRITERS = 6, 2
# Articles that a writer has at a time: what is stored grows, what is published does not.
OWN = 50
WORDS = "harbour ferry morning council bridge winter market school river tunnel budget museum".split()
# From then on, memory is flat: megabytes that it may rise by till the end, and the share.
WARM, RISE, SHARE = 300, 10, 0.05
# Of a short run a third is for getting warm, and more for what still fills.
SHORT, RISE_IF_SHORT = 900, 40
# So many answers that nobody asked for before are asked for till the cache grows no more by the share.
PORTION, GROWS, PORTIONS = 4_000, 1.02, 25
# Descriptors that a server may open for files of its own meanwhile.
FILES = 20


class Writer:
    """Makes articles, changes and deletes them, and reads each time what stands there."""

    def __init__(self, server, token, name):
        self.name = name
        self.client = Client([server.port], True, token)
        self.reader = Client([server.port], True)
        self.chance = random.Random(name)
        self.numbers = itertools.count()
        # What was acknowledged: the version of each article, and what is deleted.
        self.articles, self.deleted = {}, []

    def members(self, slug, version):
        words = " ".join(self.chance.choices(WORDS, k=120))
        return {"title": f"{slug} version {version}", "body": {"text": words.capitalize() + "."}}

    def work(self, load):
        if len(self.articles) < OWN:
            self.make(load)
        elif self.chance.random() < 0.2:
            self.delete(load)
        else:
            self.change(load)
        time.sleep(0.02)

    def make(self, load):
        slug = f"soak-{self.name}-{next(self.numbers)}"
        body = {
            "slug": slug, "status": "published", "category": "Soak",
            "tags": [self.chance.choice(WORDS)], **self.members(slug, 1),
        }
        answer = self.client.ask("POST", "/v1/articles", body)
        load.expect(answer, 201, what="making an article")
        if answer.status == 201:
            self.articles[slug] = 1
            self.read(load, slug)

    def change(self, load):
        slug = self.chance.choice(list(self.articles))
        version = self.articles[slug] + 1
        path = f"/v1/articles/{slug}"
        answer = self.client.ask("PATCH", path, self.members(slug, version), **{"If-Match": "*"})
        load.expect(answer, 200, what="changing an article")
        if answer.status == 200:
            self.articles[slug] = version
            self.read(load, slug)

    def delete(self, load):
        slug = self.chance.choice(list(self.articles))
        answer = self.client.ask("DELETE", f"/v1/articles/{slug}", **{"If-Match": "*"})
        load.expect(answer, 204, what="deleting an article")
        if answer.status == 204:
            del self.articles[slug]
            self.deleted.append(slug)
            load.expect(self.reader.ask("GET", f"/v1/articles/{slug}"), 404, 410, what=slug)

    def read(self, load, slug):
        """As everyone reads it."""
        answer = self.reader.ask("GET", f"/v1/articles/{slug}")
        load.expect(answer, 200, what=slug)
        title = f'"title":"{slug} version {self.articles[slug]}"'
        if answer.status == 200 and title.encode() not in answer.body:
            load.fault(f"{slug} is not of version {self.articles[slug]}")


def read_on(load, server, number):
    client = Client([server.port], number % 2 == 0)
    paths = itertools.cycle(READ + [None, "/v1/articles?category=soak", "/v1/changes?limit=20"])

    def work(load):
        path = next(paths) or unkept()
        load.expect(client.ask("GET", path), 200, what=path)
        time.sleep(0.005)

    load.add(work)


def floors(samples):
    """The least memory in the first third of the time and in the last one. What is lost for good
    raises it; what work takes for a minute and gives back does not."""
    began, ended = samples[0][0], samples[-1][0]
    third = (ended - began) / 3
    first = min(memory for at, memory in samples if at <= began + third)
    last = min(memory for at, memory in samples if at >= ended - third)
    return first, last


def minutes_set():
    return float(os.environ.get("SOAK_MINUTES", "30"))


def cache_bytes(server):
    figures = ask(server.port, "GET", "/metrics").body.decode()
    return next(float(line.split()[1]) for line in figures.splitlines() if line.startswith("newsstand_cache_bytes "))


def fill(server, load):
    """Fills the cache, which else would grow to its bound for as long as readers ask for what is new."""
    before = 0
    for _ in range(PORTIONS):
        fillers = [threading.Thread(target=fill_some, args=(server, load)) for _ in range(READERS)]
        for filler in fillers:
            filler.start()
        for filler in fillers:
            filler.join()
        now = cache_bytes(server)
        if now < before * GROWS:
            return
        before = now


def fill_some(server, load):
    client = Client([server.port], True)
    for _ in range(PORTION // READERS):
        load.expect(client.ask("GET", unkept()), 200, what="filling the cache")


def soak(program, postgres, minutes=None, flags=()):
    """Readers and writers, for SOAK_MINUTES; memory, descriptors and what is stored are looked at."""
    minutes = minutes_set() if minutes is None else minutes
    url, seconds = url_of(program, postgres), minutes * 60
    server = program.serve(url, *flags)
    load, samples, descriptors = Load(), [], []
    fill(server, load)
    writers = [Writer(server, program.token, str(number)) for number in range(WRITERS)]
    for writer in writers:
        # What readers ask for is there.
        writer.make(load)
        load.add(writer.work)
    for number in range(READERS):
        read_on(load, server, number)
    warm = WARM if seconds >= SHORT else seconds / 3
    began = time.monotonic()
    while time.monotonic() < began + seconds:
        time.sleep(min(5, seconds / 30))
        samples.append((time.monotonic() - began, server.memory()))
        descriptors.append((samples[-1][0], server.descriptors()))
    load.end()
    settled = [sample for sample in samples if sample[0] >= warm]
    every = samples[::max(1, len(samples) // 12)]
    say("memory in MB: " + ", ".join(f"{memory:.0f} at {at:.0f} s" for at, memory in every))
    judge_memory(load, settled, seconds)
    opened = [count for at, count in descriptors if at >= warm]
    if opened[-1] > opened[0] + FILES:
        load.fault(f"descriptors grew from {opened[0]} to {opened[-1]}")
    lost = read_back(server, writers)
    if lost:
        load.fault(f"{len(lost)} acknowledged writes are lost, {lost[0]} among them")
    first, last = floors(settled)
    say(
        f"p50 {load.percentile(0.5):.1f}, p99 {load.percentile(0.99):.1f}, worst {load.worst * 1_000:.0f} "
        f"ms; memory after {warm:.0f} s: at least {first:.0f} MB in the first third of the rest, {last:.0f} "
        f"in the last, {max(memory for _, memory in settled):.0f} at most; "
        f"{sum(len(writer.articles) + len(writer.deleted) for writer in writers):,} articles read back"
    )
    row = Row(f"readers and writers for {minutes:g} minutes", load, server)
    server.kill()
    program.doctor(url)
    return row


def judge_memory(load, settled, seconds):
    first, last = floors(settled)
    allowed = max(RISE if seconds >= SHORT else RISE_IF_SHORT, SHARE * first)
    if last > first + allowed:
        load.fault(f"memory never fell below {last:.0f} MB in the last third, {first:.0f} in the first")


def read_back(server, writers):
    """What is not there as it was acknowledged."""
    lost = []
    for writer in writers:
        for slug, version in writer.articles.items():
            answer = ask(server.port, "GET", f"/v1/articles/{slug}")
            title = f'"title":"{slug} version {version}"'
            if answer.status != 200 or title.encode() not in answer.body:
                lost.append(slug)
        # There may be many, each of which is as good as another.
        for slug in writer.deleted[-1_000:]:
            if ask(server.port, "GET", f"/v1/articles/{slug}").status not in (404, 410):
                lost.append(slug)
    return lost


ALL = {"soak": Scenario(soak, BOTH, minutes=0.75, flags=("--cache-bytes", "8388608"))}
