"""Hard cases of sentence splitting, written by hand after what the articles hold.

`¦` marks every boundary and is no part of the text. The lexicon of `vectorstore.sentences` was tuned
on this table, so that it guards against regressions and measures nothing; what does measure is
`benchmarks/splitters.py`. The cases that are not solved are kept, as strict xfails.
"""

import pytest

from vectorstore.sentences import split_sentences

SOLVED = {
    "titles": [
        "Speaking in Beijing, Mr Cameron raised the matter. ¦The prime minister then left.",
        "The talks were led by Dr. Smith and Mr. Li. ¦Both declined to comment.",
        "Ms. Okafor met Mrs. Lindqvist on Monday. ¦They did not speak.",
        "It was Sen. Maria Valdez who called Gov. Tom Reed. ¦Nobody answered.",
        "The order came from Lt. Gen. Ana Petrova herself. ¦It was withdrawn.",
        "The part of communications officer Lt. Nyala Usher went to a newcomer.",
        "“Mr. Flores was told,” the suit says. ¦“Dr. Hale was not.”",
        "The hit was 'Ms. Marvel' again. ¦So was \"Mrs. Maisel.\"",
        "Brig. Gen. Wilma Vaughan spoke. ¦Nobody else did.",
        "Retired Maj. The was named in the report. ¦So was Col. Brandt.",
        "Rep. John Doe and Sens. Roe and Poe voted no. ¦The bill failed.",
        "Prof. Sir Adrian Hale spoke first. ¦Rev. Jones spoke next.",
        "She saw the new Dr. Who before anyone else did.",
        "Martin Luther King Jr. Day falls in January. ¦Robert Downey Jr. said he was glad.",
    ],
    "initials": [
        "The novel is by J. K. Rowling. ¦It sold well.",
        "J.R.R. Tolkien never saw the film. ¦E.H. Shepard drew the maps.",
        "President Xi J. Ping gave a speech on Tuesday.",
        "George W. Bush and John F. Kennedy were both named. ¦Neither was present.",
        'The strip is by Arthur R. "Pop" Moran. ¦It ran for years.',
        "There was no Plan B. ¦The team went home.",
        "He fought in World War I. ¦It changed him.",
        "The vote on Proposition A. ¦However, was it fair?",
    ],
    "places and organisations": [
        "The U.S. government denied it. ¦China did too.",
        "He now lives in the U.S. ¦The next sentence says why.",
        "The idea came from the U.S. ¦“The plan is ours,” he said.",
        "The U.S. Open starts on Monday. ¦Seats are sold out.",
        "A U.S.-led coalition agreed. ¦So did the U.K. and the U.N. Security Council.",
        "Officials in Washington, D.C. ¦They said nothing.",
        "She moved from St. Petersburg to St. Louis. ¦Mt. Everest was next.",
        "Acme Inc. said its profit fell. ¦Shares of Bolt Co. Ltd. rose.",
        "The deal was signed by Acme Inc. ¦It is worth a fortune.",
        "Warner Bros. Discovery bought it. ¦Nobody else had bid.",
        "The library is at 18 N. County St. ¦The new wing opens in May.",
        "He drove from Phoenix, Ariz., to Austin, Tex., in a day. ¦Then he slept.",
        "Yahoo! said it would appeal. ¦Its lawyers agreed.",
        "Guests on Jeopardy! were surprised. ¦So was the host.",
    ],
    "numbers and dates": [
        "The visit brought orders of £5.6bn, creating 1.500 jobs, and opened other doors.",
        "Prices rose 3.5 per cent in May. ¦In June they fell by 0.2.",
        "The riot of Jan. 6 shook the country. ¦By Feb. 1 it was calm.",
        "It reached No. 5 on the chart. ¦Nos. 6 and 7 were taken.",
        "He lost to the No. 1-ranked player. ¦She beat the No. 3 seed.",
        "The shop at 1919 N. 16th Ave. is shut. ¦The one at 201 S.W. Flagler Ave. is not.",
        "Was it true? ¦He said no. ¦Mary said yes.",
        "The show starts at 9 a.m. on Monday. ¦Doors close at 10 p.m. sharp.",
        "The polls close at 8 p.m. Tuesday in most states. ¦Results come later.",
        "The game begins at 7:30 p.m. ET on Sunday.",
        "Police arrived at 4 p.m. ¦Officers found nothing.",
        "It was dark at 6 P.M. ¦The lamps were lit.",
        "He was born c. 1503 and died in 1571. ¦His work (ca. 1540) survives.",
        "By 551 b.c. it had fallen. ¦Nothing was left in A.D. 900 but walls.",
        "It happened in the 1990s. ¦Many had left by then.",
        "The company was founded in 1998. ¦Ten years on, it had closed.",
        "See pp. 12-15 and vol. 3 for details. ¦The rest is on p. 40.",
        "Version 2.0.1 fixes this. ¦Python 3.11 is needed.",
        "It is about 6 ft. 2 in. tall.",
    ],
    "learned": [
        "As shown in Fig. 3, the rate doubled. ¦Figs. 4 and 5 agree.",
        "Jones et al. found the same in 2012. ¦Smith et al. (2013) did not.",
        "This was shown in mice (Braciale et al., 2012) . ¦However, people differ.",
        "Some fruits, e.g. apples, keep well. ¦Others, i.e. berries, do not.",
        "Some papers (e.g. The Times) printed it.",
        "She has a Ph.D. in physics. ¦He has an M.D. and an M.Sc. degree.",
        "In Roe v. Wade the court ruled for the plaintiff. ¦NIFLA v. The State came later.",
        "It was Kramer vs. Kramer again. ¦Nobody laughed.",
        "They sold pens, paper, etc. to schools. ¦It went well.",
        "They sold pens, paper, etc. ¦Schools bought them.",
        "It lasted approx. two hours. ¦We left at noon.",
        "The rule held for thirty years.[12] ¦It was dropped in 1990.[13][14]",
        "He pardoned all of them.[citation needed] ¦Some returned.",
        "Gravel went into the rivers.:32–36 ¦As of 1999 it still did.",
        "The term [12] is older. ¦It is Greek.",
    ],
    "quotations": [
        '"Is that so?" he asked. ¦She nodded.',
        '"We will not yield," said Xi. ¦"Not now."',
        "“Will it end?” she asked. ¦“Yes!” he said.",
        "‘Are you sure?’ asked the judge. ¦‘Quite sure.’",
        "« Vraiment ? » demanda-t-il. ¦Elle sourit.",
        'He said: "It is over." ¦The crowd left.',
        "He called it “a very decent business.” ¦Others disagreed.",
        '"I have raised this. ¦We need to discuss it," he said.',
        'They want "a proper dialogue" over security. ¦It may come.',
        "Her answer was brief (and rude.) ¦He left.",
        "(This was denied.) ¦Nothing else was said.",
        'It was "rehabilitated." ¦Unlike him, she stayed.',
        "“I’m tired,” he said, “of all this.” ¦“Then go.”",
        "He shouted 'Stop!' and ran. ¦No one did.",
        "She asked whether 'no' meant 'no.' ¦It did.",
    ],
    "dots and marks": [
        "He paused ... and went on. ¦Then he stopped.",
        "He paused... ¦Then he stopped.",
        "Well… maybe. ¦Or not.",
        "Wait… ¦What was that?",
        "He trailed off . . . and slept. ¦The end came soon.",
        "What?! ¦No way!!! ¦It cannot be.",
        "The plan was simple; nobody understood it; it failed.",
        "There is one goal: To win. ¦Nothing else counts.",
        "WASHINGTON (AP) — The Senate voted on Friday. ¦The House did not.",
        "JACKSON, Miss. — A divided Senate voted on Friday. ¦The House did not.",
        "Read https://example.com/a.b?c=d. ¦Then reply.",
        "Write to first.last@example.com.au or call. ¦We answer.",
        "The site example.org was down. ¦It is back.",
        "He left.He did not say where.",
        "iPhone sales fell. ¦iPad sales rose. ¦eBay gained.",
        "Great news! ¦🎉 We won. ¦See you there 🎉",
    ],
    "lists": [
        "1. First do this. ¦2. Then do that.",
        "The plan: 1. Cut costs. ¦2. Raise prices.",
        "- Bring water.\n¦- Bring food.\n¦- Do not be late.",
        "• Require airlines to say beforehand whether members of a family will be seated so that they\n"
        "aren't together.\n¦• Refund the fees.",
        "Symptoms include:\n¦headache\n¦fever\n¦muscle pains",
        "Ingredients\n¦2 eggs\n¦1 cup of flour\n¦a pinch of salt",
        "(a) The first part. ¦(b) The second part.",
    ],
    "lines": [
        "UK Politics\n\n¦Cameron seeks talks with China\n\n¦He arrived on Monday.",
        "Premier Li and David Cameron\n¦Image caption Mr Cameron is greeted on Monday\n\n"
        "¦The prime minister says he is hopeful.",
        "Washington CNN —\n¦A group of senators has a plan.\n¦It is short.",
        "Mental health investment\n¦The proposal includes money for clinics.",
        "Jane Roe\n¦jane.roe@example.com\n¦Not afraid of anyone, she spoke.",
        "The weather service in the state has also issued a flood\nwarning for the creek, "
        "where minor flooding is expected. ¦More may come.",
        "The motion of the planets had been observed for centuries before\n"
        "Kepler found the laws that describe it. ¦He worked for years on the\n"
        "orbit of Mars, for which he had the best data of his time, and he\n"
        "was not satisfied until theory and data agreed to the last minute.",
        "one line\r\n¦Another line\r\n\r\n¦A third",
        "A line\u2028¦Another line\u2029¦A third\x0c¦A fourth",
        "\n\n  Leading space. ¦  Trailing space.  \n\n",
    ],
    "other scripts": [
        "他今天来了。¦她明天走。¦你呢？",
        "「行く。」¦「待って！」",
        "هل أنت هنا؟ ¦نعم، أنا هنا.",
        "वह आज आया। ¦वह कल जाएगा।",
        "यह सच है॥ ¦अब चलो।",
        "Он ушёл. ¦Она осталась.",
        "Το βιβλίο είναι εδώ. ¦Πού είναι η πένα;",
        "¿Quién es? ¦¡No lo sé! ¦Es tarde.",
        "Élan vital. ¦École fermée. ¦Ça va.",
    ],
    "tokenised": [
        "The first prize went to Röntgen , of Germany , in 1901 . ¦He gave it away .",
        "He asked , `` Have you no sense of decency ? '' and sat down . ¦Nobody spoke .",
        "The song appeared in Sing Out ! magazine . ¦It was a hit .",
    ],
}

UNSOLVED = {
    "an abbreviation before a capital that is no common first word": [
        "He worked in Washington, D.C. ¦Police found him there.",
        "They ran Acme Inc. ¦Profits were high.",
        "It was built in 2000 B.C. ¦Egypt was rich.",
    ],
    "a name that ends in a mark": [
        "Shares in Yahoo! Inc. fell. ¦They rose later.",
        "The group Panic! At The Disco played. ¦We left.",
    ],
    "a quotation inside a Japanese sentence": ["彼は「行く。」と言った。¦雨だった。"],
    "an abbreviation that is a word too": [
        "They met in Boone, Ia. Elderly people came. ¦It was full.",
        "He holds Patent no. KF906 and others. ¦It lapsed.",
    ],
    "a sentence that begins in lower case": ["i went home. ¦then i slept."],
    "no space after the full stop": ["Both teams are defunct.¦The champions are new."],
    "a full stop in the tokenised abbreviation": ["He filmed it in Sault Ste . Marie , Ontario . ¦It was cold ."],
    "no punctuation at all between headline and text": ["Hotel California ¦My first thought was that I was mad."],
    "a wrapped line that begins with a capital, in a short block": [
        "The committee that was to have met last week in the town of\nGeneva did not. ¦It will meet in May."
    ],
}


def cases() -> list[object]:
    solved = [pytest.param(case, id=case[:40]) for group in SOLVED.values() for case in group]
    marked = [
        pytest.param(case, id=case[:40], marks=pytest.mark.xfail(reason=reason, strict=True))
        for reason, group in UNSOLVED.items()
        for case in group
    ]
    return [*solved, *marked]


@pytest.mark.parametrize("case", cases())
def test_sentences_are_cut_where_a_reader_would_cut_them(case: str) -> None:
    text = case.replace("¦", "")
    assert [text[start:end] for start, end in split_sentences(text)] == [
        sentence.strip() for sentence in case.split("¦")
    ]
