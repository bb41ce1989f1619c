"""What a saved web page carries around its article. Whole lines only: no sentence is ever shortened or lost.

Every pattern has to match a line from end to end, and those with a free part are kept from matching
sentences: a headline that is linked to has no full stop, an address has its @.
"""

import re
from collections.abc import Sequence

_NETWORK = (
    r"(?:Twitter|X|Facebook|Instagram|YouTube|LinkedIn|WhatsApp|TikTok|Threads|"
    r"Bluesky|Telegram|Reddit|Pinterest|Mastodon)"
)
_AGENCY = (
    r"(?:Getty Images|AFP|Reuters|AP|AP Photo|Associated Press|The Associated Press|PA|PA Media|EPA|Alamy|"
    r"Shutterstock|iStock|Bloomberg|Xinhua|ANSA|DPA|Rex Features)"
)
_AGENCIES = rf"{_AGENCY}(?:\s*(?:/|,|and|via|\|)\s*{_AGENCY})*"

_WHOLE_LINES = (
    # menus and buttons
    r"(?:Skip|Jump) to (?:main )?(?:content|navigation|search|footer)",
    r"Menu|Search|Home|Log ?in|Sign ?in|Register|Accept(?: all)?(?: cookies)?|Close|Loading(?:\.\.\.|…)?",
    r"(?:Read|Show|View|See|Load) (?:more|less|all)(?: (?:stories|articles|comments))?(?: ?[>»›→])?",
    r"Continue reading|Read (?:the )?full (?:story|article)|Back to top",
    r"Click to (?:enlarge|expand)|Enlarge(?: this)? image",
    r"(?:Play|Watch)(?: the)? video|View (?:the )?(?:gallery|slideshow)|Listen to (?:this )?article",
    # sharing
    r"(?:Share|Tweet|Email|Print|Save|Pin|Copy link|Copy URL|Bookmark|Comments?|Like)",
    r"(?:Share|Email|Print|Save|Bookmark|Tweet|Pin) (?:this|the)(?: (?:page|article|story|post|video|link))?",
    r"(?:Share|Tweet|Post)(?: (?:this|it))?(?: (?:page|article|story|post))?"
    rf" (?:with|on|via|by|to) (?:{_NETWORK}|e-?mail|friends)",
    r"Share(?: this)?(?: (?:page|article|story))? (?:with|on|via):?|About sharing",
    rf"(?:(?:Share|Tweet|Email|Print|{_NETWORK})(?:[ ,|·/]+|$)){{2,10}}",
    r"\d[\d,.]*[kKmM]? (?:comments?|shares?|likes?|views?|reactions?)",
    r"(?:View|Leave a|Post a|Add a|Join the) (?:comments?|conversation|discussion|reply)",
    r"(?:Let us know|Tell us) what you think(?: below| in the comments(?: below)?)?[.!]?",
    # advertisements
    r"Advertise?ments?|Advertising|Sponsored(?: content)?|Promoted(?: content)?",
    r"(?:Story|Article|Content) continues (?:below|after)"
    r"(?: (?:the |this )?(?:advertisement|ad|video|(?:newsletter )?promotion))?",
    r"Advertisement ?[-–—:.] ?(?:Continue reading|Scroll to continue|Story continues)[^.]{0,40}",
    # letters and following
    r"(?:Please )?(?:Sign up|Subscribe|Register)(?: now| here| today)? (?:to|for) (?:our|the|your|my)\b"
    r"[^.!?,;]{0,60}\b(?:newsletters?|mailing list|e-?mails?|alerts|updates|podcast|channel)"
    r"(?: (?:here|today|now|below|for free))?[.!]?",
    r"(?:Follow|Like|Join|Find|Connect with) (?:us|me)(?: [@\w]{1,20})?"
    rf" on {_NETWORK}(?:(?:,| and| or|, and) {_NETWORK})*(?:[:,]? ?@\w{{1,30}})?[.!]?",
    rf"(?:You can )?follow [^.!?,;]{{1,60}} on {_NETWORK}[:,]?(?: at)? ?@\w{{1,30}}[.!]?",
    rf"Follow @\w{{1,30}}(?: on {_NETWORK})?[.!]?",
    r"(?:Contact|E-?mail|Write to|Reach) (?:the )?[A-Z][\w.'’-]*(?: [A-Z][\w.'’-]+){0,3}"
    r"(?: at| on| via)?:? ?[\w.+-]+@[\w-]+(?:\.[\w-]+)+(?: or [^.!?]{1,80})?[.!]?",
    # rights and credits
    r"(?:©|\(c\)|Copyright (?:©|\(c\))|© Copyright)[^!?]{0,140}",
    r"Copyright[ :,]*(?:\d{4}(?:[-–]\d{4})?(?-i:,? (?:by )?[A-Z][^.!?]{0,80})?|"
    r"(?-i:[A-Z])[^.!?,;]{1,60},? \d{4})(?:\.? All rights reserved)?\.?",
    r"(?:[^.!?]{0,60}(?:©|\d{4})[^.!?]{0,60}[.,]? ?)?All rights reserved\.?"
    r"(?: (?:This|No part|Reproduction|Use of)[^!?]{0,200})?",
    r"(?:Image|Photo|Photograph|Picture|Video|Media) (?:source|copyright|credit)s?[:,] ?[^.!?]{1,60}",
    rf"(?:Image|Photo|Photograph|Picture|Video|Media) (?:source|copyright|credit|by)s? {_AGENCIES}",
    r"(?-i:Photo(?:graph)?s? by(?: [A-Z][\w.'’-]+){1,4})",
    rf"(?:Image|Photo|Photograph|Picture|Credit|Source)s?: ?(?:[^.!?,;]{{1,40}}[/,] ?)?{_AGENCIES}",
    _AGENCIES,
    # other stories
    r"(?:Read more|Read next|Related|See also|Up next)\s*:?",
    r"\d{1,2}[ -]min(?:ute)?s? (?:read|listen|watch)|(?:Reading|Read) time:? \d{1,2} min(?:ute)?s?",
)
# A link to another story; above the text it can be the headline itself ("In pictures: ...").
_LINK = re.compile(
    r"(?!.*[.!…][\"'”’)\]]*$)"
    r"(?:Read more|Read also|Also read|Read next|See also|More|Watch|Related|In pictures|Don't miss)"
    r"\s*[:|»>]\s*\S.{0,160}",
    re.IGNORECASE,
)
_WHOLE_LINE = re.compile("|".join(f"(?:{pattern})" for pattern in _WHOLE_LINES), re.IGNORECASE)

# Pages end with these and with links below them...
_TAIL = re.compile(
    r"More on this (?:story|topic|subject)|Around the BBC|(?:Related|External) internet links|"
    r"From other (?:local )?news sites",
    re.IGNORECASE,
)
# ...while these boxes also stand between two paragraphs.
_BOX = re.compile(
    r"Related (?:topics?|stories|articles?|content|links?|news|coverage|reading|posts?|videos?)|"
    r"(?:Recommended|Suggested)(?: stories| articles| for you| reading)?|"
    r"You (?:may|might) also (?:like|be interested in)|"
    r"Most (?:read|popular|viewed|shared|watched)|Top stories|Trending(?: now)?|"
    r"More from [^.!?]{1,40}|Editors?['’]?s? picks?",
    re.IGNORECASE,
)

_CAPTION = re.compile(r"(?:Image|Media|Photo|Video|Picture) caption(?:\s*[:,]\s*|\s+(?=[^a-z\s]))(?P<caption>.*)")
_BARE_LABEL = re.compile(r"(?:Image|Media|Photo|Video|Picture) caption\s*[:,]?", re.IGNORECASE)
_CREDIT = re.compile(
    r"\s*[(\[](?:(?:Photo|Image|Picture|Video)s?\s+)?(?:Credits?|Photos?|Images?|Pictures?|Courtesy)"
    r"(?:\s*:|\s+by\b|\s+of\b|\s+courtesy of\b)[^()\[\]]{1,80}[)\]]\s*$",
    re.IGNORECASE,
)
_TERMINAL = re.compile(r"[.!?…。！？][\"'”’)\]»]*$")
_LONGEST = 300
_LONGEST_CREDIT = 150


def is_furniture(line: str) -> bool:
    """Tell whether a whole line is page furniture, or has no letter and no digit."""
    if len(line) > _LONGEST:
        return False
    return bool(_WHOLE_LINE.fullmatch(line)) or is_link(line) or not any(character.isalnum() for character in line)


def is_link(line: str) -> bool:
    """Tell whether a line is a labelled link to another story ("Read more: ...")."""
    return len(line) <= _LONGEST and bool(_LINK.fullmatch(line))


def is_box_heading(line: str) -> bool:
    """Tell whether a line heads a list of links to other stories."""
    return len(line) <= _LONGEST and bool(_is_tail(line) or _BOX.fullmatch(line.rstrip(":")))


def is_prose(line: str) -> bool:
    """Tell whether a line looks like sentences: it ends as one, and is longer than a cry."""
    long = len(line.split()) >= 5 or (not line.isascii() and len(line) >= 12)
    return long and bool(_TERMINAL.search(line))


def caption_of(line: str) -> str | None:
    """Return a caption without its label ("Image caption"), "" for the bare label, None for another line."""
    if _BARE_LABEL.fullmatch(line):
        return ""
    match = _CAPTION.fullmatch(line)
    return match["caption"] if match else None


def without_credit(line: str) -> str:
    """Return a line without the picture credit in brackets at its end."""
    if not line.endswith((")", "]")):
        return line
    start = max(0, len(line) - _LONGEST_CREDIT)
    return line[:start] + _CREDIT.sub("", line[start:])


def without_boxes(lines: Sequence[str]) -> list[int]:
    """Return the indexes of the lines that are left when lists of links to other stories are out.

    After "More on this story" nothing counts, as long as it is the smaller part: then it stood in
    the middle, and only what does not look like sentences goes, as it does below the other headings.
    """
    prose = [len(line.split()) if is_prose(line) else 0 for line in lines]
    before, total = 0, sum(prose)
    kept: list[int] = []
    in_box = False
    for index, line in enumerate(lines):
        if is_box_heading(line):
            if _is_tail(line) and total - before <= before:
                break
            in_box = True
            continue
        before += prose[index]
        in_box = in_box and not prose[index]
        if not in_box:
            kept.append(index)
    return kept


def _is_tail(line: str) -> bool:
    return bool(_TAIL.fullmatch(line.rstrip(":")))
