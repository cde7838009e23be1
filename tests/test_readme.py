"""The README's programs run and print what it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROGRAMS = re.findall(r"```python\n(.*?)```(?:\n+```text\n(.*?)```)?", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("program, output", PROGRAMS)
def test_a_program_prints_what_the_readme_says(program, output):
    """As a script of its own, which also has to end by itself."""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, cwd=ROOT)
    assert (ran.stdout, ran.stderr, ran.returncode) == (output, "", 0)
