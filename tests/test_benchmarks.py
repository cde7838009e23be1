"""The benchmarks run: every row on gzmq, every library, and what is made of their rounds."""

import pytest

from benchmarks import profile, readme
from benchmarks.libs import LIBRARIES
from benchmarks.marks import MARKS, REASONS, judge
from benchmarks.plots import _points
from benchmarks.report import summary, table, updated
from benchmarks.row import MESSAGES, Row
from benchmarks.runner import ROWS, Played, play

#: One row of each kind: rows that differ in numbers only are played in the same way.
KINDS = list({getattr(row.play, "func", row.play): row for row in reversed(ROWS)}.values())
BARE = [(row, LIBRARIES[name]) for row in KINDS for name in row.bare]
RIVALS = [library for library in LIBRARIES.values() if not library.bare and library.name != "pure"]


@pytest.fixture(autouse=True, scope="module")
def compiled_once(tmp_path_factory):
    """Each row starts processes, which import quickly if one of them leaves its bytecode for the others."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
        patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.getbasetemp() / "bytecode"))
        yield


def _figures(row, library):
    if library.absence:
        pytest.skip(library.absence)
    return play(row, row.player(library), library, min(row.start, 50) if row.start > 10 else 1)


@pytest.mark.parametrize("row", KINDS, ids=lambda row: row.name)
def test_a_row_yields_its_figures(row):
    """Played shortly, by gzmq."""
    assert set(row.metrics) | {"seconds"} <= set(_figures(row, LIBRARIES["pure"]))


@pytest.mark.parametrize("row, library", BARE, ids=lambda part: part.name)
def test_what_is_not_zeromq_yields_the_figures_too(row, library):
    """Played shortly, over bare sockets and queues."""
    assert set(row.metrics) | {"seconds"} <= set(_figures(row, library))


@pytest.mark.parametrize("library", RIVALS, ids=lambda library: library.name)
def test_a_library_plays(library):
    """One row is enough to see that it can be talked to."""
    assert _figures(ROWS[0], library)["rate"] > 0


def _summary(**rates):
    row = Row("tcp PUSH-PULL 10 B", MESSAGES, play)
    return summary([Played(row, {name: [{"rate": rate} for rate in each] for name, each in rates.items()})], 3, 0.3)


def test_a_ratio_is_the_median_of_the_rounds_own():
    """A round that the machine disturbed disturbs one ratio, not two medians."""
    metric = _summary(pure=[1, 20, 3], pyzmq=[2, 40, 3])["rows"]["tcp PUSH-PULL 10 B"]["metrics"]["rate"]
    assert metric["ratios"]["pure"]["pyzmq"] == 0.5
    assert metric["medians"] == {"pure": 3, "pyzmq": 3}


@pytest.mark.parametrize("green, reached", [(1, True), (3, False)])
def test_a_mark_is_reached_or_missed(green, reached):
    """At least six times green; what was not measured is not judged."""
    report = _summary(pure=[10, 10, 10], green=[green] * 3)
    [verdict] = judge("tcp PUSH-PULL 10 B", "pure", report["rows"])
    assert verdict.reached is reached
    assert ("MISSED" in table(report, ["pure", "green"])) is not reached


def test_a_row_measured_again_takes_its_place():
    """The others stay, and all are judged anew."""
    one, other = _summary(pure=[1], pyzmq=[9]), _summary(pure=[9], pyzmq=[1])
    one["rows"]["another"] = {"metrics": {}}
    rows = updated(one, other, ["another", "tcp PUSH-PULL 10 B"])["rows"]
    assert (
        list(rows) == ["another", "tcp PUSH-PULL 10 B"]
        and rows["tcp PUSH-PULL 10 B"] == other["rows"]["tcp PUSH-PULL 10 B"]
    )


def test_rows_of_another_machine_are_not_mixed_in():
    """What differs is named."""
    other = _summary(pure=[1]) | {"machine": "another"}
    with pytest.raises(SystemExit, match="machine was 'another'"):
        updated(other, _summary(pure=[1]), [])


def test_marks_and_reasons_are_of_rows_and_metrics():
    """No mark is forgotten because a row has another name now."""
    metrics = {row.name: set(row.metrics) for row in ROWS}
    for name, columns in MARKS.items():
        assert {mark.metric for marks in columns.values() for mark in marks} <= metrics[name]
    assert all(name in MARKS for name, _ in REASONS)


def test_a_plot_shows_each_ratio():
    """By row, column and rival."""
    points = _points(_summary(pure=[4, 4, 4], green=[1, 1, 1], rawg=[8, 8, 8]), higher=True)
    assert points == [("tcp PUSH-PULL 10 B", {"gzmq": {}, "pure": {"green": 4}})]


def test_the_documents_have_the_figures_of_the_results():
    """None is typed by hand: `python -m benchmarks.readme` writes them."""
    for path, text in readme.documents().items():
        assert path.read_text() == text


def test_the_documents_tell_of_missed_marks():
    """A row that misses its mark stays, marked, and with the reason."""
    report = _summary(pure=[10, 10, 10], green=[3, 3, 3])
    report["rows"]["tcp PUSH-PULL 10 B"]["reasons"] = {"pure": "as it is written in Python"}
    assert "| 10 * |" in readme.speed(report)
    assert "| **missed** as it is written in Python |" in readme.marks(report)


def test_a_profile_sums_up_each_side():
    """Of what is timed for each stage."""
    table = profile.table({"stages": {"pure": dict.fromkeys(profile.STAGES, 100.0)}})
    assert "| **sender** | 300 | 300 |" in table
    assert "| **receiver** | 400 | 400 |" in table
