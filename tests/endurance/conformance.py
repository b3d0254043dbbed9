"""Requests made up from the OpenAPI document: tests/endurance/schemathesis as a scenario."""

import os
import re
import subprocess
from pathlib import Path

from machinery import Failed, Row, say

SCRIPT = Path(__file__).with_name("schemathesis")
EXAMPLES = 20
# It ends then, whatever hangs.
AT_MOST = 25 * 60


class Outcome:
    def __init__(self, requests, faults):
        self.requests, self.faults = requests, faults
        self.worst = 0.0


def schemathesis(program, postgres, examples=EXAMPLES):
    """All of its checks, with a token that may do everything."""
    url = postgres.database() if postgres else program.sqlite()
    server = program.serve(url)
    environment = {
        **os.environ,
        "NEWSSTAND_URL": f"http://127.0.0.1:{server.port}",
        "NEWSSTAND_TOKEN": program.token,
        # Installed once for both databases.
        "SCHEMATHESIS_VENV": str(program.folder / "schemathesis"),
    }
    done = subprocess.run(
        [SCRIPT, "--examples", str(examples)], env=environment, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=AT_MOST,
    )
    row = re.search(r"^\| schemathesis[^|]*\|[^|]*\|[^|]*\| (\d+) \|", done.stdout, re.MULTILINE)
    if not row:
        raise Failed(done.stdout[-2_000:])
    if done.returncode != 0:
        say(done.stdout)
    faults = re.findall(r"^- (ST\d+ .*)$", done.stdout, re.MULTILINE)
    if done.returncode != 0 and not faults:
        faults = ["see above"]
    outcome = Row("schemathesis, all checks", Outcome(int(row[1]), faults), server)
    server.kill()
    program.doctor(url)
    return outcome
