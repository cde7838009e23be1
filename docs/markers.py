"""The parts of a document that a program writes: each between `<!-- NAME: begin -->` and `<!-- NAME: end -->`."""


def written(text: str, name: str, content: str) -> str:
    """The document `text` with `content` as its part `name`. Raises ValueError when it has no such part."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"nothing stands between {begin} and {end}")
    return f"{before}{begin}\n{content}\n{end}{after}"
