"""The build: setup.cfg says what gzmq is, this compiles its hot modules where that can be done, into one file.

`gzmq.build` names them, and finds them there. They are Python modules like the others, with the types of what is hot in
`.pxd` files beside them, and run as they are where Cython or a C compiler is missing. One that calls C is compiled from
a `.pyx`, and runs uncompiled from the `.py` beside it. It is all of them or none, as compiled ones know each other's
insides.
GZMQ_PURE=1 builds none. Nor does an editable install, whose sources are to run as they are edited; GZMQ_PURE=0 does.
"""

import ast
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

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

            modules = [Extension(f"gzmq.{name}", [source(name)]) for name in HOT]
            compiled = cythonize(modules, build_dir=self.build_temp, compiler_directives=DIRECTIVES)
            for extension in self.extensions:
                extension.sources = [path for module in compiled for path in module.sources]
            super().run()
        except Exception as error:  # whatever a missing or broken compiler makes of it
            self.give_up(f"{type(error).__name__}: {error}")
        else:
            print(f"gzmq: {len(HOT)} modules are compiled", file=sys.stderr)

    def build_extension(self, extension):
        """Compile its sources at the same time, and link them."""

        def compile_one(path):
            options = {"include_dirs": extension.include_dirs, "extra_postargs": extension.extra_compile_args}
            return self.compiler.compile([path], output_dir=self.build_temp, **options)

        with ThreadPoolExecutor(self.parallel) as pool:
            extension.extra_objects = [made for one in pool.map(compile_one, extension.sources) for made in one]
        extension.sources, extension.depends = [], extension.extra_objects  # what is older than these is linked anew
        super().build_extension(extension)

    def give_up(self, why):
        """Leave nothing compiled behind, as half of it would not run."""
        for output in self.get_outputs():
            Path(output).unlink(missing_ok=True)
        self.extensions = []
        print(f"gzmq: pure Python, nothing is compiled ({why})", file=sys.stderr)


def hot():
    """What `gzmq.build` names, which this cannot import."""
    for node in ast.parse(Path("gzmq/build.py").read_text()).body:
        if isinstance(node, ast.Assign) and node.targets[0].id == "HOT":
            return ast.literal_eval(node.value)
    raise LookupError("gzmq/build.py names no HOT modules")


def source(name):
    """What a module is compiled from."""
    path = f"gzmq/{name.replace('.', '/')}"
    return next(file for file in (f"{path}.pyx", f"{path}.py") if Path(file).exists())


HOT = hot()
ONE_FILE = Extension("gzmq.hot", [source(name) for name in HOT], extra_compile_args=["-O2", "-g0"])
setup(cmdclass={"build_ext": BuildHot}, ext_modules=[ONE_FILE] if PURE in ("", "0") else [])
