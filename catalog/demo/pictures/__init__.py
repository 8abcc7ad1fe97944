"""Pictures of the demo shop's items: flat shapes in two colours on a quiet ground.

An address such as `/media/items/throw/home-oat.svg` says all there is to draw, so a
picture needs no row, no file and no script, and may be cached for ever.
"""

from .drawing import TONES, draw, path_of, tone_of

__all__ = ["TONES", "draw", "path_of", "tone_of"]
