"""The facts of a claim, case by case: what the cited sentences must hold, and in which forms they may."""

import time

import pytest

from assistant.support.facts import Cited, Ground, first_fault
from vectorstore.sentences import sentences_of
from vectorstore.values import Article, StoredArticle

PUBLISHED = "2015-09-24"  # a Thursday

ARTICLE = """Li Keqiang met David Cameron in Beijing. Mr Li had shown a readiness to engage.
The singer Taylor Swift arrived on Monday. George Osborne and Boris Osborne are brothers.
The National Cyber Security Centre was founded in 2016. The NCSC is part of GCHQ.
Beyoncé sang. Ursula von der Leyen spoke after him. Members of the United States Congress listened.
An official in London said that companies had been robbed, and the company agreed."""


def fault_of(claim: str, *quotes: str, text: str = ARTICLE, published: str | None = PUBLISHED) -> Ground | None:
    article = Article("a", "Talks", published, None, text)
    stored = StoredArticle(article, sentences_of(article))
    fault = first_fault(claim, [Cited(quote, stored, len(stored.sentences)) for quote in quotes])
    return fault.ground if fault else None


STAND = [
    # numbers
    ("Deals worth 5.6 billion pounds were made.", "Deals worth £5.6bn were made."),
    ("Deals worth GBP 5.6bn were made.", "Deals worth £5.6 billion were made."),
    ("It cost $1.2bn.", "It cost US$1.2 billion."),
    ("There were 4 of them.", "There were four of them."),
    ("There were twelve eggs.", "There were a dozen eggs."),
    ("Some 1200 people came.", "Some 1,200 people came."),
    ("It rose by 21%.", "It rose by 21 per cent."),
    ("It rose by 21 percent.", "It rose by 21%."),
    ("It was the 3rd visit.", "It was the third visit."),
    ("It was in the 19th century.", "It was in the nineteenth century."),
    ("Some 250,000 people came.", "Some two hundred and fifty thousand people came."),
    ("It costs 3 million to 5 million pounds.", "It costs £3-5 million."),
    ("It costs between 10% and 15%.", "It costs between 10 and 15 per cent."),
    ("One of them agreed.", "A man agreed."),
    ("It lasts a second.", "It lasts a moment, a second."),
    # dates
    ("It began on December 4, 2013.", "It began on 4 December 2013."),
    ("It began on 2013-12-04.", "It began on 4 Dec 2013."),
    ("It began on 22 September 2015.", "It began on Tuesday."),
    ("It began in September 2015.", "It began on Tuesday."),
    ("It began in 2014.", "It began last year."),
    ("It began in June 2015.", "It began in June."),
    ("It began in October 2014.", "It began in October."),
    ("It will begin in October 2015.", "It will begin in October."),
    ("It began in June 2014.", "It began in June last year."),
    ("It began on 23 September 2015.", "It began yesterday."),
    ("It began on Thursday.", "It began on 24 September 2015."),
    ("It began in 2013.", "It began two years ago."),
    ("There were 1500 people.", "There were 1,500 people."),
    # names
    ("Li Keqiang left.", "Mr Li left."),
    ("Mr Li left.", "Li Keqiang left."),
    ("Taylor Swift left.", "Swift left."),
    ("Cameron's party left.", "David Cameron’s party left."),
    ("The NCSC grew.", "The National Cyber Security Centre grew."),
    ("The National Cyber Security Centre grew.", "The NCSC grew."),
    ("The British firm left China.", "The firm from Britain left the Chinese."),
    ("The United States left.", "The U.S. left."),
    ("Americans left.", "The US left."),
    ("Beyonce left.", "Beyoncé left."),
    ("Ursula von der Leyen left.", "URSULA VON DER LEYEN left."),
    ("Companies were robbed.", "Every company was robbed."),
    ("Additionally, David Cameron left.", "David Cameron left."),
    ("Officials left.", "An official left."),
    ("北京 left with Пётр.", "Пётр left 北京."),
    # quotations
    ("He called it “a proper dialogue”.", 'He called it "a  proper Dialogue".'),
    # negations
    ("He did not leave.", "He didn't leave."),
    ("He never left China.", "He has not left China."),
    ("He was detained in Shanghai.", "He was detained in Shanghai, and has not been charged."),
    ("He spoke, not only once.", "He spoke, more than once."),
    # speech
    ("Cameron said the deal was safe.", "“The deal is safe,” said Cameron, “and sound”."),
    ("According to McAfee, the attack came from Iran.", "The attack came from Iran, McAfee said."),
    ("Cameron spoke in Shanghai.", '"The deal is very safe," Cameron said in Shanghai, when he spoke.'),
    ("He may leave.", "He might leave."),
]

FALL = [
    (Ground.NUMBER, "There were 15 of them.", "There were 14 of them."),
    (Ground.NUMBER, "Deals worth £5.6m were made.", "Deals worth £5.6bn were made."),
    (Ground.NUMBER, "Deals worth $5.6bn were made.", "Deals worth £5.6bn were made."),
    (Ground.NUMBER, "It rose by 21%.", "It rose by 21 points."),
    (Ground.NUMBER, "It was the third visit.", "It was the second visit, with three friends."),
    (Ground.NUMBER, "Thousands came.", "Hundreds came."),
    (Ground.NUMBER, "It began at 10:30.", "It began at 11:30."),
    (Ground.NUMBER, "It ends at 9pm.", "It ends at 9am."),
    (Ground.NUMBER, "He met 5 women.", "He met 3 women and 5 men."),
    (Ground.NUMBER, "Prices fell from 5 to 3.", "Prices fell from 3 to 5."),
    (Ground.NUMBER, "There were 4 people.", "There were people on 4 December."),
    (Ground.DATE, "It began on 5 December 2013.", "It began on 4 December 2013."),
    (Ground.DATE, "It began in 2012.", "It began in 2013."),
    (Ground.DATE, "It began in June 2014.", "It began in June 2013; another began in 2014."),
    (Ground.DATE, "It began on Wednesday.", "It began on Tuesday."),
    (Ground.DATE, "It began on 21 September 2015.", "It began on Tuesday."),
    (Ground.DATE, "It began in 2015.", "It began last year."),
    (Ground.DATE, "It began in June 2015.", "It began in June last year."),
    (Ground.DATE, "It began in the 1980s.", "It began in the 1990s."),
    (Ground.DATE, "It began last year.", "It began this year."),
    (Ground.NUMBER, "It began on 4/12/2013.", "It began on 4 December 2013."),
    (Ground.NAME, "George Osborne left.", "Osborne left."),
    (Ground.NAME, "David Cameron left.", "He left."),
    (Ground.NAME, "Smith said so.", "An official said so."),
    (Ground.NAME, "Mr Cameron met Boris.", "Mr Cameron met George."),
    (Ground.NAME, "The FBI grew.", "The NCSC grew."),
    (Ground.NAME, "The French firm left.", "The British firm left."),
    (Ground.NAME, "Swift beat Cameron.", "Cameron beat Swift."),
    (Ground.QUOTE, "He called it “a good dialogue”.", "He called it “a proper dialogue”."),
    (Ground.NEGATION, "He did not leave China.", "He left China."),
    (Ground.NEGATION, "He left China early.", "He never left China early."),
    (Ground.NEGATION, "He left China without leave.", "He left China."),
    (Ground.SPEECH, "The deal was safe.", "Cameron said the deal was safe."),
    (Ground.SPEECH, "The attack came from Iran.", "The attack came from Iran, police allege."),
    (Ground.SPEECH, "The attack came from Iran.", "According to McAfee, the attack came from Iran."),
    (Ground.SPEECH, "A proper dialogue is necessary.", "“A proper dialogue is necessary,” he told them."),
    (Ground.SPEECH, "He will leave.", "He may leave soon."),
    (Ground.SPEECH, "He killed the guard.", "He allegedly killed the guard."),
    (Ground.NAME, "Osborne said the deal was safe.", "Cameron said the deal was safe."),
]


@pytest.mark.parametrize(("claim", "quote"), STAND)
def test_the_same_fact_in_another_form_stands(claim: str, quote: str) -> None:
    assert fault_of(claim, quote) is None


@pytest.mark.parametrize(("ground", "claim", "quote"), FALL)
def test_a_fact_that_differs_falls_on_its_ground(ground: Ground, claim: str, quote: str) -> None:
    assert fault_of(claim, quote) == ground


@pytest.mark.parametrize("quote", [quote for _, _, quote in FALL] + [quote for _, quote in STAND])
def test_a_sentence_supports_itself(quote: str) -> None:
    assert fault_of(quote, quote) is None


def test_a_name_may_stand_in_another_cited_sentence() -> None:
    assert fault_of("David Cameron left.", "He left.") == Ground.NAME
    assert fault_of("David Cameron left.", "Mr Cameron came.", "He left.") is None


FAMILY = """Peter Humphrey was deported. Mr Humphrey had been ill, and GSK knew. His son Harvey Humphrey was glad.
Mr Humphrey flew home. GlaxoSmithKline said nothing."""


@pytest.mark.parametrize(
    ("title", "claim", "ordinal", "ground"),
    [
        ("Deported", "Peter Humphrey had been ill.", 1, None),  # the only one who is named up to there
        ("Deported", "Harvey Humphrey had been ill.", 1, Ground.NAME),
        ("Deported", "Peter Humphrey was glad.", 2, Ground.NAME),  # the sentence names another
        ("Deported", "Peter Humphrey flew home.", 3, Ground.NAME),  # it may be either
        ("Peter Humphrey is free", "Peter Humphrey flew home.", 3, None),
        ("Deported", "GSK said nothing.", 4, None),
        ("Deported", "GlaxoSmithKline knew.", 1, None),
    ],
)
def test_a_surname_is_whom_the_article_last_had_only_one_of(
    title: str, claim: str, ordinal: int, ground: Ground | None
) -> None:
    article = Article("a", title, None, None, FAMILY)
    stored = StoredArticle(article, sentences_of(article))
    fault = first_fault(claim, [Cited(stored.quote(ordinal), stored, ordinal)])
    assert (fault.ground if fault else None) == ground


@pytest.mark.parametrize("part", ["he said ", "“a ", "it's ", "not, ", "Aa ", "5 ", "one hundred and ", "A. ", "' "])
def test_long_texts_take_no_long_time(part: str) -> None:
    started = time.perf_counter()
    fault_of(part * 1000, part * 900, text=part * 900)
    assert time.perf_counter() - started < 5  # of work that grows with the square it would be minutes


def test_without_a_date_of_publication_nothing_follows_from_it() -> None:
    assert fault_of("It began in June 2015.", "It began in June.", published=None) == Ground.DATE
    assert fault_of("It began in June.", "It began in June.", published="no date") is None


def test_a_sentence_amid_a_longer_quotation_is_speech() -> None:
    text = "“We are glad. The deal is safe and sound. We go on,” said Cameron."
    article = Article("a", "Talks", None, None, text)
    stored = StoredArticle(article, sentences_of(article))
    cited = [Cited(stored.quote(1), stored, 1)]
    fault = first_fault("The deal is safe.", cited)
    assert fault is not None
    assert fault.ground == Ground.SPEECH


@pytest.mark.parametrize("text", ["", " ", "“", '"', "12", "\ud800", "’s", "£", "5-", "Mr", "A.B.C. - (", "2015-13-45"])
def test_scraps_do_not_crash(text: str) -> None:
    fault_of(text, "It rained all day.")
    fault_of("It rained all day.", text, text=text or " ")


def test_the_reason_is_a_sentence_for_people() -> None:
    article = Article("a", "Talks", None, None, ARTICLE)
    fault = first_fault("There were 14 of them.", [Cited("There were 15.", StoredArticle(article, ()), 0)])
    assert fault is not None
    assert fault.reason == "the number 14 is not in the cited sentences"
