"""All that a trial needs, loaded: the process that workers are forked from imports this before there are any."""

import gc

import nebula.embedding
import nebula.synths.fused_cpu
import nebula.tuning.objective
import nebula.tuning.pool  # noqa: F401

# What is loaded stays, and its pages are shared for as long as nobody, the collector of garbage included, writes there.
gc.collect()
gc.freeze()
