"""Requests that are no HTTP, or only almost: made up from a seed, each the same whenever it is made."""

import random

# What a case may be answered with, as well as a connection that is closed in good order.
REFUSED = "refused"  # 4xx, 501 or 505: no part of it may be done
ANY = "any"  # whatever a good server makes of it, but no 5xx

ARTICLE = "/v1/articles/electric-ferry-sandpiper-begins-trials"
READ = [
    "/v1/articles?limit=1",
    ARTICLE,
    f"{ARTICLE}/related",
    "/v1/search?q=ferry",
    "/v1/tags?limit=2",
    "/feeds/articles.rss?limit=1",
    "/healthz",
]
HOST = b"Host: x\r\n"
NAUGHTY = [
    b"\0", b"\x01", b"\x0b", b"\x0c", b"\x1b[2J", b"\x7f", b"\x80", b"\xff", b"\xc0\xaf", b"\xc1\x81",
    b"\xe0\x80\xaf", b"\xf0\x80\x80\xaf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf4\x90\x80\x80",
    b"\xf8\x88\x80\x80\x80", b"\xe2\x80\xae", b"\xef\xbb\xbf", b"\xc2\x85", b"\xe2\x80\xa8", b"\r", b"\n",
    b"\t", b" ", b"\r\n ", b"%00", b"%", b"%zz", b"%C0%AF", b"%ED%A0%80", b"..%2f", b"\\", b"\"", b"<",
]


class Case:
    """Bytes to send, and what is known of their answers."""

    def __init__(self, data, wanted=ANY, first=None, most=None, heads=(), stays_open=False):
        self.data = data
        self.wanted = wanted
        # Statuses of the answers that come before the one that is looked at.
        self.first = first or []
        # Answers, at most.
        self.most = most
        # Which of the requests, from 0, are HEAD: their answers have no body.
        self.heads = heads
        # Whether the client goes on to hold its end open.
        self.stays_open = stays_open
        self.kind = ""


def path(rng):
    return rng.choice(READ).encode()


def get(rng, more=b""):
    return b"GET " + path(rng) + b" HTTP/1.1\r\n" + HOST + more + b"\r\n"


def junk(rng, most=64):
    return bytes(rng.randrange(256) for _ in range(rng.randrange(1, most)))


def post(length, body, more=b""):
    return (
        b"POST /v1/tags HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n" + more
        + length + b"\r\n" + body
    )


def request_line(rng, _token):
    target, end = path(rng), b"\r\n" + HOST + b"\r\n"
    bad = rng.choice(NAUGHTY)
    lines = [
        b"GET", b"GET ", b"GET  ", b" GET " + target + b" HTTP/1.1", b"GET " + target,
        b"GET  " + target + b"  HTTP/1.1", b"GET\t" + target + b"\tHTTP/1.1",
        b"GET " + target + b" HTTP/1.1 x", b"G" + bad + b"ET " + target + b" HTTP/1.1",
        b"get " + target + b" HTTP/1.1", b"(){} " + target + b" HTTP/1.1",
        b"GET " + target + bad + b"x HTTP/1.1", b"GET " + bad + b" HTTP/1.1", b"GET x HTTP/1.1",
        b"GET " + target + b"?" + bad + b"=1 HTTP/1.1", b"GET " + target + b"#part HTTP/1.1",
        b"X" * rng.choice([9, 100, 9_000]) + b" " + target + b" HTTP/1.1",
        b"HTTP/1.1 200 OK", b"200 OK", b": x", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + junk(rng),
        b"SSH-2.0-x", b"PRI * HTTP/2.0\r\n\r\nSM", junk(rng),
    ]
    return Case(rng.choice(lines) + end)


def version(rng, _token):
    word = rng.choice([
        b"HTTP/0.9", b"HTTP/1", b"HTTP/1.", b"HTTP/1.2", b"HTTP/1.11", b"HTTP/2.0", b"HTTP/3", b"HTTP/9.9",
        b"HTTP/11", b"HTTP/-1.1", b"HTTP/1,1", b"http/1.1", b"HTTPS/1.1", b"ICY/1.1", b"HTTP/1.1\0",
        b"HTTP/\xc0\xb1.1", b"HTTP/1.1.1", b"1.1", b"HTTP",
    ])
    return Case(b"GET " + path(rng) + b" " + word + b"\r\n" + HOST + b"\r\n", REFUSED)


def target(rng, _token):
    word = rng.choice([
        b"*", b"http://", b"http:///", b"http://x", b"http://x/healthz", b"http://a@b:99999/healthz",
        b"http://[::1/healthz", b"http://[::1]:/healthz", b"https://x/healthz", b"ftp://x/healthz",
        b"//x/healthz", b"//", b"///", b"/./healthz", b"/../healthz", b"/%2e%2e/healthz", b"/healthz/..",
        b"x:80", b"x", b"?q=1", b"#", b"/" + b"a/" * 4_000, b"/v1/articles/" + b"%2F" * 900,
        b"/v1/articles?" + b"&" * 3_000, b"/v1/articles?" + b"a=1&" * 500, b"/v1/articles?cursor=" + b"A" * 2_500,
        b"/v1/articles/%00", b"/v1/articles/%", b"/v1/articles/%f", b"/v1/articles/%FF", b"/v1/articles/%C0%80",
        b"/v1/articles/%ED%A0%80", b"/v1/articles/%E2%80%AE", b"/v1/articles/%F0%9F%A6%80",
    ])
    method = rng.choice([b"GET", b"GET", b"HEAD", b"OPTIONS", b"POST", b"CONNECT", b"TRACE", b"DELETE"])
    return Case(method + b" " + word + b" HTTP/1.1\r\n" + HOST + b"\r\n", heads=(0,) if method == b"HEAD" else ())


def connect(rng, _token):
    host = rng.choice([b"x:80", b"127.0.0.1:22", b"[::1]:80", b"x", b":", b"x:99999", b"http://x/"])
    tail = rng.choice([b"", b"\x16\x03\x01", b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"])
    return Case(b"CONNECT " + host + b" HTTP/1.1\r\nHost: x\r\n\r\n" + tail, REFUSED if not tail else ANY)


def header_name(rng, _token):
    bad = rng.choice(NAUGHTY)
    line = rng.choice([
        b": x", b" : x", b"no colon", b"X Y: x", b"X : x", b"\tX: x", b"X" + bad + b"Y: x", bad + b"X: x",
        b"\xc3\xa9: x", b"X(Y): x", b"{}: x", b"X" * 70_000 + b": x", b"", b"\r", b"@: x", b"Host : y",
    ])
    return Case(get(rng, line + b"\r\n"))


def header_value(rng, _token):
    name = rng.choice([
        b"X", b"Host", b"Accept", b"Accept-Encoding", b"If-None-Match", b"If-Match", b"If-Modified-Since",
        b"Range", b"Origin", b"X-Request-Id", b"Authorization", b"Content-Type", b"Connection", b"Cookie",
        b"X-Forwarded-For", b"Accept-Language", b"Prefer", b"Idempotency-Key", b"Content-Encoding", b"Via",
        b"Access-Control-Request-Method", b"TE", b"Trailer", b"Upgrade", b"Expect", b"Forwarded",
    ])
    values = [rng.choice(NAUGHTY) for _ in range(rng.randrange(1, 5))] + [
        rng.choice([b"", b",", b";", b"=", b"\"", b"*", b"q=", b"W/", b"bytes=", b"a", b"0", b"-1", b"1e999"])
        for _ in range(rng.randrange(1, 8))
    ]
    rng.shuffle(values)
    value = b"".join(values) * rng.choice([1, 1, 1, 3, 200])
    lines = (name + b": " + value + b"\r\n") * rng.choice([1, 1, 1, 2, 30])
    return Case(get(rng, lines))


def line_ends(rng, _token):
    lines = [b"GET " + path(rng) + b" HTTP/1.1", b"Host: x", b"X: y", b""]
    rng_ends = [b"\r\n", b"\n", b"\r", b"\r\r\n", b"\n\r", b"\r\n\r", b"\0\r\n", b"\r\0\n", b"\x0b\n"]
    return Case(b"".join(line + rng.choice(rng_ends) for line in lines))


def content_length(rng, _token):
    body = b'{"name": "x"}'
    right = str(len(body)).encode()
    value = rng.choice([
        b"-1", b"+13", b"13,13", b"13, 14", b"13 13", b"0x0d", b"1e1", b"13.0", b"", b" ", b"\t", b"abc",
        b"18446744073709551616", b"99999999999999999999999999", b"9223372036854775808", b"13;", b"\xd9\xa1",
        b"13\0", b"\"13\"", b"--1", b"0013", b"013 ", b"1_3",
    ])
    many = rng.choice([
        b"Content-Length: " + value + b"\r\n",
        b"Content-Length: " + right + b"\r\nContent-Length: " + value + b"\r\n",
        b"Content-Length: 0\r\nContent-Length: " + right + b"\r\n",
        b"Content-Length: " + right + b"\r\nContent-Length: " + right + b"\r\n",
        b"content-length: 5\r\nCONTENT-LENGTH: " + right + b"\r\n",
    ])
    # Nobody may write: it is the framing that is looked at.
    return Case(post(many, body), REFUSED)


def both_lengths(rng, _token):
    hidden = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    coding = rng.choice([
        b"chunked", b"Chunked", b" chunked", b"chunked ", b"chunked, identity", b"identity, chunked",
        b"identity", b"gzip", b"gzip, chunked", b"chunked, chunked", b"xchunked", b"chunkedx", b"\x0bchunked",
        b"chunked\0", b"\"chunked\"", b"chunked;q=1", b",chunked", b"", b"chun\tked",
    ])
    name = rng.choice([b"Transfer-Encoding", b"transfer-encoding", b"Transfer_Encoding", b"Transfer-Encoding "])
    field = name + b":" + rng.choice([b" ", b"", b"\t"]) + coding + b"\r\n"
    length = b"Content-Length: " + str(rng.choice([0, 3, 5, len(hidden) + 5])).encode() + b"\r\n"
    fields = rng.choice([field + length, length + field, field, field + field, length + field + length])
    # What is hidden behind the end of one framing must not be answered as if another client had asked
    # for it; so whatever two servers could frame in two ways is refused (RFC 9112 section 6.1).
    is_plain = fields == field and coding.strip().lower() == b"chunked" and not name.endswith(b" ")
    is_other = b"_" in name and fields.count(length) < 2
    if is_plain or is_other:
        return Case(post(fields, b"0\r\n\r\n" + hidden), most=2)
    return Case(post(fields, b"0\r\n\r\n" + hidden), REFUSED, most=1)


def hosts(rng, _token):
    line = b"GET " + path(rng)
    if rng.randrange(2):
        many = rng.choice([b"", b"Host: x\r\nHost: y\r\n", b"Host: x\r\nHost: x\r\n", b"Host : x\r\n"])
        return Case(line + b" HTTP/1.1\r\n" + many + b"\r\n", REFUSED)
    bad = rng.choice(NAUGHTY + [b"a b", b"a/b", b"a@b", b"[::1", b"x:99999", b"a,b", b"*", b"", b"http://x"])
    return Case(line + rng.choice([b" HTTP/1.1", b" HTTP/1.0"]) + b"\r\nHost: " + bad + b"\r\n\r\n")


def chunks(rng, token):
    body = rng.choice([
        b"-1\r\nx\r\n", b"g\r\n", b"0x1\r\nx\r\n", b"ffffffffffffffff\r\nx", b"fffffffffffffffff\r\nx",
        b"10000000000000000\r\n", b"5\r\nabc\r\n0\r\n\r\n", b"3\r\nabcde\r\n0\r\n\r\n", b"3\nabc\n0\n\n",
        b"3\rabc\r0\r\r", b"\r\n3\r\nabc\r\n", b" 3\r\nabc\r\n0\r\n\r\n", b"3 \r\nabc\r\n0\r\n\r\n",
        b"3;a=\x01\r\nabc\r\n0\r\n\r\n", b"3;" + b"x" * 70_000 + b"\r\nabc\r\n0\r\n\r\n",
        b"3\r\nabc0\r\n\r\n", b"3\r\nabc\r\n0\r\nX: y", b"0\r\nX\0: y\r\n\r\n", b"0\r\n" + b"X: y\r\n" * 900 + b"\r\n",
        b"1\r\nx\r\n" * 3_000 + b"0\r\n\r\n", b"00000000000000000003\r\nabc\r\n0\r\n\r\n", b"+3\r\nabc\r\n0\r\n\r\n",
        b"3,\r\nabc\r\n", b"\0\r\n", b"\xef\xbc\x93\r\nabc\r\n0\r\n\r\n", junk(rng),
    ])
    # Half of them have a token: else nobody reads the body.
    more = rng.choice([b"", b"Authorization: Bearer " + token + b"\r\n"])
    return Case(post(b"Transfer-Encoding: chunked\r\n", body, more), REFUSED)


def oversized(rng, token):
    kind = rng.randrange(6)
    if kind == 0:
        return Case(b"GET /v1/articles?q=" + b"a" * rng.choice([8_300, 20_000, 70_000]) + b" HTTP/1.1\r\n"
                    + HOST + b"\r\n", REFUSED)
    if kind == 1:
        return Case(get(rng, b"X: " + b"a" * rng.choice([140_000, 300_000]) + b"\r\n"), REFUSED)
    if kind == 2:
        return Case(get(rng, b"".join(b"X%d: y\r\n" % n for n in range(rng.choice([97, 200, 3_000])))))
    body = b'{"name": "' + b"a" * rng.choice([300_000, 600_000]) + b'"}'
    more = b"Authorization: Bearer " + token + b"\r\n"
    if kind == 3:
        return Case(post(b"Content-Length: %d\r\n" % len(body), body, more), REFUSED)
    if kind == 4:
        return Case(post(b"Content-Length: 99999999999\r\n", body[:1_000], more), REFUSED)
    return Case(post(b"Transfer-Encoding: chunked\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body), more), REFUSED)


def truncated(rng, token):
    whole = rng.choice([
        get(rng, b"Accept: */*\r\nX: y\r\n"),
        post(b"Content-Length: 40\r\n", b'{"name": "cut off before its en'),
        post(b"Transfer-Encoding: chunked\r\n", b"20\r\n{\"name\""),
        post(b"Content-Length: 40\r\n", b'{"name": "cut off', b"Authorization: Bearer " + token + b"\r\n"),
        post(b"Expect: 100-continue\r\nContent-Length: 40\r\n", b"", b"Authorization: Bearer " + token + b"\r\n"),
    ])
    # One in so many waits for the server to lose patience; the others hang up.
    stays_open = rng.randrange(40) == 0
    cut = len(whole) if stays_open and whole.startswith(b"POST") else rng.randrange(len(whole))
    return Case(whole[:cut], stays_open=stays_open)


def pipelined(rng, token):
    # A HEAD among them: the answer behind it must not be framed like its own.
    goods, heads = [], []
    for number in range(rng.randrange(1, 5)):
        method = rng.choice([b"GET", b"GET", b"HEAD"])
        heads += [number] if method == b"HEAD" else []
        goods.append(method + b" " + path(rng) + b" HTTP/1.1\r\n" + HOST + b"\r\n")
    one = rng.choice([request_line, version, header_name, line_ends, content_length, chunks, garbage])
    bad = one(rng, token)
    return Case(b"".join(goods) + bad.data, bad.wanted, [200] * len(goods), heads=tuple(heads))


def garbage(rng, _token):
    return Case(rng.choice([
        junk(rng, 2_000), b"\r\n" * rng.randrange(1, 50), b"\0" * rng.randrange(1, 500), b"\n", b"\r",
        b"A" * rng.choice([10, 10_000, 200_000]), b" \r\n\r\n", b"\x80" * 300, b"{}", b"<?xml version=\"1.0\"?>",
    ]))


def json_bodies(rng, token):
    body = rng.choice([
        b"", b"{", b"[" * 200_000, b'{"a":' * 60_000, b'{"name": "\xc0\xaf"}', b'{"name": "\xed\xa0\x80"}',
        b'{"name": "\\ud800"}', b'{"name": "\\udc00\\ud800"}', b'{"name": "a\\u0000b"}', b'{"name": "a\0b"}',
        b'{"name": 1e999}', b'{"name": -}', b'{"name": "x", "name": "y"}', b"\xef\xbb\xbf{}", b"nul", b"NaN",
        b'{"name": "x"} x', b"\xff\xfe{\0}\0", b'{"name": ' + b"9" * 50_000 + b"}", b'"' + b"\\" * 999, junk(rng, 400),
        b'{"' + b"k" * 90_000 + b'": 1}', b'{"name": []}', b'{"name": "\\u202egnp.x"', b"{'name': 1}", b'{"name": "x",}',
        b'{"a\\u0000b": 1, "name": "x"}',
    ])
    more = b"Authorization: Bearer " + token + b"\r\n"
    return Case(post(b"Content-Length: %d\r\n" % len(body), body, more), REFUSED)


def tokens(rng, token):
    word = rng.choice([
        b"", b"Bearer", b"Bearer ", b"bearer " + junk(rng).replace(b"\r", b"").replace(b"\n", b""), b"Basic eDp5",
        b"Bearer a.b.c", b"Bearer ..", b"Bearer " + token + b"x", b"Bearer " + token[:-1], b"Bearer " + token[3:],
        b"Bearer " + b"a" * 9_000, b"Bearer eyJhbGciOiJub25lIn0.e30.", b"Bearer \xff.\xff.\xff", b"Token " + token,
        b"Bearer " + token.swapcase(), b"Bearer " + token + b", Bearer " + token,
    ])
    line = b"Authorization: " + word + b"\r\n"
    return Case(get(rng, line * rng.choice([1, 1, 2])))


def half_closed(rng, _token):
    """A client that sends all it has to say, and then its end: it is still to be answered."""
    return Case(get(rng), first=[200])


def mutated(rng, token):
    whole = bytearray(rng.choice([
        get(rng, b"Accept-Encoding: gzip, br\r\nIf-None-Match: \"x\"\r\n"),
        post(b"Content-Length: 13\r\n", b'{"name": "x"}'),
        post(b"Transfer-Encoding: chunked\r\n", b"d\r\n{\"name\": \"x\"}\r\n0\r\n\r\n"),
        get(rng, b"Authorization: Bearer " + token + b"\r\n"),
        b"OPTIONS /v1/tags HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nAccess-Control-Request-Method: GET\r\n\r\n",
    ]))
    for _ in range(rng.randrange(1, 8)):
        at = rng.randrange(len(whole) + 1)
        kind = rng.randrange(5)
        if kind == 0 and at < len(whole):
            whole[at] ^= 1 << rng.randrange(8)
        elif kind == 1:
            whole[at:at] = rng.choice(NAUGHTY)
        elif kind == 2:
            del whole[at:at + rng.randrange(1, 9)]
        elif kind == 3:
            whole[at:at] = whole[max(0, at - rng.randrange(1, 30)):at]
        elif at < len(whole):
            whole[at] = rng.randrange(256)
    return Case(bytes(whole))


KINDS = [
    request_line, version, target, connect, header_name, header_value, line_ends, content_length, both_lengths,
    hosts, chunks, oversized, truncated, pipelined, garbage, json_bodies, tokens, half_closed, mutated, mutated, mutated,
]


def case(seed, number, token):
    """The case of this number; always the same for a seed and a token."""
    rng = random.Random(f"{seed} {number}")
    kind = rng.choice(KINDS)
    made = kind(rng, token)
    made.kind = kind.__name__
    return made
