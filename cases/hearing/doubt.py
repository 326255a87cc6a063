"""Words that take back what stands beside them. Each is alternatives of a pattern, between the bounds of words.

It is denied, in doubt, somebody else's, of another time, feared or planned, said against something else, or explained by
another thing than the tumour.
"""

DENIED = r"no|not|nil|never|without|denie[sd]|negative for|exclu\w*"
DOUBTED = (
    r"\?|query|possibl[ey]|probabl[ey]|suspect\w*|suspicious|if|doubt\w*|questionable|hypothetical|may|might|could|would|"
    r"hardly"
)
OTHERS = (
    r"family|fhx?|father|mother|parents?|brother|sister|siblings?|wife|husband|spouse|partner|sons?|daughters?|niece|nephew|"
    r"uncle|aunt|cousin|grand(?:father|mother|pa|ma)"
)
PAST = (
    r"was|were|had|until|till|before|prior|previous\w*|formerly|baseline|used to|initially|past|years?|always|birth|"
    r"last (?:seen|clinic|visit|time|year|month)|(?:19|20)\d\d|since (?:an?|the)|improv\w*|recover\w*|resol\w*|cured|"
    r"corrected|relieved|settled|healed|repaired|better|old|chronic|long ?standing|from|here|jan(?:uary)?|feb(?:ruary)?|"
    r"march|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
FEARED = (
    r"when|unless|should|will|in case|risk\w*|fear\w*|worr\w*|concern\w*|anxious|dread\w*|danger\w*|prevent\w*|avoid\w*|"
    r"threat\w*|impending|imminent|verge|heading|plan(?:s|ned|ning)?|ordered|delivered|returned|advised|to be|likely|soon"
)
AGAINST = r"rather|or|vs|versus|than|apart|except|but|however|although|though|besides|neither|lacks?|without it"
EXPLAINED = (
    r"unrelated|degenerative|arthropathy|disc|screws?|variant|limited|inhibited|effort|due to|d/t|because|by order|refus\w*|"
    r"declin\w*|threw|reduced in|amput\w*|stroke|polio|accident|arms?|knee|lung|social|valve|drowsy|morphine|far|uphill|"
    r"seizures?|diarrh\w*|ha?emorrhoid\w*|surgery|operation|home|ice|stairs"
)
