"""Writes what the dashboard asks for as rules, for promtool to read: exprs.py DASHBOARD"""

import json
import sys

# What Grafana puts in place of its variables.
VARIABLES = {"$__rate_interval": "1m", "$job": ".*", "$instance": ".*"}

with open(sys.argv[1], encoding="utf-8") as file:
    dashboard = json.load(file)
asked = [query["expr"] for panel in dashboard["panels"] for query in panel.get("targets", [])]
asked += [query["expr"] for query in dashboard["annotations"]["list"]]
print("groups:\n  - name: dashboard\n    rules:")
for number, expr in enumerate(asked):
    for name, value in VARIABLES.items():
        expr = expr.replace(name, value)
    print(f"      - record: asked_{number}\n        expr: {json.dumps(expr)}")
