"""The live page: what is known of a patient on the left, what follows in the middle, what to do on the right.

A server for this machine alone. Nothing is kept but in memory, nothing about a patient stands in an address or a log, and
no request leaves the machine. Every state of the page has an address, and everything works without scripts.
"""
