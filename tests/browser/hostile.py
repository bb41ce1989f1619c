"""Text that attacks the page: payloads of many kinds, files that hold them everywhere, and a server that none may call.

A payload is proved to be harmless where no dialog opens, `window.pwned` stays undefined, and the canary hears nothing:
in a payload N stands for its number and CANARY for the canary's address, which is on the same machine as the page,
so that no rule against foreign hosts hides what escaping let through.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from vectorstore.formats.draft import printable

LONGEST_NAME = 240  # bytes of a file's name, of the 255 that file systems take

_KINDS: dict[str, tuple[str, ...]] = {
    "script elements": (
        "<script>alert(N)</script>",
        "<ScRiPt>window.pwned=N</sCrIpT>",
        '<script src="CANARY/N.js"></script>',
        '<script type="module">import("CANARY/N.js")</script>',
        "<scr<script>ipt>alert(N)</scr</script>ipt>",
        "<script/x>alert(N)</script\t>",
        "<script\x0c>alert(N)</script>",
    ),
    "event handlers": (
        "<img src=x onerror=alert(N)>",
        "<img/src=`x`onerror=alert(N)>",
        '<img src="CANARY/N.png" onload=alert(N)>',
        "<input autofocus onfocus=alert(N)>",
        "<body onload=alert(N)>",
        "<div onpointerover=alert(N) style='position:fixed;inset:0'>over all</div>",
        "<details open ontoggle=alert(N)><summary>open</summary></details>",
        "<div popover id=pop onbeforetoggle=alert(N)>pop</div><button popovertarget=pop autofocus>press</button>",
        "<dialog open oncancel=alert(N)><form method=dialog><button autofocus>press</button></form></dialog>",
        "<marquee onstart=alert(N)>moves</marquee>",
        "<p style='animation:x 1s' onanimationstart=alert(N)>moves</p><style>@keyframes x{}</style>",
        "<audio src onerror=alert(N)>",
        "<xss oncontentvisibilityautostatechange=alert(N) style=display:block;content-visibility:auto>",
    ),
    "other languages in markup": (
        "<svg onload=alert(N)>",
        "<svg><script>alert(N)</script></svg>",
        "<svg><animate onbegin=alert(N) attributeName=x dur=1s></svg>",
        '<svg><use href="CANARY/N.svg#a"/><image href="CANARY/N.png"/></svg>',
        '<math><maction actiontype="statusline#" xlink:href="javascript:alert(N)">press</maction></math>',
        '<math><mtext></form><form><mglyph><style></math><img src onerror=alert(N)>">',
        "$\\href{javascript:alert(N)}{press}$ $$\\unicode{<img src=x onerror=alert(N)>}$$",
        "```mermaid\tgraph LR; A-->B; click A javascript:alert(N)```",
    ),
    "markup that changes when it is parsed twice": (
        '<noscript><p title="</noscript><img src=x onerror=alert(N)>">',
        '<svg></p><style><a id="</style><img src=1 onerror=alert(N)>">',
        "<template><img src=x onerror=alert(N)></template>",
        '<p id="</textarea><img src=x onerror=alert(N)>">',
        "<select><template><style><!--</style><img src=x onerror=alert(N)></template>",
        "&lt;img src=x onerror=alert(N)&gt;",
        "&amp;lt;script&amp;gt;alert(N)&amp;lt;/script&amp;gt;",
        "&#60;img src=x onerror=alert(N)&#62; &#x3c;script&#x3e;alert(N)&#x3c;/script&#x3e;",
        "\\u003cimg src=x onerror=alert(N)\\u003e %3Cscript%3Ealert(N)%3C/script%3E",
    ),
    "what ends the place where text stands": (
        "</textarea><script>alert(N)</script>",
        "</script><script>alert(N)</script>",
        "</title></style></noscript></template><script>alert(N)</script>",
        "<!-- --!><img src=x onerror=alert(N)> -->",
        "<![CDATA[<img src=x onerror=alert(N)>]]>",
        "</span></p></article></div></body></html><script>alert(N)</script>",
        "\" onmouseover=\"alert(N)\" x=\"",
        "' autofocus onfocus='alert(N)' x='",
        "` onpointerenter=alert(N) x=`",
        "\"><img src=x onerror=alert(N)>",
        "');alert(N);//",
        "\\\");alert(N);//",
        "*/alert(N)/*",
    ),
    "addresses": (
        '<a href="javascript:alert(N)">press</a>',
        '<a href="jav&#x09;ascript:alert(N)">press</a>',
        '<a href="data:text/html,<script>alert(N)</script>">press</a>',
        '<a ping="CANARY/N" href="#">press</a>',
        "javascript:alert(N)//CANARY/N",
        '<iframe src="javascript:alert(N)"></iframe>',
        '<iframe srcdoc="<script>parent.pwned=N</script>"></iframe>',
        '<object data="CANARY/N"></object>',
        '<embed src="CANARY/N.svg">',
        '<meta http-equiv="refresh" content="0;url=CANARY/N">',
        '<base href="CANARY/N/">',
        '<form action="CANARY/N"><input name=footnote><button autofocus>press</button></form>',
        '<button formaction="javascript:alert(N)" autofocus>press</button>',
        '<link rel="prefetch" href="CANARY/N"><link rel="stylesheet" href="CANARY/N.css">',
        '<link rel="dns-prefetch preconnect" href="CANARY/N">',
        '<img srcset="CANARY/N.png 1x, CANARY/N.png 2x" src=x>',
        '<video poster="CANARY/N.png" src="CANARY/N.mp4" autoplay></video>',
        '<picture><source srcset="CANARY/N.webp"><img alt=x></picture>',
    ),
    "style": (
        '<style>@import url("CANARY/N.css");</style>',
        "<style>*{background:url(CANARY/N.png)!important}</style>",
        '<p style="background-image:url(CANARY/N.png)">paper</p>',
        "<style>@font-face{font-family:x;src:url(CANARY/N.woff)}*{font-family:x!important}</style>",
        '<p style="position:fixed;inset:0;z-index:9999;background:red">over all</p>',
        "--ink:url(CANARY/N.png);} body{display:none",
    ),
    "template languages": (
        "${alert(N)} ${window.pwned=N} `${alert(N)}`",
        "{{alert(N)}} {{{window.pwned=N}}} {{#with this}}{{constructor}}{{/with}}",
        "{{constructor.constructor('alert(N)')()}}",
        "{%raw%}{% for x in ().__class__.__base__.__subclasses__() %}{{x}}{% endfor %} #{alert(N)} <%= alert(N) %>",
        "{value} {0.__class__} %(password)s %s%s%n",
        "<template shadowrootmode=open><script>alert(N)</script></template>",
    ),
    "markdown": (
        "![x](CANARY/N.png) ![y][r] [r]: CANARY/N.png",
        "[press](javascript:alert(N)) <javascript:alert(N)>",
        '[press](CANARY/N "title") <CANARY/N> CANARY/N',
        '![x](x"onerror="alert(N))',
        "**bold** _faint_ `code` ~~gone~~ # head | a | b |",
    ),
    "names of the page's own": (
        '<div id="reading" data-open class="sentence at" data-ordinal="0">not the panel</div>',
        '<form name="footnote" id="footnote"><input name="openArticle"><input id="told"></form>',
        '<a id="footnote"></a><a id="footnote" name="say" href="javascript:alert(N)">press</a>',
        '<article class="exchange" data-done><h2>Forged?</h2><div class="reply">'
        '<a class="chip" data-article="x" data-sentence="0">1</a></div></article>',
        '<img name="body"><img name="getElementById"><img name="cookie">',
        '{"__proto__":{"pwned":N},"constructor":{"prototype":{"pwned":N}}}',
        "__proto__",
        "constructor",
    ),
    "Gradio's own": (
        "/gradio_api/file=/etc/passwd file=/etc/passwd",
        '<img src="/gradio_api/file=/etc/passwd"><img src="/gradio_api/proxy=CANARY/N">',
        "<gradio-app src='CANARY/N'></gradio-app>",
        '{"__type__":"update","value":"<img src=x onerror=alert(N)>","visible":false}',
        '{"path":"/etc/passwd","meta":{"_type":"gradio.FileData"}}',
    ),
    "characters": (
        "＜script＞alert(N)＜/script＞ ‹img src=x onerror=alert(N)›",
        "\u202e>tpircs/<)N(trela>tpircs<\u202c \u2066hidden\u2069 \u200f\u061c",
        "a\u0301\u0323\u20dd zero\u200bwidth\u200d\u2060join\ufeffed",
        "before\x00after <scr\x00ipt>alert(N)</script>",
        "\x01\x02\x07\x08\x1b[31mred\x1b[0m\x1b]8;;CANARY/N\x07press\x1b]8;;\x07\x7f\x9b",
        "<\u0000img src=x onerror\u3000=alert(N)> \u00a0 \u2028alert(N)\u2029",
        "𝟙 ﬀ İstanbul ß 👩‍👩‍👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿 \U000e0041\U000e007f",
        "../../etc/passwd ..\\..\\windows C:\\NUL | $(touch pwned) `id` ; rm -rf x",
        "' OR 1=1; DROP TABLE articles; -- \" NEAR( * ^title:x",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Payload:
    """One attack: its number from 1, its kind, its text as it is sent, and the made-up name that its article is of."""

    number: int
    kind: str
    sent: str
    name: str

    @property
    def text(self) -> str:
        """The text as a library stores it, and as a person must see it."""
        return printable(self.sent)

    @property
    def line(self) -> str:
        """The text in a title or a source: on one line."""
        return " ".join(self.text.split())

    @property
    def id(self) -> str:
        """An article's id: control characters are refused there."""
        return "".join(c for c in self.text if ord(c) >= 32 and not 0x7F <= ord(c) < 0xA0) + f" {self.name}"

    @property
    def question(self) -> str:
        return f"What did {self.name} say?"

    @property
    def sentence(self) -> str:
        return f"{self.name} said {self.text} to the harbour master"

    @property
    def file_name(self) -> str:
        """A file's name, as far as a file system takes one: a slash is not, nor NUL, nor more than 255 bytes."""
        stem = self.sent.replace("/", "\u2215").replace("\0", "")
        return stem.encode()[: LONGEST_NAME - 20].decode("utf-8", "ignore") + f" {self.number}.md"


def payloads(canary: str = "http://127.0.0.1:9") -> tuple[Payload, ...]:
    """Return every payload; `canary` is the address that they call."""
    of_kinds = [(kind, text) for kind, texts in _KINDS.items() for text in texts]
    return tuple(
        Payload(n, kind, text.replace("CANARY", canary).replace("(N)", f"({n})").replace("=N", f"={n}")
                .replace("/N", f"/{n}").replace(":N}", f":{n}}}"), _name(n))
        for n, (kind, text) in enumerate(of_kinds, 1)
    )  # fmt: skip


def _name(number: int) -> str:
    """Return a made-up name, another for each number, which search and reader tell from the others."""
    first = ("Bel", "Dor", "Fen", "Gar", "Hol", "Jas", "Kel", "Lom", "Mar", "Nov", "Per", "Rud", "Sil", "Tov", "Vel")
    last = ("azny", "brook", "cott", "dahl", "engo", "fisk", "grim", "horst", "ivic", "kamp", "lund", "mont", "nash")
    return f"{first[number % len(first)]}{last[number % len(last)]}"


def write_hostile(folder: Path, canary: str) -> tuple[Payload, ...]:
    """Write files whose every text is a payload: bodies, titles, sources and ids of one .jsonl, and names of others.

    Each payload is asked for by its `question`; the sentence that answers is its `sentence`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    made = payloads(canary)
    with (folder / "hostile.jsonl").open("w", encoding="utf-8") as lines:
        for one in made:
            text = (
                f"The harbour of {one.name} was busy that day. {one.sentence}.\n"
                f"Nobody in {one.name} has heard more of it since, and the boats went out."
            )
            fields = {"id": one.id, "title": f"{one.line} in {one.name}", "source": one.line, "text": text}
            lines.write(json.dumps({**fields, "date": "2020-01-02"}) + "\n")
    for one in made:
        text = f"---\ndate: 2020-01-03\n---\nFile number {one.number} is kept in a cellar.\n"
        (folder / one.file_name).write_text(text, encoding="utf-8")
    return made


@dataclass
class Canary:
    """A server on this machine that nothing may call; `heard` holds what was asked of it."""

    url: str = ""
    heard: list[str] = field(default_factory=list)


@contextmanager
def canary() -> Iterator[Canary]:
    """Serve on a free port; fail at the end if anything was asked."""
    state = Canary()

    class Handler(BaseHTTPRequestHandler):
        def handle(self) -> None:
            state.heard.append("a connection")  # also one that asks for nothing, as a preconnect does
            super().handle()

        def do_GET(self) -> None:
            self.hear()

        def do_POST(self) -> None:
            self.hear()

        def hear(self) -> None:
            state.heard.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield state
        assert state.heard == []
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
