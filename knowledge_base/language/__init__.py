"""The knowledge language: sets of possible values, tests on them, and what rules, scores and vocabulary are made of."""
