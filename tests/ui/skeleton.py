"""HTML as a browser would see it, for tests without one."""

from html.parser import HTMLParser

# All that an exchange is drawn with.
KNOWN_TAGS = {
    *("article", "div", "h2", "p", "a", "abbr", "bdi", "span", "ol", "ul", "li", "cite", "time", "em"),
    *("details", "summary", "button", "form", "label", "input", "svg", "path"),
}
KNOWN_ATTRIBUTES = {
    *(
        "id",
        "class",
        "dir",
        "href",
        "title",
        "hidden",
        "value",
        "name",
        "type",
        "maxlength",
        "autocomplete",
        "tabindex",
    ),
    *("role", "aria-label", "aria-describedby", "aria-pressed", "aria-hidden", "viewbox", "d"),
    *("data-number", "data-key", "data-done", "data-article", "data-sentence", "data-hash", "data-note"),
    *("data-act", "data-form", "data-rating"),
}


class Skeleton(HTMLParser):
    """The tags, attributes and text of a piece of HTML; `open` is what was not closed."""

    VOID = ("input", "path")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def values(self, name: str) -> list[str | None]:
        return [value for key, value in self.attributes if key == name]
