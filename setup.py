"""The build: setup.cfg says what gzmq is, this compiles its hot modules where that can be done.

They are Python modules like the others, with the types of what is hot in `.pxd` files beside them, and run as they are
where Cython or a C compiler is missing. One that calls C is compiled from a `.pyx`, and runs uncompiled from the `.py`
beside it. It is all of them or none, as compiled ones know each other's insides.
GZMQ_PURE=1 builds none. Nor does an editable install, whose sources are to run as they are edited; GZMQ_PURE=0 does.
"""

import os
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

HOT = [
    "core",
    "messaging",
    "pattern.base",
    "pattern.pair",
    "pattern.pipeline",
    "pattern.pubsub",
    "pattern.reqrep",
    "pattern.router",
    "pattern.routing",
    "pattern.subscriptions",
    "pipe",
    "resident",
    "transport.engine",
    "transport.reading",
    "transport.session",
    "turn",
    "waitqueue",
    "zmtp.connection",
    "zmtp.curvebox",
    "zmtp.framing",
    "zmtp.repeats",
    "zmtp.room",
    "zmtp.sodium",
]
DIRECTIVES = {
    "language_level": 3,
    "annotation_typing": False,  # types come from the .pxd alone
    "nonecheck": True,  # what is closed has None in many places
    "auto_pickle": False,
}
PURE = os.environ.get("GZMQ_PURE", "")


class BuildHot(build_ext):
    """Compiles what is hot, or says why not and goes on without."""

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def run(self):
        if self.editable_mode and PURE != "0":
            self.give_up("an editable install runs its sources")
            return
        try:
            from Cython.Build import cythonize

            compiled = cythonize(self.extensions, build_dir=self.build_temp, compiler_directives=DIRECTIVES)
            for extension, source in zip(self.extensions, compiled):
                extension.sources = source.sources
            super().run()
        except Exception as error:  # whatever a missing or broken compiler makes of it
            self.give_up(f"{type(error).__name__}: {error}")
        else:
            print(f"gzmq: {len(self.extensions)} modules are compiled", file=sys.stderr)

    def give_up(self, why):
        """Leave nothing compiled behind, as half of it would not run."""
        for output in self.get_outputs():
            Path(output).unlink(missing_ok=True)
        self.extensions = []
        print(f"gzmq: pure Python, nothing is compiled ({why})", file=sys.stderr)


def source(name):
    """What a module is compiled from."""
    path = f"gzmq/{name.replace('.', '/')}"
    return next(file for file in (f"{path}.pyx", f"{path}.py") if Path(file).exists())


setup(
    cmdclass={"build_ext": BuildHot},
    ext_modules=[
        Extension(f"gzmq.{name}", [source(name)], extra_compile_args=["-O2", "-g0"])
        for name in HOT
        if PURE in ("", "0")
    ],
)
