"""R16: the platform is stopped and a newer one started on its directory, while routers report, some with old agents."""

import asyncio
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

import httpx

from .houses import House, house
from .open_loop import ended, start
from .verdicts import Verdict

ROOT: Final = Path(__file__).parents[2]
VERSIONS: Final = ROOT / "src" / "tikfleet" / "app" / "migrations" / "versions"
# The least that the first agent ever sent, in both forms of the protocol; unknown lines are of an agent to come.
OLD_REPORTS: Final = (
    ("text/plain", "tikfleet/1\nboot=4:old1\nseq=1:{seq}\nuptime=5:1h2m3\n"),
    ("application/json", '{{"boot":"old2","seq":{seq},"uptime":"1h2m3s"}}'),
    ("application/json", '{{"boot":"new1","seq":{seq},"uptime":"1h2m3s","what-comes-later":{{"a":[1]}}}}'),
)


class NoEarlierVersion(Exception):
    """This checkout has no history to take an earlier version from."""


def git(*words: str) -> bytes:
    done = subprocess.run(["git", "-C", str(ROOT), *words], check=False, capture_output=True)
    if done.returncode:
        raise NoEarlierVersion(done.stderr.decode(errors="replace").strip())
    return done.stdout


def earlier_version(place: Path) -> tuple[str, Path]:
    """The sources from before the newest migration; gives their commit and their directory."""
    newest = max(VERSIONS.glob("[0-9]*.py")).relative_to(ROOT).as_posix()
    added = git("log", "--diff-filter=A", "--format=%H", "-1", "--", newest).decode().strip()
    if not added:
        raise NoEarlierVersion(f"{newest} is in no commit yet")
    commit = git("rev-parse", f"{added}~1").decode().strip()
    archive = place / "earlier.tar"
    archive.write_bytes(git("archive", commit, "src/tikfleet"))
    subprocess.run(["tar", "-xf", str(archive), "-C", str(place)], check=True)
    return commit[:12], place / "src"


def old_agents(made: House, seq: int) -> int:
    """Each old form once; gives how many were taken."""
    taken = 0
    for number, (kind, text) in enumerate(OLD_REPORTS):
        headers = {"Authorization": f"Bearer {made.tokens[number]}", "Content-Type": kind}
        content = text.format(seq=seq).replace("seq=1:", f"seq={len(str(seq))}:")
        answer = httpx.post(f"{made.platform.url}/agent/v1/checkin", content=content, headers=headers, trust_env=False)
        if answer.status_code == 200 and ("ok=1" in answer.text or '"ok":true' in answer.text):
            taken += 1
            boot = "old1" if "old1" in text else text[text.index('"boot":"') + 8 :][:4]
            made.told.add((made.ids[number], boot, seq))
    return taken


async def upgrade(made: House, environment: dict[str, str], rate: float, duration_s: float) -> Verdict:
    """Stop, change what the platform runs with, start; reports go on meanwhile and those that fail come again."""
    platform = made.platform
    before = await asyncio.to_thread(old_agents, made, 1)
    until = await made.under(made.load(rate, 2, boot="until the upgrade"))
    load = made.load(rate, duration_s, boot="upgraded")
    process = start(load)
    await asyncio.sleep(duration_s / 4)
    began = time.monotonic()
    code = await asyncio.to_thread(platform.terminate)
    platform.run_with(environment)
    await asyncio.to_thread(platform.start)
    away_s = time.monotonic() - began
    outcome = await asyncio.to_thread(ended, process, duration_s + 90)
    made.told |= {(made.ids[device], load.boot, seq) for device, seq in outcome.taken}
    again = await made.under(made.load(rate, 2, boot="afterwards"))
    after = await asyncio.to_thread(old_agents, made, 2)
    good = code == 0 and before == after == len(OLD_REPORTS) and until.statuses == again.statuses == {"200": again.sent}
    return Verdict(
        "R16 upgrade under load",
        good,
        {"answers": outcome.statuses, "away_s": round(away_s, 1), "old_agents_taken": f"{before}, then {after}"},
    )


async def prove_upgrade(rate: float = 50, duration_s: float = 40) -> Verdict:
    """From the version before the newest migration to this one."""
    with tempfile.TemporaryDirectory(prefix="tikfleet-earlier-") as name:
        commit, source = await asyncio.to_thread(earlier_version, Path(name))
        async with house(20, PYTHONPATH=str(source)) as made:
            found = await upgrade(made, {"PYTHONPATH": ""}, rate, duration_s)
            return found.with_(await made.counted()).with_(Verdict("", held=True, figures={"from": commit}))
