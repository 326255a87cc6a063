"""A rule that contradicts one of the small base knowledge."""

QUARREL = """
- id: TOY-91
  title: Says otherwise
  when: {grade: "3", deficit: true}
  then: [{set: {grade_class: low}}]
  because: Because.
  sources: [{ref: book, at: p. 2, basis: primary}]
  review: {status: draft}
"""
