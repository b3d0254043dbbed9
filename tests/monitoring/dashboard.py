"""Reads the dashboard by Grafana's own types, and says what they do not know of it: dashboard.py FILE"""

import json
import re
import sys

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

# What Grafana writes into every dashboard that it saves, and has left out of the published types.
LEFT_OUT = re.compile(r"/(templating/list/\d+/definition|annotations/list/\d+/titleFormat)")


def differences(given, read, path=""):
    """Places where what was read is not what was given."""
    if isinstance(given, dict) and isinstance(read, dict):
        for name, value in given.items():
            yield from differences(value, read.get(name), f"{path}/{name}")
    elif isinstance(given, list) and isinstance(read, list) and len(given) == len(read):
        for number, (one, other) in enumerate(zip(given, read)):
            yield from differences(one, other, f"{path}/{number}")
    elif given != read and not LEFT_OUT.fullmatch(path):
        yield path


plugins.register_default_plugins()
with open(sys.argv[1], encoding="utf-8") as file:
    given = json.load(file)
read = json.loads(JSONEncoder(sort_keys=True).encode(Dashboard.from_json(given)))
unknown = list(differences(given, read))
for place in unknown:
    print(f"the dashboard has {place}, which Grafana does not know so")
if unknown:
    sys.exit(1)
print(f"Grafana's types know all of the dashboard: {len(given['panels'])} panels")
