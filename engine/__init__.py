"""Inference: knowledge compiled to Experta, one case run through it, and the trace of what happened."""

from engine.advice import Advice, advise
from engine.inference.session import Reasoner

__all__ = ["Advice", "Reasoner", "advise"]
