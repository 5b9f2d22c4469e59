"""`python -m ytarchive.worker.self_test`: whether an engine can be used, told as the JSON of a `SelfTest`.

Offline: yt-dlp and its challenge solver are loaded from one folder and fit together, deno runs the solver, and the
extraction of a page that lies in `canned` gives what it must. With `--online VIDEO` instead, that video is extracted and
a challenge of YouTube's own player is solved, on the way that `--proxy` and `--ca-file` name.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from ytarchive.core.codec import encode
from ytarchive.core.engines import SelfTest, Step, normal, solver_of
from ytarchive.core.job import Job, Network
from ytarchive.errors import WorkerError
from ytarchive.worker.__main__ import lead_own_group, take_engine, take_over_streams

DENO_SECONDS = 40.0
# As yt-dlp runs it (jsc/_builtin/deno.py): nothing is read, written or fetched.
_DENO = (
    *("run", "--ext=js", "--no-code-cache", "--no-prompt", "--no-remote", "--no-lock"),
    *("--node-modules-dir=none", "--no-config", "--no-npm", "--cached-only", "-"),
)
_CHALLENGE = "ytarchive"
# The solver takes a player that it has prepared before: this one turns its challenge around.
_PREPARED = {
    "type": "preprocessed",
    "preprocessed_player": "_result.n = text => [...text].reverse().join('');",
    "requests": [{"type": "n", "challenges": [_CHALLENGE]}],
}
_ANSWER = _CHALLENGE[::-1]
# As long as those of YouTube's player, and made up.
_REAL_CHALLENGE = "ZdZIqFPQK-Ty8wId"


class Failed(Exception):
    """A step went wrong; the text is what was found."""


class Skipped(Exception):
    """A step cannot be taken with this engine; the text says why."""


def main() -> int:
    _, outgoing = take_over_streams()
    lead_own_group()
    parser = argparse.ArgumentParser(prog="python -m ytarchive.worker.self_test", description=__doc__)
    parser.add_argument("--engine", help="the folder of yt-dlp and yt-dlp-ejs, instead of the environment's")
    parser.add_argument("--online", metavar="VIDEO", help="extract this video, and solve a challenge")
    parser.add_argument("--proxy")
    parser.add_argument("--ca-file")
    parser.add_argument("--source-address")
    given = parser.parse_args()
    take_engine(given.engine)
    network = Network(given.proxy, given.ca_file, given.source_address)
    told = encode(_self_test(given.engine, given.online, network)) + b"\n"
    while told:
        told = told[os.write(outgoing, told) :]
    return 0


def _self_test(folder: str | None, online: str | None, network: Network) -> SelfTest:
    steps: list[Step] = []
    try:
        import yt_dlp

        from ytarchive.worker.engine import engine_versions

        versions = engine_versions(folder)
        home = str(Path(yt_dlp.__file__).resolve().parents[1])
    except WorkerError as error:
        return SelfTest(steps=(Step("load", "failed", error.message),))
    except Exception as error:
        return SelfTest(steps=(Step("load", "failed", f"it does not load: {error!r}"[:500]),))
    loaded = f"yt-dlp {versions.yt_dlp} and yt-dlp-ejs {versions.ejs} from one folder"
    steps.append(Step("load", "ok", loaded))
    if not online:
        steps.append(_take("solver", _fits))
        steps.append(_take("deno", _runs_in_deno))
        steps.append(_take("extraction", _reads_canned_page))
    else:
        steps.append(_take("video", lambda: _reads_video(online, network)))
        if steps[-1].outcome == "ok":
            steps.append(_take("challenge", lambda: _solves(online, network)))
    return SelfTest(versions.yt_dlp, versions.ejs, home, tuple(steps))


def _take(name: str, step: Callable[[], str]) -> Step:
    try:
        return Step(name, "ok", step())
    except Failed as failed:
        return Step(name, "failed", str(failed)[:500])
    except Skipped as skipped:
        return Step(name, "skipped", str(skipped)[:500])
    except Exception as error:  # whatever an engine of the future does
        return Step(name, "failed", f"{type(error).__name__}: {error}"[:500])


def _fits() -> str:
    """yt-dlp pins its solver in its metadata, and knows the checksums of the solver's programs."""
    try:
        import yt_dlp_ejs
        import yt_dlp_ejs.yt.solver as solver
    except ImportError:
        raise Failed("yt-dlp-ejs is missing: YouTube's challenges cannot be solved") from None
    try:
        wanted = solver_of(distribution("yt-dlp").requires or ())
    except PackageNotFoundError:
        wanted = None
    if wanted and normal(wanted) != normal(yt_dlp_ejs.version):
        raise Failed(f"yt-dlp needs yt-dlp-ejs {wanted}, found {yt_dlp_ejs.version}")
    try:
        from yt_dlp.extractor.youtube.jsc._builtin.vendor import HASHES
    except ImportError:
        return f"yt-dlp-ejs {yt_dlp_ejs.version}"
    known = set(HASHES.values())
    for name, text in (("lib", solver.lib()), ("core", solver.core())):
        if hashlib.sha3_512(text.encode()).hexdigest() not in known:
            raise Failed(f"the {name} of yt-dlp-ejs {yt_dlp_ejs.version} is not the one that yt-dlp knows")
    return f"yt-dlp-ejs {yt_dlp_ejs.version}, with the checksums that yt-dlp knows"


def _runs_in_deno() -> str:
    """The solver's parser and printer are loaded, and it answers a challenge."""
    import yt_dlp_ejs.yt.solver as solver

    runtime = _deno()
    program = (
        f"{solver.lib()}\nObject.assign(globalThis, lib);\n{solver.core()}\n"
        "const tree = meriyah.parse('var a = 1;');\n"
        f"let answer; try {{ answer = jsc({json.dumps(_PREPARED)}); }} catch (error) {{ answer = String(error); }}\n"
        "console.log(JSON.stringify({printed: astring.generate(tree).trim(), answer}));\n"
    )
    try:
        done = subprocess.run(
            [runtime.path, *_DENO],
            input=program,
            capture_output=True,
            text=True,
            timeout=DENO_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"deno did not end within {DENO_SECONDS:.0f} seconds") from None
    try:
        told = json.loads(done.stdout)
        printed, answer = told["printed"], told["answer"]
    except (ValueError, LookupError, TypeError):
        raise Failed(f"the solver does not run in deno {runtime.version}: {_last(done.stderr)}") from None
    if printed != "var a = 1;":
        raise Failed(f"the solver's parser and printer make {printed!r} of a line in deno {runtime.version}")
    try:
        solved = answer["responses"][0]["data"][_CHALLENGE]
    except (LookupError, TypeError):
        # A release may change what passes between the two, and still be right.
        raise Skipped(f"the solver loads in deno {runtime.version}, and is asked otherwise") from None
    if solved != _ANSWER:
        raise Failed(f"the solver answers {solved!r} in deno {runtime.version}, expected {_ANSWER!r}")
    return f"the solver answers in deno {runtime.version}"


def _deno() -> Any:
    """The runtime as yt-dlp finds it, if it is new enough for yt-dlp."""
    downloader = _downloader(Network())
    runtime = downloader._js_runtimes.get("deno")
    info = runtime and runtime.info
    if not info:
        raise Failed("deno was not found: YouTube's challenges cannot be solved")
    if not info.supported:
        raise Failed(f"deno {info.version} is too old for this yt-dlp")
    return info


def _reads_canned_page() -> str:
    from ytarchive.worker import canned
    from ytarchive.worker.extraction import extract

    downloader = canned.downloader()
    extraction = extract(downloader, downloader.attempt)
    metadata, offered = downloader.attempt.seen.metadata, extraction.offered
    found = (metadata and metadata.title, [(each.itag, each.height) for each in offered])
    if found != (canned.TITLE, [(canned.ITAG, canned.HEIGHT)]):
        raise Failed(f"a known page gives {found[0]!r} with the formats {found[1]}")
    return "a known page is understood"


def _reads_video(video: str, network: Network) -> str:
    from ytarchive.core.evidence import short_message
    from ytarchive.core.failure import classify
    from ytarchive.core.failure_table import policy
    from ytarchive.worker.evidence import gather
    from ytarchive.worker.extraction import extract

    downloader = _downloader(network, video)
    attempt = downloader.attempt
    try:
        extraction = extract(downloader, attempt)
    except Exception as error:
        failure = classify(gather(error, attempt))
        said = short_message(failure.evidence.message, 160)
        raise Failed(f"{failure.code}: {policy(failure.code).meaning} {said}".strip()) from None
    title = attempt.seen.metadata.title if attempt.seen.metadata else "?"
    best = max((each.label for each in extraction.offered if each.label), default=0)
    return f"{video} ({title}): {len(extraction.offered)} formats, up to {best}p"


def _solves(video: str, network: Network) -> str:
    """A challenge of the player that YouTube uses today. These are private parts of yt-dlp, and may move."""
    try:
        from yt_dlp.extractor.youtube.jsc.provider import JsChallengeRequest, JsChallengeType, NChallengeInput

        extractor = _downloader(network, video).get_info_extractor("Youtube")
        extractor.initialize()
        solve, find_player = extractor._jsc_director.bulk_solve, extractor._download_player_url
    except (ImportError, AttributeError, KeyError) as error:
        raise Skipped(f"this yt-dlp keeps its solver elsewhere ({error})") from None
    player = find_player(video)
    if not player:
        raise Failed("YouTube's player was not found")
    challenge = NChallengeInput(player, [_REAL_CHALLENGE])
    solved = solve([JsChallengeRequest(JsChallengeType.N, challenge, video)])
    answer = next((response.output.results.get(_REAL_CHALLENGE) for _, response in solved), None)
    if not answer or answer == _REAL_CHALLENGE:
        raise Failed(f"the challenge of {player} was not solved")
    version = re.search(r"/player/([0-9a-zA-Z_-]+)/", player)
    return (
        f"a challenge of YouTube's player was solved ({version[1] if version else 'of an unknown version'})"
    )


def _downloader(network: Network, video: str = "") -> Any:
    from ytarchive.worker.attempt import Attempt
    from ytarchive.worker.engine import EnginePool

    return EnginePool().open(Attempt(Job("self-test", "probe", video, network=network), lambda _: None))


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["it says nothing"])[-1][:300]


if __name__ == "__main__":
    sys.exit(main())
