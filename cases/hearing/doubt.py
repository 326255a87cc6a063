"""Words that take back what stands beside them: it is denied, in doubt, or somebody else's. Alternatives of a pattern."""

DENIED = r"no|not|nil|never|without|denie[sd]|negative for|exclu\w*"
DOUBTED = r"\?|query|possibl[ey]|probabl[ey]|suspect\w*|suspicious|if"
OTHERS = (
    r"family|fhx?|father|mother|parents?|brother|sister|siblings?|wife|husband|spouse|partner|sons?|daughters?|"
    r"uncle|aunt|cousin|grand(?:father|mother|pa|ma)"
)
