"""One spelling for comparisons: what people write differently and mean the same."""

import unicodedata

_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "æ": "ae", "ø": "oe", "ł": "l", "ı": "i"})


def fold(text: str) -> str:
    """Lower case without umlauts and accents: "Fürth", "Fuerth" and "FURTH" become the same."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    text = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return text.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def words(text: str) -> list[str]:
    """The folded words, without punctuation."""
    return "".join(char if char.isalnum() else " " for char in fold(text)).split()
