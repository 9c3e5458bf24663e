# Copyright 2026 The tmor_hf authors. Licensed under the Apache License, Version 2.0.
"""Pictures and films of clips, of any layout, in 2D and 3D, also over video; time lines of actions (extra `viz`).

Blue is left, orange is right, grey is the middle; further people get lighter or darker tints. What was not seen is
drawn faint, where its neighbours in time put it, and not at all while a person is away.
"""

from .films import animate_clip
from .pictures import plot_clip
from .scene import View
from .timeline import plot_timeline

__all__ = ["View", "animate_clip", "plot_clip", "plot_timeline"]
