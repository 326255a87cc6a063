"""Explanation: a run as a graph, as answers to why and why not, as reports, and as drawings.

`answers` are records, `phrases` the words that all share, `report` puts records in words, `render` makes files of them,
and `drawing` draws. Each is imported by itself: words need no graph.
"""
