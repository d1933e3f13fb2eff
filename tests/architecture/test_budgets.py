"""STYLE §3: sizes that keep every file readable. A test says where, and by how much."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted([*ROOT.glob("src/**/*.py"), *ROOT.glob("bench/**/*.py"), *ROOT.glob("tests/**/*.py")])
PRODUCT = [path for path in SOURCES if path.is_relative_to(ROOT / "src")]
VUE = sorted(path for path in ROOT.glob("web/app/**/*.vue") if "node_modules" not in path.parts)

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 50
MAX_PARAMETERS = 7
MAX_VUE_LINES = 200
MAX_INNER_IMPORTS = 5
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_there_is_something_to_measure() -> None:
    assert len(PRODUCT) > 20


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_a_python_file_is_short(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= MAX_FILE_LINES, f"{named(path)} has {lines} lines; split it by noun below {MAX_FILE_LINES}"


@pytest.mark.parametrize("path", SOURCES, ids=named)
def test_functions_are_short_and_take_few_parameters(path: Path) -> None:
    found = []
    for node in functions(path):
        length = (node.end_lineno or node.lineno) - node.lineno + 1
        arguments = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
        count = len([argument for argument in arguments if argument.arg not in {"self", "cls"}])
        # A migration is a list of statements in their order, drafted by a tool and never touched again.
        if length > MAX_FUNCTION_LINES and "migrations" not in path.parts:
            found.append(f"{node.name} (line {node.lineno}) is {length} lines long")
        if count > MAX_PARAMETERS and path in PRODUCT:
            found.append(f"{node.name} (line {node.lineno}) takes {count} parameters: make a value object")
    assert not found, f"{named(path)}: " + "; ".join(found)


@pytest.mark.parametrize("path", PRODUCT, ids=named)
def test_modules_are_nouns_from_the_glossary(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES, f"{named(path)} needs a name that says what it holds"


def test_imports_stand_at_the_top() -> None:
    inner = [
        f"{named(path)}:{node.lineno}"
        for path in PRODUCT
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert len(inner) <= MAX_INNER_IMPORTS, f"imports inside functions: {', '.join(inner)}"


@pytest.mark.parametrize("path", [path for path in PRODUCT if path.name == "__init__.py"], ids=named)
def test_package_files_are_empty(path: Path) -> None:
    assert not path.read_text().strip(), f"{named(path)}: one name, one home; import from where it is defined"


@pytest.mark.parametrize("path", VUE, ids=named)
def test_a_component_is_short(path: Path) -> None:
    lines = len(path.read_text().splitlines())
    assert lines <= MAX_VUE_LINES, f"{named(path)} has {lines} lines; split it below {MAX_VUE_LINES}"


def test_patches_are_rare() -> None:
    tests = sorted(ROOT.glob("tests/**/test_*.py"))
    texts = [path.read_text() for path in tests]
    patches = sum(text.count("monkeypatch.setattr") + text.count("mock.patch") for text in texts)
    cases = sum(text.count("def test_") for text in texts)
    assert patches <= 0.05 * cases, f"{patches} patches in {cases} tests: give the object what it needs instead"
