"""Draws the results: how gzmq's rates, and its times and costs, compare with the others'. Needs matplotlib."""

import importlib.util
import io
import textwrap
from pathlib import Path
from typing import Any

from .libs import SUBJECTS
from .report import CLAIMS, caption

RIVALS = ("pyzmq", "omq", "green")
_COLOURS = {"pyzmq": "#4477aa", "omq": "#ee8866", "green": "#44aa77"}
_MARKERS = {"gzmq": "o", "pure": "D"}
_FILES = {"rates.png": (True, "rates, as a multiple of the others' (more is better)"),
          "times.png": (False, "times, memory and CPU, as a multiple of the others' (less is better)")}  # fmt: skip


def why_not() -> str:
    """Why there can be no plots; empty when there can."""
    return "" if importlib.util.find_spec("matplotlib") else "matplotlib is not installed (pip install 'gzmq[bench]')"


def draw(results: dict[str, Any], folder: Path) -> list[Path]:
    """Write the plots into `folder`; those that would be empty are left out."""
    written = []
    for name, (higher, title) in _FILES.items():
        if points := _points(results, higher):
            _draw(points, f"gzmq's {title}", caption(results), folder / name)
            written.append(folder / name)
    return written


def _points(results: dict[str, Any], higher: bool) -> list[tuple[str, dict[str, dict[str, float]]]]:
    """A line for each figure that has a ratio: its name, and {subject: {rival: ratio}}."""
    lines = []
    for name, row in results["rows"].items():
        if name.startswith(CLAIMS):
            continue
        metrics = [metric for metric in row["metrics"].values() if metric["higher is better"] == higher]
        for metric in metrics:
            ratios = {
                subject: {rival: ratio for rival, ratio in metric["ratios"].get(subject, {}).items() if rival in RIVALS}
                for subject in SUBJECTS
            }
            if any(ratios.values()):
                lines.append((name if len(metrics) == 1 else f"{name}: {metric['unit']}", ratios))
    return lines


def _draw(lines: list[tuple[str, dict[str, dict[str, float]]]], title: str, made_on: str, path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot
    from matplotlib.lines import Line2D
    from PIL import Image  # matplotlib needs it

    figure, axes = pyplot.subplots(figsize=(9, 1.6 + 0.27 * len(lines)), layout="constrained")
    for place, (_, ratios) in enumerate(lines):
        for subject, rivals in ratios.items():
            for rival, ratio in rivals.items():
                filled = _COLOURS[rival] if subject == "gzmq" else "white"
                axes.plot(max(ratio, 1e-3), place, _MARKERS[subject], color=_COLOURS[rival], markerfacecolor=filled)
    axes.set_yticks(range(len(lines)), [name for name, _ in lines], fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.axvline(1, color="black", linewidth=0.8)
    axes.grid(True, which="major", alpha=0.3)
    axes.set_title(title, fontsize=10)
    axes.set_xlabel("\n".join(textwrap.wrap(made_on, 100)), fontsize=7)
    shown = {subject for _, ratios in lines for subject, rivals in ratios.items() if rivals}
    kinds = [
        Line2D([], [], marker=_MARKERS[subject], linestyle="", color=_COLOURS[rival], label=f"{subject} / {rival}",
               markerfacecolor=_COLOURS[rival] if subject == "gzmq" else "white")
        for subject in SUBJECTS if subject in shown
        for rival in RIVALS if any(rival in ratios.get(subject, {}) for _, ratios in lines)
    ]  # fmt: skip
    figure.legend(handles=kinds, fontsize=8, loc="outside upper center", ncols=len(kinds))
    drawn = io.BytesIO()
    figure.savefig(drawn, dpi=90)
    pyplot.close(figure)
    Image.open(drawn).convert("RGB").quantize(32).save(path, optimize=True)  # a third of the size
