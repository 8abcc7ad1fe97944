"""A snapshot's dictionary, and the words that came after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from .columns import Words
from .snapshot import NO_CODE


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Words with their codes; new words have the codes after the old ones."""

    words: Words
    new_texts: tuple[str, ...] = ()
    new_codes: Mapping[str, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.words) + len(self.new_texts)

    def code(self, text: str) -> int:
        """Return the code of a word, -1 for the empty or an unknown one."""
        if not text:
            return NO_CODE
        code = self.words.code(text)
        return self.new_codes.get(text, NO_CODE) if code == NO_CODE else code

    def text(self, code: int) -> str:
        """Return the word of a code, the empty one for -1."""
        if code < 0:
            return ""
        old = len(self.words)
        return self.words.text(code) if code < old else self.new_texts[code - old]

    def learn(self, texts: Iterable[str]) -> Lexicon:
        """Return a lexicon that holds these words too.

        >>> colours = Lexicon(Words.build(["red"])).learn(["blue", "red", ""])
        >>> colours.code("blue"), colours.text(1), len(colours)
        (1, 'blue', 2)
        """
        unknown = dict.fromkeys(t for t in texts if t and self.code(t) == NO_CODE)
        if not unknown:
            return self
        codes = {text: len(self) + i for i, text in enumerate(unknown)}
        return Lexicon(
            self.words, (*self.new_texts, *unknown), {**self.new_codes, **codes}
        )
