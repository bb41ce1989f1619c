"""Sentences -> passages: windows of whole sentences, sized to the embedding model's window."""

from collections.abc import Sequence

from vectorstore.values import Article, Passage, Sentence

OVERLAP = 0.2  # the most that a passage repeats of the one before it, as a part of the budget


def make_passages(
    article: Article, sentences: Sequence[Sentence], tokens: Sequence[int], budget: int
) -> tuple[Passage, ...]:
    """Cut an article into windows of whole sentences with at most `budget` tokens each.

    `tokens` has the length of each sentence. A window begins with the last sentences of the one
    before it as far as these fit in a fifth of the budget, so that a sentence near a border is found
    with its context. A sentence longer than the budget is a passage of its own; the embedding model
    then sees its beginning, and the full-text index all of it.
    """
    passages: list[Passage] = []
    first = 0
    while first < len(sentences):
        end, size = first + 1, tokens[first]
        while end < len(sentences) and size + tokens[end] <= budget:
            size += tokens[end]
            end += 1
        passages.append(Passage(f"{article.id}#{first}-{end - 1}", article.id, first, end - 1))
        if end == len(sentences):
            break
        back, repeated = end, 0
        while back - 1 > first and repeated + tokens[back - 1] <= OVERLAP * budget:
            back -= 1
            repeated += tokens[back]
        first = back if repeated + tokens[end] <= budget else end
    return tuple(passages)


def passage_text(article: Article, sentences: Sequence[Sentence], passage: Passage) -> str:
    """Return what is embedded of a passage: the article's title, then the passage's exact text.

    The title tells what a passage from the middle of a news article is about (docs/decisions/0005).
    """
    return f"{article.title}\n{article.text[sentences[passage.first].start : sentences[passage.last].end]}"
