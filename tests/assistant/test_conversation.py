"""Follow-ups and what they mean, written by hand.

A row is a conversation: the turns are divided by ``¦``, an answer opens with ``—``, and what follows
``→`` is the last question as it has to read. The word lists of `assistant.conversation` were made
with this table in view, so that it guards against regressions and measures nothing; what does measure
is `benchmarks/followups.py`. The rows that are not solved are kept, as strict xfails, each with its reason.
"""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.conversation import standalone
from assistant.values import Turn

REWRITTEN = {
    "pronouns": [
        "When did Malaysia Airlines flight MH370 disappear? ¦ Has it been found? "
        "→ Has Malaysia Airlines flight MH370 been found?",
        "What is Brexit? ¦ When did the UK vote for it? → When did the UK vote for Brexit?",
        "What are the symptoms of measles? ¦ How is it treated? → How is measles treated?",
        "What did Obama say about guns? ¦ Does Trump agree with him? → Does Trump agree with Obama?",
        "What did Xi Jinping promise? ¦ Did he keep his promise? → Did Xi Jinping keep his promise?",
        "WHO IS PETER HUMPHREY? ¦ IS HE STILL BEING HELD? → IS PETER HUMPHREY STILL BEING HELD?",
        "Who is Theresa May? ¦ In May, did she resign? → In May, did Theresa May resign?",
        "What happened to MH17? ¦ Who shot it down? ¦ How do we know that? → Who shot MH17 down? How do we know that?",
        "What did the ECB announce? ¦ How did markets react to it? "
        "→ What did the ECB announce? How did markets react to it?",
        "Did Nokia sell its phone unit? ¦ How much did Microsoft pay for it? "
        "→ Did Nokia sell its phone unit? How much did Microsoft pay for it?",
        "What did Cameron say in China? ¦ Did he say that? → What did Cameron say in China? Did Cameron say that?",
        "What did Cameron say in China? ¦ Why is this important? "
        "→ What did Cameron say in China? Why is this important?",
        "What caused the fire at Grenfell Tower? ¦ How many people died there? "
        "→ What caused the fire at Grenfell Tower? How many people died there?",
        "Who is Peter Humphrey? ¦ Is he still being held? → Is Peter Humphrey still being held?",
        "Who is Peter Humphrey? ¦ Did Cameron meet him? → Did Cameron meet Peter Humphrey?",
        "Who is Angela Merkel? ¦ When did she take office? → When did Angela Merkel take office?",
        "Who is Angela Merkel? ¦ Did Obama meet her in Berlin? → Did Obama meet Angela Merkel in Berlin?",
        "What is the Iron Dome? ¦ How much did it cost? → How much did the Iron Dome cost?",
        "When was Nokia founded? ¦ Where is it based? → Where is Nokia based?",
        "What are orangutans? ¦ Are they going extinct? → Are orangutans going extinct?",
        "How did The Beatles become famous? ¦ Why did they break up? → Why did the Beatles break up?",
        "Who is Peter Humphrey? ¦ He's ill, isn't he? → Peter Humphrey's ill, isn't he?",
        "Who is the president of France? ¦ How old is he? → How old is the president of France?",
        "What is the capital of Kenya? ¦ How many people live in it? → How many people live in the capital of Kenya?",
    ],
    "possessives": [
        "What is the population of Kenya? ¦ What is its capital? → What is Kenya's capital?",
        "What is the capital of Kenya? ¦ What is its population? → What is the capital of Kenya's population?",
        "who is peter humphrey? ¦ and his wife? → who is peter humphrey's wife?",
        "Who is Peter Humphrey? ¦ Who was his wife? → Who was Peter Humphrey's wife?",
        "Who is Angela Merkel? ¦ What is her husband called? → What is Angela Merkel's husband called?",
        "What is Nokia? ¦ Who runs its phone business? → Who runs Nokia's phone business?",
        "What are groundhogs? ¦ What are their main predators? → What are groundhogs' main predators?",
        "Did Nokia's chief executive Stephen Elop resign? ¦ How much was he paid? → How much was Stephen Elop paid?",
    ],
    "the last question in front": [
        "How many people died in the Nepal earthquake? ¦ When did it happen? "
        "→ How many people died in the Nepal earthquake? When did it happen?",
        "Where do groundhogs live? ¦ What do they eat? → Where do groundhogs live? What do they eat?",
        "where does the penobscot river start ¦ how long is it → where does the penobscot river start? how long is it",
        "What did Angela Merkel tell David Cameron? ¦ Where did they meet? "
        "→ What did Angela Merkel tell David Cameron? Where did they meet?",
        "What did the Bank of England announce? ¦ When was it founded? "
        "→ What did the Bank of England announce? When was it founded?",
    ],
    "chains": [
        "Who is Peter Humphrey? ¦ Is he still being held? ¦ Since when? "
        "→ Since when is Peter Humphrey still being held?",
        "Who is Peter Humphrey? ¦ Is he still being held? ¦ Since when? ¦ Where was he arrested? "
        "→ Where was Peter Humphrey arrested?",
        "Who is Peter Humphrey? ¦ Who was his wife? ¦ Where was she born? → Where was Peter Humphrey's wife born?",
        "How many jobs did Nokia cut? ¦ And in 2015? ¦ And in 2016? → How many jobs did Nokia cut in 2016?",
        "Who founded Apple? ¦ And Microsoft? ¦ What about Nokia? → Who founded Nokia?",
        "Who is Peter Humphrey? ¦ Thank you! ¦ Is he married? → Is Peter Humphrey married?",
    ],
    "who is meant": [
        "Who was arrested in Shanghai? ¦ — British investigator Peter Humphrey was arrested. ¦ Why was he arrested? "
        "→ Why was Peter Humphrey arrested?",
        "Who was arrested in Shanghai? ¦ Why was he arrested? → Who was arrested in Shanghai? Why was he arrested?",
        "Who are Peter Humphrey and Yu Yingzeng? ¦ Are they married? → Are Peter Humphrey and Yu Yingzeng married?",
        "Who is Ban Ki-moon? ¦ Where's he from? → Where's Ban Ki-moon from?",
        "Who wrote Hamlet? ¦ What else did he write? → Who wrote Hamlet? What else did he write?",
        "Who wrote Hamlet? ¦ — William Shakespeare wrote Hamlet. ¦ What else did he write? "
        "→ What else did William Shakespeare write?",
        "Who won the 2014 World Cup? ¦ — Germany won it, beating Argentina. ¦ Who was their coach? "
        "→ Who was Germany's coach?",
        "When was the Eiffel Tower built? ¦ Who designed it? ¦ Where was he born? "
        "→ Who designed the Eiffel Tower? Where was he born?",
        "Who is James Cameron? ¦ Did he direct Titanic? ¦ When was it released? → When was Titanic released?",
        "What is the population of Kenya? ¦ What about Uganda? ¦ Which of them is larger? "
        "→ What is the population of Uganda? Which of them is larger?",
        "Did Cameron raise this with the Chinese? ¦ What did they say? → What did the Chinese say?",
        "What did Angela Merkel tell David Cameron? ¦ Where was she? → Where was Angela Merkel?",
        "Who is Tim Cook? ¦ What does Apple sell? ¦ Where is it based? → Where is Apple based?",
        "Who is Tim Cook? ¦ What does Apple sell? ¦ Where was he born? → Where was Tim Cook born?",
        "Who is Peter Humphrey? ¦ Who is David Cameron? ¦ Is he married? → Is David Cameron married?",
        "Did Cameron visit China? ¦ — He flew to Beijing with Nokia's Stephen Elop. ¦ Why did he go? "
        "→ Why did Cameron go?",
        "Who founded Apple? ¦ — Steve Jobs founded Apple in 1976. ¦ When did he die? → When did Steve Jobs die?",
        "Who founded Apple? ¦ — Steve Jobs founded Apple in 1976. ¦ Where is it based? → Where is Apple based?",
        "Which company bought Skype? ¦ — Microsoft bought Skype in 2011. ¦ Where is it based? "
        "→ Where is Microsoft based?",
        "Who leads France? ¦ — The president is Emmanuel Macron. ¦ How old is he? → How old is Emmanuel Macron?",
    ],
    "names": [
        "Who is Bashar al-Assad? ¦ Where was he born? → Where was Bashar al-Assad born?",
        "When did Ludwig van Beethoven die? ¦ Was he deaf? → Was Ludwig van Beethoven deaf?",
        "What does Johnson & Johnson make? ¦ Where is it based? → Where is Johnson & Johnson based?",
        "who is peter humphrey ¦ is he still being held → is peter humphrey still being held",
        "what is the iron dome ¦ who made it → who made the iron dome",
        "tell me about geocaching ¦ is it legal → is geocaching legal",
        "Who is Gerhard Schröder? ¦ Where does he live? → Where does Gerhard Schröder live?",
        "Who is Чайковский? ¦ When was he born? → When was Чайковский born?",
    ],
    "fragments": [
        "who is angela merkel ¦ what about david cameron → who is david cameron?",
        "How many people live in Paris? ¦ How many in London? → How many people live in Paris? How many in London?",
        "How many people live in Paris? ¦ In London? → How many people live in London?",
        "Who is the mayor of London? ¦ Of Paris? → Who is the mayor of Paris?",
        "What happened in Ferguson? ¦ When was this? → What happened in Ferguson? When was this?",
        "Who won the 2014 World Cup? ¦ And in 2010? → Who won the 2010 World Cup?",
        "Is the minimum wage going up? ¦ From when? → From when is the minimum wage going up?",
        "Why did Nokia sell its phone business? ¦ To whom? → Why did Nokia sell its phone business? To whom?",
        "Does Trump agree with Obama? ¦ Why not? → Does Trump agree with Obama? Why not?",
        "Was the deal approved? ¦ When? → When was the deal approved?",
        "What is Ebola? ¦ Is there a cure? → What is Ebola? Is there a cure?",
        "What is the tallest building in Dubai? ¦ And the second tallest? "
        "→ What is the tallest building in Dubai? And the second tallest?",
        "Which countries signed the Paris Agreement? ¦ Which ones did not? "
        "→ Which countries signed the Paris Agreement? Which ones did not?",
        "What caused the fire at Grenfell Tower? ¦ How many died? "
        "→ What caused the fire at Grenfell Tower? How many died?",
        "how many jobs did nokia cut ¦ and in 2015 → how many jobs did nokia cut in 2015?",
        "who founded apple ¦ and microsoft → who founded apple? and microsoft",
        "Is Peter Humphrey still being held? ¦ Really? → Is Peter Humphrey still being held? Really?",
        "Is Peter Humphrey still being held? ¦ By whom? → By whom is Peter Humphrey still being held?",
        "Is Peter Humphrey still being held? ¦ So why? → Why is Peter Humphrey still being held?",
        "How many jobs did Nokia cut in 2014? ¦ And in 2015? → How many jobs did Nokia cut in 2015?",
        "How many jobs did Nokia cut in 2014? ¦ 2015? → How many jobs did Nokia cut in 2015?",
        "Who founded Apple? ¦ What about Microsoft? → Who founded Microsoft?",
        "What is the law in the U.S.? ¦ How about in Canada? → What is the law in Canada?",
        "Is Peter Humphrey still being held? ¦ What about his wife? → Is Peter Humphrey's wife still being held?",
        "Is Peter Humphrey still being held? ¦ Why? → Why is Peter Humphrey still being held?",
        "Did Nokia sell its phone unit? ¦ When exactly? → When did Nokia sell its phone unit?",
        "When did Nokia sell its phone unit? ¦ Why? → Why did Nokia sell its phone unit?",
        "What did Cameron say in China? ¦ Who said that? → What did Cameron say in China? Who said that?",
        "What did Cameron say in China? ¦ Why? → What did Cameron say in China? Why?",
        "Did Nokia sell its phone unit? ¦ How much? → Did Nokia sell its phone unit? How much?",
        "Who is Peter Humphrey? ¦ Tell me more. → Who is Peter Humphrey? Tell me more.",
        "Who is Peter Humphrey? ¦ Anything else? → Who is Peter Humphrey? Anything else?",
        "Did Nokia sell its phone unit? ¦ Is that true? → Did Nokia sell its phone unit? Is that true?",
    ],
    "the company": [
        "Did GSK pay bribes in China? ¦ How much was the company fined? → How much was GSK fined?",
        "who runs nokia ¦ when was the company founded → who runs nokia? when was the company founded",
        "Who runs Nokia? ¦ When was the company founded? → When was Nokia founded?",
        "Who runs Nokia? ¦ Is this company profitable? → Is Nokia profitable?",
        "What is the Rosetta mission? ¦ Did the mission succeed? → Did the Rosetta mission succeed?",
        "Who starred in Titanic? ¦ When did the film come out? → Who starred in Titanic? When did the film come out?",
    ],
    "corrections": [
        "Is Cameron in China? ¦ No, I mean the film director. → Is Cameron in China? No, I mean the film director.",
        "How many jobs were lost in the UK? ¦ I meant the US → How many jobs were lost in the US?",
        "Who founded Apple? ¦ No, I meant Microsoft. → Who founded Microsoft?",
        "Who founded Apple? ¦ No, Microsoft. → Who founded Microsoft?",
        "Who runs Nokia? ¦ No, the other company → Who runs Nokia? No, the other company",
    ],
}
UNCHANGED = {
    "stands alone": [
        "Who are the Beatles? ¦ when do they put the rockefeller tree up",
        "Who is Peter Humphrey? ¦ who sang the song how far is heaven",
        "Who is Peter Humphrey? ¦ How does the bank shot work?",
        "Who is Peter Humphrey? ¦ How is bread made?",
        "Who is Peter Humphrey? ¦ What is inflation?",
        "Who is Peter Humphrey? ¦ Why do people lie?",
        "Who is Peter Humphrey? ¦ Are there regulations on drones in India?",
        "Who is Peter Humphrey? ¦ What did the prime minister say about inflation last week?",
        "Who is Peter Humphrey? ¦ Who was the first person to sell sliced bread?",
        "Who is Peter Humphrey? ¦ How do I file an insurance claim?",
        "Who is Peter Humphrey? ¦ And who founded Microsoft?",
        "Who is Peter Humphrey? ¦ spousal support",
        "What is the population of Kenya? ¦ What is the weather like in Kenya?",
        "When did Burger King open in New Zealand? ¦ How does the bank shot work?",
        "Who is Peter Humphrey?  ¦   Is a jail sentence given for fraud?  ",
        "Who is Peter Humphrey? ¦ Who founded Microsoft?",
        "Who is Peter Humphrey? ¦ How many jobs did Nokia cut in 2014?",
        "Who is Peter Humphrey? ¦ What causes inflation?",
        "Who is Peter Humphrey? ¦ Which country produces the most graphite?",
        "Where do groundhogs live? ¦ What are the most common predators of a groundhog?",
        "who is peter humphrey ¦ when was the first burger king opened",
        "Who is Peter Humphrey? ¦ Tell me about the Green Revolution.",
        "Who is Peter Humphrey? ¦ I'm interested in warm cereals.",
        "Who is Peter Humphrey? ¦ Companies in China: who regulates them?",
        "Who runs Nokia? ¦ Who is the president?",
        "Who runs Nokia? ¦ What is the name of the company that makes Signal?",
        "Who runs Nokia? ¦ Who won the election?",
        "Who runs Nokia? ¦ What is the capital of Kenya?",
        "How many jobs did Nokia cut? ¦ What happened in Paris in 2015?",
        "Who founded Apple? ¦ What about moves in play, can you tell me about basketball shots?",
    ],
    "it that means nothing": [
        "What is Nokia? ¦ What does it mean to be on parole?",
        "What is Nokia? ¦ Does it matter how big the rock is?",
        "What is Nokia? ¦ Is it natural for traits to vary from parent to offspring?",
        "What is Nokia? ¦ When did it become law to stand for the anthem?",
        "What is Nokia? ¦ Is it true that Cameron resigned?",
        "What is Nokia? ¦ What time is it?",
        "What is Nokia? ¦ What time is it in Tokyo?",
        "What is Nokia? ¦ Does it rain a lot in Scotland?",
        "What is Nokia? ¦ Is it raining?",
        "What is Nokia? ¦ How long does it take to fly to Beijing?",
        "What is Nokia? ¦ Was it Cameron who raised the issue?",
        "What is Nokia? ¦ Is it possible to eat raw eggs?",
        "What is Nokia? ¦ Is it legal to own a fox?",
        "What is Nokia? ¦ How far is it from Paris to London?",
        "What is Nokia? ¦ What is it like to live in Norway?",
        "What is Nokia? ¦ Why does it matter whether prices rise?",
        "What is Nokia? ¦ Who wrote It?",
    ],
    "that, this and there": [
        "Who is Peter Humphrey? ¦ Did Cameron say that prices rose?",
        "Who is Peter Humphrey? ¦ Did Cameron say that he raised the issue?",
        "Who is Peter Humphrey? ¦ Which laws that deal with privacy were passed?",
        "Who is Peter Humphrey? ¦ What happened in Beijing this week?",
        "Who is Peter Humphrey? ¦ What is the company that makes Signal?",
        "Who is Peter Humphrey? ¦ Are there any laws on privacy in China?",
        "Who is Peter Humphrey? ¦ Is there life on Mars?",
        "Who is Peter Humphrey? ¦ How do those who lose a job live?",
    ],
    "its own antecedent": [
        "What is Nokia? ¦ Which airline announced it will help with deportations?",
        "What is Nokia? ¦ What can be added to a drink, and does it get sweeter?",
        "Who is Peter Humphrey? ¦ Who called his father from prison?",
        "Who is Peter Humphrey? ¦ The head of which agency told staffers that he was unaware of the season?",
        "What is Nokia? ¦ who did the united states win its independence from",
        "What is Nokia? ¦ If a company goes bust, who pays its debts?",
        "What is Nokia? ¦ What do scientists think about their own work?",
        "Who is Peter Humphrey? ¦ Why did the suspect say she was innocent?",
        "Who is Peter Humphrey? ¦ Did Cameron say he raised the issue?",
        "Who is Peter Humphrey? ¦ When he was in China, did Cameron meet Xi Jinping?",
        "Who is Peter Humphrey? ¦ Did the minister say he would resign?",
        "Who is Peter Humphrey? ¦ Where was Angela Merkel when she resigned?",
        "What is Nokia? ¦ Did Microsoft say it would cut jobs?",
        "What is Nokia? ¦ Where is the Louvre and when does it open?",
        "What is Nokia? ¦ Why do bees die after they sting?",
        "What is Nokia? ¦ Do bees protect their queen?",
        "What is Nokia? ¦ Can a dog eat chocolate when it is hungry?",
        "What is Nokia? ¦ Does Microsoft still make its own phones?",
        'Who is Peter Humphrey? ¦ Who wrote "She Loves You", was it one of the Beatles?',
    ],
    "courtesies": [
        "Who is Peter Humphrey? ¦ Thank you!",
        "Who is Peter Humphrey? ¦ thanks a lot",
        "Who is Peter Humphrey? ¦ OK",
        "Who is Peter Humphrey? ¦ Hello",
        "Who is Peter Humphrey? ¦ Who are you?",
        "Who is Peter Humphrey? ¦ What can you do?",
        "Who is Peter Humphrey? ¦ ?!",
    ],
    "nothing to lean on": [
        "Is he still being held?",
        "Since when?",
        "— Welcome! Ask me about Nokia. ¦ Who is he?",
        "Hello! ¦ Is he still being held?",
    ],
}
UNSOLVED = {
    "nobody is he or she by name": [
        "Who is Peter Humphrey? ¦ Is she still being held? → Who is Peter Humphrey? Is she still being held?",
        "What did Angela Merkel tell David Cameron? ¦ What did he answer? → What did David Cameron answer?",
    ],
    "of two things that fit, the nearer one is taken": [
        "Who is Peter Humphrey? ¦ Did Cameron raise his case? → Did Cameron raise Peter Humphrey's case?",
        "Is Peter Humphrey's son free? ¦ Where is he? → Where is Peter Humphrey's son?",
        "Did Amazon buy Whole Foods? ¦ When did they announce it? "
        "→ Did Amazon buy Whole Foods? When did Amazon announce it?",
    ],
    "one question back is as far as them and it reach": [
        "What is the population of Kenya? ¦ What about Uganda? ¦ Which of them is larger? "
        "→ Which of Kenya and Uganda is larger?",
    ],
    "what was done has no name": [
        "Why did Nokia sell its phone business? ¦ Who bought it? → Who bought Nokia's phone business?",
        "Who founded Apple? ¦ When did he die? → When did the founder of Apple die?",
    ],
    "a name takes the place of a name alone": [
        "How many people died in the Nepal earthquake? ¦ And in Haiti? → How many people died in the Haiti earthquake?",
        "Can I take ibuprofen with aspirin? ¦ What about paracetamol? → Can I take paracetamol with aspirin?",
    ],
    "the film, the deal, the president: only companies and missions are followed": [
        "Which film won the Oscar? ¦ — Moonlight won Best Picture. ¦ Who directed it? → Who directed Moonlight?",
        "How much is the Nokia deal worth? ¦ When was the deal signed? → When was the Nokia deal signed?",
        "Did Nokia invent any phone? ¦ How is that phone made? → Did Nokia invent any phone? How is that phone made?",
        "Who leads France? ¦ — The president is Emmanuel Macron. ¦ How old is the president? "
        "→ How old is Emmanuel Macron?",
        "What is air drying? ¦ What are the drawbacks? → What are the drawbacks of air drying?",
    ],
    "nothing in the words says that they lean on anything": [
        "What did the ECB announce yesterday? ¦ How did markets react? "
        "→ What did the ECB announce yesterday? How did markets react?",
        "Who is the CEO of Tesla? ¦ How many cars were sold last year? → How many cars did Tesla sell last year?",
        "Who is Emmanuel Macron? ¦ What did the president say about Ukraine? "
        "→ What did Emmanuel Macron say about Ukraine?",
    ],
    "a title may be made of pronouns": [
        "who is peter humphrey ¦ who sings he thinks he'll keep her → who sings he thinks he'll keep her",
        "Who is Stephen King? ¦ Who wrote It? ¦ When was it published? → When was It published?",
    ],
}


def conversation(row: str) -> tuple[list[Turn], str, str]:
    """Return the earlier turns, the last question, and how it has to read."""
    said, _, expected = row.partition(" → ")
    *earlier, question = said.split(" ¦ ")
    turns = [Turn("assistant" if text[0] == "—" else "user", text.removeprefix("— ")) for text in earlier]
    return turns, question, expected or question


def rows(table: dict[str, list[str]]) -> list[str]:
    return [row for group in table.values() for row in group]


@pytest.mark.parametrize("row", rows(REWRITTEN))
def test_a_follow_up_is_put_into_words(row: str) -> None:
    turns, question, expected = conversation(row)
    assert standalone(question, turns) == expected


@pytest.mark.parametrize("row", rows(UNCHANGED))
def test_a_question_that_stands_alone_is_left_alone(row: str) -> None:
    turns, question, _ = conversation(row)
    assert standalone(question, turns) == question


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(row, marks=pytest.mark.xfail(strict=True, reason=reason))
        for reason, group in UNSOLVED.items()
        for row in group
    ],
)
def test_a_follow_up_that_is_not_understood_yet(row: str) -> None:
    turns, question, expected = conversation(row)
    assert standalone(question, turns) == expected


def test_only_the_last_turns_are_looked_at_however_long_the_history_is() -> None:
    turns = [Turn("user", "Who is Angela Merkel?"), Turn("assistant", "She is a politician.")] * 5_000
    turns += [Turn("user", "Who is Peter Humphrey?"), Turn("assistant", "Mr Humphrey " * 100_000)]
    start = time.perf_counter()
    assert standalone("Is he still being held?", turns) == "Is Peter Humphrey still being held?"
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    "text", ["a" * 10**6, "He " * 10**6, "?" * 10**6, "A-" * 10**6, "the the " * 10**5, "It’s'" * 10**5]
)
def test_a_turn_of_a_megabyte_takes_no_time(text: str) -> None:
    start = time.perf_counter()
    assert standalone(text, [Turn("user", "Who is Peter Humphrey?")]) == text
    standalone("Is he free?", [Turn("user", text), Turn("assistant", text)] * 20)
    standalone(text[:1999], [Turn("user", "Who is Peter Humphrey?"), Turn("assistant", text)])
    assert time.perf_counter() - start < 10


WORDS = (
    "he she it they his that this the there company Nokia Peter Humphrey What about And in 2015 ? . , ’s Why who "
    "is did U.S. I meant no Tell me more of al-Assad \ud800 İ ß 你好 \x00 \n"
)
texts = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(WORDS.split(" ")), max_size=12).map(" ".join))


@settings(max_examples=400, deadline=None)
@given(texts, st.lists(st.builds(Turn, st.sampled_from(["user", "assistant"]), texts), max_size=8))
def test_nothing_that_is_typed_raises(question: str, turns: list[Turn]) -> None:
    assert isinstance(standalone(question, turns), str)


@given(texts)
def test_a_first_question_comes_back_as_it_is(question: str) -> None:
    assert standalone(question, []) is question
