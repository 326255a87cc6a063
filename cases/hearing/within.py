"""A listed word within a phrase that is not understood as a whole: `Eliquis for afib, last dose this morning`.

Only where the vocabulary says so (`within`), as of drugs and tumours, whose names are said of nothing else. A phrase is
left alone when anything in it may take the word back, put it in another time or give it to somebody else, and when its
words do not agree. What else it says is repeated as not used.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import TypeVar

from cases.hearing.doses import dose
from cases.hearing.doubt import DENIED, DOUBTED, EXPLAINED, FEARED, OTHERS
from cases.hearing.meaning import Json, Meaning, refusal, says_none
from knowledge_base.language.domains import Numbers, Values, both
from knowledge_base.language.synonyms import Lexicon, Synonyms, asides, plain
from knowledge_base.language.vocabulary import Attribute

T = TypeVar("T")
MOST_WORDS = 8  # of a listed word that is looked for
_BACK = (
    rf"{DENIED}|{DOUBTED}|{OTHERS}|non|none|stopped|stop|hold|prev(?:ious(?:ly)?)?|prior|past|former(?:ly)?|ex|history|h/o|hx|"
    r"before|until|plan(?:ned|s)?|to start|starting|consider\w*|switch\w*|changed|then|instead|vs|versus|likely|or|"
    r"rule[ds]?|risk\w*|smou?ldering|differential|ddx?|negative|neg|free|mets|metastas[ie]s|deposits?|second|another|also|"
    r"secondar(?:y|ies)|cured|was|were|had|used to|withdrawn|tubercul\w*|once|remission|long ago"
)
_TAKES_BACK = re.compile(
    rf"\b(?:{_BACK}|resected|held|paused|off|ceased|discontinued|completed|finished|ago|allerg\w*|intoleran\w*|declin\w*|refus\w*|now|"
    r"re-?start\w*|increas\w*|reduc\w*|therapeutic|found|failed|last (?:week|month|year)|"
    r"today|from (?:mon|tue|wed|thu|fri|sat|sun|to|next)\w*|for (?:pain|fever|headache))\b|\?",
    re.IGNORECASE,
)
# Of what stays so, such as the tumour: the clause that names it may take it back, and what else is said unsettle it.
_NAMED_OTHERWISE = re.compile(rf"\b(?:{_BACK}|but|however|although|in situ|benign|says)\b|\?", re.IGNORECASE)
_UNSETTLES = re.compile(
    rf"\b(?:{DOUBTED}|{OTHERS}|prev(?:ious(?:ly)?)?|former(?:ly)?|history|h/o|hx|but|however|instead|rather|vs|versus|or|either|"
    r"differential|ddx?|exclu\w*|ruled|shows?|showed|proved|turned|revised|wrong|misdiag\w*|second|another|synchronous|"
    r"metachronous|dual|two|both|cured|remission|says|tubercul\w*|biops\w*(?![ -](?:proven|confirmed))|bx|"
    r"no (?:tissue|histology|primary|cancer|malignancy|tumou?r)|"
    r"r/o|rule out|koch'?s?|tb|"
    r"now (?:an? )?(?!(?:metasta\w*|spread\w*|progress\w*|relaps\w*|recur\w*|oligo\w*|bon\w*|spin\w*|castrat\w*|hormone\w*|"
    r"stable|extensive|widespread|disseminated|advanced|stage|palliative)\b)[^\W\d]+$|"
    r"now (?:an? )?(?:\w+ ){0,3}(?:mass|nodules?|lesions?)|"
    r"not (?:biopsied|confirmed|proven|cancer|malignant)|unconfirmed|unproven|pending|awaited|awaiting|unknown|benign)\b|\?|"
    r"^\s*(?:no|none|nil|never|negative|denied)\s*$",
    re.IGNORECASE,
)
_NEVER_SO = re.compile(
    rf"\b(?:{DENIED}|{DOUBTED}|{OTHERS}|{FEARED}|none|or|vs|versus|considered|for consideration|declin\w*|refus\w*|"
    r"allerg\w*|instead|referred|awaiting|booked|scheduled|start\w*|biops\w*|cancel\w*|abandon\w*|incomplete\w*|then|again|"
    r"twice|x\s?2|second|two|both|re-?rt|re-?irradiat\w*|retreat\w*)\b|\?",
    re.IGNORECASE,
)
# What may stand right behind a listed word; anything else may take it back ("melanoma mimic", "lymphoma refuted").
_GOES_ON = re.compile(
    r"\s*(?:$|[,;:()\[\]/+&\u2013-]|\d|(?:and|at|by|for|from|in|of|on|since|to|with|stage|grade|type|subtype|variant|"
    r"histology|p?[tnm]\d\w*|g[1-4]|x\d+|q\d+\w*|er|pr|her2|egfr|alk|ros1|[bk]ras|nras|braf|brca\d?|psa|rai|triple|de novo|"
    r"primary|known|diagnosed|dx|treated|metastatic|bone|bony|spinal|cancer|carcinoma|ca|tumou?r|disease|adeno\w*|squamous|"
    r"s/p|status post|post-?op\w*|nos|child|ecog|only|"
    r"ductal|lobular|papillary|follicular|clear cell|left|right|upper|lower|lobe|breast|mg|bd|bid|od|tds|qd|daily|tablets?|"
    r"last|dose|prophyla\w*|treatment|therapeutic|monotherapy|maintenance|cycles?|stable|progress\w*|respond\w*|ongoing|"
    r"tolerat\w*|relaps\w*|recurr\w*|spread\w*|pelvis|femur|tibia|humerus|scalp|trunk|thigh|kidney|smoker|post|newly|"
    r"currently|extensive|advanced|locally|background|resected|removed|excised|i{1,3}[abc]?|iv[abc]?)\b)",
    re.IGNORECASE,
)
# What may stand beside an earlier treatment: when, where and how it was given, and names. Any other word may speak of one
# that is to come.
_GIVEN = re.compile(
    r"\W*|\d[\d./-]*(?:st|nd|rd|th|gy|cgy|mm)?|x\d*|to|in|at|on|of|with|by|the|and|a|an|for|from|over|had|has|have|he|she|they|"
    r"was|were|received|given|gave|got|completed?|finished|done|delivered|irradiated|treated|treatment|course|doses?|total|"
    r"single|fractions?|fr|fx|gy|cgy|fields?|levels?|area|region|site|same|this|here|there|spine|spinal|bony?|lesions?|mets?|"
    r"metastas[ie]s|deposit|tumou?r|pain|pallia\w*|radical|adjuvant|salvage|post-?op(?:erative(?:ly)?)?|post|op|after|"
    r"following|surgery|operation|resection|decompression|fixation|years?|yrs?|months?|mths?|mo|weeks?|wks?|ago|since|last|"
    r"early|late|mid|some|spring|summer|autumn|winter|end(?:ed|ing)?|previous(?:ly)?|prior|past|earlier|history|h/o|hx|before|"
    r"already|well|tolerated|good|partial|excellent|response|relief|effect|left|right|upper|lower|thoracic|lumbar|cervical|"
    r"sacral|sacrum|vertebrae?|vertebral|body|adjacent|incl\w*|cover\w*|hospital|oncologist|clinic|cent(?:re|er)|abroad|technique|"
    r"linac|imrt|vmat|cyberknife|photons?|beam|external|jan\w*|feb\w*|mar(?:ch)?|apr\w*|may|june?|july?|aug\w*|sept?\w*|"
    r"oct\w*|nov\w*|dec\w*",
    re.IGNORECASE,
)
_NAMED = re.compile(r"[A-Z]\w+(?:['\u2019.-]\w*)*")
_TO_COME = re.compile(
    r"\b(?:for|to|with|re|(?:to|will|should|could) (?:have|get|receive|be given)|having|getting|due|needs?)\s*$",
    re.IGNORECASE,
)  # for SBRT
_NO_ESTIMATE = re.compile(
    rf"\b(?:{DENIED}|{OTHERS}|if|was|were|before|until|ago|untreated|delivered|born|miscarr\w*|unlikely|doubt\w*|hardly|barely|half|quarter|couple|few|"
    r"(?:months?|mths?|weeks?|years?|yrs?) (?:on|into|post|off))\b",
    re.IGNORECASE,
)
# Beside a number: a bound of it, another one, or what else it may be the number of.
_NO_MORE = re.compile(
    r"\b(?:or|to|one|two|three|four|five|six|seven|eight|nine|ten|plus|max\w*|min\w*|most|least|more|less|within|inside|beyond|"
    r"short of|nearly|almost|since|diagnos\w*|lived|surviv(?:ed|or)|so far|follow\w*|left|trials?|hop\w+|treat\w*|surgery|"
    r"op|operation|\w+ectomy|chemo\w*|after|every|pain\w*|already|last|yesterday|recent\w*|now|today|changed|resolved|improv\w*|suspected|planned|elsewhere|another|other|old|initial\w*|"
    r"previous\w*|had|off|sudden\w*|collapsed|expected|gave|given|told|best|worst|worse\w*|deteriorat\w*|"
    r"progress\w*|acute\w*|increas\w*|then|with(?:out)?|responds?|pre-?(?!gnan)\w+|"
    r"in (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*|pre-?morbid\w*|fortnight|"
    r"baseline|admission|normally|usual\w*|habitual\w*|transient\w*|recover\w*|resolv\w*|stroke|cva|polio|accident|rta|injury|"
    r"(?:good|bad) days?|dying|tomorrow|will|at diagnosis|when|well|fall\w*|ex|excluding|cycles?)\b|\+",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"(?P<since>\b(?:since|from|started|commenced|begun)\s+(?:in\s+)?)?(?:\b[a-z]{3,9}\s+|\d{1,2}[/.-])?"
    r"\b(?:19|20)\d\d\b(?!\s*(?:mg|mcg|units?|iu))",
    re.IGNORECASE,
)
_COMPARED = re.compile(
    r"(?:\b(?:over|under|above|below|more|less|fewer|greater|longer|shorter|than|least|most|up to|max\w*|min\w*)|[<>~])\s*$",
    re.IGNORECASE,
)  # before a number it belongs to it
# Beside several times: that one is of something else than what goes on.
_OF_ELSE = re.compile(
    rf"\b(?:{DENIED}|{DOUBTED}|{OTHERS}|{FEARED}|{EXPLAINED}|or|old|chronic|before|until|till|previous\w*|prior|pain\w*|ache\w*|"
    r"op|operat\w*|surgery|post-?op\w*|\w+ectomy|chemo\w*|radio\w*|rt|diagnos\w*|mri|ct|scan\w*|imag\w*|biops\w*|bx|seen|review\w*|"
    r"discharg\w*|resolv\w*|recover\w*|improv\w*|better|transient\w*|well|fine|ok|normal|birth|child\w*|injury|cva|"
    r"steroid\w*|dex\w*|fever|cough|weight|every|each|transfer\w*|referr\w*|admi\w*)\b|\?",
    re.IGNORECASE,
)
SEVERAL_TIMES = "from the shortest to the longest time that is named"
# Behind an organ these are where it has spread to, and no tumour of it.
_SPREAD = re.compile(
    r"\b(?:(?:multiple|known|and|with|w/|has|several|small|new|stable)\s+)*"
    r"(?:bon[ey]|bony|osseous|skeletal|spinal|spine|vertebral|liver|hepatic|lung|pulmonary|brain|cerebral|nodal|lymph node|"
    r"adrenal|pleural|peritoneal|visceral)(?:\s*(?:\+|and|&|,|/)\s*(?:liver|lung|brain|bon[ey]|nodal|adrenal))*\s+"
    r"(?:mets|metastas[ie]s|deposits?|secondaries)\b",
    re.IGNORECASE,
)
_SPREAD_TO = re.compile(
    r"\s*\b(?:mets?|metastas[ie]s|metastatic|metastasi[sz]ed|spread(?:ing)?|deposits?)\s+(?:to|in|into)\s+(?:the\s+)?"
    r"(?:bones?|spine|liver|lungs?|brain|nodes?|lymph nodes?|adrenals?|pleura|peritoneum|skin|kidneys?)"
    r"(?:\s*(?:\+|and|&|,|/)\s*(?:the\s+)?(?:bones?|spine|liver|lungs?|brain|nodes?|adrenals?|pleura|skin))*\b",
    re.IGNORECASE,
)
_TREATED = re.compile(
    r"\b(?:radiotherapy|rt|xrt|dxt|irradiat\w*|radiation|gy|sbrt|sabr|ebrt)\b|\b\d{1,2}(?:\.\d)?\s?/\s?\d{1,2}\b",
    re.IGNORECASE,
)
_SPINE = re.compile(r"\b(?:spin\w+|back|vertebra\w*|levels?|here|[ctls]\d{1,2})\b", re.IGNORECASE)
# Where radiotherapy went that is no part of the spine, or may not be.
_ELSEWHERE = re.compile(
    r"\b(?:breast|chest|scf|supraclav\w*|axilla\w*|pelvi\w*|prostate\w*|hips?|femur|femoral|shoulders?|humer\w*|brain|"
    r"head|neck|laryn\w*|tongue|oral|pharyn\w*|stomach|abd\w*|liver|lungs?|mediastin\w*|naso\w*|thyroid|vault|brachy\w*|"
    r"rect\w*|cervix|bed|primary|ribs?|stern\w*|skull|elsewhere|other|another|only|knee|leg|arm|scapula|kidney|bladder|"
    r"not|pelvis|ilium|iliac|radium|lutetium|psma|iodine|rai)\b",
    re.IGNORECASE,
)
_MAY = re.compile(r"\b(?:in|since|of|last|early|late|mid) (?:May|may(?= (?:19|20)\d\d))\b")
_APART = re.compile(r"[,;:()]")
_ANOTHER = re.compile(r"(?:^|\s)(?:and|plus|\+|&)\s*[^\W\d]|^[^\W\d]\w*$", re.IGNORECASE)  # and what is not known
_KNOWN = re.compile(r"^(?:known\s+)?(?:h/o|history of|hx of|k/c/o|kco|known case of)\s+", re.IGNORECASE)  # h/o melanoma
_CLAUSES = re.compile(r"[,;()\[\]]|\.\s|\s[-\u2013]\s")
_TOKEN = re.compile(r"[^\s,;()/]+")


def hear_within(attribute: Attribute, text: str, lexicon: Lexicon) -> Meaning | None:
    """Return what the one listed word of a phrase means; None when there is none, or another, or it may be taken back.

    Raises ValueError for a word that may mean two things.
    """
    said = _told(_KNOWN.sub("", text) if attribute.fixed else text)
    if not _has_words(attribute, lexicon) or _takes_back(attribute, said, lexicon):
        return None
    if not (attribute.fixed or lexicon.synonyms.history) and not all(year["since"] for year in _YEAR.finditer(said)):
        return None  # taken in 2019
    found = dict(_listed(said, lexicon))
    if lexicon.synonyms.history and not _was_given(said, found):
        return None
    if not lexicon.synonyms.history and not all(_goes_on(said.partition(word)[2], found) for word in found):
        return None
    told = [lexicon.senses[word].means for word in found.values() if word in lexicon.senses]
    beside = set(map(plain, lexicon.synonyms.beside)) if told else set()
    for word in found.values():
        ambiguous = None if word in beside else lexicon.asked.get(word)
        if ambiguous is not None and not any(one.get(attribute.id) in ambiguous.readings for one in told):
            raise refusal(text, ambiguous, attribute)
    means = _together(told, attribute, lexicon.synonyms)
    if means is None:
        return None
    unused = without(text, found)
    if lexicon.synonyms.together and _ANOTHER.search(unused):
        return None
    others = {name: raw for name, raw in means.items() if name != attribute.id}
    return Meaning(means[attribute.id], others, is_plain=False, unused=unused)


def without_spread(attribute: Attribute, text: str, lexicon: Lexicon) -> tuple[str, str]:
    """Return words about a tumour without where it has spread to (`renal met to lung`), and what says that."""
    found = _SPREAD_TO.search(text) if attribute.fixed and lexicon.synonyms.within else None
    return (_SPREAD_TO.sub(" ", text).strip(" ,;"), found.group().strip()) if found else (text, "")


def is_spread(text: str) -> bool:
    """Tell whether words name nothing but where a tumour has spread to: `bone + liver mets 2023`."""
    rest = re.sub(r"\b(?:since|from|in|on|found|new|\d+)\b|\W", "", _SPREAD.sub("", text))
    return _SPREAD.search(text) is not None and not rest


def _told(text: str) -> str:
    """Return a phrase without where a tumour has spread to, and without a month that reads like a doubt."""
    return _MAY.sub("", _SPREAD.sub(" with it ", text))


def _takes_back(attribute: Attribute, text: str, lexicon: Lexicon) -> bool:
    """Tell whether anything in a phrase may take back what its words say; of an earlier treatment no word of the past.

    What stands beside a value by the vocabulary takes nothing back: `HER2 negative` of a breast cancer.
    """
    if lexicon.synonyms.history:
        return any(pattern.search(text) for pattern in (_NEVER_SO, _ELSEWHERE))
    if not attribute.fixed:
        return _TAKES_BACK.search(without_asides(text, lexicon)) is not None
    return any(
        (_NAMED_OTHERWISE if any(_listed(clause, lexicon)) else _UNSETTLES).search(without_asides(clause, lexicon))
        for clause in _CLAUSES.split(text)
    )


def unsettles(text: str) -> bool:
    """Tell whether words beside the name of a tumour, or of anything else that stays so, may say that it is another."""
    return _UNSETTLES.search(text) is not None


def _goes_on(behind: str, found: Collection[str]) -> bool:
    """Tell whether what stands behind a listed word does not take it back: another of them, or what may stand there."""
    return any(behind.lstrip().startswith(word) for word in found) or _GOES_ON.match(behind) is not None


def _was_given(text: str, found: Iterable[str]) -> bool:
    """Tell whether all that a phrase says beside its listed words is when, where and how a treatment was given."""
    rest = without(text, found)
    leads = any(_TO_COME.search(text.partition(word)[0]) for word in found)
    others = [token for token in rest.split() if not _GIVEN.fullmatch(token.strip(",;:()+&/."))]
    return not leads and not (others and text.startswith(others[0])) and all(map(_NAMED.match, others))


def went_elsewhere(text: str) -> bool:
    """Tell whether words speak of radiotherapy that went to another place than the spine."""
    return bool(_TREATED.search(text) and _ELSEWHERE.search(text)) and not _SPINE.search(text)


def listed_in(attribute: Attribute, text: str, lexicon: Lexicon) -> list[str]:
    """Return the listed words of a phrase, where these are heard within phrases at all."""
    return [said for said, _ in _listed(_told(text), lexicon)] if _has_words(attribute, lexicon) else []


def values_in(attribute: Attribute, text: str, lexicon: Lexicon) -> set[Json]:
    """Return the values of the listed words of a phrase, those that one of them may mean too."""
    found: set[Json] = set()
    for _, word in _listed(text, lexicon) if _has_words(attribute, lexicon) else ():
        own = lexicon.senses[word].means[attribute.id] if word in lexicon.senses else lexicon.asked[word].readings
        found |= {own} if isinstance(own, str) else set(own)
    return found & set(attribute.names)


def _has_words(attribute: Attribute, lexicon: Lexicon) -> bool:
    return lexicon.synonyms.within and attribute.type != "number"


def hear_number_within(text: str, hears: Callable[[str], Meaning | None]) -> Meaning | None:
    """Return the one number of a phrase, as of `perhaps 6-12 months`; None when there is none, or another.

    `hears` tells what words mean that are nothing but a number.
    """
    if _NO_ESTIMATE.search(text):
        return None
    found = list(runs_of(text, hears))
    unused = without(text, [said for _, said, _ in found])
    if len(found) != 1 or any(c.isdigit() for c in unused) or _COMPARED.search(text[: found[0][0]]):
        return None
    if _NO_MORE.search(unused):
        return None
    return replace(found[0][2], is_plain=False, unused=unused)


def hear_times_within(attribute: Attribute, text: str, hears: Callable[[str], Meaning | None]) -> Meaning | None:
    """Return all that several times leave open, as of `4 days unsteady, off legs since yesterday`; None for anything else.

    `hears` tells what words mean that are nothing but a time.
    """
    found = list(runs_of(text, hears))
    unused = without(text, [said for _, said, _ in found])
    if len(found) < 2 or any(c.isdigit() for c in unused) or _OF_ELSE.search(text):
        return None
    each = [attribute.read(meaning.data) for _, _, meaning in found]
    spans = [span for one in each if isinstance(one, Numbers) for span in one.spans]
    hull = Numbers.between(min(span.low for span in spans), max(span.high for span in spans))
    return Meaning(attribute.dump(both(hull, attribute.domain)), note=SEVERAL_TIMES, is_plain=False, unused=unused)


def _together(
    each: Sequence[Mapping[str, Json]], attribute: Attribute, synonyms: Synonyms
) -> Mapping[str, Json] | None:
    """Return what several words mean: of a `several` all that they name, else their sum or what each leaves, if any."""
    if not each or any(attribute.id not in means for means in each):
        return None
    if attribute.type == "several":
        named = [means[attribute.id] for means in each]
        flat = chain.from_iterable(own if isinstance(own, list) else [own] for own in named)
        return {attribute.id: list(dict.fromkeys(map(str, flat)))}
    if total := synonyms.sum_of({str(means[attribute.id]) for means in each}):
        return {**{name: raw for means in each for name, raw in means.items()}, attribute.id: total}
    left: Values = attribute.domain
    means: dict[str, Json] = {}
    for one in each:
        left = both(left, attribute.read(one[attribute.id]))
        if left.is_empty or any(means.get(name, raw) != raw for name, raw in one.items() if name != attribute.id):
            return None
        means |= one
    return {**means, attribute.id: attribute.dump(left)}


def without_asides(text: str, lexicon: Lexicon) -> str:
    """Return a text without the words that by the vocabulary may stand beside a value and say no more of it."""
    return asides(lexicon.synonyms.beside).sub(" ", _APART.sub(" ", text))


def without(text: str, said: Iterable[str]) -> str:
    """Return a text without some of its words."""
    for words in said:
        text = text.replace(words, " ", 1)
    return " ".join(re.sub(r"\(\s*\)", " ", text).split()).strip(" ,;+&/-")


def _listed(text: str, lexicon: Lexicon) -> Iterator[tuple[str, str]]:
    """Yield the longest listed words of a text, none over another, as they are typed and in their plain form."""

    def known(said: str) -> str | None:
        word = plain((lexicon.synonyms.doses and dose(said)) or said)
        sense = lexicon.senses.get(word)
        is_listed = word in lexicon.asked or (sense is not None and not says_none(sense.means[lexicon.synonyms.id]))
        return word if len(word) > 2 and word not in lexicon.only_here and is_listed else None

    return ((said, word) for _, said, word in runs_of(text, known))


def runs_of(text: str, known: Callable[[str], T | None]) -> Iterator[tuple[int, str, T]]:
    """Yield the longest runs of words that are known, none over another: where each begins, and what it is known for."""
    tokens = [(found.start(), found.end()) for found in _TOKEN.finditer(text)]
    at = 0
    while at < len(tokens):
        for count in range(min(MOST_WORDS, len(tokens) - at), 0, -1):
            said = text[tokens[at][0] : tokens[at + count - 1][1]]
            if (found := known(said)) is not None:
                yield tokens[at][0], said, found
                at += count
                break
        else:
            at += 1
