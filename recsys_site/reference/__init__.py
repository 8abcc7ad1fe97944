"""The reference pages, written by the code that they describe.

`manage.py write_reference` writes them, `--check` says which are out of step.
"""

from .pages import PAGES, out_of_step, write

__all__ = ["PAGES", "out_of_step", "write"]
