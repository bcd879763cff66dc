"""OpenL3 in torch: the distance of the paper.

distance    `OpenL3`: windows of a sound, their embeddings, vectors
frontend    a window as a picture in decibels, in the form of either release
network     pictures to embeddings
winograd    its convolutions on the CPU
checkpoint  its weights, from the official files
"""

from nebula.distances.openl3.distance import OpenL3, OpenL3Settings

__all__ = ["OpenL3", "OpenL3Settings"]
