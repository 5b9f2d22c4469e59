"""Golden messages: `bad/NAME.yaml` gives exactly the lines of `bad/NAME.txt`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ytarchive.core.manifest import PROBLEM_CAP, read
from ytarchive.core.manifests import assemble

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_manifest_tells_every_problem_with_its_place_and_cure(path: Path) -> None:
    draft = read(path.name, path.read_bytes())
    problems = draft.problems or assemble([draft], {}).problems
    expected = path.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert [str(problem) for problem in problems] == expected


def test_problems_beyond_what_anybody_reads_are_counted() -> None:
    count = PROBLEM_CAP + 1234
    draft = read("a.yaml", b"videos:\n" + b"- x\n" * count)
    assert len(draft.problems) == PROBLEM_CAP + 1
    assert str(draft.problems[-1]) == "a.yaml: 1,234 more problems in this file"
    assert draft.problems[0].line == 2


def test_twenty_thousand_problems_are_counted_and_not_all_kept() -> None:
    draft = read("a.yaml", b"videos:\n" + b"- x\n" * 20_000)
    assert (len(draft.problems), draft.problems[99].line) == (PROBLEM_CAP + 1, 101)
    assert str(draft.problems[-1]) == "a.yaml: 19,900 more problems in this file"


def test_problems_of_profiles_are_told_at_the_second_place() -> None:
    one = read("one.yaml", b"profiles: {tv: {media: audio}}\n")
    two = read("two.yaml", b"\nprofiles: {tv: {}}\n")
    (problem,) = assemble([two, one], {}).problems
    assert str(problem) == (
        "two.yaml:2:12: the profile 'tv' is already defined at one.yaml:1:12; give one of them another name"
    )


def test_many_profiles_are_not_listed() -> None:
    names = ", ".join(f"p{number}: {{}}" for number in range(20))
    draft = read("a.yaml", f"profiles: {{{names}}}\ndefaults: {{profile: zzzzzz}}".encode())
    (problem,) = assemble([draft], {}).problems
    assert str(problem).endswith("expected a profile of any file")


def test_one_wrong_profile_of_defaults_is_one_problem_for_all_entries() -> None:
    draft = read("a.yaml", b"defaults: {profile: besst}\nvideos: [dQw4w9WgXcQ, {video: jNQXAC9IVRw}]\n")
    (problem,) = assemble([draft], {}).problems
    assert str(problem).startswith("a.yaml:1:21: profile: found 'besst'")
    assert str(problem).endswith("did you mean best?")


def test_an_account_that_the_settings_do_not_know_is_one_problem_with_its_cure() -> None:
    text = (
        b"profiles: {p: {auth: mian}}\ndefaults: {profile: p}\nvideos: [dQw4w9WgXcQ, {video: jNQXAC9IVRw}]\n"
        b"playlists: [{playlist: PLrAXtmErZgOeiKm4sgNOknGvNjby9efdf, auth: main}]\n"
    )
    draft = read("a.yaml", text)

    (problem,) = assemble([draft], {}, accounts=["main", "second"]).problems
    nobody = assemble([draft], {}, accounts=[]).problems

    assert str(problem) == (
        "a.yaml:1:22: auth: found 'mian', which the settings do not define, expected main, second or guest; "
        "did you mean main?"
    )
    assert [str(one).partition("expected ")[2] for one in nobody] == [
        "an account of the settings; give its cookies in the settings: [auth.mian] cookies_file = ...",
        "an account of the settings; give its cookies in the settings: [auth.main] cookies_file = ...",
    ]
    assert assemble([draft], {}).problems == ()


def test_an_account_is_an_identity_of_the_wish_and_the_guest_is_none() -> None:
    text = b"defaults: {auth: main}\nvideos: [{video: dQw4w9WgXcQ}, {video: jNQXAC9IVRw, auth: guest}]\n"
    entries = assemble([read("a.yaml", text)], {}, accounts=["main"]).entries
    assert [entry.wish.identities for entry in entries] == [("main",), ()]
