"""Claims of docs/: what is made from the source is up to date."""

from docs import options


def test_the_page_of_options_is_the_table():
    """Else: make docs."""
    assert options.PAGE.read_text() == options.page()
