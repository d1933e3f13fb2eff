"""Documents are complete: what the code has, a page tells; what a page names, exists."""

import re
from pathlib import Path

import pytest

from scripts import reference

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MADE = reference.pages()


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_generated_page_says_what_the_code_says(name: str) -> None:
    path = ROOT / "docs" / "reference" / name
    assert path.read_text() == MADE[name], f"docs/reference/{name} is out of date: run `make docs`"


def test_every_error_has_a_remedy_and_a_title_of_its_own() -> None:
    for error in reference.all_errors():
        assert error.remedy, f"{error.__name__} tells nobody what to do"
        assert error.title, f"{error.__name__} has no title"
        assert error.__doc__, f"{error.__name__} does not say what it means"


def test_error_codes_are_used_once() -> None:
    codes = [error.code for error in reference.all_errors()]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", page.read_text()):
        if not re.match(r"[a-z]+:", target):
            assert (page.parent / target).exists(), f"{page.name} links to {target}, which is not there"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_paths_that_pages_name_exist(page: Path) -> None:
    for path in re.findall(r"`((?:src|tests|docs|scripts|bench|deploy|web)/[\w./-]+)`", page.read_text()):
        assert (ROOT / path).exists(), f"{page.name} names {path}, which is not there"


def test_the_make_targets_that_pages_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z][\w-]*):", makefile, re.MULTILINE))
    proofs = re.search(r"^prove-%:.*?## One of them: ([\w -]+)$", makefile, re.MULTILINE)
    assert proofs, "the Makefile names its proofs no more"
    targets |= {f"prove-{name}" for name in proofs[1].split()}
    for page in PAGES:
        for target in re.findall(r"`make ([a-z][\w-]*)", page.read_text()):
            assert target in targets, f"{page.name} names `make {target}`, which the Makefile has not"


def test_decisions_are_numbered_once() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert len(numbers) == len(set(numbers))


def test_nothing_is_left_for_later_in_the_code() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX)\b")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted(ROOT.glob("src/**/*.py"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if marks.search(line)
    ]
    assert not found, f"say it in an issue instead: {', '.join(found)}"


def test_drivers_and_frameworks_stay_where_they_belong() -> None:
    """Inside a domain only tables.py names SQLAlchemy, and only modules of routes name the HTTP kit or Litestar."""
    for path in sorted(ROOT.glob("src/tikfleet/domains/*/*.py")):
        text = path.read_text()
        if path.name != "tables.py":
            assert not re.search(r"^(from|import) sqlalchemy", text, re.MULTILINE), path.name
        if not path.stem.endswith("http"):
            outside = re.search(r"^(from|import) (litestar|tikfleet\.httpkit(?!\.moments))", text, re.MULTILINE)
            assert not outside, f"{path.relative_to(ROOT)} is no module of routes"
