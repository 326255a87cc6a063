"""Words that take back what stands beside them. Each is alternatives of a pattern, between the bounds of words.

It is denied, in doubt, somebody else's, of another time, feared or planned, said against something else, or explained by
another thing than the tumour.
"""

import re

DENIED = (
    r"no|not|nil|never|without|denie[sd]|negative for|exclu\w*|"
    r"(?:is|are|was|were|does|did|do|has|have|had|ca|could|wo|would|should|need|ai)n['\u2019]?t"
)
DOUBTED = (
    r"\?|rules? out|query|possibl[ey]|probabl[ey]|suspect\w*|suspicious|if|doubt\w*|questionable|hypothetical|may|might|"
    r"could|would|hardly|perhaps|maybe|presum\w*|uncertain|unsure|unclear|equivocal|thinks?|thought|believe[sd]?|"
    r"feels it|favou?rs?|impression|working diagnosis|treated as|in keeping|consistent with|compatible with|c/w|looks like|"
    r"suggest\w*|quer(?:y|ied|ies)|avert\w*|considered"
)
OTHERS = (
    r"family|fhx?|father|mother|parents?|brother|sister|siblings?|wife|husband|spouse|partner|sons?|daughters?|niece|nephew|"
    r"uncle|aunt|cousin|grand(?:father|mother|pa|ma)"
)
PAST = (
    r"was|were|had|walked|mobili[sz]ed|pre-?(?:op\w*|cement\w*|treatment|admission|rt)|yrs|until|"
    r"till|before|prior|previous\w*|formerly|baseline|used to|initially|past|years?|always|birth|"
    r"last (?:seen|clinic|visit|time|year|month)|(?:19|20)\d\d|since (?:an?|the)|improv\w*|recover\w*|resol\w*|cured|"
    r"corrected|relieved|settled|healed|repaired|better|old|chronic|long ?standing|here|jan(?:uary)?|feb(?:ruary)?|"
    r"from(?! (?:the )?(?:left|right|front|back|behind|above|below))|"
    r"historical\w*|normally|usually|on (?:a )?good days?|"
    r"march|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
FEARED = (
    r"when|unless|should|will|in case|risk\w*|fear\w*|worr\w*|concern\w*|anxious|dread\w*|danger\w*|prevent\w*|avoid\w*|"
    r"threat\w*|impending|imminent|verge|heading|plan(?:s|ned|ning)?|ordered|delivered|returned|advised|to be|likely|soon|"
    r"recommend\w*|prescri\w*|await\w*|request\w*|indicated|unavailable|useless|to follow|at least|at most|up to|"
    r"minimum|maximum|tomorrow|next (?:week|month)|being made|made|measured"
)
AGAINST = r"rather|or|vs|versus|than|apart|except|but|however|although|though|besides|neither|lacks?|without it"
EXPLAINED = (
    r"unrelated|degenerative|arthropathy|disc|screws?|variant|limited|inhibited|effort|due to|d/t|because|by order|refus\w*|"
    r"declin\w*|threw|reduced in|amput\w*|stroke|polio|accident|arms?|"
    r"knee(?! jerks?| ext\w*| flex\w*)|lung|social|valve|drowsy|morphine|far|uphill|"
    r"chest|hip(?!s| flex\w*)|of (?:the )?hip(?! flex\w*)|falls?|arthrit\w*|oa|osteoarthr\w*|shoulder|"
    r"prostatectomy|turp|normal for|[1-3] beats|"
    r"psoas|thigh|scalp|tooth|skin|puncture|nail|rods?|femur\w*|of (?:the )?foot|vocal|vitamin|attention|volume|"
    r"ileus|bowel obstruction|ventilation|syncope|street|veins?|spermatic|umbilical|phrenic|orthotist|cupboard|childhood|"
    r"\w*olisthesis|pelvis|skull|ribs?|"
    r"tokuhashi|tomita|nocturia|blind|white (?:stick|cane)|"
    r"seizures?|diarrh\w*|ha?emorrhoid\w*|surgery|operation|home|ice|stairs"
)
# What a phrase says besides, that reverses it or puts it elsewhere; and that a milder finding is no longer all.
REVERSED = (
    r"exclu\w*|ruled out|never|any ?more|no longer|"
    r"absent(?! (?:\w+ )?(?:reflex\w*|jerks?|power|sensation|tone))|resolved|elsewhere|another|other level|ago|"
    r"(?<!since )yesterday|at diagnosis|on admission|on previous|previous\w*|initial\w*|expected|wrong|planned|suspected|"
    r"none|false positive|arte?i?facts?|disputed|review\w*|disagre\w*|osteophytes?|benign|corrected|withdrawn|reversed|"
    r"gone|treated|operated|decompressed|drained|misunderst\w*|"
    r"broken|discontinued|failed|on order|not (?:yet|fitted|worn)|different|childbirth|"
    r"removed|resected|remission|cleared|regained|offered|to order|sto(?:p|pped)|"
    r"soft(?! tissue)|off(?! (?:legs?|feet|her|his))"
)
CHANGED = (
    r"now|today|tonight|worse\w*|deteriorat\w*|cannot|since changed|changed|then|collapsed|gave way|awaiting|new\w*|"
    r"progress\w*(?! (?:weakness|deficit|neuro\w*|pain|kypho\w*))"
)
_TAKES_BACK = re.compile(
    rf"\b(?:{DENIED}|{DOUBTED}|{OTHERS}|{PAST}|{FEARED}|{AGAINST}|{EXPLAINED}|{REVERSED}|{CHANGED}|non|stop\w*|start\w*|held|off|"
    r"negative|normal|intact|preserv\w*|remain\w*|well|fine|free|minimal|mild|slight|also|cancel\w*|abandon\w*|postpon\w*|consider\w*|booked|scheduled)\b|\?",
    re.IGNORECASE,
)


def takes_back(words: str) -> bool:
    """Tell whether anything in some words may take back what stands beside them."""
    return _TAKES_BACK.search(words) is not None
