"""What a JSON Schema can't say of a good request, put right before it is sent.

Bad requests (mode negative) go out as they were made up. Of good ones, half and more are about things
that are there, so that they get further than a 404.
"""

import random
import re
import unicodedata
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

import requests
import schemathesis

# Parameters that are words parted by commas, each of which may be named once.
WORDS = ("fields", "include", "body", "facets", "networks", "status")
# Parameters that are slugs, of at most 120 characters each.
SLUGS = ("category", "tag", "author", "exclude_category", "exclude_tag", "exclude_author", "slugs")
# Made-up blocks of Portable Text hardly ever mean anything.
BLOCKS = [
    [{"_type": "block", "_key": "a", "children": [{"_type": "span", "text": "Words."}]}],
    [
        {"_type": "block", "_key": "a", "style": "h2", "children": [{"text": "A heading"}]},
        {"_type": "divider", "_key": "b"},
        {"_type": "code", "_key": "c", "code": "let x = 1;", "language": "rust"},
        {"_type": "image", "_key": "d", "url": "https://images.example.com/d.jpg", "alt": "A pier"},
    ],
    [
        {
            "_type": "block", "_key": "a", "listItem": "bullet", "level": 2,
            "children": [{"text": "A "}, {"text": "link", "marks": ["l", "strong"]}],
            "markDefs": [{"_type": "link", "_key": "l", "href": "https://example.com/"}],
        },
    ],
]
ADDRESS = "https://example.com/a"
ARTICLES = "/articles/"

chance = random.Random(1)
known = {}


def slugs(case, kind, fresh=False):
    """Slugs of what there is of a kind: now, or as it was when it was first asked for."""
    if fresh or kind not in known:
        base = case.operation.schema.get_base_url().rstrip("/")
        answer = requests.get(f"{base}/v1/{kind}", params={"limit": 20}, timeout=20)
        known[kind] = [item["slug"] for item in answer.json()["data"]]
    return known[kind]


def roots(case):
    """Slugs of categories that lie in no other."""
    base = case.operation.schema.get_base_url().rstrip("/")
    answer = requests.get(f"{base}/v1/categories", params={"limit": 100}, timeout=20)
    return [item["slug"] for item in answer.json()["data"] if item["parent"] is None]


def ahead():
    return (datetime.now(timezone.utc) + timedelta(days=chance.randrange(1, 99))).isoformat()


def is_web_address(text):
    """What the pattern `^https?://` lets through is no address yet."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and re.fullmatch(r"[a-z0-9.-]+", parts.hostname or "")
    except ValueError:
        return False


def shown(text):
    """A text with a character that shows, as names and titles must have one."""
    if not isinstance(text, str) or any(unicodedata.category(sign)[0] in "LNPS" for sign in text):
        return text
    return "A name"


@schemathesis.hook
def before_call(context, case, kwargs):
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if case.path_parameters:
        mend_path(case)
    if case.query:
        mend_query(case)
    if case.headers:
        mend_headers(case.headers)
    if isinstance(case.body, dict):
        mend_body(case)


def mend_headers(headers):
    if "Idempotency-Key" in headers:
        headers["Idempotency-Key"] = f"key-{chance.getrandbits(64):x}"
    # A state that was made up is never the one of the thing.
    if "If-Match" in headers and chance.random() < 0.7:
        headers["If-Match"] = "*"


def mend_path(case):
    path, is_delete = case.operation.path, case.operation.method.upper() == "DELETE"
    # What is deleted could be asked for no more.
    if "key" in case.path_parameters and not is_delete and chance.random() < 0.7:
        kind = re.match(r"/(?:v1|feeds)/([a-z]+)/", path)[1]
        case.path_parameters["key"] = chance.choice(slugs(case, kind))
    if "/revisions/" in path and chance.random() < 0.7:
        for name in ("number", "from", "to"):
            if name in case.path_parameters:
                case.path_parameters[name] = 1


def mend_query(case):
    query = case.query
    # Cursors come from answers; and a page has a number or a cursor.
    query.pop("cursor", None)
    for name in WORDS:
        if isinstance(query.get(name), str):
            words = list(dict.fromkeys(query[name].split(",")))
            query[name] = "none" if "none" in words else ",".join(words)
    for name in SLUGS:
        if isinstance(query.get(name), str):
            query[name] = ",".join(slug[:120].strip("-") for slug in query[name].split(","))
    # Relevance to what?
    if query.get("sort") == "relevance" and not query.get("q"):
        del query["sort"]
    # What takes the place of a name is there itself.
    query.pop("move_to", None)
    if "url" in query and not is_web_address(query["url"]):
        query["url"] = ADDRESS
    if "path" in query and chance.random() < 0.5:
        query["path"] = ARTICLES + chance.choice(slugs(case, "articles"))


def mend_body(case):
    body, path = case.body, case.operation.path
    articles = body.get("articles", [body])
    for article in articles if isinstance(articles, list) else []:
        if isinstance(article, dict):
            mend_article(article)
    if "name" in body:
        body["name"] = shown(body["name"])
    # It is a parameter too, and both must say the same.
    body.pop("atomic", None)
    if "at" in body:
        body["at"] = ahead()
    if path.endswith("/related-pins"):
        # Pins are articles that are there, not the one itself, and none of them is excluded as well.
        others = slugs(case, "articles", fresh=True)
        others = [slug for slug in others if slug != case.path_parameters["key"]]
        body["pins"] = [chance.choice(others)]
        body["exclusions"] = []
    if body.get("parent") is not None:
        # No category lies below itself, nor more than eight levels deep.
        is_new = case.operation.method.upper() == "POST"
        body["parent"] = chance.choice(roots(case)) if is_new else None
    if body.get("avatar") and not is_web_address(body["avatar"]):
        body["avatar"] = ADDRESS


def mend_article(article):
    for member in ("title", "category"):
        if member in article:
            article[member] = shown(article[member])
    for member in ("authors", "tags"):
        if isinstance(article.get(member), list):
            article[member] = [shown(name) for name in article[member]]
    if article.get("canonical_url") and not is_web_address(article["canonical_url"]):
        article["canonical_url"] = ADDRESS
    image = article.get("image")
    if isinstance(image, dict) and not is_web_address(image.get("url", "")):
        image["url"] = ADDRESS
    # What is scheduled lies ahead, and all else behind; of what is there, either may be.
    if article.get("status") == "scheduled":
        article["published_at"] = ahead()
    elif article.get("published_at") and article.get("status"):
        article["published_at"] = "2025-08-09T12:00:00Z"
    else:
        article.pop("published_at", None)
    content = article.get("body")
    if isinstance(content, dict):
        for form in ("html", "markdown", "text"):
            # A body that has no text is none.
            if isinstance(content.get(form), str):
                content[form] = f"Words.\n\n{content[form]}"
        if "blocks" in content:
            content["blocks"] = chance.choice(BLOCKS)


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """A preference that is not understood is passed over (RFC 7240 section 2), and is no bad request."""
    data = getattr(getattr(case.meta, "phase", None), "data", None)
    return getattr(data, "parameter", None) != "Prefer" or response.status_code >= 400
