"""The fused CUDA renderer in Triton's interpreter; fused_cuda_check.py says how to run the same on a GPU."""

import os
import subprocess
import sys
from pathlib import Path


def test_in_the_interpreter_it_is_at_least_as_exact_as_torchsynth():
    # A process of its own, since Triton decides at import whether to interpret.
    script = Path(__file__).with_name("fused_cuda_check.py")
    done = subprocess.run(
        [sys.executable, script, "cpu"],
        env={**os.environ, "TRITON_INTERPRET": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
