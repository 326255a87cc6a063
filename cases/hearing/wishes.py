"""What a patient declines, within a phrase of a letter: `no more hospital, no operations`.

A refusal is heard only where one clause of the phrase says it whole and in the patient's own name. What is hedged, put
under a condition, or said by somebody else is left open, and so is any other word of an operation that does not accept it.
"""

import re

from cases.hearing.doubt import DOUBTED, OTHERS
from cases.hearing.meaning import Meaning
from cases.hearing.names import NameEar
from knowledge_base.language.knowledge import KnowledgeBase
from knowledge_base.language.synonyms import plain
from knowledge_base.language.vocabulary import Attribute

REFUSAL = "declines surgery"  # the word of the vocabulary for it
_OPERATION = (
    r"(?:surgery|surgical (?:treatment|intervention)|operations?|operative treatment|ops?|be(?:ing)? operated(?: on)?)"
)
_DOES_NOT = r"(?:does not|doesn't|do not|don't|did not|will not|won't)"
_NOT_WANTED = rf"{_DOES_NOT}\s+(?:want|wish|accept|have|agree to|consent to)(?:\s+(?:for|to have|to undergo|to))?"
_REFUSED = re.compile(
    r"(?:(?:the |this )?(?:patient|pt|she|he|lady|gentleman|woman|man)\s+)?"
    r"(?:(?:has|clearly|firmly|repeatedly|adamantly|absolutely|explicitly|again)\s+)*"
    rf"(?:declin(?:es|ed|ing)|refus(?:es|ed|ing)|reject(?:s|ed|ing)|{_NOT_WANTED}|no|never)\s+"
    r"(?:(?:any|an?|the|all|more|further|other|spinal|spine|back|neck|open|big|major|surgical|form of|kind of)\s+)*"
    rf"{_OPERATION}(?:\s+(?:at all|whatsoever|of any kind|on (?:the|his|her) (?:spine|back|neck)))*",
    re.IGNORECASE,
)
_SPEAKS = re.compile(rf"\b(?:{_OPERATION}|operate|conservative(?:ly)?|knife|theatre)\b", re.IGNORECASE)
_OTHER = re.compile(
    r"\b(?:radio\w*|radiation|rt|xrt|sbrt|sabr|cement|chemo\w*|drugs?|systemic|hormon\w*|brace|collar|steroids?|palliat\w*|comfort|pain\w*|adt|biops\w*|"
    r"icd|pacemaker|contrast|gadolinium|mri|scan\w*|transfus\w*|blood|walk\w*|immuno\w*|catheter)\b",
    re.IGNORECASE,
)
_ACCEPTED = re.compile(
    r"\b(?:keen|willing|wants?|agree[sd]?|accept(?:s|ed|able)?|consent(?:s|ed)|happy|ok|okay|fine|hopes?|would have)\b",
    re.IGNORECASE,
)
_HEDGED = re.compile(
    rf"\b(?:{DOUBTED}|{OTHERS}|not|no|never|un(?:sure|decided|certain|willing|happy)|reluctant|avoid\w*|prefer\w*|"
    r"rather|against|unless|only|declin\w*|refus\w*|reject\w*|anxious|afraid|fear\w*|hesita\w*|conservative\w*)\b|"
    r"n't\b|\?",
    re.IGNORECASE,
)
_TAKEN_BACK = re.compile(
    r"\b(?:unless|if|until|till|except|yet|now|today|currently|present|later|again|reconsider\w*|chang\w*|un(?:decided|sure)|"
    r"think\w*|discuss\w*|may|might|could|perhaps|maybe|depend\w*)\b",
    re.IGNORECASE,
)
_UNWILLING = re.compile(
    rf"\b(?:declin(?:es|ed|ing)|refus(?:es|ed|ing|al)|{_DOES_NOT}\s+(?:want|wish|accept|agree|consent)|"
    r"against (?:his|her|their) wish(?:es)?|"
    r"(?:no|not) (?:for )?(?:more|further) (?:hospital\w*|treatment|intervention)|wants? (?:no|nothing)|had enough)\b",
    re.IGNORECASE,
)
_BARE_NO = re.compile(r"(?:no|never)\b", re.IGNORECASE)
_CLAUSE = re.compile(r"\s*(?:[,;.]+|\bbut\b|\band\b)\s*", re.IGNORECASE)


def hear_refusal(attribute: Attribute, text: str, knowledge: KnowledgeBase) -> Meaning | None:
    """Return the operation that a phrase declines, of the attribute or of a neighbour; None where it declines none."""
    elsewhere = (knowledge.vocabulary[name] for name in knowledge.lexicon(attribute.id).synonyms.elsewhere)
    owner = next((one for one in (attribute, *elsewhere) if is_declinable(one, knowledge)), None)
    clauses = [clause for clause in _CLAUSE.split(text) if clause]
    declined = [clause for clause in clauses if _REFUSED.fullmatch(clause)]
    if owner is not attribute:  # `no operation` may be what the surgeon says
        declined = [clause for clause in declined if not _BARE_NO.match(clause)]
    others = [clause for clause in clauses if clause not in declined]
    if owner is None or not declined or "?" in text or any(map(_takes_back, others)):
        return None
    heard = NameEar(owner, knowledge.lexicon(owner.id)).hear(REFUSAL)
    meaning = Meaning(heard.data, heard.others, heard.note, is_plain=False, unused="the rest" if others else "")
    return meaning if owner is attribute else meaning.of_neighbour(owner.id)


def may_decline(text: str) -> bool:
    """Tell whether words speak of an operation and do not plainly accept it."""
    return bool(_SPEAKS.search(text)) and not (_ACCEPTED.search(text) and not _HEDGED.search(text))


def accepts(text: str) -> bool:
    """Tell whether words may say that the patient agrees to something."""
    return _ACCEPTED.search(text) is not None


def is_unwilling(text: str) -> bool:
    """Tell whether words that are not understood may say that the patient does not want an operation."""
    is_of_other = _OTHER.search(text) and not _SPEAKS.search(text)
    return _UNWILLING.search(text) is not None and not is_of_other


def _takes_back(clause: str) -> bool:
    """Tell whether a clause beside a refusal may take it back: a condition, another word of operations, an assent."""
    if _TAKEN_BACK.search(clause) or _SPEAKS.search(clause):
        return True
    return bool(_ACCEPTED.search(clause)) and not _OTHER.search(clause)


def is_declinable(attribute: Attribute, knowledge: KnowledgeBase) -> bool:
    """Tell whether an attribute says which operations are declined: whether it has the word for it."""
    return plain(REFUSAL) in knowledge.lexicon(attribute.id).senses
