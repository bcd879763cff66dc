"""Compiled functions."""

import os
import subprocess
import sys

from nebula.compilation import compiled


def test_a_function_whose_code_cannot_be_kept_is_compiled_all_the_same():
    # Numba has no place for the code of a function that comes from no file, as in an installation it cannot write to.
    scope = {}
    exec("def double(x): return x + x", scope)
    assert compiled("float64(float64)")(scope["double"])(1.5) == 3.0


def test_importing_nebula_does_not_load_the_compiler():
    script = "import sys, nebula.cli; sys.exit('numba' in sys.modules or 'triton' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_compiled_code_is_kept_where_the_environment_says(tmp_path):
    script = "import nebula.modules.loops.lfo"
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=300)
    kept = {path.name.split("-")[0] for path in tmp_path.rglob("*.nbi")}
    assert {"lfo.advance_lfo", "lfo.shape_lfo"} <= kept
