"""Helm's own engine on a chart, in a process of its own: `python rendering.py CHART`, values as JSON on standard input.

Prints `{"lint": [...], "files": {name: text}}`, or `{"wrong": sentence}` where the values are refused.
"""

import json
import sys

import helm_python as helm

chart, values = sys.argv[1], json.load(sys.stdin)
try:
    with helm.Chart.load(chart) as loaded:
        loaded.validate_schema(values)
        files = loaded.render(values, name="demo", namespace="routers")
    print(json.dumps({"lint": helm.lint(chart)["messages"], "files": files}))
except helm.HelmValuesError as wrong:
    print(json.dumps({"wrong": str(wrong)}))
